"""Check a draft or a finished entry against its form.

The payload is decoded JSON from outside and may be anything; whatever it is, the answer is an
:class:`EntryCheck` in words, never an exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from extraction.pure import arms, measures, numbers
from extraction.pure.appraisal import instrument
from extraction.pure.cells import (
    STATUS_LABELS,
    VALUE_STATUSES,
    Cell,
    Doubt,
    FieldError,
    Finding,
    RowValues,
    row_of,
)
from extraction.pure.fields import ARMS_GROUP, Field, FieldType, FormSpec, Group

MAX_ROWS = 300
MAX_TEXT = 500
MAX_LONG_TEXT = 5000
MAX_QUOTE = 300
MAX_PLACE = 80
_ROW_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_ROW_PARTS = {"row", "report", "page", "quote", "cells"}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class EntryCheck:
    """The cells that can be taken, what cannot be taken and why, and what is asked about."""

    cells: tuple[Cell, ...]
    errors: tuple[FieldError, ...]
    doubts: tuple[Doubt, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing stands against taking the entry."""
        return not self.errors


class _Row(NamedTuple):
    """A well-shaped row of the payload."""

    key: str
    report: str
    page: str
    quote: str
    cells: Mapping[Any, Any]


class _Checker:
    """Collects cells, errors and doubts while it walks through a payload."""

    def __init__(self, form: FormSpec) -> None:
        self.form = form
        self.cells: dict[tuple[str, str], dict[str, Cell]] = {}
        self.errors: list[FieldError] = []
        self.doubts: list[Doubt] = []
        self.rows: dict[str, list[_Row]] = {}
        self.arm_keys: set[str] = set()
        self._wrong: dict[tuple[str, str], set[str]] = {}

    def error(self, group: str, row: str, field: str, message: str, proposal: str = "") -> None:
        self.errors.append(FieldError(group, row, field, message, proposal))

    def shape(self, payload: object) -> None:
        """Sort the payload into rows by group; everything that has another shape becomes an error."""
        groups = payload.get("groups") if isinstance(payload, dict) else None
        if not isinstance(groups, dict):
            self.error("", "", "", "The entry must be an object with “groups”.")
            return
        for key, rows in groups.items():
            group = self.form.group(key) if isinstance(key, str) else None
            if group is None:
                self.error(_shown(key), "", "", "The form has no such group.")
            elif not isinstance(rows, list):
                self.error(group.key, "", "", "The rows of a group must be a list.")
            elif len(rows) > MAX_ROWS:
                self.error(group.key, "", "", f"A group may have {MAX_ROWS} rows; these are {len(rows)}.")
            else:
                self.rows[group.key] = list(self._rows(group, rows))

    def _rows(self, group: Group, rows: list[Any]) -> Iterable[_Row]:
        seen: set[str] = set()
        for position, data in enumerate(rows, start=1):
            if not isinstance(data, dict) or not isinstance(data.get("cells", {}), dict):
                self.error(group.key, "", "", f"Row {position} must be an object with “cells”.")
                continue
            key = data.get("row")
            if not isinstance(key, str) or _ROW_KEY.fullmatch(key) is None:
                self.error(group.key, _shown(key), "", f"Row {position} has no usable row key.")
            elif key in seen:
                self.error(group.key, key, "", "Two rows have the same row key.")
            elif not group.repeats and seen:
                self.error(group.key, key, "", "This group is answered once.")
            else:
                seen.add(key)
                for part in sorted(_shown(part) for part in data if part not in _ROW_PARTS):
                    self.error(group.key, key, "", f"A row has no part “{part}”.")
                place = {
                    name: self._place(group, key, name, data.get(name))
                    for name in ("report", "page", "quote")
                }
                yield _Row(key, place["report"], place["page"], place["quote"], data.get("cells", {}))

    def _place(self, group: Group, row: str, name: str, text: object) -> str:
        """One of the three texts that say where the row was read; empty where it cannot be taken."""
        if text is None:
            return ""
        limit = MAX_QUOTE if name == "quote" else MAX_PLACE
        message = _text_fault(text, limit)
        if message:
            self.error(group.key, row, name, message)
            return ""
        return str(text).strip()

    def read(self) -> None:
        """Turn every cell of every row into a :class:`Cell` or an error."""
        self.arm_keys = {row.key for row in self.rows.get(ARMS_GROUP, [])}
        for group in self.form.groups:
            for row in self.rows.get(group.key, []):
                for key, data in row.cells.items():
                    field = group.field(key) if isinstance(key, str) else None
                    if field is None:
                        self.error(group.key, row.key, _shown(key), "The form has no such field.")
                    else:
                        self._cell(group, row, field, data)

    def _cell(self, group: Group, row: _Row, field: Field, data: object) -> None:
        if not isinstance(data, dict) or not set(data) <= {"text", "status"}:
            self.error(group.key, row.key, field.key, "A cell must be an object with “text” and “status”.")
            return
        text, status = data.get("text", ""), data.get("status", "reported")
        if not isinstance(status, str) or status not in STATUS_LABELS:
            self.error(group.key, row.key, field.key, f"There is no status “{_shown(status)}”.")
            return
        message = _text_fault(text, MAX_LONG_TEXT if field.type is FieldType.LONG_TEXT else MAX_TEXT)
        if message:
            self.error(group.key, row.key, field.key, message)
            return
        self._value(group, row, field, str(text).strip(), status)

    def _value(self, group: Group, row: _Row, field: Field, text: str, status: str) -> None:
        place = (row.report, row.page, row.quote)
        if status not in VALUE_STATUSES:
            if text:
                words = f"The status is “{STATUS_LABELS[status]}”, but there is a value."
                self.error(group.key, row.key, field.key, words, "Take the value out, or change the status.")
                return
            self._add(Cell(group.key, row.key, field.key, "", None, field.unit, status, *place))
        elif text:
            parsed = self._parse(field, text)
            if parsed.canonical is None:
                self.error(group.key, row.key, field.key, parsed.error, parsed.proposal)
                return
            if parsed.question:
                self.doubts.append(Doubt(group.key, row.key, field.key, parsed.question, "", "as_printed"))
            self._add(Cell(group.key, row.key, field.key, text, parsed.canonical, field.unit, status, *place))
            self._range(group, row.key, field, parsed.canonical)

    def _add(self, cell: Cell) -> None:
        self.cells.setdefault((cell.group, cell.row), {})[cell.field] = cell

    def _parse(self, field: Field, text: str) -> numbers.Parsed:
        match field.type:
            case FieldType.INTEGER:
                return numbers.parse_integer(text)
            case FieldType.DECIMAL:
                return numbers.parse_decimal(text)
            case FieldType.P_VALUE:
                return numbers.parse_p_value(text)
            case FieldType.CHOICE | FieldType.YES_NO_UNCLEAR:
                return _choice(field, text)
            case FieldType.ARM:
                if text in self.arm_keys:
                    return numbers.Parsed(text)
                return numbers.Parsed(None, f"There is no arm “{_shown(text)}” in this entry.")
            case FieldType.TEXT | FieldType.LONG_TEXT:
                return numbers.Parsed(text)

    def _range(self, group: Group, row: str, field: Field, canonical: str) -> None:
        if field.type not in {FieldType.INTEGER, FieldType.DECIMAL}:
            return
        value, unit = Decimal(canonical), f" {field.unit}" if field.unit else ""
        if field.hard_min is not None and value < field.hard_min:
            self._drop(
                group.key,
                row,
                field.key,
                f"{canonical}{unit} is below {field.hard_min}, which is impossible.",
            )
        elif field.hard_max is not None and value > field.hard_max:
            self._drop(
                group.key,
                row,
                field.key,
                f"{canonical}{unit} is above {field.hard_max}, which is impossible.",
            )
        elif (field.soft_min is not None and value < field.soft_min) or (
            field.soft_max is not None and value > field.soft_max
        ):
            words = f"{canonical}{unit} is outside what is usually seen."
            shown = f"usual: {_bound(field.soft_min)} to {_bound(field.soft_max)}"
            self.doubts.append(Doubt(group.key, row, field.key, words, shown, "soft_range"))

    def _drop(self, group: str, row: str, field: str, message: str, proposal: str = "") -> None:
        """An impossible value: the error instead of the cell."""
        self.cells[group, row].pop(field, None)
        self.error(group, row, field, message, proposal)

    def values(self, group: Group) -> dict[str, RowValues]:
        """The readable cells of a group, by row."""
        return {
            row.key: row_of(row.key, tuple(self.cells.get((group.key, row.key), {}).values()))
            for row in self.rows.get(group.key, [])
        }

    def check_rows(self) -> None:
        """Checks that need several fields of a row, and the units that depend on the row."""
        arms_group = self.form.group(ARMS_GROUP)
        arm_rows = {} if arms_group is None else self.values(arms_group)
        for group in self.form.groups:
            measure = measures.get(group.measure)
            for row in self.values(group).values():
                findings: tuple[Finding, ...] = ()
                if measure is not None:
                    self._units(group, row, measure)
                    findings = measure.check(row, arm_rows)
                elif group.key == ARMS_GROUP:
                    findings = arms.check_arm(row)
                elif self.form.kind == "appraisal" and (found := instrument(group.key)) is not None:
                    findings = found.check(row)
                self._take(group, row.key, findings)

    def _units(self, group: Group, row: RowValues, measure: measures.Measure) -> None:
        cells = self.cells.get((group.key, row.key), {})
        for name, cell in cells.items():
            if unit := measure.unit(name, row):
                cells[name] = replace(cell, unit=unit)

    def _take(self, group: Group, row: str, findings: Iterable[Finding]) -> None:
        for found in findings:
            if found.severity == "doubt":
                self.doubts.append(
                    Doubt(group.key, row, found.field, found.message, found.formula, found.code)
                )
            else:
                self.error(group.key, row, found.field, found.message, found.proposal)

    def check_complete(self) -> None:
        """Required fields, and rows that say nothing."""
        for error in self.errors:
            self._wrong.setdefault((error.group, error.row), set()).add(error.field)
        for group in self.form.groups:
            rows = self.values(group)
            if not rows and not group.repeats and any(field.required for field in group.fields):
                self.error(group.key, "", "", f"“{group.label}” is not answered.")
            if not rows and group.key == ARMS_GROUP:
                self.error(group.key, "", "", "Enter at least one arm.")
            measure = measures.get(group.measure)
            for row in rows.values():
                self._required(group, row)
                if measure is not None and (words := measure.missing(row)):
                    self.error(group.key, row.key, "", words)

    def _required(self, group: Group, row: RowValues) -> None:
        wrong = self._wrong.get((group.key, row.key), set())
        for field in group.fields:
            needed = field.required
            if field.required_if is not None:
                needed = needed or row.text(field.required_if[0]) in field.required_if[1]
            if needed and field.key not in row.statuses and field.key not in wrong:
                self.error(group.key, row.key, field.key, f"“{field.label}” is needed.")


