"""Open a review, seat people, set its protocol."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.people import User
from reviewapp.models.reviews import (
    CriteriaVersion,
    Criterion,
    ExclusionReason,
    HighlightWord,
    ReleaseSetting,
    Review,
    Settles,
    Stage,
)
from reviewapp.models.rounds import Round
from reviewapp.models.seats import Invitation, Role, Seat
from reviewapp.services.refusals import Gone, NotAllowed, Refused

INVITATION_LASTS = timedelta(days=14)
PROTOCOL_FIELDS = (
    "title",
    "question",
    "release_setting",
    "advance_rule",
    "maybe_is_conflict",
    "settles",
    "disagreement_process",
    "adjudicator_answers_first",
)
OFFERED = {"release_setting": ReleaseSetting.ROUND.value, "settles": Settles.ADJUDICATOR.value}
"""Settings of the protocol that know one value so far: a rule that is not in force is never printed as one."""
FIXED_ONCE_SCREENING = (
    "release_setting",
    "advance_rule",
    "maybe_is_conflict",
    "settles",
    "disagreement_process",
)


def needs(actor: Viewer, *roles: str) -> None:
    """Raise NotAllowed unless the actor's seat holds one of the roles."""
    if not actor.has(*roles):
        words = ", ".join(str(Role(role).label).lower() for role in roles)
        raise NotAllowed(_("This needs another seat in the review: %(roles)s.") % {"roles": words})


def _held(actor: Viewer) -> Review:
    """Return the actor's review; leads' acts on it take turns from here on, and nobody who answers waits for them."""
    return Review.objects.select_for_update(no_key=True).get(pk=actor.review_id)


@audited("review.opened")
def open_review(*, user: User, title: str, question: str = "", is_demo: bool = False) -> tuple[Review, Seat]:
    """Open a review; the user becomes its lead and curator. Raises Refused without a title, NotAllowed without leave."""
    if not user.may_open_reviews:
        raise NotAllowed(_("This account joins reviews by invitation and opens none."))
    if not title.strip():
        raise Refused(_("Give the review a title."), "title")
    review = Review.objects.create(
        title=title.strip()[:500], question=question, seed=secrets.token_hex(8), is_demo=is_demo
    )
    seat = Seat.objects.create(
        review=review, user=user, name=user.display, roles=[Role.LEAD.value, Role.CURATOR.value]
    )
    actor = Viewer(user_id=user.pk, seat_id=seat.pk, review_id=review.pk, roles=frozenset(seat.roles))
    tell(actor=actor, subject="review", subject_uid=review.uid, new={"title": review.title}, shared=True)
    return review, seat


@audited("review.marked_as_demo")
def mark_as_demo(*, actor: Viewer) -> Review:
    """Say that a review is the worked example, whose seats the demo mode opens; said once it is complete."""
    needs(actor, Role.LEAD)
    review = _held(actor)
    if review.is_demo:
        nothing_written()
        return review
    review.is_demo = True
    review.save(update_fields=["is_demo"])
    tell(actor=actor, subject="review", subject_uid=review.uid, new={"is_demo": True}, shared=True)
    return review


@audited("protocol.changed")
def set_protocol(*, actor: Viewer, changes: dict[str, Any]) -> Review:
    """Change the review's protocol fields. What decides how screening works is fixed once a round has started."""
    needs(actor, Role.LEAD)
    review = _held(actor)
    unknown = set(changes) - set(PROTOCOL_FIELDS)
    if unknown:
        raise Refused(_("Unknown field: %(name)s.") % {"name": sorted(unknown)[0]})
    new = {name: value for name, value in changes.items() if getattr(review, name) != value}
    for name, only in OFFERED.items():
        if new.get(name, only) != only:
            raise Refused(_("This is not offered yet."), name)
    if not new:
        nothing_written()
        return review
    if Round.objects.filter(review=review).exists():
        for name in FIXED_ONCE_SCREENING:
            if name in new:
                raise Refused(_("This was fixed when screening started and cannot change now."), name)
    old = {name: getattr(review, name) for name in new}
    for name, value in new.items():
        setattr(review, name, value)
    review.full_clean(exclude=["seed"])
    review.save(update_fields=list(new))
    tell(actor=actor, subject="review", subject_uid=review.uid, old=old, new=new, shared=True)
    return review


