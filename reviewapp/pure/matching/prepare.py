"""Items made comparable once, before any two are compared."""

from dataclasses import dataclass

from .kinds import DocumentKind, read_kind
from .model import Item
from .names import Name, read_names
from .places import Journal, Pages, read_journal, read_number, read_pages
from .titles import Title, read_title


@dataclass(frozen=True, slots=True)
class Prepared:
    """One item with every part in comparable form; `place` is its index in the input."""

    place: int
    item: Item
    title: Title
    kind: DocumentKind
    names: tuple[Name, ...]
    journal: Journal
    volume: str
    issue: str
    pages: Pages | None
    doi: str
    pmid: str
    registry: frozenset[str]


def prepare(place: int, item: Item) -> Prepared:
    """Make one item comparable."""
    kind = read_kind(item)
    return Prepared(
        place=place,
        item=item,
        title=read_title(kind.stem),
        kind=kind,
        names=read_names(item.authors),
        journal=read_journal(item.journal),
        volume=read_number(item.volume),
        issue=read_number(item.issue),
        pages=read_pages(item.pages),
        doi=item.doi.strip().casefold(),
        pmid=item.pmid.strip(),
        registry=frozenset(item.registry_ids),
    )
