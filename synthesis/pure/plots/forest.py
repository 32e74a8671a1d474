"""The forest plot in RevMan's order: study, both arms, difference, picture. No diamond unless a pool is handed in.

A study without an interval is a hollow circle; a difference as the study printed it is a hollow square. The
narrow drawing, for a phone, has one study after the other with its picture below its numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from synthesis.pure.forest_rows import Diamond, Forest, ForestPanel, ForestRow, axis_values, forest_of
from synthesis.pure.intervals import Interval
from synthesis.pure.numerals import fixed, number
from synthesis.pure.plots.base import (
    NARROW,
    WIDE,
    Canvas,
    Plot,
    PlotInput,
    register,
    text_width,
    ticks,
    wrapped,
)

_PICTURE = 300.0
_GAP = 14.0


@dataclass(frozen=True, slots=True)
class _Axis:
    """Maps values to x between left and right."""

    left: float
    right: float
    marks: tuple[float, ...]

    def x(self, value: float) -> float:
        low, high = self.marks[0], self.marks[-1]
        return self.left + (value - low) / (high - low) * (self.right - self.left)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Right edges of the number columns; the study column begins at 0 and is ``study`` wide."""

    study: float
    numbers: tuple[float, ...]
    effect: float
    picture: tuple[float, float]


def draw_forest(forest: Forest, *, wide: bool = True) -> str:
    """The figure as SVG, 980 units wide or 358."""
    canvas = Canvas(WIDE if wide else NARROW)
    canvas.line((0, 1), (canvas.width, 1), thick=2)
    y = 1.0
    if not any(panel.rows for panel in forest.panels):
        for line in wrapped("No study has a difference between its arms.", 14, canvas.width):
            y += 24
            canvas.text((0, y), line, size=14)
    elif wide:
        columns = _columns(forest)
        y = _head(canvas, forest, columns)
        for panel in forest.panels:
            y = _wide_panel(canvas, panel, columns, y)
    else:
        for panel in forest.panels:
            y = _narrow_panel(canvas, panel, y)
    return canvas.finish(y + 20, title=forest.title, description=forest.description, ident=forest.ident)


def effect_text(value: float, ci: Interval | None, places: int) -> str:
    """“12.3 [8.7, 15.9]”, or the value and that it has no interval."""
    if ci is None:
        return f"{fixed(value, places)} [no interval]"
    return f"{fixed(value, places)} [{fixed(ci[0], places)}, {fixed(ci[1], places)}]"


def _columns(forest: Forest) -> _Columns:
    """Measure every number, so that no column runs into the next.

    What is left over goes to the study's name.
    """
    rows = [(panel, row) for panel in forest.panels for row in panel.rows]
    widths = []
    for index, head in enumerate(("Mean", "SD", "n", "Mean", "SD", "n")):
        texts = [(row.one + row.two)[index] for _, row in rows]
        widths.append(max(text_width(text, 13) for text in [head, *texts]))
    effects = [effect_text(row.value, row.ci, panel.places) for panel, row in rows]
    effects += [effect_text(p.diamond.value, p.diamond.ci, p.places) for p in forest.panels if p.diamond]
    effect = max(text_width(text, 13, "bold") for text in ["Difference [95% CI]", *effects])
    total = sum(widths) + 7 * _GAP + effect + 2 * _GAP
    study = max(140.0, WIDE - 12 - _PICTURE - total)
    edges = []
    x = study
    for index, width in enumerate(widths):
        x += width + (_GAP if index != 3 else 2 * _GAP)
        edges.append(x)
    x += effect + 2 * _GAP
    return _Columns(study, tuple(edges), x, (x + _GAP + 6, WIDE - 12))


def _head(canvas: Canvas, forest: Forest, columns: _Columns) -> float:
    names = forest.panels[0].favours
    for name, first, last in ((names[1], 0, 2), (names[0], 3, 5)):
        left = columns.numbers[first - 1] + _GAP if first else columns.study
        middle, width = (left + columns.numbers[last]) / 2, columns.numbers[last] - left
        shown = wrapped(name[:1].upper() + name[1:], 13, width, "bold")
        cut = shown[0] if len(shown) == 1 else shown[0][: max(1, len(shown[0]) - 1)] + "…"
        canvas.text((middle, 20), cut, weight="bold", anchor="middle")
        canvas.line((left, 27), (columns.numbers[last], 27), kind="f-hair")
    canvas.text((0, 44), "Study", weight="bold", soft=True)
    for edge, head in zip(columns.numbers, ("Mean", "SD", "n", "Mean", "SD", "n"), strict=True):
        canvas.text((edge, 44), head, size=12, soft=True, anchor="end")
    canvas.text((columns.effect, 44), "Difference [95% CI]", weight="bold", soft=True, anchor="end")
    canvas.line((0, 54), (canvas.width, 54))
    return 54.0


