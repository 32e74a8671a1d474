"""Refer, BibIX and EndNote tagged text (.enw): lines such as '%T Title'."""

import re
from collections.abc import Iterable, Iterator

from .building import Draft
from .model import Problem
from .tagged import Dialect, RawRecord, every, first, raw_records
from .values import doi_of, pmcid_of, pmid_of

_TAG = re.compile(r"^\ufeff?%([0-9A-Za-z@!#$&()*+,/:;<=>?\[\\\]^_`{|}~'\"-])(?: (.*)|\s*)$")


def split(line: str) -> tuple[str, str] | None:
    """Split '%T Title' into tag and value."""
    found = _TAG.match(line)
    return (f"%{found.group(1)}", (found.group(2) or "").strip()) if found else None


DIALECT = Dialect(split=split, start="%0", blank_parts=True, indented=False)


def drafts(lines: Iterable[str], problems: list[Problem]) -> Iterator[Draft]:
    """Yield the records of a Refer or EndNote tagged file."""
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
    notes = " ".join(every(values, "%Z", "%M", "%<"))
    links = every(values, "%R", "%U", "%>", "%3")
    draft = Draft(
        line=record.line,
        raw=record.raw,
        fields=record.fields,
        title=first(values, "%T", "%!"),
        authors=every(values, "%A") or every(values, "%H"),
        date=first(values, "%D", "%8"),
        journal=first(values, "%J", "%B"),
        volume=first(values, "%V"),
        issue=first(values, "%N"),
        pages=first(values, "%P", "%7") if "%P" in values else first(values, "%]"),
        doi=next((doi for text in links if (doi := doi_of(text))), ""),
        pmid=pmid_of(notes),
        pmcid=pmcid_of(first(values, "%2", "%M")),
        accession=first(values, "%M"),
        abstract="\n\n".join(every(values, "%X")),
        keywords=[word for text in every(values, "%K") for word in text.split(";")],
        language=first(values, "%G"),
        publication_types=[*every(values, "%9"), first(values, "%0")],
        url=next((link for link in links if link.casefold().startswith(("http://", "https://"))), ""),
        registry_texts=[notes],
    )
    draft.empty = all(tag == "%0" for tag in values)
    return draft
