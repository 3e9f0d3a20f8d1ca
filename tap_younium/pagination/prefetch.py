"""Fetches the first pages of the next queries while the current one is written."""

from __future__ import annotations

from collections import deque
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
        self._kept: dict[Query, Future[Page]] = {}

    def schedule(self, queries: Iterable[Query]) -> None:
        """Announce queries in the order of their reads."""
        self._upcoming.extend(dict.fromkeys(queries))
        self._fetch_ahead(self._pool.size)

    def get(self, query: Query) -> Page:
        """Return the first page of a query, and keep it for `pop`."""
        if query not in self._kept:
            future = self._futures.pop(query, None)
            self._kept[query] = future or self._submit(query)
        return self._kept[query].result()

    def pop(self, query: Query) -> Page:
        """Return the first page of a query, and start to fetch those of the next ones."""
        future = self._kept.pop(query, None) or self._futures.pop(query, None)
        if query in self._upcoming:
            while self._upcoming.popleft() != query:
                pass
        future = future or self._submit(query)
        self._fetch_ahead(self._pool.size - 1)
        return future.result()

    def _fetch_ahead(self, number: int) -> None:
        while self._upcoming and len(self._futures) < number:
            query = self._upcoming.popleft()
            if query not in self._futures and query not in self._kept:
                self._futures[query] = self._submit(query)

    def _submit(self, query: Query) -> Future[Page]:
        return self._pool.submit(partial(self._fetch, query, query.first_page))
