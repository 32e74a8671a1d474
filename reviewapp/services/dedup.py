"""Settle duplicates by a person: merge, keep apart, link, and take each of these back; and look for more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp import jobs
from reviewapp.audit import audited, tell
from reviewapp.gate import Viewer
from reviewapp.models.jobs import Job
from reviewapp.models.records import DuplicatePair, Membership, Record
from reviewapp.models.seats import Role
from reviewapp.selectors.dedup import in_open_rounds, in_rounds, merged_into, root
from reviewapp.selectors.records import live
from reviewapp.services.grouping import gather, give_back, lock
from reviewapp.services.matching import find
from reviewapp.services.refusals import Gone, Refused
from reviewapp.services.reviews import needs

__all__ = ["find", "keep_apart", "link", "look_again", "merge", "name_pair", "reopen", "undo_merge"]
Kind = DuplicatePair.Kind
Settled = DuplicatePair.Settled


@dataclass(slots=True)
class _Held:
    """A pair whose review is locked, with the records that stand for its sides now."""

    pair: DuplicatePair
    left: Record
    right: Record


def _hold(actor: Viewer, pair_uid: UUID) -> _Held:
    needs(actor, Role.CURATOR, Role.LEAD)
    lock(actor.review_id)
    pair = DuplicatePair.objects.filter(review_id=actor.review_id, uid=pair_uid).first()
    if pair is None:
        raise Gone(_("There is no such pair."))
    parents = merged_into(actor.review_id, (pair.left_id, pair.right_id))
    ends = root(parents, pair.left_id), root(parents, pair.right_id)
    records = live(actor.review_id).in_bulk(set(ends))
    if len(records) < len(set(ends)):
        raise Refused(_("One of these records is not in the review any more."))
    return _Held(pair, records[ends[0]], records[ends[1]])


def _reason(why: str, pair: DuplicatePair, *weighs: str) -> str:
    """Return the curator's reason; without one, what the pair's own evidence says for this answer."""
    if why.strip():
        return why.strip()
    said = [item["says"] for item in pair.evidence if item.get("weighs") in weighs]
    if not said:
        raise Refused(_("Say why."), "why")
    return "; ".join(said)


def _settle(pair: DuplicatePair, settled: str, why: str) -> None:
    pair.settled = settled
    pair.settled_by_rule = False
    pair.settled_at = timezone.now()
    pair.settled_why = why
    pair.save()


def _tell(actor: Viewer, pair: DuplicatePair, old: str, records: Iterable[Record], **more: Any) -> None:
    tell(
        actor=actor,
        subject="duplicate_pair",
        subject_uid=pair.uid,
        old={"settled": old},
        new={"settled": pair.settled, "records": [str(record.uid) for record in records], **more},
        why=pair.settled_why,
        shared=True,
    )


def survivor_first(review_id: int, one: Record, other: Record) -> tuple[Record, Record]:
    """Return the two records, first the one to keep: the one in a round, found in a database, with more copies."""
    screened = in_rounds(review_id, {one.pk, other.pk})

    def order(record: Record) -> tuple[bool, bool, int, str]:
        copies = Membership.objects.filter(record=record, is_current=True).count()
        return (record.pk not in screened, record.via != Record.Via.DATABASE, -copies, str(record.uid))

    first, second = sorted((one, other), key=order)
    return first, second


def _between(pair: DuplicatePair, kept: Record, retired: Record) -> DuplicatePair:
    """Return the pair row of exactly these two records: the given one if it is theirs, else theirs, else a new one."""
    two = {kept.pk, retired.pk}
    if {pair.left_id, pair.right_id} == two:
        return pair
    theirs = DuplicatePair.objects.filter(review_id=pair.review_id, left_id__in=two, right_id__in=two).first()
    return theirs or DuplicatePair(
        review_id=pair.review_id,
        kind=Kind.ASK,
        score=pair.score,
        evidence=pair.evidence,
        reason=pair.reason,
    )


@audited("duplicates.merged")
def merge(*, actor: Viewer, pair_uid: UUID, why: str = "", knowing: bool = False) -> Record:
    """Merge the two records of a pair; returns the one that stands.

    The other is retired with its answers as history. A record in an open round is merged only ``knowing`` so.
    """
    held = _hold(actor, pair_uid)
    if held.left.pk == held.right.pk:
        raise Refused(_("These two are one record already."))
    reason = _reason(why, held.pair, "for")
    screened = in_open_rounds(actor.review_id, {held.left.pk, held.right.pk})
    if screened and not knowing:
        raise Refused(
            _(
                "One of these records is being screened in an open round. Merge them only if that is meant: "
                "answers on the record that goes are kept as history and do not count for the other."
            ),
            "knowing",
        )
    kept, retired = survivor_first(actor.review_id, held.left, held.right)
    gave = gather(actor.review_id, {retired.pk: kept.pk}, reason)
    row = _between(held.pair, kept, retired)
    old = row.settled
    row.left, row.right, row.moved = kept, retired, gave[retired.pk]
    _settle(row, Settled.MERGED, reason)
    _tell(actor, row, old, (kept, retired), citations=row.moved, in_open_round=bool(screened))
    kept.refresh_from_db()
    return kept


@audited("duplicates.kept_apart")
def keep_apart(*, actor: Viewer, pair_uid: UUID, why: str = "") -> DuplicatePair:
    """Settle that the two are not the same document; no later search merges them."""
    return _answer(actor, pair_uid, Settled.APART, why, "against")


@audited("duplicates.linked")
def link(*, actor: Viewer, pair_uid: UUID, why: str = "") -> DuplicatePair:
    """Settle that the two are reports of one study: both stay, and they are offered together as a study."""
    return _answer(actor, pair_uid, Settled.LINKED, why, "for", "neutral")


def _answer(actor: Viewer, pair_uid: UUID, settled: str, why: str, *weighs: str) -> DuplicatePair:
    held = _hold(actor, pair_uid)
    if held.left.pk == held.right.pk:
        raise Refused(_("These two are one record. Take the merge back first."))
    old = held.pair.settled
    reason = why.strip() or (held.pair.reason if settled == Settled.LINKED else "")
    _settle(held.pair, settled, _reason(reason, held.pair, *weighs))
    _tell(actor, held.pair, old, (held.left, held.right))
    return held.pair


@audited("duplicates.reopened")
def reopen(*, actor: Viewer, pair_uid: UUID, why: str) -> DuplicatePair:
    """Take back that two records were kept apart or linked: the pair waits again."""
    held = _hold(actor, pair_uid)
    if held.pair.settled not in {Settled.APART, Settled.LINKED, Settled.UNDONE}:
        raise Refused(_("There is nothing to take back here."))
    if not why.strip():
        raise Refused(_("Say why."), "why")
    old = held.pair.settled
    if held.pair.kind == Kind.MERGE:
        held.pair.kind = Kind.ASK
    _settle(held.pair, Settled.OPEN, why.strip())
    _tell(actor, held.pair, old, (held.left, held.right))
    return held.pair


@audited("duplicates.merge_undone")
def undo_merge(*, actor: Viewer, pair_uid: UUID, why: str) -> Record:
    """Take a merge back, of a rule or of a person: the retired record stands again with exactly its own copies."""
    needs(actor, Role.CURATOR, Role.LEAD)
    lock(actor.review_id)
    pair = (
        DuplicatePair.objects.select_related("left", "right")
        .filter(review_id=actor.review_id, uid=pair_uid)
        .first()
    )
    if pair is None:
        raise Gone(_("There is no such pair."))
    if pair.settled != Settled.MERGED:
        raise Refused(_("These two are not merged."))
    if not why.strip():
        raise Refused(_("Say why the merge is taken back."), "why")
    parents = merged_into(actor.review_id, (pair.left_id,))
    holder = Record.objects.get(pk=root(parents, pair.left_id))
    give_back(actor.review_id, loser=pair.right, holder=holder, citations=pair.moved, why=why.strip())
    _settle(pair, Settled.UNDONE, why.strip())
    _tell(actor, pair, Settled.MERGED, (pair.left, pair.right), citations=pair.moved)
    pair.right.refresh_from_db()
    return pair.right


@audited("duplicates.pair_named")
def name_pair(*, actor: Viewer, left_uid: UUID, right_uid: UUID, why: str) -> DuplicatePair:
    """Name two records that no rule proposed; they wait like any other pair. A pair that stood opens again."""
    needs(actor, Role.CURATOR, Role.LEAD)
    lock(actor.review_id)
    records = {record.uid: record for record in live(actor.review_id).filter(uid__in=[left_uid, right_uid])}
    if len(records) != 2:
        raise Gone(_("There are no such two records."))
    if not why.strip():
        raise Refused(_("Say why."), "why")
    two = list(records.values())
    row = DuplicatePair.objects.filter(review_id=actor.review_id, left__in=two, right__in=two).first()
    old = row.settled if row else ""
    if row is None:
        row = DuplicatePair(review_id=actor.review_id, left=records[left_uid], right=records[right_uid])
    row.kind = Kind.ASK
    row.evidence = [{"field": "curator", "says": why.strip()[:500], "weighs": "for"}]
    _settle(row, Settled.OPEN, "")
    _tell(actor, row, old, two, named=why.strip())
    return row


@audited("duplicates.search_started")
def look_again(*, actor: Viewer) -> Job:
    """Look for duplicates among all records once more."""
    needs(actor, Role.CURATOR, Role.LEAD)
    job = jobs.start("reviewapp.find_duplicates", actor=actor, about={"asked": True})
    tell(actor=actor, subject="job", subject_uid=job.uid, shared=True)
    return job
