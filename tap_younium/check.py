"""A first day's questions: which tables can be read, and what will a first load cost."""

from __future__ import annotations

import shutil
import sys
import textwrap
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from math import ceil, isnan, nan
from typing import TYPE_CHECKING

from tap_younium.client import DetailStream
from tap_younium.errors import ForbiddenError, YouniumError
from tap_younium.listing import Page
from tap_younium.outcome import lacking, why
from tap_younium.progress import amount, duration
from tap_younium.rows import ENTITY
from tap_younium.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from singer_sdk.helpers.types import Context

    from tap_younium.client import YouniumStream
    from tap_younium.listing import Listing
    from tap_younium.tap import TapYounium

_HEAD = ["table", "readable", "rows", "pages", "requests", "time"]


@dataclass
class Finding:
    """What was found out about a table of one legal entity; NaN where Younium does not tell.

    Attributes:
        stream: The table.
        error: Why it can't be read, if so.
        untold: Whether a request that may be forbidden could not be tried.
        guessed: Whether the number of requests is a guess.
        rows: How many rows it has.
        pages: How many pages it reads.
        requests: How many requests it adds to those of the tables before it.
        seconds: How long these take.
    """

    stream: YouniumStream
    error: YouniumError | None = None
    untold: bool = False
    guessed: bool = False
    rows: float = 0
    pages: float = 0
    requests: float = 0
    seconds: float = 0

    @property
    def cells(self) -> list[str]:
        """The table's line."""
        name = self.stream.name if self.stream.selected else f"{self.stream.name} *"
        if self.error:
            return [name, "no", "", "", "", ""]
        requests = f"~{_number(self.requests)}" if self.guessed else _number(self.requests)
        return [
            name,
            "untold" if self.untold else "yes",
            "" if self.stream.placed else _number(self.rows),
            _number(self.pages),
            requests,
            "?" if isnan(self.seconds) else duration(self.seconds),
        ]


