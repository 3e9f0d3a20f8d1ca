"""What a table of Younium's is: what it asks for, its rows, and where its bookmark stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from itertools import count
from threading import local
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias
from urllib.parse import quote

from msgspec import structs
from singer_sdk.exceptions import SyncLifecycleSignal
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.singerlib import Schema
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL
from singer_sdk.streams import RESTStream
from singer_sdk.streams.rest import PageContext

from tap_younium.errors import ForbiddenError, RunError, YouniumError
from tap_younium.listing import Listing
from tap_younium.rows import CHANGED, ENTITY, PARENT, POSITION, READ, ROOT, Rows, elements
from tap_younium.splice import NotPlainError
from tap_younium.state import BOOKMARK, Progress, place_in
from tap_younium.times import from_moment, to_moment
from tap_younium.writer import LineWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.singerlib import Catalog
    from singer_sdk.streams.rest import HTTPRequest

    from tap_younium.api import Authenticator, Prepared
    from tap_younium.http import Session
    from tap_younium.listing import Page
    from tap_younium.models.base import Model
    from tap_younium.progress import Table
    from tap_younium.rows import Row
    from tap_younium.splice import Splice
    from tap_younium.state import Place
    from tap_younium.tap import TapYounium


_FAILED_IN_A_ROW = 20
"""Requests for parents that fail, before any was answered, until their stream does."""
_EARLIEST = datetime.min.replace(tzinfo=UTC)


PageToken: TypeAlias = "int | tuple[Listing, int]"


class YouniumStream(RESTStream[PageToken]):
    """A table: the records of one collection, of each legal entity in turn.

    A table declares what it is; how it is asked for, read and remembered is the same for all.
    """

    path: str
    model: ClassVar[type[Model]]
    """What a record of the collection looks like."""
    primary_keys: tuple[str, ...] = ("id",)
    permission: ClassVar[str | None] = None
    """What the user needs, where Younium documents it."""
    paged: ClassVar[bool] = True
    """Whether the path takes page parameters; those that do not, take no `ModifiedAfter` either."""
    incremental: ClassVar[bool] = False
    """Whether the path takes `ModifiedAfter` and its records show when they changed."""
    timeless: ClassVar[bool] = False
    """Whether an incremental table's records show no times: Younium's clock stands in for them."""
    arrays: ClassVar[tuple[str, ...]] = ()
    """The arrays that lead from a record of the collection to this table's rows."""
    template: ClassVar[str] = ""
    """The path of the request for each parent, with `{}` for its `field`; none by default."""
    placed: ClassVar[bool] = False
    """Whether a row shows its place in a record of the collection."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # `Rows` has done it

    _tap: TapYounium
    _whole = 0
    _given = 0
    _syncing = False
    """Whether rows are synced; outside a sync, `get_records` changes no state and raises errors."""

    def __init__(self, tap: TapYounium) -> None:
        self._of_thread = local()
        self.rows = self.make_rows(tap)
        by_entity = bool(tap.legal_entities and self.primary_keys)  # without a key, none is part
        schema = self.rows.schema(entity=by_entity, dated=self.incremental, placed=self.placed)
        super().__init__(tap, self.name, schema)
        self.state_manager.increment_state = _keep_bookmark  # type: ignore[method-assign]
        if self.incremental:
            self.replication_key = CHANGED
        if by_entity:
            self.primary_keys = (*self.primary_keys, ENTITY)

    def make_rows(self, tap: TapYounium) -> Rows:
        """Return how records become the table's rows, which fit the catalog where one is given."""
        return Rows.of_model(
            self.name,
            self.model,
            keys=self.primary_keys,
            arrays=self.arrays,
            custom=lambda: tap.custom_fields,
            schema=tap.schema_given(self.name),
        )

    # From the stream to a request.

    @property
    def url_base(self) -> str:
        """The API's address."""
        return self._tap.client.host

    @property
    def context(self) -> Context | None:
        """What the calling thread asks for: threads ask for several legal entities at once."""
        return getattr(self._of_thread, "context", None)

    @context.setter
    def context(self, context: Context | None) -> None:
        self._of_thread.context = context

    @property
    def authenticator(self) -> Authenticator:
        """The authenticator for the context's legal entity."""
        return self._tap.client.authenticator((self.context or {}).get(ENTITY))

    @property
    def requests_session(self) -> Session:
        """The run's one session."""
        return self._tap.session

    def get_http_request(self, *, page: PageContext[PageToken]) -> HTTPRequest:
        """Return the request for a page.

        Args:
            page: The context, and the page: its number in the context's first listing, or a listing
                and a number. None is page 1.
        """
        token = page.next_page_token or 1
        if isinstance(token, int):
            token = (self.listings(page.stream_context)[0], token)
        return self._tap.client.request(*token, self.url_base)

    def prepare(self, listing: Listing, number: int) -> Prepared:
        """Return what sends the request for one page, in any thread."""
        entity = listing.legal_entity
        self.context = None if entity is None else {ENTITY: entity}
        page = PageContext[PageToken](self.context, (listing, number))
        return self.requests_session, self.get_http_request(page=page), self.authenticator

    def request_records(self, context: Context | None) -> Iterator[Record]:
        """Yield the records of a context's pages as Younium sent them, of nested streams the parts.

        Raises:
            YouniumError: If a page or a record can't be read.
        """
        for page in self._pages(context):
            for record, _ in self.rows.records(page):
                for element, _ in elements(record, self.arrays):
                    yield element

    def _pages(self, context: Context | None) -> Iterator[Page]:
        self.rows.left_out = self._refuse_row
        listings = self.listings(context)
        self._tap.pages.expect(listings)
        for listing in listings:
            yield from self._tap.pages.read(listing)

    @property
    def partitions(self) -> list[dict[str, Any]] | None:
        """One partition for each legal entity."""
        return [{ENTITY: entity} for entity in self._tap.legal_entities] or None

    @property
    def contexts(self) -> list[dict[str, Any] | None]:
        """What a run goes through: each partition, or the whole."""
        return [*self.partitions] if self.partitions else [None]

    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """No BATCH messages: the SDK writes them past selection and conformance."""

    def apply_catalog(self, catalog: Catalog) -> None:
        """Apply a catalog; the tap's own columns are there also where it lacks them.

        A stream without a replication key is read in full, whatever it says.
        """
        if entry := catalog.get_stream(self.name):
            schema = entry.schema.to_dict()
            columns = schema.get("properties", {})
            missing = self.schema["properties"].keys() - columns.keys()
            columns |= {name: self.schema["properties"][name] for name in missing}
            entry.schema = Schema.from_dict(schema | {"properties": columns})
        super().apply_catalog(catalog)
        if self.incremental or self.replication_method != REPLICATION_INCREMENTAL:
            return
        self.replication_key, self.forced_replication_method = None, REPLICATION_FULL_TABLE
        if self.selected:
            self._tap.logger.warning(
                "%s has no replication key: it is read as FULL_TABLE, not INCREMENTAL as the "
                "catalog says.",
                self.name,
            )

    # What is asked, and how far it has been read.

    def listings(self, context: Context | None) -> list[Listing]:
        """Return what the stream asks for, given its bookmark and where the last run ended.

        A read that goes on is followed by the changes since it began: one run brings all of them,
        and nested rows are not read earlier than what their record shows.
        """
        listing = self._listing(context)
        if listing.after is None or self.replication_method != REPLICATION_INCREMENTAL:
            return [listing]
        since = self._modified_after(context)
        return [listing, replace(listing, first=1, after=None, modified_after=since)]

    def _listing(self, context: Context | None) -> Listing:
        """Return the listing to begin with, or to go on in."""
        place = self._place(context)
        key = "id" if self.placed else self.rows.keys[0]
        listing = Listing(
            self.path,
            legal_entity=(context or {}).get(ENTITY),
            key=key,
            order_by=key,
            modified_after=place.modified_after if place else self._modified_after(context),
            paged=self.paged,
            tracked=self.incremental,
            prepare=self.prepare,
        )
        if place and self.paged:
            return replace(listing, first=place.page, after=place.after)
        return listing

    def _place(self, context: Context | None) -> Place | None:
        """Return where to go on, if an earlier read did not end and this one asks for the same.

        A full table is read whole; and where the target is told of versions, rows without one, of
        the first part, would be dropped.
        """
        place = place_in(self._state_of(context))
        if place and self.replication_method != REPLICATION_INCREMENTAL:
            versioned = self.emit_activate_version_messages
            if place.modified_after or (versioned and place.version is None):
                return None
        return place

    def _modified_after(self, context: Context | None) -> str | None:
        """Return the earliest change to read: since the bookmark, or the read that goes on."""
        if self.replication_method != REPLICATION_INCREMENTAL:
            return None
        start = to_moment(self.config.get("start_date"))
        place = self._place(context)
        bookmark = to_moment(place.started if place else self._state_of(context).get(BOOKMARK))
        if bookmark:
            lookback = timedelta(hours=self.config["lookback_hours"])
            bookmark = max(bookmark, _EARLIEST + lookback) - lookback
        since = max((time for time in (start, bookmark) if time), default=None)
        return f"{from_moment(since)[:19]}Z" if since else None

    def _state_of(self, context: Context | None) -> Mapping[str, Any]:
        """Return a table's or a partition's state as the run was given it, without making one."""
        state: dict[str, Any] = self.tap_state.get("bookmarks", {}).get(self.name, {})
        if not context:
            return state
        partitions = state.get("partitions", [])
        return next((part for part in partitions if part["context"] == context), {})

    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the rows of one legal entity; in a test, no more than it wants of all.

        Outside a sync, no state changes and nothing is written.

        Raises:
            YouniumError: If a page or a record can't be read, outside a sync.
        """
        rows = self._read(context) if self._syncing else self._rows(context)
        if self.ABORT_AT_RECORD_COUNT is None:
            yield from rows
            return
        for row in rows:
            if self._given >= self.ABORT_AT_RECORD_COUNT:
                return
            self._given += 1
            yield row

    def log(self, message: str, *args: Any, **options: Any) -> None:
        """Log a message of the SDK's, but that it did not handle an error: the tap does."""
        if not message.startswith("An unhandled error"):
            super().log(message, *args, **options)

    def sync(self, context: Context | None = None) -> None:  # type: ignore[misc]
        """Read the stream; what goes wrong concerns no other, unless it is a `RunError`.

        Final in the SDK, which has no other place to keep one stream's error from the others.
        """
        self._syncing = True
        try:
            super().sync(context)
        except (RunError, OSError, SyncLifecycleSignal):
            raise
        except Exception as error:  # noqa: BLE001 - such as a stream map's: it is reported there
            self._tap.outcome.fail(self.name, None, error)
        finally:
            self._syncing = False
            self.rows.leftovers.say()

    def _rows(self, context: Context | None) -> Iterator[Row]:
        self.rows.mask = None if self._whole_rows else self.mask
        own: Row = {ENTITY: (context or {}).get(ENTITY)}
        for page in self._pages(context):
            own[READ] = self._tap.stamp(page)
            if self.timeless:
                own.setdefault(CHANGED, from_moment(page.asked))
            yield from self._rows_of(page, own)
        yield from self._last_rows()

    def _read(self, context: Context | None) -> Iterator[Row]:
        entity = (context or {}).get(ENTITY)
        outcome = self._tap.outcome
        if entity in outcome.forbidden_entities:
            return
        own: Row = {ENTITY: entity}
        place = self._place(context)
        self.rows.mask = None if self._whole_rows else self.mask
        self.rows.left_out = partial(self._leave_out_row, entity)
        self._progress = Progress(
            self.get_context_state(context), place, self._tap.started, self._stream_version
        )
        try:
            listings = self.listings(context)
            yield from self._read_each(listings, own, place)
            yield from self._last_rows()
            self._after_pages()
        except ForbiddenError as error:
            self._tap.forbid(self.name, entity, self.permission, error)
        except (RunError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other streams are read
            self._counter.failed = True
            outcome.fail(self.name, entity, error)
        else:
            if not all(map(self._tap.pages.is_whole, listings)):
                self._progress.hold_back(None)  # the next run reads again what may be missing
            self._progress.end(CHANGED if self.incremental else None)
            if self._progress.complete:
                self._activate()

    def _read_each(
        self, listings: Sequence[Listing], own: Row, place: Place | None
    ) -> Iterator[Row]:
        """Yield the rows of each listing. Where one fails, those of other paths are read.

        Raises:
            Exception: The first that came. A `ForbiddenError` means that no page could be read.
        """
        failed: tuple[str, Exception] | None = None
        begun = False
        for listing in listings:
            if failed and failed[0] == listing.path:
                continue
            try:
                for page in self._counter.through(self._tap.pages.read(listing)):
                    begun = True
                    self._tap.outcome.readable.add(listing.legal_entity)
                    goes_on = listing.after is not None and place and place.read_at
                    own[READ] = goes_on or self._tap.stamp(page)
                    if self.timeless:
                        own.setdefault(CHANGED, from_moment(page.asked))
                    changed = yield from self._rows_of(page, own)
                    changed = changed or own.get(CHANGED)
                    self._progress.note(listing, page, changed, own[READ])
                    self._tap.page_done(page)
            except (RunError, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - raised again below
                failed = failed or (listing.path, error)
        if not failed:
            return
        if len({listing.path for listing in listings}) > 1:
            self._progress.forget_place()  # it is that of one path alone
        _, first = failed
        if begun and isinstance(first, ForbiddenError):
            raise YouniumError(f"{first} Other pages of this stream could be read.") from first
        raise first

    def _leave_out_row(
        self, entity: str | None, what: str, cause: str, changed: str | None
    ) -> None:
        """Report a row that is left out, and keep the bookmark from passing it."""
        self._tap.outcome.leave_out(self.name, entity, what, cause, named=1)
        self._progress.hold_back(None if self.timeless else changed)

    def _refuse_row(self, what: str, cause: str, _: str | None) -> None:
        raise YouniumError(f"{self.name}: one {what}. {cause}")

    def _last_rows(self) -> Iterator[Row]:
        """Yield the rows that only all pages together tell of."""
        yield from ()

    def _after_pages(self) -> None:
        """Look at the whole of what was read, before the bookmark moves."""

    def _activate(self) -> None:
        """Tell the target that a full table has been read whole, once each legal entity has."""
        self._whole += 1
        if self._stream_version and self._whole == len(self.contexts):
            super()._write_activate_version_message(self._stream_version)

    def _write_activate_version_message(self, full_table_version: int) -> None:
        """Hold ACTIVATE_VERSION back until the table has been read: see `_activate`.

        Private in the SDK, which sends it before the rows: a run that dies would empty the table. A
        read that goes on keeps its version, or the rows of its first part would be dropped.
        """
        places = map(self._place, self.contexts)
        versions = (place.version for place in places if place)
        self._stream_version = next(filter(None, versions), full_table_version)
        self._whole = 0

    def _rows_of(self, page: Page, own: Row) -> Generator[Row, None, str | None]:
        """Yield a page's rows; return the newest change of its records."""
        self.rows.leftovers.halves += page.halves
        if not page.records:
            return None
        writer = self._tap.message_writer
        if not self._syncing or self._splice is None or not isinstance(writer, LineWriter):
            return (yield from self.rows.read(page, own, dated=self._dated))
        newest = None
        message: dict[str, Any] = {"time_extracted": datetime.now(UTC)}
        if self._stream_version is not None:
            message = {"version": self._stream_version, **message}
        for part in self._splice.lines(page, message, own):
            if isinstance(part, tuple):
                lines, changed = part
                writer.write_lines(lines)
                self._counter.increment(len(lines))
            else:
                alone = structs.replace(page, records=[part])
                changed = yield from self.rows.read(alone, dict(own), dated=self._dated)
            newest = max(filter(None, (newest, changed)), default=None)
        return newest

    @property
    def _dated(self) -> bool:
        return self.incremental and not self.timeless

    @cached_property
    def _whole_rows(self) -> bool:
        """Whether all columns are selected."""
        return all(self.mask[breadcrumb] for breadcrumb in self.metadata)

    @cached_property
    def _splice(self) -> Splice | None:
        """The quick way, if nothing but the schema shapes the rows and all of them are wanted."""
        (first, *others) = self.stream_maps
        plain = type(first) is SameRecordTransform and not others and not first.flattening_enabled
        plain = plain and self._whole_rows
        if not (self.rows.splice and plain) or self.ABORT_AT_RECORD_COUNT is not None:
            return None
        try:
            return self.rows.splice(dated=self._dated)
        except NotPlainError:
            return None

    @cached_property
    def _counter(self) -> Table:
        return self.get_record_counter()

    def get_record_counter(self, **options: Any) -> Table:
        """Return the counter of records, which the quick way counts with too."""
        self._counter = self._tap.progress.counter(
            super().get_record_counter(**options),
            {self.template}.union(
                listing.path for context in self.contexts for listing in self.listings(context)
            ),
        )
        return self._counter


def _keep_bookmark(*_: object, **__: object) -> None:
    """Leave the bookmark alone while rows pass: it moves when a stream was read to its end.

    The SDK's own would call an unfinished stream resumable, and miss records that give it no row.
    """


class NestedStream(YouniumStream):
    """A table of the objects in an array of a collection's records.

    It reads the collection's pages for itself, with its own selection and bookmark, and costs no
    further request where the collection is read in the same run.
    """

    collection: ClassVar[type[YouniumStream]]
    placed = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.path = cls.collection.path
        cls.model = cls.collection.model
        cls.permission = cls.collection.permission
        cls.incremental = cls.collection.incremental
        cls.timeless = cls.collection.timeless

    def _modified_after(self, context: Context | None) -> str | None:
        """Return the earliest change to read: no later than the collection's own stream.

        A record that comes in that one again would otherwise look as if these rows had left it.
        """
        starts = [super()._modified_after(context)]
        collection = self._tap.streams.get(self.collection.name)  # type: ignore[misc]
        if isinstance(collection, YouniumStream) and collection.selected:
            starts.append(collection._modified_after(context))  # noqa: SLF001 - the same class
        return None if None in starts else min(filter(None, starts))


class PerParentStream(YouniumStream):
    """A table that can cost one request for each record of a collection, or each part of one.

    A parent that has nothing to tell (404, nothing found) is not an error; one whose request fails
    is left out, and the bookmark does not pass its change.
    """

    field: ClassVar[str] = "id"
    """The field of a parent that names it in the path."""
    paged_details: ClassVar[bool] = True
    """Whether the request takes page parameters."""
    order_by: ClassVar[str | None] = "id"
    """The field that its pages are sorted by."""
    tells_apart: ClassVar[str | None] = None
    """The field that tells a parent's records apart; without one, the `id` if it is a key."""
    bare: ClassVar[bool] = False
    """Whether its answer is one record, without a page around it."""

    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the rows of one legal entity, with what belongs to each parent."""
        self._asked: set[Listing] = set()
        self._wanted: dict[Listing, Row] = {}
        self._in_a_row: list[tuple[Listing, YouniumError]] = []
        self._answered = False
        yield from super().get_records(context)

    def _each(
        self,
        asked: Mapping[Listing, str | None],
        rows_of: Callable[[Listing, Iterator[Page]], Iterator[Row]],
    ) -> Iterator[Row]:
        """Ask for what belongs to each parent, and yield its rows.

        Args:
            asked: What is asked, and when the parent changed.
            rows_of: Gives the rows of one parent.
        """
        self._asked |= asked.keys()
        for listing, answers in self._counter.each(len(asked), self._tap.pages.each(asked)):
            self._changed = asked[listing]
            try:
                yield from rows_of(listing, answers)
            except RunError:
                raise
            except YouniumError as error:
                self._refused(listing, error, asked[listing])
            else:
                self._accepted()

    def _accepted(self) -> None:
        """Note that a parent's request was answered: those refused before are parents' own."""
        refused, self._in_a_row, self._answered = self._in_a_row, [], True
        for listing, error in refused:
            self._leave_out(listing, error)

    def _refused(self, listing: Listing, error: YouniumError, changed: str | None) -> None:
        """Note that the request for a parent failed.

        Raises:
            YouniumError: If so many failed in a row that the stream fails; a `ForbiddenError`, if
                none was answered. Outside a sync, which has no end to report it at, at once.
        """
        if not self._syncing:
            raise error
        self._progress.hold_back(changed)
        self._in_a_row.append((listing, error))
        if len(self._in_a_row) == _FAILED_IN_A_ROW and not self._answered:
            if isinstance(error, ForbiddenError):
                raise error
            raise YouniumError(
                f"{error} The first {_FAILED_IN_A_ROW} requests for parents failed; the rest were "
                "not sent."
            ) from error

    def _after_pages(self) -> None:
        errors = [error for _, error in self._in_a_row]
        if errors and not self._answered and all(isinstance(it, ForbiddenError) for it in errors):
            raise errors[0]
        self._accepted()

    def _leave_out(self, listing: Listing, error: YouniumError) -> None:
        self._tap.outcome.leave_out(self.name, listing.legal_entity, "parent", str(error))

    def _detail(self, value: Any, own: Row) -> Listing:
        return Listing(
            self.template.format(quote(str(value), safe="")),
            legal_entity=own[ENTITY],
            key=self.tells_apart or ("id" if "id" in self.primary_keys else None),
            order_by=self.order_by,
            paged=self.paged_details,
            bare=self.bare,
            template=self.template,
            prepare=self.prepare,
        )


class DetailStream(PerParentStream):
    """A table that costs one request for each record of a collection, or each part of one.

    The collection's pages tell which there are, or which changed since the last run.
    """

    collections: ClassVar[tuple[type[YouniumStream], ...]]
    """Where the parents are."""
    parent_arrays: ClassVar[tuple[str, ...]] = ()
    """The arrays that lead from a record to the parents."""
    grouped: ClassVar[bool] = False
    """Whether many records have one parent in common."""
    placed = True
    selected_by_default = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.path = cls.collections[0].path
        cls.permission = cls.collections[0].permission
        cls.incremental = cls.collections[0].incremental

    def __init__(self, tap: TapYounium) -> None:
        super().__init__(tap)
        self._parents = Rows.of_model(self.name, self.collections[0].model, keys=())

    def request_records(self, context: Context | None) -> Iterator[Record]:
        """Yield the records of all parents as Younium sent them.

        Raises:
            YouniumError: If a page or a record can't be read.
        """
        own = {ENTITY: (context or {}).get(ENTITY)}
        asked: set[Listing] = set()
        for page in self._pages(context):
            new = [it for it in dict.fromkeys(self.details(page, own)) if it not in asked]
            asked.update(new)
            for _, answers in self._tap.pages.each(new):
                for answer in answers:
                    for record, _ in self.rows.records(answer):
                        yield record

    def _read(self, context: Context | None) -> Iterator[Row]:
        self._parents.left_out = partial(super()._leave_out_row, (context or {}).get(ENTITY))
        yield from super()._read(context)

    def _leave_out_row(
        self, entity: str | None, what: str, cause: str, changed: str | None
    ) -> None:
        """Report a row that is left out, and keep the bookmark from passing its parent."""
        super()._leave_out_row(entity, what, cause, changed or self._changed)

    def listings(self, context: Context | None) -> list[Listing]:
        """Return where the parents are listed."""
        whole = self._listing(context)
        place = self._place(context)
        paths = [collection.path for collection in self.collections]
        if place is None or place.path not in paths:
            return [replace(whole, path=path) for path in paths]
        begun, *others = paths[paths.index(place.path) :]
        anew = replace(whole, first=1, after=None)
        return [replace(whole, path=begun), *(replace(anew, path=path) for path in others)]

    def parents(self, record: Row) -> Iterator[tuple[Any, Row]]:
        """Yield the value that names each parent in the path, and the columns that name it."""
        for parent, _ in elements(record, self.parent_arrays):
            yield parent.get(self.field), {ROOT: record.get("id"), PARENT: parent.get("id")}

    def _rows_of(self, page: Page, own: Row) -> Generator[Row, None, str | None]:
        newest = None
        for record, changed in self._parents.records(page):
            newest = max(filter(None, (newest, changed)), default=None)
            for value, columns in self.parents(record):
                detail = self._detail(value, own)
                if value is not None and detail not in self._asked:
                    times = (changed, self._wanted.get(detail, {}).get(CHANGED))
                    newest_of_it = max(filter(None, times), default=None)
                    self._wanted[detail] = own | columns | {CHANGED: newest_of_it}
        if not self.grouped:
            yield from self._last_rows()
        return newest

    def _last_rows(self) -> Iterator[Row]:
        wanted, self._wanted = self._wanted, {}
        changes = {listing: row[CHANGED] for listing, row in wanted.items()}
        yield from self._each(changes, lambda each, pages: self._rows_in(pages, wanted[each]))

    def _place(self, context: Context | None) -> Place | None:
        """Return where to go on; a group is asked for when all pages have told of its parts."""
        return None if self.grouped else super()._place(context)

    def _rows_in(self, answers: Iterator[Page], own: Row) -> Iterator[Row]:
        """Yield the rows of one parent."""
        places = count()
        for answer in answers:
            self.rows.leftovers.halves += answer.halves
            for record, _ in self.rows.records(answer):
                place = {POSITION: str(next(places))}
                yield from self.rows.row(record, own | place, answer, None)

    def details(self, page: Page, own: Row) -> list[Listing]:
        """Return what a page of the collection leads to."""
        return [
            self._detail(value, own)
            for record, _ in self._parents.records(page)
            for value, _ in self.parents(record)
            if value is not None
        ]
