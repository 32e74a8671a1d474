"""A form as a page shows it: sections of fields, and grids of rows, built from the fields alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from extraction.pure import payloads
from extraction.pure.cells import STATUS_LABELS, VALUE_STATUSES, Doubt, FieldError
from extraction.pure.fields import ARMS_GROUP, Field, FieldType, FormSpec, Group
from extraction.pure.validate import EntryCheck

NUMERIC = {FieldType.INTEGER, FieldType.DECIMAL}
WORDS = {FieldType.TEXT, FieldType.LONG_TEXT}
STANDARD_ERROR = "se_as_sd"


@dataclass(frozen=True, slots=True)
class Note:
    """What stands beside a cell: an error with its proposal, or a doubt with its formula."""

    kind: str
    cell: str
    at: str
    label: str
    text: str
    more: str = ""
    set: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One input: ``kind`` select, number, text or long; ``id`` and ``name`` of the input."""

    field: Field
    id: str
    name: str
    kind: str
    value: str
    options: SafeString
    is_none: bool
    notes: tuple[Note, ...] = ()

    @property
    def has_error(self) -> bool:
        """Tell whether the answer cannot be taken."""
        return any(note.kind == "error" for note in self.notes)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a group with its cells, its place in the report, and what is said about it."""

    key: str
    id: str
    number: int
    name: str
    cells: tuple[Cell, ...]
    report: str
    page: str
    quote: str
    obtained: str
    notes: tuple[Note, ...] = field(default=())

    @property
    def own_notes(self) -> list[Note]:
        """Return what is said about the row as a whole."""
        return [note for note in self.notes if note.at == f"n{self.id[1:]}"]


@dataclass(frozen=True, slots=True)
class Section:
    """A group of the form."""

    group: Group
    rows: tuple[Row, ...]
    notes: tuple[Note, ...]

    @property
    def has_errors(self) -> bool:
        """Tell whether anything in the section cannot be taken."""
        return any(note.kind == "error" for row in self.rows for note in row.notes) or bool(self.notes)


def obtained_choices() -> list[tuple[str, str]]:
    """Return how values can have been obtained, and their words."""
    return [(status, label) for status, label in STATUS_LABELS.items() if status in VALUE_STATUSES]


def notes_of(spec: FormSpec, check: EntryCheck) -> list[Note]:
    """Return everything that is said about a payload, each where it belongs on the page."""
    said: list[FieldError | Doubt] = [*check.errors, *check.doubts]
    return [_note(spec, one) for one in said]


def _note(spec: FormSpec, one: FieldError | Doubt) -> Note:
    group = spec.group(one.group)
    asked = group.field(one.field) if group else None
    row = f"{one.group}-{one.row}" if one.row else one.group
    beside_cell = group is not None and not group.repeats and asked is not None
    at = f"n-{row}-{one.field}" if beside_cell else f"n-{row}"
    label = (
        asked.label
        if asked
        else {"report": _("Report"), "page": _("Page"), "quote": _("Quote")}.get(one.field, "")
    )
    cell = f"c-{row}-{one.field}" if one.field else f"n-{row}"
    if isinstance(one, FieldError):
        return Note("error", cell, at, label, one.message, one.proposal)
    answer = f"{one.group}:{one.row}:spread_kind:se" if one.code == STANDARD_ERROR else ""
    return Note("doubt", cell, at, label, one.message, one.formula, answer)


def sections(spec: FormSpec, payload: Mapping[str, Any], notes: Sequence[Note]) -> list[Section]:
    """Return the form with what is typed in it."""
    arms = _arm_names(payload)
    return [_section(group, payload, notes, arms) for group in spec.groups]


def _arm_names(payload: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The arms of the entry: row key and what it is called so far."""
    found = []
    for number, row in enumerate(payloads.rows_of(payload, ARMS_GROUP), start=1):
        label = payloads.shown(row.get("cells", {}).get("label"))
        found.append((row["row"], label or _("Arm %d") % number))
    return tuple(found)


def _section(
    group: Group, payload: Mapping[str, Any], notes: Sequence[Note], arms: tuple[tuple[str, str], ...]
) -> Section:
    rows = payloads.rows_of(payload, group.key)
    if not group.repeats and not rows:
        rows = payloads.rows_of(payloads.empty(FormSpec("", "", "extraction", 1, (group,))), group.key)
    group = in_order(group)
    drawn = tuple(_row(group, number, row, notes, arms) for number, row in enumerate(rows, start=1))
    own = tuple(note for note in notes if note.at == f"n-{group.key}")
    return Section(group, drawn, own)


