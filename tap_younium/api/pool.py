"""Threads that send requests ahead of their use."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_T = TypeVar("_T")


class RequestPool:
    """Threads that send requests, as many as may be active at the same time.

    They are daemons: a run that ends, by an error or a signal, does not wait for responses.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._tasks: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, task: Callable[[], _T]) -> Future[_T]:
        """Have a thread call `task`; tasks start in the order in which they are submitted."""
        future: Future[_T] = Future()
        self._tasks.put((future, task))
        if len(self._threads) < self.size:
            thread = threading.Thread(target=self._work, name="younium", daemon=True)
            thread.start()
            self._threads.append(thread)
        return future

    def map_in_order(self, tasks: Iterable[Callable[[], _T]]) -> Iterator[_T]:
        """Yield the results of tasks in order; at most `size` tasks are ahead of the reader."""
        ahead: deque[Future[_T]] = deque()
        try:
            for task in tasks:
                ahead.append(self.submit(task))
                if len(ahead) > self.size:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()

    def close(self) -> None:
        """Let the threads end after their current tasks."""
        for _ in self._threads:
            self._tasks.put(None)
        self._threads.clear()

    def _work(self) -> None:
        while entry := self._tasks.get():
            future, task = entry
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(task())
            except BaseException as error:  # noqa: BLE001 - raised where the result is read
                future.set_exception(error)
            del future, task, entry