@audited("criteria.versioned")
def set_criteria(
    *, actor: Viewer, criteria: Sequence[tuple[str, str, str]], why: str = ""
) -> CriteriaVersion:
    """Store a new version of the criteria: (stage, sense, text) in order. Votes keep the version they were made under."""
    needs(actor, Role.LEAD)
    _held(actor)
    rows = [(stage, sense, text.strip()) for stage, sense, text in criteria if text.strip()]
    if not rows:
        raise Refused(_("Write at least one criterion."), "criteria")
    last = CriteriaVersion.objects.filter(review_id=actor.review_id).order_by("-number").first()
    version = CriteriaVersion.objects.create(
        review_id=actor.review_id, number=last.number + 1 if last else 1, why=why
    )
    Criterion.objects.bulk_create(
        Criterion(
            review_id=actor.review_id, version=version, stage=stage, sense=sense, text=text, position=position
        )
        for position, (stage, sense, text) in enumerate(rows, start=1)
    )
    tell(
        actor=actor,
        subject="criteria",
        subject_uid=version.uid,
        new={"number": version.number, "criteria": [list(row) for row in rows]},
        why=why,
        shared=True,
    )
    return version


@audited("reasons.set")
def set_reasons(*, actor: Viewer, labels: Sequence[str]) -> list[ExclusionReason]:
    """Set the ordered list of exclusion reasons. A label that stays keeps its id; one that goes is retired, not erased.

    The list is fixed while a round of full texts is open, and its order once one was opened: then reasons are added at
    the end. So what a released round came to never changes afterwards.
    """
    needs(actor, Role.LEAD)
    _held(actor)
    wanted = list(dict.fromkeys(label.strip()[:200] for label in labels if label.strip()))
    if not wanted:
        raise Refused(_("Write at least one reason."), "reasons")
    standing = {
        reason.label: reason
        for reason in ExclusionReason.objects.filter(review_id=actor.review_id, retired_at__isnull=True)
    }
    if list(standing) == wanted:
        nothing_written()
        return list(standing.values())
    judged = _check_order(actor, list(standing), wanted)
    for label, reason in standing.items():
        if label not in wanted:
            reason.retired_at = timezone.now()
            reason.save(update_fields=["retired_at"])
    last = ExclusionReason.objects.filter(review_id=actor.review_id).aggregate(n=Max("position"))["n"] or 0
    kept = []
    for place, label in enumerate(wanted, start=1):
        reason = standing.get(label) or ExclusionReason(
            review_id=actor.review_id, label=label, position=last + place
        )
        if not judged:
            reason.position = place
        reason.save()
        kept.append(reason)
    tell(
        actor=actor, subject="reasons", old={"reasons": list(standing)}, new={"reasons": wanted}, shared=True
    )
    return kept


def _check_order(actor: Viewer, standing: list[str], wanted: list[str]) -> bool:
    """Tell whether full texts were ever judged by these reasons; raises Refused if the change would touch a judgement."""
    texts = Round.objects.filter(review_id=actor.review_id, stage=Stage.FULL_TEXT)
    if not texts.exists():
        return False
    if texts.filter(closed_at__isnull=True).exists():
        raise Refused(_("The reasons are fixed while a round of full texts is open."), "reasons")
    staying = [label for label in standing if label in wanted]
    if wanted[: len(staying)] != staying:
        raise Refused(_("Full texts were judged in this order: add new reasons at the end."), "reasons")
    return True


@audited("highlights.set")
def set_highlights(*, actor: Viewer, words_for: Iterable[str], words_against: Iterable[str]) -> None:
    """Set the review-wide highlight words; fixed while a round is open (BLINDING.md, channel 14)."""
    needs(actor, Role.LEAD)
    _held(actor)
    if Round.objects.filter(review_id=actor.review_id, closed_at__isnull=True).exists():
        raise Refused(_("The highlight words are fixed while a round is open."))
    wanted = {word.strip().lower()[:80]: False for word in words_for if word.strip()}
    wanted |= {word.strip().lower()[:80]: True for word in words_against if word.strip()}
    standing = HighlightWord.objects.filter(review_id=actor.review_id)
    old = dict(standing.values_list("word", "against"))
    standing.delete()
    HighlightWord.objects.bulk_create(
        HighlightWord(review_id=actor.review_id, word=word, against=against)
        for word, against in wanted.items()
    )
    tell(actor=actor, subject="highlights", old=old, new=wanted, shared=True)


def _known(roles: Iterable[str]) -> list[str]:
    chosen = [role.value for role in Role if role.value in set(roles)]
    if not chosen:
        raise Refused(_("Choose at least one role."), "roles")
    return chosen


