"""Tables of citations (CSV and tab-separated): a header row in any known wording, one citation a row."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .building import Draft
from .columns import ColumnMap, guess_delimiter, header_score, key_of, map_columns
from .model import Problem, UnreadableFile
from .values import doi_of, pages_of, pmcid_of

_MAX_PREAMBLE = 12
_EXCEL_TEXT = re.compile(r'^="(.*)"$')
_EXCEL_TEXT_IN_ROW = re.compile(r'(^|[,;\t])="([^"\n]*)"(?=[,;\t\r\n]|$)', re.MULTILINE)
csv.field_size_limit(512 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: list[str]


def drafts(text: str, filename: str, problems: list[Problem]) -> Iterator[Draft]:
    """Yield the rows of a CSV or tab-separated text as drafts.

    Raises UnreadableFile for a repeated column, a row with too many cells, an open quotation mark, or a
    header in which no part of a citation is found.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, delimiter, first_line = _after_preamble(text, filename, problems)
    if '="' in text:
        text = _EXCEL_TEXT_IN_ROW.sub(r'\1"\2"', text)
    rows = _rows(text, delimiter, first_line, filename)
    header = next(rows, None)
    if header is None or header_score(header.cells) == 0:
        raise UnreadableFile(
            f"{filename}: line {first_line} names no known column (title, authors, year, journal, doi, …).",
            line=first_line,
            code="E_CSV_HEADER",
        )
    columns = checked_columns(header.cells, header.line, filename)
    raw_lines = text.split("\n")
    for row in rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        cells = _even(row, columns, filename)
        raw = raw_lines[row.line - first_line]
        yield draft_of_row(cells, columns, row.line, raw if delimiter in raw else "\n".join(cells))


def _after_preamble(text: str, filename: str, problems: list[Problem]) -> tuple[str, str, int]:
    lines = text.split("\n", _MAX_PREAMBLE + 1)
    expected = "\t" if filename.casefold().endswith((".tsv", ".tab", ".txt")) else ","
    best_line, (best_mark, best_score) = 0, guess_delimiter(lines[0])
    for number, line in enumerate(lines[1:_MAX_PREAMBLE], 1):
        mark, score = guess_delimiter(line)
        if best_score < 2 and score > best_score:
            best_line, best_mark, best_score = number, mark, score
    hint = next((re.match(r'^"?sep=(.)', line) for line in lines[:1]), None)
    if hint:
        best_mark = hint.group(1)
    dropped = [line for line in lines[:best_line] if line.strip(' ;,\t"-')]
    if dropped and not (hint and best_line == 1):
        problems.append(
            Problem(1, f"{best_line} lines before the column names are not kept: {dropped}.", "W_PREAMBLE")
        )
    if best_mark != expected:
        shown = {"\t": "a tab", ",": "a comma", ";": "a semicolon"}.get(best_mark, best_mark)
        problems.append(Problem(best_line + 1, f"The columns are separated by {shown}.", "W_DELIMITER"))
    return "\n".join(text.split("\n", best_line)[best_line:]), best_mark, best_line + 1


def _rows(text: str, delimiter: str, first_line: int, filename: str) -> Iterator[_Row]:
    _refuse_open_quote(text, delimiter, first_line, filename)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = first_line
    for cells in reader:
        if cells:
            yield _Row(line, cells)
        line = first_line + reader.line_num


def _refuse_open_quote(text: str, delimiter: str, first_line: int, filename: str) -> None:
    """Refuse a text whose last quoted cell never ends: csv would swallow the rest into it."""
    if text.count('"') % 2 == 0:
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 0
    try:
        for _ in reader:
            start = reader.line_num
    except csv.Error as error:
        line = start + first_line
        raise UnreadableFile(
            f"{filename}: a quotation mark opened in line {line} is never closed, "
            "so the rows after it cannot be told apart.",
            line=line,
            code="E_CSV_UNTERMINATED",
        ) from error


def checked_columns(names: Sequence[str], line: int, filename: str) -> ColumnMap:
    """Map the header, refusing a column name that decides a part of the citation and stands twice."""
    trimmed = [name.strip().lstrip("\ufeff") for name in names]
    seen: set[str] = set()
    for name in trimmed:
        if name and name in seen:
            raise UnreadableFile(
                f"{filename}: the column “{name}” appears twice in line {line}; rename or remove one.",
                line=line,
                code="E_CSV_HEADER",
            )
        seen.add(name)
    return map_columns(trimmed)


