"""The one way to do long work: a Job row in the caller's transaction, Celery rung after commit.

The row is the truth. A broker that is away never fails the request; ``sweep`` rings every job that has no live
lease, so a lost message or a killed worker costs seconds. The work itself must be safe to run twice.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from reviewapp.celery import app
from reviewapp.gate import Viewer
from reviewapp.models.jobs import Job

LEASE = timedelta(seconds=20)
RENEW_EVERY = 5.0
RING_AGAIN_AFTER = timedelta(seconds=8)
MOST_ATTEMPTS = 5
log = logging.getLogger("dyad.jobs")


class Cancelled(Exception):
    """The person who started the work asked to stop it."""


class LeaseLost(Exception):
    """Another worker has taken the job over; this run must write nothing more."""


class Hopeless(Exception):
    """The work cannot succeed however often it is tried; the message is for the person who started it."""


@dataclass
class Running:
    """A job that this process holds the lease of."""

    uid: uuid.UUID
    review_id: int
    about: dict[str, Any]
    lease: uuid.UUID

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Store how far the work is; raises Cancelled or LeaseLost when it must stop."""
        values: dict[str, Any] = {"done": done, "lease_until": timezone.now() + LEASE}
        if total is not None:
            values["total"] = total
        if message:
            values["message"] = message
        if not _held(self).change(**values):
            raise LeaseLost
        if _held(self).filter(cancel=True).exists():
            raise Cancelled

    def check(self) -> None:
        """Raise LeaseLost unless this process still holds the lease; call it inside the last transaction."""
        if not _held(self).exists():
            raise LeaseLost


def _all() -> Any:
    return Job.objects.for_system("jobs are run by workers, which show nothing to a person")


def _held(running: Running) -> Any:
    return _all().filter(uid=running.uid, lease=running.lease, state=Job.State.RUNNING)


def start(kind: str, *, actor: Viewer, about: dict[str, Any], total: int = 0) -> Job:
    """Add a Job row in the caller's transaction and ring Celery after commit. ``kind`` is the task's name."""
    text = json.dumps(about, sort_keys=True, default=str)
    job: Job = Job.objects.create(
        review_id=actor.review_id,
        author_id=actor.seat_id,
        kind=kind,
        about=about,
        input_hash=hashlib.sha256(text.encode()).hexdigest(),
        total=total,
    )
    transaction.on_commit(lambda: ring(kind, job.uid))
    return job


def ring(kind: str, uid: uuid.UUID) -> bool:
    """Tell Celery that a job waits; False when the broker is away (the sweeper will ring again)."""
    try:
        app.send_task(kind, args=[str(uid)], retry=False)
    except Exception as trouble:  # noqa: BLE001 - a broker may fail in any way; the row is the truth
        log.warning("broker away, job waits in the database: %s", type(trouble).__name__)
        return False
    return True


def run(uid: str, work: Callable[[Running], str]) -> None:
    """Run one job if its lease is free; safe to call any number of times. ``work`` returns a closing message."""
    running = _take(uuid.UUID(uid))
    if running is None:
        return
    try:
        with _heartbeat(running):
            message = work(running)
    except Cancelled:
        _end(running, Job.State.CANCELLED, "Cancelled.")
    except LeaseLost:
        log.warning("job taken over by another worker")
    except Hopeless as trouble:
        _end(running, Job.State.FAILED, str(trouble))
    except Exception as trouble:
        log.exception("job failed: %s", type(trouble).__name__)
        _let_go(running, trouble)
    except BaseException:
        # The worker itself is told to stop: no fault of the job, so the try does not count and the next worker begins.
        _held(running).change(
            state=Job.State.QUEUED, lease=None, lease_until=None, attempts=F("attempts") - 1
        )
        raise
    else:
        _end(running, Job.State.DONE, message)


def _take(uid: uuid.UUID) -> Running | None:
    now = timezone.now()
    lease = uuid.uuid4()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    taken = (
        _all()
        .filter(free, uid=uid)
        .change(
            state=Job.State.RUNNING,
            lease=lease,
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
            started_at=now,
        )
    )
    if not taken:
        return None
    job = _all().get(uid=uid)
    running = Running(uid=uid, review_id=job.review_id, about=job.about, lease=lease)
    if job.attempts > MOST_ATTEMPTS:
        _end(running, Job.State.FAILED, job.message or "Given up after several tries.")
        return None
    if job.cancel:
        _end(running, Job.State.CANCELLED, "Cancelled.")
        return None
    return running


def _end(running: Running, state: str, message: str) -> None:
    _held(running).change(state=state, message=message, ended_at=timezone.now(), lease=None, lease_until=None)


def _let_go(running: Running, trouble: Exception) -> None:
    """Give a failed job back for another try, or end it after the last one."""
    job = _held(running).first()
    if job is None:
        return
    words = f"{type(trouble).__name__}: {trouble}"[:500]
    if job.attempts >= MOST_ATTEMPTS:
        _end(running, Job.State.FAILED, words)
    else:
        _held(running).change(state=Job.State.QUEUED, lease=None, lease_until=None, message=words)


@contextmanager
def _heartbeat(running: Running) -> Iterator[None]:
    """Renew the lease every few seconds from a thread, so that long arithmetic keeps it."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(RENEW_EVERY):
            try:
                _held(running).change(lease_until=timezone.now() + LEASE)
            except Exception as trouble:  # noqa: BLE001 - the next beat tries again; the lease outlives three
                log.warning("heartbeat missed: %s", type(trouble).__name__)
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


def sweep() -> int:
    """Ring every job that has no live lease; returns how many were rung."""
    now = timezone.now()
    waiting = _all().filter(
        Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now),
        Q(rung_at__isnull=True) | Q(rung_at__lt=now - RING_AGAIN_AFTER),
        made_at__lt=now - timedelta(seconds=2),
    )
    rung = 0
    for job in list(waiting[:200]):
        _all().filter(pk=job.pk).change(rung_at=now)
        rung += ring(job.kind, job.uid)
    return rung


def ask_to_cancel(uid: uuid.UUID, *, actor: Viewer) -> bool:
    """Set the cancel flag of the actor's own job; a job that has not begun ends at once. False: none of theirs runs."""
    own = Job.objects.of_author(actor).filter(uid=uid)
    if own.filter(state=Job.State.QUEUED).change(
        state=Job.State.CANCELLED, message="Cancelled.", ended_at=timezone.now(), cancel=True
    ):
        return True
    return bool(own.filter(state=Job.State.RUNNING).change(cancel=True))
