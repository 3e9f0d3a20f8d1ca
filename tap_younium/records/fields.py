"""The fields of a row as a tree: which values can be copied as they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta, inspect

from tap_younium.records.conformance import conformer, custom_conformer
from tap_younium.records.json_schema import is_secret, unwrap
from tap_younium.timestamps import CHANGE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_younium.records.conformance import Conform

Path: TypeAlias = tuple[str, ...]
"""The names of the fields that lead to a value, without positions in arrays."""

Time = Annotated[datetime, Meta(tz=False)]
_SCALARS: dict[type[inspect.Type], Any] = {
    inspect.BoolType: bool,
    inspect.DateTimeType: Time,
    inspect.FloatType: float,
    inspect.IntType: int,
    inspect.StrType: str,
    inspect.UUIDType: UUID,
}
_CUSTOM_SCALARS: dict[str, Any] = {
    "boolean": bool,
    "date-time": Time,
    "integer": int,
    "number": float,
    "string": str,
}
is_field_name = re.compile(r'[^"\\\x00-\x1f]+').fullmatch
"""Matches a name that a field of a msgspec struct can have; an empty one takes the slow path."""
_is_plain_name = re.compile(r"[0-9:@-Z_a-z-]+").fullmatch
"""Matches a name whose escaped characters are noticed, so that its bytes identify it."""


@dataclass
class Field:
    """A field of a row, or the row itself.

    Attributes:
        conform: Splits any value into the part that fits and the part that does not.
        scalar: The strict type of a value that is no object or array; None if none can be copied.
        fields: The fields of an object. Others are unknown.
        item: The items of an array.
        custom: Whether it is the object of the tenant's fields.
        secret: Whether its value must never leave the tap.
    """

    conform: Conform
    scalar: Any = None
    fields: dict[str, Field] | None = None
    item: Field | None = None
    custom: bool = False
    secret: bool = False

    @classmethod
    def of(cls, node: inspect.Type) -> Field:
        """Return the field of a type from `with_custom_fields` or `fit_to_schema`."""
        node, conform = unwrap(node), conformer(node)
        if isinstance(node, inspect.ListType):
            return cls(conform, item=cls.of(node.item_type))
        if isinstance(node, inspect.StructType):
            return cls(conform, fields={it.encode_name: cls.of(it.type) for it in node.fields})
        if isinstance(node, inspect.DictType):
            return cls(conform, fields={}, custom=True)
        if not isinstance(node, inspect.Metadata):
            return cls(conform, _SCALARS[type(node)])
        kinds = (node.extra or {}).get("custom")
        if kinds is None:
            return cls(conform, secret=is_secret(node))
        return cls(conform, fields=_custom_fields(kinds), custom=True)

    @property
    def is_scalar(self) -> bool:
        """Whether a value that does not fit is conformed as a whole."""
        return not (self.item or self.fields) or not all(map(is_field_name, self.fields or ()))

    @cached_property
    def strict(self) -> Any:
        """The type that decodes exactly the values that can be copied; None if there are none."""
        if self.item:
            return self.item.strict and list_of(self.item.strict | None)
        if self.fields is None:
            return self.scalar
        types = {name: inner.strict for name, inner in self.fields.items()}
        return struct({name: kind | None for name, kind in types.items() if kind})

    @cached_property
    def fits(self) -> Callable[[msgspec.Raw], bool]:
        """Returns whether a value, which may be null, can be copied."""
        decode = msgspec.json.Decoder(self.strict and self.strict | None).decode

        def fits(value: msgspec.Raw) -> bool:
            try:
                decode(value)
            except (msgspec.DecodeError, RecursionError):
                return False
            return True

        return fits

    def names(self) -> Iterator[str]:
        """Yield the name of each field at any level."""
        if self.item:
            yield from self.item.names()
        for name, inner in (self.fields or {}).items():
            yield name
            yield from inner.names()

    def scalars(self) -> Iterator[tuple[Field, str, Any]]:
        """Yield each scalar at any level: the object that it is in, its name and strict type."""
        if self.item:
            yield from self.item.scalars()
        for name, inner in (self.fields or {}).items():
            if inner.scalar:
                yield self, name, inner.scalar
            yield from inner.scalars()


def _custom_fields(kinds: Mapping[str, str]) -> dict[str, Field]:
    """Return the custom fields of an object. The values of some cannot be copied."""
    fields = {}
    for name, kind in kinds.items():
        scalar = _CUSTOM_SCALARS.get(kind)
        if (
            not is_field_name(name)
            or name in CHANGE_FIELDS
            or (scalar is Time and not _is_plain_name(name))
        ):
            scalar = None
        fields[name] = Field(custom_conformer(kind), scalar)
    return fields


def separate_times(row: Field) -> set[str]:
    """Return the names of timestamps, so that no other value that is copied has such a name.

    Names decide where a `Z` is written. A custom field can have the name of any other field, so
    its values are then not copied.

    Raises:
        ValueError: If a model has a timestamp and a text of the same name.
    """
    times, texts = (
        {name for owner, name, it in row.scalars() if it is kind and not owner.custom}
        for kind in (Time, str)
    )
    if not texts.isdisjoint(times | {*CHANGE_FIELDS}):
        raise ValueError
    for forbidden, kind in ((texts, Time), (times, str)):
        for owner, name, scalar in list(row.scalars()):
            if owner.custom and owner.fields and scalar is kind:
                if name in forbidden:
                    owner.fields[name].scalar = None
                elif kind is Time:
                    times.add(name)
    return times


def list_of(items: Any) -> Any:
    """Return the type of a list of items of a type that is defined at run time."""
    return list.__class_getitem__(items)


def struct(types: Mapping[str, Any], default: Any = None, *, exact: bool = True) -> Any:
    """Return a struct with these fields, each of which may be absent.

    Args:
        types: The type of each field.
        default: The value of a field that is absent.
        exact: Whether it refuses other fields; otherwise they are ignored.
    """
    names = {f"_{place}": name for place, name in enumerate(types)}
    return msgspec.defstruct(
        "Fields",
        [(attribute, types[name], default) for attribute, name in names.items()],
        rename=names,
        forbid_unknown_fields=exact,
        gc=False,
    )


@cache
def attributes(kind: Any) -> dict[str, str]:
    """Return the attribute of each field of a struct."""
    return dict(zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True))
