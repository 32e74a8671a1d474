"""Hold two entries of one study against each other, row by row and field by field."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from extraction.pure.align import AlignedRow, Alignment, align
from extraction.pure.cells import STATUS_LABELS, VALUE_STATUSES, Cell
from extraction.pure.fields import ARMS_GROUP, Field, FieldType, FormSpec, Group
from extraction.pure.numbers import decimals_of, half_unit, plain, split_p_value
from extraction.pure.spreads import SPREAD_FIELDS, SameSpread, ratio_is_root_n, same_spread

Relation = Literal["identical", "equivalent", "within_rounding", "different", "only_a", "only_b"]

RELATION_LABELS: Mapping[str, str] = {
    "identical": "identical",
    "equivalent": "equivalent",
    "within_rounding": "within rounding",
    "different": "different",
    "only_a": "only in A",
    "only_b": "only in B",
}


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """One field of one aligned row.

    ``canonical_a``/``canonical_b`` are the values as a final would hold them: arms by their common row key.
    ``agreed`` says whether both sides give one value, which then is ``agreed_value`` with ``agreed_status`` (a value
    of None with a status such as "not reported" can be agreed on too).
    """

    field: str
    relation: Relation
    words: str
    a: Cell | None
    b: Cell | None
    canonical_a: str | None
    canonical_b: str | None
    agreed: bool = False
    agreed_value: str | None = None
    agreed_status: str = ""


class _Pair(NamedTuple):
    """The two cells of a field and their values as a final would hold them."""

    a: Cell | None
    b: Cell | None
    value_a: str | None
    value_b: str | None


@dataclass(frozen=True, slots=True)
class RowComparison:
    """One aligned row: its stable common key, its row key in each entry (None: not there), a label, its fields."""

    group: str
    row_key: str
    row_a: str | None
    row_b: str | None
    label: str
    fields: tuple[FieldComparison, ...]


@dataclass(frozen=True, slots=True)
class AgreedCell:
    """A value both entries agree on, ready to become a final; ``cell_a`` and ``cell_b`` are what it came from."""

    group: str
    row_key: str
    field: str
    canonical: str | None
    unit: str
    status: str
    cell_a: Cell
    cell_b: Cell


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two entries side by side, in the order of the form."""

    rows: tuple[RowComparison, ...]

    def count(self, relation: Relation) -> int:
        """How many fields stand in this relation."""
        return sum(field.relation == relation for row in self.rows for field in row.fields)

    @property
    def open_fields(self) -> int:
        """How many fields the two have still to settle."""
        return sum(not field.agreed for row in self.rows for field in row.fields)


def compare(form: FormSpec, a: Sequence[Cell], b: Sequence[Cell]) -> Comparison:
    """Compare entry A with entry B. ``compare(form, b, a)`` is the mirror image, with the same row keys."""
    alignment = align(form, a, b)
    cells_a = {(cell.group, cell.row, cell.field): cell for cell in a}
    cells_b = {(cell.group, cell.row, cell.field): cell for cell in b}
    names = _arm_labels(alignment)
    rows = []
    for row in alignment.rows:
        group = form.group(row.group)
        if group is None:
            continue
        key_a, key_b = (None if side is None else side.key for side in (row.a, row.b))
        fields = _fields(
            group,
            row,
            alignment,
            {f.key: cells_a.get((row.group, key_a or "", f.key)) for f in group.fields},
            {f.key: cells_b.get((row.group, key_b or "", f.key)) for f in group.fields},
        )
        label = _label(group, row, alignment, names)
        rows.append(RowComparison(row.group, row.row_key, key_a, key_b, label, fields))
    return Comparison(tuple(rows))


