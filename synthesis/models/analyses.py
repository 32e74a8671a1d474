"""A comparison, and the team's decision to pool it or not, with the reasons."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewapp.models.base import ReviewRow, Withdrawable


class Analysis(ReviewRow, Withdrawable):
    """What is compared, on which measure, and whether the team pooled it; append-only by version."""

    class Choice(models.TextChoices):
        """The team's decision; never taken by the program."""

        OPEN = "", _("Not decided")
        POOL = "pool", _("Pool")
        REFUSE = "refuse", _("Do not pool")

    name = models.CharField(max_length=300)
    version = models.PositiveIntegerField(default=1)
    comparison = models.JSONField(default=dict)
    choice = models.CharField(max_length=6, choices=Choice, default=Choice.OPEN, blank=True)
    method = models.CharField(max_length=20, blank=True)
    reasons = models.JSONField(default=list)
    why = models.TextField(blank=True)
    effects_seen_first = models.BooleanField(default=False)
    by = models.ForeignKey("reviewapp.Seat", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "name", "version"], name="analysis_version_once")
        ]
