"""A model ─▶ its JSON Schema, as Singer targets want it: plain types, no `$ref`, nullable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import inspect, structs

CUSTOM_FIELDS = "customFields"

CustomTypes = Mapping[str, Mapping[str, str]]
"""What an object's custom fields hold: `{"Account": {"segment": "string"}}`, see `COLUMNS`."""

_SCALARS: dict[type[inspect.Type], dict[str, Any]] = {
    inspect.BoolType: {"type": ["boolean", "null"]},
    inspect.DateTimeType: {"type": ["string", "null"], "format": "date-time"},
    inspect.DictType: {"type": ["object", "null"]},
    inspect.FloatType: {"type": ["number", "null"]},
    inspect.IntType: {"type": ["integer", "null"]},
    inspect.StrType: {"type": ["string", "null"]},
    inspect.UUIDType: {"type": ["string", "null"], "format": "uuid"},
}

COLUMNS: dict[str, dict[str, Any]] = {
    "array": {"type": ["array", "null"], "items": {}},
    "boolean": _SCALARS[inspect.BoolType],
    "date-time": _SCALARS[inspect.DateTimeType],
    "integer": _SCALARS[inspect.IntType],
    "number": _SCALARS[inspect.FloatType],
    "object": _SCALARS[inspect.DictType],
    "string": _SCALARS[inspect.StrType],
}
"""Kinds of values that no model names: custom fields and sampled columns."""


def strip(node: inspect.Type) -> inspect.Type:
    """Return what a field holds when it is neither null nor a secret's wrapping."""
    if isinstance(node, inspect.UnionType):
        (node,) = (kind for kind in node.types if not isinstance(kind, inspect.NoneType))
    return node


def is_secret(node: inspect.Type) -> bool:
    """Say whether a field's value must never leave the tap."""
    node = strip(node)
    return isinstance(node, inspect.Metadata) and bool((node.extra or {}).get("secret"))


def custom_object(node: inspect.StructType) -> str:
    """Return whose custom fields a model holds, as Younium names the object; empty if none."""
    return str(getattr(node.cls, "custom_fields", ""))


def kind_of(column: Mapping[str, Any]) -> str:
    """Return the kind in `COLUMNS` that a column of a schema has; text where it has another."""
    types = column.get("type", "string")
    kind = types if isinstance(types, str) else next((it for it in types if it != "null"), "")
    kind = column.get("format", kind) if kind == "string" else kind
    return kind if kind in COLUMNS else "string"


def typed(node: inspect.Type, custom: CustomTypes) -> inspect.Type:
    """Return a model's node with the types of the tenant's custom fields.

    Args:
        node: The node, as `msgspec.inspect.type_info` gives it.
        custom: The types.
    """
    node = strip(node)
    if isinstance(node, inspect.ListType):
        return structs.replace(node, item_type=typed(node.item_type, custom))
    if not isinstance(node, inspect.StructType):
        return node
    kinds = custom.get(custom_object(node))
    types = {field.encode_name: typed(field.type, custom) for field in node.fields}
    if kinds:
        types[CUSTOM_FIELDS] = _marked(types[CUSTOM_FIELDS], custom=kinds)
    return _of_types(node, types)


def fitted(node: inspect.Type, schema: Mapping[str, Any]) -> inspect.Type:
    """Return a model's node as far as a schema in a catalog has a place for it.

    A field that the schema lacks is left out, and one that it types in another way has that type.
    """
    node = strip(node)
    if is_secret(node) or "type" not in schema:
        return node
    kind, own, inner = kind_of(schema), json_schema(node), schema.get("properties")
    if kind != kind_of(own) and (kind != "string" or "string" not in own["type"]):
        return _marked(node, kind=kind)
    if isinstance(node, inspect.ListType):
        return structs.replace(node, item_type=fitted(node.item_type, schema.get("items", {})))
    if inner is None:
        return node
    if isinstance(node, inspect.DictType):
        return _marked(node, custom={key: kind_of(column) for key, column in inner.items()})
    return _of_types(
        node,  # type: ignore[arg-type]
        {
            field.encode_name: fitted(field.type, inner.get(field.encode_name, {}))
            for field in node.fields  # type: ignore[attr-defined]
            if field.encode_name in inner or is_secret(field.type)
        },
    )


def _of_types(node: inspect.StructType, types: Mapping[str, inspect.Type]) -> inspect.StructType:
    """Return a node with these fields alone, of these types."""
    fields = (field for field in node.fields if field.encode_name in types)
    return structs.replace(
        node, fields=tuple(structs.replace(it, type=types[it.encode_name]) for it in fields)
    )


def _marked(node: inspect.Type, **extra: Any) -> inspect.Type:
    return inspect.Metadata(node, extra=extra)


def json_schema(node: inspect.Type) -> dict[str, Any]:
    """Return the JSON Schema of a node that `typed` or `fitted` gave."""
    node = strip(node)
    if isinstance(node, inspect.Metadata):
        extra = node.extra or {}
        if "kind" in extra:
            return dict(COLUMNS[extra["kind"]])
        inner = {key: dict(COLUMNS[kind]) for key, kind in extra["custom"].items()}
        return {"type": ["object", "null"], "properties": inner}
    if isinstance(node, inspect.ListType):
        return {"type": ["array", "null"], "items": json_schema(node.item_type)}
    if not isinstance(node, inspect.StructType):
        return dict(_SCALARS[type(node)])
    properties = {
        field.encode_name: json_schema(field.type)
        for field in node.fields
        if not is_secret(field.type)
    }
    return {"type": ["object", "null"], "properties": properties}
