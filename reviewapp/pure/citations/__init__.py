"""Citation files of all common databases, read whole or refused with a reason.

One reader a file: tagged lines (RIS, MEDLINE, Ovid, Web of Science, Refer), tables, workbooks, BibTeX, XML.
"""

from collections.abc import Iterator

from . import bibtex, endnote_xml, medline, ovid, pubmed_xml, refer, ris, tables, workbook, wos
from .building import Builder, Draft
from .encoding import decode, detect, head, lines
from .model import Citation, Limits, Problem, Reading, UnreadableFile
from .sniffing import HEAD, NAMES, READABLE, choose, of_bytes, of_text
from .xml_safety import refuse_entities

__all__ = [
    "NAMES",
    "READABLE",
    "Citation",
    "Limits",
    "Problem",
    "Reading",
    "UnreadableFile",
    "iter_citations",
    "read",
    "stream",
]

_TAGGED = {
    "ris": ris.drafts,
    "nbib": medline.drafts,
    "wos": wos.drafts,
    "refer": refer.drafts,
    "ovid": ovid.drafts,
}
_XML = {"endnote_xml": endnote_xml.drafts, "pubmed_xml": pubmed_xml.drafts}


def read(data: bytes, filename: str, read_as: str | None = None, *, limits: Limits | None = None) -> Reading:
    """Read one file: encoding and format are found from the content and checked against the name.

    `read_as` (a key of READABLE) overrules the name and the content. Raises UnreadableFile, with a
    sentence that names file and line, for anything that cannot be read whole.
    """
    problems: list[Problem] = []
    skipped: list[Problem] = []
    builder = Builder(limits or Limits(), problems, skipped)
    kind, encoding, citations = _open(data, filename, read_as, builder)
    found = tuple(citations)
    if not found and not skipped:
        raise UnreadableFile(f"{filename}: no record was found (read as {NAMES[kind]}).", code="E_NO_RECORDS")
    return Reading(kind, encoding, found, tuple(problems), tuple(skipped))


def stream(
    data: bytes,
    filename: str,
    read_as: str | None = None,
    *,
    limits: Limits | None = None,
    problems: list[Problem],
    skipped: list[Problem],
) -> tuple[str, str, Iterator[Citation]]:
    """Like `read`, for large files: return format, encoding and the citations one at a time.

    Warnings and records left out are appended to the given lists on the way. UnreadableFile may come at any step,
    so a caller who must not keep half a file goes through it once before it keeps anything.
    """
    return _open(data, filename, read_as, Builder(limits or Limits(), problems, skipped))


def iter_citations(
    data: bytes,
    filename: str,
    read_as: str | None = None,
    *,
    limits: Limits | None = None,
    problems: list[Problem] | None = None,
    skipped: list[Problem] | None = None,
) -> Iterator[Citation]:
    """Like `read`, one citation at a time; warnings are appended to the given lists on the way."""
    notes: list[Problem] = [] if problems is None else problems
    dropped: list[Problem] = [] if skipped is None else skipped
    yield from _open(data, filename, read_as, Builder(limits or Limits(), notes, dropped))[2]


def _open(
    data: bytes, filename: str, read_as: str | None, builder: Builder
) -> tuple[str, str, Iterator[Citation]]:
    limits, problems = builder.limits, builder.problems
    if not data.strip():
        raise UnreadableFile(f"{filename} is empty.", code="E_EMPTY")
    if len(data) > limits.file_bytes:
        raise UnreadableFile(
            f"{filename} has {len(data):,} bytes; a file may have {limits.file_bytes:,}.", code="E_TOO_LARGE"
        )
    found = of_bytes(data)
    if found is not None:
        kind = choose(filename, found, read_as)
        if kind != "xlsx" or found != "xlsx":
            raise UnreadableFile(
                f"{filename} looks like {NAMES[found]}.", looks_like=found, code="E_TYPE_MISMATCH"
            )
        return kind, "binary", builder.build(workbook.drafts(data, filename, problems))
    encoding = detect(data, filename)
    kind = choose(filename, of_text(head(data, encoding, HEAD)), read_as)
    if kind in _XML:
        refuse_entities(decode(data, encoding), filename)
        return kind, encoding, builder.build(_XML[kind](data, filename))
    if encoding not in ("utf-8", "utf-8-sig"):
        problems.append(
            Problem(1, f"The text was read as {encoding}; check names with accents.", "W_ENCODING")
        )
    return kind, encoding, builder.build(_drafts(kind, data, encoding, filename, problems))


def _drafts(kind: str, data: bytes, encoding: str, filename: str, problems: list[Problem]) -> Iterator[Draft]:
    if kind in _TAGGED:
        return _TAGGED[kind](lines(data, encoding), problems)
    if kind == "bibtex":
        return bibtex.drafts(decode(data, encoding), problems)
    if kind == "xlsx":
        raise UnreadableFile(f"{filename} is text and no Excel workbook.", code="E_TYPE_MISMATCH")
    return tables.drafts(decode(data, encoding), filename, problems)
