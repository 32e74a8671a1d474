"""Open a round: hand records or studies to pairs of seats. Close it: release, and let what was agreed go on."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp import jobs
from reviewapp.audit import audited, tell
from reviewapp.gate import Viewer
from reviewapp.models.decisions import Standing
from reviewapp.models.records import ImportBatch, Record
from reviewapp.models.reviews import CriteriaVersion, ExclusionReason, Review, Stage
from reviewapp.models.rounds import Assignment, Release, Round
from reviewapp.models.seats import Role, Seat
from reviewapp.models.studies import Retrieval, RetrievalState, Study, StudyLink
from reviewapp.pure.assigning import assign, draw
from reviewapp.selectors.outcomes import outcomes_of_round
from reviewapp.services import advancing
from reviewapp.services.advancing import chunks
from reviewapp.services.grouping import lock
from reviewapp.services.refusals import Gone, Refused
from reviewapp.services.reviews import needs

AGREEMENT = "synthesis.compute_agreement"
"""What is computed of a released round, by the name of its task: the room above is never imported."""

JUDGEABLE = (RetrievalState.RETRIEVED.value, RetrievalState.NOT_AVAILABLE.value)


def _unassigned_records(review: Review) -> list[UUID]:
    """Records that enter at titles and abstracts and are in no round yet; those of other methods enter at full text."""
    taken = (
        Assignment.objects.for_system("which records are in a round; carries no answer")
        .filter(review=review, round__stage=Stage.TITLE_ABSTRACT)
        .values("record_id")
    )
    return list(
        Record.objects.filter(
            review=review,
            retired_at__isnull=True,
            batch__state=ImportBatch.State.VISIBLE,
            via=Record.Via.DATABASE,
        )
        .exclude(pk__in=taken)
        .values_list("uid", flat=True)
    )


def _unassigned_studies(review: Review) -> list[UUID]:
    """Studies with a report whose document was read, in no full-text round yet."""
    taken = (
        Assignment.objects.for_system("which studies are in a round; carries no answer")
        .filter(review=review, round__stage=Stage.FULL_TEXT)
        .values("study_id")
    )
    ready = Retrieval.objects.filter(review=review, is_current=True, state__in=JUDGEABLE).values("report_id")
    linked = StudyLink.objects.filter(review=review, is_current=True, report_id__in=ready).values("study_id")
    return list(
        Study.objects.filter(review=review, retired_at__isnull=True, pk__in=linked)
        .exclude(pk__in=taken)
        .values_list("uid", flat=True)
    )


def waiting_units(review: Review, stage: str) -> list[UUID]:
    """Return what a new round of a stage could take, in no telling order."""
    return _unassigned_records(review) if stage == Stage.TITLE_ABSTRACT else _unassigned_studies(review)


def _check_protocol(review: Review) -> CriteriaVersion:
    criteria = CriteriaVersion.objects.filter(review=review).order_by("-number").first()
    if criteria is None:
        raise Refused(_("Write the eligibility criteria first (Protocol)."))
    if not review.disagreement_process.strip():
        raise Refused(
            _("Write first how disagreements are settled (Protocol): it must stand before screening.")
        )
    if not ExclusionReason.objects.filter(review=review, retired_at__isnull=True).exists():
        raise Refused(_("Write the list of exclusion reasons first (Protocol)."))
    return criteria


def _reviewers(review: Review, seat_uids: Sequence[UUID]) -> dict[str, Seat]:
    seats = Seat.objects.filter(review=review, uid__in=seat_uids, withdrawn_at__isnull=True)
    chosen = {str(seat.uid): seat for seat in seats if Role.REVIEWER in seat.roles}
    if len(chosen) != len(set(seat_uids)):
        raise Gone(_("One of these is not a reviewer of this review."))
    if len(chosen) < 2:
        raise Refused(_("Choose at least two reviewers."), "seats")
    return chosen


@audited("round.opened")
def open_round(
    *,
    actor: Viewer,
    stage: str,
    seats: Sequence[UUID],
    size: int | None = None,
    kind: str = Round.Kind.BATCH,
    seed: str = "",
    only: Sequence[UUID] | None = None,
) -> Round:
    """Hand up to ``size`` waiting records or studies to pairs of the given seats; ``None`` takes all.

    ``only`` draws from these (by uid) instead of from all that wait; each of them must wait. The assignment is fixed
    from here on and reproducible from the round's seed. Raises Refused when the protocol is not complete, fewer than
    two reviewers are chosen, or nothing waits.
    """
    needs(actor, Role.LEAD)
    review = Review.objects.select_for_update(no_key=True).get(pk=actor.review_id)
    if stage not in Stage.values or kind not in Round.Kind.values:
        raise Refused(_("There is no such stage."), "stage")
    criteria = _check_protocol(review)
    chosen = _reviewers(review, seats)
    seed = seed or secrets.token_hex(8)
    found = _narrowed(waiting_units(review, stage), only)
    waiting = sorted(map(str, found), key=lambda uid: draw(seed, "take", uid))
    taken = waiting[: size or None]
    if not taken:
        raise Refused(_("Nothing waits for a round at this stage."), "size")
    last = Round.objects.filter(review=review, stage=stage).order_by("-number").first()
    opened = Round.objects.create(
        review=review,
        stage=stage,
        number=last.number + 1 if last else 1,
        kind=kind,
        seed=seed,
        size=len(taken),
        criteria=criteria,
    )
    _hand_out(opened, taken, chosen)
    told = {"stage": stage, "number": opened.number, "kind": kind, "size": len(taken)}
    # The seed would tell who was handed what: until release the event holds its hash only.
    tell(
        actor=actor,
        subject="round",
        subject_uid=opened.uid,
        new={**told, "seed_sha256": hashlib.sha256(seed.encode()).hexdigest()},
        shared=True,
    )
    return opened


def _narrowed(waiting: Sequence[UUID], only: Sequence[UUID] | None) -> Sequence[UUID]:
    """Return what waits, or the named part of it."""
    if only is None:
        return waiting
    if not set(only) <= set(waiting):
        raise Refused(_("One of these is in a round already, or does not wait for one."), "only")
    return list(dict.fromkeys(only))


def _hand_out(opened: Round, units: Sequence[str], seats: dict[str, Seat]) -> None:
    of_record = opened.stage == Stage.TITLE_ABSTRACT
    model: type[Record | Study] = Record if of_record else Study
    keys: dict[str, int] = {}
    for some in chunks(units):
        rows = model._default_manager.filter(review_id=opened.review_id, uid__in=some)
        keys |= {str(uid): pk for uid, pk in rows.values_list("uid", "pk")}
    for part in chunks(assign(units, list(seats), seed=opened.seed)):
        Assignment.objects.bulk_create(
            Assignment(
                review_id=opened.review_id,
                round=opened,
                author=seats[handed.seat],
                unit=UUID(handed.unit),
                record_id=keys[handed.unit] if of_record else None,
                study_id=None if of_record else keys[handed.unit],
                slot=handed.slot,
                order=handed.order,
            )
            for handed in part
        )


def everyone_finished(round_: Round) -> bool:
    """Tell whether every assignment of a round has a standing answer; computed when asked, stored nowhere."""
    handed = Assignment.objects.for_system("is a round complete").filter(round=round_).count()
    answered = Standing.objects.for_system("is a round complete").filter(round=round_).exclude(verdict="")
    return handed == answered.count()


@audited("round.closed")
def close_round(*, actor: Viewer, round_uid: UUID) -> Round:
    """Close a complete round and release it; what both reviewers include goes on in the same step.

    Raises Refused while an answer is missing, in words that are the same whoever is late.
    """
    needs(actor, Role.LEAD)
    lock(actor.review_id)
    round_ = Round.objects.select_for_update().filter(review_id=actor.review_id, uid=round_uid).first()
    if round_ is None:
        raise Gone(_("There is no such round."))
    if round_.closed_at is not None:
        raise Refused(_("This round is closed already."))
    if not everyone_finished(round_):
        raise Refused(_("Not everyone has finished. A round is released when all of its answers are in."))
    round_.closed_at = timezone.now()
    round_.save(update_fields=["closed_at"])
    Release.objects.create(
        review_id=actor.review_id,
        round=round_,
        kind=Release.Kind.ROUND,
        actor_id=actor.seat_id,
        reason=_("All answers were in."),
    )
    tell(
        actor=actor,
        subject="round",
        subject_uid=round_.uid,
        new={"closed": True, "released": "round", "seed": round_.seed},
        shared=True,
    )
    if round_.stage == Stage.TITLE_ABSTRACT:
        with transaction.atomic():
            found = outcomes_of_round(round_)
            going_on = [
                unit for unit, what in found.items() if what.state == "agreed" and what.verdict == "include"
            ]
            advancing.advance(actor=actor, record_uids=going_on, why=_("Both reviewers included it."))
            advancing.advance_other_methods(actor=actor)
    jobs.start(AGREEMENT, actor=actor, about={"round": str(round_.uid)})
    return round_
