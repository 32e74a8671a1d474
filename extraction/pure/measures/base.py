"""What a kind of outcome measure has to say for itself, and the register of kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, TypeVar

from extraction.pure.cells import Finding, RowValues
from extraction.pure.dataset import Contrast, Harm, Result
from extraction.pure.fields import Group

MeasureRow = Result | Contrast | Harm
M = TypeVar("M", bound="type[Measure]")


class Measure(ABC):
    """One kind of outcome measure: its questions, its checks, its rows in the dataset.

    ``kind`` is the name presets use and the key of the group. Forms, checks, comparison and the dataset
    follow from the subclass; nothing else lists the kinds.
    """

    kind: ClassVar[str]

    @abstractmethod
    def group(self) -> Group:
        """The questions of one row."""

    @abstractmethod
    def check(self, row: RowValues, arms: Mapping[str, RowValues]) -> tuple[Finding, ...]:
        """Errors and doubts about one row that need more than one of its fields. ``arms``: by row key."""

    @abstractmethod
    def to_rows(self, row: RowValues) -> tuple[MeasureRow, ...]:
        """The dataset rows of one row of finals; empty while a field that places the row is missing."""

    def unit(self, field: str, row: RowValues) -> str:
        """The unit of a field where it depends on the row's other answers; empty: the unit of the field."""
        del field, row
        return ""

    def missing(self, row: RowValues) -> str:
        """Words for a complete row that says nothing, or an empty text."""
        del row
        return ""


_REGISTER: dict[str, Measure] = {}


def register(cls: M) -> M:
    """Class decorator: put a measure on the register. Raises ``ValueError`` for a kind that is taken."""
    if cls.kind in _REGISTER and type(_REGISTER[cls.kind]).__qualname__ != cls.__qualname__:
        raise ValueError(f"two measures of kind {cls.kind!r}")
    _REGISTER[cls.kind] = cls()
    return cls


def get(kind: str) -> Measure | None:
    """The measure of this kind, or None."""
    return _REGISTER.get(kind)


def all_measures() -> tuple[Measure, ...]:
    """Every registered measure, by kind."""
    return tuple(_REGISTER[kind] for kind in sorted(_REGISTER))
