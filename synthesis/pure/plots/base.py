"""What every plot stands on: the register, a canvas that writes SVG, and the measuring of text.

The SVG needs no script and no style attribute: colours are presentation attributes, for a file on its own,
and classes (``f-line``, ``f-mark``, ``f-hollow``, ``f-zero``, ``f-soft``, ``f-b``) that a page may restyle.
It reads in grey. Text is measured with the widths of Helvetica, wider than the fonts of the site, so it
fits in all of them.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

from reviewapp.pure.lettering import ADVANCE
from synthesis.pure.change import ChangeSummary

INK, SOFT, PAPER = "#141b19", "#3f4a47", "#ffffff"
FONTS = (
    "'Source Sans 3', 'Segoe UI', Helvetica, Arial, sans-serif"  # a name with a bare number needs its quotes
)
WIDE, NARROW = 980.0, 358.0

Anchor = Literal["start", "middle", "end"]
Weight = Literal["plain", "bold", "heading", "italic"]

# What is not printable ASCII, in thousandths of the size
_OTHER = {
    "−": 584,
    "–": 556,
    "—": 1000,
    "…": 1000,
    "’": 222,
    "“": 333,
    "”": 333,
    "·": 278,
    "²": 333,
    "×": 584,
}


@dataclass(frozen=True, slots=True)
class PlotInput:
    """What a plot is drawn from. ``ident`` makes the ids of title and description unique on a page."""

    summary: ChangeSummary
    title: str
    ident: str = "plot"
    favours: tuple[str, str] = ("control", "intervention")


@dataclass(frozen=True, slots=True)
class Plot:
    """A registered plot: ``draw(data, wide)`` returns SVG text."""

    name: str
    title: str
    draw: Callable[[PlotInput, bool], str]


_REGISTER: dict[str, Plot] = {}


def register(plot: Plot) -> Plot:
    """Add a plot; raises ValueError if its name is taken."""
    if plot.name in _REGISTER:
        raise ValueError(f"a plot named {plot.name!r} is registered already")
    _REGISTER[plot.name] = plot
    return plot


def registered() -> tuple[Plot, ...]:
    """Every plot by name."""
    return tuple(_REGISTER[name] for name in sorted(_REGISTER))


def find(name: str) -> Plot | None:
    """The plot of that name, if there is one."""
    return _REGISTER.get(name)


def text_width(text: str, size: float, weight: Weight = "plain") -> float:
    """How wide a text is at most, in the units of ``size``."""
    total = 0
    for character in text:
        if unicodedata.combining(character):
            continue
        plain = unicodedata.normalize("NFD", character)[0]
        if plain in ADVANCE:
            total += ADVANCE[plain]
        elif unicodedata.east_asian_width(character) in ("W", "F"):
            total += 1000
        else:
            total += _OTHER.get(character, 700)
    return total * size / 1000 * (1.08 if weight in ("bold", "heading") else 1.0)


def wrapped(text: str, size: float, width: float, weight: Weight = "plain") -> list[str]:
    """The text in lines that fit ``width``; a word that is too long is broken, so nothing runs over."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, size, weight) <= width:
            lines[-1] = joined
            continue
        rest = word
        while text_width(rest, size, weight) > width and len(rest) > 1:
            cut = max(1, _fitting(rest, size, width, weight))
            lines.append(rest[:cut])
            rest = rest[cut:]
        lines.append(rest)
    return lines or [""]


def _fitting(word: str, size: float, width: float, weight: Weight) -> int:
    return sum(1 for end in range(1, len(word) + 1) if text_width(word[:end], size, weight) <= width)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that enclose ``low`` to ``high``, about so many."""
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("an axis needs finite ends")
    span = high - low if high > low else max(abs(high), 1.0)
    raw = span / max(1, about)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, max(last, first + 1) + 1)]


@dataclass(slots=True)
class Canvas:
    """Collects SVG elements; ``finish`` wraps them with title and description."""

    width: float
    parts: list[str] = field(default_factory=list)

    def line(
        self, start: tuple[float, float], end: tuple[float, float], *, kind: str = "f-line", thick: float = 1
    ) -> None:
        """A straight line."""
        colour = INK if kind == "f-line" else SOFT
        (x1, y1), (x2, y2) = start, end
        place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.parts.append(f'<line {place} class="{kind}" stroke="{colour}" stroke-width="{thick:g}"/>')

    def square(self, x: float, y: float, side: float, *, hollow: bool = False) -> None:
        """A square around a point: filled, or hollow."""
        kind, fill = ("f-hollow", PAPER) if hollow else ("f-mark", INK)
        corner = f'x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" height="{side:.1f}"'
        self.parts.append(f'<rect {corner} class="{kind}" fill="{fill}" stroke="{INK}" stroke-width="1.5"/>')

    def circle(self, x: float, y: float, radius: float) -> None:
        """A hollow circle: a value without interval."""
        place = f'cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"'
        self.parts.append(
            f'<circle {place} class="f-hollow" fill="{PAPER}" stroke="{INK}" stroke-width="1.5"/>'
        )

    def polygon(self, points: Sequence[tuple[float, float]], *, hollow: bool = False) -> None:
        """A closed shape."""
        kind, fill = ("f-hollow", PAPER) if hollow else ("f-mark", INK)
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(
            f'<polygon points="{corners}" class="{kind}" fill="{fill}" stroke="{INK}" stroke-width="1.5"/>'
        )

    def text(
        self,
        place: tuple[float, float],
        text: str,
        *,
        size: float = 13,
        weight: Weight = "plain",
        soft: bool = False,
        anchor: Anchor = "start",
    ) -> None:
        """One line of text, escaped; what XML cannot hold is left out."""
        kinds = {"bold": "f-b", "heading": "f-serif", "italic": "f-i", "plain": ""}
        classes = " ".join(name for name in (kinds[weight], "f-soft" if soft else "") if name)
        shape = {
            "bold": ' font-weight="600"',
            "heading": ' font-weight="600"',
            "italic": ' font-style="italic"',
        }
        x, y = place
        attributes = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{SOFT if soft else INK}"'
        attributes += f' text-anchor="{anchor}"' if anchor != "start" else ""
        attributes += f' class="{classes}"' if classes else ""
        self.parts.append(f"<text {attributes}{shape.get(weight, '')}>{clean(text)}</text>")

    def finish(self, height: float, *, title: str, description: str, ident: str) -> str:
        """The whole SVG, announced to a screen reader by its title and description."""
        name = "".join(character if character.isalnum() or character in "-_" else "-" for character in ident)
        opening = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {height:g}" role="img" '
            f'aria-labelledby="{name}-t {name}-d" font-family="{FONTS}">'
        )
        told = f'<title id="{name}-t">{clean(title)}</title><desc id="{name}-d">{clean(description)}</desc>'
        return "\n".join([opening, told, *self.parts, "</svg>"]) + "\n"


def clean(text: str) -> str:
    """Escaped for XML, without the control characters that XML forbids."""
    kept = "".join(
        one for one in text if one in "\t\n" or (ord(one) >= 32 and not 0xD800 <= ord(one) <= 0xDFFF)
    )
    return escape(kept.replace("\ufffe", "").replace("\uffff", ""), quote=True)
