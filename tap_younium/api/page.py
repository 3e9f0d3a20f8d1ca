"""A page of records, parsed from the body of a response; its records stay undecoded."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from datetime import datetime
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Any

import msgspec

from tap_younium.api.sanitize import replace_deep_records, replace_lone_surrogates
from tap_younium.exceptions import RetriableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_younium.api.query import Query

_CHUNK_SIZE = 64 * 1024


class Page(msgspec.Struct):
    """One page of a query.

    Attributes:
        number: Its number, from 1.
        records: The records, as JSON.
        requested_at: Younium's clock when the page was requested.
        total_pages: The number of pages by Younium's count; None if the response lacks it.
        total_count: The number of records by Younium's count; None if the response lacks it.
        may_have_next: Whether there may be a page after the last known one.
        is_resumable: Whether a run can resume after it. After a delete, only another pass over all
            pages shows which records it hid.
        lone_surrogates: The number of lone surrogates that were replaced by U+FFFD.
        findings: What one stream found out about the records, for the next that reads the page.
    """

    number: int
    records: list[msgspec.Raw]
    requested_at: datetime
    total_pages: int | None = None
    total_count: int | None = None
    may_have_next: bool = False
    is_resumable: bool = True
    lone_surrogates: int = 0
    findings: dict[str, Any] = msgspec.field(default_factory=dict)


class _Envelope(msgspec.Struct, rename="camel", kw_only=True):
    """The object around records: `data` in collections and reports, `items` in v3, else `value`."""

    data: list[msgspec.Raw] | None = None
    items: list[msgspec.Raw] | None = None
    value: list[msgspec.Raw] | None = None
    total_pages: int | None = None
    total_count: int | None = None
    page_size: int | None = None
    next_page: Any = None
    odata_count: int | None = msgspec.field(default=None, name="@odata.count")
    odata_next: Any = msgspec.field(default=None, name="@odata.nextLink")


class _SingleEnvelope(_Envelope, rename="camel", kw_only=True):
    data: dict[str, msgspec.Raw]  # type: ignore[assignment]  # so in six schemas of the spec


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode_single_envelope = msgspec.json.Decoder(_SingleEnvelope).decode
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_record = msgspec.json.Decoder(msgspec.Raw).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def parse_page(
    body: bytes, query: Query, number: int, page_size: int, requested_at: datetime
) -> Page:
    """Return the page in a body: an array, an array in an object, or a single record.

    Args:
        body: The body of a response with status 200.
        query: The query.
        number: The number of the page.
        page_size: The number of records that the request asked for.
        requested_at: Younium's clock when the page was requested.

    Raises:
        RetriableError: If the body is not a page. A truncated one, or a proxy's, may be complete
            next time.
    """
    try:
        _check_utf8(body)
        body, lone_surrogates = replace_lone_surrogates(body)
        try:
            page = _parse(body, query, number, page_size, requested_at)
        except RecursionError:
            page = _parse(replace_deep_records(body), query, number, page_size, requested_at)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RetriableError(f"no page of records in {len(body)} bytes: {error}") from error
    page.lone_surrogates = lone_surrogates
    return page


def _parse(body: bytes, query: Query, number: int, page_size: int, requested_at: datetime) -> Page:
    if body.lstrip()[:1] == b"[":
        records = _decode_array(body)
        is_full = len(records) == page_size
        return Page(number, records, requested_at, may_have_next=query.paged and is_full)
    if query.single_record:
        record = _decode_record(body)
        return Page(number, [record] if msgspec.json.decode(record) else [], requested_at)
    try:
        envelope = _decode_envelope(body)
        arrays = (envelope.data, envelope.items, envelope.value)
        found = [array for array in arrays if array is not None]
    except msgspec.ValidationError:
        envelope = _decode_single_envelope(body)
        found = [[msgspec.Raw(msgspec.json.encode(envelope.data))]]
    count = envelope.odata_count if envelope.total_count is None else envelope.total_count
    if not found and count is None:
        expected = {"export": "items", "insights": "value"}.get(query.dialect, "data")
        received = ", ".join(list(_decode_fields(body))[:8]) or "none"
        raise RetriableError(
            f"no page of records in {len(body)} bytes: `{expected}` is missing, its fields are "
            f"{received}"
        )
    records = found[0] if found else []
    pages = envelope.total_pages
    if pages is None and count is not None:
        pages = ceil(count / (envelope.page_size or page_size))
    names_next = envelope.next_page is not None or envelope.odata_next is not None
    unknown = pages is None and query.dialect != "export"  # v3 names a next page or has none
    may_have_next = names_next or (unknown and bool(records))
    return Page(number, records, requested_at, pages, count, may_have_next)


def _check_utf8(body: bytes) -> None:
    """Check that a body is UTF-8: msgspec does not look into what it leaves undecoded.

    It decodes in chunks: the text of a whole page would take up to four times its memory.

    Raises:
        UnicodeDecodeError: If it is not.
    """
    decode = getincrementaldecoder("utf-8")().decode
    for start in range(0, len(body), _CHUNK_SIZE):
        decode(body[start : start + _CHUNK_SIZE])
    decode(b"", final=True)


@cache
def _match_leading_key(key: str) -> Callable[[Any], re.Match[bytes] | None]:
    return re.compile(rb'\{"%b":"([^"\\]*)"' % re.escape(key.encode())).match


def key_of(record: msgspec.Raw, key: str) -> bytes:
    """Return the value of a record's key as JSON; a record without the key is its own key.

    It is not decoded if the key comes first, as it does in every response seen.
    """
    found = _match_leading_key(key)(record)
    if found:
        return found[1]
    try:
        return bytes(_decode_fields(record).get(key, record)).strip(b'"')
    except (msgspec.DecodeError, RecursionError):
        return bytes(record)
