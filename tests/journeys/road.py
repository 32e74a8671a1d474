"""The stretches of the road from the files to the settled conflicts: what is done, and what must be seen there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.people import Meeting, Person
from tests.journeys.site import Site

TITLE = "Bisphosphonates for bone loss in children"
PROTOCOL = {
    "question": "Do bisphosphonates raise bone density in children with secondary osteoporosis, and harm whom?",
    "criteria": "+ Children or adolescents\n+ A bisphosphonate by any route\n? Age not stated\n- Osteogenesis imperfecta",
    "reasons": "Not children\nNo bisphosphonate\nNo outcome of bone or harm",
    "words_for": "pamidronate, alendronate, children",
    "words_against": "adults",
    "disagreement_process": "A third person reads the record, answers, and then settles.",
}
SOURCES = [
    (
        "MEDLINE",
        "Database",
        "citations_pubmed.nbib",
        {"platform": "PubMed", "searched_words": "October 2006"},
    ),
    ("Embase", "Database", "citations_embase.ris", {"platform": "Embase.com"}),
    ("CENTRAL", "Database", "citations_central.ris", {"issue": "2006, Issue 4"}),
    ("CINAHL", "Database", "citations_cinahl.ris", {"platform": "EBSCO"}),
    ("Science Citation Index", "Database", "citations_wos.ciw", {"platform": "Web of Science"}),
    ("Hand search", "Other method", "citations_handsearch.csv", {"route": "Hand search"}),
]
PILOT = 8
A_ANSWERS = ["include", "maybe", "exclude", "exclude", "include", "include", "include", "include"]
B_ANSWERS = ["include", "include", "exclude", "include", "include", "exclude", "include", "include"]
KEYS = {"include": "i", "maybe": "m", "exclude": "e"}
NOTE_OF_A = "No comparator that I can see."


@dataclass
class Team:
    """The four people of the journey."""

    lead: Person
    a: Person
    b: Person
    adjudicator: Person


def gather(site: Site, meeting: Meeting) -> Team:
    """The lead signs in and opens the review; the others join by link."""
    lead, a, b, adjudicator = (
        meeting.person(name, site.address + "/") for name in ("Dora", "Alice", "Bob", "Carol")
    )
    lead.sign_in(*site.first_lead())
    lead.open_review(TITLE)
    lead.write_protocol(**PROTOCOL)
    a.join(lead.invite("Alice", "Reviewer", "Extractor"))
    b.join(lead.invite("Bob", "Reviewer", "Extractor"))
    adjudicator.join(lead.invite("Carol", "Adjudicator"))
    return Team(lead, a, b, adjudicator)


def bring_files(lead: Person, folder: Path) -> None:
    """Six sources, six files, and the numbers of the whole: 289 citations, 162 copies removed, 127 records."""
    for name, kind, file, more in SOURCES:
        lead.add_source(name, kind, **more)
        lead.bring_in(folder / file)
    lead.waits_for_work("sources/")
    expect(lead.heading()).to_have_text("289 citations from 6 files")


def curate(lead: Person) -> None:
    """Settle what no rule was sure of, if anything; then the copies are gone and the records stand."""
    lead.waits_for_work("duplicates/")
    merged = re.compile(r"(\d+) copies were merged")
    lead.at("duplicates/")
    while lead.page.get_by_role("button", name="Two reports of one study: link").is_visible():
        kind = lead.heading().inner_text()
        waiting = lead.page.locator("#others + span").inner_text()
        lead.press_beginning("Two reports" if "two reports" in kind else "One document")
        expect(lead.page.locator("#others + span")).not_to_have_text(waiting)
    expect(lead.page.locator("main")).to_contain_text(merged)
    expect(lead.page.get_by_role("link", name=re.compile("162 copies were merged"))).to_be_visible()
    lead.at("records/")
    expect(lead.heading()).to_have_text("127 records")


def screen_by_keys(a: Person) -> dict[str, str]:
    """Reviewer A answers the pilot by keyboard, takes one answer back, writes a note; returns the answers by title."""
    given: dict[str, str] = {}
    a.go_on_screening("titles")
    for done, answer in enumerate(A_ANSWERS):
        a.has_answered(done, PILOT, finished=False)
        title = a.title()
        if done == 1:  # a slip, taken back: the record is there again, without an answer
            a.press_key("e")
            a.has_answered(2, PILOT, finished=False)
            a.press_key("u")
            a.has_answered(1, PILOT, finished=False)
            expect(a.page.locator("article.record h1")).to_have_text(title)
        if done == 2:
            a.press_key("n")
            a.page.keyboard.type(NOTE_OF_A)
            a.page.get_by_label(re.compile(r"^\s*Your note")).blur()
        given[title] = answer
        a.press_key(KEYS[answer])
    a.has_answered(PILOT, PILOT)
    assert len(given) == PILOT
    expect(a.page.locator("tbody tr", has_text=NOTE_OF_A)).to_have_count(1)
    return given


def screen_by_clicks(b: Person, order: list[str]) -> dict[str, str]:
    """Reviewer B answers the same records, in B's own order, by click."""
    planned = dict(zip(order, B_ANSWERS, strict=True))
    b.go_on_screening("titles")
    for done in range(PILOT):
        b.has_answered(done, PILOT, finished=False)
        b.answer_by_click(planned[b.title()].capitalize())
    b.has_answered(PILOT, PILOT)
    return planned


def pages_of(person: Person, *more: str) -> dict[str, str]:
    """Return the pages on which one reviewer could learn of the other."""
    paths = ["", "titles/", "texts/", "conflicts/", "records/", "history/", "team/", "protocol/", *more]
    return {path: person.sees(path) for path in paths}


def settle(adjudicator: Person, title: str, first: str, verdict: str, why: str) -> None:
    """The adjudicator answers, then sees A and B, then settles with a reason."""
    adjudicator.opens_conflict(title)
    sides = adjudicator.page.get_by_role("region", name="The two answers")
    expect(sides).to_have_count(0)
    adjudicator.answer_by_click(first.capitalize())
    expect(sides.locator(".badge.is-include")).to_have_count(1 + (first == "include"))
    expect(sides.locator(".badge.is-exclude")).to_have_count(1 + (first == "exclude"))
    adjudicator.fill("Why this stands", why)
    adjudicator.answer_by_click(verdict.capitalize())
    expect(adjudicator.page.get_by_role("status").first).to_contain_text("Settled.")


def screen_pilot(team: Team) -> list[str]:
    """A pilot of eight: both answer blind, the lead releases, the conflicts are settled; returns what goes on."""
    team.lead.open_round("titles", size=PILOT, kind="Pilot")
    by_a = screen_by_keys(team.a)
    round_page = team.a.page.url.removeprefix(team.a.review).partition("?")[0]
    before = pages_of(team.a, round_page)
    by_b = screen_by_clicks(team.b, list(by_a))
    assert pages_of(team.a, round_page) == before
    expect(team.lead.at("titles/").locator("td", has_text="2 of 2")).to_be_visible()
    assert NOTE_OF_A not in team.b.sees(round_page)
    team.lead.release_round("titles")
    assert pages_of(team.a, round_page) != before  # the comparison sees a difference when there is one
    torn = [title for title in by_a if "exclude" in (by_a[title], by_b[title]) and by_a[title] != by_b[title]]
    assert len(torn) == 2
    settle(team.adjudicator, torn[0], "maybe", "include", "The children took alendronate.")
    settle(team.adjudicator, torn[1], "exclude", "exclude", "Adults only.")
    return [title for title in by_a if "exclude" not in (by_a[title], by_b[title])] + [torn[0]]
