"""Long work: the row is the truth, Celery the doorbell."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewapp.gate import Blinded

from .base import ReviewRow


class Job(ReviewRow, Blinded):
    """A piece of long work. Mutable by design: state, lease, attempts, progress, cancel flag."""

    append_only = False

    class State(models.TextChoices):
        """Where the work stands."""

        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    review = models.ForeignKey("reviewapp.Review", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    about = models.JSONField(default=dict)
    input_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    cancel = models.BooleanField(default=False)
    rung_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(Blinded.Meta):
        abstract = False
        indexes = [models.Index(fields=["state", "lease_until"], name="job_sweep")]
