"""Find the rows of two entries that speak of the same thing.

Arms are matched first (label, role, drug); rows of other groups then through the arms and their other identity fields.
Everything is symmetric: exchanging the two entries exchanges the sides and changes nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz import fuzz

from extraction.pure.cells import Cell, RowValues, row_of
from extraction.pure.fields import ARMS_GROUP, Field, FieldType, FormSpec, Group

Rows = Mapping[str, RowValues]
Similar = Callable[[Field, str, str], float]

MISMATCH = 0.3
"""Two identity values less alike than this contradict each other."""
EVIDENCE = 0.5
"""One contradiction is bridged where at least this share of the other values is the same."""
_MISSING = 0.5
_VARIANT = 0.5
_VETO = -1.0


@dataclass(frozen=True, slots=True)
class AlignedRow:
    """A row of one or of both entries under its common, stable ``row_key``; the other side is None if missing."""

    group: str
    row_key: str
    a: RowValues | None
    b: RowValues | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """All rows in the order of the form, and the common key of every arm by its row key in either entry."""

    rows: tuple[AlignedRow, ...]
    arms_a: Mapping[str, str]
    arms_b: Mapping[str, str]


def align(form: FormSpec, a: Sequence[Cell], b: Sequence[Cell]) -> Alignment:
    """Align two entries of one form. Cells of groups that the form does not have are left out."""
    arms_a: dict[str, str] = {}
    arms_b: dict[str, str] = {}
    by_group: dict[str, list[AlignedRow]] = {}
    groups = sorted(form.groups, key=lambda group: group.key != ARMS_GROUP)
    for group in groups:
        rows_a, rows_b = _rows(group, a), _rows(group, b)
        found = _align_group(group, _mapped(group, rows_a, arms_a), _mapped(group, rows_b, arms_b))
        by_group[group.key] = [
            AlignedRow(group.key, key, rows_a.get(one or ""), rows_b.get(other or ""))
            for key, one, other in found
        ]
        if group.key == ARMS_GROUP:
            arms_a.update({one: key for key, one, _ in found if one is not None})
            arms_b.update({other: key for key, _, other in found if other is not None})
    ordered = tuple(row for group in form.groups for row in by_group[group.key])
    return Alignment(ordered, arms_a, arms_b)


def _rows(group: Group, cells: Sequence[Cell]) -> dict[str, RowValues]:
    """The rows of a group in the order of their first cells."""
    gathered: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.group == group.key:
            gathered.setdefault(cell.row, []).append(cell)
    return {key: row_of(key, tuple(found)) for key, found in gathered.items()}


def _mapped(group: Group, rows: Rows, arms: Mapping[str, str]) -> dict[str, RowValues]:
    """The rows with arm references replaced by the arms' common keys (left as they are within the arms)."""
    fields = {field.key for field in group.fields if field.type is FieldType.ARM}
    return {
        key: RowValues(
            key, {name: arms.get(text, text) if name in fields else text for name, text in row.values.items()}
        )
        for key, row in rows.items()
    }


def _align_group(group: Group, a: Rows, b: Rows) -> list[tuple[str, str | None, str | None]]:
    """Triples of common key, row key in A, row key in B."""
    if not group.repeats:
        one, other = next(iter(a), None), next(iter(b), None)
        return [] if one is None and other is None else [(group.key, one, other)]
    pairs = _match(group, a, b)
    matched_a, matched_b = {one for one, _ in pairs}, {other for _, other in pairs}
    every: list[tuple[str | None, str | None]] = [*pairs]
    every += [(key, None) for key in a if key not in matched_a]
    every += [(None, key) for key in b if key not in matched_b]
    place_a, place_b = _places(a), _places(b)

    def order(pair: tuple[str | None, str | None]) -> tuple[list[int], list[str]]:
        one, other = pair
        places = [place_a[one]] if one is not None else []
        places += [place_b[other]] if other is not None else []
        return [min(places), max(places)], _contents(group, a.get(one or ""), b.get(other or ""))

    keys: dict[str, int] = {}
    triples = []
    for one, other in sorted(every, key=order):
        key = _row_key(group, _contents(group, a.get(one or ""), b.get(other or "")))
        keys[key] = keys.get(key, 0) + 1
        triples.append((key if keys[key] == 1 else f"{key}-{keys[key]}", one, other))
    return triples


