"""Config, catalog and state as given, checked before any request; messages do not quote files."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import IO, TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib import Catalog, MetadataMapping
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL

from tap_younium.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from singer_sdk.singerlib import CatalogEntry

_METHODS = (REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL)
_NAMED = 3
"""Streams that a message names; the others it counts."""


class _Values(msgspec.Struct, rename="kebab"):
    selected: Any = None
    inclusion: Any = None
    replication_method: Any = None
    forced_replication_method: Any = None


class _Metadata(msgspec.Struct):
    breadcrumb: list[str]
    metadata: _Values


class _Entry(msgspec.Struct):
    """What the SDK takes from a stream's entry in a catalog without looking at it."""

    tap_stream_id: str
    stream: str | None = None
    key_properties: list[str] | None = None
    replication_key: str | None = None
    replication_method: str | None = None
    metadata: list[_Metadata] = []

    @property
    def _roots(self) -> list[_Values]:
        return [each.metadata for each in self.metadata if not each.breadcrumb]

    @property
    def deselected(self) -> bool:
        """Whether the stream is deselected explicitly; the SDK decides about the others."""
        return any(it.selected is False and it.inclusion != "automatic" for it in self._roots)

    @property
    def method(self) -> Any:
        """The replication method: metadata, which users edit, wins over what discovery wrote."""
        methods = (it.forced_replication_method or it.replication_method for it in self._roots)
        return next(filter(None, methods), self.replication_method)


class _Entries(msgspec.Struct):
    streams: list[_Entry]


@dataclass(frozen=True)
class GivenCatalog:
    """A catalog that the tap was given, without the streams that it deselects.

    Attributes:
        catalog: Its entries.
        schemas: The JSON Schema of each.
        names: All streams that it has an entry for.
    """

    catalog: Catalog
    schemas: dict[str, dict[str, Any]]
    names: frozenset[str]

    @property
    def selected(self) -> set[str]:
        """The streams that it selects, also those that the tap does not have."""
        return {entry.tap_stream_id for entry in self.catalog.streams if _is_selected(entry)}

    def check_legal_entities(self, legal_entities: Sequence[str]) -> None:
        """Check that `_legal_entity` is part of the primary keys if legal entities are set.

        This applies to a single legal entity too: the next run might read another one into the
        same tables. Streams without a primary key have no rows that could overwrite each other.

        Raises:
            ConfigurationError: If it is not, or is although none is set.
        """
        from tap_younium.rows import ENTITY  # noqa: PLC0415 - `--version` needs no models

        keys = {name: _primary_key(self.catalog[name]) for name in sorted(self.selected)}
        wrong = [
            name for name, key in keys.items() if key and (ENTITY in key) != bool(legal_entities)
        ]
        if not wrong:
            return
        rest = len(wrong) - _NAMED
        names = ", ".join(wrong[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
        again = "create the catalog again with --discover (Meltano: run with --refresh-catalog)"
        if legal_entities:
            raise ConfigurationError(
                f"legal_entities is set, but the catalog has primary keys without {ENTITY}: rows "
                f"of one legal entity would overwrite those of another in {names}. Keep "
                f"legal_entities and {again}."
            )
        raise ConfigurationError(
            f"legal_entities is not set, but the catalog has primary keys with {ENTITY}, which "
            f"would be null in {names}. Set legal_entities, or {again}."
        )


def json_object(name: str, read: Callable[[], str]) -> IO[str]:
    """Return a file's text, to be read again.

    Raises:
        ConfigurationError: If it cannot be read, or is not a JSON object.
    """
    try:
        text = read()
        if name == "config":  # half of a letter in a setting is reported with the setting's name
            value = json.loads(text, parse_constant=int)  # NaN is not JSON, and not an integer
        else:
            value = msgspec.json.decode(text)
    except OSError as error:
        raise ConfigurationError(
            f"Cannot read the {name} file {error.filename}: {error.strerror}. Check the path."
        ) from error
    except (ValueError, RecursionError, msgspec.MsgspecError):
        value = None
    if not isinstance(value, dict):
        raise ConfigurationError(f"The {name} file is not a JSON object. Fix or regenerate it.")
    return StringIO(text)


@contextmanager
def suits() -> Iterator[None]:
    """Report a catalog that is not valid for the tap, in whatever way it is not.

    Raises:
        ConfigurationError: If it is not.
    """
    try:
        yield
    except (AttributeError, KeyError, TypeError, msgspec.ValidationError) as error:
        raise ConfigurationError(
            f"The catalog is not valid for this tap ({type(error).__name__}: {error}). Create a "
            "new one with --discover."
        ) from error


def catalog(value: Any) -> GivenCatalog | None:
    """Return the catalog that a value holds, if any.

    Raises:
        ConfigurationError: If it is not valid.
    """
    if value is None:
        return None
    content = value.to_dict() if isinstance(value, Catalog) else value
    with suits():
        streams = msgspec.convert(content, _Entries).streams
        entries = {
            stream.tap_stream_id: {**entry, "replication_method": stream.method}
            for stream, entry in zip(streams, content["streams"], strict=True)
            if not stream.deselected
        }
        found = Catalog.from_dict({"streams": [*entries.values()]})
    for stream in streams:
        name = stream.tap_stream_id
        if stream.stream not in (None, name):
            raise ConfigurationError(
                f"The catalog renames the stream {name} to {stream.stream!r}. To rename a stream, "
                "use stream_maps."
            )
        if name in entries and stream.method not in (None, *_METHODS):
            raise ConfigurationError(
                f"The catalog sets the replication method {stream.method!r} for {name}. Use "
                f"{' or '.join(_METHODS)}."
            )
    return GivenCatalog(
        found,
        {name: entry.get("schema", {}) for name, entry in entries.items()},
        frozenset(stream.tap_stream_id for stream in streams),
    )


def state(value: Any) -> dict[str, Any]:
    """Return a state, taken out of its STATE message if it is in one; `{}` is an empty state.

    Raises:
        ConfigurationError: If it has no bookmarks: the tap would silently read everything again.
    """
    if isinstance(value, dict) and value.get("type") == "STATE":
        value = value.get("value")
    if not isinstance(value, dict) or (value and "bookmarks" not in value):
        raise ConfigurationError(
            "The state has no bookmarks, so it is not a state of this tap. Use the last STATE that "
            "the target wrote, or leave the state out to read everything."
        )
    return value


def _is_selected(entry: CatalogEntry) -> bool:
    """Say whether a stream is selected, as the SDK finds it."""
    root = entry.metadata.get(())
    return root is None or MetadataMapping({(): root}).resolve_selection()[()]


def _primary_key(entry: CatalogEntry) -> Sequence[str]:
    """Return a stream's primary key in a catalog, as the SDK finds it."""
    root: Any = entry.metadata.get(())
    return entry.key_properties or (root and root.table_key_properties) or ()