def _even(row: _Row, columns: ColumnMap, filename: str) -> list[str]:
    width = len(columns.names)
    extra = row.cells[width:]
    if any(cell.strip() for cell in extra):
        raise UnreadableFile(
            f"{filename}: line {row.line} has {len(row.cells)} cells but the header has {width}; "
            "a separator inside a cell is not quoted, and later cells would be shifted.",
            line=row.line,
            code="E_CSV_RAGGED",
        )
    return [*row.cells[:width], *[""] * (width - len(row.cells))]


def draft_of_row(cells: Sequence[str], columns: ColumnMap, line: int, raw: str) -> Draft:
    """Name the cells of one row by the column map."""
    clean = [match.group(1) if (match := _EXCEL_TEXT.match(cell)) else cell.strip() for cell in cells]

    def first(part: str) -> str:
        return next((clean[place] for place in columns.places.get(part, ()) if clean[place]), "")

    def every(part: str) -> list[str]:
        return [clean[place] for place in columns.places.get(part, ()) if clean[place]]

    draft = Draft(
        line=line,
        raw=raw,
        fields=[(name, cell) for name, cell in zip(columns.names, clean, strict=True) if cell],
        title=first("title"),
        authors=split_authors(first("authors")),
        date=_year_cell(first("year")),
        journal=first("journal"),
        volume=_whole(first("volume")),
        issue=_whole(first("issue")),
        pages=first("pages") or pages_of(_whole(first("start_page")), _whole(first("end_page"))),
        doi=doi_of(first("doi")) or doi_of(" ".join(url for url in every("url") if "doi.org/" in url)),
        pmid=_whole(first("pmid")).lstrip("0"),
        pmcid=pmcid_of(first("pmcid")),
        accession=first("accession"),
        abstract=first("abstract"),
        keywords=[word for text in every("keywords") for word in re.split(r"[;|]", text)],
        language=first("language"),
        publication_types=every("publication_types"),
        url=next((url for url in every("url") if url.casefold().startswith(("http://", "https://"))), ""),
        route=first("route"),
        registry_texts=every("registry"),
    )
    _embase_source(draft, columns)
    return draft


def _embase_source(draft: Draft, columns: ColumnMap) -> None:
    """Embase.com packs journal, year, volume and pages into one Source cell where no others exist."""
    if draft.date or "source" not in {key_of(name) for name in columns.names}:
        return
    found = re.match(
        r"^(?P<journal>.*?) \((?P<year>\d{4})\)(?: (?P<volume>[^ :]+))?(?::(?P<issue>[^ ]+))?"
        r"(?: \((?P<pages>[^)]*)\))?",
        draft.journal,
    )
    if found:
        draft.journal, draft.date = found["journal"], found["year"]
        draft.volume = draft.volume or (found["volume"] or "")
        draft.issue = draft.issue or (found["issue"] or "")
        draft.pages = draft.pages or (found["pages"] or "")


def _whole(text: str) -> str:
    """A number that a spreadsheet wrote as '28.0' is '28'."""
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text


def _year_cell(text: str) -> str:
    return _whole(text)


def split_authors(text: str) -> list[str]:
    """Split one cell of names: at semicolons, bars, line breaks, ' and ', or commas between 'Name AB'."""
    text = text.strip().rstrip(";,").strip()
    if not text:
        return []
    for mark in (";", "\n", "|"):
        if mark in text:
            return [name.strip() for name in text.split(mark) if name.strip()]
    if re.search(r"\s(?:and|&)\s", text) and ("," in text or " and " in text):
        return [name.strip(" ,") for name in re.split(r"\s(?:and|&)\s", text) if name.strip(" ,")]
    parts = [part.strip() for part in text.split(",")]
    # PubMed: 'Griffin DK, Larkin DM.' Each part is a surname and initials, so the comma parts names.
    if len(parts) > 1 and all(re.search(r"\S\s\S", part) for part in parts if part):
        return [part.rstrip(".") if part.endswith("..") else part for part in parts if part]
    return [text]