class Check:
    """Asks each table once, for one row.

    Args:
        tap: The tap.
        streams: The tables, in the order in which a run reads them.

    Attributes:
        findings: What was found out, by legal entity.
    """

    def __init__(self, tap: TapYounium, streams: Sequence[YouniumStream]) -> None:
        self._tap = tap
        self._answers: dict[Listing, Page | YouniumError] = {}
        places = [(stream, context) for stream in streams for context in stream.contexts]
        self._send(listing for stream, context in places for listing in stream.listings(context))
        self._send(
            detail
            for stream, context in places
            for listing in stream.listings(context)
            for detail in self._details(stream, listing)[:1]
        )
        self._counted: set[Listing] = set()
        self.findings: dict[str | None, list[Finding]] = {}
        places.sort(key=lambda place: not place[0].selected)  # shared pages count for these
        for stream, context in places:
            entity = (context or {}).get(ENTITY)
            self.findings.setdefault(entity, []).append(self._find(stream, context))

    @property
    def readable(self) -> bool:
        """Whether any table can be read."""
        return any(not each.error for found in self.findings.values() for each in found)

    @property
    def forbidden(self) -> bool:
        """Whether all of them are forbidden."""
        errors = [each.error for found in self.findings.values() for each in found]
        return all(isinstance(error, ForbiddenError) for error in errors)

    def _send(self, listings: Iterable[Listing]) -> None:
        workers = Workers(self._tap.config["max_parallel_requests"])
        try:
            todo = list(dict.fromkeys(listings))
            answers = workers.in_order(partial(self._answer, listing) for listing in todo)
            self._answers |= zip(todo, answers, strict=True)
        finally:
            workers.close()

    def _answer(self, listing: Listing) -> Page | YouniumError:
        try:
            return self._tap.client.ask(replace(listing, size=1), 1)
        except YouniumError as error:
            return error

    def _details(self, stream: YouniumStream, listing: Listing) -> list[Listing]:
        """Return what a table asks for the parents in the record that came, if it does."""
        page = self._answers[listing]
        if not (isinstance(stream, DetailStream) and isinstance(page, Page)):
            return []
        return stream.details(page, {ENTITY: listing.legal_entity})

    def _find(self, stream: YouniumStream, context: Context | None) -> Finding:
        details = {each: self._details(stream, each) for each in stream.listings(context)}
        asked = [*details, *(parents[0] for parents in details.values() if parents)]
        for answer in map(self._answers.get, asked):
            if isinstance(answer, YouniumError):
                return Finding(stream, answer)
        found = Finding(stream)
        for listing, parents in details.items():
            rows, pages = self._size(listing)
            found.rows += rows
            found.pages += pages
            if listing not in self._counted:
                self._counted.add(listing)
                again = 0.0  # a run asks what changed meanwhile, or looks twice
                if pages > 1:
                    again = pages if listing.silent else listing.tracked
                self._spend(found, pages + again, listing.path)
            if isinstance(stream, DetailStream):
                each = 1 if stream.grouped else rows
                self._spend(found, each * len(parents), stream.template)
                found.untold |= rows > 0 and not parents
                found.guessed |= rows > 0 and (stream.grouped or bool(stream.parent_arrays))
        return found

    def _size(self, listing: Listing) -> tuple[float, float]:
        """Return how many rows a listing has, and how many pages."""
        page = self._answers[listing]
        assert isinstance(page, Page)  # noqa: S101 - see _find
        count: float | None = page.count
        if count is None:
            count = nan if listing.paged and page.more else len(page.records)
        if isnan(count) or not listing.paged:
            return count, 1 if not listing.paged else nan
        return count, max(1, ceil(count / self._tap.client.size(listing)))

    def _spend(self, found: Finding, requests: float, path: str) -> None:
        cost = self._tap.progress.costs.of([path])
        seconds = cost["nanoseconds"] / 1e9 / max(1, cost["answers"])
        found.requests += requests
        found.seconds += requests * seconds / self._tap.config["max_parallel_requests"]

    # In words

    def report(self) -> Iterator[str]:
        """Yield what was found out, in lines that fit the terminal where there is one."""
        width = shutil.get_terminal_size(fallback=(0, 0)).columns or sys.maxsize
        for entity, found in self.findings.items():
            readable = [each for each in found if not each.error]
            heading = f"Legal entity {entity}" if entity else "No legal entity set"
            numbers = f"{len(readable)} of {amount(len(found), 'table')}"
            yield from textwrap.wrap(f"{heading}: {numbers} can be read.", width)
            yield ""
            if readable:
                yield from _table([_HEAD, *(each.cells for each in found)], width)
                yield ""
            for note in (*_errors(entity, found), _load(readable)):
                yield from textwrap.wrap(note, width, break_long_words=False)
            yield ""
        yield from textwrap.wrap(self._legend, width)

    @property
    def _legend(self) -> str:
        all_found = list(chain.from_iterable(self.findings.values()))
        unavailable = "; ".join(f"{name}: {error}" for name, _, error in self._tap.unavailable)
        flight = self._tap.config["max_parallel_requests"]
        signs = {
            f"Not found, or not readable: {unavailable}": bool(unavailable),
            "The time is that of the requests at the pace of these answers, "
            f"{flight} in flight; full pages take longer than a row. Pages that several tables "
            "share count once.": self.readable,
            "*: not read by default.": not all(each.stream.selected for each in all_found),
            "~: guessed from one record.": any(each.guessed for each in all_found),
            "?: Younium does not tell.": any(isnan(each.requests) for each in all_found),
            "untold: the record that came has no parts to ask for.": any(
                each.untold for each in all_found
            ),
        }
        return " ".join(words for words, holds in signs.items() if holds)


def _errors(entity: str | None, found: Sequence[Finding]) -> Iterator[str]:
    """Yield why tables can't be read: those of one cause together; if none can be, the first."""
    causes: dict[str, list[Finding]] = {}
    for each in found:
        if each.error:
            causes.setdefault(str(each.error), []).append(each)
    nothing = all(each.error for each in found)
    for cause, tables in causes.items():
        names = "All" if nothing else ", ".join(each.stream.name for each in tables)
        remark = ""
        if isinstance(tables[0].error, ForbiddenError):
            permission = tables[0].stream.permission
            remark = why(entity, None) if nothing else f"Most likely {lacking(permission)}"
        yield f"{names}: {cause} {remark}".rstrip()
        if nothing:
            return


def _load(readable: Sequence[Finding]) -> str:
    """Say what a first load costs."""
    costs = []
    for selected in (True, False):
        chosen = [each for each in readable if each.stream.selected is selected]
        known = [each for each in chosen if not isnan(each.requests)]
        requests = round(sum(each.requests for each in known))
        seconds = duration(sum(each.seconds for each in known))
        costs.append(f"{amount(requests, 'request')}, {seconds}" if chosen else "")
    more = f" The tables marked * take {costs[1]} more." if costs[1] else ""
    return f"A first load takes {costs[0]}.{more}" if costs[0] else more.strip()


def _table(lines: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yield lines of cells as a table; names stand above their figures where it is too wide."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    narrow = sum(widths) + 2 * len(widths) > width
    for name, readable, *figures in lines:
        row = [readable.ljust(widths[1]), *map(str.rjust, figures, widths[2:])]
        if narrow:
            yield name
        yield "  ".join(["" if narrow else name.ljust(widths[0]), *row]).rstrip()


def _number(number: float) -> str:
    return "?" if isnan(number) else f"{number:,.0f}"
