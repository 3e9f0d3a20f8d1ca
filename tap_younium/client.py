"""Younium's API as the streams need it: one request for one page, and what the answers mean."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.streams import RESTStream
from singer_sdk.streams.rest import HTTPRequest

from tap_younium.auth import YouniumAuthenticator
from tap_younium.errors import ForbiddenError, PassingError, YouniumError
from tap_younium.http import messages, retrying, server_time
from tap_younium.pages import Listing, Page, parse
from tap_younium.rows import Rows
from tap_younium.times import from_moment, to_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import requests
    from singer_sdk.helpers.types import Context, Record
    from singer_sdk.streams.rest import PageContext

    from tap_younium.auth import Token
    from tap_younium.http import Session
    from tap_younium.models.base import Model
    from tap_younium.tap import TapYounium
    from tap_younium.workers import Throttle

HEADERS = {"Accept": "application/json", "Content-Type": "application/json", "api-version": "2.1"}
NOTHING_FOUND = re.compile(r"No .+ could be found\.?", re.IGNORECASE)
ENTITY = "_legal_entity"
CHANGED = "_last_modified"

_log = logging.getLogger(__name__)


class Client:
    """Asks for pages, one request each, from any thread.

    Args:
        host: The API's address.
        session: The run's session.
        token: The run's token.
        throttle: How many requests may be in flight.
        page_size: Records a page.
    """

    def __init__(
        self, host: str, session: Session, token: Token, throttle: Throttle, page_size: int
    ) -> None:
        self.host = host
        self.session = session
        self.token = token
        self._throttle = throttle
        self._page_size = page_size
        self._unsorted: set[str] = set()

    def request(self, listing: Listing, number: int) -> HTTPRequest:
        """Return the request for one page of a listing.

        `nextPage` is not followed: it may name another host, and whether it keeps the parameters
        is unknown.
        """
        params: dict[str, Any] = {}
        if listing.paged:
            params |= {"PageNumber": number, "PageSize": self._page_size}
            if listing.path not in self._unsorted:
                params["OrderBy"] = f"{listing.key} asc"
        if listing.modified_after:
            params["ModifiedAfter"] = listing.modified_after
        return HTTPRequest(self.host + listing.path, params=params, headers=dict(HEADERS))

    def ask(self, listing: Listing, number: int) -> Page:
        """Return one page of a listing.

        Raises:
            ForbiddenError: For 403.
            YouniumError: If Younium refuses for another reason.
            PassingError: If no page came in several tries.
        """
        asked = f"GET {listing.path}, page {number}"
        if listing.legal_entity is not None:
            asked += f", legal entity {listing.legal_entity!r}"

        def once() -> Page:
            with self._throttle.slot():
                response = self._send(listing, number, asked)
            page = self._read(response, listing, number, asked)
            self._throttle.succeeded()
            return page

        return retrying(once, self._failed)

    def _failed(self, error: PassingError) -> None:
        if error.overloaded:
            self._throttle.hold_back(error.retry_after or 0)

    def _send(self, listing: Listing, number: int, asked: str) -> requests.Response:
        """Send a request, with a new token if Younium refuses the one at hand."""
        authenticator = YouniumAuthenticator(self.token, listing.legal_entity)
        for _ in range(2):
            request = self.request(listing, number)
            response = self.session.ask(
                request.method,
                request.url,
                asked,
                params=request.encode_params(),
                headers=request.headers,
                auth=authenticator,
            )
            if response.status_code != HTTPStatus.UNAUTHORIZED:
                return response
            self.token.drop(str(response.request.headers["Authorization"]).split()[-1])
        raise YouniumError(
            f"{asked}: 401 twice in a row ({self.session.words(response)}). Younium gives tokens "
            "but does not take them: check environment or api_url, and auth_version."
        )

    def _read(self, response: requests.Response, listing: Listing, number: int, asked: str) -> Page:
        """Return what an answer means."""
        began = server_time(response) - response.elapsed
        status = response.status_code
        if status == HTTPStatus.OK:
            try:
                return parse(response.content, number, began)
            except PassingError as error:
                raise PassingError(f"{asked}: {error}.") from error
        said = messages(response)
        if status == HTTPStatus.NO_CONTENT or (
            status == HTTPStatus.BAD_REQUEST
            and said
            and (
                all(map(NOTHING_FOUND.fullmatch, said))
                or (number > 1 and all(text.startswith("PageNumber:") for text in said))
            )
        ):
            return Page(number, [], began)
        words = self.session.words(response)
        if status == HTTPStatus.BAD_REQUEST and any(text.startswith("OrderBy:") for text in said):
            return self._unsort(listing, number, asked, words)
        if status == HTTPStatus.FORBIDDEN:
            raise ForbiddenError(f"{asked}: 403 ({words}).")
        raise YouniumError(
            f"{asked}: {status} ({words}). Asking again does not help: if environment or api_url "
            "is right, report this line with the tap's version."
        )

    def _unsort(self, listing: Listing, number: int, asked: str, words: str) -> Page:
        """Ask again without the sort that Younium refused."""
        if listing.path not in self._unsorted:
            self._unsorted.add(listing.path)
            _log.warning(
                "%s: Younium does not sort by %s (%s). The pages are read in its own order, and "
                "checked for records that moved.",
                listing.path,
                listing.key,
                words,
            )
            return self.ask(listing, number)
        raise YouniumError(f"{asked}: 400 ({words}), though no sort was asked for.")


class YouniumStream(RESTStream[int]):
    """A table: the records of one collection, of each legal entity in turn.

    A table declares what it is; how it is asked for, read and remembered is the same for all.
    """

    model: ClassVar[type[Model]]
    """What a record looks like."""
    primary_keys: tuple[str, ...] = ("id",)
    permission: ClassVar[str | None] = None
    """What the user needs, where Younium documents it."""
    paged: ClassVar[bool] = True
    """Whether the path takes page parameters; those that do not, take no `ModifiedAfter` either."""
    incremental: ClassVar[bool] = False
    """Whether the path takes `ModifiedAfter` and its records show when they changed."""

    timeless: ClassVar[bool] = False
    """Whether an incremental table's records show no times: Younium's clock stands in for them."""

    _tap: TapYounium

    def __init__(self, tap: TapYounium) -> None:
        dated = self.incremental and not self.timeless
        self.rows = Rows(self.name, self.model, keys=self.primary_keys, dated=dated)
        super().__init__(tap, schema=self._columns(keyed=bool(tap.legal_entities)))
        if self.incremental:
            self.replication_key = CHANGED
        if tap.legal_entities:
            self.primary_keys = (*self.primary_keys, ENTITY)

    def _columns(self, *, keyed: bool) -> dict[str, Any]:
        schema = self.rows.schema()
        columns = schema["properties"]
        columns[ENTITY] = {"type": "string" if keyed else ["string", "null"]}
        if self.incremental:
            columns[CHANGED] = {"type": ["string", "null"], "format": "date-time"}
        columns["_extra"] = {"type": ["object", "null"]}
        return {"type": "object", "properties": columns}

    # What the SDK asks a REST stream for.

    @property
    def url_base(self) -> str:
        """The API's address."""
        return self._tap.client.host

    @property
    def authenticator(self) -> YouniumAuthenticator:
        """The authenticator for the legal entity that is being read."""
        return YouniumAuthenticator(self._tap.client.token, (self.context or {}).get(ENTITY))

    @property
    def requests_session(self) -> requests.Session:
        """The run's one session."""
        return self._tap.client.session

    def get_http_request(self, *, page: PageContext[int]) -> HTTPRequest:
        """Return the request for a page by its number."""
        return self._tap.client.request(
            self.listing(page.stream_context), page.next_page_token or 1
        )

    @property
    def partitions(self) -> list[dict[str, Any]] | None:
        """One partition for each legal entity."""
        return [{ENTITY: entity} for entity in self._tap.legal_entities] or None

    @property
    def contexts(self) -> list[dict[str, Any] | None]:
        """What a run goes through: each partition, or the whole."""
        return [*self.partitions] if self.partitions else [None]

    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """No BATCH messages: the SDK writes them past selection and conformance."""

    # What is asked, and how far it has been read.

    def listing(self, context: Context | None) -> Listing:
        """Return what the table asks for, given its bookmark."""
        return Listing(
            self.path,
            legal_entity=(context or {}).get(ENTITY),
            key=self.rows.keys[0],
            modified_after=self._modified_after(context),
            paged=self.paged,
            tracked=self.incremental,
        )

    def _modified_after(self, context: Context | None) -> str | None:
        if self.replication_method != "INCREMENTAL":
            return None
        start = to_moment(self.config.get("start_date"))
        bookmark = to_moment(self._bookmark(context))
        if bookmark:
            bookmark -= timedelta(hours=self.config["lookback_hours"])
        since = max((time for time in (start, bookmark) if time), default=None)
        return from_moment(since) if since else None

    def _bookmark(self, context: Context | None) -> Any:
        state = self.tap_state.get("bookmarks", {}).get(self.name, {})
        if context:
            partitions = state.get("partitions", [])
            state = next((part for part in partitions if part["context"] == context), {})
        return state.get("replication_key_value")

    def _advance(self, context: Context | None, newest: str | None) -> None:
        """Move the bookmark of a table read to its end; never past the run's start."""
        if newest is None:
            return
        state = self.get_context_state(context)
        bookmark = min(newest, from_moment(self._tap.started))
        state["replication_key"] = CHANGED
        state["replication_key_value"] = max(bookmark, state.get("replication_key_value") or "")

    def _increment_stream_state(self, *_: object, **__: object) -> None:
        """Leave the bookmark alone while rows pass: `_advance` moves it at the table's end.

        Private in the SDK, which has no other way to do so; its own would call an unfinished table
        resumable, compare texts record by record, and miss records that give a table no row.
        """

    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Yield the rows of one legal entity."""
        entity = (context or {}).get(ENTITY)
        own = {ENTITY: entity}
        newest = None
        try:
            for page in self._tap.pages.read(self.listing(context)):
                if self.timeless:
                    own.setdefault(CHANGED, from_moment(page.asked))
                for row in self.rows(page.records, page=page.number, own=own):
                    newest = max(filter(None, (newest, row.get(CHANGED))), default=None)
                    yield row
                self._tap.access.grant()
                self._tap.message_writer.flush()
        except ForbiddenError as error:
            self._tap.access.refuse(self.name, entity, self.permission, error)
            return
        self._advance(context, newest)
