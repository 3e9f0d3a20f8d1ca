"""Splits a value into the part that fits the schema and the part for `_extra`.

In the part that fits, timestamps are in UTC, numbers keep their digits and text is unchanged. The
part that does not fit has the shape of the whole, with arrays as objects by position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import inspect

from tap_younium.records.decoding import ExactDecimal, decode
from tap_younium.records.json_schema import unwrap
from tap_younium.timestamps import to_utc

Conform = Callable[[Any], tuple[Any, Any]]
"""Splits a value into the part that fits (null if nothing does) and the part that does not."""

NOTHING = msgspec.UNSET


def conformer(node: inspect.Type, keys: Sequence[str] = ()) -> Conform:
    """Return the function that splits values of a type.

    Args:
        node: The type, from `with_custom_fields` or `fit_to_schema`.
        keys: Fields that accept any text: a row without its primary key would be lost.
    """
    node = unwrap(node)
    if isinstance(node, inspect.Metadata):
        return _special(**(node.extra or {}))
    if isinstance(node, inspect.ListType):
        return _array(conformer(node.item_type))
    if not isinstance(node, inspect.StructType):
        return _SCALARS[type(node)]
    fields = {field.encode_name: conformer(field.type) for field in node.fields}
    return _object(fields | {key: as_key(fields[key]) for key in keys if key in fields}, _misfit)


def _special(
    *, secret: bool = False, kind: str = "", custom: Mapping[str, str] | None = None
) -> Conform:
    if secret:
        return _drop
    if kind:
        return _PLAIN_KINDS[kind]
    return _object({key: custom_conformer(it) for key, it in (custom or {}).items()}, _misfit)


def custom_conformer(kind: str) -> Conform:
    """Return the function that splits values of a custom field, of a kind in `COLUMN_SCHEMAS`."""
    return (_PLAIN_KINDS | _CUSTOM_KINDS)[kind]


def columns_conformer(kinds: Mapping[str, str], keys: Sequence[str]) -> Conform:
    """Return the function that splits rows of known columns; other fields do not fit.

    Args:
        kinds: The kind of each column, see `COLUMN_SCHEMAS`.
        keys: The columns that accept any text.
    """
    fields = {name: _PLAIN_KINDS[kind] for name, kind in kinds.items()}
    return _object(fields | {key: as_key(fields[key]) for key in keys}, _misfit)


def _object(fields: dict[str, Conform], unknown: Conform) -> Conform:
    """Return the function that splits an object field by field."""
    known = fields.get

    def conform(value: Any) -> tuple[Any, Any]:
        if value.__class__ is not dict:
            return None, NOTHING if value is None else value
        kept, extra = {}, {}
        for name, item in value.items():
            fit, misfit = known(name, unknown)(item)
            if fit is not NOTHING:
                kept[name] = fit
            if misfit is not NOTHING:
                extra[name] = misfit
        return kept, extra or NOTHING

    return conform


def _misfit(value: Any) -> tuple[Any, Any]:
    return NOTHING, value


def _drop(value: Any) -> tuple[Any, Any]:  # noqa: ARG001 - a secret
    return NOTHING, NOTHING


def _array(item_conform: Conform) -> Conform:
    def conform(value: Any) -> tuple[Any, Any]:
        if value.__class__ is not list:
            return None, NOTHING if value is None else value
        kept, extra = [], {}
        for position, item in enumerate(value):
            fit, misfit = item_conform(item)
            kept.append(fit)  # null for a misfit, so that positions stay the same
            if misfit is not NOTHING:
                extra[str(position)] = misfit
        return kept, extra or NOTHING

    return conform


def _scalar(*types: type) -> Conform:
    def conform(value: Any) -> tuple[Any, Any]:
        if value is None or value.__class__ in types:
            return value, NOTHING
        return None, value

    return conform


def _integer(value: Any) -> tuple[Any, Any]:
    if value.__class__ is ExactDecimal and value.text == "-0":  # `int` has no negative zero
        return value, NOTHING
    return _whole_number(value)


_whole_number = _scalar(int)


def _timestamp(value: Any) -> tuple[Any, Any]:
    time = to_utc(value) if value.__class__ is str else None
    return time, NOTHING if time or value is None else value


def _uuid(value: Any) -> tuple[Any, Any]:
    try:
        msgspec.convert(value, UUID | None)
    except msgspec.ValidationError:
        return None, value
    return value, NOTHING


def as_key(otherwise: Conform) -> Conform:
    """Return the function that accepts any text as a key: a row without one would be lost."""

    def conform(value: Any) -> tuple[Any, Any]:
        return (value, NOTHING) if value.__class__ is str and value else otherwise(value)

    return conform


def _custom_text(value: Any) -> tuple[Any, Any]:
    if value.__class__ is bool:
        return str(value).lower(), NOTHING
    if value.__class__ is ExactDecimal:
        return value.text, NOTHING
    if value.__class__ is int:
        return str(value), NOTHING
    return _SCALARS[inspect.StrType](value)


def _custom_integer(value: Any) -> tuple[Any, Any]:
    """Accept `12`, `"12"` and `12.0`, but nothing that the conversion would change."""
    fit, misfit = _custom_number(value)
    if fit is None or _integer(fit)[0] is not None:
        return fit, misfit
    if (
        fit.__class__ is ExactDecimal
        and fit == fit.to_integral_value()
        and "e" not in fit.text.lower()
    ):
        return int(fit), NOTHING
    return None, value


def _custom_number(value: Any) -> tuple[Any, Any]:
    if value.__class__ is str:
        try:
            number = decode(value.encode())
        except (msgspec.MsgspecError, UnicodeEncodeError):
            return None, value
        return (number, NOTHING) if number.__class__ in (int, ExactDecimal) else (None, value)
    return _SCALARS[inspect.FloatType](value)


def _custom_flag(value: Any) -> tuple[Any, Any]:
    if value.__class__ is str and value.lower() in ("true", "false"):
        return value.lower() == "true", NOTHING
    return _SCALARS[inspect.BoolType](value)


_SCALARS: dict[type[inspect.Type], Conform] = {
    inspect.BoolType: _scalar(bool),
    inspect.DateTimeType: _timestamp,
    inspect.DictType: _scalar(dict),
    inspect.FloatType: _scalar(int, ExactDecimal),
    inspect.IntType: _integer,
    inspect.StrType: _scalar(str),
    inspect.UUIDType: _uuid,
}

_PLAIN_KINDS: dict[str, Conform] = {
    "array": _scalar(list),
    "boolean": _SCALARS[inspect.BoolType],
    "date-time": _timestamp,
    "integer": _SCALARS[inspect.IntType],
    "number": _SCALARS[inspect.FloatType],
    "object": _SCALARS[inspect.DictType],
    "string": _custom_text,
}
_CUSTOM_KINDS: dict[str, Conform] = {
    "string": _custom_text,
    "integer": _custom_integer,
    "number": _custom_number,
    "boolean": _custom_flag,
    "date-time": _timestamp,
}
