"""The PRISMA flow as SVG text, wide for a page or paper, narrow for a phone or a journal's column.

Presentation attributes carry the colours of a file on its own; classes (``f-box``, ``f-band``, ``f-line``, ``f-b``,
``f-soft``) let a page restyle it. No script, no style attribute, no style element. Every text is measured before it
is drawn, and a stage is at least as tall as its side label is long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from reviewapp.pure.lettering import lines_of, width_of
from reviewapp.pure.prisma_boxes import Box, Flow, Line, Row, Stage

INK, SOFT, PAPER, BAND, ACCENT = "#141b19", "#3f4a47", "#ffffff", "#e3edf6", "#14497f"
FONTS = "Source Sans 3, Segoe UI, Helvetica, Arial, sans-serif"
WIDE, NARROW = 980.0, 358.0
PAD, INDENT, NUMBER_GAP = 12.0, 12.0, 10.0
BAND_X, BAND_WIDTH, LEFT = 4.0, 26.0, 44.0
STAGE_GAP, ROW_GAP, HEAD = 34.0, 20.0, 34.0
LABEL = 12.5


@dataclass(frozen=True, slots=True)
class Type:
    """Size of the letters, distance of the lines, in user units."""

    size: float
    step: float


TYPE_WIDE, TYPE_NARROW = Type(13.5, 17.0), Type(15.5, 21.0)


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    n: str = ""
    strong: bool = False
    link: bool = False


@dataclass(frozen=True, slots=True)
class _Set:
    """A box that is laid out: its texts, its width and height."""

    box: Box
    texts: tuple[_Text, ...]
    width: float
    height: float


@dataclass(slots=True)
class _Canvas:
    """Collects the elements of one figure."""

    type: Type
    links: Mapping[str, str]
    parts: list[str] = field(default_factory=list)

    def line(self, *points: tuple[float, float]) -> None:
        path = " ".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.parts.append(f'<path d="M{path}" class="f-line" fill="none" stroke="{INK}"/>')

    def arrow(self, *points: tuple[float, float]) -> None:
        """Draw a line through the points with a head at the last one."""
        self.line(*points)
        (x0, y0), (x, y) = points[-2:]
        if abs(x - x0) > abs(y - y0):
            back = x - 7 if x > x0 else x + 7
            self.line((back, y - 4), (x, y), (back, y + 4))
        else:
            self.line((x - 4, y - 7), (x, y), (x + 4, y - 7))

    def rect(self, x: float, y: float, width: float, height: float, *, band: bool) -> None:
        kind, fill, stroke = ("f-band", BAND, ACCENT) if band else ("f-box", PAPER, SOFT)
        place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self.parts.append(f'<rect {place} class="{kind}" fill="{fill}" stroke="{stroke}"/>')

    def text(
        self, x: float, y: float, text: str, *, strong: bool, end: bool = False, size: float = 0.0
    ) -> str:
        """Return a text element; ``end`` sets it flush right."""
        kind, colour = ("f-b", INK) if strong else ("f-soft", SOFT)
        weight = ' font-weight="600"' if strong else ""
        anchor = ' text-anchor="end"' if end else ""
        return (
            f'<text x="{x:.1f}" y="{y:.1f}"{anchor} class="{kind}"{weight} '
            f'font-size="{size or self.type.size:g}" fill="{colour}">{escape(text)}</text>'
        )

    def put(self, box: _Set, x: float, y: float) -> None:
        """Draw a box with its texts; its title is a link where one is known."""
        self.rect(x, y, box.width, box.height, band=box.box.final)
        url = self.links.get(box.box.key, "")
        baseline = y + PAD + self.type.size * 0.6
        for text in box.texts:
            indent = 0.0 if text.strong else INDENT
            drawn = self.text(x + PAD + indent, baseline, text.text, strong=text.strong)
            if text.link and url:
                drawn = f'<a href="{escape(url)}">{drawn}</a>'
            self.parts.append(drawn)
            if text.n:
                self.parts.append(
                    self.text(x + box.width - PAD, baseline, text.n, strong=text.strong, end=True)
                )
            baseline += self.type.step


def draw(
    flow: Flow, *, wide: bool = True, links: Mapping[str, str] | None = None, ident: str = "flow"
) -> str:
    """Return the figure as SVG text.

    ``links`` (box key → address) makes the titles of boxes links: for a figure inside a page. Without it the figure
    stands on its own. ``ident`` makes the ids of title and description unique on a page.
    """
    canvas = _Canvas(TYPE_WIDE if wide else TYPE_NARROW, links or {})
    width = WIDE if wide else NARROW
    height = _wide(canvas, flow) if wide else _narrow(canvas, flow)
    role = "group" if links else "img"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:.0f}" role="{role}" '
        f'aria-labelledby="{ident}-t {ident}-d" font-family="{FONTS}">'
    )
    said = f'<title id="{ident}-t">{escape(flow.title)}</title><desc id="{ident}-d">{escape(flow.described)}</desc>'
    return "\n".join([head, said, *canvas.parts, "</svg>"])


def standalone(flow: Flow, *, wide: bool = True) -> str:
    """Return the figure as a file: an XML document with a white ground and its size."""
    svg = draw(flow, wide=wide)
    width = WIDE if wide else NARROW
    height = svg.split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split()[1]
    ground = f'<rect width="{width:g}" height="{height}" fill="{PAPER}"/>'
    svg = svg.replace("<svg ", f'<svg width="{width:g}" height="{height}" ', 1)
    svg = svg.replace("</desc>", f"</desc>\n{ground}", 1)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg}\n'


def _number(n: int | None) -> str:
    return "–" if n is None else f"{n:,}"


def _lay(box: Box, width: float, type_: Type) -> _Set:
    """Break the texts of a box into lines that fit it."""
    texts: list[_Text] = []
    first = Line(box.title, box.n, strong=True)
    for place, line in enumerate((first, *box.lines)):
        n = _number(line.n) if line.n is not None or place == 0 else ""
        taken = width_of(n, type_.size, bold=line.strong) + NUMBER_GAP if n else 0.0
        room = width - 2 * PAD - taken - (0.0 if line.strong else INDENT)
        for number, text in enumerate(lines_of(line.label, type_.size, room, bold=line.strong)):
            texts.append(_Text(text, n if number == 0 else "", line.strong, link=place == 0))
    height = 2 * PAD - 6 + type_.step * len(texts)
    return _Set(box, tuple(texts), width, height)


def _columns(flow: Flow) -> tuple[tuple[float, float], ...]:
    """Return (left edge, width) of the columns: main, side, other, other side."""
    if any(row.other_side for stage in flow.stages for row in stage.rows):
        width = (WIDE - LEFT - 4 - 3 * 32) / 4
        return tuple((LEFT + number * (width + 32), width) for number in range(4))
    if flow.has_other:
        return ((44.0, 268.0), (372.0, 268.0), (700.0, 276.0), (0.0, 0.0))
    return ((44.0, 430.0), (546.0, 430.0), (0.0, 0.0), (0.0, 0.0))


def _wide(canvas: _Canvas, flow: Flow) -> float:
    columns = _columns(flow)
    _heads(canvas, flow, columns)
    y = HEAD
    above: list[tuple[float, float] | None] = [None, None]
    for stage in flow.stages:
        top = y
        for row in stage.rows:
            y = _wide_row(canvas, row, columns, y, above) + ROW_GAP
        bottom = max(y - ROW_GAP, top + width_of(stage.name, LABEL, bold=True) + 24)
        _band(canvas, stage, top, bottom)
        y = bottom + STAGE_GAP
    return y - STAGE_GAP + 4


def _heads(canvas: _Canvas, flow: Flow, columns: tuple[tuple[float, float], ...]) -> None:
    spans = [(columns[0][0], columns[1][0] + columns[1][1])]
    if flow.has_other:
        last = columns[3] if columns[3][1] else columns[2]
        spans.append((columns[2][0], last[0] + last[1]))
    for text, (left, right) in zip(flow.heads, spans, strict=False):
        canvas.parts.append(canvas.text(left, 14, text, strong=True, size=13))
        canvas.line((left, 21.5), (right, 21.5))


def _band(canvas: _Canvas, stage: Stage, top: float, bottom: float) -> None:
    canvas.rect(BAND_X, top, BAND_WIDTH, bottom - top, band=True)
    middle, x = (top + bottom) / 2, BAND_X + BAND_WIDTH / 2 + 4.5
    canvas.parts.append(
        f'<text transform="translate({x:.1f} {middle:.1f}) rotate(-90)" text-anchor="middle" class="f-b" '
        f'font-weight="600" font-size="{LABEL:g}" fill="{INK}">{escape(stage.name)}</text>'
    )


def _wide_row(
    canvas: _Canvas,
    row: Row,
    columns: tuple[tuple[float, float], ...],
    y: float,
    above: list[tuple[float, float] | None],
) -> float:
    """Draw one row; ``above`` holds where the arrows into the main and the other column start. Return its bottom."""
    bottom = y
    pairs = ((row.main, row.side), (row.other, row.other_side))
    for number, (box, side) in enumerate(pairs):
        if box is None:
            continue
        x, width = columns[2 * number]
        laid = _lay(box, width, canvas.type)
        canvas.put(laid, x, y)
        middle = x + width / 2
        start = above[number]
        if start:
            canvas.arrow(start, (middle, y))
        above[number] = (middle, y + laid.height)
        bottom = max(bottom, y + laid.height)
        if side:
            beside_x, beside_width = columns[2 * number + 1]
            beside = _lay(side, beside_width, canvas.type)
            canvas.put(beside, beside_x, y)
            level = y + min(laid.height, beside.height) / 2
            canvas.arrow((x + width, level), (beside_x, level))
            bottom = max(bottom, y + beside.height)
    if row.main and row.main.final:
        _join(canvas, columns[0], y, bottom, above[1], joins=bool(columns[3][1]))
    return bottom


def _join(
    canvas: _Canvas,
    main: tuple[float, float],
    top: float,
    bottom: float,
    start: tuple[float, float] | None,
    *,
    joins: bool,
) -> None:
    """Lead the column of other methods into the box of what is included."""
    if start and joins:
        level = (top + bottom) / 2
        canvas.arrow(start, (start[0], level), (main[0] + main[1], level))


def _narrow(canvas: _Canvas, flow: Flow) -> float:
    y = _narrow_head(canvas, flow.heads[0], 14.0)
    spine: float | None = None
    for stage in flow.stages[:-1]:
        for row in stage.rows:
            y, spine = _narrow_pair(canvas, row.main, row.side, y, spine)
    if flow.has_other:
        y = _narrow_head(canvas, flow.heads[1], y + 22)
        beside: float | None = None
        for stage in flow.stages[:-1]:
            for row in stage.rows:
                y, beside = _narrow_pair(canvas, row.other, row.other_side, y, beside)
    last = flow.stages[-1]
    y = _narrow_head(canvas, last.name, y + 22)
    for row in last.rows:
        y, _none = _narrow_pair(canvas, row.main, row.side, y, None)
    return y - 12


def _narrow_head(canvas: _Canvas, text: str, y: float) -> float:
    canvas.parts.append(canvas.text(1, y, text, strong=True, size=14.5))
    canvas.line((1, y + 7.5), (NARROW - 1, y + 7.5))
    return y + 20


def _narrow_pair(
    canvas: _Canvas, main: Box | None, side: Box | None, y: float, spine: float | None
) -> tuple[float, float | None]:
    """Draw a box and below it, moved in, what left there. Return the next free y and where the spine goes on."""
    if main is None:
        return y, spine
    laid = _lay(main, NARROW - 2, canvas.type)
    if spine is not None:
        canvas.arrow((20, spine), (20, y))
    canvas.put(laid, 1, y)
    y += laid.height
    spine = y
    if side:
        beside = _lay(side, NARROW - 42, canvas.type)
        y += 12
        canvas.put(beside, 41, y)
        level = y + min(beside.height, 38) / 2
        canvas.arrow((20, spine), (20, level), (41, level))
        spine = level
        y += beside.height
    return y + 14, spine
