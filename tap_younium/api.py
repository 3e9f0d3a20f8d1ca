"""Younium's API: one request for one page, from any thread, and what the answers mean."""

from __future__ import annotations

import logging
import re
import time
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from singer_sdk.streams.rest import HTTPRequest

from tap_younium.errors import (
    ConfigurationError,
    ForbiddenError,
    GaveUpError,
    PassingError,
    YouniumError,
)
from tap_younium.http import messages
from tap_younium.listing import Page, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

    from tap_younium.http import Answer, Session
    from tap_younium.listing import Listing
    from tap_younium.progress import Costs
    from tap_younium.workers import Throttle

HEADERS = {"Accept": "application/json", "Content-Type": "application/json", "api-version": "2.1"}
EXPORT_PAGE_SIZE = 5000
"""API v3 gives up to so many records a page."""
SORT = re.compile(r"order.?by|sort", re.IGNORECASE)
NOTHING_FOUND = re.compile(r"No .+ could be found\.?", re.IGNORECASE)

_log = logging.getLogger(__name__)


class Authenticator(Protocol):
    """Authenticates requests for one legal entity, as `requests` has it."""

    def __call__(self, request: PreparedRequest, /) -> PreparedRequest:
        """Return the request with what authenticates it."""

    def drop(self, request: PreparedRequest) -> None:
        """Forget what authenticated a request that was refused: the next one gets another."""


Prepared: TypeAlias = "tuple[Session, HTTPRequest, Authenticator]"
"""What sends one request."""


