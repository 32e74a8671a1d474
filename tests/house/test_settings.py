"""The settings that keep data whole and sites closed, each read from a fresh process."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

from .tree import REPOSITORY

PRAGMAS = """
import json, django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    def ask(name):
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]
    print(json.dumps({name: ask(name) for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}))
"""
TELL = """
import json
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in NAMES}, default=str))
"""


def process(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**kept, "DJANGO_SETTINGS_MODULE": "reviewapp.settings", "DYAD_HOME": str(home), **more}
    return subprocess.run(
        [sys.executable, *words], cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False
    )


def told(home: Path, *names: str, **more: str) -> dict[str, object]:
    result = process(home, "-c", TELL.replace("NAMES", repr(names)), **more)
    assert result.returncode == 0, result.stderr
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def test_sqlite_takes_the_write_lock_first_and_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    result = process(tmp_path, "-c", PRAGMAS)
    assert result.returncode == 0, result.stderr
    full = 2
    assert json.loads(result.stdout) == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "busy_timeout": 20000,
    }
    database = told(tmp_path, "DATABASES")["DATABASES"]["default"]  # type: ignore[index]
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert not database.get("ATOMIC_REQUESTS", False)


def test_postgres_has_a_pool_as_large_as_the_threads(tmp_path: Path) -> None:
    url = "postgresql://ann:p%40ss@db.example:6000/dyad?sslmode=require"
    found = told(tmp_path, "DATABASES", DATABASE_URL=url, DYAD_THREADS="12")["DATABASES"]["default"]  # type: ignore[index]
    assert found["OPTIONS"]["pool"]["max_size"] == 12
    assert (found["CONN_MAX_AGE"], found["PASSWORD"], found["PORT"]) == (0, "p@ss", "6000")
    assert found["OPTIONS"]["sslmode"] == "require"


def test_the_secret_is_made_once_and_is_for_its_owner_only(tmp_path: Path) -> None:
    first = told(tmp_path, "SECRET_KEY")["SECRET_KEY"]
    assert len(str(first)) >= 64
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert told(tmp_path, "SECRET_KEY")["SECRET_KEY"] == first
    assert told(tmp_path / "other", "SECRET_KEY")["SECRET_KEY"] != first


def test_the_deployment_check_is_clean_behind_https(tmp_path: Path) -> None:
    result = process(
        tmp_path,
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        DYAD_HTTPS="1",
        DYAD_HOSTS="review.example",
    )
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_debugging_and_one_click_seats_are_off_unless_asked_for(tmp_path: Path) -> None:
    assert told(tmp_path, "DEBUG", "DEMO") == {"DEBUG": False, "DEMO": False}


def test_it_answers_to_this_machine_only_unless_told_otherwise(tmp_path: Path) -> None:
    assert told(tmp_path, "ALLOWED_HOSTS") == {"ALLOWED_HOSTS": ["127.0.0.1", "localhost", "[::1]"]}


def test_a_job_is_acknowledged_after_the_work(tmp_path: Path) -> None:
    names = (
        "CELERY_TASK_ACKS_LATE",
        "CELERY_TASK_REJECT_ON_WORKER_LOST",
        "CELERY_WORKER_PREFETCH_MULTIPLIER",
    )
    assert list(told(tmp_path, *names).values()) == [True, True, 1]
    assert told(tmp_path, "CELERY_TASK_ALWAYS_EAGER") == {"CELERY_TASK_ALWAYS_EAGER": False}
