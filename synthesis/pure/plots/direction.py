"""The effect direction plot: which way each study points on each outcome, where numbers do not pool.

An arrow up favours the intervention, down the comparator; a lozenge says that the study found neither; a
question mark that it reports no direction (“not significant” alone is none). Size grows with the children
compared. It shows direction and never significance (Thomson & Thomas 2013; Cochrane Handbook 12.2.1.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from synthesis.pure.change import ChangeSummary
from synthesis.pure.plots.base import NARROW, WIDE, Canvas, Plot, PlotInput, register, wrapped
from synthesis.pure.rows import MEASURES, Line

Direction = Literal["intervention", "comparator", "neither", "not_reported"]

WORDS: dict[Direction, str] = {
    "intervention": "favours the intervention",
    "comparator": "favours the comparator",
    "neither": "favours neither",
    "not_reported": "direction not reported",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One study on one outcome; ``n`` counts both arms, ``None`` if not printed."""

    study: str
    outcome: str
    direction: Direction
    n: int | None


def points_of(summary: ChangeSummary) -> tuple[Point, ...]:
    """A point for each preferred difference, and for each between-group result in words; numbers go first."""
    found: dict[tuple[str, str], Point] = {}
    for group in summary.groups:
        for row in group.differences:
            if row.preferred:
                n = row.n1 + row.n2 if row.n1 is not None and row.n2 is not None else None
                _keep(found, Point(row.study, _outcome(row.line), _sign(row.value), n))
        for text in group.words:
            if text.line is not None and text.favours is not None:
                _keep(found, Point(text.study, _outcome(text.line), text.favours, None))
    return tuple(found.values())


def _keep(found: dict[tuple[str, str], Point], point: Point) -> None:
    """The first point of a study and outcome stays; a second that points elsewhere makes it undirected."""
    key = point.study, point.outcome
    known = found.setdefault(key, point)
    directed = {"intervention", "comparator", "neither"}
    if known.direction != point.direction and {known.direction, point.direction} <= directed:
        found[key] = Point(point.study, point.outcome, "neither", known.n)


def _outcome(line: Line) -> str:
    return f"{MEASURES[line.measure][0]}, {line.estimand}"


def _sign(value: float) -> Direction:
    if value == 0:
        return "neither"
    return "intervention" if value > 0 else "comparator"


def draw_direction(
    points: tuple[Point, ...], *, title: str, ident: str = "direction", wide: bool = True
) -> str:
    """Studies down, outcomes across, as SVG; on the narrow drawing the outcomes go below each study."""
    canvas = Canvas(WIDE if wide else NARROW)
    canvas.line((0, 1), (canvas.width, 1), thick=2)
    outcomes = list(dict.fromkeys(point.outcome for point in points))
    if not points:
        canvas.text((0, 26), "No study reports a between-group result.", size=14)
        y = 30.0
    elif wide and len(outcomes) <= 8:
        y = _key(canvas, _table(canvas, points, outcomes))
    else:
        y = _key(canvas, _list(canvas, points))
    told = [f"{point.study}, {point.outcome}: {WORDS[point.direction]}." for point in points]
    description = " ".join([*told, "Arrows show direction, not significance."])
    return canvas.finish(y + 16, title=title, description=description, ident=ident)


def _table(canvas: Canvas, points: tuple[Point, ...], outcomes: list[str]) -> float:
    study, found = 260.0, {(point.study, point.outcome): point for point in points}
    column = (canvas.width - study) / len(outcomes)
    heads = [wrapped(outcome, 12, column - 10, "bold") for outcome in outcomes]
    depth = 12 + 16 * max(len(head) for head in heads)
    for index, head in enumerate(heads):
        for step, line in enumerate(head):
            place = study + (index + 0.5) * column, 18.0 + 16 * step
            canvas.text(place, line, size=12, weight="bold", soft=True, anchor="middle")
    canvas.line((0, depth), (canvas.width, depth))
    y = float(depth)
    for name in dict.fromkeys(point.study for point in points):
        lines = wrapped(name, 13, study - 12, "bold")
        height = max(34, 16 * len(lines) + 12)
        for step, line in enumerate(lines):
            canvas.text((0, y + 22 + 16 * step), line, weight="bold")
        for index, outcome in enumerate(outcomes):
            point = found.get((name, outcome))
            if point is not None:
                _arrow(canvas, point, study + (index + 0.5) * column, y + height / 2)
        y += height
        canvas.line((0, y), (canvas.width, y), kind="f-hair")
    return y


def _list(canvas: Canvas, points: tuple[Point, ...]) -> float:
    y = 6.0
    for name in dict.fromkeys(point.study for point in points):
        for line in wrapped(name, 15, canvas.width, "bold"):
            y += 22
            canvas.text((0, y), line, size=15, weight="bold")
        for point in (point for point in points if point.study == name):
            first = True
            for line in wrapped(f"{point.outcome}: {WORDS[point.direction]}", 13, canvas.width - 34):
                y += 24 if first else 18
                if first:
                    _arrow(canvas, point, 14, y - 5)
                canvas.text((32, y), line, size=13, soft=True)
                first = False
        y += 10
        canvas.line((0, y), (canvas.width, y), kind="f-hair")
    return y


def _arrow(canvas: Canvas, point: Point, x: float, y: float) -> None:
    half = 6.0 if point.n is None or point.n < 20 else (8.0 if point.n < 50 else 10.0)
    if point.direction == "intervention":
        canvas.polygon([(x - half, y + half), (x + half, y + half), (x, y - half)])
    elif point.direction == "comparator":
        canvas.polygon([(x - half, y - half), (x + half, y - half), (x, y + half)], hollow=True)
    elif point.direction == "neither":
        canvas.polygon([(x - half, y), (x, y - half / 2), (x + half, y), (x, y + half / 2)], hollow=True)
    else:
        canvas.text((x, y + 5), "?", size=14, soft=True, anchor="middle")


def _key(canvas: Canvas, y: float) -> float:
    """What the signs mean, and the three sizes."""
    y += 8
    for direction, words in WORDS.items():
        y += 22
        _arrow(canvas, Point("", "", direction, None), 10, y - 5)
        canvas.text((28, y), words, size=12, soft=True)
    for line in wrapped("Size: below 20 children or not printed, 20 to 49, 50 or more.", 12, canvas.width):
        y += 20
        canvas.text((0, y), line, size=12, soft=True)
    return y


def _draw(data: PlotInput, wide: bool) -> str:
    return draw_direction(points_of(data.summary), title=data.title, ident=data.ident, wide=wide)


register(Plot("direction", "Effect direction plot", _draw))
