"""The input catalog, checked before any request. Messages do not quote its content."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib import Catalog, MetadataMapping
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL

from tap_younium.exceptions import ConfigurationError
from tap_younium.records.columns import LEGAL_ENTITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from singer_sdk.singerlib import CatalogEntry

_METHODS = (REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL)
_MAX_NAMED = 3
"""Streams that a message names; it counts the others."""


class _Values(msgspec.Struct, rename="kebab"):
    selected: Any = None
    inclusion: Any = None
    replication_method: Any = None
    forced_replication_method: Any = None


class _Metadata(msgspec.Struct):
    breadcrumb: list[str]
    metadata: _Values


class _Entry(msgspec.Struct):
    """The parts of a stream's catalog entry that the SDK does not validate."""

    tap_stream_id: str
    stream: str | None = None
    key_properties: list[str] | None = None
    replication_key: str | None = None
    replication_method: str | None = None
    metadata: list[_Metadata] = []

    @property
    def _stream_metadata(self) -> list[_Values]:
        return [each.metadata for each in self.metadata if not each.breadcrumb]

    @property
    def is_deselected(self) -> bool:
        """Whether the stream is deselected explicitly; the SDK decides about the others."""
        return any(
            it.selected is False and it.inclusion != "automatic" for it in self._stream_metadata
        )

    @property
    def method(self) -> Any:
        """The replication method: metadata, which users edit, takes precedence."""
        methods = (
            it.forced_replication_method or it.replication_method for it in self._stream_metadata
        )
        return next(filter(None, methods), self.replication_method)


class _Entries(msgspec.Struct):
    streams: list[_Entry]


@dataclass(frozen=True)
class InputCatalog:
    """The catalog that the tap was given, without the streams that it deselects.

    Attributes:
        catalog: The SDK's catalog; None if the tap was given none.
        schemas: The JSON Schema of each stream.
        names: All streams in the catalog, deselected ones included.
    """

    catalog: Catalog | None = None
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()

    def schema_of(self, stream: str) -> dict[str, Any] | None:
        """Return the schema of a stream in the catalog, if any."""
        return self.schemas.get(stream)

    def may_select(self, stream: str) -> bool:
        """Return whether a stream may be selected: any may, if there is no catalog."""
        return self.catalog is None or stream in self.catalog

    def lacks(self, stream: str) -> bool:
        """Return whether there is a catalog without an entry for a stream."""
        return self.catalog is not None and stream not in self.names

    @property
    def selected(self) -> set[str]:
        """The streams that it selects, including those that the tap does not have."""
        entries = self.catalog.streams if self.catalog is not None else []
        return {entry.tap_stream_id for entry in entries if _is_selected(entry)}

    def errors_as_invalid(self) -> AbstractContextManager[None]:
        """Report errors within the context as errors in the catalog, if there is one."""
        return _invalid_catalog_errors() if self.catalog is not None else nullcontext()

    def check_legal_entities(self, legal_entities: Sequence[str]) -> None:
        """Check that `_legal_entity` is part of the primary keys if legal entities are set.

        This applies to a single legal entity too: the next run might read another one into the
        same tables. Streams without a primary key have no rows that could overwrite each other.

        Raises:
            ConfigurationError: If it is missing, or present without any legal entity set.
        """
        keys = {name: self.primary_key_of(name) for name in sorted(self.selected)}
        wrong = [
            name
            for name, key in keys.items()
            if key and (LEGAL_ENTITY in key) != bool(legal_entities)
        ]
        if not wrong:
            return
        rest = len(wrong) - _MAX_NAMED
        names = ", ".join(wrong[:_MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")
        again = "create the catalog again with --discover (Meltano: run with --refresh-catalog)"
        if legal_entities:
            raise ConfigurationError(
                f"legal_entities is set, but the catalog has primary keys without {LEGAL_ENTITY}: "
                f"rows of one legal entity would overwrite those of another in {names}. Keep "
                f"legal_entities and {again}."
            )
        raise ConfigurationError(
            f"legal_entities is not set, but the catalog has primary keys with {LEGAL_ENTITY}, "
            f"which would be null in {names}. Set legal_entities, or {again}."
        )

    def primary_key_of(self, stream: str) -> Sequence[str]:
        """Return the primary key of a stream in the catalog, where the SDK finds it."""
        entry = self.catalog.get(stream) if self.catalog is not None else None
        root: Any = entry and entry.metadata.get(())
        return (entry and entry.key_properties) or (root and root.table_key_properties) or ()


@contextmanager
def _invalid_catalog_errors() -> Iterator[None]:
    try:
        yield
    except (AttributeError, KeyError, TypeError, msgspec.ValidationError) as error:
        raise ConfigurationError(
            f"The catalog is not valid for this tap ({type(error).__name__}: {error}). Create a "
            "new one with --discover."
        ) from error


def read_catalog(value: Any) -> InputCatalog:
    """Return the catalog in a value; one without streams of its own if the value is None.

    Raises:
        ConfigurationError: If it is not valid.
    """
    if value is None:
        return InputCatalog()
    content = value.to_dict() if isinstance(value, Catalog) else value
    with _invalid_catalog_errors():
        streams = msgspec.convert(content, _Entries).streams
        entries = {
            stream.tap_stream_id: {**entry, "replication_method": stream.method}
            for stream, entry in zip(streams, content["streams"], strict=True)
            if not stream.is_deselected
        }
        catalog = Catalog.from_dict({"streams": [*entries.values()]})
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
    return InputCatalog(
        catalog,
        {name: entry.get("schema", {}) for name, entry in entries.items()},
        frozenset(stream.tap_stream_id for stream in streams),
    )


def _is_selected(entry: CatalogEntry) -> bool:
    """Return whether a stream is selected, as the SDK decides it."""
    root = entry.metadata.get(())
    return root is None or MetadataMapping({(): root}).resolve_selection()[()]