def _axis(panel: ForestPanel, left: float, right: float, about: int) -> _Axis:
    values = axis_values(panel)
    return _Axis(left, right, tuple(ticks(min(values), max(values), about)))


def _wide_panel(canvas: Canvas, panel: ForestPanel, columns: _Columns, y: float) -> float:
    y += 8
    for line in wrapped(panel.heading, 16, canvas.width, "heading"):
        y += 22
        canvas.text((0, y), line, size=16, weight="heading")
    axis, top = _axis(panel, *columns.picture, 5), y - 4
    under = len(canvas.parts)
    for group in panel.groups:
        for line in wrapped(group.heading, 13, columns.study + 60, "italic"):
            y += 28 if line == group.heading else 18
            canvas.text((0, y), line, weight="italic", soft=True)
        for row in group.rows:
            y = _wide_row(canvas, row, panel, columns, axis=axis, y=y)
    if panel.diamond:
        y = _wide_diamond(canvas, panel.diamond, panel, columns, axis=axis, y=y)
    y += 16
    zero = Canvas(canvas.width)
    zero.line((axis.x(0), top), (axis.x(0), y), kind="f-zero")
    canvas.parts[under:under] = zero.parts  # the line of no difference lies under the marks
    return _scale(canvas, panel, axis, y, size=12)


def _wide_row(
    canvas: Canvas, row: ForestRow, panel: ForestPanel, columns: _Columns, *, axis: _Axis, y: float
) -> float:
    y += 26
    below = y - 16
    for name in wrapped(row.label, 13, columns.study - 12, "bold"):
        below += 16
        canvas.text((12, below), name, weight="bold")
    for detail in wrapped(row.detail, 12, columns.study - 12):
        below += 16
        canvas.text((12, below), detail, size=12, soft=True)
    for edge, text in zip(columns.numbers, row.one + row.two, strict=True):
        canvas.text((edge, y), text, soft=text == "–", anchor="end")
    canvas.text(
        (columns.effect, y), effect_text(row.value, row.ci, panel.places), weight="bold", anchor="end"
    )
    _mark(canvas, row, axis, y - 4)
    return below + 2


def _mark(canvas: Canvas, row: ForestRow, axis: _Axis, y: float) -> None:
    if row.ci is None:
        canvas.circle(axis.x(row.value), y, 4)
        return
    side = 7.0 if row.weight is None else 4 + 10 * (row.weight / 100) ** 0.5
    _whisker(
        canvas, axis, row.ci, y, reach=max(4.0, side / 2 + 2)
    )  # a short interval still shows beside its square
    canvas.square(axis.x(row.value), y, side, hollow=row.printed)


def _whisker(canvas: Canvas, axis: _Axis, ci: Interval, y: float, *, reach: float = 4.0) -> None:
    low, high = axis.x(ci[0]), axis.x(ci[1])
    canvas.line((low, y), (high, y), thick=1.5)
    for end in (low, high):
        canvas.line((end, y - reach), (end, y + reach), thick=1.5)


def _draw_diamond(canvas: Canvas, diamond: Diamond, axis: _Axis, y: float) -> None:
    if diamond.prediction:
        _whisker(canvas, axis, diamond.prediction, y)
    middle = axis.x(diamond.value)
    left, right = axis.x(diamond.ci[0]), axis.x(diamond.ci[1])
    canvas.polygon([(left, y), (middle, y - 7), (right, y), (middle, y + 7)])


def _diamond_words(diamond: Diamond, places: int) -> str:
    if diamond.prediction is None:
        return diamond.rule
    low, high = (fixed(limit, places) for limit in diamond.prediction)
    return f"{diamond.rule}; prediction interval {low} to {high}"


def _wide_diamond(
    canvas: Canvas, diamond: Diamond, panel: ForestPanel, columns: _Columns, *, axis: _Axis, y: float
) -> float:
    y += 30
    canvas.line((0, y - 18), (columns.effect, y - 18), kind="f-hair")
    canvas.text(
        (columns.effect, y), effect_text(diamond.value, diamond.ci, panel.places), weight="bold", anchor="end"
    )
    _draw_diamond(canvas, diamond, axis, y - 4)
    room = (
        columns.effect - text_width(effect_text(diamond.value, diamond.ci, panel.places), 13, "bold") - _GAP
    )
    y -= 16
    for line in wrapped(diamond.label, 13, room, "bold"):
        y += 16
        canvas.text((0, y), line, weight="bold")
    for line in wrapped(_diamond_words(diamond, panel.places), 12, room):
        y += 16
        canvas.text((0, y), line, size=12, soft=True)
    return y


