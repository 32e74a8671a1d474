"""A missing browser, service or data folder skips a test on a person's machine and fails it in CI."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import needs

NOWHERE = {
    "DYAD_CHROMIUM": "no-such-browser",
    "DYAD_TEST_POSTGRES": "postgresql://postgres@127.0.0.1:1/postgres",
    "DYAD_TEST_REDIS": "redis://127.0.0.1:1/9",
    "DYAD_DATA": "no-such-folder",
}
ALL = [needs.needs_chromium, needs.needs_postgres, needs.needs_redis, needs.needs_data]


@pytest.fixture(autouse=True)
def _bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("need", ALL)
def test_a_missing_thing_skips_with_a_reason(
    need: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DYAD_CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"[Nn]o "):
        need()


@pytest.mark.parametrize("need", ALL)
def test_a_missing_thing_fails_in_ci(need: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYAD_CI", "1")
    with pytest.raises(pytest.fail.Exception, match="in CI this must be there"):
        need()


def test_what_is_there_is_returned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYAD_DATA", str(tmp_path))
    monkeypatch.setenv("DYAD_CHROMIUM", "sh")
    (tmp_path / "exports").mkdir()
    assert needs.needs_data("exports") == tmp_path / "exports"
    assert needs.needs_chromium().endswith("/sh")
