"""Every form works where no script runs: answers, conflicts and entries by plain pages and buttons."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import road, texts
from tests.journeys.citations import ris
from tests.journeys.people import Meeting, Person
from tests.journeys.site import Site, until
from tests.journeys.trials import WITH_SDS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ANSWERS = [("Include", "Include"), ("Include", "Exclude"), ("Exclude", "Exclude")]


def without_script(site: Site, meeting: Meeting) -> road.Team:
    """The four people of a review, in browsers that run no script."""
    names = ("Dora", "Alice", "Bob", "Carol")
    people = [meeting.person(name, site.address + "/", java_script_enabled=False) for name in names]
    lead, a, b, adjudicator = people
    lead.sign_in(*site.first_lead())
    lead.open_review(road.TITLE)
    lead.write_protocol(**road.PROTOCOL)
    a.join(lead.invite("Alice", "Reviewer", "Extractor"))
    b.join(lead.invite("Bob", "Reviewer", "Extractor"))
    adjudicator.join(lead.invite("Carol", "Adjudicator"))
    return road.Team(lead, a, b, adjudicator)


def bring_in(site: Site, lead: Person, file: Path) -> None:
    """Upload a file; the page of long work is loaded again by its link."""
    lead.add_source("MEDLINE", "Database")
    lead.page.locator("#files").set_input_files(file)
    lead.press("Bring in")

    def done() -> bool:
        lead.page.reload()
        return "stored," in lead.heading().inner_text()

    until(done, site.said)


def screen(person: Person, answers: dict[str, str]) -> None:
    person.go_on_screening("titles")
    for done in range(len(answers)):
        person.has_answered(done, len(answers), finished=False)
        person.answer_by_click(answers[person.title()])
    person.has_answered(len(answers), len(answers))


def take_back(person: Person, answers: dict[str, str]) -> None:
    """Open an answered record, take the last answer back, and give it again."""
    person.page.get_by_role("link", name=next(iter(answers)), exact=True).click()
    expect(person.page.locator(".keys")).to_contain_text(f"You answered: {next(iter(answers.values()))}")
    person.press_beginning("Undo")
    person.has_answered(len(answers) - 1, len(answers), finished=False)
    person.answer_by_click(answers[person.title()])
    person.has_answered(len(answers), len(answers))


def titles_of(file: Path) -> list[str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("TI  - ") for line in lines if line.startswith("TI  - ")]


def test_answers_conflicts_and_entries_need_no_script(
    plain_site: Site, meeting: Meeting, tmp_path: Path
) -> None:
    team = without_script(plain_site, meeting)
    file = ris(tmp_path / "three.ris", len(ANSWERS))
    bring_in(plain_site, team.lead, file)
    titles = titles_of(file)
    team.lead.open_round("titles")
    screen(team.a, {title: first for title, (first, _) in zip(titles, ANSWERS, strict=True)})
    team.a.page.get_by_role(
        "link", name=titles[0], exact=True
    ).click()  # an answer can be changed, and undone
    expect(team.a.page.locator(".keys")).to_contain_text("You answered: Include")
    screen(team.b, {title: second for title, (_, second) in zip(titles, ANSWERS, strict=True)})
    team.lead.release_round("titles")
    road.settle(team.adjudicator, titles[1], "include", "exclude", "No bisphosphonate was given.")
    expect(team.adjudicator.heading()).to_have_text("Conflicts")

    labels = texts.study_labels(team.lead)
    assert list(labels) == [titles[0]]
    label = labels[titles[0]]
    texts.open_study(team.lead, label)
    texts.set_document(team.lead, titles[0], "Retrieved", texts.READ)
    answers = {label: ("include", "Efficacy and harms")}
    team.lead.open_round("texts")
    texts.judge(team.a, answers)
    texts.judge(team.b, answers)
    team.lead.release_round("texts")
    texts.hand_out(team.lead, studies=1)
    texts.fill_entry(team.a, label, WITH_SDS, second=False)
    team.a.press("Save for later")
    team.a.page.reload()
    for key, rows in WITH_SDS.groups.items():
        for number, cells in enumerate(rows, start=1):
            row = key if key == "study" else f"{key}-{number}"
            for name, text in cells.items():
                expect(team.a.page.locator(f"#c-{key}-{row}-{name}")).to_have_value(text)
    expect(team.b.at("extraction/").get_by_role("row").filter(has_text=label)).to_contain_text("to fill")
