"""How a model and a catalog define the rows of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from tap_younium.records.json_schema import fit_to_schema, unwrap, with_custom_fields
from tap_younium.timestamps import CHANGE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from msgspec import inspect

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
    model: type[msgspec.Struct],
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
def type_info(model: type[msgspec.Struct]) -> inspect.Type:
    """Return the fields of a model and their types; several streams share a model."""
    return msgspec.inspect.type_info(model)


def type_at(model: type[msgspec.Struct], array_path: Sequence[str]) -> inspect.Type:
    """Return the type of a record, or of the items at the end of a path through its arrays."""
    node = unwrap(type_info(model))
    for name in array_path:
        fields = {field.encode_name: field.type for field in node.fields}  # type: ignore[attr-defined]
        node = unwrap(unwrap(fields[name]).item_type)  # type: ignore[attr-defined]
    return node


def _paths_to(name: str, node: inspect.Type) -> Iterator[tuple[str, ...]]:
    """Yield the paths to the fields of this name in a type."""
    node = unwrap(node)
    if isinstance(node, msgspec.inspect.ListType):
        yield from _paths_to(name, node.item_type)
    if isinstance(node, msgspec.inspect.StructType):
        for field in node.fields:
            if field.encode_name == name:
                yield (name,)
            for path in _paths_to(name, field.type):
                yield (field.encode_name, *path)
