"""The last stretch of the road: agreement and summary by the worker, the zip through the browser, its numbers."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.people import Person
from tests.journeys.road import NOTE_OF_A, PILOT, TITLE, Team
from tests.journeys.texts import BY_HAND, REASON
from tests.journeys.trials import Difference, Trial

Row = dict[str, str]
SECRETS = ("Told to nobody yet by A.", "Told to nobody yet by B.")
OPEN_ROUND = 4
FIGURE_SAYS = (
    "283 records from databases and registers, 7 by other methods; 162 duplicates removed; 8 records screened, "
    "2 excluded; 5 reports assessed, 1 excluded with reasons; 3 studies included for efficacy and 1 for harms only."
)


def open_another_round(team: Team) -> None:
    """A second round of titles that is not released: A answers two of four, B one, each with a note."""
    team.lead.open_round("titles", size=OPEN_ROUND)
    for person, secret, times in ((team.a, SECRETS[0], 2), (team.b, SECRETS[1], 1)):
        person.go_on_screening("titles")
        for done in range(times):
            person.has_answered(done, OPEN_ROUND, finished=False)
            person.fill("Your note", secret)
            person.answer_by_click("Include")
        person.has_answered(times, OPEN_ROUND, finished=False)


def asked_if_needed(lead: Person, path: str, button: str) -> None:
    """Wait for the worker's result; ask for it where the page still offers to."""
    page = lead.at(path)
    for name in (button, "Compute again"):
        offered = page.get_by_role("button", name=name)
        if offered.count():
            offered.first.click()
            page.wait_for_load_state()
        lead.waits_for_work(path)


def compute(lead: Person) -> None:
    """See agreement and summary, which the worker computes at each release, on their pages."""
    page = lead.at("agreement/")
    asked_if_needed(lead, "agreement/", "Compute agreement")
    expect(page.get_by_role("region", name="Titles and abstracts")).to_contain_text("8 of 8 judged by two")
    expect(page.get_by_role("button", name="Compute agreement")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("1 round is not released")
    lead.at("synthesis/")
    asked_if_needed(lead, "synthesis/", "Compute the summary")
    expect(page.locator("main")).to_contain_text("4 studies with final values")
    lead.press("Open the effects")
    expect(page.get_by_role("heading", name="Figure: the studies one by one")).to_be_visible()


@dataclass(frozen=True)
class Bundle:
    """A downloaded zip, unpacked."""

    files: dict[str, bytes]

    def table(self, name: str) -> list[Row]:
        return list(self.csv(f"tables/{name}.csv"))

    def csv(self, path: str) -> Iterable[Row]:
        return csv.DictReader(io.StringIO(self.files[path].decode("utf-8-sig"), newline=""))


def download(lead: Person, folder: Path) -> Bundle:
    """Take the bundle from the report's page through the browser."""
    page = lead.at("report/")
    with page.expect_download() as begun:
        lead.press("Download the bundle")
    path = folder / begun.value.suggested_filename
    begun.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return Bundle({name: archive.read(name) for name in archive.namelist()})


def check_bundle(bundle: Bundle, trials: dict[str, Trial]) -> None:
    """Everything that the zip must say."""
    check_files(bundle)
    check_dictionary(bundle)
    check_agreement(bundle)
    check_prisma(bundle)
    check_trials(bundle, trials)
    check_nothing_unreleased(bundle)


def check_files(bundle: Bundle) -> None:
    """Every file has its checksum, the figure is text, and the readme says what is not released."""
    lines = [line.split("  ", 1) for line in bundle.files["SHA256SUMS"].decode().splitlines()]
    sums = {name: digest for digest, name in lines}
    assert sums == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in bundle.files.items()
        if name != "SHA256SUMS"
    }
    readme = bundle.files["README.txt"].decode()
    assert TITLE in readme
    assert "all hold" in readme
    figure = bundle.files["prisma.svg"].decode()
    assert FIGURE_SAYS in figure
    assert "<script" not in figure


def check_dictionary(bundle: Bundle) -> None:
    """The data dictionary names every column of every table, in words."""
    told = [(row["file"], row["column"]) for row in bundle.csv("dictionary.csv")]
    assert len(told) == len(set(told))
    found = {
        (name, column)
        for name in bundle.files
        if name.startswith("tables/")
        for column in next(csv.reader(io.StringIO(bundle.files[name].decode("utf-8-sig"))))
    }
    assert found == set(told)
    assert all(row["meaning"] and row["label"] for row in bundle.csv("dictionary.csv"))


