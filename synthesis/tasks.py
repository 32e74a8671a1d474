"""Celery's door to room 3: every task is one call."""

from __future__ import annotations

from celery import shared_task

from reviewapp import jobs
from synthesis.services import agreement, summaries


@shared_task(name="synthesis.compute_agreement")
def compute_agreement(uid: str) -> None:
    """Compute the agreement of released rounds."""
    jobs.run(uid, agreement.compute)


@shared_task(name="synthesis.compute_summary")
def compute_summary(uid: str) -> None:
    """Compute the change and harms tables from the final values."""
    jobs.run(uid, summaries.compute)
