"""The one command: pages, a worker that is started again, and nothing left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .tree import REPOSITORY

PATIENCE = 90.0
pytestmark = pytest.mark.slow


class Site:
    """A running ``serve`` in a folder of its own."""

    def __init__(self, home: Path, *words: str) -> None:
        self.home, self.port, self.log = home, free_port(), home.with_suffix(".log")
        kept = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "REDIS_URL") if name in os.environ
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port), *words],
                cwd=REPOSITORY,
                env={**kept, "DYAD_HOME": str(home), "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text()

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def wait_until_ready(self) -> None:
        until(lambda: "is ready" in self.said() or self.process.poll() is not None, self.said)
        assert self.process.poll() is None, self.said()

    def worker(self) -> int:
        found = children(self.process.pid)
        return found[0] if len(found) == 1 else 0

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def children(parent: int) -> list[int]:
    lines = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout.split("\n")
    pairs = [tuple(map(int, line.split())) for line in lines if line.strip()]
    return [pid for pid, ppid in pairs if ppid == parent]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return bool(state.strip()) and not state.startswith("Z")


def until(what: Callable[[], object], tell: Callable[[], str] = str) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, tell()
        time.sleep(0.1)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    started: list[Site] = []

    def run(*words: str, home: str = "home") -> Site:
        started.append(Site(tmp_path / home, *words))
        return started[-1]

    yield run
    for site in started:
        if site.process.poll() is None:
            site.process.kill()
            site.process.wait()


def test_it_serves_keeps_its_worker_alive_and_leaves_nothing_behind(start: Callable[..., Site]) -> None:
    site = start("--empty")
    site.wait_until_ready()
    status, body = site.get("/health/")
    assert (status, json.loads(body)) == (200, {"state": "ok", "database": "ok", "broker": "ok"})
    assert "Password (shown this once" in site.said()
    until(site.worker, site.said)
    first = site.worker()
    os.kill(first, signal.SIGKILL)
    until(lambda: site.worker() not in {0, first}, site.said)
    second = site.worker()
    assert site.end() == 0, site.said()
    assert "Traceback" not in site.said()
    assert not alive(second)
    again = start("--empty")
    again.wait_until_ready()
    assert "Password" not in again.said()
    assert again.end(signal.SIGTERM) == 0


def test_the_worker_ends_when_its_parent_is_killed(start: Callable[..., Site]) -> None:
    site = start("--empty")
    site.wait_until_ready()
    until(site.worker, site.said)
    worker = site.worker()
    site.process.kill()
    site.process.wait()
    until(lambda: not alive(worker))


def test_a_busy_port_is_said_in_words(start: Callable[..., Site]) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        port = door.getsockname()[1]
        site = start("--port", str(port))
        assert site.process.wait(PATIENCE) == 1
    assert f"Port {port} is in use" in site.said()
    assert "Traceback" not in site.said()
    assert not (site.home / "dyad.sqlite3").exists()


def test_it_refuses_to_start_without_the_triggers(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.management.base import CommandError

    from reviewapp.management.commands import serve

    monkeypatch.setattr(serve, "missing_triggers", lambda: ["reviewapp_decision_no_update"])
    with pytest.raises(CommandError, match="reviewapp_decision_no_update"):
        serve.refuse_without_triggers()


SLOW_JOB = """
import os, pathlib, sys, time
from reviewapp.celery import app
from reviewapp.management import embedded

@app.task(name="tests.slow")
def slow(place):
    pathlib.Path(place).write_text("begun")
    time.sleep(3)
    pathlib.Path(place).write_text("done")

if sys.argv[1] == "ring":
    app.send_task("tests.slow", args=[sys.argv[2]])
else:
    embedded.work(os.getppid())
"""


def test_a_worker_that_is_asked_to_stop_finishes_the_job_it_has(tmp_path: Path) -> None:
    script, place = tmp_path / "slow.py", tmp_path / "place"
    script.write_text(SLOW_JOB)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**kept, "DYAD_HOME": str(tmp_path / "home"), "PYTHONPATH": str(REPOSITORY)}
    worker = subprocess.Popen([sys.executable, str(script), "work"], cwd=REPOSITORY, env=env)
    try:
        subprocess.run([sys.executable, str(script), "ring", str(place)], cwd=REPOSITORY, env=env, check=True)
        until(place.exists)
        worker.terminate()
        assert worker.wait(30) == 0
    finally:
        worker.kill()
        worker.wait()
    assert place.read_text() == "done"


LOST_JOB = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from reviewapp.models.jobs import Job
from reviewapp.models.people import User
from reviewapp.services.reviews import open_review

review, seat = open_review(user=User.objects.get(), title="A review")
made = timezone.now() - timedelta(seconds=30)
Job.objects.create(review=review, author=seat, kind="reviewapp.find_duplicates", input_hash="0", made_at=made)
"""


def test_a_job_whose_message_was_lost_is_run_all_the_same(start: Callable[..., Site]) -> None:
    site = start("--empty")
    site.wait_until_ready()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**kept, "DYAD_HOME": str(site.home), "DJANGO_SETTINGS_MODULE": "reviewapp.settings"}
    subprocess.run([sys.executable, "-c", LOST_JOB], cwd=REPOSITORY, env=env, check=True)

    def state() -> str:
        with contextlib.closing(sqlite3.connect(site.home / "dyad.sqlite3")) as database:
            return str(database.execute("SELECT state FROM reviewapp_job").fetchone()[0])

    assert state() == "queued"
    until(lambda: state() == "done", lambda: f"{state()}\n{site.said()}")
    assert site.end() == 0
