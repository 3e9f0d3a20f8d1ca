"""How a model and a catalog define the rows of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import inspect, structs

from tap_younium.records.json_schema import (
    CUSTOM_FIELDS,
    custom_object,
    is_secret,
    json_schema,
    kind_of,
    unwrap,
)
from tap_younium.timestamps import CHANGE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from msgspec import Struct

    from tap_younium.records.json_schema import CustomTypes


@dataclass(frozen=True)
class RowDefinition:
    """What the rows of a stream look like.

    Attributes:
        stream: The stream's name.
        record_type: The type of a record of the collection.
        array_path: The arrays that lead from a record to the rows of a nested stream.
        row_type: The type of a row.
        primary_keys: The columns that every row must have.
    """

    stream: str
    record_type: inspect.Type
    array_path: Sequence[str]
    row_type: inspect.Type
    primary_keys: Sequence[str]

    @property
    def fields(self) -> list[str]:
        """The fields of a row."""
        return [field.encode_name for field in unwrap(self.row_type).fields]  # type: ignore[attr-defined]

    @property
    def change_paths(self) -> list[tuple[str, ...]]:
        """The paths in a record to the fields that show when it changed."""
        return [
            path for name in CHANGE_FIELDS for path in _paths_to(name, unwrap(self.record_type))
        ]


def define_rows(
    stream: str,
    model: type[Struct],
    *,
    primary_keys: Sequence[str],
    array_path: Sequence[str] = (),
    custom_types: Callable[[], CustomTypes] = dict,
    schema: dict[str, Any] | None = None,
) -> RowDefinition:
    """Return the definition of a stream's rows.

    Args:
        stream: The stream's name.
        model: The model of a record of the collection.
        primary_keys: The columns that every row must have.
        array_path: The arrays that lead from a record to the rows of a nested stream.
        custom_types: Returns the types of the tenant's custom fields.
        schema: The stream's schema in the input catalog: rows have only its columns.
    """
    record_type, row_type = type_info(model), type_at(model, array_path)
    if schema is None:
        row_type = with_custom_fields(row_type, custom_types())
    else:  # the primary key is needed even if the catalog lacks it
        properties = {key: {} for key in primary_keys} | schema.get("properties", {})
        row_type = fit_to_schema(row_type, {"type": "object", "properties": properties})
    return RowDefinition(stream, record_type, array_path, row_type, primary_keys)


@cache
def type_info(model: type[Struct]) -> inspect.Type:
    """Return the fields of a model and their types; several streams share a model."""
    return inspect.type_info(model)


def type_at(model: type[Struct], array_path: Sequence[str]) -> inspect.Type:
    """Return the type of a record, or of the items at the end of a path through its arrays."""
    node = unwrap(type_info(model))
    for name in array_path:
        fields = {field.encode_name: field.type for field in node.fields}  # type: ignore[attr-defined]
        node = unwrap(unwrap(fields[name]).item_type)  # type: ignore[attr-defined]
    return node


def _paths_to(name: str, node: inspect.Type) -> Iterator[tuple[str, ...]]:
    """Yield the paths to the fields of this name in a type."""
    node = unwrap(node)
    if isinstance(node, inspect.ListType):
        yield from _paths_to(name, node.item_type)
    if isinstance(node, inspect.StructType):
        for field in node.fields:
            if field.encode_name == name:
                yield (name,)
            for path in _paths_to(name, field.type):
                yield (field.encode_name, *path)


def with_custom_fields(node: inspect.Type, custom: CustomTypes) -> inspect.Type:
    """Return a type with the kinds of the tenant's custom fields.

    Args:
        node: The type, from `type_info`.
        custom: The kinds.
    """
    node = unwrap(node)
    if isinstance(node, inspect.ListType):
        return structs.replace(node, item_type=with_custom_fields(node.item_type, custom))
    if not isinstance(node, inspect.StructType):
        return node
    kinds = custom.get(custom_object(node))
    types = {field.encode_name: with_custom_fields(field.type, custom) for field in node.fields}
    if kinds:
        types[CUSTOM_FIELDS] = _special(types[CUSTOM_FIELDS], custom=kinds)
    return _with_fields(node, types)


def fit_to_schema(node: inspect.Type, schema: Mapping[str, Any]) -> inspect.Type:
    """Return a type with the fields of a catalog's schema only, in the kinds of that schema."""
    node = unwrap(node)
    if is_secret(node) or "type" not in schema:
        return node
    kind, own, inner = kind_of(schema), json_schema(node), schema.get("properties")
    if kind != kind_of(own) and (kind != "string" or "string" not in own["type"]):
        return _special(node, kind=kind)
    if isinstance(node, inspect.ListType):
        return structs.replace(
            node, item_type=fit_to_schema(node.item_type, schema.get("items", {}))
        )
    if inner is None:
        return node
    if isinstance(node, inspect.DictType):
        return _special(node, custom={key: kind_of(column) for key, column in inner.items()})
    return _with_fields(
        node,  # type: ignore[arg-type]
        {
            field.encode_name: fit_to_schema(field.type, inner.get(field.encode_name, {}))
            for field in node.fields  # type: ignore[attr-defined]
            if field.encode_name in inner or is_secret(field.type)
        },
    )


def _with_fields(node: inspect.StructType, types: Mapping[str, inspect.Type]) -> inspect.StructType:
    """Return a type with only these fields, of these types."""
    fields = (field for field in node.fields if field.encode_name in types)
    return structs.replace(
        node, fields=tuple(structs.replace(it, type=types[it.encode_name]) for it in fields)
    )


def _special(node: inspect.Type, **extra: Any) -> inspect.Type:
    return inspect.Metadata(node, extra=extra)
