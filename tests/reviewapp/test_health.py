"""What the health page says, to anyone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection

ADDRESS = "/health/"


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    settings.REDIS_URL = ""
    settings.QUEUE = tmp_path
    (tmp_path / "messages").mkdir()
    return tmp_path / "messages"


@pytest.mark.django_db
def test_it_says_ok_when_database_and_queue_are_there(client: Any, files: Path) -> None:
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.json()) == (200, {"state": "ok", "database": "ok", "broker": "ok"})
    assert answer["Cache-Control"] == "no-store, private"


@pytest.mark.django_db
def test_it_is_degraded_without_a_queue_but_people_can_work(client: Any, files: Path) -> None:
    files.rmdir()
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.json()["state"], answer.json()["broker"]) == (200, "degraded", "away")


@pytest.mark.django_db
def test_it_is_degraded_when_redis_does_not_answer(client: Any, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.json()["broker"]) == (200, "away")


@pytest.mark.django_db
def test_it_answers_503_when_the_database_is_away(
    client: Any, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.json()["state"]) == (503, "away")


@pytest.mark.django_db
def test_it_says_the_same_to_a_stranger_and_to_a_reviewer(
    client: Any, files: Path, team: Any, sign_in: Any
) -> None:
    stranger = client.get(ADDRESS).content
    assert sign_in(team.alice).get(ADDRESS).content == stranger
