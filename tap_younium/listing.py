"""What is asked of Younium, page by page, and what a page's answer holds."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from tap_younium.errors import PassingError
from tap_younium.repair import without_deep, without_halves

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_younium.api import Prepared

_PIECE = 64 * 1024
Dialect = Literal["collection", "report", "export", "insights"]
"""A collection of API 2.1, a report's rows, an entity of API v3, or one of Insights (OData v4)."""


@dataclass(frozen=True)
class Listing:
    """What is asked of one collection. Equal listings have equal pages.

    Attributes:
        path: The collection's path.
        legal_entity: Whose records; None where none is set.
        key: The field that tells records apart; None where there is none.
        order_by: The field that pages are sorted by, if any; best one that never changes.
        modified_after: The earliest change to list, in ISO 8601; None lists all.
        paged: Whether the path takes page parameters at all.
        tracked: Whether the path takes `ModifiedAfter`.
        dialect: How the path takes page parameters, see `Dialect`.
        bare: Whether the answer is one record, without a page around it.
        first: The page to begin with.
        after: The key of the record behind which to go on; it is looked for in the first page, then
            in those before. None takes all records.
        template: What many paths of one kind have in common; there may be nothing at such a path.
        size: How many records a page is asked to hold; None for as many as set.
        prepare: Gives the session, the request and the authenticator for a page, of the stream that
            asks; None where none does.
    """

    path: str
    legal_entity: str | None = None
    key: str | None = field(default="id", compare=False)
    order_by: str | None = "id"
    modified_after: str | None = None
    paged: bool = True
    tracked: bool = False
    dialect: Dialect = "collection"
    bare: bool = False
    first: int = 1
    after: str | None = None
    template: str = ""
    size: int | None = None
    prepare: Callable[[Listing, int], Prepared] | None = field(
        default=None, compare=False, repr=False
    )

    @property
    def silent(self) -> bool:
        """Whether Younium tells no changes in it, so that a second look must find them.

        The tables of the tenant's own may be large, and are made anew for each request: what they
        held a moment ago is not to be had.
        """
        return self.key is not None and not self.tracked and self.dialect == "collection"


class Page(msgspec.Struct):
    """One page of a listing, its records undecoded.

    Attributes:
        number: Its number, from 1.
        records: The records, as JSON.
        asked: Younium's clock when the page was asked for.
        pages: How many pages Younium says there are; None where it does not say.
        count: How many records, likewise.
        more: Whether there may be a page behind the last.
        halves: Lone surrogates in its texts and names: each was replaced by U+FFFD.
    """

    number: int
    records: list[msgspec.Raw]
    asked: datetime
    pages: int | None = None
    count: int | None = None
    more: bool = False
    halves: int = 0


class _Answer(msgspec.Struct, rename="camel", kw_only=True):
    """What lists are wrapped in: `data` by collections and reports, `items` by v3, else `value`."""

    data: list[msgspec.Raw] | None = None
    items: list[msgspec.Raw] | None = None
    value: list[msgspec.Raw] | None = None
    total_pages: int | None = None
    total_count: int | None = None
    page_size: int | None = None
    next_page: Any = None
    odata_count: int | None = msgspec.field(default=None, name="@odata.count")
    odata_next: Any = msgspec.field(default=None, name="@odata.nextLink")


class _SingleAnswer(_Answer, rename="camel", kw_only=True):
    data: dict[str, msgspec.Raw]  # type: ignore[assignment]  # six schemas of the file type it so


_decode_answer = msgspec.json.Decoder(_Answer).decode
_decode_single_answer = msgspec.json.Decoder(_SingleAnswer).decode
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_bare = msgspec.json.Decoder(msgspec.Raw).decode


def parse(body: bytes, listing: Listing, number: int, size: int, asked: datetime) -> Page:
    """Return the page that a body holds: an array, an array in an object, or one bare record.

    Args:
        body: The body of an answer with status 200.
        listing: What was asked.
        number: Which page of it.
        size: How many records a page was asked to hold.
        asked: When, by Younium's clock.

    Raises:
        PassingError: If it holds no page. What is cut, or made by a proxy, may be whole next time.
    """
    try:
        _check_text(body)
        body, halves = without_halves(body)
        try:
            page = _page_in(body, listing, number, size, asked)
        except RecursionError:
            page = _page_in(without_deep(body), listing, number, size, asked)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PassingError(f"no page of records in {len(body)} bytes: {error}") from error
    page.halves = halves
    return page


def _page_in(body: bytes, listing: Listing, number: int, size: int, asked: datetime) -> Page:
    if body.lstrip()[:1] == b"[":
        records = _decode_array(body)  # a full one of a paged list may have another after it
        return Page(number, records, asked, more=listing.paged and len(records) == size)
    if listing.bare:
        record = _decode_bare(body)
        return Page(number, [record] if msgspec.json.decode(record) else [], asked)
    try:
        answer = _decode_answer(body)
        found = [part for part in (answer.data, answer.items, answer.value) if part is not None]
    except msgspec.ValidationError:
        answer = _decode_single_answer(body)
        found = [[msgspec.Raw(msgspec.json.encode(answer.data))]]
    count = answer.odata_count if answer.total_count is None else answer.total_count
    if not found and count is None:
        wanted = {"export": "items", "insights": "value"}.get(listing.dialect, "data")
        came = ", ".join(list(_decode_fields(body))[:8]) or "none"
        raise PassingError(
            f"no page of records in {len(body)} bytes: `{wanted}` is missing, its fields are {came}"
        )
    records = found[0] if found else []
    pages = answer.total_pages
    if pages is None and count is not None:
        pages = ceil(count / (answer.page_size or size))
    named = answer.next_page is not None or answer.odata_next is not None
    silent = pages is None and listing.dialect != "export"  # v3 names a next page or has none
    return Page(number, records, asked, pages, count, named or (silent and bool(records)))


_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _check_text(body: bytes) -> None:
    """See that a body is UTF-8: msgspec does not look into what it leaves undecoded.

    It is done piece by piece, for the text of a whole page would take up to four times its memory.

    Raises:
        UnicodeDecodeError: If it is not.
    """
    decode = getincrementaldecoder("utf-8")().decode
    for start in range(0, len(body), _PIECE):
        decode(body[start : start + _PIECE])
    decode(b"", final=True)


@cache
def _key_at_the_head(key: str) -> Callable[[Any], re.Match[bytes] | None]:
    return re.compile(rb'\{"%b":"([^"\\]*)"' % re.escape(key.encode())).match


def key_of(record: msgspec.Raw, key: str) -> bytes:
    """Return a record's key as JSON; without decoding it where, as always seen, it comes first.

    A record without the key is its own.
    """
    found = _key_at_the_head(key)(record)
    if found:
        return found[1]
    try:
        return bytes(_decode_fields(record).get(key, record)).strip(b'"')
    except (msgspec.DecodeError, RecursionError):
        return bytes(record)
