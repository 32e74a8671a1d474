"""Authors made comparable: surnames out of every order, style and damage that databases produce."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from .titles import plain

_RUN_TOGETHER = re.compile(r"(?<=\b[A-Z]\.)(?=[A-Z][a-zß-ÿ'’]|[OD]['’][A-Z])")
_ET_AL = re.compile(
    r"^\W*(?:et\.? ?al\.?|and others|others|anonymous|anon\.?|unknown|no authors? listed|\[anonymous\])\W*$",
    re.I,
)
_INITIALS = re.compile(r"^(?:[A-Z]\.?-?){1,4}$")
_SUFFIX = frozenset(("jr", "sr", "ii", "iii", "iv", "md", "phd", "dr", "prof"))


@dataclass(frozen=True, slots=True)
class Name:
    """One author: the surname run together, and every word of the name of two letters or more."""

    surname: str
    words: frozenset[str]


def read_names(authors: Sequence[str]) -> tuple[Name, ...]:
    """Make a list of authors comparable; 'et al.' and empty names are left out."""
    names: list[Name] = []
    for author in authors:
        for part in _parts(author):
            if not _ET_AL.match(part) and (name := _read_name(part)) is not None:
                names.append(name)
    return tuple(names)


def _parts(author: str) -> list[str]:
    if ";" in author:
        return [part for part in author.split(";") if part.strip()]
    if " and " in author:
        return [part for part in author.split(" and ") if part.strip()]
    parts = _RUN_TOGETHER.split(author)
    if len(parts) > 1 and all(re.search(r"[^\W\d_]{2}", part) for part in parts):
        return parts
    return [author]


def _read_name(text: str) -> Name | None:
    text = text.strip(" .,")
    if not text:
        return None
    family, comma, _ = text.partition(",")
    if not comma or not family.strip():
        tokens = text.split()
        while len(tokens) > 1 and (
            _INITIALS.match(tokens[-1]) or tokens[-1].strip(".").casefold() in _SUFFIX
        ):
            tokens.pop()
        given_first = len(tokens) == len(text.split())
        family = tokens[-1] if given_first and len(tokens) > 1 else " ".join(tokens)
    surname = plain(family).replace(" ", "")
    words = frozenset(word for word in plain(text).split() if len(word) > 1)
    return Name(surname, words | {surname}) if surname else None


def same_name(left: Name, right: Name) -> bool:
    """True for equal surnames, a slip in one of them, or family and given name exchanged."""
    if left.surname == right.surname:
        return True
    if left.surname in right.words and right.surname in left.words:
        return True
    if len(left.surname) >= 4 and left.surname in right.words and len(right.words) > 1:
        return True
    if len(right.surname) >= 4 and right.surname in left.words and len(left.words) > 1:
        return True
    shortest = min(len(left.surname), len(right.surname))
    return shortest >= 5 and fuzz.ratio(left.surname, right.surname) >= 82


def agreement(left: Sequence[Name], right: Sequence[Name]) -> float | None:
    """Share of the shorter list found in the longer, 0 to 1; None where a list is empty.

    The first authors count double, since some databases keep only the first few names; the same people
    in another order lose half of that.
    """
    if not left or not right:
        return None
    short, long = (left, right) if len(left) <= len(right) else (right, left)
    taken: set[int] = set()
    for name in short[:30]:
        hit = next(
            (n for n, other in enumerate(long[:60]) if n not in taken and same_name(name, other)), None
        )
        if hit is not None:
            taken.add(hit)
    lead = 1.0 if same_name(left[0], right[0]) else 0.5 if len(taken) == len(left) == len(right) else 0.0
    return (len(taken) + lead) / (min(len(short), 30) + 1)
