"""Decide: append one version of one's own answer. Two reviewers never write, or wait for, the same row."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.decisions import Decision, Purpose, Standing, Verdict
from reviewapp.models.reviews import ExclusionReason, Stage
from reviewapp.models.rounds import Assignment, Round
from reviewapp.services.refusals import Clash, Gone, Refused

LONGEST_NOTE = 5000
LONGEST_DWELL_MS = 30 * 60 * 1000


def _own(actor: Viewer, uid: UUID) -> Assignment:
    assignment: Assignment | None = (
        Assignment.objects.of_author(actor).select_related("round").filter(uid=uid).first()
    )
    if assignment is None:
        raise Gone(_("There is no such record in your queue."))
    _hold(assignment.round)
    return assignment


def _hold(round_: Round) -> None:
    """Keep a round as it is, open or released, until this answer is stored (PostgreSQL).

    Reviewers share this lock and never wait for each other; ``close_round`` alone takes the row for itself. SQLite's
    IMMEDIATE transactions already take turns.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT closed_at FROM {Round._meta.db_table} WHERE id = %s FOR KEY SHARE",  # noqa: S608 - our own table
                [round_.pk],
            )
            (round_.closed_at,) = cursor.fetchone()


def _check(
    actor: Viewer, stage: str, verdict: str, *, reason_uid: UUID | None, purpose: str, note: str
) -> ExclusionReason | None:
    if verdict not in Verdict.values:
        raise Refused(_("Answer include, maybe or exclude."), "verdict")
    if len(note) > LONGEST_NOTE:
        raise Refused(_("A note has at most 5,000 characters."), "note")
    if "\x00" in note:
        raise Refused(_("A note is plain text."), "note")
    if stage == Stage.TITLE_ABSTRACT:
        return None
    if verdict == Verdict.MAYBE:
        raise Refused(_("At full text the answer is include or exclude."), "verdict")
    if verdict == Verdict.INCLUDE:
        if purpose not in {Purpose.EFFICACY.value, Purpose.HARMS.value, Purpose.BACKGROUND.value}:
            raise Refused(_("Say what the study serves: efficacy, harms only, or background."), "purpose")
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


@audited("screening.decided")
def decide(
    *,
    actor: Viewer,
    assignment_uid: UUID,
    verdict: str,
    reason_uid: UUID | None = None,
    purpose: str = "",
    note: str = "",
    dwell_ms: int | None = None,
) -> Decision:
    """Answer one's own assignment; a further answer is a further version.

    An answer after release is kept, marked not independent, and does not change what stands. Raises Gone for what is
    not in the actor's queue, Refused for an incomplete answer, Clash when another window answered at the same moment.
    """
    assignment = _own(actor, assignment_uid)
    reason = _check(actor, assignment.round.stage, verdict, reason_uid=reason_uid, purpose=purpose, note=note)
    at_full_text = assignment.round.stage == Stage.FULL_TEXT
    return _append(
        actor,
        assignment,
        verdict=verdict,
        reason=reason,
        purpose=purpose if at_full_text and verdict == Verdict.INCLUDE else "",
        note=note.strip(),
        dwell_ms=min(dwell_ms, LONGEST_DWELL_MS) if dwell_ms and dwell_ms > 0 else None,
    )


@audited("screening.undone")
def undo(*, actor: Viewer, assignment_uid: UUID) -> Decision | None:
    """Take one's own answer back; the record returns to one's queue. Possible until the round is released."""
    assignment = _own(actor, assignment_uid)
    if assignment.round.closed_at is not None:
        raise Refused(_("The round is released: answers stay as they are."))
    standing = Standing.objects.of_author(actor).filter(assignment=assignment).first()
    if standing is None or not standing.verdict:
        nothing_written()
        return None
    return _append(actor, assignment, verdict="", reason=None, purpose="", note="", dwell_ms=None)


def _append(
    actor: Viewer,
    assignment: Assignment,
    *,
    verdict: str,
    reason: ExclusionReason | None,
    purpose: str,
    note: str,
    dwell_ms: int | None,
) -> Decision:
    last = (
        Decision.objects.of_author(actor)
        .filter(assignment=assignment)
        .order_by("-version")
        .select_related("reason")
        .first()
    )
    before_release = assignment.round.closed_at is None
    decision = Decision(
        review_id=actor.review_id,
        author_id=actor.seat_id,
        round_id=assignment.round_id,
        unit=assignment.unit,
        assignment=assignment,
        version=last.version + 1 if last else 1,
        verdict=verdict,
        reason=reason,
        purpose=purpose,
        criteria_id=assignment.round.criteria_id,
        note=note,
        dwell_ms=dwell_ms,
        independent=before_release,
    )
    try:
        with transaction.atomic():
            decision.save(force_insert=True)
    except IntegrityError as taken:
        raise Clash(_("You answered this record in another window. Reload to see it.")) from taken
    if before_release:
        _stand(actor, assignment, decision)
    tell(
        actor=actor,
        subject="assignment",
        subject_uid=assignment.uid,
        old=_said(last),
        new=_said(decision),
        round_=assignment.round,
        unit=assignment.unit,
    )
    return decision


def _said(decision: Decision | None) -> dict[str, object] | None:
    if decision is None:
        return None
    return {
        "version": decision.version,
        "verdict": decision.verdict,
        "reason": decision.reason.label if decision.reason else None,
        "purpose": decision.purpose,
        "note": decision.note,
        "independent": decision.independent,
    }


def _stand(actor: Viewer, assignment: Assignment, decision: Decision) -> None:
    values = {
        "decision": decision,
        "version": decision.version,
        "verdict": decision.verdict,
        "at": timezone.now(),
    }
    if Standing.objects.of_author(actor).filter(assignment=assignment).change(**values):
        return
    Standing(
        review_id=actor.review_id,
        author_id=actor.seat_id,
        round_id=assignment.round_id,
        unit=assignment.unit,
        assignment=assignment,
        **values,
    ).save(force_insert=True)
