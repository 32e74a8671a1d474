"""Duplicates: what a person must look at, what was merged and why, what is linked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from reviewapp.gate import Viewer
from reviewapp.models.records import DuplicatePair, ImportBatch, Record
from reviewapp.models.rounds import Assignment
from reviewapp.selectors.records import live

Kind = DuplicatePair.Kind
Settled = DuplicatePair.Settled


def merged_into(review_id: int) -> dict[int, int]:
    """Return for each record that was merged away (by row id) the record that it was merged into."""
    rows = DuplicatePair.objects.filter(review_id=review_id, settled=Settled.MERGED)
    return dict(rows.values_list("right_id", "left_id"))


def root(parents: Mapping[int, int], record_id: int) -> int:
    """Follow merges from a record to the one that stands."""
    seen = {record_id}
    while record_id in parents and parents[record_id] not in seen:
        record_id = parents[record_id]
        seen.add(record_id)
    return record_id


def in_open_rounds(review_id: int, record_ids: set[int]) -> set[int]:
    """Return those of these records (by row id) that an open round holds; says nothing of any answer."""
    rows = Assignment.objects.for_system("whether a record is in an open round; carries no answer").filter(
        review_id=review_id, record_id__in=record_ids, round__closed_at__isnull=True
    )
    return set(rows.values_list("record_id", flat=True).distinct())


def in_rounds(review_id: int, record_ids: set[int]) -> set[int]:
    """Return those of these records (by row id) that any round holds or held; says nothing of any answer."""
    rows = Assignment.objects.for_system("whether a record is in a round; carries no answer").filter(
        review_id=review_id, record_id__in=record_ids
    )
    return set(rows.values_list("record_id", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Open:
    """A pair that waits for a person, by the records (row ids) that stand for its two sides now."""

    uid: UUID
    kind: str
    left_id: int
    right_id: int


def open_pairs(viewer: Viewer) -> list[Open]:
    """Return the pairs that wait, those to ask first, each two records once.

    A pair whose sides have become one record in the meantime does not wait any more; it does again when that merge
    is taken back.
    """
    parents = merged_into(viewer.review_id)
    settled = DuplicatePair.objects.filter(
        review_id=viewer.review_id, settled__in=[Settled.APART, Settled.LINKED, Settled.UNDONE]
    ).values_list("left_id", "right_id")
    seen = {frozenset((root(parents, left), root(parents, right))) for left, right in settled}
    rows = DuplicatePair.objects.filter(
        review_id=viewer.review_id,
        settled=Settled.OPEN,
        left__batch__state=ImportBatch.State.VISIBLE,
        right__batch__state=ImportBatch.State.VISIBLE,
    ).order_by("kind", "-score", "uid")
    waiting = []
    for uid, kind, left, right in rows.values_list("uid", "kind", "left_id", "right_id"):
        ends = root(parents, left), root(parents, right)
        if ends[0] != ends[1] and frozenset(ends) not in seen:
            seen.add(frozenset(ends))
            waiting.append(Open(uid, kind, *ends))
    return waiting


@dataclass(frozen=True, slots=True)
class Counts:
    """How many pairs wait for an answer, how many links are proposed, how many copies were merged away."""

    ask: int
    link: int
    merged: int


def counts(viewer: Viewer) -> Counts:
    """Return the counts of the duplicates step."""
    waiting = open_pairs(viewer)
    merged = DuplicatePair.objects.filter(review_id=viewer.review_id, settled=Settled.MERGED).count()
    asked = sum(pair.kind != Kind.LINK for pair in waiting)
    return Counts(ask=asked, link=len(waiting) - asked, merged=merged)


@dataclass(frozen=True, slots=True)
class PairPage:
    """A pair with the records that stand for its sides now; ``open_round`` tells which sides an open round holds."""

    pair: DuplicatePair
    left: Record
    right: Record
    open_round: frozenset[UUID]

    @property
    def one(self) -> bool:
        """Tell whether both sides are one record by now."""
        return self.left.pk == self.right.pk


def pair(viewer: Viewer, uid: UUID) -> PairPage | None:
    """Return a pair of the viewer's review; None alike for missing and foreign."""
    found = DuplicatePair.objects.filter(review_id=viewer.review_id, uid=uid).first()
    if found is None:
        return None
    if found.settled == Settled.MERGED:
        sides = found.left_id, found.right_id
    else:
        parents = merged_into(viewer.review_id)
        sides = root(parents, found.left_id), root(parents, found.right_id)
    records = Record.objects.select_related("batch__source").in_bulk(set(sides))
    left, right = records[sides[0]], records[sides[1]]
    held = in_open_rounds(viewer.review_id, set(sides))
    return PairPage(found, left, right, frozenset(one.uid for one in (left, right) if one.pk in held))


