"""RIS in all its dialects: EndNote, Ovid, Embase, CENTRAL, EBSCO, Web of Science, Scopus, Zotero."""

import re
from collections.abc import Iterable, Iterator

from .building import Draft
from .model import Problem
from .tagged import Dialect, RawRecord, every, first, raw_records
from .values import doi_of, pages_of, pmcid_of, pmid_of

_TAGS = """
A1 A2 A3 A4 A5 A6 AB AD AF AN AR AU AV BN BT C1 C2 C3 C4 C5 C6 C7 C8 CA CC CL CN CO CP CR CT CY DA
DB DE DI DO DP DS ED EP ER ET FD H1 H2 ID IP IS J1 J2 JA JF JO JR K1 KW L1 L2 L3 L4 LA LB LK LL M1
M2 M3 M4 N1 N2 NO NV OL OP PA PB PG PI PM PMID PP PT PY RD RI RN RP RT SE SF SL SN SO SP SR ST T1 T2
T3 TA TI TT TY U1 U2 U3 U4 U5 UR UT VL VO WP WT WV Y1 Y2 YR
"""
KNOWN_TAGS = frozenset(_TAGS.split())
TYPES = {
    "ABST": "Abstract",
    "BOOK": "Book",
    "CHAP": "Book chapter",
    "CONF": "Conference proceedings",
    "CPAPER": "Conference paper",
    "EJOUR": "Electronic article",
    "JOUR": "Journal article",
    "JFULL": "Journal",
    "RPRT": "Report",
    "THES": "Thesis",
    "UNPB": "Unpublished",
}
_LOOSE = re.compile(r"^[\ufeff ]?([A-Z][A-Z0-9])[ \t]{0,3}-(?:[ \t]+(.*)|)$")
_LINKS = ("UR", "L1", "L2", "L3", "L4", "LK")


def split(line: str) -> tuple[str, str] | None:
    """Split 'TY  - JOUR' into tag and value; one space, tabs and a missing value are allowed."""
    if line[2:6] == "  - ":
        tag = line[:2]
        if tag.isalnum() and tag.isascii() and tag.isupper():
            return tag, line[6:].strip()
    found = _LOOSE.match(line)
    if found and (found.group(1) in KNOWN_TAGS or line[2:5] == "  -"):
        return found.group(1), (found.group(2) or "").strip()
    return None


_CORE = frozenset(("TI", "T1", "CT", "BT", "AU", "A1", "AB", "N2", "DO"))
DIALECT = Dialect(split=split, start="TY", end="ER", indented=False, core=_CORE)


def drafts(lines: Iterable[str], problems: list[Problem]) -> Iterator[Draft]:
    """Yield the records of a RIS file; unknown tags are reported once each and kept."""
    unknown: set[str] = set()
    for record in raw_records(lines, DIALECT, problems):
        draft = _draft(record)
        _notes(record, draft, unknown)
        yield draft


def _draft(record: RawRecord) -> Draft:
    values = record.values()
    doi = _doi(values)
    start, end = first(values, "SP", "PG", "PP"), first(values, "EP")
    database = " ".join(every(values, "DB", "DP")).casefold()
    accession = first(values, "AN", "UT", "U2")
    draft = Draft(
        line=record.line,
        raw=record.raw,
        fields=record.fields,
        title=first(values, "TI", "T1", "CT", "BT", "ST", "TT"),
        authors=every(values, "AU", "A1"),
        date=_date(values),
        journal=first(values, "JF", "T2", "JO", "JA", "J2", "J1", "JR", "BT", "T3"),
        volume=first(values, "VL", "VO"),
        issue=_issue(values),
        pages=pages_of(start, end) or first(values, "C7", "AR"),
        doi=doi,
        pmid=_pmid(values, accession, database),
        pmcid=pmcid_of(" ".join(every(values, "C2", "UR", "N1"))) if _mentions(values, "PMC") else "",
        accession=accession,
        abstract="\n\n".join(every(values, "AB", "N2")),
        keywords=_keywords(values),
        language=first(values, "LA"),
        publication_types=_types(values),
        url=next((link for link in every(values, "UR", "L2", "LK") if _is_web(link)), ""),
        registry_texts=every(
            values, "ID", "M1", "UR", "C1", "C2", "C3", "C4", "C5", "C6", "N1", "U1", "JO", "JF"
        ),
    )
    draft.empty = all(tag == "TY" for tag in values)
    return draft