def auto_finals(comparison: Comparison) -> tuple[AgreedCell, ...]:
    """The fields on which both entries give one value; everything else is for the pair to settle.

    A spread that is the same only after conversion is not among them: one of its two forms has to be chosen.
    """
    return tuple(
        AgreedCell(
            row.group,
            row.row_key,
            field.field,
            field.agreed_value,
            field.a.unit or field.b.unit,
            field.agreed_status,
            field.a,
            field.b,
        )
        for row in comparison.rows
        for field in row.fields
        if field.agreed and field.a is not None and field.b is not None
    )


def _fields(
    group: Group,
    row: AlignedRow,
    alignment: Alignment,
    a: Mapping[str, Cell | None],
    b: Mapping[str, Cell | None],
) -> tuple[FieldComparison, ...]:
    """Compare the fields of one aligned row; fields neither side answered are left out."""
    same = None if row.a is None or row.b is None else same_spread(row.a, row.b)
    known = {side.whole("n") for side in (row.a, row.b) if side is not None and group.field("n") is not None}
    known.discard(None)
    n = next(iter(known)) if len(known) == 1 else None
    out = []
    for field in group.fields:
        one, other = a[field.key], b[field.key]
        if one is None and other is None:
            continue
        value_a, value_b = _final(field, one, alignment.arms_a), _final(field, other, alignment.arms_b)
        pair = _Pair(one, other, value_a, value_b)
        if same is not None and field.key in SPREAD_FIELDS and not _equal(field, value_a, value_b):
            out.append(_converted(field, same, pair))
        else:
            out.append(_compare(field, pair, n))
    return tuple(out)


def _final(field: Field, cell: Cell | None, arms: Mapping[str, str]) -> str | None:
    """The value as a final would hold it."""
    if cell is None or cell.canonical is None:
        return None
    return arms.get(cell.canonical, cell.canonical) if field.type is FieldType.ARM else cell.canonical


def _converted(field: Field, same: SameSpread, pair: _Pair) -> FieldComparison:
    relation: Relation = "equivalent" if same.exact else "within_rounding"
    return FieldComparison(field.key, relation, f"The same spread in another form: {same.formula}", *pair)


def _compare(field: Field, pair: _Pair, n: int | None) -> FieldComparison:
    """Relation and words of one field without conversion."""
    a, b, value_a, value_b = pair
    if a is None or b is None:
        relation: Relation = "only_a" if b is None else "only_b"
        return FieldComparison(field.key, relation, f"Entered only by {relation[-1].upper()}.", *pair)
    if value_a is None or value_b is None:
        if value_a == value_b and a.status == b.status:
            return FieldComparison(field.key, "identical", "", *pair, agreed=True, agreed_status=a.status)
        return FieldComparison(field.key, "different", _status_words(field, a, b), *pair)
    relation, words = _relate(field, value_a, value_b, n)
    if relation not in {"identical", "equivalent"}:
        return FieldComparison(field.key, relation, words, *pair)
    if a.status != b.status:
        both = sorted((STATUS_LABELS[a.status], STATUS_LABELS[b.status]))
        words = f"{words} One says {both[0]}, one {both[1]}.".strip()
    status = "reported" if "reported" in {a.status, b.status} else min(a.status, b.status)
    chosen = _fuller(value_a, value_b)
    return FieldComparison(
        field.key, relation, words, *pair, agreed=True, agreed_value=chosen, agreed_status=status
    )


def _status_words(field: Field, a: Cell, b: Cell) -> str:
    """Words for a value against a status, or for two different statuses."""
    told = sorted(
        f"“{field.label_of(cell.canonical or '')}”"
        if cell.status in VALUE_STATUSES
        else STATUS_LABELS[cell.status]
        for cell in (a, b)
    )
    return f"{told[0]} against {told[1]}"


def _fuller(a: str, b: str) -> str:
    """Of two equal values the one with more printed detail, independent of the side."""
    return max(a, b, key=lambda text: (len(text), text))


def _equal(field: Field, a: str | None, b: str | None) -> bool:
    if a is None or b is None:
        return a == b
    return a == b or (field.type in {FieldType.INTEGER, FieldType.DECIMAL} and Decimal(a) == Decimal(b))


