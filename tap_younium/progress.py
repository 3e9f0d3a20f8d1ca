"""How far a run is: a line in the log every few seconds, and what each table cost at its end."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Self, TypeVar

from singer_sdk import metrics

from tap_younium.rows import ENTITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from singer_sdk.helpers.types import Context

    from tap_younium.listing import Page

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

INTERVAL = 9.0
"""Seconds between two lines: on a busy machine, too, no more than ten pass."""


class Costs:
    """What the requests for each path cost, logins aside; noted by any thread.

    Amounts are `requests`, failed ones too; `retries`, those of them that were sent because one
    before had failed; `answers`; the `bytes` of these, decompressed; the `nanoseconds` to them.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, path: str, **amounts: int) -> None:
        """Note what was spent on a path."""
        with self._lock:
            self._of[path].update(amounts)

    def of(self, paths: Iterable[str] | None = None, *, anew: bool = False) -> Counter[str]:
        """Return what was spent on some paths, or on all.

        Args:
            paths: The paths; None for all.
            anew: Whether to forget it then.
        """
        with self._lock:
            chosen = list(self._of) if paths is None else paths
            found = sum((self._of[path] for path in chosen), Counter[str]())
            if anew:
                for path in chosen:
                    del self._of[path]
            return found


class Progress:
    """What a run tells of itself while it goes on.

    Attributes:
        costs: What the requests cost.
        table: The table that is being read.
    """

    def __init__(self) -> None:
        self.costs = Costs()
        self.table: Table | None = None
        self._began = time.monotonic()
        self._total: Counter[str] = Counter()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Log a line at each interval, whatever the run waits for meanwhile."""
        over = Event()
        thread = Thread(target=self._tell_until, args=[over], name="younium", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _tell_until(self, over: Event) -> None:
        while not over.wait(INTERVAL):
            if table := self.table:
                table.tell()
            else:
                spent = self.costs.of()
                seconds = time.monotonic() - self._began
                _log.info("Getting ready: %s, %s.", _spent(spent), duration(seconds))

    def counter(self, of_sdk: metrics.Counter, paths: Iterable[str]) -> Table:
        """Return a counter of rows in place of the SDK's, for a table that asks for these paths."""
        return Table(of_sdk, self, paths)

    def ended(self, table: Table, *, seconds: float, failed: bool) -> None:
        """Log what a table cost. Pages that several tables share count for the first of them."""
        self.table = None
        spent = self.costs.of(table.paths, anew=True)
        spent["rows"] = table.rows
        self._total += spent
        what = f"{table.name} broke off" if failed else table.name
        self._sum_up(what, spent, seconds, stream_name=table.name)

    def end(self) -> None:
        """Log what the run cost."""
        seconds = time.monotonic() - self._began
        self._sum_up("In all", self._total + self.costs.of(anew=True), seconds)

    def _sum_up(self, what: str, spent: Counter[str], seconds: float, **tags: str) -> None:
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


class Table(metrics.Counter):
    """A table's counter of rows, as the SDK has it, which knows how far the table has been read.

    Args:
        counter: The SDK's own, whose place it takes.
        progress: The run's.
        paths: The paths that the table asks for.

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
        self._begin(time.monotonic())

    @property
    def rows(self) -> int:
        """How many rows there were."""
        return self._logged + self.value

    def _pop(self) -> None:
        """Keep what is counted: the SDK counts anew after each of its lines.

        Private in the SDK, which has no public place for it but one that is called for every row.
        """
        counted = self.rows
        super()._pop()
        self._logged = counted

    def __enter__(self) -> Self:
        self._entered = time.monotonic()
        self._progress.table = self
        return super().__enter__()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        super().__exit__(exc_type, exc_val, exc_tb)
        seconds = time.monotonic() - self._entered
        self._progress.ended(self, seconds=seconds, failed=self.failed or exc_type is not None)

    def with_context(self, value: Context | None) -> None:
        """Go on to the next legal entity."""
        super().with_context(value)
        self._begin(time.monotonic())

    def _begin(self, moment: float) -> None:
        self._began = self._rested = moment
        self._rows_before = self.rows
        self._page = 0
        self._pages: int | None = None
        self._before = self._done = 0.0

    def through(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Yield pages, each of which is done when the next one is asked for."""
        for page in pages:
            if page.number <= self._page:  # another pass, or another path
                self._begin(self._rested)
            if not self._page:  # which is not 1 where an earlier run is gone on with
                self._before = page.number - 1
            self._page, self._pages, self._done = page.number, page.pages, page.number - 1
            yield page
            self._done, self._rested = page.number, time.monotonic()

    def each(self, number: int, parts: Iterable[_T]) -> Iterator[_T]:
        """Yield the parts that a page's work is made of, so many."""
        for done, part in enumerate(parts):
            self._done = self._page - 1 + done / number
            yield part

    def tell(self) -> None:
        """Log how far it is."""
        seconds = max(time.monotonic() - self._began, 1e-3)
        rows, spent = self.rows, self._progress.costs.of(self.paths)
        rate = round((rows - self._rows_before) / seconds)
        words = [f"page {self._page}" if self._page else "no page yet"]
        figures: dict[str, Any] = {"page": self._page, "pages": self._pages, "rows": rows}
        if self._page and self._pages:
            words[0] += f" of {self._pages:,}"
        words += [amount(rows, "row"), f"{rate:,} rows/s", _spent(spent)]
        done = self._done - self._before
        left = (self._pages or 0) - self._done
        if done > 0 and left > 0:
            figures["seconds_left"] = round(seconds / done * left)
            words.append(f"{duration(seconds / done * left)} left")
        entity = (self.context or {}).get(ENTITY)
        figures |= {"rows_per_second": rate, "legal_entity": entity, "stream_name": self.name}
        figures |= {name: spent[name] for name in ("requests", "retries")}
        whose = f"{self.name} of {entity}" if entity else self.name
        _log.info("%s: %s.", whose, ", ".join(words), extra=figures)


def amount(number: int, what: str) -> str:
    """Return a number of things in words: `1 row`, `2,000 retries`."""
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what if number == 1 else many}"


def duration(seconds: float) -> str:
    """Return a time in words: `0.2 s`, `90 s`, `15 min`, `3.5 h`."""
    if seconds < 10:  # noqa: PLR2004 - from here on, whole seconds tell enough
        return f"{seconds:.1f} s"
    if seconds < 2 * 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:,.1f} h"


def _spent(spent: Counter[str]) -> str:
    return f"{amount(spent['requests'], 'request')}, {amount(spent['retries'], 'retry')}"
