"""`--check`: sends one request to each stream, to see what can be read and what a load costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from math import ceil, isnan, nan
from typing import TYPE_CHECKING

from tap_younium.api.page import Page
from tap_younium.child import ChildStream
from tap_younium.exceptions import ForbiddenError, YouniumError
from tap_younium.pagination.reader import requests_to_check
from tap_younium.permissions import read_legal_entities
from tap_younium.records.columns import LEGAL_ENTITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from singer_sdk.helpers.types import Context

    from tap_younium.api.query import Query
    from tap_younium.client import YouniumStream
    from tap_younium.run import Run


@dataclass
class Finding:
    """What is known about a stream of one legal entity; NaN if Younium does not say.

    Attributes:
        stream: The stream.
        error: Why it cannot be read, if so.
        failed: The query that failed.
        untried: Whether a request could not be tried, so that it may be forbidden.
        is_estimate: Whether the number of requests is an estimate.
        rows: The number of rows.
        pages: The number of pages.
        requests: The number of requests in addition to those of the streams before it.
        seconds: The time that these take.
    """

    stream: YouniumStream
    error: YouniumError | None = None
    failed: Query | None = None
    untried: bool = False
    is_estimate: bool = False
    rows: float = 0
    pages: float = 0
    requests: float = 0
    seconds: float = 0

    @property
    def permission(self) -> str | None:
        """The documented permission of the request that failed."""
        of_parent = self.failed and not self.failed.path_template
        return self.stream.permission if of_parent else None


class Check:
    """Sends one request for one record to each stream.

    Args:
        run: What the run owns.
        streams: The streams, in the order in which a run reads them.

    Attributes:
        findings: The findings, by legal entity, in the order of the streams.
        known_entities: The names of the tenant's legal entities by id, as far as the token may read
            them: those in which a user has a role.
    """

    def __init__(self, run: Run, streams: Sequence[YouniumStream]) -> None:
        self._run = run
        self._results: dict[Query, Page | YouniumError] = {}
        parts = [(stream, context) for stream in streams for context in stream.contexts]
        self._send(query for stream, context in parts for query in stream.queries(context))
        self._send(
            child_query
            for stream, context in parts
            for query in stream.queries(context)
            for child_query in self._child_queries(stream, query)[:1]
        )
        self._counted: set[Query] = set()
        parts.sort(key=lambda part: not part[0].selected)
        # the run bills pages that several streams share to the first of these
        billed = sorted(
            parts,
            key=lambda part: (
                not part[0].selected,
                part[0].has_parent_columns,
                len(part[0].array_path),
            ),
        )
        results = {
            (stream, _entity(context)): self._find(stream, context) for stream, context in billed
        }
        self.findings: dict[str | None, list[Finding]] = {}
        for stream, context in parts:
            entity = _entity(context)
            self.findings.setdefault(entity, []).append(results[stream, entity])
        self.known_entities = self._read_legal_entities()

    @property
    def any_readable(self) -> bool:
        """Whether any stream can be read."""
        return any(not each.error for found in self.findings.values() for each in found)

    @property
    def all_forbidden(self) -> bool:
        """Whether all streams are forbidden."""
        errors = [each.error for found in self.findings.values() for each in found]
        return all(isinstance(error, ForbiddenError) for error in errors)

    def _read_legal_entities(self) -> dict[str, str]:
        """Return the legal entities in users' roles, from the first response that has any."""
        readable = [
            entity
            for entity, found in self.findings.items()
            if not all(each.error for each in found)
        ]
        for entity in readable or [None]:
            try:
                return read_legal_entities(self._run.fetcher.fetch, entity)
            except YouniumError:
                continue
        return {}

    def _send(self, queries: Iterable[Query]) -> None:
        todo = list(dict.fromkeys(queries))
        results = self._run.pool.map_in_order(partial(self._try, query) for query in todo)
        self._results |= zip(todo, results, strict=True)

    def _try(self, query: Query) -> Page | YouniumError:
        try:
            return self._run.fetcher.fetch(replace(query, page_size=1), 1)
        except YouniumError as error:
            return error

    def _child_queries(self, stream: YouniumStream, query: Query) -> list[Query]:
        """Return the queries for the parents in the record that was received, if any."""
        page = self._results[query]
        if not (isinstance(stream, ChildStream) and isinstance(page, Page)):
            return []
        return stream.child_queries(page, {LEGAL_ENTITY: query.legal_entity})

    def _find(self, stream: YouniumStream, context: Context | None) -> Finding:
        child_queries = {
            query: self._child_queries(stream, query) for query in stream.queries(context)
        }
        sent = [*child_queries, *(children[0] for children in child_queries.values() if children)]
        for query in sent:
            if isinstance(error := self._results.get(query), YouniumError):
                return Finding(stream, error, query)
        found = Finding(stream)
        for query, children in child_queries.items():
            rows, pages = self._size(query)
            found.rows += rows
            found.pages += pages
            if query not in self._counted:
                self._counted.add(query)
                self._add_requests(found, pages + requests_to_check(query, pages), query.path)
            if isinstance(stream, ChildStream):
                per_record = 1 if stream.many_records_per_parent else rows
                self._add_requests(found, per_record * len(children), stream.child_path)
                found.untried |= rows > 0 and not children
                found.is_estimate |= rows > 0 and (
                    stream.many_records_per_parent or bool(stream.parent_array_path)
                )
        return found

    def _size(self, query: Query) -> tuple[float, float]:
        """Return the number of rows and of pages of a query."""
        page = self._results[query]
        assert isinstance(page, Page)  # noqa: S101 - see _find
        count: float | None = page.total_count
        if count is None:
            count = nan if query.paged and page.may_have_next else len(page.records)
        if isnan(count) or not query.paged:
            return count, 1 if not query.paged else nan
        return count, max(1, ceil(count / self._run.fetcher.page_size(query)))

    def _add_requests(self, found: Finding, requests: float, path: str) -> None:
        spent = self._run.progress.statistics.total([path])
        seconds = spent["nanoseconds"] / 1e9 / max(1, spent["responses"])
        found.requests += requests
        found.seconds += requests * seconds / self._run.config["max_parallel_requests"]


def _entity(context: Context | None) -> str | None:
    return (context or {}).get(LEGAL_ENTITY)
