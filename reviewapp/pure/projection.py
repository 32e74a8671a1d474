"""What a record shows when it has several copies: the best value of each field, and the text its search reads."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

_ET_AL = {"et al", "et al.", "others", "and others"}


@dataclass(frozen=True, slots=True)
class Copy:
    """One citation of a record; ``rank`` orders copies, the most trusted first, and must differ between copies."""

    rank: tuple[int, str, int, str]
    from_database: bool
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    language: str = ""
    publication_types: tuple[str, ...] = ()
    registry_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Best:
    """The projection of a record; ``from_database`` is true if any copy came from a database or register."""

    title: str
    authors: tuple[str, ...]
    year: int | None
    journal: str
    volume: str
    issue: str
    pages: str
    doi: str
    pmid: str
    abstract: str
    keywords: tuple[str, ...]
    language: str
    publication_types: tuple[str, ...]
    registry_ids: tuple[str, ...]
    from_database: bool
    search: str


def best_of(copies: Sequence[Copy]) -> Best:
    """Return the projection of one or more copies; the same copies give the same result in any order.

    Numbers that identify (year, DOI, PMID) are the value most copies agree on; texts that databases cut short
    (abstract, authors, pages) are the fullest; everything else comes from the most trusted copy that has it.
    Raises ValueError without a copy.
    """
    if not copies:
        raise ValueError("a record needs at least one copy")
    ordered = sorted(copies, key=lambda copy: copy.rank)
    title = _title(ordered)
    authors = max((_people(copy.authors) for copy in ordered), key=len)
    years = [copy.year for copy in ordered if copy.year is not None]
    return Best(
        title=title,
        authors=authors,
        year=_commonest(years) if years else None,
        journal=_first(ordered, lambda copy: copy.journal),
        volume=_first(ordered, lambda copy: copy.volume),
        issue=_first(ordered, lambda copy: copy.issue),
        pages=max((copy.pages for copy in ordered), key=len),
        doi=_agreed(copy.doi for copy in ordered),
        pmid=_agreed(copy.pmid for copy in ordered),
        abstract=max((copy.abstract for copy in ordered), key=len),
        keywords=_union(copy.keywords for copy in ordered),
        language=_first(ordered, lambda copy: copy.language),
        publication_types=_union(copy.publication_types for copy in ordered),
        registry_ids=_union(copy.registry_ids for copy in ordered),
        from_database=any(copy.from_database for copy in ordered),
        search=_search(ordered),
    )


def fold(text: str) -> str:
    """Return text as the search compares it: no case, no accents, one space between words."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in decomposed if unicodedata.category(sign) != "Mn")
    return " ".join(unicodedata.normalize("NFC", plain).casefold().split())


def _title(ordered: Sequence[Copy]) -> str:
    """Prefer a title that is not written in capitals throughout."""
    titles = [copy.title for copy in ordered if copy.title]
    calm = [title for title in titles if not title.isupper()]
    return (calm or titles or [""])[0]


def _people(authors: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in authors if name.casefold().strip() not in _ET_AL)


def _first(ordered: Sequence[Copy], value: Callable[[Copy], str]) -> str:
    return next((value(copy) for copy in ordered if value(copy)), "")


def _commonest(values: Sequence[int]) -> int:
    return Counter(values).most_common(1)[0][0]


def _agreed(values: Iterable[str]) -> str:
    given = [value for value in values if value]
    return Counter(given).most_common(1)[0][0] if given else ""


def _union(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for values in lists:
        for value in values:
            seen.setdefault(value.casefold(), value)
    return tuple(seen.values())


def _search(ordered: Sequence[Copy]) -> str:
    """Everything a person may type to find the record, of all its copies, each text once."""
    parts: dict[str, None] = {}
    for copy in ordered:
        year = str(copy.year) if copy.year is not None else ""
        ids = (copy.doi, copy.pmid, copy.pmcid, *copy.registry_ids)
        for text in (copy.title, "; ".join(copy.authors), copy.journal, year, *ids):
            if text:
                parts[fold(text)] = None
    return " \n ".join(parts)
