"""Cells of an entry, final cells, and what is said about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from extraction.pure import numbers

CellStatus = Literal[
    "reported",
    "computed",
    "digitised",
    "from_author",
    "not_reported",
    "not_applicable",
    "unclear",
    "document_not_available",
]

STATUS_LABELS: Mapping[str, str] = {
    "reported": "reported",
    "computed": "computed",
    "digitised": "digitised from a figure",
    "from_author": "obtained from the author or manufacturer",
    "not_reported": "not reported",
    "not_applicable": "not applicable",
    "unclear": "unclear",
    "document_not_available": "document not available to us",
}
VALUE_STATUSES = frozenset({"reported", "computed", "digitised", "from_author"})
"""Statuses that go with a value; the other four say why there is none."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer of one entry.

    ``as_printed`` is the text the person typed. ``canonical`` is exact decimal text, a choice value, an arm's
    row key, p-value text as :mod:`extraction.pure.numbers` writes it, or plain text; None where ``status``
    says that there is no value. ``report``, ``page`` and ``quote`` say where it was read.
    """

    group: str
    row: str
    field: str
    as_printed: str
    canonical: str | None
    unit: str
    status: str
    report: str = ""
    page: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class FinalCell:
    """One reconciled answer. ``uid`` is the Final it stands in; ``row_key`` that of the aligned row."""

    uid: str
    group: str
    row_key: str
    field: str
    canonical: str | None
    status: str


@dataclass(frozen=True, slots=True)
class FieldError:
    """Why an answer cannot be taken, in words, with a question that may help (or an empty ``proposal``)."""

    group: str
    row: str
    field: str
    message: str
    proposal: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question about an answer that can be taken.

    ``formula`` shows the arithmetic; ``code`` names the check.
    """

    group: str
    row: str
    field: str
    message: str
    formula: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of one row says about one of its fields: an error refuses, a doubt asks."""

    field: str
    severity: Literal["error", "doubt"]
    code: str
    message: str
    formula: str = ""
    proposal: str = ""


@dataclass(frozen=True, slots=True)
class RowValues:
    """The values of one row.

    Canonical texts by field, with statuses and (for finals) the uids they stand in.
    """

    key: str
    values: Mapping[str, str]
    statuses: Mapping[str, str] = field(default_factory=dict)
    uids: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """The canonical text of a field, or None where it holds no value."""
        return self.values.get(name)

    def number(self, name: str) -> Decimal | None:
        """The exact number of a decimal or integer field, or None."""
        text = self.values.get(name)
        return None if text is None else Decimal(text)

    def real(self, name: str) -> float | None:
        """The number of a field as a float for arithmetic, or None."""
        number = self.number(name)
        return None if number is None else float(number)

    def whole(self, name: str) -> int | None:
        """The number of an integer field, or None."""
        number = self.number(name)
        return None if number is None else int(number)

    def p_value(self, name: str) -> numbers.PValue | None:
        """The p-value of a field, or None."""
        text = self.values.get(name)
        return None if text is None else numbers.split_p_value(text)


def row_of(key: str, cells: tuple[Cell, ...] | tuple[FinalCell, ...]) -> RowValues:
    """Gather the cells of one row."""
    return RowValues(
        key=key,
        values={cell.field: cell.canonical for cell in cells if cell.canonical is not None},
        statuses={cell.field: cell.status for cell in cells},
        uids={cell.field: cell.uid for cell in cells if isinstance(cell, FinalCell)},
    )
