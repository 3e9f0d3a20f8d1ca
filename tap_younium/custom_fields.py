"""The types and names of the tenant's custom fields, from `/CustomFieldConfigurations`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from tap_younium.api.query import Query
from tap_younium.exceptions import YouniumError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_younium.pagination.reader import PageReader

KINDS = {
    "Text": "string",
    "Enum": "string",
    "List": "string",
    "Entity": "string",
    "Integer": "integer",
    "Checkbox": "boolean",
    "Amount": "number",
    "DecimalNumber": "number",
    "Date": "date-time",
}
"""Younium's types of custom fields, and the kinds of columns that they become."""


@dataclass(frozen=True)
class CustomFields:
    """The custom fields of a tenant by object and key: see `CustomTypes` and `CustomNames`."""

    types: dict[str, dict[str, str]] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)


class _Configuration(msgspec.Struct, rename="camel"):
    key: str | None = None
    entity: str | None = None
    field_type: str | None = None
    name: Any = None


_decode = msgspec.json.Decoder(_Configuration).decode


def read_custom_fields(
    reader: PageReader,
    legal_entities: Iterable[str | None],
    on_error: Callable[[YouniumError], object],
) -> CustomFields:
    """Return the custom fields. A key with two types is text; one with two names has the first.

    Args:
        reader: Reads the pages.
        legal_entities: The legal entities whose custom fields to read.
        on_error: Called for each legal entity whose custom fields cannot be read.
    """
    found = CustomFields()
    for entity in legal_entities:
        query = Query("/CustomFieldConfigurations", entity)
        try:
            pages = reader.read_early(query)  # for the stream of the same name
            records = [record for page in pages for record in page.records]
        except YouniumError as error:
            on_error(error)
            continue
        for record in records:
            try:
                it = _decode(record)
            except (msgspec.DecodeError, RecursionError):
                continue  # the stream custom_field_configurations reports it
            kind = KINDS.get(it.field_type or "")
            if it.key is not None and it.entity and kind:
                kinds = found.types.setdefault(it.entity, {})
                kinds[it.key] = kind if kinds.get(it.key, kind) == kind else "string"
                if it.name and isinstance(it.name, str):
                    found.names.setdefault(it.entity, {}).setdefault(it.key, it.name)
    return found
