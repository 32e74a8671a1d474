"""Released rounds with known answers."""

from typing import Any

from reviewapp.models.rounds import Assignment
from reviewapp.services import rounds, screening
from tests.conftest import Person, Team, add_records


def open_titles(team: Team, number: int, *people: Person) -> Any:
    """Open a round on ``number`` new records; for alice and bob unless others are named."""
    add_records(team, number)
    seats = [person.seat.uid for person in people or (team.alice, team.bob)]
    return rounds.open_round(actor=team.dora.viewer, stage="title_abstract", seats=seats, seed="s")


def answer(person: Person, round_: Any, verdicts: list[str]) -> None:
    """Answer a person's records in the order of the records' ids, so that two people's answers pair up."""
    mine = Assignment.objects.of_author(person.viewer).filter(round=round_).order_by("unit")
    for one, verdict in zip(mine, verdicts, strict=True):
        screening.decide(actor=person.viewer, assignment_uid=one.uid, verdict=verdict)


def released(team: Team, pairs: list[tuple[str, str]]) -> Any:
    """Release a round of alice and bob with these answers."""
    round_ = open_titles(team, len(pairs))
    answer(team.alice, round_, [first for first, _ in pairs])
    answer(team.bob, round_, [second for _, second in pairs])
    rounds.close_round(actor=team.dora.viewer, round_uid=round_.uid)
    round_.refresh_from_db()
    return round_


def known() -> list[tuple[str, str]]:
    """Twenty pairs: 4 both in (one by maybe), 1 and 2 apart, 13 both out."""
    return [
        *[("include", "include")] * 3,
        ("maybe", "include"),
        ("include", "exclude"),
        *[("exclude", "include")] * 2,
        *[("exclude", "exclude")] * 13,
    ]