def check_agreement(bundle: Bundle) -> None:
    """Titles: 5 include and 1 exclude by both, 1 and 1 torn. Full texts: all five alike.

    Raw 6/8 = 0.75 (Wilson 0.409 to 0.929). Kappa: chance 0.75² + 0.25² = 0.625, (0.75 − 0.625)/0.375 = 1/3.
    PABAK 2 × 0.75 − 1 = 0.5. AC1: chance 2 × 0.75 × 0.25 = 0.375, (0.75 − 0.375)/0.625 = 0.6.
    With maybe apart: 4 includes and 1 exclude alike, 5/8.
    """
    rows = {(row["stage"], row["rounds"], row["scheme"]): row for row in bundle.table("agreement")}
    titles = rows["title_abstract", "1", "advancing"]
    assert (titles["n"], titles["categories"]) == (str(PILOT), "include, exclude")
    assert titles["table"] == "5 1 / 1 1"
    said = {"percent": 0.75, "percent_low": 0.40927, "percent_high": 0.92852}
    said |= {"kappa": 1 / 3, "pabak": 0.5, "ac1": 0.6}
    assert {key: float(titles[key]) for key in said} == pytest.approx(said, abs=1e-4)
    assert float(rows["title_abstract", "1", "answers"]["percent"]) == pytest.approx(0.625)
    texts = rows["full_text", "1", "advancing"]
    assert (texts["n"], float(texts["percent"]), float(texts["kappa"])) == ("5", 1.0, 1.0)


def check_prisma(bundle: Bundle) -> None:
    """The flow: 283 citations of databases, 6 of a hand search and one by hand; 8 of 127 records in a released round."""
    flow = {row["data"]: row["n"] for row in bundle.table("prisma")}
    expected = {
        "database_results": "283",
        "duplicates": "156",
        "records_screened": str(PILOT),
        "records_excluded": "2",
        "dbr_sought_reports": "6",
        "dbr_notretrieved_reports": "1",
        "dbr_assessed": "5",
        "citations_results": "7",
        "other_sought_reports": "1",
        "other_notretrieved_reports": "1",
        "other_assessed": "0",
        "new_studies": "4",
        "new_reports": "4",
    }
    assert {key: flow[key] for key in expected} == expected
    assert flow["dbr_excluded"].startswith(f"{REASON}, 1")
    assert {row["holds"] for row in bundle.table("flow_sums")} == {"true"}
    assert [row["reason"] for row in bundle.table("excluded_studies")] == [REASON]


def check_trials(bundle: Bundle, trials: dict[str, Trial]) -> None:
    """The numbers of the made-up trials, against what was worked out by hand."""
    between, arms, harms = bundle.table("between_groups"), bundle.table("bmd_summary"), bundle.table("harms")
    assert len(between) == sum(len(trial.differences) for trial in trials.values())
    assert len(harms) == sum(len(trial.harms) for trial in trials.values())
    for label, trial in trials.items():
        for told in trial.differences:
            check_difference([row for row in between if row["study"] == label], told)
        for arm, (sd, provenance) in trial.spreads.items():
            row = next(row for row in arms if (row["study"], row["arm"]) == (label, arm))
            assert float(row["sd"]) == pytest.approx(sd, rel=1e-4)
            assert row["sd_provenance"] == provenance
        for harm in trial.harms:
            row = next(row for row in harms if (row["study"], row["event"]) == (label, harm.event))
            assert (row["events"], row["n"], row["unit"]) == (str(harm.events), str(harm.n), "children")
            limits = (float(row["exact_low"]), float(row["exact_high"]))
            assert limits == pytest.approx((harm.low, harm.high), abs=5e-5)
            assert row["status"] == ("counted" if harm.events else "zero_reported")


def check_difference(rows: list[Row], told: Difference) -> None:
    row = next(row for row in rows if (row["measure"], float(row["months"])) == (told.measure, told.months))
    numbers = tuple(float(row[key]) for key in ("difference", "ci_low", "ci_high"))
    assert numbers == pytest.approx((told.value, told.low, told.high), abs=5e-5 * max(1, abs(told.value)))
    assert row["test"] == told.method
    assert float(row["se"]) == pytest.approx(told.se, rel=1e-4)
    assert row["derivation"]
    assert row["finals"]


def check_nothing_unreleased(bundle: Bundle) -> None:
    """What was answered in the round that is open is nowhere; what was released is there."""
    votes = bundle.table("votes_long")
    assert {(row["stage"], row["round"]) for row in votes} == {("title_abstract", "1"), ("full_text", "1")}
    assert len([row for row in votes if row["stage"] == "full_text"]) == 2 * 5
    whole = b"\n".join(bundle.files.values()).decode("utf-8", errors="replace")
    assert [secret for secret in SECRETS if secret in whole] == []
    assert NOTE_OF_A in whole
    assert BY_HAND in whole
    history = bundle.table("events")
    decided = [row for row in history if row["verb"] == "screening.decided"]
    assert {json.loads(row["new"] or "{}").get("note") for row in decided} & set(SECRETS) == set()
    assert "Titles and abstracts 2" in bundle.files["README.txt"].decode()
