"""Studies and their documents, as neutral facts: no uploader and no time (BLINDING.md, channel 13)."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.gate import Viewer
from reviewapp.models.studies import FullText, Study, StudyLink


@dataclass(frozen=True, slots=True)
class Document:
    """A file of one of a study's reports."""

    uid: str
    name: str
    pages: int | None
    report_title: str


def documents(viewer: Viewer, study: Study) -> list[Document]:
    """Return the files of a study's current reports, the primary report's first."""
    linked = StudyLink.objects.filter(review_id=viewer.review_id, study=study, is_current=True).values("report_id")
    files = (
        FullText.objects.filter(review_id=viewer.review_id, report_id__in=linked, withdrawn_at__isnull=True)
        .select_related("report")
        .order_by("-report__is_primary", "name", "uid")
    )
    return [Document(str(one.uid), one.name, one.pages, one.report.title) for one in files]
