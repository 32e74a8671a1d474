"""The files that the demo brings in: each copy of a record in the dialect of its database, as that database prints it.

Nothing is added to the facts: a field that was not seen is left out. A summary stands where an abstract would, in one
copy of its record, marked as what it is.
"""

from __future__ import annotations

import csv
import io
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from synthesis.management.demo import facts

SUMMARY_MARK = "[Demo summary]"
SUMMARY_NOTE = "Demo summary, written for Dyad from verified facts; not the authors' abstract."
_ABSTRACT_IN = ("medline", "embase", "central", "wos", "cinahl", "other")
"""Which copy carries the summary: the first of these that a record has."""
_NAME = re.compile(r"(?P<family>.+?) (?P<initials>(?:[A-Z][.-]?[a-z]?-?){1,5})")
_RANGE = re.compile(r"([A-Za-z]?)(\d+)-([A-Za-z]?)(\d+)")
Lines = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a record as its source prints it; an empty text is a field that the copy does not carry."""

    title: str
    authors: tuple[str, ...]
    year: str
    journal: str
    volume: str
    issue: str
    pages: str
    doi: str
    pmid: str
    pmcid: str
    accession: str
    registry_ids: tuple[str, ...]
    language: str
    translated_title: str
    summary: str
    route: str


def _copy(record: dict[str, Any], where: dict[str, Any]) -> Copy:
    printed = {**record, **where.get("prints", {})}
    lacks = set(where.get("lacks", ()))

    def text(name: str) -> str:
        value = printed.get(name)
        return "" if value is None or name in lacks else str(value)

    authors = tuple(printed["authors"]) + (("et al.",) if printed.get("et_al") else ())
    held = {copy["source"] for copy in record["in"]}
    carrier = next(source for source in _ABSTRACT_IN if source in held)
    summary = facts.summaries().get(record["key"], "") if where["source"] == carrier else ""
    return Copy(
        title=text("title"),
        authors=authors,
        year=text("year"),
        journal=text("journal"),
        volume=text("volume"),
        issue=text("issue"),
        pages=text("pages"),
        doi=text("doi"),
        pmid=text("pmid"),
        pmcid=text("pmcid"),
        accession=text("embase_accession") if where["source"] == "embase" else "",
        registry_ids=tuple(printed.get("registry_ids", ())),
        language=text("language"),
        translated_title=text("translated_title"),
        summary=f"{SUMMARY_MARK} {summary}" if summary else "",
        route=where.get("route", ""),
    )


def copies(source: str) -> list[Copy]:
    """Return the copies of a source in the order of its rows."""
    rows = [
        (where["row"], _copy(record, where))
        for record in facts.records().values()
        for where in record["in"]
        if where["source"] == source
    ]
    return [copy for _row, copy in sorted(rows, key=lambda one: one[0])]


def _split(name: str) -> tuple[str, str]:
    """Split "Henderson RC" into family name and initials; a name without initials has none."""
    found = _NAME.fullmatch(name)
    return (found["family"], found["initials"]) if found else (name, "")


def _comma(name: str) -> str:
    family, initials = _split(name)
    return f"{family}, {initials}" if initials else family


def _dotted(name: str) -> str:
    family, initials = _split(name)
    letters = re.sub(r"([A-Z][a-z]?)(?=[A-Z]|$)", r"\1.", initials)
    return f"{family}, {letters}" if initials else family


def _first_and_last(pages: str) -> tuple[str, str]:
    first, dash, last = pages.partition("-")
    return (first, last) if dash else (pages, "")


def _short(pages: str, dash: str = "-") -> str:
    """Shorten the last page as PubMed does: 644-651 is 644-51."""
    found = _RANGE.fullmatch(pages)
    if found is None or found[1] != found[3] or found[1]:
        return pages.replace("-", dash)
    first, last = found[2], found[4]
    if len(first) == len(last):
        same = next((n for n, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), len(last) - 1)
        last = last[same:]
    return f"{first}{dash}{last}"


def _ris(lines: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{tag}  - {value}\n" for tag, value in lines if value) + "ER  - \n\n"


def _summary(copy: Copy, tag: str, note_tag: str) -> Lines:
    return [(tag, copy.summary), (note_tag, SUMMARY_NOTE)] if copy.summary else []


def _central(copy: Copy) -> str:
    registered = [("ID", number) for number in copy.registry_ids]
    return _ris(
        [
            ("TY", "JOUR"),
            *(("AU", name) for name in copy.authors),
            ("TI", copy.title),
            ("JO", copy.journal),
            ("PY", copy.year),
            ("VL", copy.volume),
            ("IS", copy.issue),
            ("SP", _short(copy.pages, "\u2010")),
            ("C2", f"PUBMED {copy.pmid}" if copy.pmid else ""),
            ("M3", "Trial registry record" if registered and not copy.journal else "Journal article"),
            *registered,
            *_summary(copy, "AB", "N1"),
            ("DO", f"https://doi.org/{copy.doi}" if copy.doi else ""),
            ("DB", "CENTRAL"),
        ]
    )


def _embase(copy: Copy) -> str:
    first, last = _first_and_last(copy.pages)
    return _ris(
        [
            ("TY", "JOUR"),
            ("T1", copy.title),
            ("TT", copy.translated_title),
            *(("A1", _dotted(name)) for name in copy.authors),
            ("Y1", f"{copy.year}//" if copy.year else ""),
            ("JF", copy.journal),
            ("VL", copy.volume),
            ("IS", copy.issue),
            ("SP", first),
            ("EP", last),
            ("AN", copy.accession),
            ("M3", "Article"),
            ("LA", copy.language),
            *_summary(copy, "N2", "N1"),
            ("DO", copy.doi),
            ("DB", "Embase"),
        ]
    )


def _cinahl(copy: Copy) -> str:
    first, last = _first_and_last(copy.pages)
    return _ris(
        [
            ("TY", "JOUR"),
            ("T1", f"{copy.title.rstrip('.')}."),
            *(("AU", _comma(name)) for name in copy.authors),
            ("JO", copy.journal),
            ("JF", copy.journal),
            ("Y1", f"{copy.year}///" if copy.year else ""),
            ("VL", copy.volume),
            ("IS", copy.issue),
            ("SP", first),
            ("EP", last),
            ("LA", copy.language),
            *_summary(copy, "AB", "N1"),
            ("DO", copy.doi.upper()),
            ("DP", "EBSCOhost"),
            ("DB", "ccm"),
        ]
    )


def _tagged(lines: Iterable[tuple[str, str]], lead: str, indent: str, width: int) -> str:
    """Write tag and value, long values folded; ``lead`` takes the tag."""
    out = ""
    for tag, value in lines:
        if value:
            folded = textwrap.wrap(value, width, break_long_words=False, break_on_hyphens=False)
            out += lead.format(tag) + f"\n{indent}".join(folded) + "\n"
    return out


def _pubmed(copy: Copy) -> str:
    doi = f"{copy.doi} [doi]" if copy.doi else ""
    lines: Lines = [
        ("PMID", copy.pmid),
        ("VI", copy.volume),
        ("IP", copy.issue),
        ("DP", copy.year),
        ("TI", f"{copy.title.rstrip('.')}."),
        ("PG", _short(copy.pages)),
        ("LID", doi),
        *_summary(copy, "AB", "GN"),
        *(("AU", name) for name in copy.authors),
        ("LA", copy.language),
        ("JT", copy.journal),
        ("AID", doi),
        ("PMC", copy.pmcid),
    ]
    return _tagged(lines, "{:<4}- ", "      ", 80) + "\n"


def _web_of_science(copy: Copy) -> str:
    first, last = _first_and_last(copy.pages)
    names = [_comma(name) for name in copy.authors]
    people = "AU " + "\n   ".join(names) + "\n" if names else ""
    lines: Lines = [
        ("TI", copy.title),
        ("SO", copy.journal.upper()),
        ("LA", copy.language),
        ("DT", "Article"),
        *_summary(copy, "AB", "NT"),
        ("PY", copy.year),
        ("VL", copy.volume),
        ("IS", copy.issue),
        ("BP", first),
        ("EP", last),
        ("DI", copy.doi),
    ]
    return f"PT J\n{people}{_tagged(lines, '{} ', '   ', 78)}ER\n\n"


def _table(rows: Sequence[Copy]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = ("source_route", "authors", "year", "title", "journal", "volume", "issue", "pages", "doi", "pmid")
    writer.writerow(names)
    for copy in rows:
        people = "; ".join(copy.authors)
        place = (copy.journal, copy.volume, copy.issue, copy.pages, copy.doi, copy.pmid)
        writer.writerow((copy.route, people, copy.year, copy.title, *place))
    return out.getvalue()


def _joined(one: Callable[[Copy], str], head: str = "", foot: str = "") -> Callable[[Sequence[Copy]], str]:
    return lambda rows: head + "".join(map(one, rows)) + foot


_FILES: dict[str, tuple[str, Callable[[Sequence[Copy]], str]]] = {
    "central": ("central.ris", _joined(_central)),
    "medline": ("pubmed.nbib", _joined(_pubmed)),
    "embase": ("embase.ris", _joined(_embase)),
    "cinahl": ("cinahl.ris", _joined(_cinahl)),
    "wos": ("web_of_science.ciw", _joined(_web_of_science, "FN Web of Science\nVR 1.0\n", "EF\n")),
    "other": ("hand_search.csv", _table),
}


def file_of(source: str) -> tuple[str, bytes]:
    """Return the name and the bytes of the file that a source (by key) gave."""
    name, write = _FILES[source]
    return name, write(copies(source)).encode()