def _scale(canvas: Canvas, panel: ForestPanel, axis: _Axis, y: float, *, size: float) -> float:
    """The axis with its numbers and the words of both directions; returns the y below the panel."""
    canvas.line((axis.left, y), (axis.right, y))
    taken = -1e9
    for mark in axis.marks:
        text, x = number(mark), axis.x(mark)
        canvas.line((x, y), (x, y + 5))
        half = text_width(text, size) / 2
        middle = min(max(x, half), canvas.width - half)
        if middle - half > taken + 4:
            canvas.text((middle, y + 18), text, size=size, soft=True, anchor="middle")
            taken = middle + half
    y += 18
    left, right = f"← favours {panel.favours[0]}", f"favours {panel.favours[1]} →"
    room = axis.right - axis.left
    if text_width(left, size) + text_width(right, size) + 12 <= room:
        y += 18
        canvas.text((axis.left, y), left, size=size, soft=True)
        canvas.text((axis.right, y), right, size=size, soft=True, anchor="end")
    else:
        for line in (*wrapped(left, size, room), *wrapped(right, size, room)):
            y += 18
            canvas.text((axis.left, y), line, size=size, soft=True)
    canvas.line((0, y + 12), (canvas.width, y + 12), kind="f-hair")
    return y + 12


def _lines(
    canvas: Canvas, text: str, y: float, *, size: float, step: float, draw: Callable[[float, str], None]
) -> float:
    for line in wrapped(text, size, canvas.width, "bold"):
        y += step
        draw(y, line)
    return y


def _narrow_panel(canvas: Canvas, panel: ForestPanel, y: float) -> float:
    y = _lines(
        canvas,
        panel.heading,
        y + 6,
        size=17,
        step=23,
        draw=lambda at, line: canvas.text((0, at), line, size=17, weight="heading"),
    )
    axis = _axis(panel, 6, canvas.width - 6, 4)
    for group in panel.groups:
        y = _lines(
            canvas,
            group.heading,
            y + 10,
            size=14,
            step=20,
            draw=lambda at, line: canvas.text((0, at), line, size=14, weight="italic", soft=True),
        )
        for row in group.rows:
            y = _narrow_row(canvas, row, panel, axis=axis, y=y)
    if panel.diamond:
        y = _narrow_text(
            canvas, panel.diamond.label, panel.diamond.value, panel.diamond.ci, places=panel.places, y=y
        )
        for line in wrapped(_diamond_words(panel.diamond, panel.places), 13, canvas.width):
            y += 18
            canvas.text((0, y), line, size=13, soft=True)
        y += 20
        canvas.line((axis.x(0), y - 10), (axis.x(0), y + 10), kind="f-zero")
        _draw_diamond(canvas, panel.diamond, axis, y)
    y += 16
    return _scale(canvas, panel, axis, y, size=13)


def _narrow_text(
    canvas: Canvas, label: str, value: float, ci: Interval | None, *, places: int, y: float
) -> float:
    """Name left and difference right; the difference takes a line of its own if they would meet."""
    shown = effect_text(value, ci, places)
    size = 15.0 if text_width(shown, 15, "bold") <= canvas.width else 12.0
    room = canvas.width - text_width(shown, size, "bold") - 10
    y += 24
    if text_width(label, 15, "bold") <= room:
        canvas.text((0, y), label, size=15, weight="bold")
    else:
        for index, line in enumerate(wrapped(label, 15, canvas.width, "bold")):
            y += 18 if index else 0
            canvas.text((0, y), line, size=15, weight="bold")
        y += 18
    canvas.text((canvas.width, y), shown, size=size, weight="bold", anchor="end")
    return y


def _narrow_row(canvas: Canvas, row: ForestRow, panel: ForestPanel, *, axis: _Axis, y: float) -> float:
    y = _narrow_text(canvas, row.label, row.value, row.ci, places=panel.places, y=y)
    known = "–" not in (row.one[2], row.two[2])
    counts = f"n {row.one[2]} against {row.two[2]}" if known else "n of the arms not printed"
    for line in wrapped(f"{row.detail}; {counts}", 13, canvas.width):
        y += 18
        canvas.text((0, y), line, size=13, soft=True)
    y += 20
    canvas.line((axis.x(0), y - 10), (axis.x(0), y + 10), kind="f-zero")
    _mark(canvas, row, axis, y)
    return y + 6


def _draw(data: PlotInput, wide: bool) -> str:
    return draw_forest(
        forest_of(data.summary, title=data.title, ident=data.ident, favours=data.favours), wide=wide
    )


register(Plot("forest", "Forest plot", _draw))
