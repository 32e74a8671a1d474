"""A person at a browser: what they do on the pages, in their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

PASSWORD = "a long enough pass phrase"
CHANGING = re.compile(r'(name="(?:csrfmiddlewaretoken|once)"\s+value=")[^"]*|("X-CSRFToken": ")[^"]*')


@dataclass
class Person:
    """Somebody with a browser context of their own. ``review`` is the address of the review's landing page."""

    name: str
    page: Page
    site: str
    review: str = ""
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def at(self, path: str) -> Page:
        """Go to a page of the review, such as ``sources/``."""
        self.page.goto(self.review + path)
        return self.page

    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def press(self, name: str, *, inside: Locator | None = None) -> None:
        """Press the button that is called so."""
        (inside or self.page).get_by_role("button", name=name, exact=True).click()

    def press_beginning(self, words: str) -> None:
        """Press the button whose name begins so."""
        self.page.get_by_role("button", name=re.compile(rf"^\s*{re.escape(words)}")).click()

    def fill(self, label: str, text: str, *, inside: Locator | None = None) -> None:
        """Write into the field whose label begins so."""
        (inside or self.page).get_by_label(re.compile(rf"^\s*{re.escape(label)}")).first.fill(text)

    def sees(self, path: str) -> str:
        """Return a page of the review as sent by the site, without what is new on every page."""
        answer = self.page.request.get(self.review + path)
        assert answer.ok, f"{path}: {answer.status}"
        return CHANGING.sub(r"\1\2", answer.text())

    # signing in, the review, its people

    def sign_in(self, email: str, password: str) -> None:
        self.page.goto(self.site)
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.press("Sign in")
        expect(self.heading()).to_have_text("Your reviews")

    def open_review(self, title: str) -> None:
        self.page.goto(self.site)
        self.fill("Title", title)
        self.press("Open the review")
        expect(self.heading()).to_have_text("Protocol")
        self.review = self.page.url.removesuffix("protocol/")

    def write_protocol(self, **fields: str) -> None:
        self.at("protocol/")
        for name, text in fields.items():
            self.page.locator(f"#id_{name}").fill(text)
        self.press("Store the protocol")
        expect(self.page.get_by_role("status").first).to_contain_text("The protocol was stored.")

    def invite(self, name: str, *roles: str) -> str:
        """Return the link that gives the seat."""
        self.at("team/")
        section = self.page.get_by_role("region", name="Invite someone")
        self.fill("Name", name, inside=section)
        for role in roles:
            section.get_by_label(role, exact=True).check()
        self.press("Make a link", inside=section)
        link = self.page.locator(".notice code").inner_text()
        assert link.startswith(self.site)
        return link

    def join(self, link: str) -> None:
        """Make an account through the link, and sit."""
        self.page.goto(link)
        self.fill("Your name", self.name)
        self.fill("E-mail", f"{self.name.lower()}@example.org")
        self.fill("Password", PASSWORD)
        self.press("Make an account and take the seat")
        expect(self.heading()).to_have_text("Where are we")
        self.review = self.page.url

    # sources, files, duplicates

    def add_source(self, name: str, kind: str, **more: str) -> None:
        self.at("sources/")
        fold = self.page.locator("details", has_text="Add a source")
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
        self.page.locator("#id_name").fill(name)
        self.page.locator("#id_kind").select_option(label=kind)
        for field_name, value in more.items():
            if field_name == "route":
                self.page.locator("#id_route").select_option(label=value)
            else:
                self.page.locator(f"#id_{field_name}").fill(value)
        self.press("Add the source")
        expect(self.heading()).to_have_text(name)

    def bring_in(self, file: Path) -> None:
        """Upload a file on the source's page and wait until its import report says what became of it."""
        self.page.locator("#files").set_input_files(file)
        self.press("Bring in")
        expect(self.heading()).to_contain_text("stored,")

    def waits_for_work(self, path: str) -> None:
        """Stay on a page until no long work is shown on it."""
        self.at(path)
        expect(self.page.locator("progress.wide")).to_have_count(0)

    # rounds and answers

    def open_round(self, stage: str, size: int | None = None, kind: str = "Batch") -> None:
        self.at(f"{stage}/")
        section = self.page.get_by_role("region", name="Open a round")
        if size is not None:
            section.get_by_label("How many").fill(str(size))
        section.get_by_label(re.compile(rf"^\s*{kind}")).check()
        self.press("Open the round", inside=section)
        expect(self.page.get_by_role("status").first).to_contain_text("The round is open.")

    def release_round(self, stage: str) -> None:
        self.at(f"{stage}/")
        self.press("Release")
        expect(self.page.get_by_role("status").first).to_contain_text("The round is released.")

    def go_on_screening(self, stage: str) -> None:
        """Open one's queue from the list of rounds."""
        self.at(f"{stage}/")
        self.page.get_by_role("link", name="Continue").first.click()

    def title(self) -> str:
        return self.page.locator("article.record h1").inner_text()

    def has_answered(self, done: int, total: int, *, finished: bool = True) -> None:
        """See one's own progress stand at so many; at the end there is the list of one's answers."""
        if finished:
            expect(self.heading()).to_have_text("You have answered everything")
        expect(self.page.locator(".progress").first).to_contain_text(f"{done} of {total}")

    def press_key(self, key: str) -> None:
        """Press a key of the page; a page that has just arrived listens once its scripts have run."""
        self.page.wait_for_load_state("domcontentloaded")
        self.page.keyboard.press(key)

    def answer_by_click(self, answer: str) -> None:
        self.press_beginning(answer)

    # conflicts

    def opens_conflict(self, title: str) -> None:
        self.at("conflicts/")
        self.page.get_by_role("link", name=title, exact=True).click()
        expect(self.page.locator("article.record")).to_be_visible()


class Meeting:
    """Everybody's browser contexts."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.people: list[Person] = []
        self._contexts: list[BrowserContext] = []

    def person(self, name: str, site: str, **context: Any) -> Person:
        """Give a person a browser context of their own."""
        opened = self.browser.new_context(
            accept_downloads=True, reduced_motion="reduce", viewport={"width": 1280, "height": 900}, **context
        )
        opened.set_default_timeout(30_000)
        self._contexts.append(opened)
        self.people.append(Person(name, opened.new_page(), site))
        return self.people[-1]

    def complaints(self) -> Iterator[str]:
        """Yield what any browser complained about."""
        for person in self.people:
            yield from (f"{person.name}: {complaint}" for complaint in person.complaints)

    def end(self) -> None:
        """Close the browsers; fail if one of them has complained."""
        said = list(self.complaints())
        for context in self._contexts:
            context.close()
        assert said == []
