"""The audit trail and the keys that make a repeat harmless."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from reviewapp.gate import Blinded


class Event(Blinded):
    """One write, told once: who, when, what, old, new, why. Chained by hash within (review, chain).

    ``chain`` is the seat's uid, or "system". ``shared`` marks acts of a curator or lead on the review itself
    (sources, merges, rounds), which carry nobody's judgement and are open to every seat.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    chain = models.CharField(max_length=36)
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now, editable=False)
    user = models.ForeignKey("reviewapp.User", on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=40, blank=True)
    subject_uid = models.UUIDField(null=True)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    why = models.TextField(blank=True)
    shared = models.BooleanField(default=False)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta(Blinded.Meta):
        abstract = False
        constraints = [models.UniqueConstraint(fields=["review", "chain", "seq"], name="event_seq_once")]
        indexes = [
            models.Index(fields=["review", "at"], name="event_by_time"),
            models.Index(fields=["review", "subject_uid"], name="event_by_subject"),
        ]

    @classmethod
    def also_open(cls) -> Q:
        """Return the rule for shared acts: open within the review."""
        return Q(shared=True)


class IdempotencyKey(models.Model):
    """A key sent with an unsafe request, and the reply it got: a repeat gets the same reply and does nothing."""

    user = models.ForeignKey("reviewapp.User", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64)
    reply = models.JSONField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]