def _mentions(values: dict[str, list[str]], word: str) -> bool:
    return any(word in text for tag in ("C2", "UR", "N1") for text in values.get(tag, ()))


def _date(values: dict[str, list[str]]) -> str:
    dates = every(values, "PY", "Y1", "DA", "YR")
    return next((date for date in dates if re.search(r"(1[5-9]|20)\d\d", date)), dates[0] if dates else "")


def _doi(values: dict[str, list[str]]) -> str:
    for tag in ("DO", "DI", "M3", "L3"):
        for text in values.get(tag, ()):
            if doi := doi_of(text):
                return doi
    for tag in ("UR", "L2", "LK", "N1", "AN"):
        for text in values.get(tag, ()):
            if ("doi" in text.casefold() or text.startswith("10.")) and (doi := doi_of(text)):
                return doi
    return ""


def _issue(values: dict[str, list[str]]) -> str:
    issue = first(values, "IS", "CP", "IP")
    # EndNote writes the issue of a journal article into M1; Ovid writes its long accession numbers there.
    return issue or next((m for m in values.get("M1", ()) if re.fullmatch(r"\d{1,3}(?: ?Suppl.*)?", m)), "")


def _pmid(values: dict[str, list[str]], accession: str, database: str) -> str:
    for tag in ("PM", "C2", "C6", "U1", "N1", "AN", "ID", "UR"):
        for text in values.get(tag, ()):
            if tag == "PM" and text.isdigit():
                return text
            if len(text) < 400 and (pmid := pmid_of(text)):
                return pmid
    if (
        accession.isdigit()
        and len(accession) <= 8
        and any(word in database for word in ("pubmed", "medline", "nlm"))
    ):
        return accession.lstrip("0")
    return ""


def _keywords(values: dict[str, list[str]]) -> list[str]:
    words = every(values, "KW", "K1", "DE")
    return [part.strip() for word in words for part in word.split(";")]


def _types(values: dict[str, list[str]]) -> list[str]:
    kinds = [kind for kind in every(values, "M3", "PT", "RT") if not doi_of(kind)]
    kind = first(values, "TY")
    return [*kinds, TYPES.get(kind, kind)]


def _is_web(link: str) -> bool:
    return link.casefold().startswith(("http://", "https://"))


def _notes(record: RawRecord, draft: Draft, unknown: set[str]) -> None:
    if not record.closed:
        draft.note(
            "W_NO_ER",
            f"The record at line {record.line} has no closing ER line; the file may be damaged or truncated.",
        )
    if not record.started:
        draft.note("W_NO_TYPE", f"The record at line {record.line} has no TY line.")
    elif record.start_place:
        draft.note("W_TY_NOT_FIRST", f"In the record at line {record.line} the TY line is not the first.")
    if record.continued:
        draft.note(
            "W_CONTINUATION",
            f"Line {record.continued} has no tag; it was joined to the value before.",
            record.continued,
        )
    for tag, value in record.fields:
        if tag not in KNOWN_TAGS and tag not in unknown:
            unknown.add(tag)
            draft.note(
                "W_UNKNOWN_TAG",
                f"Tag {tag} (record at line {record.line}) is not known; its values are kept.",
            )
        elif tag in _LINKS and value and (".." in value[:3] or "://" in value) and not _is_web(value):
            draft.note(
                "W_BAD_URL",
                f"“{value[:80]}” (record at line {record.line}) is no web address; it is not linked.",
            )
