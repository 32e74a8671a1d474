"""Two texts against each other: whether they say the same, and which words differ."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from .projection import fold

MOST_WORDS = 400
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text; ``differs`` where the other text has other words."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One field of two records: its parts on either side, and whether both say the same."""

    name: str
    left: tuple[Part, ...]
    right: tuple[Part, ...]
    same: bool

    @property
    def sides(self) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """Both sides, in order."""
        return self.left, self.right


def compare(fields: Iterable[tuple[str, str, str]]) -> tuple[Row, ...]:
    """Compare (name, left, right) field by field. Case, accents and punctuation make no difference.

    Where one side is empty the fields differ, but no word of the other is marked.
    """
    rows = []
    for name, left, right in fields:
        same = _plain(left) == _plain(right)
        if same or not left or not right:
            rows.append(Row(name, _whole(left), _whole(right), same))
        else:
            rows.append(Row(name, *_parts(left, right), same=False))
    return tuple(rows)


def _plain(text: str) -> str:
    return _NO_WORD.sub(" ", fold(text)).strip()


def _whole(text: str) -> tuple[Part, ...]:
    return (Part(text, False),) if text else ()


def _parts(left: str, right: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    mine, theirs = left.split(), right.split()
    if max(len(mine), len(theirs)) > MOST_WORDS:
        return _whole(left), _whole(right)
    matcher = SequenceMatcher(None, [_plain(word) for word in mine], [_plain(word) for word in theirs], False)
    sides: tuple[list[Part], list[Part]] = ([], [])
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        differs = tag != "equal"
        for parts, words in ((sides[0], mine[start:end]), (sides[1], theirs[other_start:other_end])):
            if words:
                parts.append(Part(" ".join(words), differs))
    return tuple(sides[0]), tuple(sides[1])
