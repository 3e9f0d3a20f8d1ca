"""Fetches the first pages of the next queries while the current one is written."""

from __future__ import annotations

from collections import Counter, deque
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

    from tap_younium.api.page import Page
    from tap_younium.api.pool import RequestPool
    from tap_younium.api.query import Query


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
