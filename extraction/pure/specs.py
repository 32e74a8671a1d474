"""A field as plain data for storage, and back: what a stored question's ``spec`` holds.

Limits are written as decimal text, so that no digit is lost on the way through JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from extraction.pure.fields import Choice, Field, FieldType

_LIMITS = ("hard_min", "hard_max", "soft_min", "soft_max")


def field_to_spec(field: Field) -> dict[str, Any]:
    """Everything about a field but its key and label; parts that say nothing are left out."""
    spec: dict[str, Any] = {"type": field.type.value}
    if field.unit:
        spec["unit"] = field.unit
    if field.choices:
        spec["choices"] = [[choice.value, choice.label] for choice in field.choices]
    if field.required:
        spec["required"] = True
    if field.identity:
        spec["identity"] = True
    if field.help:
        spec["help"] = field.help
    if field.required_if is not None:
        spec["required_if"] = {"field": field.required_if[0], "in": list(field.required_if[1])}
    for name in _LIMITS:
        limit = getattr(field, name)
        if limit is not None:
            spec[name] = str(limit)
    return spec


def field_from_spec(key: str, label: str, spec: Mapping[str, Any]) -> Field:
    """The field that :func:`field_to_spec` wrote. Raises ``KeyError`` or ``ValueError`` for anything else."""
    limits = {name: Decimal(spec[name]) if name in spec else None for name in _LIMITS}
    condition = spec.get("required_if")
    return Field(
        key=key,
        label=label,
        type=FieldType(spec["type"]),
        unit=spec.get("unit", ""),
        choices=tuple(Choice(value, text) for value, text in spec.get("choices", ())),
        required=bool(spec.get("required", False)),
        help=spec.get("help", ""),
        required_if=None if condition is None else (condition["field"], tuple(condition["in"])),
        identity=bool(spec.get("identity", False)),
        **limits,
    )
