"""Streams that send a request for each parent record."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from tap_younium.api.query import Query
from tap_younium.client import YouniumStream
from tap_younium.exceptions import ForbiddenError, RunError, YouniumError
from tap_younium.pagination.marks import Marks
from tap_younium.records.columns import (
    LAST_MODIFIED,
    LEGAL_ENTITY,
    PARENT_ID,
    POSITION,
    ROOT_ID,
    nested_objects,
)
from tap_younium.records.converter import RecordConverter
from tap_younium.records.definition import define_rows
from tap_younium.timestamps import own_change

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context, Record

    from tap_younium.api.page import Page
    from tap_younium.records.columns import Row
    from tap_younium.run import Run
    from tap_younium.state import ResumePoint, StreamState

_MAX_FAILED_PARENTS = 20
"""A stream fails if the requests for its first parents fail, and this many of them."""


class RequestedQueries:
    """A set of queries by their hash, in about nine bytes each."""

    def __init__(self) -> None:
        self._marks = Marks()

    def __contains__(self, query: Query) -> bool:
        return self._marks[hash(query)] > 0

    def update(self, queries: Iterable[Query]) -> None:
        """Add queries."""
        for query in queries:
            self._marks.set(hash(query), 1)


class ParentRequestStream(YouniumStream):
    """A stream that sends requests for parents, at `child_path`.

    A parent without data (404, or nothing found) is not an error. A parent whose request fails is
    left out, and the bookmark stays before its change.
    """

    parent_field: ClassVar[str] = "id"
    """The field of a parent that `child_path` contains."""
    child_paged: ClassVar[bool] = True
    """Whether the requests take page parameters."""
    child_order_by: ClassVar[str | None] = "id"
    """The field that the pages of a parent are sorted by."""
    child_key: ClassVar[str | None] = None
    """The field that identifies a parent's records; by default `id`, if it is a primary key."""
    single_record: ClassVar[bool] = False
    """Whether the response is one record that is not in a page."""

    def begin_entity(self, context: Context | None, state: StreamState | None) -> None:
        """Prepare to read a legal entity, and the rows of each parent in it."""
        self._requested = RequestedQueries()
        self._pending: dict[Query, tuple[Row, str | None]] = {}
        self._failed_parents: list[tuple[Query, YouniumError]] = []
        self._any_succeeded = False
        super().begin_entity(context, state)

    def _read_parents(
        self,
        parents: Mapping[Query, str | None],
        rows_of: Callable[[Query, Iterator[Page]], Iterator[Row]],
    ) -> Iterator[Row]:
        """Send the requests for parents, and yield their rows.

        Args:
            parents: The query for each parent, and the `own_change` of the parent's record.
            rows_of: Returns the rows of one parent.
        """
        self._requested.update(parents)
        results = self.run.reader.read_each(parents)
        for query, pages in self.counter.follow_parts(len(parents), results):
            self._parent_since = parents[query]
            try:
                yield from rows_of(query, pages)
            except RunError:
                raise
            except YouniumError as error:
                self._parent_failed(query, error)
            else:
                self._parent_succeeded()

    def _parent_succeeded(self) -> None:
        """Note that a request succeeded, so that the failures before concern single parents."""
        failed, self._failed_parents, self._any_succeeded = self._failed_parents, [], True
        for query, error in failed:
            self.run.failures.leave_out(self.name, query.legal_entity, "parent", str(error))

    def _parent_failed(self, query: Query, error: YouniumError) -> None:
        """Note that the request for a parent failed.

        Raises:
            YouniumError: If so many failed that the stream fails; a `ForbiddenError` if it is one.
                Outside a sync, the first error is raised.
        """
        if not self._state:
            raise error
        self._state.hold_back(self._parent_since)
        self._failed_parents.append((query, error))
        if len(self._failed_parents) == _MAX_FAILED_PARENTS and not self._any_succeeded:
            if isinstance(error, ForbiddenError):
                raise error
            raise YouniumError(
                f"{error} The first {_MAX_FAILED_PARENTS} requests for parents failed; the rest "
                "were not sent."
            ) from error

    def check_result(self) -> None:
        """Fail if every request for a parent was forbidden."""
        errors = [error for _, error in self._failed_parents]
        all_forbidden = all(isinstance(error, ForbiddenError) for error in errors)
        if errors and not self._any_succeeded and all_forbidden:
            raise errors[0]
        self._parent_succeeded()

    def _child_query(self, value: Any, tap_columns: Row) -> Query:
        return Query(
            self.child_path.format(quote(str(value), safe="")),
            legal_entity=tap_columns[LEGAL_ENTITY],
            key=self.child_key or ("id" if "id" in self.primary_keys else None),
            order_by=self.child_order_by,
            paged=self.child_paged,
            single_record=self.single_record,
            path_template=self.child_path,
            prepare=self.prepare,
        )


