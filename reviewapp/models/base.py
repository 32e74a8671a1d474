"""What every row of a review has: the review, an id for the outside, the time it was made."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone


class ReviewRow(models.Model):
    """A row of one review. ``uid`` is the only id that leaves the server; ``made_at`` is UTC."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True


class Withdrawable(models.Model):
    """A row that is withdrawn with a reason, never deleted."""

    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.TextField(blank=True)

    class Meta:
        abstract = True
