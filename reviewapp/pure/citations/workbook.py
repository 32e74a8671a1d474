"""Excel workbooks (.xlsx): every sheet with a known header, one citation a row."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime

import openpyxl

from .building import Draft
from .columns import ColumnMap, header_score
from .model import Problem, UnreadableFile
from .tables import checked_columns, draft_of_row

MAX_MEMBERS = 1000
MAX_UNPACKED_BYTES = 500 * 1024 * 1024
MAX_RATIO = 100
_HEADER_ROWS = 12


def drafts(data: bytes, filename: str, problems: list[Problem]) -> Iterator[Draft]:
    """Yield the rows of all sheets whose first rows hold a known header.

    Raises UnreadableFile for a damaged, protected or over-large workbook, and where no sheet fits.
    """
    _check_archive(data, filename)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise UnreadableFile(
            f"{filename} is damaged or no Excel workbook (.xlsx).", looks_like="zip", code="E_XLSX_DAMAGED"
        ) from error
    known = False
    for sheet in book.worksheets:
        columns: ColumnMap | None = None
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            texts = [_text(cell) for cell in cells]
            if columns is None:
                if number > _HEADER_ROWS:
                    break
                if header_score(texts) >= 2:
                    columns, known = checked_columns(texts, number, filename), True
                continue
            if any(texts):
                yield _row(texts, columns, number)
        if columns is None:
            problems.append(
                Problem(1, f"Sheet “{sheet.title}” has no known column names and is not read.", "W_SHEET")
            )
    if not known:
        raise UnreadableFile(
            f"{filename}: no sheet names a known column (title, authors, year, …) in its first rows.",
            line=1,
            code="E_CSV_HEADER",
        )


def _row(texts: Sequence[str], columns: ColumnMap, number: int) -> Draft:
    width = len(columns.names)
    cells = [*texts[:width], *[""] * (width - len(texts))]
    return draft_of_row(cells, columns, number, "\t".join(cells))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    return str(cell).strip()


def _check_archive(data: bytes, filename: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_members(members, filename)
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as stream:
                        _check_head(stream.read(4096), member.filename, filename)
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise UnreadableFile(
            f"{filename} is damaged: its parts cannot be unpacked.", code="E_XLSX_DAMAGED"
        ) from error


def _check_members(members: Sequence[zipfile.ZipInfo], filename: str) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile(
            f"{filename} is protected by a password; save it without one.", code="E_ENCRYPTED"
        )
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES or unpacked / packed > MAX_RATIO:
        raise UnreadableFile(
            f"{filename} unpacks to {unpacked:,} bytes in {len(members)} parts, a ratio of {unpacked // packed}; "
            "that is more than a workbook of citations needs.",
            code="E_ZIP_BOMB",
        )


def _check_head(head: bytes, member: str, filename: str) -> None:
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise UnreadableFile(
            f"{filename}: {member} declares XML entities and is refused.", code="E_XML_UNSAFE"
        )
