"""The payload of an entry: from a posted form, from stored cells, and ready to be shown again.

In a form a cell is one text. What is not a value is written in short ("NR" for not reported) or, in a list of
choices, as ``!`` and the status; everything else is a value as it was typed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from extraction.pure.cells import VALUE_STATUSES, Cell
from extraction.pure.fields import FormSpec, Group

Payload = dict[str, Any]
CODES: Mapping[str, str] = {
    "NR": "not_reported",
    "NA": "not_applicable",
    "UNCLEAR": "unclear",
    "NO DOCUMENT": "document_not_available",
}
"""What is typed in a cell that has no value."""
_CODE_OF = {status: code for code, status in CODES.items()}
MAX_BYTES = 2_000_000
KEEP = "keep"
PLACES = ("report", "page", "quote")
_HALF_PAIRS = re.compile("[\ud800-\udfff]")


def empty(form: FormSpec) -> Payload:
    """A form nobody has written in yet: groups that are answered once have their row, the others have none."""
    groups = {group.key: [] if group.repeats else [_row(group.key)] for group in form.groups}
    return {"groups": groups}


def _row(key: str) -> dict[str, Any]:
    return {"row": key, "report": "", "page": "", "quote": "", "cells": {}}


def refusal(payload: object) -> str:
    """Why a draft cannot be kept, in words; empty where it can. Bad values are kept: they are still being typed."""
    if not isinstance(payload, dict) or not isinstance(payload.get("groups"), dict):
        return "The entry must be an object with “groups”."
    try:
        text = json.dumps(payload, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return "The entry is not plain data."
    if len(text) > MAX_BYTES:
        return "The entry is too long to be kept."
    if "\\u0000" in text or _HALF_PAIRS.search(text):
        return "The entry holds a character that cannot be kept."
    return ""


def rows_of(payload: Mapping[str, Any], group: str) -> list[dict[str, Any]]:
    """The well-shaped rows of a group; whatever else was stored is passed over."""
    groups = payload.get("groups")
    rows = groups.get(group) if isinstance(groups, dict) else None
    return [
        row
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
        and isinstance(row.get("row"), str)
        and isinstance(row.get("cells", {}), dict)
    ]


def shown(data: object, *, choice: bool = False) -> str:
    """The one text a cell has in a form."""
    if not isinstance(data, dict):
        return ""
    status, text = data.get("status", "reported"), data.get("text", "")
    if isinstance(status, str) and status in _CODE_OF and not text:
        return f"!{status}" if choice else _CODE_OF[status]
    return text if isinstance(text, str) else ""


def cell(text: str, status: str) -> dict[str, str] | None:
    """A cell from the one text of a form, obtained as ``status`` says if it is a value; None for an empty one."""
    text = text.strip()
    if not text:
        return None
    if text.startswith("!") and text[1:] in _CODE_OF:
        return {"text": "", "status": text[1:]}
    if text.upper() in CODES:
        return {"text": "", "status": CODES[text.upper()]}
    return {"text": text, "status": status}


def from_post(form: FormSpec, posted: Mapping[str, Sequence[str]], before: Mapping[str, Any]) -> Payload:
    """The payload of a posted form.

    ``rows:GROUP`` lists the row keys in order; ``c:GROUP:ROW:FIELD`` is a cell, ``p:GROUP:ROW:PLACE`` a place,
    ``o:GROUP:ROW`` how the values of a row were obtained (``keep``: each as it was ``before``).
    """
    made: dict[str, list[dict[str, Any]]] = {}
    for group in form.groups:
        old = {row["row"]: row for row in rows_of(before, group.key)}
        keys = dict.fromkeys(posted.get(f"rows:{group.key}", []))
        made[group.key] = [_posted_row(group, key, posted, old.get(key, {})) for key in keys]
    return {"groups": made}


def _posted_row(
    group: Group, key: str, posted: Mapping[str, Sequence[str]], old: Mapping[str, Any]
) -> dict[str, Any]:
    row = _row(key)
    for place in PLACES:
        row[place] = _last(posted, f"p:{group.key}:{key}:{place}").strip()
    obtained = _last(posted, f"o:{group.key}:{key}") or KEEP
    cells = old.get("cells", {})
    for field in group.fields:
        name = f"c:{group.key}:{key}:{field.key}"
        if name not in posted:
            if field.key in cells:
                row["cells"][field.key] = cells[field.key]
            continue
        made = cell(
            _last(posted, name), obtained if obtained in VALUE_STATUSES else _status(cells, field.key)
        )
        if made is not None:
            row["cells"][field.key] = made
    return row


def _status(cells: object, field: str) -> str:
    """How the value of a cell was obtained so far."""
    found = cells.get(field) if isinstance(cells, dict) else None
    status = found.get("status") if isinstance(found, dict) else None
    return status if isinstance(status, str) and status in VALUE_STATUSES else "reported"


def _last(posted: Mapping[str, Sequence[str]], name: str) -> str:
    values = posted.get(name) or [""]
    return values[-1]


def obtained(row: Mapping[str, Any]) -> str:
    """How all values of a row were obtained, or ``keep`` where they differ."""
    cells = row.get("cells", {})
    told = {_status(cells, field) for field, data in cells.items() if shown(data) not in {"", *CODES}}
    if not told:
        return "reported"
    return next(iter(told)) if len(told) == 1 else KEEP


def with_row(payload: Payload, group: str, *, like: str = "") -> Payload:
    """The payload with one more row in a group: empty, or with the answers of the row ``like``."""
    rows = rows_of(payload, group)
    taken = {row["row"] for row in rows}
    number = next(n for n in range(1, len(taken) + 2) if f"{group}-{n}" not in taken)
    made = _row(f"{group}-{number}")
    model = next((row for row in rows if row["row"] == like), None)
    if model is not None:
        made = {**model, "row": made["row"], "cells": dict(model.get("cells", {}))}
    return {"groups": {**payload["groups"], group: [*rows, made]}}


def without_row(payload: Payload, group: str, row: str) -> Payload:
    """The payload without one row of a group."""
    kept = [one for one in rows_of(payload, group) if one["row"] != row]
    return {"groups": {**payload["groups"], group: kept}}


def of_cells(form: FormSpec, cells: Iterable[Cell]) -> Payload:
    """The payload that stored cells came from."""
    made = empty(form)["groups"]
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for cell in cells:
        row = rows.get((cell.group, cell.row))
        if row is None:
            row = {**_row(cell.row), "report": cell.report, "page": cell.page, "quote": cell.quote}
            rows[cell.group, cell.row] = row
        row["cells"][cell.field] = {"text": cell.as_printed, "status": cell.status}
    for group in form.groups:
        found = [row for (name, _), row in rows.items() if name == group.key]
        made[group.key] = found or made[group.key]
    return {"groups": made}


def filled(form: FormSpec, payload: Mapping[str, Any]) -> tuple[int, int]:
    """How many cells hold something, and how many there are in the rows that stand."""
    done = total = 0
    for group in form.groups:
        for row in rows_of(payload, group.key):
            total += len(group.fields)
            done += sum(bool(shown(row.get("cells", {}).get(field.key))) for field in group.fields)
    return done, total


def with_cell(payload: Payload, group: str, row: str, field: str, text: str) -> Payload:
    """The payload with another answer in one cell; unchanged where there is no such row."""
    rows = [
        {**one, "cells": {**one.get("cells", {}), field: {"text": text, "status": "reported"}}}
        if one["row"] == row
        else one
        for one in rows_of(payload, group)
    ]
    return {"groups": {**payload["groups"], group: rows}} if rows else payload