class Client:
    """Asks for pages, one request each, from any thread.

    Args:
        host: The API's address.
        session: The run's session.
        authenticator: Gives the authenticator for a legal entity.
        throttle: How many requests may be in flight.
        page_size: Records a page.
        costs: Told of what is spent.
    """

    def __init__(
        self,
        host: str,
        session: Session,
        authenticator: Callable[[str | None], Authenticator],
        throttle: Throttle,
        page_size: int,
        costs: Costs,
    ) -> None:
        self.host = host
        self.session = session
        self.authenticator = authenticator
        self._throttle = throttle
        self._page_size = page_size
        self._costs = costs
        self._given_up: set[str] = set()
        self._unsorted: set[str] = set()
        self._capped: dict[str, int] = {}

    def prepare(self, listing: Listing, number: int) -> Prepared:
        """Return how a page is asked for that no stream asks for."""
        request = self.request(listing, number, self.host)
        return self.session, request, self.authenticator(listing.legal_entity)

    def request(self, listing: Listing, number: int, url_base: str) -> HTTPRequest:
        """Return the request for one page of a listing.

        `nextPage` is not followed: it may name another host, and whether it keeps the parameters
        is unknown.
        """
        size = self.size(listing)
        params: dict[str, Any] = {}
        if listing.dialect == "export":
            params = {"pageNumber": number, "pageSize": size}
        elif listing.dialect == "insights":
            params = {"$top": size, "$skip": (number - 1) * size, "$count": "true"}
        elif listing.paged:
            params = {"PageNumber": number, "PageSize": size}
            if self._is_sorted(listing) and listing.dialect == "report":
                params |= {"SortByField": listing.order_by, "SortDirection": "asc"}
            elif self._is_sorted(listing):
                params["OrderBy"] = f"{listing.order_by} asc"
        if listing.modified_after:
            params["ModifiedAfter"] = listing.modified_after
        url = url_base + listing.path
        return HTTPRequest(url, params=params, headers=dict(HEADERS), safe_query_chars="$")

    def _is_sorted(self, listing: Listing) -> bool:
        """Say whether pages are asked for in an order."""
        return bool(listing.order_by) and _kind(listing) not in self._unsorted

    def size(self, listing: Listing) -> int:
        """Return how many records a page is asked to hold."""
        if listing.size:
            return listing.size
        if listing.dialect == "export":
            return EXPORT_PAGE_SIZE
        return self._capped.get(listing.path, self._page_size)

    def ask(self, listing: Listing, number: int) -> Page:
        """Return one page of a listing.

        Once a request is given up on, others of its kind are sent once, until one goes well: nested
        streams, legal entities and parents do not repeat its retries.

        Raises:
            ForbiddenError: For 403.
            YouniumError: If Younium refuses for another reason.
            GaveUpError: If no page came in several tries.
        """
        kind = _kind(listing)
        asked = f"GET {listing.path}, page {number}"
        if listing.legal_entity is not None:
            asked += f", legal entity {listing.legal_entity!r}"

        def once() -> Page:
            with self._throttle.slot():
                answer = self._send(listing, number, asked)
            page = self._read(answer, listing, number, asked)
            self._throttle.succeeded()
            return page

        def failed(error: PassingError, wait: float) -> None:
            self._costs.add(kind, retries=1)
            if error.unavailable:
                self._throttle.hold_back(wait)

        try:
            page = self.session.retrying(once, failed, 1 if kind in self._given_up else None)
        except GaveUpError:
            self._given_up.add(kind)
            raise
        self._given_up.discard(kind)
        return page

    def _send(self, listing: Listing, number: int, asked: str) -> Answer:
        """Send a request, with a new token if Younium refuses the one at hand."""
        for _ in range(2):
            prepare = listing.prepare or self.prepare
            session, request, authenticator = prepare(listing, number)
            self._costs.add(_kind(listing), requests=1)
            began = time.monotonic_ns()
            answer = session.ask(
                request.method,
                request.url,
                asked,
                params=request.encode_params(),
                headers=request.headers,
                auth=authenticator,
            )
            self._costs.add(
                _kind(listing),
                answers=1,
                bytes=len(answer.body),
                nanoseconds=time.monotonic_ns() - began,
            )
            if answer.status != HTTPStatus.UNAUTHORIZED:
                return answer
            authenticator.drop(answer.request)
        raise ConfigurationError(
            f"{asked}: 401 twice in a row ({self.session.words(answer)}). Younium gives tokens "
            "but does not take them: check environment or api_url, and auth_version."
        )

    def _read(self, answer: Answer, listing: Listing, number: int, asked: str) -> Page:
        """Return what an answer means."""
        status = answer.status
        if status == HTTPStatus.OK:
            try:
                page = parse(answer.body, listing, number, self.size(listing), answer.asked)
            except PassingError as error:
                raise PassingError(f"{asked}: {error}.") from error
            return self._with_its_cap(listing, page)
        said = messages(answer)
        if (
            status == HTTPStatus.NO_CONTENT
            or (status == HTTPStatus.NOT_FOUND and listing.template and not _is_html(answer))
            or (status == HTTPStatus.BAD_REQUEST and _says_nothing_found(said, number))
        ):
            return Page(number, [], answer.asked)
        words = self.session.words(answer)
        url = answer.request.url or ""
        sorted_for = "OrderBy=" in url or "SortByField=" in url
        if status == HTTPStatus.BAD_REQUEST and sorted_for and any(map(SORT.search, said)):
            return self._unsort(listing, number, words)
        if status == HTTPStatus.FORBIDDEN:
            raise ForbiddenError(f"{asked}: 403 ({words}).")
        raise YouniumError(
            f"{asked}: {status} ({words}). Asking again does not help: if environment or api_url "
            "is right, report this line with the tap's version."
        )

    def _with_its_cap(self, listing: Listing, page: Page) -> Page:
        """Note how many rows Insights gives at the most: `$skip` counts rows, not pages."""
        came, size = len(page.records), self.size(listing)
        if listing.dialect != "insights" or page.number > 1 or not 0 < came < size:
            return page
        if page.count is not None and came < page.count:
            self._capped[listing.path] = came
            page.pages = ceil(page.count / came)
        elif page.count is None and page.more:
            self._capped[listing.path] = came
        return page

    def _unsort(self, listing: Listing, number: int, words: str) -> Page:
        """Ask again without the sort that Younium refused."""
        path = _kind(listing)
        if path not in self._unsorted:
            self._unsorted.add(path)
            _log.warning(
                "%s: Younium does not sort by %s (%s). The pages are read in its own order, and "
                "checked for records that moved.",
                path,
                listing.order_by,
                words,
            )
        return self.ask(listing, number)


def _kind(listing: Listing) -> str:
    """Return what the paths of one kind have in common."""
    return listing.template or listing.path


def _is_html(answer: Answer) -> bool:
    """Say whether an answer is a page of a proxy or a web server, not Younium's."""
    return answer.body.lstrip()[:1] == b"<"


def _says_nothing_found(said: list[str], number: int) -> bool:
    """Say whether a 400 means an empty list, or a page after the last."""
    past_the_end = number > 1 and all(text.startswith("PageNumber:") for text in said)
    return bool(said) and (past_the_end or all(map(NOTHING_FOUND.fullmatch, said)))
