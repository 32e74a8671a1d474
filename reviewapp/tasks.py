"""Celery's door to room 1: every task is one call."""

from __future__ import annotations

from celery import shared_task

from reviewapp import jobs
from reviewapp.services import dedup, importing


@shared_task(name="reviewapp.import_batch")
def import_batch(uid: str) -> None:
    """Read a file and show its citations."""
    jobs.run(uid, importing.bring_in)


@shared_task(name="reviewapp.find_duplicates")
def find_duplicates(uid: str) -> None:
    """Look for duplicates among all citations of a review."""
    jobs.run(uid, dedup.find)


@shared_task(name="reviewapp.sweep_jobs")
def sweep_jobs() -> None:
    """Ring the jobs that nobody runs, and end the imports whose job has ended without them."""
    jobs.sweep()
    importing.sweep()
