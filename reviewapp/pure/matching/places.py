"""Where a citation stands: journal, volume, issue and pages, compared with three answers.

Each comparison says True (agree), False (contradict) or None (cannot tell), because exports abbreviate,
damage and leave out these parts so often that silence is no evidence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from .titles import plain

_CONFERENCE_TAIL = re.compile(r"\.?\s*conference\s*(?:publication)?\s*:.*$", re.IGNORECASE | re.DOTALL)
_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")
_BRACKETED = re.compile(r"[(\[]([^)\]]*)[)\]]")
_STOP = frozenset(
    ("the", "of", "and", "for", "in", "on", "de", "la", "le", "et", "und", "der", "des", "a", "an", "y")
)
_DASHES = re.compile(r"\s*(?:-{1,3}|[‐-―−])\s*")
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", re.IGNORECASE)
_PAGE = re.compile(r"^([a-z]{0,4})(\d+)([a-z]?)$")
_RANGE_WITH_E = re.compile(r"^(\d{2,})e(\d{2,})$")


@dataclass(frozen=True, slots=True)
class Pages:
    """First and last page as comparable text; `electronic` marks an article number."""

    first: str
    last: str
    electronic: bool

    @property
    def is_range(self) -> bool:
        """True where both ends are known and differ."""
        return bool(self.last) and self.last != self.first

    @property
    def length(self) -> int:
        """How many pages, 1 where only the first is known."""
        low, high = _bounds(self)
        return high - low + 1


def read_pages(text: str) -> Pages | None:
    """'644-51' is 644 to 651; '01-Jun', 't-8', '146p' and 'UNKNOWN' say nothing (None)."""
    # Only lower-case letters mark the article numbers of the BMJ ('a1754'); 'A1754' is an abstract.
    numbered = re.match(r"[a-m]\d{3,}\b", text.strip()) is not None
    text = text.strip().casefold()
    text = re.sub(r"^(?:pp?|pages?|seiten?|s)\.?\s+", "", text).rstrip(".;")
    if not text or _MONTH.search(text) or re.fullmatch(r"\d+\s*(?:p|pp|pages|s)\.?", text):
        return None
    head = re.split(r"[,;+]", text)[0].strip()
    if slip := _RANGE_WITH_E.match(head):
        low, high = int(slip.group(1)), int(slip.group(2))
        if low < high < low + 1000:
            return Pages(str(low), str(high), electronic=False)
    ends = [part.replace(" ", "") for part in _DASHES.split(head, maxsplit=1)]
    first = _PAGE.match(ends[0])
    if first is None:
        return None
    last = _PAGE.match(ends[1]) if len(ends) > 1 else None
    if len(ends) > 1 and last is None:
        return None
    start = _page_text(first)
    electronic = numbered or first.group(1) in ("e", "cd", "art") or len(first.group(2)) >= 6
    return Pages(start, _completed(first, last) if last else "", electronic)


def _page_text(found: re.Match[str]) -> str:
    return f"{found.group(1)}{int(found.group(2))}{found.group(3)}"


def _completed(first: re.Match[str], last: re.Match[str]) -> str:
    digits, begin = last.group(2), first.group(2)
    if len(digits) < len(begin):
        digits = begin[: len(begin) - len(digits)] + digits
    prefix = last.group(1) or first.group(1)
    return f"{prefix}{int(digits)}{last.group(3)}"


def compare_pages(left: Pages | None, right: Pages | None) -> bool | None:
    """Agree, contradict or cannot tell; article numbers and pages counted from 1 never contradict."""
    if left is None or right is None:
        return None
    if left.first == right.first or (
        left.last and left.last == right.last and _slip(left.first, right.first)
    ):
        return True
    # Some databases keep the last page alone: '488' for '487-488'.
    if (right.last == left.first and not left.last) or (left.last == right.first and not right.last):
        return True
    if left.electronic or right.electronic or "1" in (left.first, right.first):
        return None
    return None if _overlap(left, right) else False


def _slip(left: str, right: str) -> bool:
    return fuzz.ratio(left, right) >= 75


def _overlap(left: Pages, right: Pages) -> bool:
    """True where the two stretches share pages; two documents cannot, so one of them is a slip."""
    if left.last and left.last == right.last:
        return True
    low, high = _bounds(left)
    other_low, other_high = _bounds(right)
    return low <= other_high and other_low <= high


def _bounds(pages: Pages) -> tuple[int, int]:
    first = int(re.sub(r"\D", "", pages.first))
    last = int(re.sub(r"\D", "", pages.last)) if pages.last else first
    return first, max(first, last)


def read_number(text: str) -> str:
    """The first number of a volume or issue: '28 (5 Suppl)' is '28'; a year-like date or word is ''."""
    if _MONTH.search(text):
        return ""
    found = re.search(r"\d+", text)
    return str(int(found.group())) if found else ""


def compare_numbers(left: str, right: str) -> bool | None:
    """Agree, contradict, or None where one is missing."""
    return left == right if left and right else None


def compare_volumes(left: str, right: str, years: tuple[int | None, int | None]) -> bool | None:
    """Like `compare_numbers`, but a year in place of a volume contradicts nothing."""
    answer = compare_numbers(left, right)
    given = {str(year) for year in years if year}
    return None if answer is False and (left in given or right in given) else answer


@dataclass(frozen=True, slots=True)
class Journal:
    """A container's name as words, without articles, places in brackets and conference titles.

    `others` are further names printed with it: 'Ai zheng = Chinese journal of cancer'.
    """

    words: tuple[str, ...]
    every_word: tuple[str, ...]
    initials: tuple[str, ...]
    compact: str
    others: tuple["Journal", ...] = ()


@lru_cache(maxsize=20_000)
def read_journal(text: str) -> Journal:
    """Make a journal's name comparable."""
    text = _CONFERENCE_TAIL.sub("", text)
    names = [part for part in _BRACKETS.sub(" ", text).split(" = ") if part.strip()]
    names += [inner for inner in _BRACKETED.findall(text) if len(inner.split()) > 2]
    journals = [_one_journal(name) for name in names] or [_one_journal("")]
    lead = journals[0]
    return Journal(lead.words, lead.every_word, lead.initials, lead.compact, tuple(journals[1:]))