def set_whole_protocol(
    *,
    actor: Viewer,
    fields: dict[str, Any],
    criteria: Sequence[tuple[str, str, str]],
    reasons: Sequence[str],
    words_for: Sequence[str],
    words_against: Sequence[str],
) -> None:
    """Store the protocol page in one transaction: only what differs from what stands makes an event."""
    with transaction.atomic():
        set_protocol(actor=actor, changes=fields)
        last = CriteriaVersion.objects.filter(review_id=actor.review_id).order_by("-number").first()
        standing = [(row.stage, row.sense, row.text) for row in last.criteria.all()] if last else []
        if criteria and list(criteria) != standing:
            set_criteria(actor=actor, criteria=criteria)
        if any(line.strip() for line in reasons):
            set_reasons(actor=actor, labels=reasons)
        wanted = {(word.strip().lower()[:80], False) for word in words_for if word.strip()}
        wanted |= {(word.strip().lower()[:80], True) for word in words_against if word.strip()}
        words = HighlightWord.objects.filter(review_id=actor.review_id)
        if wanted != {(row.word, row.against) for row in words}:
            set_highlights(actor=actor, words_for=words_for, words_against=words_against)


@audited("seat.given")
def seat_person(*, actor: Viewer, user: User, roles: Iterable[str], name: str = "") -> Seat:
    """Give a user a seat. Raises Refused if the person already sits in the review."""
    needs(actor, Role.LEAD)
    chosen = _known(roles)
    try:
        with transaction.atomic():
            seat = Seat.objects.create(
                review_id=actor.review_id, user=user, name=name or user.display, roles=chosen
            )
    except IntegrityError as taken:
        raise Refused(_("This person already has a seat in the review."), "email") from taken
    tell(actor=actor, subject="seat", subject_uid=seat.uid, new={"roles": chosen}, shared=True)
    return seat


@audited("seat.changed")
def change_roles(*, actor: Viewer, seat_uid: UUID, roles: Iterable[str]) -> Seat:
    """Change what a seat may do; the last lead stays lead."""
    needs(actor, Role.LEAD)
    _held(actor)
    seat = Seat.objects.filter(review_id=actor.review_id, uid=seat_uid, withdrawn_at__isnull=True).first()
    if seat is None:
        raise Gone(_("There is no such seat."))
    chosen = _known(roles)
    others = Seat.objects.filter(review_id=actor.review_id, withdrawn_at__isnull=True).exclude(pk=seat.pk)
    if Role.LEAD not in chosen and not any(Role.LEAD in other.roles for other in others):
        raise Refused(_("A review needs a lead: make someone else lead first."), "roles")
    old, seat.roles = list(seat.roles), chosen
    seat.save(update_fields=["roles"])
    tell(
        actor=actor,
        subject="seat",
        subject_uid=seat.uid,
        old={"roles": old},
        new={"roles": chosen},
        shared=True,
    )
    return seat


@audited("seat.invited")
def invite(*, actor: Viewer, roles: Iterable[str], email: str = "", name: str = "") -> tuple[Invitation, str]:
    """Make an invitation; returns it with its secret, which is shown once and stored only as a hash."""
    needs(actor, Role.LEAD)
    chosen = _known(roles)
    secret = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        review_id=actor.review_id,
        token_hash=hashlib.sha256(secret.encode()).hexdigest(),
        roles=chosen,
        email=email,
        name=name,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    tell(actor=actor, subject="invitation", subject_uid=invitation.uid, new={"roles": chosen}, shared=True)
    return invitation, secret


def invitation_of(secret: str) -> Invitation | None:
    """Return the open invitation of a secret; None alike for unknown, used, expired and withdrawn."""
    return (
        Invitation.objects.select_related("review")
        .filter(
            token_hash=hashlib.sha256(secret.encode()).hexdigest(),
            accepted_at__isnull=True,
            withdrawn_at__isnull=True,
            expires_at__gt=timezone.now(),
        )
        .first()
    )


@audited("seat.accepted")
def accept(*, user: User, secret: str) -> Seat:
    """Take the seat of an invitation. Raises Gone if it is not open any more."""
    invitation = invitation_of(secret)
    if invitation is None:
        raise Gone(_("This invitation is not open."))
    seat = Seat.objects.filter(review=invitation.review, user=user, withdrawn_at__isnull=True).first()
    taken = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True).update(
        accepted_at=timezone.now()
    )
    if not taken:
        raise Gone(_("This invitation is not open."))
    if seat is None:
        seat = Seat.objects.create(
            review=invitation.review,
            user=user,
            name=invitation.name or user.display,
            roles=invitation.roles,
        )
    else:
        seat.roles = [role.value for role in Role if role.value in {*seat.roles, *invitation.roles}]
        seat.save(update_fields=["roles"])
    Invitation.objects.filter(pk=invitation.pk).update(seat=seat)
    actor = Viewer(user_id=user.pk, seat_id=seat.pk, review_id=seat.review_id, roles=frozenset(seat.roles))
    tell(actor=actor, subject="seat", subject_uid=seat.uid, new={"roles": seat.roles}, shared=True)
    return seat
