"""What a test needs from the machine. Missing things skip a test with the reason; in CI (DYAD_CI=1) they fail it."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/9"


def _missing(reason: str) -> None:
    if os.environ.get("DYAD_CI") == "1":
        pytest.fail(f"in CI this must be there: {reason}", pytrace=False)
    pytest.skip(reason)


def _answers(url: str, port: int) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or port), timeout=2):
            return True
    except OSError:
        return False


def needs_chromium() -> str:
    """Return the path of a Chromium: DYAD_CHROMIUM, else the first one on the PATH."""
    named = os.environ.get("DYAD_CHROMIUM")
    found = next(filter(None, map(shutil.which, [named] if named else BROWSERS)), None)
    if found is None:
        _missing(
            f"no Chromium: {named} is not a program" if named else "no Chromium (apt-get install chromium)"
        )
    return str(found)


def needs_postgres() -> str:
    """Return the address of a PostgreSQL server that answers: DYAD_TEST_POSTGRES, else this machine's."""
    url = os.environ.get("DYAD_TEST_POSTGRES", POSTGRES)
    if not _answers(url, 5432):
        _missing(f"no PostgreSQL answers at {urlsplit(url).hostname}:{urlsplit(url).port or 5432}")
    return url


def needs_redis() -> str:
    """Return the address of a Redis that answers: DYAD_TEST_REDIS, else database 9 of this machine's."""
    url = os.environ.get("DYAD_TEST_REDIS", REDIS)
    if not _answers(url, 6379):
        _missing(f"no Redis answers at {urlsplit(url).hostname}:{urlsplit(url).port or 6379}")
    return url


def needs_data(name: str = "") -> Path:
    """Return the data folder (DYAD_DATA, else ../shared/data beside the repository), or ``name`` inside it."""
    folder = Path(os.environ.get("DYAD_DATA", REPOSITORY.parent / "shared" / "data")) / name
    if not folder.exists():
        _missing(f"no data folder {folder} (DYAD_DATA names it)")
    return folder


def on_postgres() -> None:
    """Skip a test about PostgreSQL in a run on SQLite; the run on PostgreSQL is the one that counts, in CI too."""
    from django.db import connection

    if connection.vendor != "postgresql":
        pytest.skip("this run is on SQLite; the test is about PostgreSQL")