def _one_journal(name: str) -> Journal:
    words = tuple(plain(name).split())
    kept = tuple(word for word in words if word not in _STOP) or words
    initials = tuple({"".join(word[0] for word in words), "".join(word[0] for word in kept)}) if words else ()
    return Journal(kept, words, initials, "".join(kept))


@lru_cache(maxsize=200_000)
def compare_journals(left: Journal, right: Journal) -> bool | None:
    """True for the same name, its abbreviation or acronym; None where one is missing or too short to say."""
    answers = [_compare_names(one, two) for one in (left, *left.others) for two in (right, *right.others)]
    return True if True in answers else None if None in answers else False


def _compare_names(left: Journal, right: Journal) -> bool | None:
    if not left.words or not right.words:
        return None
    pairs = ((left.words, right.words), (left.every_word, right.every_word))
    if left.compact == right.compact or any(_abbreviates(a, b) or _abbreviates(b, a) for a, b in pairs):
        return True
    if left.compact in right.initials or right.compact in left.initials:
        return True
    if len(left.words) > 1 and len(right.words) > 1 and fuzz.ratio(left.compact, right.compact) >= 90:
        return True
    short, long = sorted((left.words, right.words), key=len)
    if set(short) <= set(long):
        return True if len(short) >= 2 else None
    return False


def _abbreviates(short: Sequence[str], long: Sequence[str]) -> bool:
    """True where each word of `short` begins, in order, a word of `long`, and most words are met."""
    if not short or short[0][0] != long[0][0]:
        return False
    place, met = 0, 0
    for word in short:
        while place < len(long) and not _begins(word, long[place]):
            place += 1
        if place == len(long):
            return False
        place, met = place + 1, met + 1
    return met >= 2 and met / len(long) >= 0.6


def _begins(word: str, full: str) -> bool:
    if full.startswith(word):
        return True
    # 'intl' and 'dept': the first letter, then letters in order, for short forms without vowels.
    if len(word) < 3 or len(word) > 5 or word[0] != full[0] or word[-1] not in full:
        return False
    letters = iter(full)
    return all(letter in letters for letter in word)
