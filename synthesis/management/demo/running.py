"""Do long work here and now, as a worker would; a worker that is faster is waited for."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep
from uuid import UUID

from reviewapp import jobs
from reviewapp.gate import Viewer
from reviewapp.selectors.jobs import running, work

LONGEST = 120.0
"""Seconds to wait for a worker that has taken the job."""


class NotDone(RuntimeError):
    """A piece of long work failed; the message says why."""


def finish(actor: Viewer, uid: UUID, do: Callable[[jobs.Running], str]) -> None:
    """Run one of the actor's jobs to its end. Raises NotDone when it fails or never ends."""
    until = monotonic() + LONGEST
    while True:
        jobs.run(str(uid), do)
        found = work(actor, uid)
        if found is None or monotonic() > until:
            raise NotDone("long work did not end")
        if found.ended:
            if found.state != "done":
                raise NotDone(f"{found.title}: {found.message}")
            return
        sleep(0.2)


def finish_all(actor: Viewer, kind: str, do: Callable[[jobs.Running], str]) -> None:
    """Run all of the actor's waiting jobs of a kind, oldest first."""
    for one in running(actor, kind):
        finish(actor, one.uid, do)
