"""Tables for download, and their CSV.

A `Table` is a name, typed columns and rows; `to_csv` streams it as UTF-8 in the form of RFC 4180. The type
of a column, not the first character of a cell, decides whether a cell is guarded against being read as a
formula: a change of -2.3 % stays a number, a title that starts with "=" does not become a formula
(ASVS 5.0, 1.2.10).
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from numbers import Integral, Real
from typing import Literal
from uuid import UUID

Kind = Literal["text", "integer", "decimal", "date", "boolean", "uid"]
KINDS: tuple[Kind, ...] = ("text", "integer", "decimal", "date", "boolean", "uid")

_CHUNK = 32_768
_LONGEST_EXPONENT = 400
_BOM = b"\xef\xbb\xbf"
# What a reader does not see at the start of a cell: spaces, marks of byte order and of direction, controls
# of joining. TAB, CR and NUL are not among them: they are triggers themselves.
_UNSEEN = (
    r"[ \n\v\f\x1c-\x1f\x85\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\u00ad\u061c\u180e]*"
)
_RISKY = re.compile(rf"'*{_UNSEEN}[=+\-@\t\r\x00＝＋－＠﹢﹣﹦﹫]")


class TableError(ValueError):
    """A cell does not fit its column, or a row does not fit its table; the message names both."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `key` is the word in the first line of the CSV, `label` what a person reads, `help` what the column means
    (it goes into the data dictionary), `unit` the unit of its numbers ("" when it has none).
    """

    key: str
    label: str
    type: Kind
    help: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named, typed columns. `rows` may be a generator: a table is then read once."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]


def guard(text: str) -> str:
    """`text` as a spreadsheet reads it as text: with a leading apostrophe where it could be a formula.

    A text that already starts with apostrophes before such a sign gets one more, so `unguard` gives every
    text back exactly.
    """
    return f"'{text}" if _RISKY.match(text) else text


def unguard(text: str) -> str:
    """The text as it was before `guard`."""
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text


def cell(value: object, kind: Kind, *, raw: bool = False) -> str:
    """One value as the text of a CSV cell; None, and a number that is undefined (NaN), is the empty cell.

    Numbers are written without exponent, dates as ISO 8601 (moments in UTC with a trailing Z), booleans as
    true and false. `raw` leaves the formula guard out, for programs that read the file back.
    Raises TableError for a value that the column's type cannot hold, and for an infinite number.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if kind == "integer":
        return _integer(value)
    if kind == "decimal":
        return _decimal(value)
    if kind == "date":
        return _date(value)
    if kind == "boolean":
        if not isinstance(value, bool):
            raise TableError(f"{value!r} is not a boolean")
        return "true" if value else "false"
    if kind == "uid" and not isinstance(value, UUID | str):
        raise TableError(f"{value!r} is not a uid")
    text = str(value)
    return text if raw else guard(text)


def to_csv(table: Table, *, bom: bool = False, raw: bool = False) -> Iterator[bytes]:
    """The table as CSV in chunks of bytes: UTF-8, CRLF, a first line of column keys (RFC 4180).

    `bom` puts the byte order mark in front that older spreadsheet programs need to see UTF-8. `raw` leaves
    the formula guard out. Raises TableError, naming table, row and column, for a cell that does not fit.
    """
    if bom:
        yield _BOM
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.key for column in table.columns])
    for cells in _lines(table, raw=raw):
        writer.writerow(cells)
        if text.tell() >= _CHUNK:
            yield _drain(text)
    yield _drain(text)


def to_objects(table: Table) -> Iterator[dict[str, object]]:
    """The rows as objects for JSON: numbers of decimals as text (nothing is rounded), None as null."""
    for number, row in enumerate(table.rows, start=1):
        _check_width(table, row, number)
        yield {
            column.key: _plain(table, column, value, number)
            for column, value in zip(table.columns, row, strict=True)
        }


def _plain(table: Table, column: Column, value: object, number: int) -> object:
    try:
        text = cell(value, column.type, raw=True)
    except TableError as error:
        raise _placed(table, column, number, error) from error
    if value is None or (text == "" and column.type != "text"):
        return None
    if column.type == "integer":
        return int(text)
    if column.type == "boolean":
        return text == "true"
    return text


def _lines(table: Table, *, raw: bool) -> Iterator[list[str]]:
    columns = tuple(table.columns)
    for number, row in enumerate(table.rows, start=1):
        _check_width(table, row, number)
        cells: list[str] = []
        for column, value in zip(columns, row, strict=True):
            try:
                cells.append(cell(value, column.type, raw=raw))
            except TableError as error:
                raise _placed(table, column, number, error) from error
        yield cells


def _check_width(table: Table, row: Sequence[object], number: int) -> None:
    if len(row) != len(table.columns):
        raise TableError(f"{table.name}, row {number}: {len(row)} cells for {len(table.columns)} columns")


def _placed(table: Table, column: Column, number: int, error: TableError) -> TableError:
    return TableError(f"{table.name}, row {number}, {column.key}: {error}")


def _drain(text: io.StringIO) -> bytes:
    chunk = text.getvalue().encode("utf-8", errors="replace")
    text.seek(0)
    text.truncate()
    return chunk


def _integer(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TableError(f"{value!r} is not a whole number")
    return str(int(value))


def _decimal(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, Decimal | Real):
        raise TableError(f"{value!r} is not a number")
    if isinstance(value, Integral):
        number = Decimal(int(value))
    else:
        number = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if number.is_nan():
        return ""
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_EXPONENT:
        raise TableError(f"{value!r} is not a finite number")
    return format(number, "f")


def _date(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TableError(f"{value!r} names no time zone")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TableError(f"{value!r} is not a date")
