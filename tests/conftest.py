"""The people of every test: alice and bob review, carol adjudicates, dora leads, eve is outside."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("DYAD_PLAIN_STATIC", "1")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

PASSWORD = "a long enough pass phrase"


@pytest.fixture(autouse=True)
def _plain(settings: Any, tmp_path: Path) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.DEMO = False
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@dataclass
class Person:
    """A user with a seat, and the viewer that the seat gives."""

    user: Any
    seat: Any
    viewer: Any


@dataclass
class Team:
    """A review with its people."""

    review: Any
    alice: Person
    bob: Person
    carol: Person
    dora: Person
    eve: Any


def make_team(title: str = "Bisphosphonates in children", prefix: str = "") -> Team:
    """Open a review with the usual people and a complete protocol."""
    from reviewapp.models.people import User
    from reviewapp.selectors.seats import place_of
    from reviewapp.services import reviews

    def user(name: str) -> Any:
        return User.objects.create_user(f"{prefix}{name}@example.org", PASSWORD, name=name.title())

    dora = user("dora")
    review, lead_seat = reviews.open_review(user=dora, title=title)
    lead = place_of(lead_seat).viewer

    def seat(name: str, *roles: str) -> Person:
        person = user(name)
        given = reviews.seat_person(actor=lead, user=person, roles=roles)
        return Person(person, given, place_of(given).viewer)

    reviews.set_protocol(actor=lead, changes={"disagreement_process": "A third person settles."})
    reviews.set_criteria(actor=lead, criteria=[("title_abstract", "include", "Children")])
    reviews.set_reasons(actor=lead, labels=["Not children", "No bisphosphonate", "No bone outcome"])
    review.refresh_from_db()
    return Team(
        review=review,
        alice=seat("alice", "reviewer", "extractor"),
        bob=seat("bob", "reviewer", "extractor"),
        carol=seat("carol", "adjudicator"),
        dora=Person(dora, lead_seat, lead),
        eve=user("eve"),
    )


@pytest.fixture
def team(db: None) -> Team:
    """A review with alice, bob, carol and dora; eve has no seat."""
    return make_team()


def add_records(team: Team, number: int, *, other: int = 0) -> list[Any]:
    """Put records into a review without a file: ``other`` of them come from a hand search."""
    from reviewapp.models.records import Citation, ImportBatch, Membership, Record, Source

    made = []
    for kind, count, name in (("database", number, "MEDLINE"), ("other", other, "Hand search")):
        if not count:
            continue
        source, _ = Source.objects.get_or_create(review=team.review, name=name, kind=kind)
        batch = ImportBatch.objects.create(
            review=team.review,
            source=source,
            file_name=f"{name}.ris",
            sha256="0" * 64,
            size=1,
            state=ImportBatch.State.VISIBLE,
            found=count,
            stored=count,
        )
        for position in range(1, count + 1):
            facts = {
                "title": f"{name} trial {position} of pamidronate in children",
                "authors": [f"Author{position}, A."],
                "year": 1990 + position % 30,
            }
            citation = Citation.objects.create(
                review=team.review, batch=batch, position=position, line=position, raw="", **facts
            )
            record = Record.objects.create(review=team.review, batch=batch, via=kind, **facts)
            Membership.objects.create(review=team.review, citation=citation, record=record)
            made.append(record)
    return made


@pytest.fixture
def records(team: Team) -> list[Any]:
    """Six records from a database."""
    return add_records(team, 6)


@pytest.fixture
def open_titles(team: Team, records: list[Any]) -> Any:
    """A round of titles and abstracts on the six records, for alice and bob."""
    from reviewapp.services.rounds import open_round

    return open_round(
        actor=team.dora.viewer,
        stage="title_abstract",
        seats=[team.alice.seat.uid, team.bob.seat.uid],
        seed="s",
    )


@pytest.fixture
def queue() -> Callable[[Person, Any], list[Any]]:
    """Return a person's assignments in a round, in their order."""
    from reviewapp.models.rounds import Assignment

    def of(person: Person, round_: Any) -> list[Any]:
        return list(Assignment.objects.of_author(person.viewer).filter(round=round_).order_by("order"))

    return of


@pytest.fixture
def sign_in(client: Any) -> Callable[[Person], Any]:
    """Return the test client signed in as a person."""

    def as_(person: Person) -> Any:
        client.force_login(person.user)
        return client

    return as_
