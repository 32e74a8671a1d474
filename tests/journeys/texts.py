"""The stretches of the road from reports to final values: studies, full texts, entries, reconciliation."""

from __future__ import annotations

import re
from io import BytesIO

from playwright.sync_api import expect
from pypdf import PdfWriter

from tests.journeys.people import Person
from tests.journeys.road import Team
from tests.journeys.trials import EFFICACY, SERIES, Trial

BY_HAND = "Thesis on alendronate in Duchenne dystrophy"
READ = "Read on paper."
NOT_FOUND = "Asked for at three libraries."
REASON = "No bisphosphonate"


def pdf(pages: int) -> bytes:
    """Return a PDF of empty pages."""
    writer, made = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    writer.write(made)
    return made.getvalue()


def study_labels(lead: Person) -> dict[str, str]:
    """Return the label of each study by the title of its first report, as the studies page lists them."""
    rows = lead.at("studies/").locator("tbody tr")
    return {
        row.locator("td").first.locator("span").first.inner_text(): row.locator("th a").inner_text()
        for row in rows.all()
        if row.locator("th").count()
    }


def open_study(lead: Person, label: str) -> None:
    lead.at("studies/").get_by_role("link", name=label, exact=True).click()
    expect(lead.heading()).to_have_text(label)


def set_document(lead: Person, report: str, state: str, why: str = "") -> None:
    """Say where the document of a report of the open study stands."""
    section = lead.page.get_by_role("region", name=report, exact=True)
    section.locator("summary", has_text="Where the document stands").click()
    section.get_by_label("The document").select_option(label=state)
    lead.fill("Why", why, inside=section)
    lead.press("Store where it stands", inside=section)
    expect(lead.page.get_by_role("region", name=report, exact=True).locator(".head-rule")).to_contain_text(
        state
    )


def group(lead: Person, first: str, second: str) -> str:
    """Make two studies one, and return its label."""
    page = lead.at("studies/")
    for label in (first, second):
        page.get_by_label(label, exact=True).check()
    lead.press("Make the ticked studies one")
    expect(lead.page.locator(".page-head .lede")).to_contain_text("2 reports, judged and extracted together")
    return lead.heading().inner_text()


def add_by_hand(lead: Person) -> None:
    """A report that no database holds, which could not be had."""
    lead.at("studies/add/")
    lead.page.locator("#id_title").fill(BY_HAND)
    lead.page.locator("#id_kind").fill("thesis")
    lead.page.locator("#id_label").fill("Thesis 2004")
    lead.page.locator("#id_why").fill("Named by an expert, March 2006.")
    lead.press("Add the report")
    expect(lead.heading()).to_have_text("Thesis 2004")
    set_document(lead, BY_HAND, "Not retrieved", NOT_FOUND)


