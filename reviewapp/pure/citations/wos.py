"""Web of Science and ISI field-tagged files (.ciw, .isi, savedrecs.txt)."""

import re
from collections.abc import Iterable, Iterator

from .building import Draft
from .model import Problem
from .tagged import Dialect, RawRecord, every, first, raw_records
from .values import doi_of, pages_of, pmcid_of

_TAG = re.compile(r"^\ufeff?([A-Z][A-Z0-9])(?: (.*)|)$")
_LISTED = frozenset(("AU", "AF", "BE", "BA", "BF", "CA", "GP", "ED", "CR", "C1", "C3"))


def split(line: str) -> tuple[str, str] | None:
    """Split 'AU Henderson, RC' into tag and value; lines that start with blanks have no tag."""
    if line[:1].isspace():
        return None
    found = _TAG.match(line)
    return (found.group(1), (found.group(2) or "").strip()) if found else None


DIALECT = Dialect(split=split, start="PT", end="ER", outside=frozenset(("FN", "VR", "EF")), listed=_LISTED)


def drafts(lines: Iterable[str], problems: list[Problem]) -> Iterator[Draft]:
    """Yield the records of a Web of Science file."""
    for record in raw_records(lines, DIALECT, problems):
        draft = _draft(record)
        if not record.closed:
            draft.note(
                "W_NO_ER",
                f"The record at line {record.line} has no closing ER line; the file may be truncated.",
            )
        if record.continued:
            draft.note(
                "W_CONTINUATION",
                f"Line {record.continued} has no tag; it was joined to the value before.",
                record.continued,
            )
        yield draft


def _draft(record: RawRecord) -> Draft:
    values = record.values()
    full, short = every(values, "AF"), every(values, "AU")
    draft = Draft(
        line=record.line,
        raw=record.raw,
        fields=record.fields,
        title=first(values, "TI"),
        authors=full if len(full) >= len(short) and full else short or every(values, "BA", "CA", "GP"),
        date=first(values, "PY", "PD", "EA"),
        journal=first(values, "SO", "JI", "J9", "SE"),
        volume=first(values, "VL"),
        issue=first(values, "IS", "SI"),
        pages=pages_of(first(values, "BP"), first(values, "EP")) or first(values, "AR"),
        doi=doi_of(first(values, "DI", "D2")),
        pmid=first(values, "PM"),
        pmcid=pmcid_of(first(values, "PN", "C2")),
        accession=first(values, "UT"),
        abstract="\n\n".join(every(values, "AB")),
        keywords=[word for text in every(values, "DE", "ID", "MH") for word in text.split(";")],
        language=first(values, "LA"),
        publication_types=every(values, "DT"),
        url="",
        registry_texts=every(values, "CT", "NT"),
    )
    draft.empty = all(tag == "PT" for tag in values)
    return draft
