"""Two prepared items side by side: what agrees, what contradicts, what cannot be told."""

from dataclasses import dataclass

from rapidfuzz import fuzz

from .model import Evidence, Weighs
from .names import agreement
from .places import compare_journals, compare_numbers, compare_pages, compare_volumes
from .prepare import Prepared
from .titles import Title


@dataclass(frozen=True, slots=True)
class Comparison:
    """Agreement part by part; True agrees, False contradicts, None cannot be told.

    `title` and `names` run from 0 to 1 (`names` is None without authors), `years_apart` is a count.
    `reworded` marks titles in which content words stand in for others ('boys' for 'girls').
    `place` is True for the same volume and first page, `exact_place` for the same several pages; without
    volumes it takes the same pages in the same journal and year.
    """

    title: float
    reworded: bool
    numbers_equal: bool
    names: float | None
    years_apart: int | None
    journal: bool | None
    volume: bool | None
    issue: bool | None
    pages: bool | None
    doi: bool | None
    pmid: bool | None
    place: bool
    exact_place: bool

    @property
    def contradicted(self) -> bool:
        """True where volume, pages or years speak against one document."""
        return self.pages is False or self.volume is False or (self.years_apart or 0) > 1


def title_likeness(left: Title, right: Title) -> float:
    """Likeness from 0 to 1; a title with its subtitle left out counts as 0.95."""
    if not left.compact or not right.compact:
        return 0.0
    if left.compact == right.compact:
        return 1.0
    likeness = fuzz.ratio(left.compact, right.compact)
    if likeness > 60:
        likeness = max(likeness, fuzz.token_sort_ratio(left.spaced, right.spaced))
    short, long = (left, right) if len(left.compact) <= len(right.compact) else (right, left)
    if len(short.words) >= 5 and len(short.compact) >= 30 and long.compact.startswith(short.compact):
        likeness = max(likeness, 95.0)
    return likeness / 100


def _reworded(left: Title, right: Title) -> bool:
    """True where each title has a content word that the other has in no spelling."""
    if left.compact == right.compact:
        return False
    mine, theirs = set(left.words) - set(right.words), set(right.words) - set(left.words)
    return _has_own(mine, theirs, right.compact) and _has_own(theirs, mine, left.compact)


def _has_own(mine: set[str], theirs: set[str], other_compact: str) -> bool:
    return any(
        len(word) > 3
        and word not in other_compact
        and not any(fuzz.ratio(word, other) >= 75 for other in theirs)
        for word in mine
    )


def _same_text(left: str, right: str) -> bool | None:
    return left == right if left and right else None


def compare(left: Prepared, right: Prepared) -> Comparison:
    """Compare two prepared items part by part."""
    pages = compare_pages(left.pages, right.pages)
    one, two = left.item.year, right.item.year
    volume = compare_volumes(left.volume, right.volume, (one, two))
    journal = compare_journals(left.journal, right.journal)
    exact = bool(
        pages and left.pages and right.pages and left.pages.is_range and left.pages.last == right.pages.last
    )
    # Proceedings often have no volume; the same stretch of pages in the same year's volume is one place.
    unnumbered = volume is None and exact and journal is True and one is not None and one == two
    return Comparison(
        title=title_likeness(left.title, right.title),
        reworded=_reworded(left.title, right.title),
        numbers_equal=left.title.numbers == right.title.numbers,
        names=agreement(left.names, right.names),
        years_apart=abs(one - two) if one and two else None,
        journal=journal,
        volume=volume,
        issue=compare_numbers(left.issue, right.issue),
        pages=pages,
        doi=_same_text(left.doi, right.doi),
        pmid=_same_text(left.pmid, right.pmid),
        place=bool(volume and pages) or unnumbered,
        exact_place=bool(volume and exact) or unnumbered,
    )


def score(result: Comparison) -> float:
    """One number from 0 to 1 to order pairs by: title 0.45, authors 0.2, place 0.15, journal and ids 0.1 each."""
    names = 0.5 if result.names is None else result.names
    place = 1.0 if result.place else 0.0 if result.contradicted else 0.5
    identifier = 1.0 if result.pmid or result.doi else 0.0 if False in (result.pmid, result.doi) else 0.5
    total = (
        0.45 * result.title + 0.2 * names + 0.15 * place + 0.1 * _weight(result.journal) + 0.1 * identifier
    )
    return round(total, 4)


def _weight(answer: bool | None) -> float:
    return 0.5 if answer is None else float(answer)


def evidence(left: Prepared, right: Prepared, result: Comparison) -> tuple[Evidence, ...]:
    """Say in words what the comparison found, strongest parts first."""
    a, b = left.item, right.item
    found = [
        _judged("PMID", result.pmid, a.pmid, b.pmid),
        _judged("DOI", result.doi, left.doi, right.doi),
        _title_words(result),
        _name_words(left, right, result),
        _judged("journal", result.journal, a.journal, b.journal),
        _year_words(result, a.year, b.year),
        _judged("volume", result.volume, a.volume, b.volume),
        _judged("pages", result.pages, a.pages, b.pages),
    ]
    if left.kind.notice != right.kind.notice:
        kinds = f"{left.kind.notice or 'article'} / {right.kind.notice or 'article'}"
        found.append(Evidence("kind", f"kinds differ: {kinds}", "against"))
    if shared := sorted(left.registry & right.registry):
        found.append(Evidence("registry", f"same trial registry number {', '.join(shared)}", "for"))
    return tuple(item for item in found if item is not None)


def _judged(field: str, answer: bool | None, one: str, two: str) -> Evidence | None:
    if answer is None:
        return None
    verb = "differ" if field in ("pages",) else "differs"
    return (
        Evidence(field, f"same {field}", "for")
        if answer
        else Evidence(field, f"{field} {verb}: {one} / {two}", "against")
    )


def _title_words(result: Comparison) -> Evidence:
    weighs: Weighs = "for" if result.title >= 0.93 and not result.reworded else "neutral"
    says = "same title" if result.title == 1 else f"titles {result.title:.2f} alike"
    if not result.numbers_equal:
        return Evidence("title", f"{says}, but numbers in them differ", "against")
    if result.title < 0.6:
        weighs = "against"
    return Evidence("title", f"{says}, with other words in them" if result.reworded else says, weighs)


def _name_words(left: Prepared, right: Prepared, result: Comparison) -> Evidence:
    if result.names is None:
        return Evidence("authors", "authors missing", "neutral")
    shared, total = result.names, min(len(left.names), len(right.names))
    says = "same authors" if shared == 1 else f"authors {shared:.2f} alike (of {total})"
    return Evidence("authors", says, "for" if shared >= 0.75 else "against" if shared < 0.5 else "neutral")


def _year_words(result: Comparison, one: int | None, two: int | None) -> Evidence | None:
    if result.years_apart is None:
        return None
    if result.years_apart == 0:
        return Evidence("year", "same year", "for")
    return Evidence(
        "year", f"years differ: {one} / {two}", "neutral" if result.years_apart == 1 else "against"
    )