def _relate(field: Field, a: str, b: str, n: int | None) -> tuple[Relation, str]:
    """Relation of two values of one field."""
    if a == b:
        return "identical", ""
    match field.type:
        case FieldType.INTEGER | FieldType.DECIMAL:
            return _relate_numbers(field, a, b, n)
        case FieldType.P_VALUE:
            return _relate_p(a, b)
        case FieldType.TEXT | FieldType.LONG_TEXT:
            if _folded(a) == _folded(b):
                return "equivalent", "The same words; only case, spacing or punctuation differ."
            return "different", ""
        case _:
            if field.type is FieldType.ARM:
                return "different", "Different arms."
            one, other = sorted((field.label_of(a), field.label_of(b)))
            return "different", f"“{one}” against “{other}”"


def _folded(text: str) -> str:
    """Letters and digits only, without case."""
    spaced = "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFKC", text).casefold())
    return " ".join(spaced.split()) or text


def _relate_numbers(field: Field, a: str, b: str, n: int | None) -> tuple[Relation, str]:
    one, other = Decimal(a), Decimal(b)
    if one == other:
        return "equivalent", "The same number, printed with other decimals."
    if decimals_of(a) != decimals_of(b):
        coarse = min(a, b, key=decimals_of)
        if abs(one - other) <= half_unit(coarse):
            return "within_rounding", f"The same after rounding to {coarse}."
    return "different", _difference(field, one, other, n)


def _difference(field: Field, a: Decimal, b: Decimal, n: int | None) -> str:
    """What two different numbers have to do with each other, where that is plain to see."""
    if a == -b:
        return "The same digits with opposite signs."
    ratio = max(abs(a), abs(b)) / min(abs(a), abs(b)) if a and b else None
    if ratio in {Decimal(10), Decimal(100), Decimal(1000)}:
        return f"They differ by a factor of {plain(ratio)}: is the unit the same?"
    if field.key in {"spread", "se"} and ratio_is_root_n(a, b, n):
        return f"The ratio is √{n}: one may be a standard error."
    if sorted(plain(a)) == sorted(plain(b)):
        return "The same digits in another order."
    return f"They differ by {plain(abs(a - b))}."


def _relate_p(a: str, b: str) -> tuple[Relation, str]:
    one, other = split_p_value(a), split_p_value(b)
    if one.operator == other.operator and one.value is not None and other.value is not None:
        if Decimal(one.value) == Decimal(other.value):
            return "equivalent", "The same p-value, printed with other decimals."
        return "different", ""
    exact = next((p for p in (one, other) if p.operator == "="), None)
    bound = next((p for p in (one, other) if p.operator in {"<", "<="}), None)
    if exact is not None and bound is not None and Decimal(exact.value or 1) <= Decimal(bound.value or 0):
        return "different", f"{exact.canonical} is one of the values that {bound.canonical} allows."
    return "different", ""


def _arm_labels(alignment: Alignment) -> dict[str, str]:
    """A name for every arm by its common key."""
    names = {}
    for row in alignment.rows:
        if row.group == ARMS_GROUP:
            told = {side.text("label") or side.key for side in (row.a, row.b) if side is not None}
            names[row.row_key] = " / ".join(sorted(told))
    return names


def _label(group: Group, row: AlignedRow, alignment: Alignment, names: Mapping[str, str]) -> str:
    """A label from the identity fields of both sides; the group's label where there are none."""
    parts = []
    for field in group.identity:
        told = set()
        for side, arms in ((row.a, alignment.arms_a), (row.b, alignment.arms_b)):
            text = None if side is None else side.text(field.key)
            if text is None:
                continue
            named = (
                names.get(arms.get(text, ""), text) if field.type is FieldType.ARM else field.label_of(text)
            )
            told.add(f"{named} {field.unit}".strip())
        if told:
            parts.append(" / ".join(sorted(told)))
    return " · ".join(parts) or group.label
