"""Requests in parallel: how many at once, when all pause and give up, their answers in order."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from contextlib import contextmanager
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_T = TypeVar("_T")


class Throttle:
    """Lets a number of requests through at once: fewer after a 429, then slowly more again.

    Args:
        limit: How many requests may be in flight.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._allowed = float(limit)
        self._flying = 0
        self._resume_at = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one of the places, once one is free and no pause is on."""
        with self._changed:
            while True:
                pause = self._resume_at - monotonic()
                if pause <= 0 and self._flying < max(1, int(self._allowed)):
                    break
                self._changed.wait(pause if pause > 0 else None)
            self._flying += 1
            self._changed.notify_all()  # the pause is over for all who wait for its end
        try:
            yield
        finally:
            with self._changed:
                self._flying -= 1
                self._changed.notify_all()

    def succeeded(self) -> None:
        """Grow back by one place for about every `limit` answers."""
        with self._changed:
            self._allowed = min(self.limit, self._allowed + 1 / self.limit)

    def hold_back(self, seconds: float) -> None:
        """Pause all requests, and halve how many may be in flight."""
        with self._changed:
            resume_at = monotonic() + seconds
            if self._resume_at < monotonic():  # one halving for one burst of refusals
                self._allowed = max(1.0, self._allowed / 2)
            self._resume_at = max(self._resume_at, resume_at)


class Outage:
    """How long the host has been unavailable, as all requests of the run see it.

    Args:
        limit: Seconds until requests are no longer retried.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._began: float | None = None
        self._failed = 0.0
        self._lock = threading.Lock()

    def failed(self) -> float:
        """Note a request that failed; return when the outage began, by `time.monotonic`.

        That is the first failure since the last good answer. A failure before a long time without
        requests, as when the target is slow, says nothing about this one.
        """
        with self._lock:
            now = monotonic()
            if self._began is None or now - self._failed > self.limit:
                self._began = now
            self._failed = now
            return self._began

    def over(self) -> None:
        """Note a good answer."""
        with self._lock:
            self._began = None

    def left(self, began: float) -> float:
        """Return the seconds for retries that are left of an outage; 0 or less if none are."""
        return began + self.limit - monotonic()


class Workers:
    """Threads that send requests, as many as may be in flight.

    They are daemons: a run that ends, by an error or a signal, does not wait for answers under way.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._tasks: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, ask: Callable[[], _T]) -> Future[_T]:
        """Have a thread call `ask`; tasks begin in the order in which they come."""
        future: Future[_T] = Future()
        self._tasks.put((future, ask))
        if len(self._threads) < self.number:
            thread = threading.Thread(target=self._work, name="younium", daemon=True)
            thread.start()
            self._threads.append(thread)
        return future

    def in_order(self, asks: Iterable[Callable[[], _T]]) -> Iterator[_T]:
        """Yield what each task gives, in order; no more than `number` are ahead of the reader."""
        ahead: deque[Future[_T]] = deque()
        try:
            for ask in asks:
                ahead.append(self.submit(ask))
                if len(ahead) > self.number:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()

    def close(self) -> None:
        """Let the threads end once they have nothing more to do."""
        for _ in self._threads:
            self._tasks.put(None)
        self._threads.clear()

    def _work(self) -> None:
        while task := self._tasks.get():
            future, ask = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(ask())
            except BaseException as error:  # noqa: BLE001 - it surfaces where the answer is read
                future.set_exception(error)
            del future, task, ask
