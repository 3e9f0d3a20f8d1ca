"""Sends requests before their responses are needed: threads, and the first pages of queries."""

from __future__ import annotations

import threading
from collections import Counter, deque
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tap_younium.api.page import Page
    from tap_younium.api.query import Query

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


class FirstPages:
    """Fetches the first pages of the next queries while the current one is written.

    Args:
        pool: Sends the requests.
        fetch: Fetches one page of a query.
    """

    def __init__(self, pool: RequestPool, fetch: Callable[[Query, int], Page]) -> None:
        self._pool = pool
        self._fetch = fetch
        self._upcoming: deque[Query] = deque()
        self._futures: dict[Query, Future[Page]] = {}
        self._remaining_reads: Counter[Query] = Counter()

    def schedule(self, queries: Iterable[Query]) -> None:
        """Announce queries in the order of their reads, each once for every read."""
        for query in queries:
            if query not in self._remaining_reads:
                self._upcoming.append(query)
            self._remaining_reads[query] += 1
        self._fetch_ahead(self._pool.size)

    def begin_read(self, query: Query) -> bool:
        """Note that a read begins; return whether others of the same query follow."""
        self._remaining_reads[query] -= 1
        return self._remaining_reads[query] > 0

    def get(self, query: Query) -> Page:
        """Return the first page of a query, and keep it for `pop`."""
        if query not in self._futures:
            self._futures[query] = self._submit(query)
        return self._futures[query].result()

    def pop(self, query: Query) -> Page:
        """Return the first page of a query, and start to fetch those of the next ones."""
        future = self._futures.pop(query, None)
        if query in self._upcoming:
            while self._upcoming.popleft() != query:
                pass
        future = future or self._submit(query)
        self._fetch_ahead(self._pool.size - 1)
        return future.result()

    def _fetch_ahead(self, number: int) -> None:
        while self._upcoming and len(self._futures) < number:
            query = self._upcoming.popleft()
            if query not in self._futures:
                self._futures[query] = self._submit(query)

    def _submit(self, query: Query) -> Future[Page]:
        return self._pool.submit(partial(self._fetch, query, query.first_page))
