"""Who may see what: the one way to become a Viewer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from reviewapp.gate import Viewer
from reviewapp.models.people import User
from reviewapp.models.reviews import Review
from reviewapp.models.seats import Invitation, Role, Seat


@dataclass(frozen=True, slots=True)
class Place:
    """A person's place in a review."""

    review: Review
    seat: Seat
    viewer: Viewer


def viewer_for(user: User | AnonymousUser, review_uid: UUID) -> Place | None:
    """Return the user's place in a review, or None alike for a stranger and for a review that does not exist."""
    if not isinstance(user, User):
        return None
    seat = (
        Seat.objects.select_related("review")
        .filter(
            user_id=user.pk,
            review__uid=review_uid,
            withdrawn_at__isnull=True,
            review__withdrawn_at__isnull=True,
        )
        .first()
    )
    return place_of(seat) if seat else None


def place_of(seat: Seat) -> Place:
    """Return the place of a seat that is already known to be the caller's own."""
    known = {role.value for role in Role}
    roles = frozenset(known & set(seat.roles))
    viewer = Viewer(user_id=seat.user_id, seat_id=seat.pk, review_id=seat.review_id, roles=roles)
    return Place(review=seat.review, seat=seat, viewer=viewer)


def seats_of_user(user: User) -> QuerySet[Seat]:
    """Return the user's seats with their reviews, newest review first."""
    return (
        Seat.objects.select_related("review")
        .filter(user=user, withdrawn_at__isnull=True, review__withdrawn_at__isnull=True)
        .order_by("-review__made_at")
    )


def team(viewer: Viewer) -> QuerySet[Seat]:
    """Return the seats of the viewer's review by name; says nothing of what anyone has done."""
    return (
        Seat.objects.select_related("user")
        .filter(review_id=viewer.review_id, withdrawn_at__isnull=True)
        .order_by("name", "uid")
    )


def may_curate(viewer: Viewer) -> bool:
    """Tell whether the viewer may bring records in and settle duplicates."""
    return viewer.has(Role.CURATOR, Role.LEAD)


def seats_with(review_id: int, *roles: str) -> list[Seat]:
    """Return the active seats of a review that hold any of the roles, by name."""
    seats = Seat.objects.filter(review_id=review_id, withdrawn_at__isnull=True).order_by("name", "uid")
    return [seat for seat in seats if set(seat.roles) & set(roles)]


def open_invitations(viewer: Viewer) -> QuerySet[Invitation]:
    """Return the invitations of the viewer's review that nobody has accepted."""
    return Invitation.objects.filter(
        review_id=viewer.review_id, accepted_at__isnull=True, withdrawn_at__isnull=True
    ).order_by("-made_at")
