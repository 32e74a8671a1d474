"""The real site as its own process: ``manage.py serve --empty`` in a folder of its own, on either kind of backend."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis

from tests.needs import REPOSITORY, needs_postgres, needs_redis

PATIENCE = 120.0
PASSED_ON = ("PATH", "HOME", "LANG")
FIRST_PASSWORD = re.compile(r"^First account: (\S+)\nPassword \(.*\): (\S+)$", re.MULTILINE)
BAD_WORDS = ("Traceback", "Internal Server Error", "database is locked")
QUEUE_KEYS = ("celery*", "unacked*", "_kombu*")


@dataclass
class Site:
    """A running site. ``settings`` are environment variables beside DYAD_HOME."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.home.with_suffix(".log")

    def start(self) -> Site:
        """Start it and wait until it says so and its health page answers."""
        self.port = self.port or free_port()
        kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--empty", "--port", str(self.port)],
                cwd=REPOSITORY,
                env={**kept, **self.settings, "DYAD_HOME": str(self.home), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(self._answers, self.said)
        until(self.worker, self.said)
        return self

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said()
        try:
            with urllib.request.urlopen(f"{self.address}/health/", timeout=10) as answer:
                return bool(json.load(answer)["state"] == "ok")
        except (urllib.error.URLError, OSError):
            return False

    def said(self) -> str:
        """Return everything the site and its worker have printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def first_lead(self) -> tuple[str, str]:
        """Return e-mail and one-time password as they were printed."""
        found = FIRST_PASSWORD.search(self.said())
        assert found, self.said()
        return found[1], found[2]

    def worker(self) -> int:
        """Return the process id of the one worker; 0 while there is none."""
        assert self.process is not None
        found = [pid for pid in self.family() if pid != self.process.pid]
        return found[0] if len(found) == 1 else 0

    def family(self) -> list[int]:
        """Return the processes of this site: the one that was started and its children."""
        if self.process is None:
            return []
        listed = subprocess.run(
            ["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        rows = [(int(pid), int(parent), state) for pid, parent, state in map(str.split, listed)]
        top = self.process.pid
        return [pid for pid, parent, state in rows if top in {pid, parent} and not state.startswith("Z")]

    def kill_worker(self) -> int:
        """SIGKILL the worker, as a machine short of memory does; return its process id."""
        pid = self.worker()
        assert pid, self.said()
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self) -> None:
        """Stop it as Ctrl-C does, and see that no process and no complaint is left."""
        assert self.process is not None
        family = self.family()
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0, self.said()
        assert [pid for pid in family if runs(pid)] == [], self.said()
        assert [word for word in BAD_WORDS if word in self.said()] == [], self.said()

    def abandon(self) -> None:
        """End what still runs, without questions."""
        if self.process is not None and self.process.poll() is None:
            family = self.family()
            self.process.kill()
            self.process.wait()
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def runs(pid: int) -> bool:
    """Tell whether a process is there and is not a mere remainder."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return bool(state.strip()) and not state.startswith("Z")


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def until(what: Callable[[], object], tell: Callable[[], str], patience: float = PATIENCE) -> None:
    """Ask again and again until ``what`` says yes; after ``patience`` seconds fail with what ``tell`` tells."""
    end = time.monotonic() + patience
    while not what():
        assert time.monotonic() < end, f"waited {patience:.0f} s in vain\n{tell()}"
        time.sleep(0.1)


@contextlib.contextmanager
def running(home: Path, settings: dict[str, str] | None = None) -> Iterator[Site]:
    """Run a site for the length of a block; at its end it is stopped and looked over."""
    site = Site(home, settings or {})
    try:
        yield site.start()
        site.stop()
    finally:
        site.abandon()


@contextlib.contextmanager
def own_database() -> Iterator[str]:
    """Make a database on the test server and return its address; it is dropped at the end."""
    server = needs_postgres()
    name = f"dyad_journey_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def own_redis() -> Iterator[str]:
    """Return the address of the test Redis, emptied of queues before and after; test processes side by side differ."""
    parts = urlsplit(needs_redis())
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    number = int(parts.path.strip("/") or 0) + (1 + int(worker.removeprefix("gw")) if worker else 0)
    address = urlunsplit(parts._replace(path=f"/{number}"))
    with contextlib.closing(redis.Redis.from_url(address)) as server:
        _empty(server)
        try:
            yield address
        finally:
            _empty(server)


def _empty(server: redis.Redis) -> None:
    for pattern in QUEUE_KEYS:
        for key in server.scan_iter(pattern):
            server.delete(key)


def skip_unless_due(kind: str) -> None:
    """In CI the suite runs once on each backend: the journey runs where the suite does. Elsewhere both run."""
    if os.environ.get("DYAD_CI") != "1":
        return
    here = "postgres" if os.environ.get("DATABASE_URL") else "sqlite"
    if kind != here:
        pytest.skip(f"this run is on {here}; the run on {kind} takes this road")


@contextlib.contextmanager
def site_on(kind: str, home: Path) -> Iterator[Site]:
    """Run a site on ``sqlite`` (with files as the queue) or on ``postgres`` (with Redis)."""
    skip_unless_due(kind)
    with contextlib.ExitStack() as held:
        settings = {}
        if kind == "postgres":
            settings["REDIS_URL"] = held.enter_context(own_redis())
            settings["DATABASE_URL"] = held.enter_context(own_database())
        yield held.enter_context(running(home, settings))
