"""The audit trail: @audited, and the only writer of Event.

A public function of a services floor wears ``@audited("screening.decided")``: it runs in one transaction with its
events, and ends in ``UnauditedWrite`` if it told none. Events form one hash chain per (review, seat), so two
reviewers never contend for a row; acts of the system have a chain of their own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from reviewapp.gate import Viewer
from reviewapp.models.events import Event
from reviewapp.models.people import User
from reviewapp.models.reviews import Review
from reviewapp.models.rounds import Round
from reviewapp.models.seats import Seat

P = ParamSpec("P")
R = TypeVar("R")


class UnauditedWrite(RuntimeError):
    """A service ended without telling what it wrote."""


@dataclass
class _Act:
    verb: str
    told: int = 0
    nothing: bool = False
    events: list[UUID] = field(default_factory=list)


_act: ContextVar[_Act | None] = ContextVar("dyad_act", default=None)


def audited(verb: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run a service in one transaction with its events. ``verb`` names the act: "room.past_tense"."""

    def wrap(service: Callable[P, R]) -> Callable[P, R]:
        @wraps(service)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            act = _Act(verb)
            token = _act.set(act)
            try:
                with transaction.atomic():
                    result = service(*args, **kwargs)
                    if not act.told and not act.nothing:
                        raise UnauditedWrite(f"{service.__qualname__} told no event")
                    return result
            finally:
                _act.reset(token)

        vars(run)["audited_as"] = verb
        return run

    return wrap


def nothing_written() -> None:
    """Say that this act changed nothing (a repeat, for example), so that no event is due."""
    act = _act.get()
    if act is not None:
        act.nothing = True


def tell(
    *,
    actor: Viewer,
    subject: str,
    subject_uid: UUID | None = None,
    old: Any = None,
    new: Any = None,
    why: str = "",
    round_: Round | None = None,
    unit: UUID | None = None,
    shared: bool = False,
    verb: str = "",
) -> Event:
    """Append one event to the actor's chain, in the caller's transaction.

    ``shared`` is for acts on the review itself that carry nobody's judgement. ``round_`` and ``unit`` say with which
    blinded work the event is released. Raises UnauditedWrite outside an audited service.
    """
    act = _act.get()
    if act is None:
        raise UnauditedWrite("tell() outside an audited service")
    chain = _chain_of(actor)
    _lock(actor.review_id, chain)
    last = (
        Event.objects.for_system("the end of the actor's own chain")
        .filter(review_id=actor.review_id, chain=chain)
        .order_by("-seq")
        .first()
    )
    event = Event(
        review_id=actor.review_id,
        author_id=actor.seat_id,
        user_id=actor.user_id,
        chain=chain,
        seq=last.seq + 1 if last else 1,
        at=timezone.now(),
        verb=verb or act.verb,
        subject=subject,
        subject_uid=subject_uid,
        old=old,
        new=new,
        why=why,
        round=round_,
        unit=unit,
        shared=shared,
        previous=last.hash if last else "",
    )
    event.hash = event_hash(event, round_uid=round_.uid if round_ else None)
    event.save(force_insert=True)
    act.told += 1
    return event


def _chain_of(actor: Viewer) -> str:
    if actor.seat_id is None:
        return "system"
    return str(Seat.objects.values_list("uid", flat=True).get(pk=actor.seat_id))


def _lock(review_id: int, chain: str) -> None:
    """Make two writers of one chain take turns (PostgreSQL; SQLite's IMMEDIATE transactions already do)."""
    if connection.vendor == "postgresql":
        number = int.from_bytes(
            hashlib.sha256(f"{review_id}:{chain}".encode()).digest()[:8], "big", signed=True
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def event_hash(event: Event, *, round_uid: UUID | None) -> str:
    """Return the SHA-256 that chains an event to the one before it.

    Computed over canonical JSON of everything the event says, with outside ids only, so that it survives a move to
    another database.
    """
    review = Review.objects.values_list("uid", flat=True).get(pk=event.review_id)
    user = User.objects.values_list("uid", flat=True).get(pk=event.user_id) if event.user_id else None
    said = {
        "review": str(review),
        "chain": event.chain,
        "seq": event.seq,
        "at": event.at.isoformat(),
        "user": str(user) if user else None,
        "verb": event.verb,
        "subject": event.subject,
        "subject_uid": str(event.subject_uid) if event.subject_uid else None,
        "old": event.old,
        "new": event.new,
        "why": event.why,
        "round": str(round_uid) if round_uid else None,
        "unit": str(event.unit) if event.unit else None,
        "shared": event.shared,
        "previous": event.previous,
    }
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
