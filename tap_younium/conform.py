"""What Younium sent ─▶ what fits a model, and what does not.

The part that fits has its times in UTC, its numbers digit for digit and its text untouched. The
part that does not fit, for `_extra`, is shaped as the whole is, with arrays as objects by place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

import msgspec
from msgspec import inspect

from tap_younium.models.schema import strip
from tap_younium.repair import SHALLOW, depth
from tap_younium.times import to_utc

Conform = Callable[[Any], tuple[Any, Any]]
"""A value ─▶ the part that fits (null where nothing does), and the part that does not."""

NOTHING = msgspec.UNSET


class Exact(Decimal):
    """A number that remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Read a number."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __str__(self) -> str:
        """Return it as it was written: so the SDK writes it in text of JSON, where it flattens."""
        return self.text


_decode = msgspec.json.Decoder(float_hook=Exact).decode
_NEGATIVE_ZERO = re.compile(rb"-0(?![.\deE])").search


def decode(text: bytes | msgspec.Raw) -> Any:
    """Return what a JSON text holds, with numbers that remember how they were written.

    Raises:
        RecursionError: If it is nested too deeply.
        ValueError: If an integer has more digits than Python reads.
        MsgspecError: If it is not JSON, or msgspec cannot read a number in it.
    """
    if depth(text) > SHALLOW:
        raise RecursionError(f"nested more than {SHALLOW} levels deep")
    if _NEGATIVE_ZERO(text):  # an integer of Python's has no such thing
        return json.loads(bytes(text), parse_float=Exact, parse_int=_integer)
    return _decode(text)


def _integer(text: str) -> int | Exact:
    return Exact(text) if text == "-0" else int(text)


_decode_number = decode


def conformer(node: inspect.Type, keys: Sequence[str] = ()) -> Conform:
    """Return how a node takes what Younium sent.

    Args:
        node: The node, as `typed` or `fitted` gives it.
        keys: Fields of the node that may hold any text, for a row without its key would be lost.
    """
    node = strip(node)
    if isinstance(node, inspect.Metadata):
        return _marked(**(node.extra or {}))
    if isinstance(node, inspect.ListType):
        return _array(conformer(node.item_type))
    if not isinstance(node, inspect.StructType):
        return _SCALARS[type(node)]
    fields = {field.encode_name: conformer(field.type) for field in node.fields}
    return _fields(fields | {key: _key(fields[key]) for key in keys if key in fields}, _unknown)


def _marked(
    *, secret: bool = False, kind: str = "", custom: Mapping[str, str] | None = None
) -> Conform:
    if secret:
        return _drop
    if kind:
        return _SAMPLED[kind]
    kinds = _SAMPLED | _CUSTOM
    return _fields({key: kinds[it] for key, it in (custom or {}).items()}, _unknown)


def sampled(kinds: Mapping[str, str], keys: Sequence[str]) -> Conform:
    """Return how a row is taken whose columns have been seen before; the others do not fit.

    Args:
        kinds: The columns' types, see `COLUMNS`.
        keys: The columns that may hold any text.
    """
    fields = {name: _SAMPLED[kind] for name, kind in kinds.items()}
    return _fields(fields | {key: _key(fields[key]) for key in keys}, _unknown)


def _fields(fields: dict[str, Conform], rest: Conform) -> Conform:
    """Return how an object is taken, field by field; `rest` takes the fields that are not named."""
    named = fields.get

    def conform(value: Any) -> tuple[Any, Any]:
        if value.__class__ is not dict:
            return None, NOTHING if value is None else value
        kept, extra = {}, {}
        for name, item in value.items():
            fit, misfit = named(name, rest)(item)
            if fit is not NOTHING:
                kept[name] = fit
            if misfit is not NOTHING:
                extra[name] = misfit
        return kept, extra or NOTHING

    return conform


def _unknown(value: Any) -> tuple[Any, Any]:
    return NOTHING, value


def _drop(value: Any) -> tuple[Any, Any]:  # noqa: ARG001 - a secret is let go
    return NOTHING, NOTHING


def _array(take: Conform) -> Conform:
    def conform(value: Any) -> tuple[Any, Any]:
        if value.__class__ is not list:
            return None, NOTHING if value is None else value
        kept, extra = [], {}
        for place, item in enumerate(value):
            fit, misfit = take(item)
            kept.append(fit)  # a misfit leaves its place empty, so that places stay true
            if misfit is not NOTHING:
                extra[str(place)] = misfit
        return kept, extra or NOTHING

    return conform


def _scalar(*types: type) -> Conform:
    def conform(value: Any) -> tuple[Any, Any]:
        if value is None or value.__class__ in types:
            return value, NOTHING
        return None, value

    return conform


def _time(value: Any) -> tuple[Any, Any]:
    time = to_utc(value) if value.__class__ is str else None
    return time, NOTHING if time or value is None else value


def _uuid(value: Any) -> tuple[Any, Any]:
    try:
        msgspec.convert(value, UUID | None)
    except msgspec.ValidationError:
        return None, value
    return value, NOTHING


def _key(take: Conform) -> Conform:
    """Return how a key is taken: any text is one, for a row without a key would be lost."""

    def conform(value: Any) -> tuple[Any, Any]:
        return (value, NOTHING) if value.__class__ is str and value else take(value)

    return conform


def _custom_text(value: Any) -> tuple[Any, Any]:
    if value.__class__ is bool:
        return str(value).lower(), NOTHING
    if value.__class__ is Exact:
        return value.text, NOTHING
    if value.__class__ is int:
        return str(value), NOTHING
    return _SCALARS[inspect.StrType](value)


def _custom_integer(value: Any) -> tuple[Any, Any]:
    """Take `12`, `"12"` and `12.0`, and leave what would change in the turning."""
    fit, misfit = _custom_number(value)
    if fit.__class__ is Exact and fit == fit.to_integral_value() and "e" not in fit.text.lower():
        return int(fit), NOTHING
    return (fit, misfit) if fit is None or fit.__class__ is int else (None, value)


def _custom_number(value: Any) -> tuple[Any, Any]:
    if value.__class__ is str:
        try:
            number = _decode_number(value.encode())
        except (msgspec.MsgspecError, UnicodeEncodeError):
            return None, value
        return (number, NOTHING) if number.__class__ in (int, Exact) else (None, value)
    return _SCALARS[inspect.FloatType](value)


def _custom_flag(value: Any) -> tuple[Any, Any]:
    if value.__class__ is str and value.lower() in ("true", "false"):
        return value.lower() == "true", NOTHING
    return _SCALARS[inspect.BoolType](value)


_SCALARS: dict[type[inspect.Type], Conform] = {
    inspect.BoolType: _scalar(bool),
    inspect.DateTimeType: _time,
    inspect.DictType: _scalar(dict),
    inspect.FloatType: _scalar(int, Exact),
    inspect.IntType: _scalar(int),
    inspect.StrType: _scalar(str),
    inspect.UUIDType: _uuid,
}

_SAMPLED: dict[str, Conform] = {
    "array": _scalar(list),
    "boolean": _SCALARS[inspect.BoolType],
    "date-time": _time,
    "integer": _SCALARS[inspect.IntType],
    "number": _SCALARS[inspect.FloatType],
    "object": _SCALARS[inspect.DictType],
    "string": _custom_text,
}
_CUSTOM: dict[str, Conform] = {
    "string": _custom_text,
    "integer": _custom_integer,
    "number": _custom_number,
    "boolean": _custom_flag,
    "date-time": _time,
}
