"""Two worlds: the same trace run twice, in which only what the other reviewer does differs.

Randomness is drawn from one seeded stream for each actor and the clock steps with the trace, so that whatever is
equal in both worlds must come out byte for byte the same, and nothing has to be left out of the comparison.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import pkgutil
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from unittest import mock

from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

import extraction
import reviewapp
import synthesis
from tests.conftest import Team

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LEFT_OUT = {"Set-Cookie"}


class Clock:
    """A clock that moves only when the trace moves."""

    def __init__(self) -> None:
        self.now = START

    def step(self) -> None:
        self.now += dt.timedelta(seconds=1)


class Streams:
    """One seeded stream of random bytes for each actor."""

    def __init__(self) -> None:
        self.of = {}
        self.actor = "setting"

    def __call__(self, size: int) -> bytes:
        stream = self.of.setdefault(self.actor, random.Random(f"stream {self.actor}"))
        return stream.randbytes(size)


class _Rollback(Exception):
    pass


@dataclass
class World:
    """A running world: its team, what the observer has seen, and who acts."""

    streams: Streams
    clock: Clock
    team: Team | None = None
    things: dict[str, Any] = field(default_factory=dict)
    uids: dict[str, list[Any]] = field(default_factory=dict)
    seen: list[Any] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    clients: dict[str, Client] = field(default_factory=dict)

    @contextlib.contextmanager
    def acting(self, name: str) -> Iterator[None]:
        """Draw randomness from this actor's stream."""
        before, self.streams.actor = self.streams.actor, name
        try:
            yield
        finally:
            self.streams.actor = before

    def client(self, name: str, user: Any) -> Client:
        """Return the signed-in client of a person."""
        if name not in self.clients:
            with self.acting(f"session {name}"):
                self.clients[name] = Client(raise_request_exception=True)
                self.clients[name].force_login(user)
        return self.clients[name]

    def observe(self, name: str, user: Any, method: str, path: str, data: Any = None, **extra: Any) -> Any:
        """Send a request as a person and write down everything that came back."""
        client = self.client(name, user)
        before = len(self.logs)
        with self.acting(f"{name} {method} {path} {len(self.seen)}"):
            response = (
                getattr(client, method)(path, data, **extra)
                if data is not None
                else getattr(client, method)(path, **extra)
            )
            body = b"".join(response.streaming_content) if response.streaming else response.content
        headers = tuple(sorted((k, v) for k, v in response.headers.items() if k not in LEFT_OUT))
        cookies = tuple(sorted((k, str(v["path"]), str(v["max-age"])) for k, v in response.cookies.items()))
        told = tuple(self.logs[before:])
        self.seen.append((name, method, path, response.status_code, headers, cookies, body, told))
        return response


class _Listener(logging.Handler):
    def __init__(self, world: World) -> None:
        super().__init__(level=logging.INFO)
        self.world = world

    def emit(self, record: logging.LogRecord) -> None:
        self.world.logs.append(f"{record.name} {record.levelname} {record.getMessage()}")


@contextlib.contextmanager
def fixed(streams: Streams, clock: Clock) -> Iterator[None]:
    """Fix randomness and time."""

    class Stepped(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> dt.datetime:
            return clock.now.astimezone(tz) if tz else clock.now.replace(tzinfo=None)

    with (
        mock.patch.object(os, "urandom", streams),
        mock.patch.object(random, "_urandom", streams),
        mock.patch.object(timezone, "datetime", Stepped),
        mock.patch("time.time", lambda: clock.now.timestamp()),  # noqa: PLW0108 - the clock moves
    ):
        yield


def load_all() -> None:
    """Import every page and service first, so that no import draws from the seeded streams in one world only."""
    assert get_resolver().url_patterns
    for room in (reviewapp, extraction, synthesis):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not {"migrations", "management", "wsgi"} & set(found.name.split(".")):
                import_module(found.name)


def run(
    which: int, trace: list[Any], setting: Callable[[World], None], play: Callable[[World, Any, int], None]
) -> World:
    """Run one world from a clean database and roll it back. ``which`` picks B's alternative in each step."""
    load_all()
    streams, clock = Streams(), Clock()
    world = World(streams, clock)
    listener = _Listener(world)
    logging.getLogger().addHandler(listener)
    mail.outbox = []
    try:
        with fixed(streams, clock), contextlib.suppress(_Rollback), transaction.atomic():
            setting(world)
            for step in trace:
                clock.step()
                play(world, step, which)
            raise _Rollback
    finally:
        logging.getLogger().removeHandler(listener)
    world.seen.append(("outbox", [(m.to, m.subject, m.body) for m in getattr(mail, "outbox", [])]))
    return world


def difference(one: World, two: World) -> str | None:
    """Return the first thing that the two observers saw differently, in words; None if all is equal."""
    for a, b in zip(one.seen, two.seen, strict=True):
        if a != b:
            return f"{a[:4]}: {_where(a, b)}"
    return None


def _where(a: Any, b: Any) -> str:
    for name, x, y in zip(
        ("who", "method", "path", "status", "headers", "cookies", "body", "log"), a, b, strict=False
    ):
        if x != y:
            if isinstance(x, bytes):
                at = next(
                    (i for i, (p, q) in enumerate(zip(x, y, strict=False)) if p != q), min(len(x), len(y))
                )
                return f"{name} at {at}: {x[max(0, at - 60) : at + 60]!r} | {y[max(0, at - 60) : at + 60]!r}"
            return f"{name}: {x!r} | {y!r}"
    return "differs"


def spare_uid() -> uuid.UUID:
    """Return a uid that nothing has."""
    return uuid.UUID(int=7)
