"""Look for duplicates among all citations of a review; merge what the rules are sure of, propose the rest.

Safe to run again: what is one record already is left alone, and what a person settled is never settled anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewapp import jobs
from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.jobs import Job
from reviewapp.models.records import DuplicatePair, ImportBatch, Membership, Record
from reviewapp.pure.matching import Item, PairVerdict, find_duplicates
from reviewapp.pure.unions import Edge, Union, unite
from reviewapp.selectors.dedup import in_open_rounds, in_rounds, merged_into, root
from reviewapp.selectors.records import live
from reviewapp.services.grouping import gather, lock

Kind = DuplicatePair.Kind
Settled = DuplicatePair.Settled
KIND = "reviewapp.find_duplicates"
CHUNK_SECONDS = 0.25
PAIRS_A_CHUNK = 300
BOTH_SCREENED = {
    "field": "screening",
    "says": "both records are being screened in an open round",
    "weighs": "against",
}
ONE_SCREENED = {
    "field": "screening",
    "says": "the record that is kept is in an open round; its screening goes on",
    "weighs": "neutral",
}


@dataclass(slots=True)
class _Found:
    """One search: the verdicts, and the record (row id) of every citation (uid)."""

    record_of: dict[str, int]
    merged: list[PairVerdict]
    proposed: list[PairVerdict]


def find(running: jobs.Running) -> str:
    """Search, merge and propose; returns the closing message. A newer search that waits makes this one needless."""
    if _newer_waits(running):
        return _("A newer search for duplicates takes this one's place.")
    record_of, items = _citations(running.review_id)
    words = _("Comparing %(count)d citations.") % {"count": len(items)}
    running.progress(0, len(items), words)
    grouping = find_duplicates(items)
    found = _Found(record_of, list(grouping.merged_pairs), [*grouping.ask, *grouping.links])
    apart, held = _constraints(running.review_id, set(record_of.values()))
    unions, asked = unite(_edges(found), apart=apart, held=held)
    copies = _merge_all(running, found, unions)
    _propose_all(running, found, asked)
    running.progress(len(items), len(items))
    return ngettext("%(count)d copy was merged.", "%(count)d copies were merged.", copies) % {"count": copies}


def _newer_waits(running: jobs.Running) -> bool:
    every = Job.objects.for_system("a search that waits makes an older one needless")
    mine = every.get(uid=running.uid)
    return every.filter(
        review_id=running.review_id, kind=KIND, state=Job.State.QUEUED, made_at__gt=mine.made_at
    ).exists()


def _citations(review_id: int) -> tuple[dict[str, int], list[Item]]:
    """Return the record of every citation that counts, and the citations as the search sees them."""
    rows = (
        Membership.objects.filter(
            review_id=review_id,
            is_current=True,
            record__retired_at__isnull=True,
            citation__batch__state=ImportBatch.State.VISIBLE,
        )
        .select_related("citation__batch__source")
        .defer("citation__raw", "citation__fields", "citation__abstract", "citation__keywords")
        .order_by("citation__batch__source__name", "citation__batch__sha256", "citation__position", "pk")
    )
    record_of: dict[str, int] = {}
    items = []
    for row in rows.iterator(chunk_size=2000):
        citation = row.citation
        record_of[str(citation.uid)] = row.record_id
        items.append(
            Item(
                key=str(citation.uid),
                source=citation.batch.source.name,
                title=citation.title,
                authors=tuple(citation.authors),
                year=citation.year,
                journal=citation.journal,
                volume=citation.volume,
                issue=citation.issue,
                pages=citation.pages,
                doi=citation.doi,
                pmid=citation.pmid,
                registry_ids=tuple(citation.registry_ids),
                accession=citation.accession,
                publication_types=tuple(citation.publication_types),
                language=citation.language,
            )
        )
    return record_of, items


def _edges(found: _Found) -> list[Edge]:
    edges = []
    for place, verdict in enumerate(found.merged):
        left, right = found.record_of[verdict.left], found.record_of[verdict.right]
        if left != right:
            edges.append(Edge(left, right, verdict.score, place))
    return edges


def _constraints(review_id: int, records: set[int]) -> tuple[set[frozenset[int]], set[int]]:
    """Return the pairs that a person holds apart (by standing records) and the records that open rounds hold."""
    rows = list(
        DuplicatePair.objects.filter(
            review_id=review_id, settled__in=[Settled.APART, Settled.LINKED, Settled.UNDONE]
        ).values_list("left_id", "right_id")
    )
    parents = merged_into(review_id, {end for two in rows for end in two})
    apart = {frozenset((root(parents, left), root(parents, right))) for left, right in rows}
    return {two for two in apart if len(two) == 2}, in_open_rounds(review_id, records)


def _merge_all(running: jobs.Running, found: _Found, unions: Sequence[Union]) -> int:
    done, size, copies = 0, 20, 0
    message = _("Merging copies.")
    while done < len(unions):
        running.progress(done, len(unions), message)
        began = monotonic()
        copies += _merge(running=running, found=found, unions=unions[done : done + size])
        done += size
        pace = CHUNK_SECONDS / max(monotonic() - began, 0.001)
        size = max(5, min(500, int(size * min(pace, 2))))
    return copies


@audited("duplicates.merged_by_rule")
def _merge(*, running: jobs.Running, found: _Found, unions: Sequence[Union]) -> int:
    """Merge some unions in one transaction; those that a person has touched meanwhile are left for another search."""
    running.check()
    lock(running.review_id)
    ids = {one for union in unions for one in union.members}
    apart, held = _constraints(running.review_id, ids)
    records = live(running.review_id).in_bulk(ids)
    ready = [union for union in unions if _still(union, records, apart, held)]
    order = _order(running.review_id, records)
    folds: dict[int, tuple[int, Edge]] = {}
    for union in ready:
        kept = min(union.members, key=lambda one: order[one])
        folds |= {loser: (kept, edge) for loser, edge in union.joined_to(kept).items()}
    if not folds:
        nothing_written()
        return 0
    gave = gather(running.review_id, {loser: kept for loser, (kept, _edge) in folds.items()}, "rule")
    _store_merges(running.review_id, found, folds, gave, held)
    uid = {pk: str(record.uid) for pk, record in records.items()}
    tell(
        actor=Viewer(user_id=None, seat_id=None, review_id=running.review_id),
        subject="duplicates",
        subject_uid=running.uid,
        new={"merged": [[uid[loser], uid[kept]] for loser, (kept, _edge) in folds.items()]},
        shared=True,
    )
    return len(folds)


def _still(union: Union, records: dict[int, Record], apart: set[frozenset[int]], held: set[int]) -> bool:
    members = set(union.members)
    stands = members <= set(records)
    return stands and len(members & held) < 2 and not any(two <= members for two in apart)


def _order(review_id: int, records: dict[int, Record]) -> dict[int, tuple[Any, ...]]:
    """Say which of several records is kept: one in a round, found in a database, with most copies."""
    screened = in_rounds(review_id, set(records))
    copies = dict(
        Membership.objects.filter(record__in=records, is_current=True)
        .values_list("record_id")
        .annotate(many=Count("pk"))
    )
    return {
        pk: (
            pk not in screened,
            record.via != Record.Via.DATABASE,
            -copies.get(pk, 0),
            str(record.uid),
        )
        for pk, record in records.items()
    }


def _store_merges(
    review_id: int,
    found: _Found,
    folds: dict[int, tuple[int, Edge]],
    gave: dict[int, list[str]],
    held: set[int],
) -> None:
    known = _known(review_id, set(folds) | {kept for kept, _edge in folds.values()})
    new = []
    for loser, (kept, edge) in folds.items():
        verdict = found.merged[edge.why]
        row = known.get(frozenset((loser, kept))) or DuplicatePair(review_id=review_id)
        row.left_id, row.right_id = kept, loser
        _describe(row, verdict)
        if kept in held:
            row.evidence = [*row.evidence, ONE_SCREENED]
        row.settled, row.settled_by_rule, row.settled_at = Settled.MERGED, True, timezone.now()
        row.settled_why, row.moved = "", gave[loser]
        if row.pk:
            row.save()
        else:
            new.append(row)
    DuplicatePair.objects.bulk_create(new, batch_size=200)


def _known(review_id: int, records: set[int]) -> dict[frozenset[int], DuplicatePair]:
    rows = DuplicatePair.objects.filter(review_id=review_id).filter(
        Q(left_id__in=records), Q(right_id__in=records)
    )
    return {frozenset((row.left_id, row.right_id)): row for row in rows}


def _describe(row: DuplicatePair, verdict: PairVerdict) -> None:
    row.kind, row.score, row.reason = verdict.kind, verdict.score, verdict.link_reason[:200]
    row.evidence = [asdict(one) for one in verdict.evidence]


def _propose_all(running: jobs.Running, found: _Found, asked: Sequence[Edge]) -> None:
    """Store the pairs that a person must see, a few hundred a transaction."""
    both = [(found.merged[edge.why], True) for edge in asked]
    proposals = [(verdict, False) for verdict in found.proposed] + both
    for start in range(0, len(proposals), PAIRS_A_CHUNK):
        running.progress(start, len(proposals), _("Storing what a person must see."))
        _propose(running, found, proposals[start : start + PAIRS_A_CHUNK])


@transaction.atomic
def _propose(running: jobs.Running, found: _Found, proposals: Sequence[tuple[PairVerdict, bool]]) -> None:
    running.check()
    lock(running.review_id)
    sides = [(found.record_of[verdict.left], found.record_of[verdict.right]) for verdict, _both in proposals]
    parents = merged_into(running.review_id, {end for two in sides for end in two})
    ends = [tuple(sorted(root(parents, end) for end in two)) for two in sides]
    records = {one for two in ends for one in two}
    standing = set(live(running.review_id).filter(pk__in=records).values_list("pk", flat=True))
    apart, _held = _constraints(running.review_id, records)
    known = _known(running.review_id, records)
    new: dict[frozenset[int], DuplicatePair] = {}
    for (left, right), (verdict, both) in zip(ends, proposals, strict=True):
        two = frozenset((left, right))
        if left == right or two in apart or two in new or not two <= standing:
            continue
        row = known.get(two)
        if row is not None and row.settled != Settled.OPEN:
            continue
        fresh = row or DuplicatePair(review_id=running.review_id, left_id=left, right_id=right)
        _describe(fresh, verdict)
        if both:
            fresh.kind, fresh.evidence = Kind.ASK, [*fresh.evidence, BOTH_SCREENED]
        if row is not None:
            row.save()
        else:
            new[two] = fresh
    DuplicatePair.objects.bulk_create(new.values(), batch_size=200)
