"""What a quality instrument has to say for itself, and the register of instruments.

No total of an instrument is ever a weight or a threshold; it is a description.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from extraction.pure.cells import Finding, RowValues
from extraction.pure.fields import FormSpec, Group

InstrumentClass = TypeVar("InstrumentClass", bound="type[Instrument]")


@dataclass(frozen=True, slots=True)
class Score:
    """What an instrument computes from its answers.

    ``parts`` are named results as text; empty while an answer is missing, which ``words`` then says.
    """

    parts: Mapping[str, str]
    words: str


class Instrument(ABC):
    """One quality instrument in one published version."""

    key: ClassVar[str]
    label: ClassVar[str]
    edition: ClassVar[str]

    @abstractmethod
    def group(self) -> Group:
        """The judgements and their support; the group's key is the instrument's key."""

    @abstractmethod
    def check(self, row: RowValues) -> tuple[Finding, ...]:
        """Errors and doubts that need more than one answer."""

    @abstractmethod
    def score(self, row: RowValues) -> Score:
        """What follows from the answers."""


_REGISTER: dict[str, Instrument] = {}


def register(cls: InstrumentClass) -> InstrumentClass:
    """Class decorator: put an instrument on the register. Raises ``ValueError`` for a key that is taken."""
    if cls.key in _REGISTER and type(_REGISTER[cls.key]).__qualname__ != cls.__qualname__:
        raise ValueError(f"two instruments with the key {cls.key!r}")
    _REGISTER[cls.key] = cls()
    return cls


def instrument(key: str) -> Instrument | None:
    """The instrument with this key, or None."""
    return _REGISTER.get(key)


def all_instruments() -> tuple[Instrument, ...]:
    """Every registered instrument, by key."""
    return tuple(_REGISTER[key] for key in sorted(_REGISTER))


def appraisal_form(keys: Sequence[str] = ("jadad", "allocation"), *, version: int = 1) -> FormSpec:
    """A form of the named instruments, in that order.

    Raises ``ValueError`` for an instrument that is not there.
    """
    found = [(key, instrument(key)) for key in keys]
    unknown = [key for key, item in found if item is None]
    if unknown:
        raise ValueError(f"no instrument {unknown[0]!r}")
    groups = tuple(item.group() for _, item in found if item is not None)
    return FormSpec("appraisal", "Quality of the study", "appraisal", version, groups)
