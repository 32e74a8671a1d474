"""Answers as rows for tables: those that the viewer may see, in an order that nobody's activity changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from reviewapp.gate import Viewer
from reviewapp.models.decisions import Decision, Resolution, Standing
from reviewapp.models.records import Record
from reviewapp.models.reviews import Stage
from reviewapp.models.rounds import Round
from reviewapp.models.studies import Study
from reviewapp.pure.assigning import draw
from reviewapp.pure.consensus import Outcome
from reviewapp.selectors.outcomes import outcomes, resolutions
from reviewapp.selectors.verdicts import Placed, placed


@dataclass(frozen=True, slots=True)
class Vote:
    """One version of one seat's answer. ``stands`` marks the version that counts; ``dwell`` is in seconds."""

    uid: UUID
    round: Round
    unit: UUID
    seat: str
    seat_uid: UUID | None
    version: int
    presentation: int
    stands: bool
    verdict: str
    reason: str
    purpose: str
    criteria: int | None
    note: str
    dwell: float | None
    origin: str
    independent: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """What was answered on one record or study of a released round, and what it came to."""

    round: Round
    unit: UUID
    sides: tuple[Vote, ...]
    outcome: Outcome
    resolution: Resolution | None
    final: Placed | None


def _place(round_: Round, unit: UUID) -> tuple[int, int, str]:
    return (Stage.values.index(round_.stage), round_.number, draw(round_.seed, "table", str(unit)))


def votes(viewer: Viewer) -> list[Vote]:
    """Return every version of every answer that the viewer may see, by round and in a drawn order within it."""
    rounds = {row.pk: row for row in Round.objects.filter(review_id=viewer.review_id)}
    standing = set(Standing.objects.visible_to(viewer).values_list("decision_id", flat=True))
    rows = (
        Decision.objects.visible_to(viewer)
        .select_related("assignment", "reason", "criteria", "author")
        .order_by()
    )
    found = [_vote(row, rounds[row.round_id], row.pk in standing) for row in rows]
    return sorted(
        found,
        key=lambda one: (
            *_place(one.round, one.unit),
            draw(one.round.seed, "sides", str(one.unit), str(one.seat_uid)),
            one.presentation,
            one.version,
        ),
    )


def _vote(row: Decision, round_: Round, stands: bool) -> Vote:
    assert row.assignment.unit is not None
    return Vote(
        uid=row.uid,
        round=round_,
        unit=row.assignment.unit,
        seat=row.author.name if row.author else "",
        seat_uid=row.author.uid if row.author else None,
        version=row.version,
        presentation=row.assignment.presentation,
        stands=stands,
        verdict=row.verdict,
        reason=row.reason.label if row.reason else "",
        purpose=row.purpose,
        criteria=row.criteria.number if row.criteria else None,
        note=row.note,
        dwell=None if row.dwell_ms is None else row.dwell_ms / 1000,
        origin=row.origin,
        independent=row.independent,
        at=row.made_at,
    )


def pairs(viewer: Viewer) -> list[Pair]:
    """Return what was answered and decided in released rounds; nothing of a round that is not released."""
    sides: dict[tuple[int, UUID], list[Vote]] = defaultdict(list)
    for vote in votes(viewer):
        if vote.stands and vote.round.closed_at is not None:
            sides[vote.round.pk, vote.unit].append(vote)
    final = {stage: placed(viewer, stage) for stage in Stage.values}
    closed = Round.objects.select_related("review").filter(
        review_id=viewer.review_id, closed_at__isnull=False
    )
    found = []
    for round_ in closed:
        settled = resolutions(viewer, round_)
        for unit, what in outcomes(viewer, round_).items():
            at = final[round_.stage].get(unit)
            mine = at if at is not None and at.round.pk == round_.pk else None
            voted = tuple(sides[round_.pk, unit])
            found.append(Pair(round_, unit, voted, what, settled.get(unit), mine))
    return sorted(found, key=lambda one: _place(one.round, one.unit))


def names_of_units(viewer: Viewer) -> dict[UUID, str]:
    """Return the title of every record and the label of every study of the review by uid."""
    mine = {"review_id": viewer.review_id}
    return dict(Record.objects.filter(**mine).values_list("uid", "title")) | dict(
        Study.objects.filter(**mine).values_list("uid", "label")
    )
