"""Results as JSON and back: what a snapshot stores is what the arithmetic returned, field by field."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")


def freeze(value: Any) -> Any:
    """Return a value made of dataclasses, mappings, sequences and numbers as plain JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: freeze(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): freeze(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [freeze(one) for one in value]
    return str(value) if isinstance(value, UUID) else value


def thaw(kind: type[T], data: Mapping[str, Any]) -> T:
    """Return the dataclass that was frozen. Raises KeyError when a field that it needs is missing."""
    whose: Any = kind
    hints = _hints(whose)
    given = {}
    for one in dataclasses.fields(kind):  # type: ignore[arg-type]
        if one.name in data:
            given[one.name] = _thawed(hints[one.name], data[one.name])
        elif one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING:
            raise KeyError(one.name)
    return kind(**given)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _thawed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _thawed(next(one for one in inner if one is not type(None)), value)
    if origin is tuple:
        of = inner[0] if len(inner) == 2 and inner[1] is Ellipsis else None
        kinds = [of] * len(value) if of is not None else list(inner)
        return tuple(_thawed(one, item) for one, item in zip(kinds, value, strict=True))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _thawed(inner[1], item) for key, item in value.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return thaw(hint, value)
    return value


def fingerprint(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON: the same input always has the same hash."""
    text = json.dumps(freeze(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
