"""Where each record and study stands in the rounds, as far as everybody may know it.

Which round holds what is fixed when the round opens, so it tells nothing of any answer. What the answers came to is
read from released rounds only; a round that is open says "in a round" and nothing else, whatever was answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from reviewapp.gate import Viewer
from reviewapp.models.decisions import Standing, Verdict
from reviewapp.models.rounds import Assignment, Round
from reviewapp.selectors.outcomes import outcomes, resolutions

State = Literal["in_round", "unsettled", "include", "exclude"]


@dataclass(frozen=True, slots=True)
class Placed:
    """One record or study in the latest round that holds it.

    ``state``: in a round that is not released; a conflict (or a missing answer) not settled; include; exclude.
    ``reason`` is the label of the primary reason, ``resolved`` tells that a resolution decided.
    """

    round: Round
    state: State
    reason: str = ""
    purpose: str = ""
    resolved: bool = False


def placed(viewer: Viewer, stage: str) -> dict[UUID, Placed]:
    """Return by uid every record (titles and abstracts) or study (full text) that a round of the stage holds."""
    rounds = {
        row.pk: row
        for row in Round.objects.select_related("review").filter(review_id=viewer.review_id, stage=stage)
    }
    latest: dict[UUID, Round] = {}
    for round_id, unit in _held(viewer, stage):
        held = rounds[round_id]
        if unit not in latest or latest[unit].number < held.number:
            latest[unit] = held
    found: dict[UUID, Placed] = {
        unit: Placed(held, "in_round" if held.closed_at is None else "unsettled")
        for unit, held in latest.items()
    }
    for held in rounds.values():
        if held.closed_at is not None:
            told = _told(viewer, held)
            found |= {unit: what for unit, what in told.items() if latest.get(unit) == held}
    return found


def _held(viewer: Viewer, stage: str) -> list[tuple[int, UUID]]:
    rows = Assignment.objects.for_system("which round holds what: fixed at its opening, carries no answer")
    rows = rows.filter(review_id=viewer.review_id, round__stage=stage)
    return list(rows.order_by().values_list("round_id", "unit").distinct())


def _told(viewer: Viewer, round_: Round) -> dict[UUID, Placed]:
    labels = _reason_labels(viewer, round_)
    found: dict[UUID, Placed] = {}
    for unit, what in outcomes(viewer, round_).items():
        if what.state != "agreed":
            continue
        state: State = "include" if what.verdict == Verdict.INCLUDE else "exclude"
        found[unit] = Placed(round_, state, labels.get((unit, what.reason), ""), what.purpose)
    for unit, row in resolutions(viewer, round_).items():
        state = "exclude" if row.verdict == Verdict.EXCLUDE else "include"
        label = row.reason.label if row.reason else ""
        found[unit] = Placed(round_, state, label, row.purpose, resolved=True)
    return found


def _reason_labels(viewer: Viewer, round_: Round) -> dict[tuple[UUID, int | None], str]:
    rows = Standing.objects.visible_to(viewer).filter(round=round_, decision__reason__isnull=False)
    listed = rows.order_by("unit", "decision__reason__label").values_list(
        "unit", "decision__reason__position", "decision__reason__label"
    )
    return {(unit, position): label for unit, position, label in listed}
