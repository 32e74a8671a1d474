"""Records: the list and its search, and one record with all its copies."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from reviewapp.gate import Viewer
from reviewapp.models.records import Citation, DuplicatePair, ImportBatch, Membership, Record
from reviewapp.pure.projection import fold

MOST_WORDS = 12


def live(review_id: int) -> QuerySet[Record]:
    """Return the records of a review that stand: not merged away, and of a file that is in the review."""
    return Record.objects.filter(
        review_id=review_id, retired_at__isnull=True, batch__state=ImportBatch.State.VISIBLE
    )


def records(
    viewer: Viewer, *, words: str = "", source: UUID | None = None, via: str = ""
) -> QuerySet[Record]:
    """Return the live records that hold every word, by title.

    A word is looked for in title, authors, journal, year, DOI, PMID and registry numbers of all copies, without
    regard to case and accents. ``source`` keeps the records with a copy from that source. An unknown source gives
    no record.
    """
    found = live(viewer.review_id).select_related("batch__source")
    for word in fold(words).split()[:MOST_WORDS]:
        found = found.filter(search__contains=word)
    if via in Record.Via.values:
        found = found.filter(via=via)
    if source is not None:
        copies = Membership.objects.filter(
            review_id=viewer.review_id,
            is_current=True,
            citation__batch__source__uid=source,
            citation__batch__state=ImportBatch.State.VISIBLE,
        )
        found = found.filter(pk__in=copies.values("record_id"))
    return found.defer("abstract", "search", "keywords").order_by("title", "uid")


def copy_counts(found: list[Record]) -> dict[UUID, int]:
    """Return how many copies each of these records has."""
    counts: dict[UUID, int] = {}
    rows = Membership.objects.filter(
        record__in=found, is_current=True, citation__batch__state=ImportBatch.State.VISIBLE
    )
    for uid in rows.values_list("record__uid", flat=True):
        counts[uid] = counts.get(uid, 0) + 1
    return counts


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One record: its projection, its copies as they came, and how it came to be one."""

    record: Record
    copies: list[Citation]
    merges: list[DuplicatePair]
    part_of: Record | None


def record(viewer: Viewer, uid: UUID) -> RecordPage | None:
    """Return a record of the viewer's review with its copies; None alike for missing and foreign.

    A record that was merged into another is still shown, with the one that it is part of.
    """
    found = (
        Record.objects.select_related("batch__source")
        .filter(review_id=viewer.review_id, uid=uid, batch__state=ImportBatch.State.VISIBLE)
        .first()
    )
    if found is None:
        return None
    copies = (
        Citation.objects.select_related("batch__source")
        .filter(
            review_id=viewer.review_id,
            memberships__record=found,
            memberships__is_current=True,
            batch__state=ImportBatch.State.VISIBLE,
        )
        .order_by("batch__source__name", "position", "uid")
    )
    merges = list(
        DuplicatePair.objects.select_related("left", "right")
        .filter(
            Q(left=found) | Q(right=found),
            review_id=viewer.review_id,
            settled=DuplicatePair.Settled.MERGED,
        )
        .order_by("settled_at", "uid")
    )
    part_of = next((pair.left for pair in merges if pair.right_id == found.pk), None)
    return RecordPage(found, list(copies), [pair for pair in merges if pair.left_id == found.pk], part_of)
