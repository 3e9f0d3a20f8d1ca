"""What the tap is given in files, checked before anything is asked; what they hold is not shown."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import IO, TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib import Catalog

from tap_younium.errors import YouniumError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _Selection(msgspec.Struct):
    selected: Any = None
    inclusion: Any = None


class _Metadata(msgspec.Struct):
    breadcrumb: list[str]
    metadata: _Selection


class _Table(msgspec.Struct):
    """What the SDK takes from a table's entry in a catalog without looking at it."""

    tap_stream_id: str
    stream: str | None = None
    key_properties: list[str] | None = None
    replication_key: str | None = None
    replication_method: str | None = None
    metadata: list[_Metadata] = []

    @property
    def deselected(self) -> bool:
        """Whether the table is plainly not wanted; of the others, the SDK finds out."""
        roots = [it.metadata for it in self.metadata if not it.breadcrumb]
        return any(it.selected is False and it.inclusion != "automatic" for it in roots)


class _Tables(msgspec.Struct):
    streams: list[_Table]


@dataclass(frozen=True)
class GivenCatalog:
    """A catalog that the tap was given, without the tables that it deselects.

    Attributes:
        catalog: Its entries.
        schemas: The JSON Schema of each.
    """

    catalog: Catalog
    schemas: dict[str, dict[str, Any]]


def json_object(name: str, read: Callable[[], str]) -> IO[str]:
    """Return a file's text, to be read again.

    Raises:
        YouniumError: If it is no JSON object.
    """
    try:
        text = read()
        if name == "config":  # half of a letter in a setting is told by the setting's name
            value = json.loads(text, parse_constant=int)  # NaN is no JSON, and no whole number
        else:
            value = msgspec.json.decode(text)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        value = None
    if not isinstance(value, dict):
        raise YouniumError(f"The {name} file holds no JSON object: mend it, or make it anew.")
    return StringIO(text)


@contextmanager
def suits() -> Iterator[None]:
    """Tell of a catalog that does not suit the tap, in whatever way it does not.

    Raises:
        YouniumError: If it does not.
    """
    try:
        yield
    except (AttributeError, KeyError, TypeError, msgspec.ValidationError) as error:
        raise YouniumError(
            f"The catalog does not suit the tap ({type(error).__name__}: {error}). Make a new one "
            "with --discover."
        ) from error


def catalog(value: Any) -> GivenCatalog | None:
    """Return the catalog that a value holds, if any.

    Raises:
        YouniumError: If it holds none.
    """
    if value is None:
        return None
    content = value.to_dict() if isinstance(value, Catalog) else value
    with suits():
        tables = msgspec.convert(content, _Tables).streams
        entries = {
            table.tap_stream_id: entry
            for table, entry in zip(tables, content["streams"], strict=True)
            if not table.deselected
        }
        found = Catalog.from_dict({"streams": [*entries.values()]})
    for table in tables:
        if table.stream not in (None, table.tap_stream_id):
            raise YouniumError(
                f"The catalog calls the table {table.tap_stream_id} {table.stream!r}: to give it "
                "another name, use a stream map."
            )
    return GivenCatalog(found, {name: entry.get("schema", {}) for name, entry in entries.items()})
