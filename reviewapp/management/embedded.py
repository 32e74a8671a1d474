"""One Celery worker as a child of the web server, for a machine where nothing else runs.

``Helpers`` starts the child, starts it again when it dies, and rings waiting jobs. The child never outlives its
parent: it asks the kernel for a signal (Linux) and also watches who its parent is (everywhere). It runs in a session
of its own, so that Ctrl-C reaches the parent alone and the parent stops the child in order.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from types import FrameType
from typing import Any

PARENT_GONE_AFTER = 2.0
"""Seconds between two looks at the parent."""
LAST_MOMENT = 10.0
"""Seconds that an orphan may take to end its job."""
SWEEP_EVERY = 10.0
STOP_WITHIN = 15.0
PR_SET_PDEATHSIG = 1
log = logging.getLogger("dyad.embedded")


class Worker:
    """The child process."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the child. Its output goes where the parent's goes."""
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "reviewapp.management.embedded", str(os.getpid())],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def alive(self) -> bool:
        """Tell whether the child runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self, within: float = STOP_WITHIN) -> bool:
        """End the child: ask, wait up to ``within`` seconds, then kill. False when it had to be killed."""
        if self.process is None or not self.alive():
            return True
        self.process.terminate()
        try:
            self.process.wait(within)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self.process.kill()
            self.process.wait()
            return False
        return True


class Helpers:
    """The worker and the thread that keeps it alive and rings waiting jobs."""

    def __init__(self, folder: str) -> None:
        self.worker = Worker(folder)
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="dyad-sweeper", daemon=True)

    def start(self) -> None:
        """Start the worker, then the thread."""
        self.worker.start()
        self._thread.start()

    def stop(self) -> bool:
        """Stop both; False when the worker had to be killed."""
        self._enough.set()
        stopped = self.worker.stop()
        self._thread.join(timeout=5)
        # the thread may have been between its question and a restart when we asked it to end
        return self.worker.stop() and stopped

    def _keep(self) -> None:
        from django.db import close_old_connections, connection

        while not self._enough.wait(SWEEP_EVERY):
            try:
                self.look_after()
            except Exception as trouble:  # noqa: BLE001 - whatever it was, the next round tries again
                log.warning("sweep failed: %s: %s", type(trouble).__name__, trouble)
            close_old_connections()
        connection.close()

    def look_after(self) -> None:
        """Start a dead worker again, and do what beat does elsewhere: ring the jobs that nobody runs."""
        from reviewapp.tasks import sweep_jobs

        if not self.worker.alive() and not self._enough.is_set():
            log.warning("the worker had ended; starting it again")
            self.worker.start()
        sweep_jobs()


def end_with_parent(parent: int) -> None:
    """Make this process end when ``parent`` does: a signal from the kernel on Linux, a watching thread everywhere."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    threading.Thread(target=_watch, args=(parent,), name="dyad-parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_GONE_AFTER)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_MOMENT)
    os._exit(1)


def work(parent: int) -> None:
    """Be the child: one Celery worker that runs one job at a time."""
    end_with_parent(parent)
    warnings.filterwarnings("ignore", message=".*superuser privileges.*")
    from celery.signals import worker_ready

    from reviewapp.celery import app

    worker_ready.connect(_stop_at_once_when_idle, weak=False)
    # the filesystem broker has no host name, which kombu remarks on at every start
    logging.getLogger("kombu.connection").setLevel(logging.ERROR)
    level = os.environ.get("DYAD_LOG", "WARNING")
    app.worker_main(
        ["--quiet", "worker", "-P", "solo", "--without-gossip", "--without-mingle", "--loglevel", level]
    )


def _stop_at_once_when_idle(**_kwargs: Any) -> None:
    """End on SIGTERM without Celery's seconds of farewell, unless a job runs: that one may finish.

    Safe at any moment between jobs: a message lost here is rung again from its Job row.
    """
    from celery.worker import state

    farewell = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        if not state.reserved_requests:
            os._exit(0)
        if callable(farewell):
            farewell(number, frame)

    signal.signal(signal.SIGTERM, stop)


if __name__ == "__main__":
    work(int(sys.argv[1]))
