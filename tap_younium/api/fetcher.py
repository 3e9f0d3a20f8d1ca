"""Fetches one page: builds the request, sends it, and interprets the response."""

from __future__ import annotations

import logging
import re
import time
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, Any

from singer_sdk.streams.rest import HTTPRequest

from tap_younium.api.page import Page, parse_page
from tap_younium.exceptions import (
    ConfigurationError,
    ForbiddenError,
    RetriableError,
    RetriesExhaustedError,
    YouniumError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_younium.api.query import Authenticator, PreparedPage, Query
    from tap_younium.api.response import Response
    from tap_younium.api.session import Session
    from tap_younium.api.statistics import RequestStatistics
    from tap_younium.api.throttle import Throttle

HEADERS = {"Accept": "application/json", "Content-Type": "application/json", "api-version": "2.1"}
EXPORT_PAGE_SIZE = 5000
"""The maximum page size of API v3."""
_MENTIONS_SORT = re.compile(r"order.?by|sort", re.IGNORECASE).search
_NOTHING_FOUND = re.compile(r"No .+ could be found\.?", re.IGNORECASE).fullmatch

_log = logging.getLogger(__name__)


class Fetcher:
    """Fetches pages, one request each, from any thread.

    Args:
        host: The API's URL.
        session: The run's session.
        authenticator: Returns the authenticator for a legal entity.
        throttle: Limits concurrent requests.
        page_size: The number of records per page.
        statistics: Counts the requests.
    """

    def __init__(
        self,
        host: str,
        session: Session,
        authenticator: Callable[[str | None], Authenticator],
        throttle: Throttle,
        page_size: int,
        statistics: RequestStatistics,
    ) -> None:
        self.host = host
        self.session = session
        self.authenticator = authenticator
        self._throttle = throttle
        self._page_size = page_size
        self._statistics = statistics
        self._failing_endpoints: set[str] = set()
        self._unsorted_endpoints: set[str] = set()
        self._row_limits: dict[str, int] = {}

    def prepare(self, query: Query, number: int) -> PreparedPage:
        """Return what is needed to request a page of a query that belongs to no stream."""
        request = self.build_request(query, number, self.host)
        return self.session, request, self.authenticator(query.legal_entity)

    def build_request(self, query: Query, number: int, url_base: str) -> HTTPRequest:
        """Return the request for one page of a query.

        `nextPage` is not followed: it may name another host, and whether it keeps the parameters
        is unknown.
        """
        size = self.page_size(query)
        params: dict[str, Any] = {}
        if query.dialect == "export":
            params = {"pageNumber": number, "pageSize": size}
        elif query.dialect == "insights":
            params = {"$top": size, "$skip": (number - 1) * size, "$count": "true"}
        elif query.paged:
            params = {"PageNumber": number, "PageSize": size}
            is_sorted = query.order_by and query.endpoint not in self._unsorted_endpoints
            if is_sorted and query.dialect == "report":
                params |= {"SortByField": query.order_by, "SortDirection": "asc"}
            elif query.newest_first:
                params["OrderBy"] = f"created desc, {query.order_by} asc"
            elif is_sorted:
                params["OrderBy"] = f"{query.order_by} asc"
        if query.modified_after:
            params["ModifiedAfter"] = query.modified_after
        url = url_base + query.path
        return HTTPRequest(url, params=params, headers=dict(HEADERS), safe_query_chars="$")

    def page_size(self, query: Query) -> int:
        """Return how many records to ask for in a page."""
        if query.page_size:
            return query.page_size
        if query.dialect == "export":
            return EXPORT_PAGE_SIZE
        return self._row_limits.get(query.path, self._page_size)

    def fetch(self, query: Query, number: int) -> Page:
        """Return one page of a query.

        After a request exhausted its retries, others to the same endpoint are sent once, until one
        succeeds: streams, legal entities and parents do not repeat the same retries.

        Raises:
            ForbiddenError: If Younium responds with 403.
            YouniumError: If Younium refuses for another reason.
            RetriesExhaustedError: If no try succeeded.
        """
        endpoint = query.endpoint
        description = f"GET {query.path}, page {number}"
        if query.legal_entity is not None:
            description += f", legal entity {query.legal_entity!r}"

        def send() -> Page:
            with self._throttle.slot():
                response = self._send(query, number, description)
            page = self._interpret(response, query, number, description)
            self._throttle.succeeded()
            return page

        def on_failure(error: RetriableError, wait: float) -> None:
            self._statistics.add(endpoint, query.legal_entity, retries=1)
            if error.unavailable:
                self._throttle.pause(wait)

        max_tries = 1 if endpoint in self._failing_endpoints else None
        try:
            page = self.session.retries.call(send, on_failure, max_tries)
        except RetriesExhaustedError:
            self._failing_endpoints.add(endpoint)
            raise
        self._failing_endpoints.discard(endpoint)
        return page

    def _send(self, query: Query, number: int, description: str) -> Response:
        """Send a request; once more with a new token if Younium refuses the first one."""
        for _ in range(2):
            prepare = query.prepare or self.prepare
            session, request, authenticator = prepare(query, number)
            self._statistics.add(query.endpoint, query.legal_entity, requests=1)
            began = time.monotonic_ns()
            response = session.fetch(
                request.method,
                request.url,
                description,
                params=request.encode_params(),
                headers=request.headers,
                auth=authenticator,
            )
            self._statistics.add(
                query.endpoint,
                query.legal_entity,
                responses=1,
                bytes=len(response.body),
                nanoseconds=time.monotonic_ns() - began,
            )
            if response.status != HTTPStatus.UNAUTHORIZED:
                return response
            authenticator.invalidate(response.request)
        raise ConfigurationError(
            f"{description}: 401 twice in a row ({self.session.error_text(response)}). Younium "
            "issues tokens but does not accept them. Check environment or api_url, and "
            "auth_version."
        )

    def _interpret(self, response: Response, query: Query, number: int, description: str) -> Page:
        """Return the page that a response stands for."""
        status = response.status
        if status == HTTPStatus.OK:
            size = self.page_size(query)
            try:
                page = parse_page(response.body, query, number, size, response.requested_at)
            except RetriableError as error:
                raise RetriableError(f"{description}: {error}.") from error
            return self._apply_row_limit(query, page)
        messages = response.error_messages
        if (
            status == HTTPStatus.NO_CONTENT
            or (status == HTTPStatus.NOT_FOUND and query.path_template and not response.is_html)
            or (status == HTTPStatus.BAD_REQUEST and _means_no_records(messages, number))
        ):
            return Page(number, [], response.requested_at)
        text = self.session.error_text(response)
        url = response.request.url or ""
        was_sorted = not query.newest_first and ("OrderBy=" in url or "SortByField=" in url)
        if status == HTTPStatus.BAD_REQUEST and was_sorted and any(map(_MENTIONS_SORT, messages)):
            return self._fetch_unsorted(query, number, text)
        if status == HTTPStatus.FORBIDDEN:
            raise ForbiddenError(f"{description}: 403 ({text}).")
        raise YouniumError(
            f"{description}: {status} ({text}). A retry does not help. Check environment or "
            "api_url; if they are right, report this line with the tap's version."
        )

    def _apply_row_limit(self, query: Query, page: Page) -> Page:
        """Note how many rows Insights returns at most: `$skip` counts rows, not pages."""
        received, size = len(page.records), self.page_size(query)
        if query.dialect != "insights" or page.number > 1 or not 0 < received < size:
            return page
        if page.total_count is not None and received < page.total_count:
            self._row_limits[query.path] = received
            page.total_pages = ceil(page.total_count / received)
        elif page.total_count is None and page.may_have_next:
            self._row_limits[query.path] = received
        return page

    def _fetch_unsorted(self, query: Query, number: int, text: str) -> Page:
        """Fetch a page without the sort that Younium refused."""
        endpoint = query.endpoint
        if endpoint not in self._unsorted_endpoints:
            self._unsorted_endpoints.add(endpoint)
            _log.warning(
                "%s: Younium does not sort by %s (%s). Pages are read unsorted, and checked for "
                "records that moved.",
                endpoint,
                query.order_by,
                text,
            )
        return self.fetch(query, number)


def _means_no_records(messages: list[str], number: int) -> bool:
    """Return whether a 400 means an empty collection, or a page after the last."""
    after_last = number > 1 and all(text.startswith("PageNumber:") for text in messages)
    return bool(messages) and (after_last or all(map(_NOTHING_FOUND, messages)))
