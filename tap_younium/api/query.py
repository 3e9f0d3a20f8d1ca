"""A query: which records of which endpoint to ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest
    from singer_sdk.streams.rest import HTTPRequest

    from tap_younium.api.session import Session

Dialect = Literal["collection", "report", "export", "insights"]
"""A collection of API 2.1, the rows of a report, an entity of API v3, or of Insights (OData)."""


class Authenticator(Protocol):
    """Authenticates requests for one legal entity, as `requests` calls it."""

    def __call__(self, request: PreparedRequest, /) -> PreparedRequest:
        """Return the authenticated request."""

    def invalidate(self, request: PreparedRequest) -> None:
        """Discard the credentials of a request that was refused: the next one gets new ones."""


PreparedPage: TypeAlias = "tuple[Session, HTTPRequest, Authenticator]"
"""What is needed to send the request for one page."""


@dataclass(frozen=True)
class Query:
    """What to ask of one endpoint. Equal queries have equal pages.

    Attributes:
        path: The endpoint's path.
        legal_entity: The legal entity; None if none is set.
        key: The field that identifies a record; None if there is none.
        order_by: The field that pages are sorted by, if any; best one that never changes.
        newest_first: Whether pages are sorted by `created` in descending order, then by `order_by`.
        modified_after: The value of `ModifiedAfter`, in ISO 8601; None for all records.
        paged: Whether the endpoint takes page parameters.
        supports_modified_after: Whether the endpoint takes `ModifiedAfter`.
        dialect: How the endpoint takes page parameters, see `Dialect`.
        single_record: Whether the response is one record that is not in a page.
        first_page: The number of the page to start with.
        after: The key of the record after which to resume. It is looked up in the first page, then
            in the pages before. None for all records.
        path_template: The pattern that similar paths share; the endpoint may find nothing there.
        page_size: The number of records to ask for in a page; None for the setting.
        prepare: The method of the stream that prepares the request for a page; None if the query
            belongs to no stream.
    """

    path: str
    legal_entity: str | None = None
    key: str | None = field(default="id", compare=False)
    order_by: str | None = "id"
    newest_first: bool = False
    modified_after: str | None = None
    paged: bool = True
    supports_modified_after: bool = False
    dialect: Dialect = "collection"
    single_record: bool = False
    first_page: int = 1
    after: str | None = None
    path_template: str = ""
    page_size: int | None = None
    prepare: Callable[[Query, int], PreparedPage] | None = field(
        default=None, compare=False, repr=False
    )

    @property
    def endpoint(self) -> str:
        """The endpoint, which similar paths share."""
        return self.path_template or self.path

    @property
    def is_first_load(self) -> bool:
        """Whether it asks for all records of a collection that also lists changed ones."""
        return (
            self.key is not None
            and self.supports_modified_after
            and self.modified_after is None
            and self.after is None
        )

    @property
    def must_be_read_twice(self) -> bool:
        """Whether only a second read shows if records changed during the first.

        Reports, data export and Insights are exempt: they can be large, and are computed for each
        request, so a second read has nothing to compare with.
        """
        return (
            self.key is not None
            and not self.supports_modified_after
            and self.dialect == "collection"
        )
