"""A record that advances becomes a report, in a study of its own until reports are grouped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.records import ImportBatch, Record
from reviewapp.models.studies import Report, Retrieval, RetrievalState, Study, StudyLink
from reviewapp.services.grouping import lock

T = TypeVar("T")
UNTITLED = "Untitled"
LONGEST_LABEL = 180
CHUNK = 500


def chunks(listed: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a long list, so that no statement carries more parameters than SQLite takes, nor memory more rows."""
    return (listed[start : start + CHUNK] for start in range(0, len(listed), CHUNK))


def study_label(record: Record) -> str:
    """Return "Henderson 2002": first author's family name and year, or the title's first words."""
    first = record.authors[0] if record.authors else ""
    family = first.split(",")[0].strip() if "," in first else " ".join(first.split()[:-1]) or first
    name = family or " ".join(record.title.split()[:4]) or UNTITLED
    return f"{name[:LONGEST_LABEL]} {record.year}" if record.year else name[:LONGEST_LABEL]


def free_label(label: str, taken: set[str]) -> str:
    """Return the label, with a letter after it if another study has it already."""
    if label not in taken:
        return label
    for letter in "bcdefghijklmnopqrstuvwxyz":
        if f"{label}{letter}" not in taken:
            return f"{label}{letter}"
    return f"{label} ({len(taken)})"


@audited("record.advanced")
def advance(*, actor: Viewer, record_uids: Sequence[UUID], why: str) -> list[Report]:
    """Make a report, and a study of its own, of every record that has none yet; a repeat changes nothing."""
    lock(actor.review_id)
    taken = set(Study.objects.filter(review_id=actor.review_id).values_list("label", flat=True))
    made: list[Report] = []
    for some in chunks(_without_report(actor, record_uids)):
        labels = []
        for record in some:
            labels.append(free_label(study_label(record), taken))
            taken.add(labels[-1])
        made += _reports_of(actor, some, labels)
    if not made:
        nothing_written()
        return []
    tell(
        actor=actor,
        subject="report",
        new={"records": [str(report.record.uid) for report in made if report.record]},
        why=why,
        shared=True,
    )
    return made


def _without_report(actor: Viewer, record_uids: Sequence[UUID]) -> list[Record]:
    """Return the standing records among these that have no report yet, by uid."""
    reports = Report.objects.filter(review_id=actor.review_id, record__isnull=False)
    done = set(reports.values_list("record_id", flat=True))
    found: list[Record] = []
    for some in chunks(list(record_uids)):
        rows = Record.objects.filter(review_id=actor.review_id, uid__in=some, retired_at__isnull=True)
        told = rows.only("uid", "title", "authors", "year", "publication_types")
        found += [record for record in told if record.pk not in done]
    return sorted(found, key=lambda record: record.uid)


def _reports_of(actor: Viewer, records: Sequence[Record], labels: Sequence[str]) -> list[Report]:
    here = {"review_id": actor.review_id}
    reports = Report.objects.bulk_create(
        Report(record=record, title=record.title, kind=(record.publication_types or [""])[0][:60], **here)
        for record in records
    )
    studies = Study.objects.bulk_create(Study(label=label, **here) for label in labels)
    StudyLink.objects.bulk_create(
        StudyLink(report=report, study=study, **here) for report, study in zip(reports, studies, strict=True)
    )
    Retrieval.objects.bulk_create(
        Retrieval(report=report, state=RetrievalState.SOUGHT, **here) for report in reports
    )
    return reports


def advance_other_methods(*, actor: Viewer) -> list[Report]:
    """Let records known only from other methods enter at full text, as PRISMA has it."""
    uids = Record.objects.filter(
        review_id=actor.review_id,
        retired_at__isnull=True,
        batch__state=ImportBatch.State.VISIBLE,
        via=Record.Via.OTHER,
    ).values_list("uid", flat=True)
    return advance(actor=actor, record_uids=list(uids), why="Found by another method: enters at full text.")