def check_entry(form: FormSpec, payload: object, *, complete: bool) -> EntryCheck:
    """Read a payload of the shape below against a form.

    ``{"groups": {group: [{"row", "report", "page", "quote", "cells": {field: {"text", "status"}}}]}}``

    With ``complete=False`` (a draft) required fields are not asked for; everything else is checked alike.
    Never raises for any decoded JSON.
    """
    checker = _Checker(form)
    checker.shape(payload)
    checker.read()
    checker.check_rows()
    if complete:
        checker.check_complete()
    cells = tuple(cell for row in checker.cells.values() for cell in row.values())
    return EntryCheck(cells, tuple(checker.errors), tuple(checker.doubts))


def _choice(field: Field, text: str) -> numbers.Parsed:
    """One of the permitted values, exactly; another text may propose the choice it resembles."""
    if any(choice.value == text for choice in field.options):
        return numbers.Parsed(text)
    folded = text.casefold()
    near = next((c for c in field.options if folded in {c.value.casefold(), c.label.casefold()}), None)
    proposal = "" if near is None else f"Did you mean “{near.label}”?"
    return numbers.Parsed(None, f"“{_shown(text)}” is not one of the answers.", proposal)


def _text_fault(text: object, limit: int) -> str:
    """Why this is not a usable text, or an empty text."""
    if not isinstance(text, str):
        return "This must be a text."
    if len(text) > limit:
        return f"This is longer than {limit} characters ({len(text)})."
    if _UNPRINTABLE.search(text):
        return "This holds a character that cannot be printed."
    return ""


def _shown(value: object) -> str:
    """A short printable form of anything, for messages."""
    text = value if isinstance(value, str) else type(value).__name__
    return _UNPRINTABLE.sub("?", text[:60])


def _bound(value: Decimal | None) -> str:
    return "no limit" if value is None else numbers.plain(value)
