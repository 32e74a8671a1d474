"""Seats: what a person may do in one review."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .base import ReviewRow, Withdrawable


class Role(models.TextChoices):
    """The roles a seat may hold, several at once."""

    LEAD = "lead", _("Lead")
    CURATOR = "curator", _("Curator")
    REVIEWER = "reviewer", _("Reviewer")
    ADJUDICATOR = "adjudicator", _("Adjudicator")
    EXTRACTOR = "extractor", _("Extractor")
    STATISTICIAN = "statistician", _("Statistician")
    OBSERVER = "observer", _("Observer")


class Seat(ReviewRow, Withdrawable):
    """A person's roles in one review; ``user`` is null for imported or departed people."""

    user = models.ForeignKey("reviewapp.User", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200)
    roles = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "user"], condition=Q(withdrawn_at__isnull=True), name="seat_once_per_person"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_names(self) -> list[str]:
        """Return the roles in words, in the order of the list of roles."""
        held = set(self.roles)
        return [str(role.label) for role in Role if role.value in held]


class Invitation(ReviewRow, Withdrawable):
    """A link that gives a seat to whoever opens it first and signs in or joins. Only its hash is stored."""

    token_hash = models.CharField(max_length=64, unique=True)
    roles = models.JSONField(default=list)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
