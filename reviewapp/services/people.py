"""Accounts: the first lead, people who join by invitation, the demo seats."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from reviewapp.models.people import User
from reviewapp.models.records import ImportBatch
from reviewapp.models.seats import Seat
from reviewapp.services.refusals import Gone, Refused
from reviewapp.services.reviews import invitation_of

DEMO_SEATS = {
    "a": ("a@demo.invalid", _("Reviewer A"), _("Titles to screen, one extraction")),
    "b": ("b@demo.invalid", _("Reviewer B"), _("The same records, in another order")),
    "adjudicator": ("adjudicator@demo.invalid", _("Adjudicator"), _("Settles conflicts; screens nothing")),
    "lead": ("lead@demo.invalid", _("Lead"), _("Sources, duplicates, rounds, report")),
}
"""Key -> e-mail, name, what awaits; the demo command makes these people, who have no password."""


def uid_of(text: str) -> UUID:
    """Read an outside id; raises Gone for anything that is not one."""
    try:
        return UUID(str(text))
    except ValueError as wrong:
        raise Gone(_("There is no such thing.")) from wrong


def first_lead(email: str) -> str:
    """Make the first account with a one-time password and return the password; raises Refused if anyone exists."""
    if User.objects.exists():
        raise Refused(_("There are accounts already."))
    password = secrets.token_urlsafe(15)
    User.objects.create_user(email, password, name="Lead", is_staff=True, is_superuser=True)
    return password


def join(*, secret: str, name: str, email: str, password: str) -> User:
    """Make the account of an invited person. Raises Gone, Refused, or ValidationError for a weak password."""
    if invitation_of(secret) is None:
        raise Gone(_("This invitation is not open."))
    user = User(email=User.objects.normalize_email(email), name=name)
    validate_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as taken:
        raise Refused(
            _("This address has an account already: sign in, then open the link again."), "email"
        ) from taken
    return user


def demo_seats() -> list[dict[str, Any]]:
    """Return the demo's seats for the first page; empty unless in demo mode and the demo review is there."""
    if not settings.DEMO:
        return []
    found = {
        seat.user.email: seat
        for seat in Seat.objects.select_related("user", "review").filter(
            review__is_demo=True, withdrawn_at__isnull=True, user__isnull=False
        )
        if seat.user
    }
    return [
        {"key": key, "name": name, "what": what, "primary": key == "a"}
        for key, (email, name, what) in DEMO_SEATS.items()
        if email in found
    ]


def demo_words() -> str:
    """Say in one sentence, from what is loaded, what the demo holds."""
    batches = ImportBatch.objects.filter(review__is_demo=True, state=ImportBatch.State.VISIBLE)
    if not batches:
        return ""
    counts = {"citations": sum(batch.stored for batch in batches), "files": len(batches)}
    return (
        _(
            "The demo holds a real question and its literature: bisphosphonates in children with secondary osteoporosis, "
            "%(citations)d citations from %(files)d files."
        )
        % counts
    )


def demo_seat(key: str) -> Seat | None:
    """Return a demo seat by its key; None outside demo mode."""
    if not settings.DEMO or key not in DEMO_SEATS:
        return None
    return (
        Seat.objects.select_related("user", "review")
        .filter(review__is_demo=True, user__email=DEMO_SEATS[key][0], withdrawn_at__isnull=True)
        .first()
    )
