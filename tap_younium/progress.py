"""Progress of a run: a log line every few seconds, and a summary of each stream at its end."""

from __future__ import annotations

import logging
import time
from collections import Counter
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from singer_sdk import metrics

from tap_younium.api.statistics import RequestStatistics
from tap_younium.exceptions import label
from tap_younium.records.columns import LEGAL_ENTITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk.helpers.types import Context

    from tap_younium.api.page import Page

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

INTERVAL = 9.0
"""Seconds between two lines, so that even on a busy machine no more than ten pass."""


class Progress:
    """The progress of a run.

    Attributes:
        statistics: What the requests cost.
        current: The counter of the stream that is being read.
    """

    def __init__(self) -> None:
        self.statistics = RequestStatistics()
        self.current: StreamCounter | None = None
        self._began = time.monotonic()
        self._total: Counter[str] = Counter()

    @contextmanager
    def logged(self) -> Iterator[None]:
        """Log a line at each interval, whatever the run is waiting for."""
        stop = Event()
        thread = Thread(target=self._log_until, args=[stop], name="younium", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _log_until(self, stop: Event) -> None:
        while not stop.wait(INTERVAL):
            if counter := self.current:
                counter.log_progress()
            else:
                spent = self.statistics.total()
                seconds = time.monotonic() - self._began
                _log.info("Starting: %s, %s.", _spent(spent), duration(seconds))

    def counter(self, sdk_counter: metrics.Counter, paths: Iterable[str]) -> StreamCounter:
        """Return a counter of rows that replaces the SDK's, for a stream that reads these paths."""
        return StreamCounter(sdk_counter, self, paths)

    def entity_ended(self, counter: StreamCounter, rows: int, seconds: float) -> None:
        """Log what a stream cost in a legal entity.

        Pages that several streams share count for the first of them.
        """
        self.current = None
        entity = counter.legal_entity
        spent = self.statistics.total(counter.paths, [entity], reset=True)
        spent["rows"] = rows
        self._total += spent
        what = f"{counter.label} (incomplete)" if counter.failed else counter.label
        self._log_summary(what, spent, seconds, stream_name=counter.name, legal_entity=entity)

    def run_ended(self) -> None:
        """Log what the run cost."""
        seconds = time.monotonic() - self._began
        self._log_summary("Total", self._total + self.statistics.total(reset=True), seconds)

    def _log_summary(
        self, what: str, spent: Counter[str], seconds: float, **tags: str | None
    ) -> None:
        figures = {name: spent[name] for name in ("rows", "requests", "retries", "bytes")}
        _log.info(
            "%s: %s, %s, %s, %.1f MB.",
            what,
            amount(spent["rows"], "row"),
            _spent(spent),
            duration(seconds),
            spent["bytes"] / 1e6,
            extra={**tags, **figures, "seconds": round(seconds, 3)},
        )


class _AtDebug(logging.LoggerAdapter[logging.Logger]):
    """Logs the SDK's metrics at DEBUG: their figures are in the tap's own lines."""

    def info(self, *args: Any, **options: Any) -> None:
        self.debug(*args, **options)


_MeterT = TypeVar("_MeterT", bound=metrics.Meter)


def quiet(meter: _MeterT) -> _MeterT:
    """Return a meter of the SDK that logs at DEBUG."""
    meter.logger = _AtDebug(meter.logger)  # type: ignore[assignment]
    return meter


class StreamCounter(metrics.Counter):
    """The SDK's counter of a stream's rows, extended by the pages that have been read.

    Args:
        counter: The SDK's counter, which it replaces.
        progress: The run's progress.
        paths: The paths that the stream reads.

    Attributes:
        failed: Whether the stream failed in the current legal entity.
    """

    def __init__(self, counter: metrics.Counter, progress: Progress, paths: Iterable[str]) -> None:
        super().__init__(counter.metric, counter.tags, counter.log_interval)
        quiet(self)
        self.name = str(self.tags[metrics.Tag.STREAM])
        self.paths = frozenset(paths)
        self._progress = progress
        self._logged = 0
        self._begin()

    @property
    def legal_entity(self) -> str | None:
        """The current legal entity."""
        return (self.context or {}).get(LEGAL_ENTITY)

    @property
    def label(self) -> str:
        """The stream and the legal entity, for log lines."""
        return label(self.name, self.legal_entity)

    @property
    def rows(self) -> int:
        """How many rows there were, in all legal entities."""
        return self._logged + self.value

    def _pop(self) -> None:
        """Keep the total: the SDK resets its counter after each of its log lines.

        Private in the SDK, whose only public hook is called for every row.
        """
        counted = self.rows
        super()._pop()
        self._logged = counted

    def exit(self) -> None:
        """End a legal entity in which an error or a signal ended the run."""
        if self._is_open:
            self.failed = True
            self.end_entity()

    def with_context(self, value: Context | None) -> None:
        """Begin the next legal entity."""
        super().with_context(value)
        self._begin()
        self._is_open = True

    def end_entity(self) -> None:
        """Log what the stream cost in the current legal entity."""
        self._is_open = False
        self._pop()
        seconds = time.monotonic() - self._entered
        self._progress.entity_ended(self, self.rows - self._rows_at_entry, seconds)

    def _begin(self) -> None:
        self.failed = self._is_open = False
        self._entered, self._rows_at_entry = time.monotonic(), self.rows
        self._start(self._entered)

    def _start(self, moment: float) -> None:
        self._began = self._last_done = moment
        self._rows_before = self.rows
        self._page = 0
        self._pages: int | None = None
        self._pages_before = self._pages_done = 0.0

    @contextmanager
    def page(self, page: Page) -> Iterator[None]:
        """Follow the work on a page."""
        if page.number <= self._page:  # another pass, or another path
            self._start(self._last_done)
        if not self._page:  # the first page is not page 1 if the run resumes
            self._pages_before = page.number - 1
        self._page, self._pages = page.number, page.total_pages
        self._pages_done = page.number - 1
        self._progress.current = self
        yield
        self._pages_done, self._last_done = page.number, time.monotonic()

    def follow_parts(self, number: int, parts: Iterable[_T]) -> Iterator[_T]:
        """Yield the parts of the work on one page, of which there are `number`."""
        for done, part in enumerate(parts):
            self._pages_done = self._page - 1 + done / number
            yield part

    def log_progress(self) -> None:
        """Log how far the stream has been read."""
        seconds = max(time.monotonic() - self._began, 1e-3)
        rows = self.rows - self._rows_at_entry
        spent = self._progress.statistics.total(self.paths, [self.legal_entity])
        rate = round((self.rows - self._rows_before) / seconds)
        parts = [f"page {self._page}" if self._page else "no page yet"]
        figures: dict[str, Any] = {"page": self._page, "pages": self._pages, "rows": rows}
        if self._page and self._pages:
            parts[0] += f" of {self._pages:,}"
        parts += [amount(rows, "row"), f"{rate:,} rows/s", _spent(spent)]
        done = self._pages_done - self._pages_before
        left = (self._pages or 0) - self._pages_done
        if done > 0 and left > 0:
            figures["seconds_left"] = round(seconds / done * left)
            parts.append(f"{duration(seconds / done * left)} left")
        figures |= {
            "rows_per_second": rate,
            "legal_entity": self.legal_entity,
            "stream_name": self.name,
        }
        figures |= {name: spent[name] for name in ("requests", "retries")}
        _log.info("%s: %s.", self.label, ", ".join(parts), extra=figures)


def amount(number: int, what: str) -> str:
    """Return a number with its noun: `1 row`, `2,000 retries`."""
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what if number == 1 else many}"


def duration(seconds: float) -> str:
    """Return a duration as text: `0.2 s`, `90 s`, `15 min`, `3.5 h`."""
    if seconds < 10:  # noqa: PLR2004 - tenths matter below ten seconds
        return f"{seconds:.1f} s"
    if seconds < 2 * 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:,.1f} h"


def _spent(spent: Counter[str]) -> str:
    return f"{amount(spent['requests'], 'request')}, {amount(spent['retries'], 'retry')}"
