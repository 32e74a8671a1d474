"""MEDLINE tagged text (.nbib): PubMed, and ERIC or others that write the same layout."""

import re
from collections.abc import Iterable, Iterator

from .building import Draft
from .model import Problem
from .tagged import Dialect, RawRecord, every, first, raw_records
from .values import doi_of, pmcid_of

_LOOSE = re.compile(r"^\ufeff?([A-Z][A-Z0-9]{1,4}) {0,3}-(?: ?)(.*)$")
_SHORT_TAGS = "AB AD AU DP FAU IP JT LA LID OWN PG PMID PT SO STAT TA TI VI"
_SHORT = frozenset(_SHORT_TAGS.split())


def split(line: str) -> tuple[str, str] | None:
    """Split 'PMID- 1' or 'TI  - Title' into tag and value; the dash stands in the fifth column."""
    if line[:1].isspace():
        return None
    if line[4:6] == "- ":
        tag = line[:4].rstrip()
        if tag.isalnum() and tag.isupper() and tag.isascii():
            return tag, line[6:].strip()
    found = _LOOSE.match(line)
    if found and (found.start(2) in (5, 6, 7) or found.group(1) in _SHORT):
        return found.group(1), found.group(2).strip()
    return None


DIALECT = Dialect(split=split, start="PMID", blank_parts=True)


def drafts(lines: Iterable[str], problems: list[Problem]) -> Iterator[Draft]:
    """Yield the records of a MEDLINE text file."""
    for record in raw_records(lines, DIALECT, problems):
        draft = _draft(record)
        if record.continued:
            draft.note(
                "W_CONTINUATION",
                f"Line {record.continued} has no tag; it was joined to the value before.",
                record.continued,
            )
        yield draft


def _draft(record: RawRecord) -> Draft:
    values = record.values()
    identifiers = every(values, "LID", "AID", "DOI")
    marked = [text for text in identifiers if text.casefold().endswith("[doi]")]
    links = [text for text in identifiers if "doi.org/" in text]
    electronic = [text.split("[pii]")[0].strip() for text in identifiers if text.endswith("[pii]")]
    title = " ".join(every(values, "TI", "BTI")[:1] if "PMID" in values else every(values, "TI"))
    draft = Draft(
        line=record.line,
        raw=record.raw,
        fields=record.fields,
        title=title or first(values, "BTI", "CTI", "TT"),
        authors=every(values, "FAU")
        if _full_names_complete(values)
        else every(values, "AU") or every(values, "CN"),
        date=first(values, "DP", "DEP", "DA"),
        journal=first(values, "JT", "TA"),
        volume=first(values, "VI"),
        issue=first(values, "IP"),
        pages=first(values, "PG")
        or next((text for text in electronic if re.fullmatch(r"e?\d{3,10}", text)), ""),
        doi=next((doi for text in (*marked, *links) if (doi := doi_of(text))), ""),
        pmid=first(values, "PMID"),
        pmcid=pmcid_of(" ".join(every(values, "PMC"))),
        accession=first(values, "PMID", "OID", "AN"),
        abstract="\n\n".join(every(values, "AB", "OAB")),
        keywords=[*every(values, "OT"), *every(values, "MH")],
        language=first(values, "LA"),
        publication_types=every(values, "PT"),
        registry_texts=every(values, "SI"),
    )
    draft.empty = not values or set(values) <= {"OWN", "STAT"}
    return draft


def _full_names_complete(values: dict[str, list[str]]) -> bool:
    return len(values.get("FAU", ())) >= len(values.get("AU", ())) > 0 or (
        "FAU" in values and "AU" not in values
    )
