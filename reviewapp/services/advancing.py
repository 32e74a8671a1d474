"""A record that advances becomes a report, in a study of its own until reports are grouped."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.records import ImportBatch, Record
from reviewapp.models.studies import Report, Retrieval, RetrievalState, Study, StudyLink

UNTITLED = "Untitled"


def study_label(record: Record) -> str:
    """Return "Henderson 2002": first author's family name and year, or the title's first words."""
    first = record.authors[0] if record.authors else ""
    family = first.split(",")[0].strip() if "," in first else " ".join(first.split()[:-1]) or first
    name = family or " ".join(record.title.split()[:4]) or UNTITLED
    return f"{name} {record.year}"[:200] if record.year else name[:200]


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
    records = Record.objects.filter(
        review_id=actor.review_id, uid__in=list(record_uids), retired_at__isnull=True
    ).order_by("uid")
    done = set(
        Report.objects.filter(review_id=actor.review_id, record__isnull=False).values_list(
            "record_id", flat=True
        )
    )
    taken = set(Study.objects.filter(review_id=actor.review_id).values_list("label", flat=True))
    made = []
    for record in records:
        if record.pk in done:
            continue
        label = free_label(study_label(record), taken)
        taken.add(label)
        made.append(_report_of(actor, record, label))
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


def _report_of(actor: Viewer, record: Record, label: str) -> Report:
    report = Report.objects.create(
        review_id=actor.review_id,
        record=record,
        title=record.title,
        kind=(record.publication_types or [""])[0][:60],
    )
    study = Study.objects.create(review_id=actor.review_id, label=label)
    StudyLink.objects.create(review_id=actor.review_id, report=report, study=study)
    Retrieval.objects.create(review_id=actor.review_id, report=report, state=RetrievalState.SOUGHT)
    return report


def advance_other_methods(*, actor: Viewer) -> list[Report]:
    """Let records known only from other methods enter at full text, as PRISMA has it."""
    uids = Record.objects.filter(
        review_id=actor.review_id,
        retired_at__isnull=True,
        batch__state=ImportBatch.State.VISIBLE,
        via=Record.Via.OTHER,
    ).values_list("uid", flat=True)
    return advance(actor=actor, record_uids=list(uids), why="Found by another method: enters at full text.")