def _places(rows: Rows) -> dict[str, int]:
    return {key: place for place, key in enumerate(rows)}


def _contents(group: Group, a: RowValues | None, b: RowValues | None) -> list[str]:
    """What identifies a row, in an order that does not depend on the sides."""
    names = [field.key for field in group.identity]
    texts = [
        json.dumps([_plain(row.text(name)) for name in names], ensure_ascii=False)
        for row in (a, b)
        if row is not None
    ]
    return sorted(texts)


def _plain(text: str | None) -> str | None:
    return None if text is None else " ".join(text.casefold().split())


def _row_key(group: Group, contents: list[str]) -> str:
    """A key from what the row is about: it stays when other rows come or go."""
    digest = hashlib.sha256(json.dumps(contents).encode()).hexdigest()
    return f"{group.key}-{digest[:10]}"


def _match(group: Group, a: Rows, b: Rows) -> list[tuple[str, str]]:
    """Pairs of row keys, most alike first, each row once."""
    place_a, place_b = _places(a), _places(b)
    candidates = []
    for one, row_a in a.items():
        for other, row_b in b.items():
            score = _score(group, row_a, row_b)
            if score is None:
                continue
            i, j = place_a[one], place_b[other]
            tie = _contents(group, row_a, row_b)
            candidates.append(((-round(score, 9), tie, abs(i - j), min(i, j)), one, other))
    pairs: list[tuple[str, str]] = []
    free_a, free_b = set(a), set(b)
    for _, one, other in sorted(candidates, key=lambda item: item[0]):
        if one in free_a and other in free_b:
            pairs.append((one, other))
            free_a.discard(one)
            free_b.discard(other)
    if group.key == ARMS_GROUP:
        pairs += _last_of_role(a, b, free_a, free_b)
    return pairs


def _last_of_role(a: Rows, b: Rows, free_a: set[str], free_b: set[str]) -> list[tuple[str, str]]:
    """Arms left over as the only one of their role on both sides ("control" and "placebo")."""
    pairs = []
    for role in ("comparator", "intervention"):
        left_a = [key for key in a if key in free_a and a[key].text("role") == role]
        left_b = [key for key in b if key in free_b and b[key].text("role") == role]
        if len(left_a) == len(left_b) == 1:
            pairs.append((left_a[0], left_b[0]))
    return pairs


def _score(group: Group, a: RowValues, b: RowValues) -> float | None:
    """How alike two rows are (0 to 1.3), or None where they are about different things.

    Rows of different arms are. One contradiction among the identity fields is bridged where the other values agree.
    """
    alike = [_alike(field, a.text(field.key), b.text(field.key)) for field in group.identity]
    if not alike or min(alike) == _VETO:
        return None
    contradictions = sum(1 for value in alike if value < MISMATCH)
    evidence = _evidence(group, a, b)
    if contradictions > 1 or (contradictions == 1 and evidence < EVIDENCE):
        return None
    return sum(alike) / len(alike) + 0.3 * evidence


def _alike(field: Field, a: str | None, b: str | None) -> float:
    """How alike two identity values are, 0 to 1; −1 for different arms."""
    if a is None or b is None:
        return 1.0 if a is None and b is None else _MISSING
    match field.type:
        case FieldType.ARM:
            return 1.0 if a == b else _VETO
        case FieldType.INTEGER | FieldType.DECIMAL:
            return 1.0 if Decimal(a) == Decimal(b) else 0.0
        case FieldType.TEXT | FieldType.LONG_TEXT:
            one, other = sorted((_plain(a) or "", _plain(b) or ""))
            return 1.0 if one == other else 0.9 * fuzz.token_set_ratio(one, other) / 100
        case _:
            if a == b:
                return 1.0
            return _VARIANT if a.startswith(b) or b.startswith(a) else 0.0


def _evidence(group: Group, a: RowValues, b: RowValues) -> float:
    """Share of the numbers and p-values given on both sides that are the same; 0 where there are none."""
    counted = {FieldType.INTEGER, FieldType.DECIMAL, FieldType.P_VALUE}
    same = both = 0
    for field in group.fields:
        one, other = a.text(field.key), b.text(field.key)
        if field.identity or field.type not in counted or one is None or other is None:
            continue
        both += 1
        if field.type is FieldType.P_VALUE:
            same += one == other
        else:
            same += Decimal(one) == Decimal(other)
    return same / both if both else 0.0
