"""Agreement of released rounds: what both reviewers of a pair answered, as counts and never as rows.

Counted is the last independent vote that each cast before anything was released. Left out are records with one vote
only, and records shown to a reviewer a second time. A round that is not released is never read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection

from reviewapp.gate import Viewer, wall_down
from reviewapp.models.decisions import Decision, Standing
from reviewapp.models.reviews import ExclusionReason, Stage
from reviewapp.models.rounds import Assignment, Round
from reviewapp.models.seats import Seat

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    Stage.TITLE_ABSTRACT.value: ("include", "maybe", "exclude"),
    Stage.FULL_TEXT.value: ("include", "exclude"),
}
Table = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class PairTable:
    """What two seats answered on the things both judged: ``table[i][j]`` counts a's answer i against b's answer j.

    ``reasons`` counts (a's reason, b's reason) over the things that both excluded at full text; a reason is the uid
    of an entry of the review's list.
    """

    a: UUID
    b: UUID
    table: Table
    reasons: Mapping[tuple[str, str], int]

    @property
    def n(self) -> int:
        """Return how many things both judged."""
        return sum(map(sum, self.table))


@dataclass(frozen=True, slots=True)
class RoundTables:
    """The pairs of one released round; or of all released rounds of a stage, with ``uid`` the stage's name."""

    uid: str
    stage: str
    numbers: tuple[int, ...]
    size: int
    pairs: tuple[PairTable, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """Return the answers that were offered."""
        return CATEGORIES[self.stage]


def tables(viewer: Viewer) -> list[RoundTables]:
    """Return the tables of every released round of the viewer's review, by stage and number; two queries."""
    rounds = list(
        Round.objects.filter(review_id=viewer.review_id, closed_at__isnull=False).order_by("-stage", "number")
    )
    pairs = _pairs(viewer, rounds) if rounds else {}
    return [
        RoundTables(str(one.uid), one.stage, (one.number,), one.size, pairs.get(one.pk, ())) for one in rounds
    ]


def by_stage(rounds: Iterable[RoundTables]) -> list[RoundTables]:
    """Add the rounds of each stage up, pair by pair: a pair is the same two seats throughout."""
    stages: dict[str, list[RoundTables]] = defaultdict(list)
    for one in rounds:
        stages[one.stage].append(one)
    return [
        RoundTables(
            uid=stage,
            stage=stage,
            numbers=tuple(number for one in members for number in one.numbers),
            size=sum(one.size for one in members),
            pairs=_added(pair for one in members for pair in one.pairs),
        )
        for stage, members in stages.items()
    ]


def _added(pairs: Iterable[PairTable]) -> tuple[PairTable, ...]:
    found: dict[tuple[UUID, UUID], PairTable] = {}
    for pair in pairs:
        key = (pair.a, pair.b)
        if key not in found:
            found[key] = pair
            continue
        before = found[key]
        table = tuple(
            tuple(x + y for x, y in zip(one, two, strict=True))
            for one, two in zip(before.table, pair.table, strict=True)
        )
        reasons = dict(before.reasons)
        for both, count in pair.reasons.items():
            reasons[both] = reasons.get(both, 0) + count
        found[key] = replace(before, table=table, reasons=reasons)
    return tuple(found.values())


def _pairs(viewer: Viewer, rounds: list[Round]) -> dict[int, tuple[PairTable, ...]]:
    stages = {one.pk: one.stage for one in rounds}
    seats = dict(Seat.objects.filter(review_id=viewer.review_id).values_list("pk", "uid"))
    reasons = dict(ExclusionReason.objects.filter(review_id=viewer.review_id).values_list("pk", "uid"))
    counts: dict[int, dict[tuple[UUID, UUID], list[tuple[str, str, str, str, int]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for round_id, a, b, first, second, why_a, why_b, n in _joined(viewer.review_id):
        if round_id not in stages:
            continue
        one, two = (
            (seats[a], first, _reason(reasons, why_a)),
            (seats[b], second, _reason(reasons, why_b)),
        )
        one, two = sorted((one, two), key=lambda side: str(side[0]))
        counts[round_id][one[0], two[0]].append((one[1], two[1], one[2], two[2], n))
    return {
        round_id: tuple(
            _pair(a, b, cells, CATEGORIES[stages[round_id]])
            for (a, b), cells in sorted(found.items(), key=lambda item: (str(item[0][0]), str(item[0][1])))
        )
        for round_id, found in counts.items()
    }


def _reason(reasons: Mapping[int, UUID], found: int | None) -> str:
    return str(reasons[found]) if found is not None and found in reasons else ""


def _pair(
    a: UUID, b: UUID, cells: list[tuple[str, str, str, str, int]], categories: tuple[str, ...]
) -> PairTable:
    place = {name: index for index, name in enumerate(categories)}
    counts = [[0] * len(categories) for _ in categories]
    reasons: dict[tuple[str, str], int] = defaultdict(int)
    for first, second, why_a, why_b, n in cells:
        if first not in place or second not in place:
            continue  # an answer that this stage does not offer, brought in from elsewhere
        counts[place[first]][place[second]] += n
        if why_a and why_b:
            reasons[why_a, why_b] += n
    return PairTable(a, b, tuple(map(tuple, counts)), dict(reasons))


def _joined(review_id: int) -> list[tuple[int, int, int, str, str, int | None, int | None, int]]:
    """Join the standing votes of a review's closed rounds with themselves and count; no row leaves the database."""
    names = {
        "standing": Standing._meta.db_table,
        "decision": Decision._meta.db_table,
        "assignment": Assignment._meta.db_table,
        "round": Round._meta.db_table,
    }
    sql = """
        SELECT s.round_id, s.author_id, t.author_id, s.verdict, t.verdict, d.reason_id, e.reason_id, COUNT(*)
        FROM {standing} s
        JOIN {standing} t ON t.review_id = s.review_id AND t.unit = s.unit AND t.round_id = s.round_id
             AND t.author_id > s.author_id
        JOIN {round} r ON r.id = s.round_id AND r.closed_at IS NOT NULL
        JOIN {decision} d ON d.id = s.decision_id AND d.independent
        JOIN {decision} e ON e.id = t.decision_id AND e.independent
        JOIN {assignment} x ON x.id = s.assignment_id AND x.presentation = 1
        JOIN {assignment} y ON y.id = t.assignment_id AND y.presentation = 1
        WHERE s.review_id = %s AND s.verdict <> '' AND t.verdict <> ''
        GROUP BY s.round_id, s.author_id, t.author_id, s.verdict, t.verdict, d.reason_id, e.reason_id
    """.format(**names)  # noqa: S608 - the names of our own tables
    with wall_down("agreement: counts over closed rounds"), connection.cursor() as cursor:
        cursor.execute(sql, [review_id])
        return list(cursor.fetchall())
