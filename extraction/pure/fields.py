"""What a form is made of: fields, groups of fields, and the form itself.

A form is data. Groups that belong to a kind of outcome measure come from :mod:`extraction.pure.measures`,
groups of a quality instrument from :mod:`extraction.pure.appraisal`, all others from a preset
(:mod:`extraction.pure.presets`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

FormKind = Literal["extraction", "appraisal"]

ARMS_GROUP = "arms"
"""Key of the group whose rows are the arms of the study; fields of type ``arm`` refer to its rows."""


class FieldType(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    INTEGER = "integer"
    DECIMAL = "decimal"
    P_VALUE = "p_value"
    YES_NO_UNCLEAR = "yes_no_unclear"
    ARM = "arm"


@dataclass(frozen=True, slots=True)
class Choice:
    """One permitted answer: the stored ``value`` and the ``label`` a reader sees."""

    value: str
    label: str


YES_NO_UNCLEAR = (Choice("yes", "Yes"), Choice("no", "No"), Choice("unclear", "Unclear"))


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form.

    ``hard_min``/``hard_max`` refuse a value (it is impossible); ``soft_min``/``soft_max`` only ask about it.
    Both are in ``unit``. ``required_if`` is ``(field key, values)``: the field is required when that field of
    the same row holds one of the values. ``identity`` marks the fields by which a row of one entry is found
    in the other entry.
    """

    key: str
    label: str
    type: FieldType
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool = False
    hard_min: Decimal | None = None
    hard_max: Decimal | None = None
    soft_min: Decimal | None = None
    soft_max: Decimal | None = None
    help: str = ""
    required_if: tuple[str, tuple[str, ...]] | None = None
    identity: bool = False

    @property
    def options(self) -> tuple[Choice, ...]:
        """The permitted answers of a choice or a yes/no/unclear field; empty for every other type."""
        if self.type is FieldType.YES_NO_UNCLEAR:
            return YES_NO_UNCLEAR
        return self.choices if self.type is FieldType.CHOICE else ()

    def label_of(self, value: str) -> str:
        """The reader's label of a stored value; the value itself where it is not one of the choices."""
        return next((choice.label for choice in self.options if choice.value == value), value)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that are answered together, once or (``repeats``) in as many rows as the study needs.

    ``row_noun`` is what one row is called ("arm", "result"). ``measure`` is the kind of outcome measure
    the group was made by, empty for groups of a preset.
    """

    key: str
    label: str
    repeats: bool
    fields: tuple[Field, ...]
    row_noun: str = "row"
    measure: str = ""
    help: str = ""

    def field(self, key: str) -> Field | None:
        """The field with this key, or None."""
        return next((field for field in self.fields if field.key == key), None)

    @property
    def identity(self) -> tuple[Field, ...]:
        """The fields that tell one row from another."""
        return tuple(field for field in self.fields if field.identity)


@dataclass(frozen=True, slots=True)
class FormSpec:
    """A whole form in one version.

    A changed question makes a new version; answers keep the version they answered.
    """

    key: str
    name: str
    kind: FormKind
    version: int
    groups: tuple[Group, ...]

    def group(self, key: str) -> Group | None:
        """The group with this key, or None."""
        return next((group for group in self.groups if group.key == key), None)