def pairs_of(viewer: Viewer, waiting: list[Open]) -> list[PairPage]:
    """Return these open pairs with their records."""
    rows = DuplicatePair.objects.in_bulk([one.uid for one in waiting], field_name="uid")
    ids = {record for one in waiting for record in (one.left_id, one.right_id)}
    records = Record.objects.select_related("batch__source").in_bulk(ids)
    return [
        PairPage(rows[one.uid], records[one.left_id], records[one.right_id], frozenset())
        for one in waiting
        if one.uid in rows
    ]


def settled_pairs(viewer: Viewer) -> QuerySet[DuplicatePair]:
    """Return the pairs that a person kept apart, linked or took back, newest first."""
    return (
        DuplicatePair.objects.select_related("left", "right")
        .filter(review_id=viewer.review_id, settled__in=[Settled.APART, Settled.LINKED, Settled.UNDONE])
        .order_by("-settled_at", "uid")
    )


def links(viewer: Viewer) -> list[tuple[Record, Record, DuplicatePair]]:
    """Return the pairs of records that are two reports of one study: confirmed links, then proposed ones."""
    parents = merged_into(viewer.review_id)
    rows = DuplicatePair.objects.filter(
        review_id=viewer.review_id, settled__in=[Settled.LINKED, Settled.OPEN]
    ).exclude(settled=Settled.OPEN, kind__in=[Kind.ASK, Kind.MERGE])
    chosen = [
        (root(parents, row.left_id), root(parents, row.right_id), row)
        for row in rows.order_by("-settled", "-score", "uid")
    ]
    standing = live(viewer.review_id).in_bulk({end for left, right, _row in chosen for end in (left, right)})
    return [
        (standing[left], standing[right], row)
        for left, right, row in chosen
        if left != right and left in standing and right in standing
    ]


@dataclass(frozen=True, slots=True)
class Merged:
    """A record and the merges that made it."""

    record: Record
    merges: list[DuplicatePair]


def merged_records(viewer: Viewer) -> QuerySet[Record]:
    """Return the live records that were merged from others, by title."""
    rows = DuplicatePair.objects.filter(review_id=viewer.review_id, settled=Settled.MERGED)
    return (
        live(viewer.review_id)
        .filter(pk__in=rows.values("left_id"))
        .defer("abstract")
        .order_by("title", "uid")
    )


def merges_of(viewer: Viewer, records: list[Record]) -> list[Merged]:
    """Return the merges behind these records, also those of copies that were merged records themselves."""
    parents = merged_into(viewer.review_id)
    ends = {one.pk for one in records}
    losers = {loser for loser in parents if root(parents, loser) in ends}
    rows = (
        DuplicatePair.objects.select_related("left", "right")
        .filter(review_id=viewer.review_id, settled=Settled.MERGED, right_id__in=losers)
        .order_by("settled_at", "uid")
    )
    by_root: dict[int, list[DuplicatePair]] = defaultdict(list)
    for row in rows:
        by_root[root(parents, row.right_id)].append(row)
    return [Merged(one, by_root[one.pk]) for one in records]
