"""Answers as rows for tables: those that the viewer may see, in an order that nobody's activity changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
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


_READ = (
    "pk",
    "uid",
    "round_id",
    "assignment__unit",
    "author__name",
    "author__uid",
    "version",
    "assignment__presentation",
    "verdict",
    "reason__label",
    "purpose",
    "criteria__number",
    "note",
    "dwell_ms",
    "origin",
    "independent",
    "made_at",
)


def votes(viewer: Viewer, stage: str = "") -> list[Vote]:
    """Return every version of every answer that the viewer may see, by round and in a drawn order within it."""
    listed = Round.objects.filter(review_id=viewer.review_id)
    rounds = {row.pk: row for row in (listed.filter(stage=stage) if stage else listed)}
    standing = set(
        Standing.objects.visible_to(viewer)
        .filter(round_id__in=list(rounds))
        .values_list("decision_id", flat=True)
    )
    rows = Decision.objects.visible_to(viewer).filter(round_id__in=list(rounds)).order_by()
    found = [_vote(row, rounds, standing) for row in rows.values_list(*_READ).iterator(chunk_size=5000)]
    return sorted(found, key=_order)


def _order(one: Vote) -> tuple[tuple[int, int, str], str, int, int]:
    side = draw(one.round.seed, "sides", str(one.unit), str(one.seat_uid))
    return (_place(one.round, one.unit), side, one.presentation, one.version)


def _vote(row: tuple[Any, ...], rounds: Mapping[int, Round], standing: Container[int]) -> Vote:
    (
        pk,
        uid,
        round_id,
        unit,
        seat,
        seat_uid,
        version,
        presentation,
        verdict,
        reason,
        purpose,
        criteria,
        note,
        dwell_ms,
        origin,
        independent,
        at,
    ) = row
    return Vote(
        uid=uid,
        round=rounds[round_id],
        unit=unit,
        seat=seat or "",
        seat_uid=seat_uid,
        version=version,
        presentation=presentation,
        stands=pk in standing,
        verdict=verdict,
        reason=reason or "",
        purpose=purpose,
        criteria=criteria,
        note=note,
        dwell=None if dwell_ms is None else dwell_ms / 1000,
        origin=origin,
        independent=independent,
        at=at,
    )


def pairs(viewer: Viewer, stage: str = "") -> list[Pair]:
    """Return what was answered and decided in released rounds; nothing of a round that is not released."""
    sides: dict[tuple[int, UUID], list[Vote]] = defaultdict(list)
    for vote in votes(viewer, stage):
        if vote.stands and vote.round.closed_at is not None:
            sides[vote.round.pk, vote.unit].append(vote)
    stages = [stage] if stage else Stage.values
    final = {one: placed(viewer, one) for one in stages}
    closed = Round.objects.select_related("review").filter(
        review_id=viewer.review_id, closed_at__isnull=False, stage__in=stages
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
