"""Settle a conflict: a third row by a seat that did not answer the record."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.decisions import Purpose, Resolution, Standing, Verdict
from reviewapp.models.events import Event
from reviewapp.models.reviews import ExclusionReason, Stage
from reviewapp.models.rounds import Assignment, Round
from reviewapp.models.seats import Role
from reviewapp.selectors.outcomes import outcomes
from reviewapp.services import advancing
from reviewapp.services.grouping import lock
from reviewapp.services.refusals import Clash, Gone, NotAllowed, Refused
from reviewapp.services.reviews import needs

ANSWERED_FIRST = "conflict.answered_first"


def _open_conflict(actor: Viewer, round_uid: UUID, unit: UUID) -> Round:
    needs(actor, Role.ADJUDICATOR)
    lock(actor.review_id)
    round_ = Round.objects.select_related("review").filter(review_id=actor.review_id, uid=round_uid).first()
    if round_ is None or round_.closed_at is None:
        raise Gone(_("There is no such conflict."))
    found = outcomes(actor, round_).get(unit)
    if found is None or found.state != "conflict":
        raise Gone(_("There is no such conflict."))
    if Assignment.objects.of_author(actor).filter(round=round_, unit=unit).exists():
        raise NotAllowed(_("You answered this record yourself: another seat settles it."))
    return round_


@audited(ANSWERED_FIRST)
def answer_first(*, actor: Viewer, round_uid: UUID, unit: UUID, verdict: str) -> None:
    """Keep the adjudicator's own answer, given before seeing the two (the review's setting asks for it)."""
    round_ = _open_conflict(actor, round_uid, unit)
    if verdict not in Verdict.values:
        raise Refused(_("Answer include, maybe or exclude."), "verdict")
    if Event.objects.of_author(actor).filter(verb=ANSWERED_FIRST, unit=unit, round=round_).exists():
        nothing_written()
        return
    tell(
        actor=actor, subject="conflict", subject_uid=unit, new={"verdict": verdict}, round_=round_, unit=unit
    )


def _reason(actor: Viewer, round_: Round, verdict: str, reason_uid: UUID | None) -> ExclusionReason | None:
    if round_.stage != Stage.FULL_TEXT or verdict != Verdict.EXCLUDE:
        return None
    reason = (
        reason_uid
        and ExclusionReason.objects.filter(
            review_id=actor.review_id, uid=reason_uid, retired_at__isnull=True
        ).first()
    )
    if not reason:
        raise Refused(_("Choose the reason: the first of the list that applies."), "reason")
    return reason


def _standing(actor: Viewer, round_: Round, unit: UUID) -> list[list[object]]:
    """Return the uid and version of each answer that a resolution settles."""
    rows = Standing.objects.visible_to(actor).filter(round=round_, unit=unit).order_by("decision__uid")
    return [[str(uid), version] for uid, version in rows.values_list("decision__uid", "version")]


@audited("conflict.settled")
def settle(
    *,
    actor: Viewer,
    round_uid: UUID,
    unit: UUID,
    verdict: str,
    why: str = "",
    reason_uid: UUID | None = None,
    purpose: str = "",
) -> Resolution:
    """Settle a conflict of a released round. ``why`` is required at full text, welcome at titles and abstracts.

    Raises Clash when another adjudicator settled it first; nothing is overwritten.
    """
    round_ = _open_conflict(actor, round_uid, unit)
    at_full_text = round_.stage == Stage.FULL_TEXT
    if verdict not in Verdict.values or (at_full_text and verdict == Verdict.MAYBE):
        raise Refused(_("Answer include or exclude."), "verdict")
    if at_full_text and not why.strip():
        raise Refused(_("Say why, in a sentence: it goes into the report."), "why")
    if at_full_text and verdict == Verdict.INCLUDE and purpose not in Purpose.values[1:]:
        raise Refused(_("Say what the study serves: efficacy, harms only, or background."), "purpose")
    if Resolution.objects.visible_to(actor).filter(round=round_, unit=unit).exists():
        raise Clash(_("This conflict was settled already. Reload to see how."))
    resolution = Resolution(
        review_id=actor.review_id,
        author_id=actor.seat_id,
        round=round_,
        unit=unit,
        version=1,
        verdict=verdict,
        reason=_reason(actor, round_, verdict, reason_uid),
        purpose=purpose if at_full_text and verdict == Verdict.INCLUDE else "",
        why=why.strip(),
        settles=_standing(actor, round_, unit),
    )
    try:
        with transaction.atomic():
            resolution.save(force_insert=True)
    except IntegrityError as taken:
        raise Clash(_("This conflict was settled already. Reload to see how.")) from taken
    tell(
        actor=actor,
        subject="conflict",
        subject_uid=unit,
        new={"verdict": verdict, "purpose": purpose, "settles": resolution.settles},
        why=why,
        round_=round_,
        unit=unit,
    )
    if not at_full_text and verdict != Verdict.EXCLUDE:
        advancing.advance(actor=actor, record_uids=[unit], why=_("The conflict was settled: it goes on."))
    return resolution
