"""A worker that dies in the middle of an import, and an import of 50,000 records beside people who screen."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.citations import ris
from tests.journeys.site import Site, until
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.slow
PROTOCOL = {
    "criteria": "+ Children",
    "reasons": "Not children",
    "disagreement_process": "A third person settles.",
}
ASSIGNMENT = re.compile(r'name="assignment"\s+value="([^"]+)"')
BATCH = "SELECT state, stored FROM reviewapp_importbatch WHERE file_name = ?"
STAGED = """SELECT count(*) FROM reviewapp_citation c JOIN reviewapp_importbatch b ON b.id = c.batch_id
            WHERE b.file_name = ?"""
OF_FILE = {
    "citations": STAGED,
    "positions": STAGED.replace("count(*)", "count(DISTINCT c.position)"),
    "memberships": """SELECT count(*) FROM reviewapp_membership m JOIN reviewapp_citation c ON c.id = m.citation_id
            JOIN reviewapp_importbatch b ON b.id = c.batch_id WHERE m.is_current AND b.file_name = ?""",
    "records": """SELECT count(*) FROM reviewapp_record r JOIN reviewapp_importbatch b ON b.id = r.batch_id
            WHERE r.retired_at IS NULL AND b.file_name = ?""",
}
THINKS = 0.2
PATIENCE = 900.0


def look(site: Site, question: str, *values: Any) -> Any:
    """Return the first row of a query on the site's SQLite file, read beside it."""
    with contextlib.closing(sqlite3.connect(f"file:{site.home}/dyad.sqlite3?mode=ro", uri=True)) as database:
        return database.execute(question, values).fetchone()


def lead_of(site: Site) -> Visitor:
    lead = Visitor(site.address)
    lead.sign_in(*site.first_lead())
    lead.open_review("A review of many", **PROTOCOL)
    return lead


def visible(site: Site, name: str) -> bool:
    found = look(site, BATCH, name)
    assert found is None or found[0] in {"staged", "visible"}, site.said()
    return found is not None and found[0] == "visible"


def test_a_killed_worker_costs_time_and_nothing_else(plain_site: Site, tmp_path: Path) -> None:
    site, count = plain_site, 5000
    lead = lead_of(site)
    file = ris(tmp_path / "five.ris", count)
    report = lead.bring_in(lead.add_source("MEDLINE"), file)
    until(lambda: look(site, STAGED, file.name)[0] > 300, site.said)
    killed = site.kill_worker()
    at_death = look(site, STAGED, file.name)[0]
    assert 0 < at_death < count
    assert not visible(site, file.name)
    assert re.search(r"<h1>\s*0 records", lead.get(lead.review + "records/").text)
    began = time.monotonic()
    until(lambda: visible(site, file.name), site.said)
    print(f"killed at {at_death} of {count}; all there {time.monotonic() - began:.0f} s later")
    assert site.worker() not in {0, killed}
    assert {name: look(site, question, file.name)[0] for name, question in OF_FILE.items()} == dict.fromkeys(
        OF_FILE, count
    )
    assert look(site, BATCH, file.name) == ("visible", count)
    assert look(site, "SELECT attempts FROM reviewapp_job WHERE kind = 'reviewapp.import_batch'")[0] == 2
    text = lead.get(report).text
    assert "5,000 citations stored" in text
    assert "none lost" in text
    assert re.search(r"<h1>\s*5,000 records", lead.get(lead.review + "records/").text)


class Screener(threading.Thread):
    """A reviewer who answers one record after the other until told to stop; a pause for thought between answers."""

    def __init__(self, visitor: Visitor, round_: str, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self.visitor, self.path, self.enough = visitor, f"{visitor.review}screen/{round_}/", enough
        self.seconds: list[float] = []
        self.failed: list[str] = []

    def run(self) -> None:
        page = self.visitor.get(self.path)
        while not self.enough.is_set():
            asked = ASSIGNMENT.search(page.text)
            if asked is None:
                self.failed.append(f"{page.status}: no record to answer")
                return
            began = time.monotonic()
            reply = self.visitor.post(self.path, {"assignment": asked[1], "verdict": "exclude"}, page)
            self.seconds.append(time.monotonic() - began)
            if reply.status != 302:
                self.failed.append(f"{reply.status}: {reply.text[:300]}")
                return
            page = self.visitor.get(reply.sent_to)
            self.enough.wait(THINKS)


def with_a_round(site: Site, lead: Visitor, folder: Path, people: int) -> list[Visitor]:
    """Bring in 2,000 records and hand them out to so many reviewers, two to a record."""
    reviewers = [Visitor(site.address) for _ in range(people)]
    for number, reviewer in enumerate(reviewers):
        reviewer.join(lead.invite("reviewer"), f"reviewer{number}")
    first = ris(folder / "first.ris", 2000, seed="first")
    lead.bring_in(lead.add_source("MEDLINE"), first)
    until(lambda: visible(site, first.name), site.said)
    until(lambda: idle(site), site.said)
    page = lead.get(lead.review + "titles/")
    seats = re.findall(r'name="seats"\s+value="([^"]+)"', page.text)
    assert len(seats) == people
    lead.fill_in(lead.review + "titles/", seats=seats, kind="batch", size="")
    return reviewers


def idle(site: Site) -> bool:
    row = look(site, "SELECT count(*), sum(state IN ('queued', 'running')) FROM reviewapp_job")
    return bool(row[0]) and not row[1]


def percentile(values: Sequence[float], share: int) -> float:
    return statistics.quantiles(values, n=100)[share - 1] * 1000


def test_people_screen_while_50000_records_come_in(plain_site: Site, tmp_path: Path) -> None:
    site, count = plain_site, 50_000
    lead = lead_of(site)
    reviewers = with_a_round(site, lead, tmp_path, people=4)
    round_ = re.search(r"/screen/([0-9a-f-]{36})/", reviewers[0].get(reviewers[0].review + "titles/").text)
    assert round_
    enough = threading.Event()
    screeners = [Screener(reviewer, round_[1], enough) for reviewer in reviewers]
    file = ris(tmp_path / "many.ris", count, seed="many")
    source = lead.add_source("Embase")
    began = time.monotonic()
    for screener in screeners:
        screener.start()
    lead.bring_in(source, file)
    until(lambda: visible(site, file.name), site.said, PATIENCE)
    took = time.monotonic() - began
    until(lambda: idle(site), site.said, PATIENCE)  # the duplicates are looked for too
    whole = time.monotonic() - began
    enough.set()
    for screener in screeners:
        screener.join(60)
    seconds = [value for screener in screeners for value in screener.seconds]
    print(
        f"{count} records in {took:.0f} s, with the search for duplicates {whole:.0f} s; "
        f"meanwhile {len(seconds)} answers, "
        f"p50 {percentile(seconds, 50):.0f} ms, p95 {percentile(seconds, 95):.0f} ms, "
        f"slowest {max(seconds) * 1000:.0f} ms"
    )
    assert [words for screener in screeners for words in screener.failed] == []
    assert all(len(screener.seconds) > took / 10 for screener in screeners)
    assert look(site, "SELECT count(*) FROM reviewapp_decision")[0] == len(seconds)
    assert {name: look(site, question, file.name)[0] for name, question in OF_FILE.items()} == dict.fromkeys(
        OF_FILE, count
    )
    assert "database is locked" not in site.said()
