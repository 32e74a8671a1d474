"""The two rounds of titles and abstracts: the first released with its conflicts, the second open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from reviewapp.models.reviews import ExclusionReason
from reviewapp.selectors import outcomes
from reviewapp.selectors import screening as queues
from reviewapp.services import conflicts, rounds
from reviewapp.services.screening import decide
from synthesis.management.demo import facts, records
from synthesis.management.demo.team import Team

TITLES = "title_abstract"
Answers = Mapping[UUID, Mapping[str, Any]]
"""What is answered, by the uid of record or study: seat key -> answer."""


def load(team: Team) -> None:
    """Open, answer and release the first round, settle half of its conflicts, open the second and answer parts of it."""
    uids = records.by_key(team)
    first = _round(team, uids, 1)
    settle(team, first, _settled(uids))
    _round(team, uids, 2)


def _round(team: Team, uids: Mapping[str, UUID], number: int) -> Any:
    told = facts.screening(number)
    answers = {uids[one["record"]]: _with_reasons(one) for one in told["records"]}
    opened = standing(team, TITLES, number) or rounds.open_round(
        actor=team.lead,
        stage=TITLES,
        seats=[team.seats[key].uid for key in team.pair],
        seed=f"demo {number}",
        only=list(answers),
    )
    answer(team, opened, answers)
    return release(team, opened) if told["state"] == "released" else opened


def standing(team: Team, stage: str, number: int) -> Any:
    """Return a round by its stage and number, or None."""
    listed = queues.own_rounds(team.lead)
    return next(
        (view.round for view in listed if (view.round.stage, view.round.number) == (stage, number)), None
    )


def _with_reasons(one: facts.Fact) -> dict[str, Any]:
    """The answers on a record; where the two disagree, the note of an exclusion begins with its reason."""
    found: dict[str, Any] = {}
    for key in ("a", "b"):
        if key in one:
            told = dict(one[key])
            label = facts.reasons().get(told.pop("reason", ""), "")
            words = [label, told.get("note", "")] if "conflict" in one else [told.get("note", "")]
            found[key] = told | {"note": ": ".join(filter(None, words))}
    return found


def answer(team: Team, round_: Any, answers: Answers) -> None:
    """Give the answers of both seats, each in its own order; what is answered already is left alone."""
    for key in team.pair:
        for assignment, answered in queues.queue(team.viewers[key], round_):
            told = answers.get(assignment.unit, {}).get(key) if assignment.unit else None
            if told is not None and not answered and round_.closed_at is None:
                decide(actor=team.viewers[key], assignment_uid=assignment.uid, **told)


def release(team: Team, round_: Any) -> Any:
    """Close a round in which all answers are in; a closed one stays."""
    if round_.closed_at is not None:
        return round_
    return rounds.close_round(actor=team.lead, round_uid=round_.uid)


def _settled(uids: Mapping[str, UUID]) -> Iterable[tuple[UUID, dict[str, Any]]]:
    for one in facts.screening(1)["records"]:
        told = one.get("conflict", {})
        if told.get("state") == "settled":
            yield uids[one["record"]], {"verdict": told["verdict"], "why": told["reason"]}


def settle(team: Team, round_: Any, settled: Iterable[tuple[UUID, dict[str, Any]]]) -> None:
    """Settle conflicts of a released round as the adjudicator, those that are not settled yet."""
    adjudicator = team.viewers["adjudicator"]
    done = outcomes.resolutions(adjudicator, round_)
    for unit, told in settled:
        if unit not in done:
            conflicts.settle(actor=adjudicator, round_uid=round_.uid, unit=unit, **told)


def reason_uids(team: Team) -> dict[str, UUID]:
    """Return the uid of every exclusion reason by its key in the facts."""
    by_label = {
        reason.label: reason.uid
        for reason in ExclusionReason.objects.filter(review=team.review, retired_at__isnull=True)
    }
    return {key: by_label[label] for key, label in facts.reasons().items()}
