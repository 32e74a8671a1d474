"""What goes into the search for duplicates and what comes out."""

from dataclasses import dataclass
from typing import Literal

Weighs = Literal["for", "against", "neutral"]
Kind = Literal["merge", "ask", "link"]


@dataclass(frozen=True, slots=True)
class Item:
    """One citation as the search for duplicates sees it; `key` is the caller's, unique and stable."""

    key: str
    source: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    registry_ids: tuple[str, ...] = ()
    accession: str = ""
    publication_types: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against two citations being the same record, in words."""

    field: str
    says: str
    weighs: Weighs


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """What is proposed for two citations and why.

    `score` runs from 0 to 1 and orders pairs; it is no probability. `kind` is 'merge' (same record, no
    person needed), 'ask' (a person decides) or 'link' (other reports of one study, never merged);
    `link_reason` says how linked reports belong together and is '' otherwise.
    """

    left: str
    right: str
    score: float
    kind: Kind
    evidence: tuple[Evidence, ...]
    link_reason: str = ""


@dataclass(frozen=True, slots=True)
class Grouping:
    """The outcome for a set of citations, in an order that depends on the input alone.

    `groups` are clusters of two or more keys to merge without a person; `merged_pairs` say why. `ask`
    and `links` hold at most one pair (the best) for any two clusters.
    """

    groups: tuple[tuple[str, ...], ...]
    ask: tuple[PairVerdict, ...]
    links: tuple[PairVerdict, ...]
    merged_pairs: tuple[PairVerdict, ...]
