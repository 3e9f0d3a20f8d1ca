"""Reads the pages of a legal entity once for all streams that take rows from them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from tap_younium.exceptions import ForbiddenError, RunError, YouniumError
from tap_younium.progress import quiet
from tap_younium.records.columns import LAST_MODIFIED, LEGAL_ENTITY, READ_AT
from tap_younium.state import StreamState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from singer_sdk.helpers.types import Context

    from tap_younium.api.page import Page
    from tap_younium.api.query import Query
    from tap_younium.client import YouniumStream
    from tap_younium.records.columns import Row
    from tap_younium.run import Run


def group_by_path(streams: Sequence[YouniumStream]) -> list[list[YouniumStream]]:
    """Return the streams in groups that read the same paths, a collection before what is in it."""
    groups: list[tuple[set[str], list[YouniumStream]]] = []
    for stream in streams:
        paths, group = set(stream.paths), [stream]
        for same in [it for it in groups if not paths.isdisjoint(it[0])]:
            groups.remove(same)
            paths, group = paths | same[0], [*same[1], *group]
        groups.append((paths, group))
    ordered = [
        sorted(group, key=lambda it: (it.has_parent_columns, len(it.array_path)))
        for _, group in groups
    ]
    return sorted(ordered, key=lambda group: streams.index(group[0]))


def queries_of(streams: Sequence[YouniumStream]) -> list[Query]:
    """Return the queries of a group, in the order in which they are read."""
    return [
        query
        for context in streams[0].contexts
        for stream in streams
        for query in stream.queries(context)
    ]


def sync_together(run: Run, streams: Sequence[YouniumStream]) -> None:
    """Write the rows of streams that read the same paths, page by page.

    Each has its own selection, bookmark and errors. Streams whose queries are equal share their
    pages; a stream with another bookmark reads pages of its own.

    Args:
        run: What the streams share.
        streams: The streams, whose SCHEMA messages have been written.
    """
    with ExitStack() as stack:
        for stream in reversed(streams):
            stack.enter_context(quiet(stream.get_sync_timer()))
            stack.enter_context(stream.get_record_counter())
        for context in streams[0].contexts:
            for stream in streams:
                stream.counter.with_context(context)
            try:
                _sync_entity(run, [StreamSync(run, stream, context) for stream in streams])
            finally:
                for stream in streams:
                    stream.converter.misfits.report((context or {}).get(LEGAL_ENTITY))
            for stream in streams:  # the first one gets the requests
                stream.counter.end_entity()
            run.write_state()


def _sync_entity(run: Run, syncs: Sequence[StreamSync]) -> None:
    """Read one legal entity: each distinct query once."""
    syncs = [sync for sync in syncs if sync.begin()]
    readers: dict[Query, list[StreamSync]] = {}
    for sync in syncs:
        for query in sync.queries:
            readers.setdefault(query, []).append(sync)
    for query, interested in readers.items():
        _read_query(run, query, interested)
    for sync in syncs:
        sync.end()


def _read_query(run: Run, query: Query, syncs: Sequence[StreamSync]) -> None:
    syncs = [sync for sync in syncs if sync.reads(query.path)]
    if not syncs:
        return
    run.progress.current = syncs[0].stream.counter
    try:
        for page in run.reader.read(query):
            run.permissions.allow(query.legal_entity)
            for sync in syncs:
                sync.write_page(query, page)
            run.flush_page(page)
            syncs = [sync for sync in syncs if sync.reads(query.path)]
            if not syncs:
                return
            run.progress.current = syncs[0].stream.counter
    except (RunError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the other streams are read
        for sync in syncs:
            sync.failed(query, error)


class StreamSync:
    """One stream of one legal entity while it is read.

    Args:
        run: What the streams share.
        stream: The stream.
        context: The context of the legal entity.

    Attributes:
        queries: The queries to read, in order.
    """

    def __init__(self, run: Run, stream: YouniumStream, context: Context | None) -> None:
        self.stream = stream
        self.queries: Sequence[Query] = ()
        self._run = run
        self._context = context
        self._entity = (context or {}).get(LEGAL_ENTITY)
        self._tap_columns: Row = {LEGAL_ENTITY: self._entity}
        self._error: tuple[str, Exception] | None = None
        self._begun = False

    def begin(self) -> bool:
        """Prepare to read; return whether there is anything to read."""
        if self._run.permissions.is_forbidden(self._entity):
            return False
        stream, context = self.stream, self._context
        self._resume_point = stream.resume_point(context)
        self._state = StreamState(
            stream.get_context_state(context),
            self._resume_point,
            self._run.started,
            stream.version,
        )
        stream.begin_entity(context, self._state)
        self.queries = stream.queries(context)
        return True

    def reads(self, path: str) -> bool:
        """Return whether it needs more pages of a path."""
        return not (self.stream.has_enough_rows or (self._error and self._error[0] == path))

    def write_page(self, query: Query, page: Page) -> None:
        """Write the rows of a page, and move the resume point."""
        self._begun = True
        columns, point = self._tap_columns, self._resume_point
        resumed_at = point.read_at if point and query.after is not None else None
        self.stream.date(columns, page, resumed_at)
        try:
            with self.stream.counter.page(page):
                changed = self.stream.write_page(page, columns)
        except (RunError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - such as a stream map's
            self.failed(query, error)
        else:
            changed = changed or columns.get(LAST_MODIFIED)
            if not self.stream.has_enough_rows:
                self._state.page_written(query, page, changed, columns[READ_AT])

    def failed(self, query: Query, error: Exception) -> None:
        """Note that a query failed. The first error is reported; other paths are still read."""
        self._error = self._error or (query.path, error)

    def end(self) -> None:
        """Write what needs all pages, move the bookmark, and report an error."""
        stream = self.stream
        if stream.has_enough_rows:
            return
        try:
            self._raise_error()
            stream.write_rows_after_pages()
            stream.check_result()
        except ForbiddenError as error:
            self._run.permissions.forbid(stream.name, self._entity, stream.permission, error)
        except (RunError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other streams are read
            stream.counter.failed = True
            self._run.failures.fail(stream.name, self._entity, error)
        else:
            if not all(map(self._run.reader.is_complete, self.queries)):
                self._state.hold_back(None)  # the next run reads what may be missing
            self._state.finish(type(stream).replication_key)
            if self._state.is_complete:
                stream.legal_entity_complete()

    def _raise_error(self) -> None:
        """Raise the first error, if any. A `ForbiddenError` means that no page could be read."""
        if not self._error:
            return
        if len({query.path for query in self.queries}) > 1:
            self._state.remove_resume_point()  # it is valid for one path only
        _, error = self._error
        if self._begun and isinstance(error, ForbiddenError):
            raise YouniumError(f"{error} Other pages of this stream could be read.") from error
        raise error
