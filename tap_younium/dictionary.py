"""The data dictionary: what each column means, for catalogs and docs.

The docstring below a field of a model says it and ends with its basis in square brackets, such as
`[spec]`. Docstrings are read from the source code, so a run with a catalog, which has the
descriptions already, does not import this module.
"""

from __future__ import annotations

import ast
import re
import sys
from contextlib import suppress
from functools import cache
from inspect import getsource
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import inspect

from tap_younium.models.common import Common
from tap_younium.records.columns import (
    EXTRA,
    LAST_MODIFIED,
    LEGAL_ENTITY,
    PARENT_ID,
    POSITION,
    READ_AT,
    ROOT_ID,
)
from tap_younium.records.json_schema import CUSTOM_FIELDS, custom_object, unwrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_younium.records.json_schema import CustomNames

BASES = {
    "text": "a page that Younium has published",
    "spec": "Younium's OpenAPI file",
    "records": "real records",
    "name": "only the field's name, so it is a guess",
    "none": "nothing: Younium has not published it",
}
"""What a description can be based on."""

TAP_COLUMNS = {
    LEGAL_ENTITY: "Entry of the setting `legal_entities` that the row was read for; null if it is "
    "not set.",
    LAST_MODIFIED: "Newest `modified` or `lastUpdated` anywhere in the collection's record; the "
    "replication key.",
    READ_AT: "When the row was read, by Younium's clock: the same time in all rows of a run.",
    EXTRA: "Fields that the stream has no column for, and values that do not match their column's "
    "type; null if there are none.",
    ROOT_ID: "`id` of the collection's record.",
    PARENT_ID: "`id` of the row one level up; null if it has no id.",
    POSITION: "Position in the record, such as `2.0.1`, counted from 0.",
}
"""The meaning of the tap's own columns."""


class Meaning(NamedTuple):
    """What a field means, and what that is based on: see `BASES`."""

    text: str
    basis: str

    @property
    def description(self) -> str:
        """The text for a catalog, which has no column for the basis: it marks a guess."""
        return f"{self.text} {GUESS}" if self.basis == "name" else self.text


GUESS = "Meaning inferred from the field's name."
NOT_PUBLISHED = Meaning("Meaning not published by Younium.", "none")


def meaning_of(model: type, field: str) -> Meaning:
    """Return what a field of a model means: its own docstring comes before that in `Common`."""
    for owner in (model, Common):
        if meaning := _meanings(owner.__module__).get((owner.__name__, field)):
            return meaning
    return NOT_PUBLISHED


@cache
def _meanings(module: str) -> dict[tuple[str, str], Meaning]:
    """Return the meanings in a module, by class and field."""
    return dict(meanings_in(getsource(sys.modules[module])))


def meanings_in(source: str) -> Iterator[tuple[tuple[str, str], Meaning]]:
    """Yield the class, the field and the meaning of each field with a docstring.

    The tests check that each docstring ends with a known basis.
    """
    classes = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    for model in classes:
        for field, below in pairwise(model.body):
            match field, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(docstring))),
                ):
                    text = " ".join(docstring.split())
                    found = re.fullmatch(r"(.+) \[(\w+)\]", text)
                    yield (model.name, name), Meaning(*found.groups() if found else (text, ""))


def with_descriptions(
    schema: Mapping[str, Any],
    column_meanings: Mapping[str, str],
    row_type: inspect.Type | None,
    custom_names: CustomNames,
) -> dict[str, Any]:
    """Return a stream's JSON Schema with a description of each column and field.

    Younium's are not described if only bytecode is installed.

    Args:
        schema: The schema.
        column_meanings: What the tap's own columns mean, if it differs from `TAP_COLUMNS`.
        row_type: The type of a row, from `with_custom_fields`; None if no model defines it.
        custom_names: The names of the tenant's custom fields.
    """
    described = schema
    with suppress(OSError):
        described = _described(schema, row_type, custom_names)
    own = {
        name: {**schema["properties"][name], "description": text}
        for name, text in {**TAP_COLUMNS, **column_meanings}.items()
        if name in schema["properties"]
    }
    return {**described, "properties": {**described["properties"], **own}}


def _described(
    schema: Mapping[str, Any], node: inspect.Type | None, custom_names: CustomNames
) -> Mapping[str, Any]:
    """Return the JSON Schema of a type with a description of each field at every level."""
    node = node and unwrap(node)
    if isinstance(node, inspect.ListType):
        return {**schema, "items": _described(schema["items"], node.item_type, custom_names)}
    if not isinstance(node, inspect.StructType):
        return schema
    columns = dict(schema["properties"])
    for field in node.fields:
        name = field.encode_name
        if name == CUSTOM_FIELDS:
            column = _custom_fields(columns[name], custom_names.get(custom_object(node), {}))
        elif name in columns:
            column = _described(columns[name], field.type, custom_names)
        else:  # a secret
            continue
        columns[name] = {**column, "description": meaning_of(node.cls, name).description}
    return {**schema, "properties": columns}


def _custom_fields(schema: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    columns = {}
    for key, column in schema.get("properties", {}).items():
        name = f": {names[key]}" if key in names else ""
        columns[key] = {**column, "description": f"Custom field of the tenant{name}."}
    return {**schema, "properties": columns} if columns else schema
