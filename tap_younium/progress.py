"""Progress of a run: a log line every few seconds, and a summary of each stream at its end."""

from __future__ import annotations

import logging
import time
from collections import Counter
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Self, TypeVar

from singer_sdk import metrics

from tap_younium.api.statistics import RequestStatistics
from tap_younium.records.columns import LEGAL_ENTITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

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

    def stream_ended(self, counter: StreamCounter, *, seconds: float, failed: bool) -> None:
        """Log what a stream cost. Pages that several streams share count for the first of them."""
        self.current = None
        spent = self.statistics.total(counter.paths, reset=True)
        spent["rows"] = counter.rows
        self._total += spent
        what = f"{counter.name} (incomplete)" if failed else counter.name
        self._log_summary(what, spent, seconds, stream_name=counter.name)

    def run_ended(self) -> None:
        """Log what the run cost."""
        seconds = time.monotonic() - self._began
        self._log_summary("Total", self._total + self.statistics.total(reset=True), seconds)

    def _log_summary(self, what: str, spent: Counter[str], seconds: float, **tags: str) -> None:
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


class StreamCounter(metrics.Counter):
    """The SDK's counter of a stream's rows, extended by the pages that have been read.

    Args:
        counter: The SDK's counter, which it replaces.
        progress: The run's progress.
        paths: The paths that the stream reads.

    Attributes:
        failed: Whether the stream failed.
    """

    def __init__(self, counter: metrics.Counter, progress: Progress, paths: Iterable[str]) -> None:
        super().__init__(counter.metric, counter.tags, counter.log_interval)
        self.name = str(self.tags[metrics.Tag.STREAM])
        self.paths = frozenset(paths)
        self.failed = False
        self._progress = progress
        self._logged = 0
        self._start(time.monotonic())

    @property
    def rows(self) -> int:
        """How many rows there were."""
        return self._logged + self.value

    def _pop(self) -> None:
        """Keep the total: the SDK resets its counter after each of its log lines.

        Private in the SDK, whose only public hook is called for every row.
        """
        counted = self.rows
        super()._pop()
        self._logged = counted

    def __enter__(self) -> Self:
        self._entered = time.monotonic()
        self._progress.current = self
        return super().__enter__()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        super().__exit__(exc_type, exc_val, exc_tb)
        seconds = time.monotonic() - self._entered
        self._progress.stream_ended(
            self, seconds=seconds, failed=self.failed or exc_type is not None
        )

    def with_context(self, value: Context | None) -> None:
        """Continue with the next legal entity."""
        super().with_context(value)
        self._start(time.monotonic())

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
        rows, spent = self.rows, self._progress.statistics.total(self.paths)
        rate = round((rows - self._rows_before) / seconds)
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
        entity = (self.context or {}).get(LEGAL_ENTITY)
        figures |= {"rows_per_second": rate, "legal_entity": entity, "stream_name": self.name}
        figures |= {name: spent[name] for name in ("requests", "retries")}
        label = f"{self.name} of {entity}" if entity else self.name
        _log.info("%s: %s.", label, ", ".join(parts), extra=figures)


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