def in_order(group: Group) -> Group:
    """A grid's columns: what places a row and its numbers first, optional words about the place last."""
    if not group.repeats:
        return group
    last = max((place for place, one in enumerate(group.fields) if one.identity), default=-1)
    late = {
        one.key
        for place, one in enumerate(group.fields)
        if not (one.identity or one.required or one.required_if or one.type in NUMERIC)
        and (place < last or one.type in WORDS)
    }
    ordered = sorted(group.fields, key=lambda one: one.key in late)
    return replace(group, fields=tuple(ordered))


def _row(
    group: Group,
    number: int,
    row: Mapping[str, Any],
    notes: Sequence[Note],
    arms: tuple[tuple[str, str], ...],
) -> Row:
    key, cells = row["row"], row.get("cells", {})
    places = _places(group, key)
    mine = tuple(note for note in notes if note.at in places)
    drawn = tuple(_cell(group, key, one, cells.get(one.key), mine, arms) for one in group.fields)
    return Row(
        key=key,
        id=f"r-{group.key}-{key}",
        number=number,
        name=_row_name(group, cells, arms),
        cells=drawn,
        obtained=payloads.obtained(row),
        notes=mine,
        **{place: payloads.shown({"text": row.get(place, "")}) for place in payloads.PLACES},
    )


def _places(group: Group, key: str) -> set[str]:
    return {f"n-{group.key}-{key}", *(f"n-{group.key}-{key}-{one.key}" for one in group.fields)}


def _row_name(group: Group, cells: Mapping[str, Any], arms: tuple[tuple[str, str], ...]) -> str:
    """What a row is about, from its first identity field."""
    for one in group.identity:
        text = payloads.shown(cells.get(one.key))
        if text:
            return dict(arms).get(text, text) if one.type is FieldType.ARM else one.label_of(text)
    return ""


def _cell(  # noqa: PLR0917
    group: Group,
    row: str,
    asked: Field,
    data: object,
    notes: Sequence[Note],
    arms: tuple[tuple[str, str], ...],
) -> Cell:
    kind = _kind(asked)
    value = payloads.shown(data, choice=kind == "select")
    place = f"c-{group.key}-{row}-{asked.key}"
    known = arms if asked.type is FieldType.ARM else tuple((one.value, one.label) for one in asked.options)
    return Cell(
        field=asked,
        id=place,
        name=f"c:{group.key}:{row}:{asked.key}",
        kind=kind,
        value=value,
        options=options(known, value) if kind == "select" else SafeString(""),
        is_none=value.startswith("!") or value in payloads.CODES,
        notes=tuple(note for note in notes if note.cell == place),
    )


def _kind(asked: Field) -> str:
    if asked.type is FieldType.ARM or asked.options:
        return "select"
    if asked.type in NUMERIC:
        return "number"
    return "long" if asked.type is FieldType.LONG_TEXT else "text"


@lru_cache(maxsize=2048)
def options(known: tuple[tuple[str, str], ...], value: str) -> SafeString:
    """The options of one select; made once for each list and chosen answer."""
    none = [(f"!{status}", code) for code, status in payloads.CODES.items()]
    unknown = [] if not value or value in dict([*known, *none]) else [(value, value)]
    lines = format_html_join("", '<option value="{}"{}>{}</option>', _marked([*unknown, *known], value))
    none_lines = format_html_join("", '<option value="{}"{}>{}</option>', _marked(none, value))
    return format_html(
        '<option value=""></option>{}<optgroup label="{}">{}</optgroup>', lines, _("No answer"), none_lines
    )


def code_of(status: str) -> str:
    """Return what is typed for a status without a value; empty for a status that goes with one."""
    return payloads.shown({"text": "", "status": status})


def read(text: str) -> tuple[str, str]:
    """Return value and status of one typed text."""
    found = payloads.cell(text, "reported")
    return ("", "reported") if found is None else (found["text"], found["status"])


def _marked(choices: Sequence[tuple[str, str]], value: str) -> list[tuple[str, SafeString, str]]:
    chosen = SafeString(" selected")
    return [(key, chosen if key == value else SafeString(""), label) for key, label in choices]
