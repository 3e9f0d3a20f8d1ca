"""The streams: what they request, how they write rows, and how their bookmarks move."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from threading import local
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

from msgspec import structs
from singer_sdk.exceptions import SyncLifecycleSignal
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.singerlib import Schema
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL
from singer_sdk.streams import RESTStream
from singer_sdk.streams.rest import PageContext

from tap_younium.api.query import Query
from tap_younium.exceptions import (
    ConfigurationError,
    RunError,
    YouniumError,
)
from tap_younium.records.columns import (
    LAST_MODIFIED,
    LEGAL_ENTITY,
    PARENT_ID,
    POSITION,
    READ_AT,
    ROOT_ID,
    nested_objects,
)
from tap_younium.records.converter import RecordConverter
from tap_younium.records.decoding import decode
from tap_younium.records.definition import define_rows
from tap_younium.records.flattening import Flattener
from tap_younium.records.writer import LineWriter
from tap_younium.state import BOOKMARK, resume_point_in
from tap_younium.timestamps import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from msgspec import Struct
    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import Catalog
    from singer_sdk.streams.rest import HTTPRequest

    from tap_younium.api.page import Page
    from tap_younium.api.query import Authenticator, PreparedPage
    from tap_younium.api.session import Session
    from tap_younium.progress import StreamCounter
    from tap_younium.records.columns import Row
    from tap_younium.records.fast_path import FastPath
    from tap_younium.run import Run
    from tap_younium.state import ResumePoint, StreamState

_EARLIEST = datetime.min.replace(tzinfo=UTC)

PageToken: TypeAlias = "int | tuple[Query, int]"


class YouniumStream(RESTStream[PageToken]):
    """A stream of the records of one collection, for each legal entity in turn.

    Subclasses declare what the stream is; how it is requested, read and bookmarked is the same for
    all.

    Args:
        tap: The tap, for the SDK.
        run: What all streams share; by default that of the tap.
    """

    path: str
    model: ClassVar[type[Struct]]
    """The model of a record of the collection."""
    primary_keys: tuple[str, ...] = ("id",)
    replication_key: str | None = None
    """`_last_modified` if the endpoint takes `ModifiedAfter`."""
    permission: ClassVar[str | None] = None
    """The permission that the user needs, if Younium documents it."""
    paged: ClassVar[bool] = True
    """Whether the endpoint takes page parameters; one that does not takes no `ModifiedAfter`."""
    shows_changes: ClassVar[bool] = True
    """Whether records show when they changed; otherwise Younium's clock at the request is used."""
    array_path: ClassVar[tuple[str, ...]] = ()
    """The arrays that lead from a record of the collection to the rows of this stream."""
    child_path: ClassVar[str] = ""
    """The path of a request for each parent, with `{}` for its identifier; none by default."""
    column_meanings: ClassVar[Mapping[str, str]] = {}
    """What the tap's own columns mean, if it differs in this stream."""
    has_parent_columns: ClassVar[bool] = False
    """Whether rows have `_root_id`, `_parent_id` and `_position`."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # `RecordConverter` does it

    group: Sequence[YouniumStream]
    """The selected streams that read the same paths, in one pass. By default, the stream alone."""
    _entities_read = 0
    _state: StreamState | None = None
    """The state of the legal entity that is read; None outside a sync."""

    def __init__(self, tap: Tap, run: Run | None = None) -> None:
        self.run = run or cast("Run", tap.run)  # type: ignore[attr-defined]
        self._thread = local()
        self.converter = self.make_converter()
        by_legal_entity = bool(self.run.legal_entities and self.primary_keys)
        schema = self.converter.schema(
            by_legal_entity=by_legal_entity,
            dated=self.replication_key is not None,
            has_parent_columns=self.has_parent_columns,
        )
        if self.run.catalog.schema_of(self.name) is None:
            schema = self._described(schema)
        super().__init__(tap, self.name, schema)
        self.group = [self]
        if by_legal_entity:
            self.primary_keys = (*self.primary_keys, LEGAL_ENTITY)

    def _described(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema with descriptions, which that of an input catalog has already."""
        from tap_younium.dictionary import with_descriptions  # noqa: PLC0415 - parses source code

        definition = self.converter.definition
        row_type = definition.row_type if definition else None
        names = self.run.custom_fields.names
        return with_descriptions(schema, self.column_meanings, row_type, names)

    def make_converter(self) -> RecordConverter:
        """Return what converts records to rows, which fit the input catalog if there is one.

        No row may lack the primary key of the stream, or of the catalog if that has another one.

        Raises:
            ConfigurationError: If the catalog's primary key has a column that the stream lacks.
        """
        catalog = self.run.catalog
        keys = dict.fromkeys([*self.primary_keys, *catalog.primary_key_of(self.name)])
        keys.pop(LEGAL_ENTITY, None)
        definition = define_rows(
            self.name,
            self.model,
            primary_keys=tuple(keys),
            array_path=self.array_path,
            custom_types=lambda: self.run.custom_fields.types,
            schema=catalog.schema_of(self.name),
        )
        known = {*definition.fields, READ_AT}
        if self.has_parent_columns:
            known |= {ROOT_ID, PARENT_ID, POSITION}
        if self.replication_key:
            known.add(LAST_MODIFIED)
        if unknown := keys.keys() - known:
            raise ConfigurationError(
                f"The catalog's primary key of {self.name} has the column {min(unknown)!r}, which "
                "the stream does not have. Create a new catalog with --discover."
            )
        return RecordConverter.of_definition(definition)

    def set_streams(self, streams: Mapping[str, YouniumStream]) -> None:
        """Receive all streams by name, for those that depend on another."""

    # Requests

    @property
    def version(self) -> int | None:
        """The version of the rows of a FULL_TABLE stream, if the target receives versions."""
        return self._stream_version

    @property
    def url_base(self) -> str:
        """The API's URL."""
        return self.run.fetcher.host

    @property
    def context(self) -> Context | None:
        """The context of the calling thread: threads request several legal entities at once."""
        return getattr(self._thread, "context", None)

    @context.setter
    def context(self, context: Context | None) -> None:
        self._thread.context = context

    @property
    def authenticator(self) -> Authenticator:
        """The authenticator for the context's legal entity."""
        return self.run.fetcher.authenticator((self.context or {}).get(LEGAL_ENTITY))

    @property
    def requests_session(self) -> Session:
        """The run's only session."""
        return self.run.session

    def get_http_request(self, *, page: PageContext[PageToken]) -> HTTPRequest:
        """Return the request for a page.

        Args:
            page: The context, and the page: its number in the context's first query, or a query
                and a number. None is page 1.
        """
        token = page.next_page_token or 1
        if isinstance(token, int):
            token = (self.queries(page.stream_context)[0], token)
        return self.run.fetcher.build_request(*token, self.url_base)

    def prepare(self, query: Query, number: int) -> PreparedPage:
        """Return what is needed to request one page, in any thread."""
        entity = query.legal_entity
        self.context = None if entity is None else {LEGAL_ENTITY: entity}
        page = PageContext[PageToken](self.context, (query, number))
        return self.requests_session, self.get_http_request(page=page), self.authenticator

    def request_records(self, context: Context | None) -> Iterator[Record]:
        """Yield the records of a context as Younium sent them; the objects of nested streams.

        Raises:
            YouniumError: If a page or a record cannot be read.
        """
        for page in self._pages(context):
            for record, _ in self.converter.records(page):
                for value, _ in nested_objects(record, self.array_path):
                    yield value

    def _pages(self, context: Context | None) -> Iterator[Page]:
        self.converter.on_left_out = self._refuse_row
        queries = self.queries(context)
        self.run.reader.schedule(queries)
        for query in queries:
            yield from self.run.reader.read(query)

    @property
    def partitions(self) -> list[dict[str, Any]] | None:
        """One partition for each legal entity."""
        return [{LEGAL_ENTITY: entity} for entity in self.run.legal_entities] or None

    @property
    def contexts(self) -> list[dict[str, Any] | None]:
        """The contexts that a run reads: each partition, or None for the whole stream."""
        return [*self.partitions] if self.partitions else [None]

    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """Return none: the tap's writer makes BATCH messages of the same lines as RECORDs.

        The SDK's writes the rows of a stream without its selection, conformance and states.
        """

    def apply_catalog(self, catalog: Catalog) -> None:
        """Apply a catalog; the tap's own columns stay even if it lacks them.

        A stream without a replication key is FULL_TABLE, whatever the catalog says.
        """
        if entry := catalog.get_stream(self.name):
            schema = entry.schema.to_dict()
            columns = schema.get("properties", {})
            missing = self.schema["properties"].keys() - columns.keys()
            columns |= {name: self.schema["properties"][name] for name in missing}
            entry.schema = Schema.from_dict(schema | {"properties": columns})
        super().apply_catalog(catalog)
        if type(self).replication_key or self.replication_method != REPLICATION_INCREMENTAL:
            return
        self.replication_key, self.forced_replication_method = None, REPLICATION_FULL_TABLE
        if self.selected:
            self.logger.warning(
                "%s has no replication key: it is read as FULL_TABLE, not INCREMENTAL as the "
                "catalog says.",
                self.name,
            )

    # Queries, and how far they have been read

    @property
    def paths(self) -> Sequence[str]:
        """The paths whose pages it reads."""
        return [self.path]

    def queries(self, context: Context | None) -> list[Query]:
        """Return the queries of a context, given its bookmark and its resume point.

        A resumed read is followed by the changes since it began: so one run reads all changes, and
        nested rows are not older than their record.
        """
        query = self._first_query(context)
        if query.after is None or self.replication_method != REPLICATION_INCREMENTAL:
            return [query]
        since = self._modified_after(context)
        return [query, replace(query, first_page=1, after=None, modified_after=since)]

    def _first_query(self, context: Context | None) -> Query:
        """Return the query to start with, or to resume."""
        point = self.resume_point(context)
        key = "id" if self.has_parent_columns else self.converter.primary_keys[0]
        query = Query(
            self.path,
            legal_entity=(context or {}).get(LEGAL_ENTITY),
            key=key,
            order_by=key,
            modified_after=point.modified_after if point else self._modified_after(context),
            paged=self.paged,
            supports_modified_after=type(self).replication_key is not None,
            prepare=self.prepare,
        )
        if point and self.paged:
            return replace(query, first_page=point.page, after=point.after)
        return query

    def resume_point(self, context: Context | None) -> ResumePoint | None:
        """Return the resume point, if the interrupted read was the same as this one.

        A FULL_TABLE read cannot resume an incremental one. Nor can it if the target receives
        ACTIVATE_VERSION and the first part has no version: its rows would be dropped.
        """
        point = resume_point_in(self._given_state(context))
        if point and self.replication_method != REPLICATION_INCREMENTAL:
            versioned = self.emit_activate_version_messages
            if point.modified_after or (versioned and point.version is None):
                return None
        return point

    def _modified_after(self, context: Context | None) -> str | None:
        """Return the earliest change to read, from the bookmark or the start of a resumed read."""
        if self.replication_method != REPLICATION_INCREMENTAL:
            return None
        start = parse_timestamp(self.config.get("start_date"))
        point = self.resume_point(context)
        bookmark = parse_timestamp(
            point.started if point else self._given_state(context).get(BOOKMARK)
        )
        if bookmark:
            lookback = timedelta(hours=self.config["lookback_hours"])
            bookmark = max(bookmark, _EARLIEST + lookback) - lookback
        since = max((time for time in (start, bookmark) if time), default=None)
        return f"{format_timestamp(since)[:19]}Z" if since else None

    def _given_state(self, context: Context | None) -> Mapping[str, Any]:
        """Return the state of a stream or a partition that the run was given, if any."""
        state: dict[str, Any] = self.tap_state.get("bookmarks", {}).get(self.name, {})
        if not context:
            return state
        partitions = state.get("partitions", [])
        return next((part for part in partitions if part["context"] == context), {})

    # Reading

    def sync(self, context: Context | None = None) -> None:  # type: ignore[misc]
        """Read the stream and those of its group, at the first of them.

        An error affects no other stream, unless it is a `RunError`. Final in the SDK, which reads
        one stream after the other, and has no other way to isolate the error of one.
        """
        if self.group[0] is not self:
            return
        begun = [stream for stream in self.group if stream.begin_sync(context)]
        if begun:
            self.run.sync_together(begun)

    def begin_sync(self, context: Context | None) -> bool:
        """Write what comes before the rows, such as SCHEMA; return whether that succeeded."""
        try:
            super().sync(context)
        except (RunError, OSError, SyncLifecycleSignal):
            raise
        except Exception as error:  # noqa: BLE001 - such as a stream map's: it is reported there
            self.run.failures.fail(self.name, None, error)
            return False
        return True

    def _sync_records(self, context: Context | None = None, **_: Any) -> Iterator[Record]:  # type: ignore[override] # noqa: ARG002
        """Read nothing yet: see `tap_younium.sync`. The SDK would read this stream alone."""
        return iter(())

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return no limit for the bookmark: `StreamState` has a better one."""

    def log(self, message: str, *args: Any, **options: Any) -> None:
        """Log a message of the SDK at DEBUG: the tap handles errors and logs its own summary."""
        super().log(message, *args, **options | {"level": logging.DEBUG})

    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the rows of one legal entity, without a change of state.

        Raises:
            YouniumError: If a page or a record cannot be read.
        """
        self.begin_entity(context, None)
        tap_columns: Row = {LEGAL_ENTITY: (context or {}).get(LEGAL_ENTITY)}
        for page in self._pages(context):
            self.date(tap_columns, page)
            yield from self._rows_of(page, tap_columns)
        yield from self._rows_after_pages()

    def begin_entity(self, context: Context | None, state: StreamState | None) -> None:
        """Prepare to read a legal entity.

        Args:
            context: The context of the legal entity.
            state: Its state; None outside a sync, so that an error is raised where it occurs.
        """
        self._state = state
        self.converter.mask = None if self._all_columns_selected else self.mask
        if state:
            entity = (context or {}).get(LEGAL_ENTITY)
            self.converter.on_left_out = partial(self._leave_out_row, entity)

    def date(self, tap_columns: Row, page: Page, resumed_at: str | None = None) -> None:
        """Set the times of a page's rows: `_read_at`, and `_last_modified` if no record shows it.

        Args:
            tap_columns: The tap's own columns, to be changed.
            page: The page.
            resumed_at: The `_read_at` of the read that is resumed, if any.
        """
        tap_columns[READ_AT] = resumed_at or self.run.read_at(page)
        if not self.shows_changes:
            tap_columns.setdefault(LAST_MODIFIED, format_timestamp(page.requested_at))

    def write_page(self, page: Page, tap_columns: Row) -> str | None:
        """Write the rows of a page; return the newest change of its records.

        Args:
            page: The page.
            tap_columns: The tap's own columns that are the same in every row.
        """
        return self._write(self._rows_of(page, tap_columns))

    def write_rows_after_pages(self) -> None:
        """Write the rows that need all pages to be read first."""
        self._write(self._rows_after_pages())

    def _write(self, rows: Iterator[Row]) -> str | None:
        while not self.has_enough_rows:
            try:
                row = next(rows)
            except StopIteration as end:
                return cast("str | None", end.value)
            self._write_record_message(row)
            self.counter.increment()
        return None

    @property
    def has_enough_rows(self) -> bool:
        """Whether a connection test needs no more rows."""
        return self.ABORT_AT_RECORD_COUNT is not None and (
            self.counter.rows >= self.ABORT_AT_RECORD_COUNT
        )

    def _leave_out_row(self, entity: str | None, kind: str, cause: str, since: str | None) -> None:
        """Report a row that is left out, and keep the bookmark before its change."""
        self.run.failures.leave_out(self.name, entity, kind, cause, max_logged=1)
        if self._state:
            self._state.hold_back(since if self.shows_changes else None)

    def _refuse_row(self, kind: str, cause: str, _: str | None) -> None:
        raise YouniumError(f"{self.name}: one {kind}. {cause}")

    def _rows_after_pages(self) -> Iterator[Row]:
        yield from ()

    def check_result(self) -> None:
        """Check all that was read, before the bookmark moves."""

    def legal_entity_complete(self) -> None:
        """Write ACTIVATE_VERSION once every legal entity of a FULL_TABLE stream has been read."""
        self._entities_read += 1
        if self._stream_version and self._entities_read == len(self.contexts):
            super()._write_activate_version_message(self._stream_version)

    def _write_activate_version_message(self, full_table_version: int) -> None:
        """Delay ACTIVATE_VERSION until the stream has been read: see `legal_entity_complete`.

        Private in the SDK, which writes it before the rows: a run that fails would empty the table.
        A resumed read keeps its version, or the rows of its first part would be dropped.
        """
        points = map(self.resume_point, self.contexts)
        versions = (point.version for point in points if point)
        self._stream_version = next(filter(None, versions), full_table_version)
        self._entities_read = 0

    def _rows_of(self, page: Page, tap_columns: Row) -> Generator[Row, None, str | None]:
        """Yield the rows of a page; return the newest change of its records."""
        self.converter.misfits.lone_surrogates += page.lone_surrogates
        if not page.records:
            return None
        if self._state is None or self._fast_path is None:
            return (yield from self.converter.rows(page, tap_columns, dated=self._dated))
        writer = self.run.writer
        newest = None
        message: dict[str, Any] = {"time_extracted": datetime.now(UTC)}
        if self._stream_version is not None:
            message = {"version": self._stream_version, **message}
        for part in self._fast_path.lines(page, message, tap_columns):
            if isinstance(part, tuple):
                lines, changed = part
                if self._is_mapped or not isinstance(writer, LineWriter):
                    yield from (decode(line)["record"] for line in lines)
                else:
                    flat = [*map(self._flatten, lines)] if self._flatten else lines
                    writer.write_records(flat)
                    self.counter.increment(len(flat))
            else:
                single = structs.replace(page, records=[part])
                changed = yield from self.converter.rows(
                    single, dict(tap_columns), dated=self._dated
                )
            newest = max(filter(None, (newest, changed)), default=None)
        return newest

    @property
    def _dated(self) -> bool:
        return type(self).replication_key is not None and self.shows_changes

    @cached_property
    def _all_columns_selected(self) -> bool:
        return all(self.mask[breadcrumb] for breadcrumb in self.metadata)

    @cached_property
    def _fast_path(self) -> FastPath | None:
        if self.ABORT_AT_RECORD_COUNT is not None or not self.run.fast_path_enabled:
            return None
        return self.converter.fast_path(self.mask, dated=self._dated)

    @cached_property
    def _flatten(self) -> Callable[[bytes], bytes] | None:
        """What flattens a RECORD line, if flattening is all that changes the rows."""
        (first, *others) = self.stream_maps
        if type(first) is SameRecordTransform and not others and first.flattening_enabled:
            return Flattener(first.transform).flatten
        return None

    @cached_property
    def _is_mapped(self) -> bool:
        """Whether a stream map changes the rows."""
        (first, *others) = self.stream_maps
        return type(first) is not SameRecordTransform or bool(others)

    @cached_property
    def counter(self) -> StreamCounter:
        """The counter of rows, which a run logs."""
        return self.get_record_counter()

    def get_record_counter(self, **options: Any) -> StreamCounter:
        """Return the counter of records, which the fast path uses as well."""
        self.counter = self.run.progress.counter(
            super().get_record_counter(**options),
            {self.child_path}.union(
                query.path for context in self.contexts for query in self.queries(context)
            ),
        )
        return self.counter


class NestedStream(YouniumStream):
    """A stream of the objects in an array of a collection's records.

    It reads the collection's pages with its own selection and bookmark, and needs no more requests
    if the collection is read in the same run.
    """

    collection: ClassVar[type[YouniumStream]]
    """The stream of the collection."""
    has_parent_columns = True

    _collection_stream: YouniumStream | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.path = cls.collection.path
        cls.model = cls.collection.model
        cls.permission = cls.collection.permission
        cls.replication_key = cls.collection.replication_key
        cls.shows_changes = cls.collection.shows_changes
        cls.column_meanings = cls.collection.column_meanings

    def set_streams(self, streams: Mapping[str, YouniumStream]) -> None:
        """Find the stream of the collection."""
        self._collection_stream = streams.get(self.collection.name)  # type: ignore[misc]

    def _modified_after(self, context: Context | None) -> str | None:
        """Return the earliest change to read, which is not later than the collection's.

        Otherwise these rows would look deleted if the collection's record is read again alone.
        """
        starts = [super()._modified_after(context)]
        collection = self._collection_stream
        if collection and collection.selected:
            starts.append(collection._modified_after(context))  # noqa: SLF001 - the same class
        return None if None in starts else min(filter(None, starts))
