"""How wide a text is in a figure, and how it breaks into lines that fit.

Widths are those of Helvetica, wider than the fonts of the site, so what fits here fits in all of them. An SVG has
no line breaking of its own, so text that must stay inside a box is measured before it is drawn.
"""

from __future__ import annotations

import unicodedata

# Advance widths of Helvetica in thousandths of the size, for the printable ASCII from the space on
_WIDTHS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
ADVANCE = {chr(32 + index): int(width) for index, width in enumerate(_WIDTHS.split())}
_UNKNOWN, _FULL, _BOLD = 700, 1000, 1.08


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is at most, in the unit of ``size`` (user units of the figure)."""
    total = 0
    for character in text:
        if unicodedata.combining(character):
            continue
        plain = unicodedata.normalize("NFD", character)[0]
        wide = unicodedata.east_asian_width(character) in {"W", "F"}
        total += _FULL if wide else ADVANCE.get(plain, _UNKNOWN)
    return total * size / 1000 * (_BOLD if bold else 1.0)


def lines_of(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Return the text in lines that fit ``width``; a word that is too long is broken, so nothing runs over."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(joined, size, bold=bold) <= width:
            lines[-1] = joined
            continue
        rest = word
        while len(rest) > 1 and width_of(rest, size, bold=bold) > width:
            cut = _fitting(rest, size, width, bold=bold)
            lines.append(rest[:cut])
            rest = rest[cut:]
        lines.append(rest)
    return lines or [""]


def _fitting(word: str, size: float, width: float, *, bold: bool) -> int:
    cut = 1
    while cut < len(word) and width_of(word[: cut + 1], size, bold=bold) <= width:
        cut += 1
    return cut
