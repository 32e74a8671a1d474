"""A hand-made review with known PRISMA numbers: nine citations, five records, every way that a report can end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.conftest import Person, Team

REASONS = ("Not children", "No bisphosphonate", "No bone outcome")


@dataclass
class Made:
    """The review, its records by short name, and its rounds."""

    team: Team
    records: dict[str, Any]
    titles: Any = None
    texts: Any = None


def source(team: Team, name: str, kind: str, **more: Any) -> Any:
    from reviewapp.models.records import ImportBatch, Source

    made = Source.objects.create(review=team.review, name=name, kind=kind, **more)
    return ImportBatch.objects.create(
        review=team.review,
        source=made,
        file_name=f"{name}.ris",
        sha256="0" * 64,
        size=1,
        state=ImportBatch.State.VISIBLE,
    )


def copy(batch: Any, position: int, title: str, record: Any = None, **more: Any) -> Any:
    """Add a citation; it starts a record, or is a copy of the one given. Returns the record."""
    from reviewapp.models.records import Citation, Membership, Record

    facts = {"title": title, "authors": [f"{title}, A."], "year": 2001, **more}
    citation = Citation.objects.create(
        review=batch.review, batch=batch, position=position, line=position, raw="", **facts
    )
    if record is None:
        via = "other" if batch.source.kind == "other" else "database"
        told = {key: facts[key] for key in ("title", "authors", "year")}
        record = Record.objects.create(review=batch.review, batch=batch, via=via, **told)
    Membership.objects.create(review=batch.review, citation=citation, record=record)
    return record


def found(team: Team) -> Made:
    """Three sources: 5 in MEDLINE, 2 in a register (1 a copy), 3 by hand (1 a copy of MEDLINE's, 1 of its own)."""
    medline = source(team, "MEDLINE", "database")
    register = source(team, "ClinicalTrials", "register")
    hand = source(team, "Hand search", "other", route="hand_search")
    names = ("Adams", "Brown", "Clark", "Davis", "Evans")
    records = {name: copy(medline, n, name) for n, name in enumerate(names, start=1)}
    copy(register, 1, "Adams", records["Adams"])
    records["Fisher"] = copy(register, 2, "Fisher")
    copy(hand, 1, "Brown", records["Brown"])
    records["Green"] = copy(hand, 2, "Green")
    copy(hand, 3, "Green", records["Green"])
    return Made(team, records)


def assignments(person: Person, round_: Any) -> list[Any]:
    from reviewapp.models.rounds import Assignment

    return list(
        Assignment.objects.of_author(person.viewer)
        .filter(round=round_)
        .select_related("record", "study")
        .order_by("order")
    )


def answer(person: Person, round_: Any, verdicts: dict[str, Any]) -> None:
    """Answer everything in a round by the record's title or the study's label; (reason, purpose) where it is a text."""
    from reviewapp.models.reviews import ExclusionReason
    from reviewapp.services.screening import decide

    for one in assignments(person, round_):
        name = one.record.title if one.record else one.study.label.split()[0]
        verdict, *more = verdicts[name] if isinstance(verdicts[name], tuple) else (verdicts[name],)
        reason = ExclusionReason.objects.filter(review=round_.review, label__in=more).first()
        decide(
            actor=person.viewer,
            assignment_uid=one.uid,
            verdict=verdict,
            reason_uid=reason.uid if reason else None,
            purpose=more[0] if more and reason is None else "",
            note=f"{person.seat.name} on {name}",
        )


def open_round(made: Made, stage: str) -> Any:
    from reviewapp.services.rounds import open_round as service

    team = made.team
    seats = [team.alice.seat.uid, team.bob.seat.uid]
    return service(actor=team.dora.viewer, stage=stage, seats=seats, seed="s")


TITLES = {
    "alice": {"Adams": "include", "Brown": "include", "Clark": "exclude", "Davis": "include"},
    "bob": {"Adams": "include", "Brown": "maybe", "Clark": "exclude", "Davis": "exclude"},
}
BOTH = {"Evans": "include", "Fisher": "include"}


def screened(team: Team) -> Made:
    """Titles released: Adams, Brown, Evans, Fisher go on, Clark is excluded, Davis is a conflict; Green enters."""
    from reviewapp.services.rounds import close_round

    made = found(team)
    made.titles = open_round(made, "title_abstract")
    answer(team.alice, made.titles, TITLES["alice"] | BOTH)
    answer(team.bob, made.titles, TITLES["bob"] | BOTH)
    close_round(actor=team.dora.viewer, round_uid=made.titles.uid)
    return made


def set_retrieval(team: Team, name: str, state: str) -> None:
    from reviewapp.models.studies import Retrieval

    current = Retrieval.objects.get(review=team.review, report__title=name, is_current=True)
    Retrieval.objects.filter(pk=current.pk).update(is_current=False)
    Retrieval.objects.create(
        review=team.review, report=current.report, state=state, version=current.version + 1
    )


TEXTS = {
    "Adams": ("include", "efficacy"),
    "Brown": ("include", "harms_only"),
    "Green": ("exclude", REASONS[1]),
}


def texts_open(team: Team) -> Made:
    """Evans is not retrieved, Fisher is not available to us and in no round; the rest is in an open round."""
    made = screened(team)
    set_retrieval(team, "Evans", "not_retrieved")
    for name in ("Adams", "Brown", "Green"):
        set_retrieval(team, name, "retrieved")
    made.texts = open_round(made, "full_text")
    set_retrieval(team, "Fisher", "not_available")
    return made


def judged(team: Team) -> Made:
    """Full texts released: Adams efficacy, Brown harms only, Green excluded for its first reason in order."""
    from reviewapp.services.rounds import close_round

    made = texts_open(team)
    answer(team.alice, made.texts, TEXTS)
    answer(team.bob, made.texts, TEXTS | {"Green": ("exclude", REASONS[2])})
    close_round(actor=team.dora.viewer, round_uid=made.texts.uid)
    return made
