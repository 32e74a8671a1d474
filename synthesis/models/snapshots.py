"""Results with the hash of their input, so a figure can be told to be stale and computed again."""

from __future__ import annotations

from django.db import models

from reviewapp.models.base import ReviewRow


class Snapshot(ReviewRow):
    """One computed result: agreement of a round, the change summary, the harms table."""

    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=100, blank=True)
    input_hash = models.CharField(max_length=64)
    code_version = models.CharField(max_length=40)
    result = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "kind", "about", "input_hash", "code_version"],
                name="snapshot_once_per_input",
            )
        ]
        indexes = [models.Index(fields=["review", "kind", "about", "made_at"], name="snapshot_latest")]
