"""Duplicates: what a person must look at, what was merged and why, what is linked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewapp.gate import Viewer
from reviewapp.models.records import DuplicatePair, ImportBatch, Record
from reviewapp.models.reviews import Review
from reviewapp.models.rounds import Assignment
from reviewapp.pure.side_by_side import Row, compare
from reviewapp.selectors.records import live
from reviewapp.selectors.road import Step, Todo
from reviewapp.selectors.seats import may_curate

Kind = DuplicatePair.Kind
Settled = DuplicatePair.Settled
ABSTRACT_SHOWN = 1200


def merged_into(review_id: int, records: Iterable[int]) -> dict[int, int]:
    """Return, for those of these records (row ids) that were merged away, the record each was merged into.

    Records further up a chain of merges are in the answer too, so that ``root`` can follow it.
    """
    parents: dict[int, int] = {}
    asked = set(records)
    while asked:
        rows = DuplicatePair.objects.filter(
            review_id=review_id, settled=Settled.MERGED, right_id__in=asked
        ).values_list("right_id", "left_id")
        found = dict(rows)
        parents |= found
        asked = set(found.values()) - set(parents)
    return parents


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
    settled = DuplicatePair.objects.filter(
        review_id=viewer.review_id, settled__in=[Settled.APART, Settled.LINKED, Settled.UNDONE]
    ).values_list("left_id", "right_id")
    rows = DuplicatePair.objects.filter(
        review_id=viewer.review_id,
        settled=Settled.OPEN,
        left__batch__state=ImportBatch.State.VISIBLE,
        right__batch__state=ImportBatch.State.VISIBLE,
    ).order_by("kind", "-score", "uid")
    two = list(settled)
    found = list(rows.values_list("uid", "kind", "left_id", "right_id"))
    ends_of = {end for pair in two for end in pair} | {end for row in found for end in row[2:]}
    parents = merged_into(viewer.review_id, ends_of)
    seen = {frozenset((root(parents, left), root(parents, right))) for left, right in two}
    waiting = []
    for uid, kind, left, right in found:
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
    asked = sum(pair.kind != Kind.LINK for pair in waiting)
    return Counts(ask=asked, link=len(waiting) - asked, merged=merged_count(viewer))


def merged_count(viewer: Viewer) -> int:
    """Return how many copies were merged away."""
    return DuplicatePair.objects.filter(review_id=viewer.review_id, settled=Settled.MERGED).count()


@dataclass(frozen=True, slots=True)
class PairPage:
    """A pair with the records that stand for its sides now.

    ``open_round`` tells a curator, and nobody else, which of the two an open round holds.
    """

    pair: DuplicatePair
    left: Record
    right: Record
    open_round: frozenset[UUID]

    @property
    def sides(self) -> tuple[Record, Record]:
        """Return both records, in the order of the columns."""
        return self.left, self.right

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the two records field by field."""
        left, right = _printed(self.left), _printed(self.right)
        return compare((name, left[name], right[name]) for name in left if left[name] or right[name])

    @property
    def speaks_for(self) -> list[str]:
        """Return what speaks for one document, in words."""
        return [item["says"] for item in self.pair.evidence if item.get("weighs") == "for"]

    @property
    def speaks_against(self) -> list[str]:
        """Return what speaks against it."""
        return [item["says"] for item in self.pair.evidence if item.get("weighs") == "against"]

    @property
    def else_said(self) -> list[str]:
        """Return what speaks for neither."""
        return [item["says"] for item in self.pair.evidence if item.get("weighs") == "neutral"]

    @property
    def one(self) -> bool:
        """Tell whether both sides are one record by now."""
        return self.left.pk == self.right.pk


def _printed(record: Record) -> dict[str, str]:
    where = record.journal
    where += f" {record.volume}" if record.volume else ""
    where += f"({record.issue})" if record.issue else ""
    return {
        _("Title"): record.title,
        _("Authors"): "; ".join(record.authors),
        _("Year"): str(record.year or ""),
        _("Journal"): where.strip(),
        _("Pages"): record.pages,
        _("DOI"): record.doi,
        _("PMID"): record.pmid,
        _("Registry"): "; ".join(record.registry_ids),
        _("Type"): "; ".join(record.publication_types),
        _("Language"): record.language,
        _("Abstract"): record.abstract[:ABSTRACT_SHOWN],
    }


def pair(viewer: Viewer, uid: UUID) -> PairPage | None:
    """Return a pair of the viewer's review; None alike for missing and foreign."""
    found = DuplicatePair.objects.filter(review_id=viewer.review_id, uid=uid).first()
    if found is None:
        return None
    if found.settled == Settled.MERGED:
        sides = found.left_id, found.right_id
    else:
        parents = merged_into(viewer.review_id, (found.left_id, found.right_id))
        sides = root(parents, found.left_id), root(parents, found.right_id)
    records = Record.objects.select_related("batch__source").in_bulk(set(sides))
    left, right = records[sides[0]], records[sides[1]]
    held = in_open_rounds(viewer.review_id, set(sides)) if may_curate(viewer) else set()
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
    rows = (
        DuplicatePair.objects.filter(review_id=viewer.review_id, settled__in=[Settled.LINKED, Settled.OPEN])
        .exclude(settled=Settled.OPEN, kind__in=[Kind.ASK, Kind.MERGE])
        .order_by("-settled", "-score", "uid")
    )
    parents = merged_into(viewer.review_id, {end for row in rows for end in (row.left_id, row.right_id)})
    chosen = [(root(parents, row.left_id), root(parents, row.right_id), row) for row in rows]
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
    rows: list[DuplicatePair] = []
    asked = {one.pk for one in records}
    while asked:
        below = (
            DuplicatePair.objects.select_related("left", "right")
            .filter(review_id=viewer.review_id, settled=Settled.MERGED, left_id__in=asked)
            .order_by("settled_at", "uid")
        )
        rows += below
        asked = {row.right_id for row in below}
    parents = {row.right_id: row.left_id for row in rows}
    by_root: dict[int, list[DuplicatePair]] = defaultdict(list)
    for row in rows:
        by_root[root(parents, row.right_id)].append(row)
    return [Merged(one, by_root[one.pk]) for one in records]


def step(viewer: Viewer, review: Review) -> Step:
    """Return where the duplicates stand; pairs wait for those who may settle them."""
    remain = live(viewer.review_id).count()
    if not remain:
        return Step("duplicates", words=_("Begins with the first file"), mine=_("Not open yet"))
    counted = counts(viewer)
    wait = counted.ask if may_curate(viewer) else 0
    words = ngettext(
        "%d copy is merged; every merge can be taken back",
        "%d copies are merged; every merge can be taken back",
        counted.merged,
    )
    return Step(
        "duplicates",
        state="now" if counted.ask else "done",
        wait=wait,
        stands=f"{remain:,}",
        unit=ngettext("record remains", "records remain", remain),
        words=words % counted.merged,
        mine=ngettext("%d pair waits for you", "%d pairs wait for you", wait) % wait if wait else "",
    )


def todo(viewer: Viewer, review: Review) -> list[Todo]:
    """Return the pairs to settle, for a curator; links are confirmed between reports (selectors.studies)."""
    ask = counts(viewer).ask if may_curate(viewer) else 0
    if not ask:
        return []
    title = ngettext("%d pair of records to settle", "%d pairs of records to settle", ask) % ask
    words = _("No rule is sure whether they are one document.")
    return [Todo(title, words, reverse("duplicates", args=[review.uid]))]
