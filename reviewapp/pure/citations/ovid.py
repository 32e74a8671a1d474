"""Ovid text exports: '<12>' before each record, then 'TI  - Title' lines or labels over indented text."""

import re
from collections.abc import Iterable, Iterator

from .building import Draft
from .model import Problem
from .tagged import Dialect, RawRecord, every, first, raw_records
from .values import doi_of, pmid_of

_START = re.compile(r"^\ufeff?<\s*(\d+)\s*\.?\s*>\s*$")
_TAG = re.compile(r"^([A-Z][A-Z0-9]) {0,2}- ?(.*)$")
_LABEL = re.compile(r"^[A-Z][A-Za-z/&-]*(?: [A-Za-z/&-]+){0,6}\s*$")
_DEGREES = re.compile(
    r"(?:,?\s+(?:Ph\.?\s?D|M\.?D|MPH|MSc?|BSc?|FACSM|RN|DrPH|Dr|\[Ed\]|\d[\d,+*\s]*|[+*]+)\.?)+$"
)
_KIND = re.compile(r"\s*\[([A-Z][\w ]{2,40})\]\.?\s*$")
_SOURCE = re.compile(
    r"^(?P<journal>.*?)(?:\.\s+|\s+)(?:Vol\.? ?)?(?:(?:[A-Z][a-z]+(?:/[A-Z][a-z]+)? )?(?P<before>(?:19|20)\d\d);)?"
    r"(?P<volume>\d+)(?:\((?P<issue>[^)]*)\))?(?::(?P<pages>[\w-]+))?[,. ]"
)


def split(line: str) -> tuple[str, str] | None:
    """Split a line into tag or label and value; '<12>' opens a record under the tag '<>'."""
    if start := _START.match(line):
        return "<>", start.group(1)
    if tagged := _TAG.match(line):
        return tagged.group(1), tagged.group(2).strip()
    return (line.strip(), "") if _LABEL.match(line) else None


DIALECT = Dialect(split=split, start="<>")


def drafts(lines: Iterable[str], problems: list[Problem]) -> Iterator[Draft]:
    """Yield the records of an Ovid text file."""
    for record in raw_records(lines, DIALECT, problems):
        yield _draft(record)


def _draft(record: RawRecord) -> Draft:
    values = record.values()
    title = first(values, "TI", "Title", "Chapter Title")
    kind = _KIND.search(title)
    source = f"{first(values, 'SO', 'Source')} "
    place = _SOURCE.match(source)
    found = place.groupdict(default="") if place else {}
    names = [name for text in every(values, "AU", "Author", "Authors") for name in text.split(";")]
    draft = Draft(
        line=record.line,
        raw=record.raw,
        fields=record.fields,
        title=title[: kind.start()] if kind else title,
        authors=[_DEGREES.sub("", name.strip()) for name in names],
        date=first(values, "YR", "DP", "Year of Publication", "Date of Publication") or source,
        journal=first(values, "JN", "JT", "Journal", "Journal Name") or found.get("journal", "") or source,
        volume=first(values, "VO", "VI", "Volume") or found.get("volume", ""),
        issue=first(values, "IP", "Issue") or found.get("issue", ""),
        pages=first(values, "PG", "Pages") or found.get("pages", ""),
        doi=doi_of(first(values, "DI", "DO", "DOI Number", "DOI", "Digital Object Identifier")),
        pmid=pmid_of(" ".join(every(values, "PM", "UI"))),
        accession=first(values, "AN", "UI", "Accession Number"),
        abstract="\n\n".join(every(values, "AB", "Abstract")),
        keywords=[
            word
            for text in every(values, "KW", "MH", "Author Keywords", "Keywords", "Subject Headings")
            for word in text.split(";")
        ],
        language=first(values, "LG", "Language").rstrip("."),
        publication_types=[
            *every(values, "PT", "DT", "Publication Type", "Document Type"),
            *([kind[1]] if kind else []),
        ],
        url=next((link for link in every(values, "XL") if link.startswith("http")), ""),
        registry_texts=every(values, "SI", "CN"),
    )
    draft.empty = all(tag == "<>" for tag in values)
    return draft
