"""What a file is: content decides; a name that says otherwise is a reason to ask."""

import re

from .columns import looks_like_header
from .model import UnreadableFile

NAMES = {
    "ris": "RIS",
    "nbib": "PubMed (MEDLINE text)",
    "ovid": "Ovid tagged text",
    "wos": "Web of Science text",
    "refer": "EndNote tagged text (Refer)",
    "bibtex": "BibTeX",
    "table": "a table (CSV or tab-separated)",
    "xlsx": "an Excel workbook",
    "endnote_xml": "EndNote XML",
    "pubmed_xml": "PubMed XML",
    "html": "an HTML web page",
    "xml": "XML of another kind",
    "pdf": "a PDF",
    "zip": "a zip archive or a damaged Excel workbook",
    "xls": "an old Excel workbook (.xls)",
}
READABLE = ("ris", "nbib", "ovid", "wos", "refer", "bibtex", "table", "xlsx", "endnote_xml", "pubmed_xml")
_ALIASES = {"csv": "table", "tsv": "table", "enw": "refer", "ciw": "wos", "bib": "bibtex", "medline": "nbib"}
_BY_EXTENSION = {
    "ris": ("ris",),
    "nbib": ("nbib",),
    "ciw": ("wos",),
    "enw": ("refer",),
    "bib": ("bibtex",),
    "csv": ("table",),
    "tsv": ("table",),
    "tab": ("table",),
    "xlsx": ("xlsx",),
    "xml": ("endnote_xml", "pubmed_xml"),
}
_SIGNS = (
    ("ris", re.compile(r"^[\ufeff ]*TY[ \t]{1,3}-(?:\s|$)", re.MULTILINE)),
    ("nbib", re.compile(r"^\ufeff?(?:PMID|PMCR|OWN ) ?- ?\S", re.MULTILINE)),
    ("wos", re.compile(r"^\ufeff?(?:FN .*|PT [A-Z])[ \t]*$\n(?:\s*\n)*[A-Z][A-Z0-9] ", re.MULTILINE)),
    ("refer", re.compile(r"^\ufeff?%[0ATDJ] \S", re.MULTILINE)),
    ("ovid", re.compile(r"^\ufeff?<\s*\d+\s*\.?\s*>[ \t]*$", re.MULTILINE)),
    ("bibtex", re.compile(r"^\ufeff?[ \t]*@[A-Za-z]+\s*[{(]", re.MULTILINE)),
    ("ris", re.compile(r"^ER[ \t]{1,3}-\s*$", re.MULTILINE)),
    ("nbib", re.compile(r"^(?:TI  |AU  |FAU )- \S", re.MULTILINE)),
)
_PUBMED_ROOT = re.compile(r"<(?:pubmed(?:book)?article(?:set)?|medlinecitation(?:set)?)\b")
HEAD = 200_000  # characters that are looked at


def of_bytes(data: bytes) -> str | None:
    """Recognise formats that are not text by their first bytes."""
    if data.startswith(b"PK"):
        return "xlsx" if b"xl/" in data or b"[Content_Types]" in data[:4096] else "zip"
    if data[:1024].lstrip().startswith(b"%PDF"):
        return "pdf"
    return "xls" if data.startswith(b"\xd0\xcf\x11\xe0") else None


def of_text(text: str) -> str | None:
    """Recognise a text format by the marks with which its records begin, or None."""
    head = text[:HEAD].replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff \t\n")
    if head.startswith("<") and not head[1:2].isdigit() and (kind := _of_markup(head)):
        return kind
    if looks_like_header(head):
        return "table"
    for kind, sign in _SIGNS:
        if sign.search(head):
            return kind
    return None


def _of_markup(head: str) -> str | None:
    lowered = head[:4000].casefold()
    if "<!doctype html" in lowered or "<html" in lowered:
        return "html"
    if re.search(
        r"<(?:pubmedarticleset|pubmedarticle|medlinecitation|medlinecitationset|pubmedbookarticle)\b", lowered
    ):
        return "pubmed_xml"
    if re.search(r"<xml\b|<records\b|<record\b", lowered):
        return "endnote_xml"
    return "xml" if lowered.startswith("<?xml") or re.match(r"<[a-z][\w:-]*[\s>]", lowered) else None


def extension_of(filename: str) -> str:
    """The part after the last dot, lower-cased, or ''."""
    name = filename.rpartition("/")[2]
    return name.rpartition(".")[2].casefold() if "." in name else ""


def choose(filename: str, found: str | None, read_as: str | None) -> str:
    """Return the format to read, or raise UnreadableFile with what the content looks like."""
    if read_as is not None:
        chosen = _ALIASES.get(read_as, read_as)
        if chosen not in READABLE:
            raise UnreadableFile(f"“{read_as}” is not a format that can be read.", code="E_NOT_FORMAT")
        return chosen
    expected = _BY_EXTENSION.get(extension_of(filename))
    if found is not None and expected is not None and found not in expected:
        _refuse_mismatch(filename, found)
    if found is None:
        if expected is None:
            raise UnreadableFile(
                f"{filename}: line 1 does not look like any citation format that can be read.",
                line=1,
                code="E_NOT_FORMAT",
            )
        return expected[0]
    if found not in READABLE:
        raise UnreadableFile(
            f"{filename} looks like {NAMES[found]} (line 1), which holds no citations that can be read.",
            line=1,
            looks_like=found,
            code="E_NOT_FORMAT",
        )
    return found


def _refuse_mismatch(filename: str, found: str) -> None:
    hint = f"; choose “read as {NAMES[found]}” if that is right" if found in READABLE else ""
    raise UnreadableFile(
        f"{filename} is named .{extension_of(filename)} but from line 1 on looks like {NAMES[found]}{hint}.",
        line=1,
        looks_like=found,
        code="E_NOT_FORMAT" if found in ("html", "xml") else "E_TYPE_MISMATCH",
    )