class ChildStream(ParentRequestStream):
    """A stream that sends one request for each record of a collection, or for objects in it.

    The parents are the records of the collection, or those that changed since the last run.
    """

    collections: ClassVar[tuple[type[YouniumStream], ...]]
    """The streams of the parents."""
    parent_array_path: ClassVar[tuple[str, ...]] = ()
    """The arrays that lead from a record to the parents."""
    many_records_per_parent: ClassVar[bool] = False
    """Whether several records share a parent, so that all pages are read first."""
    column_meanings: ClassVar[Mapping[str, str]] = {
        POSITION: "Position in the response, counted from 0."
    }
    has_parent_columns = True
    selected_by_default = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.path = cls.collections[0].path
        cls.permission = cls.collections[0].permission
        cls.replication_key = cls.collections[0].replication_key

    def __init__(self, tap: Tap, run: Run | None = None) -> None:
        super().__init__(tap, run)
        definition = define_rows(self.name, self.collections[0].model, primary_keys=())
        self._parent_converter = RecordConverter.of_definition(definition)

    @property
    def paths(self) -> Sequence[str]:
        """The paths of the parents' collections."""
        return [collection.path for collection in self.collections]

    def request_records(self, context: Context | None) -> Iterator[Record]:
        """Yield the records of all parents as Younium sent them.

        Raises:
            YouniumError: If a page or a record cannot be read.
        """
        tap_columns = {LEGAL_ENTITY: (context or {}).get(LEGAL_ENTITY)}
        requested = RequestedQueries()
        for page in self._pages(context):
            queries = dict.fromkeys(self.child_queries(page, tap_columns))
            new = [query for query in queries if query not in requested]
            requested.update(new)
            for _, child_pages in self.run.reader.read_each(new):
                for child_page in child_pages:
                    for record, _ in self.converter.records(child_page):
                        yield record

    def begin_entity(self, context: Context | None, state: StreamState | None) -> None:
        """Prepare to read a legal entity, its parents and their records."""
        super().begin_entity(context, state)
        if state:
            entity = (context or {}).get(LEGAL_ENTITY)
            self._parent_converter.on_left_out = partial(super()._leave_out_row, entity)

    def _leave_out_row(self, entity: str | None, kind: str, cause: str, since: str | None) -> None:
        """Report a row that is left out, and keep the bookmark before its parent's change."""
        super()._leave_out_row(entity, kind, cause, since or self._parent_since)

    def queries(self, context: Context | None) -> list[Query]:
        """Return the queries for the parents."""
        query = self._first_query(context)
        point = self.resume_point(context)
        paths = self.paths
        if point is None or point.path not in paths:
            return [replace(query, path=path) for path in paths]
        resumed, *others = paths[paths.index(point.path) :]
        fresh = replace(query, first_page=1, after=None)
        return [replace(query, path=resumed), *(replace(fresh, path=path) for path in others)]

    def parents(self, record: Row) -> Iterator[tuple[Any, Row]]:
        """Yield the identifier of each parent in a record, and its columns in the rows."""
        for parent, _ in nested_objects(record, self.parent_array_path):
            columns = {ROOT_ID: record.get("id"), PARENT_ID: parent.get("id")}
            yield parent.get(self.parent_field), columns

    def _rows_of(self, page: Page, tap_columns: Row) -> Generator[Row, None, str | None]:
        newest = None
        for record, changed in self._parent_converter.records(page):
            newest = max(filter(None, (newest, changed)), default=None)
            for value, parent_columns in self.parents(record):
                query = self._child_query(value, tap_columns)
                if value is not None and query not in self._requested:
                    same, since = self._pending.get(query, ({}, None))
                    changes = filter(None, (changed, same.get(LAST_MODIFIED)))
                    dated = {LAST_MODIFIED: max(changes, default=None)}
                    times = filter(None, (own_change(record), since))
                    self._pending[query] = (
                        tap_columns | parent_columns | dated,
                        min(times, default=None),
                    )
        if not self.many_records_per_parent:
            yield from self._rows_after_pages()
        return newest

    def _rows_after_pages(self) -> Iterator[Row]:
        pending, self._pending = self._pending, {}
        parents = {query: since for query, (_, since) in pending.items()}
        yield from self._read_parents(
            parents, lambda query, pages: self._child_rows(pages, pending[query][0])
        )

    def resume_point(self, context: Context | None) -> ResumePoint | None:
        """Return the resume point; parents with several records need all pages again."""
        return None if self.many_records_per_parent else super().resume_point(context)

    def _child_rows(self, pages: Iterator[Page], tap_columns: Row) -> Iterator[Row]:
        """Yield the rows of one parent."""
        positions = count()
        for page in pages:
            self.converter.misfits.lone_surrogates += page.lone_surrogates
            for record, _ in self.converter.records(page):
                position = {POSITION: str(next(positions))}
                yield from self.converter.row(record, tap_columns | position, page, None)

    def child_queries(self, page: Page, tap_columns: Row) -> list[Query]:
        """Return the queries for the parents on a page of the collection."""
        return [
            self._child_query(value, tap_columns)
            for record, _ in self._parent_converter.records(page)
            for value, _ in self.parents(record)
            if value is not None
        ]
