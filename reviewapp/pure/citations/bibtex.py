"""BibTeX and BibLaTeX through bibtexparser, and what it sets aside as failed, so that no entry is lost."""

import re
import unicodedata
from collections.abc import Iterator

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry, ParsingFailedBlock

from .building import Draft
from .model import Problem
from .values import doi_of, pmcid_of, pmid_of

_MONTH_NAMES = "January February March April May June July August September October November December"
_MONTHS = {name[:3].casefold(): name for name in _MONTH_NAMES.split()}
_ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
}
_LETTERS = {
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ae": "æ",
    "AE": "Æ",
    "aa": "å",
    "AA": "Å",
    "oe": "œ",
    "OE": "Œ",
    "i": "ı",
    "j": "ȷ",
    "textendash": "–",
    "textemdash": "—",
    "ldots": "…",
    "dots": "…",
}
_ACCENT = re.compile(
    r"\\(?:([`'^~=.\"])\s*|([uvHcdkr])(?:\s+|(?=\{)))(?:\{\s*(\\?[A-Za-z])\s*\}|(\\?[A-Za-z]))"
)
_LETTER = re.compile(
    r"\\(" + "|".join(sorted(_LETTERS, key=len, reverse=True)) + r")(?![A-Za-z])\s?(?:\{\})?"
)
_COMMAND = re.compile(r"\\[A-Za-z]+\*?\s*(?=\{)|\\(?=[&%$#_{}])")
_LOOSE_FIELD = re.compile(r"^[ \t]*([A-Za-z][\w:-]*)[ \t]*=[ \t]*[{\"]?(.*?)[}\"]?,?[ \t]*$", re.MULTILINE)
_ENTRY_HEAD = re.compile(r"@\s*(\w+)\s*[{(]\s*([^,\s]*)")


def plain_text(value: str) -> str:
    """Turn the TeX of a field into plain text: accents, letters, commands and braces."""
    if "\\" in value:
        value = _ACCENT.sub(_accented, value)
        value = _LETTER.sub(lambda found: _LETTERS[found.group(1)], value)
        value = _COMMAND.sub("", value)
    return (
        re.sub(r"(?<!\\)[{}]", "", value).replace("~", " ").strip()
        if re.search(r"[{}~]", value)
        else value.strip()
    )


def _accented(found: re.Match[str]) -> str:
    mark = found.group(1) or found.group(2)
    letter = (found.group(3) or found.group(4)).lstrip("\\")
    return unicodedata.normalize("NFC", letter + _ACCENTS[mark])


def drafts(text: str, problems: list[Problem]) -> Iterator[Draft]:
    """Yield every entry, also those with a key used before and those that could only be read in part."""
    library = parse_string(text, parse_stack=[])
    strings = dict(_MONTHS)
    strings.update((item.key.casefold(), _unquoted(item.value, strings)) for item in library.strings)
    for block in library.blocks:
        if isinstance(block, Entry):
            yield _entry(block, block.raw, block.start_line, strings)
        elif isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
            inner = block.ignore_error_block
            if isinstance(inner, Entry):
                yield _entry(inner, block.raw, block.start_line, strings)
        elif isinstance(block, ParsingFailedBlock):
            yield from _repaired(block.raw or "", block.start_line or 0, problems)


def _entry(entry: Entry, raw: str | None, start: int | None, strings: dict[str, str]) -> Draft:
    fields = [(field.key, _unquoted(str(field.value), strings).strip()) for field in entry.fields]
    return _draft(str(entry.entry_type), str(entry.key), fields, raw or "", (start or 0) + 1)


def _repaired(raw: str, start: int, problems: list[Problem]) -> Iterator[Draft]:
    head = _ENTRY_HEAD.search(raw)
    line = start + 1
    if head is None or head.group(1).casefold() in ("string", "preamble", "comment"):
        problems.append(Problem(line, f"The block at line {line} is not BibTeX and is not kept.", "W_STRAY"))
        return
    fields = [(found.group(1), found.group(2)) for found in _LOOSE_FIELD.finditer(raw)]
    draft = _draft(head.group(1), head.group(2), fields, raw, line)
    draft.note(
        "W_REPAIRED", f"The entry at line {line} is not closed properly; its fields were read line by line."
    )
    yield draft


def _unquoted(value: str, strings: dict[str, str]) -> str:
    """Take off the braces or quotation marks of a value and put in the strings it names."""
    value = value.strip()
    if _is_enclosed(value):
        return value[1:-1]
    if "#" in value and not value.startswith("{"):
        return "".join(_unquoted(part, strings) for part in value.split("#"))
    return strings.get(value.casefold(), value)


def _is_enclosed(value: str) -> bool:
    if len(value) < 2:
        return False
    if value[0] == '"' and value[-1] == '"':
        return '" #' not in value and '"#' not in value
    if value[0] != "{" or value[-1] != "}":
        return False
    depth = 0
    for place, char in enumerate(value):
        depth += (char == "{") - (char == "}")
        if depth == 0 and place < len(value) - 1:
            return False
    return True


def split_names(value: str) -> list[str]:
    """Split at ' and ' outside braces, so that '{Food and Drug Administration}' stays one name."""
    names, depth, start = [], 0, 0
    for place, char in enumerate(value):
        depth += (char == "{") - (char == "}")
        if depth == 0 and value[place : place + 5].casefold() == " and ":
            names.append(value[start:place])
            start = place + 5
    return [text for name in (*names, value[start:]) if (text := plain_text(name))]


def _draft(kind: str, key: str, pairs: list[tuple[str, str]], raw: str, line: int) -> Draft:
    values: dict[str, str] = {}
    for name, value in pairs:
        values.setdefault(name.casefold(), " ".join(value.split()))

    def first(*names: str) -> str:
        return next((plain_text(values[name]) for name in names if values.get(name)), "")

    links = " ".join(values.get(name, "") for name in ("url", "ee", "bdsk-url-1"))
    draft = Draft(
        line=line,
        raw=raw,
        fields=[("entrytype", kind), ("key", key), *pairs],
        title=first("title", "booktitle", "maintitle"),
        authors=split_names(" ".join(values.get("author", "").split())),
        date=first("year", "date"),
        journal=first("journal", "journaltitle", "booktitle", "journal_title", "school", "series"),
        volume=first("volume"),
        issue=first("number", "issue"),
        pages=first("pages", "article-number", "eid", "articleno"),
        doi=doi_of(first("doi")) or (doi_of(links) if "doi" in links else ""),
        pmid=_digits(first("pmid", "pubmedid")) or pmid_of(first("note", "annote")),
        pmcid=pmcid_of(first("pmcid", "pmc")),
        accession=first("unique-id", "accession_number", "eid") or key,
        abstract=first("abstract"),
        keywords=re.split(r"[;,]", first("keywords", "keyword", "author_keywords")),
        language=first("language", "langid"),
        publication_types=[first("type", "document_type"), kind],
        url=first("url") if first("url").startswith("http") else "",
        registry_texts=[first("note")],
    )
    draft.empty = not any(value for name, value in values.items())
    return draft


def _digits(text: str) -> str:
    return text if text.isdigit() else ""
