"""Checks which streams can be read, and estimates what a first load costs."""

from __future__ import annotations

import shutil
import sys
import textwrap
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from math import ceil, isnan, nan
from typing import TYPE_CHECKING

from tap_younium.api.page import Page
from tap_younium.child import ChildStream
from tap_younium.exceptions import ForbiddenError, YouniumError
from tap_younium.permissions import missing_permission, possible_causes
from tap_younium.progress import amount, duration
from tap_younium.records.columns import LEGAL_ENTITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from singer_sdk.helpers.types import Context

    from tap_younium.api.query import Query
    from tap_younium.client import YouniumStream
    from tap_younium.run import Run

_HEAD = ["stream", "readable", "rows", "pages", "requests", "time"]


@dataclass
class Finding:
    """What is known about a stream of one legal entity; NaN if Younium does not say.

    Attributes:
        stream: The stream.
        error: Why it cannot be read, if so.
        untried: Whether a request could not be tried, so that it may be forbidden.
        is_estimate: Whether the number of requests is an estimate.
        rows: The number of rows.
        pages: The number of pages.
        requests: The number of requests in addition to those of the streams before it.
        seconds: The time that these take.
    """

    stream: YouniumStream
    error: YouniumError | None = None
    untried: bool = False
    is_estimate: bool = False
    rows: float = 0
    pages: float = 0
    requests: float = 0
    seconds: float = 0


class Check:
    """Sends one request for one record to each stream.

    Args:
        run: What the run owns.
        streams: The streams, in the order in which a run reads them.

    Attributes:
        findings: The findings, by legal entity.
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
        self.findings: dict[str | None, list[Finding]] = {}
        parts.sort(key=lambda part: not part[0].selected)  # shared pages count for these
        for stream, context in parts:
            entity = (context or {}).get(LEGAL_ENTITY)
            self.findings.setdefault(entity, []).append(self._find(stream, context))

    @property
    def any_readable(self) -> bool:
        """Whether any stream can be read."""
        return any(not each.error for found in self.findings.values() for each in found)

    @property
    def all_forbidden(self) -> bool:
        """Whether all streams are forbidden."""
        errors = [each.error for found in self.findings.values() for each in found]
        return all(isinstance(error, ForbiddenError) for error in errors)

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
        for result in map(self._results.get, sent):
            if isinstance(result, YouniumError):
                return Finding(stream, result)
        found = Finding(stream)
        for query, children in child_queries.items():
            rows, pages = self._size(query)
            found.rows += rows
            found.pages += pages
            if query not in self._counted:
                self._counted.add(query)
                again = 0.0  # a run asks for changes since it began, or reads twice
                if pages > 1:
                    again = pages if query.must_be_read_twice else query.supports_modified_after
                self._add_requests(found, pages + again, query.path)
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

    # The report

    def report(self) -> Iterator[str]:
        """Yield the findings in lines, wrapped to the width of the terminal if there is one."""
        width = shutil.get_terminal_size(fallback=(0, 0)).columns or sys.maxsize
        for entity, found in self.findings.items():
            readable = [each for each in found if not each.error]
            heading = f"Legal entity {entity}" if entity else "No legal entity set"
            numbers = f"{len(readable)} of {amount(len(found), 'stream')}"
            yield from textwrap.wrap(f"{heading}: {numbers} can be read.", width)
            yield ""
            if readable:
                yield from _table([_HEAD, *map(_cells, found)], width)
                yield ""
            for note in (*_errors(entity, found), _load(readable)):
                yield from textwrap.wrap(note, width, break_long_words=False)
            yield ""
        yield from textwrap.wrap(self._legend, width)

    @property
    def _legend(self) -> str:
        all_found = list(chain.from_iterable(self.findings.values()))
        unavailable = "; ".join(f"{name}: {error}" for name, _, error in self._run.unavailable)
        parallel = self._run.config["max_parallel_requests"]
        notes = {
            f"Not found or not readable: {unavailable}": bool(unavailable),
            f"The time is estimated from these responses, with {parallel} concurrent requests; "
            "full pages take longer than one row. Pages that several streams share count once.": (
                self.any_readable
            ),
            "*: not read by default.": not all(each.stream.selected for each in all_found),
            "~: estimated from one record.": any(each.is_estimate for each in all_found),
            "?: Younium does not say.": any(isnan(each.requests) for each in all_found),
            "unknown: the record received has no parents to request.": any(
                each.untried for each in all_found
            ),
        }
        return " ".join(text for text, applies in notes.items() if applies)


def _errors(entity: str | None, found: Sequence[Finding]) -> Iterator[str]:
    """Yield why streams cannot be read, grouped by cause; only the first if all fail."""
    causes: dict[str, list[Finding]] = {}
    for each in found:
        if each.error:
            causes.setdefault(str(each.error), []).append(each)
    nothing = all(each.error for each in found)
    for cause, findings in causes.items():
        names = "All" if nothing else ", ".join(each.stream.name for each in findings)
        remark = ""
        if isinstance(findings[0].error, ForbiddenError):
            permission = findings[0].stream.permission
            remark = (
                possible_causes(entity, None)
                if nothing
                else f"Most likely {missing_permission(permission)}"
            )
        yield f"{names}: {cause} {remark}".rstrip()
        if nothing:
            return


def _load(readable: Sequence[Finding]) -> str:
    """Return what a first load costs."""
    costs = []
    for selected in (True, False):
        chosen = [each for each in readable if each.stream.selected is selected]
        known = [each for each in chosen if not isnan(each.requests)]
        requests = round(sum(each.requests for each in known))
        seconds = duration(sum(each.seconds for each in known))
        costs.append(f"{amount(requests, 'request')}, {seconds}" if chosen else "")
    more = f" The streams marked * take {costs[1]} more." if costs[1] else ""
    return f"A first load takes {costs[0]}.{more}" if costs[0] else more.strip()


def _table(lines: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yield cells as lines of a table; if it is too wide, names are on lines of their own."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    narrow = sum(widths) + 2 * len(widths) > width
    for name, readable, *figures in lines:
        row = [readable.ljust(widths[1]), *map(str.rjust, figures, widths[2:])]
        if narrow:
            yield name
        yield "  ".join(["" if narrow else name.ljust(widths[0]), *row]).rstrip()


def _number(number: float) -> str:
    return "?" if isnan(number) else f"{number:,.0f}"


def _cells(found: Finding) -> list[str]:
    """Return the line of a stream in the table."""
    name = found.stream.name if found.stream.selected else f"{found.stream.name} *"
    if found.error:
        return [name, "no", "", "", "", ""]
    requests = f"~{_number(found.requests)}" if found.is_estimate else _number(found.requests)
    return [
        name,
        "unknown" if found.untried else "yes",
        "" if found.stream.has_parent_columns else _number(found.rows),
        _number(found.pages),
        requests,
        "?" if isnan(found.seconds) else duration(found.seconds),
    ]
