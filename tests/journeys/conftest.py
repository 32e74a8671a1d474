"""A site that runs, and people who sit at it in browsers of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.journeys.people import Meeting
from tests.journeys.site import Site, running, site_on
from tests.needs import needs_chromium

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium; every person gets a context of their own in it."""
    program = needs_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def plain_site(tmp_path: Path) -> Iterator[Site]:
    """A site on SQLite with files as the queue."""
    with running(tmp_path / "home") as site:
        yield site


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A site on the backend that the test's parameter names: sqlite or postgres."""
    with site_on(request.param, tmp_path / "home") as started:
        yield started


@pytest.fixture
def meeting(chromium: Browser) -> Iterator[Meeting]:
    """The people of a journey; at its end no browser of theirs may have complained."""
    gathered = Meeting(chromium)
    yield gathered
    gathered.end()
