"""What the answers of a round come to, record by record."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from reviewapp.gate import Viewer
from reviewapp.models.decisions import Resolution, Standing
from reviewapp.models.reviews import AdvanceRule, Review, Stage
from reviewapp.models.rounds import Round
from reviewapp.pure.consensus import Outcome, Vote, outcome

VOTES_EACH = 2


def _grouped(rows: Any) -> dict[UUID, list[Vote]]:
    votes: dict[UUID, list[Vote]] = defaultdict(list)
    for unit, verdict, reason, purpose in rows.filter(assignment__presentation=1).values_list(
        "unit", "verdict", "decision__reason__position", "decision__purpose"
    ):
        votes[unit].append(Vote(verdict, reason, purpose))
    return votes


def _outcomes(rows: Any, round_: Round) -> dict[UUID, Outcome]:
    review: Review = round_.review
    return {
        unit: outcome(
            votes,
            needed=VOTES_EACH,
            maybe_is_conflict=review.maybe_is_conflict,
            either_advances=round_.stage == Stage.TITLE_ABSTRACT
            and review.advance_rule == AdvanceRule.EITHER,
        )
        for unit, votes in _grouped(rows).items()
    }


def outcomes_of_round(round_: Round) -> dict[UUID, Outcome]:
    """Return what a round that is being closed comes to, before resolutions: for the closing service only."""
    rows = Standing.objects.for_system("closing a round: nothing is shown").filter(round=round_)
    return _outcomes(rows, round_)


def outcomes(viewer: Viewer, round_: Round) -> dict[UUID, Outcome]:
    """Return what the answers that the viewer may see come to; of a round not released, nothing can be settled."""
    if round_.closed_at is None:
        return {}
    rows = Standing.objects.visible_to(viewer).filter(round=round_)
    return _outcomes(rows, round_)


def resolutions(viewer: Viewer, round_: Round) -> dict[UUID, Resolution]:
    """Return the latest visible resolution of each thing in a round."""
    rows = (
        Resolution.objects.visible_to(viewer)
        .filter(round=round_)
        .select_related("reason")
        .order_by("unit", "version")
    )
    return {row.unit: row for row in rows}


def settled(viewer: Viewer, round_: Round) -> dict[UUID, tuple[str, str, int | None]]:
    """Return (verdict, purpose, reason position) of everything in a closed round that is agreed or resolved."""
    found: dict[UUID, tuple[str, str, int | None]] = {}
    for unit, what in outcomes(viewer, round_).items():
        if what.state == "agreed":
            found[unit] = (what.verdict, what.purpose, what.reason)
    for unit, row in resolutions(viewer, round_).items():
        verdict = "include" if row.verdict == "maybe" else row.verdict
        found[unit] = (verdict, row.purpose, row.reason.position if row.reason else None)
    return found
