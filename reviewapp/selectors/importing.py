"""Sources with what they brought, and the report of each import."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewapp.gate import Viewer
from reviewapp.models.records import Citation, ImportBatch, Membership, Source
from reviewapp.models.reviews import Review
from reviewapp.pure.citations import NAMES
from reviewapp.selectors.road import Step
from reviewapp.selectors.seats import may_curate

State = ImportBatch.State


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source: its files in the review, their citations, and the records that no other source has."""

    source: Source
    files: int
    citations: int
    only_here: int
    being_read: int
    refused: int


def sources(viewer: Viewer) -> list[SourceRow]:
    """Return the standing sources by wave and name, with their counts."""
    visible = Q(batches__state=State.VISIBLE)
    rows = (
        Source.objects.filter(review_id=viewer.review_id, withdrawn_at__isnull=True)
        .annotate(
            files=Count("batches", filter=visible),
            citations=Sum("batches__stored", filter=visible),
            being_read=Count("batches", filter=Q(batches__state=State.STAGED)),
            refused=Count("batches", filter=Q(batches__state=State.REFUSED)),
        )
        .order_by("wave", "name", "uid")
    )
    only = only_here(viewer)
    return [
        SourceRow(row, row.files, row.citations or 0, only[row.pk], row.being_read, row.refused)
        for row in rows
    ]


def only_here(viewer: Viewer) -> Counter[int]:
    """Count by source (row id) the live records whose copies all come from it."""
    per_record = (
        Membership.objects.filter(
            review_id=viewer.review_id,
            is_current=True,
            record__retired_at__isnull=True,
            citation__batch__state=State.VISIBLE,
        )
        .values("record_id")
        .annotate(low=Min("citation__batch__source_id"), high=Max("citation__batch__source_id"))
        .filter(low=F("high"))
    )
    return Counter(per_record.values_list("low", flat=True).iterator(chunk_size=5000))


def source(viewer: Viewer, uid: UUID) -> Source | None:
    """Return a standing source; None alike for missing and foreign."""
    return Source.objects.filter(review_id=viewer.review_id, uid=uid, withdrawn_at__isnull=True).first()


def named_sources(viewer: Viewer) -> list[Source]:
    """Return the standing sources by name, without counts."""
    rows = Source.objects.filter(review_id=viewer.review_id, withdrawn_at__isnull=True)
    return list(rows.order_by("name", "wave", "uid"))


def batches(viewer: Viewer, of_source: Source | None = None) -> QuerySet[ImportBatch]:
    """Return the imports of the review or of one source, newest first, without their long lists."""
    rows = ImportBatch.objects.select_related("source").filter(review_id=viewer.review_id)
    if of_source is not None:
        rows = rows.filter(source=of_source)
    return rows.order_by("-made_at", "uid")


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one file: ``found`` records, each either stored or left out with a reason.

    ``kept`` counts the records that its citations belong to now, ``new`` those with no copy from another file, and
    ``same_bytes`` names other imports of the very same file.
    """

    batch: ImportBatch
    format_name: str
    kept: int
    new: int
    same_bytes: list[ImportBatch]
    looks_like: str

    @property
    def adds_up(self) -> bool:
        """Tell whether every record of the file is accounted for."""
        return self.batch.found == self.batch.stored + len(self.batch.skipped)


def report(viewer: Viewer, uid: UUID) -> Report | None:
    """Return the report of one import; None alike for missing and foreign."""
    batch = batches(viewer).filter(uid=uid).first()
    if batch is None:
        return None
    kept = new = 0
    if batch.state == State.VISIBLE:
        mine = Membership.objects.filter(
            review_id=viewer.review_id,
            is_current=True,
            citation__batch=batch,
            record__retired_at__isnull=True,
        )
        kept = mine.values("record_id").distinct().count()
        elsewhere = Membership.objects.filter(
            review_id=viewer.review_id, is_current=True, citation__batch__state=State.VISIBLE
        ).exclude(citation__batch=batch)
        new = mine.exclude(record_id__in=elsewhere.values("record_id")).values("record_id").distinct().count()
    same = batches(viewer).filter(sha256=batch.sha256, state=State.VISIBLE).exclude(pk=batch.pk)
    looks_like = next((one.get("looks_like") or "" for one in batch.problems if "looks_like" in one), "")
    return Report(batch, NAMES.get(batch.format, batch.format), kept, new, list(same), looks_like)


def citations(viewer: Viewer, batch: ImportBatch) -> QuerySet[Citation]:
    """Return the citations of a visible import in the order of the file."""
    return Citation.objects.filter(
        review_id=viewer.review_id, batch=batch, batch__state=State.VISIBLE
    ).order_by("position")


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of the first step: sources, files in the review, files being read, citations."""

    sources: int
    files: int
    being_read: int
    citations: int


def totals(viewer: Viewer) -> Totals:
    """Return the counts of the sources step."""
    named = Source.objects.filter(review_id=viewer.review_id, withdrawn_at__isnull=True).count()
    visible = Q(state=State.VISIBLE)
    counted: dict[str, Any] = ImportBatch.objects.filter(review_id=viewer.review_id).aggregate(
        files=Count("pk", filter=visible),
        being_read=Count("pk", filter=Q(state=State.STAGED)),
        citations=Sum("stored", filter=visible),
    )
    return Totals(named, counted["files"], counted["being_read"], counted["citations"] or 0)


def step(viewer: Viewer, review: Review) -> Step:
    """Return where the sources stand."""
    counted = totals(viewer)
    if not counted.files:
        words = _("A file is being read") if counted.being_read else _("No file has been brought in yet")
        mine = _("Add the first source") if may_curate(viewer) and not counted.being_read else ""
        return Step("sources", state="now", words=words, mine=mine)
    words = ngettext("%d source", "%d sources", counted.sources) % counted.sources
    return Step(
        "sources",
        state="now" if counted.being_read else "done",
        stands=f"{counted.citations:,}",
        unit=ngettext("citations, %d file", "citations, %d files", counted.files) % counted.files,
        words=words,
    )