def prepare_studies(lead: Person, titles: list[str]) -> list[str]:
    """Six reports become five studies with their documents; returns the labels, the grouped study last."""
    labels = study_labels(lead)
    assert set(labels) == set(titles)
    whole = group(lead, labels[titles[4]], labels[titles[5]])
    primary, secondary = (titles[4], titles[5]) if whole == labels[titles[4]] else (titles[5], titles[4])
    set_document(lead, secondary, "Not retrieved", NOT_FOUND)
    set_document(lead, primary, "Retrieved", READ)
    for title in titles[1:4]:
        open_study(lead, labels[title])
        set_document(lead, title, "Retrieved", READ)
    open_study(lead, labels[titles[0]])
    lead.page.locator("input[type=file]").set_input_files(
        {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": pdf(3)}
    )
    lead.press("Bring the PDF in")
    expect(lead.page.locator(".files")).to_contain_text("3 pages")
    add_by_hand(lead)
    return [labels[title] for title in titles[:4]] + [whole]


def judge(person: Person, answers: dict[str, tuple[str, str]]) -> None:
    """Judge every study of the full-text round: (include, purpose) or (exclude, reason)."""
    person.go_on_screening("texts")
    for done in range(len(answers)):
        person.has_answered(done, len(answers), finished=False)
        form = person.page.locator("form.decision")
        verdict, more = answers[form.get_by_role("heading", level=1).inner_text()]
        form.locator(f'input[name="verdict"][value="{verdict}"]').check()
        form.get_by_label(re.compile(rf"^\s*{re.escape(more)}")).check()
        person.press("Save and next")
    person.has_answered(len(answers), len(answers))


def full_texts(team: Team, labels: list[str]) -> dict[str, Trial]:
    """The full-text round, judged by both and released; returns what each included study prints."""
    efficacy = [labels[0], labels[1], labels[4]]
    answers = dict.fromkeys(efficacy, ("include", "Efficacy and harms"))
    answers |= {labels[2]: ("include", "Harms only"), labels[3]: ("exclude", REASON)}
    team.lead.open_round("texts")
    judge(team.a, answers)
    judge(team.b, answers)
    team.lead.release_round("texts")
    return {**dict(zip(efficacy, EFFICACY, strict=True)), labels[2]: SERIES}


def hand_out(lead: Person, studies: int = 4) -> None:
    """Two forms from presets; the included studies go to the two extractors."""
    for preset in ("Bone density in children", "Harms of a series"):
        lead.at("extraction/").get_by_label("Add a form").select_option(label=preset)
        lead.press("Add")
        expect(lead.page.get_by_role("status").first).to_contain_text(f"The form “{preset}” is ready.")
    lead.page.get_by_label("Form", exact=True).select_option(label="Bone density in children")
    lead.press("Hand out")
    expect(lead.page.get_by_role("status").first).to_contain_text(
        f"{studies} studies are handed out." if studies > 1 else "1 study is handed out."
    )


def fill_entry(person: Person, label: str, trial: Trial, *, second: bool) -> None:
    """Fill one's entry as the report prints it, and leave it open on the page."""
    row_of_list = person.at("extraction/").get_by_role("row").filter(has_text=trial.form)
    row_of_list.get_by_role("link", name=label, exact=True).click()
    for key, rows in trial.groups.items():
        for number, cells in enumerate(rows, start=1):
            row = key if key == "study" else f"{key}-{number}"
            if key != "study":
                person.page.locator(f"#g-{key} > p button[name=add]").click()
                expect(person.page.locator(f"#r-{key}-{row}")).to_be_visible()
            for name, text in cells.items():
                typed = trial.other.get((key, number - 1, name), text) if second else text
                put(person, f"#c-{key}-{row}-{name}", typed)


def put(person: Person, place: str, text: str) -> None:
    """Write into a cell, or choose in a list."""
    cell = person.page.locator(place)
    if cell.evaluate("one => one.tagName") == "SELECT":
        cell.select_option(text)
    else:
        cell.fill(text)


def enter(person: Person, trials: dict[str, Trial], *, second: bool = False) -> None:
    """Fill and submit every entry that was handed out."""
    for label, trial in trials.items():
        fill_entry(person, label, trial, second=second)
        person.press("Submit the entry")
        expect(person.page.get_by_role("status").first).to_contain_text(
            "Both entries are in" if second else f"Your entry for {label} is in."
        )


def reconcile(adjudicator: Person, trials: dict[str, Trial]) -> None:
    """Settle what differs, as the report prints it, and complete every study."""
    for label, trial in trials.items():
        adjudicator.at("extraction/").get_by_role("link", name=label, exact=True).first.click()
        page = adjudicator.page
        expect(page.locator(".bar-row")).to_contain_text(f"0 of {differing(trial)} differences settled")
        for key, number, name in trial.other:
            right, wrong = trial.groups[key][number][name], trial.other[key, number, name]
            if float(right) != float(wrong):
                choices = page.locator("fieldset.differ").filter(has_text=wrong).locator("label.choice")
                choices.filter(has_text=right).get_by_role("radio").check()
        adjudicator.press("Save and complete" if trial.other else "Complete the study")
        expect(page.get_by_role("status").first).to_contain_text(f"{label} is reconciled.")


def differing(trial: Trial) -> int:
    """Return how many cells the second extractor typed with another value; other digits of one value are equal."""
    pairs = [(float(trial.groups[key][n][name]), float(text)) for (key, n, name), text in trial.other.items()]
    return sum(one != two for one, two in pairs)
