"""Read a preset (TOML text) into a form.

A preset names its form, lists groups of fields, and the kinds of outcome measure whose groups follow them::

    key = "bone_density_children"
    name = "Bone density in children"
    kind = "extraction"
    version = 1
    measures = ["change", "harms"]

    [[groups]]
    key = "arms"
    label = "Arms"
    repeats = true
    row_noun = "arm"

      [[groups.fields]]
      key = "role"
      label = "Role"
      type = "choice"
      choices = { intervention = "Intervention", comparator = "Comparator" }
      required = true
      identity = true
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from extraction.pure import measures
from extraction.pure.appraisal import all_instruments, instrument
from extraction.pure.fields import ARMS_GROUP, Choice, Field, FieldType, FormKind, FormSpec, Group

MAX_TEXT = 200_000
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FORM_KEYS = {"key", "name", "kind", "version", "groups", "measures", "instruments"}
_GROUP_KEYS = {"key", "label", "repeats", "row_noun", "help", "fields"}
_LIMITS = ("hard_min", "hard_max", "soft_min", "soft_max")
_FIELD_KEYS = {
    "key",
    "label",
    "type",
    "unit",
    "choices",
    "required",
    "help",
    "required_if",
    "identity",
    *_LIMITS,
}


class PresetError(ValueError):
    """A preset that is not a form; the message says where and why."""


def parse_preset(text: str) -> FormSpec:
    """Read preset text. Raises :class:`PresetError` in words for anything that is not a sound form."""
    if len(text) > MAX_TEXT:
        raise PresetError(f"The preset is longer than {MAX_TEXT} characters.")
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PresetError(f"This is not TOML: {error}") from error
    _only(data, _FORM_KEYS, "the preset")
    kind = _text(data, "kind", "the preset", default="extraction")
    if kind not in {"extraction", "appraisal"}:
        raise PresetError(f"kind is {kind!r}; it must be “extraction” or “appraisal”.")
    version = data.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise PresetError("version must be a whole number from 1.")
    groups = [*map(_group, _tables(data, "groups", "the preset")), *_measures(data), *_instruments(data)]
    form = FormSpec(
        key=_key(data, "the preset"),
        name=_text(data, "name", "the preset"),
        kind=_kind(kind),
        version=version,
        groups=tuple(groups),
    )
    _check_form(form)
    return form


def _kind(text: str) -> FormKind:
    return "appraisal" if text == "appraisal" else "extraction"


def _measures(data: Mapping[str, Any]) -> list[Group]:
    """Groups of the kinds named in ``measures``, in that order."""
    groups = []
    for kind in _names(data, "measures"):
        found = measures.get(kind)
        if found is None:
            known = ", ".join(item.kind for item in measures.all_measures())
            raise PresetError(f"There is no kind of measure {kind!r}; there are {known}.")
        groups.append(found.group())
    return groups


def _instruments(data: Mapping[str, Any]) -> list[Group]:
    """Groups of the quality instruments named in ``instruments``, in that order."""
    groups = []
    for key in _names(data, "instruments"):
        found = instrument(key)
        if found is None:
            known = ", ".join(item.key for item in all_instruments())
            raise PresetError(f"There is no instrument {key!r}; there are {known}.")
        groups.append(found.group())
    return groups


def _group(data: Mapping[str, Any]) -> Group:
    key = _key(data, "a group")
    _only(data, _GROUP_KEYS, f"group {key}")
    fields = tuple(_field(item, key) for item in _tables(data, "fields", f"group {key}"))
    return Group(
        key=key,
        label=_text(data, "label", f"group {key}"),
        repeats=_flag(data, "repeats", f"group {key}"),
        fields=fields,
        row_noun=_text(data, "row_noun", f"group {key}", default="row"),
        help=_text(data, "help", f"group {key}", default=""),
    )


def _field(data: Mapping[str, Any], group: str) -> Field:
    key = _key(data, f"a field of group {group}")
    where = f"field {group}.{key}"
    _only(data, _FIELD_KEYS, where)
    name = _text(data, "type", where)
    if name not in FieldType.__members__.values():
        raise PresetError(f"{where}: there is no type {name!r}; there are {', '.join(FieldType)}.")
    return Field(
        key=key,
        label=_text(data, "label", where),
        type=FieldType(name),
        unit=_text(data, "unit", where, default=""),
        choices=_choices(data, where),
        required=_flag(data, "required", where),
        hard_min=_limit(data, "hard_min", where),
        hard_max=_limit(data, "hard_max", where),
        soft_min=_limit(data, "soft_min", where),
        soft_max=_limit(data, "soft_max", where),
        help=_text(data, "help", where, default=""),
        required_if=_condition(data, where),
        identity=_flag(data, "identity", where),
    )


def _check_form(form: FormSpec) -> None:
    """Keys are unique, choices exist, conditions and arm fields point at something."""
    keys = [group.key for group in form.groups]
    if not keys:
        raise PresetError("The form has no groups.")
    if len(set(keys)) < len(keys):
        raise PresetError("Two groups have the same key.")
    for group in form.groups:
        names = [field.key for field in group.fields]
        if not names:
            raise PresetError(f"group {group.key} has no fields.")
        if len(set(names)) < len(names):
            raise PresetError(f"group {group.key}: two fields have the same key.")
        for field in group.fields:
            _check_field(form, group, field)


def _check_field(form: FormSpec, group: Group, field: Field) -> None:
    where = f"field {group.key}.{field.key}"
    if (field.type is FieldType.CHOICE) != bool(field.choices):
        raise PresetError(f"{where}: a choice field needs choices, and only a choice field has them.")
    if field.type is FieldType.ARM and form.group(ARMS_GROUP) is None:
        raise PresetError(f"{where} refers to an arm, but the form has no group {ARMS_GROUP!r}.")
    if field.required_if is not None:
        other = group.field(field.required_if[0])
        if other is None:
            raise PresetError(f"{where}: required_if names {field.required_if[0]!r}, which is not there.")
        known = {choice.value for choice in other.options}
        if known and not set(field.required_if[1]) <= known:
            raise PresetError(f"{where}: required_if names a choice that {other.key} does not have.")
    for low, high in ((field.hard_min, field.hard_max), (field.soft_min, field.soft_max)):
        if low is not None and high is not None and low > high:
            raise PresetError(f"{where}: a lower limit is above its upper limit.")


def _only(data: Mapping[str, Any], allowed: set[str], where: str) -> None:
    unknown = sorted(set(data) - allowed)
    if unknown:
        raise PresetError(f"{where}: {unknown[0]!r} means nothing here.")


def _text(data: Mapping[str, Any], name: str, where: str, *, default: str | None = None) -> str:
    value = data.get(name, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise PresetError(f"{where}: {name} must be a text.")
    return value.strip()


def _key(data: Mapping[str, Any], where: str) -> str:
    key = _text(data, "key", where)
    if _KEY.fullmatch(key) is None:
        raise PresetError(f"{where}: the key {key[:60]!r} must be small letters, digits and underscores.")
    return key


def _flag(data: Mapping[str, Any], name: str, where: str) -> bool:
    value = data.get(name, False)
    if not isinstance(value, bool):
        raise PresetError(f"{where}: {name} must be true or false.")
    return value


def _limit(data: Mapping[str, Any], name: str, where: str) -> Decimal | None:
    value = data.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not Decimal(value).is_finite():
        raise PresetError(f"{where}: {name} must be a number.")
    return Decimal(value)


def _choices(data: Mapping[str, Any], where: str) -> tuple[Choice, ...]:
    value = data.get("choices", {})
    if not isinstance(value, dict) or not all(isinstance(label, str) for label in value.values()):
        raise PresetError(f'{where}: choices must be written {{ value = "Label" }}.')
    return tuple(Choice(str(key), label) for key, label in value.items())


def _condition(data: Mapping[str, Any], where: str) -> tuple[str, tuple[str, ...]] | None:
    value = data.get("required_if")
    if value is None:
        return None
    match value:
        case {"field": str(name), "in": list(values)} if values and all(isinstance(v, str) for v in values):
            return name, tuple(values)
    raise PresetError(f'{where}: required_if must be written {{ field = "key", in = ["value"] }}.')


def _names(data: Mapping[str, Any], name: str) -> list[str]:
    value = data.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise PresetError(f"{name} must be a list of texts.")
    return value


def _tables(data: Mapping[str, Any], name: str, where: str) -> list[Mapping[str, Any]]:
    value = data.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise PresetError(f"{where}: {name} must be written as [[{name}]] tables.")
    return value
