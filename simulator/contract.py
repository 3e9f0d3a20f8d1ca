"""The options of the contract, and the answers of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlencode

from simulator.query import UnreadableError, change_times, filter_of, instant, order
from simulator.store import Table, encode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from simulator.catalog import Collection
    from simulator.filling import Row


@dataclass
class Contract:
    """What Younium leaves open or does in several ways; can be changed between requests.

    Attributes:
        default_page_size: rows per page where the request names none.
        max_page_size: the most rows of a page.
        page_size_over: what a larger `PageSize` does: `clamp` the page, or `refuse` with a 400.
        empty_lists: answer 200 with `data: []` instead of 400 "No … could be found".
        message_list: `errors.message` as a list; else a bare string.
        single_object: the lists whose `data` the published file types as one object send one row
            as that object.
        arrays_paged: the lists of versions, which are bare arrays, take page parameters.
        unpaged_cut: the lists that take no page parameters hold no more than a page by default.
        versions_stay_last: an older version still says that it is the last one.
        refuse_order: `OrderBy` is refused whatever it names.
        window_inclusive: `ModifiedAfter`/`ModifiedBefore` include their own instant.
        window_by_day: a time of day in them does not count.
        window_zone: a zone in them is ignored (`ignore`), or they are converted to the server's own
            zone (`convert`).
        clock_offset: hours by which the server's clock, used for times without zone, is ahead of
            UTC; see `Simulator.stamp`.
        next_page_query: `nextPage` repeats the other parameters of the request.
        next_page_host: the host that `nextPage` and its like name, e.g. `https://elsewhere.example`.
        expires_in: the token's answer has `expiresIn` as well as `expires`.
        login_refusal: status for bad credentials.
        login_error_key: key of the message then: `errors` (a list) or the older `error` (a string).
        v3_default_page_size, v3_max_page_size: rows per page of the data export.
        v3_null_next_page: the last page of the data export says `nextPage: null`; else nothing.
        insights_page_size: the most rows that one answer of the Insights API holds.
    """

    default_page_size: int = 20
    max_page_size: int = 100
    page_size_over: Literal["clamp", "refuse"] = "clamp"
    empty_lists: bool = False
    message_list: bool = True
    single_object: bool = False
    arrays_paged: bool = True
    unpaged_cut: bool = False
    versions_stay_last: bool = False
    refuse_order: bool = False
    window_inclusive: bool = False
    window_by_day: bool = False
    window_zone: Literal["ignore", "convert"] = "ignore"
    clock_offset: float = 0.0
    next_page_query: bool = True
    next_page_host: str | None = None
    expires_in: bool = True
    login_refusal: int = 401
    login_error_key: Literal["errors", "error"] = "errors"
    v3_default_page_size: int = 100
    v3_max_page_size: int = 5000
    v3_null_next_page: bool = False
    insights_page_size: int = 1000


_TITLES: Final = {
    400: "One or more validation errors occurred.",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
}
_SECTIONS: Final = {400: "7231#section-6.5.1", 401: "7235#section-3.1", 403: "7231#section-6.5.3"}


class RefusedError(Exception):
    """A refused request; `body` is Younium's problem details."""

    def __init__(self, status: int, errors: Mapping[str, Any] | None = None) -> None:
        section = _SECTIONS.get(status, "7231#section-6.5.4")
        body: Row = {"errors": errors} if errors else {}
        body |= {
            "type": f"https://tools.ietf.org/html/rfc{section}",
            "title": _TITLES[status],
            "status": status,
            "traceId": "00-5e1f0c7a9d3b42668f10c2d4e6a8b0c1-7d9e1f3a5b6c7d8e-00",
        }
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


def nothing_found(noun: str, contract: Contract) -> RefusedError:
    """The answer for a list without rows."""
    message = f"No {noun} could be found"
    return RefusedError(400, {"message": [message] if contract.message_list else message})


class Parameters:
    """A request's query; names are case-insensitive and unknown ones are ignored."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._values = {name.lower(): value for name, value in query.items()}
        self.query = query

    def text(self, name: str) -> str | None:
        """The value, or None where it is absent or empty."""
        return self._values.get(name.lower()) or None

    def number(self, name: str, default: int, least: int = 1) -> int:
        """A whole number of at least `least`; anything else is refused with a 400."""
        text = self.text(name)
        if text is None:
            return default
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise RefusedError(400, {name: [f"The value '{text}' is not valid."]})
        return value

    def without(self, name: str) -> dict[str, str]:
        """The query without one parameter."""
        return {key: value for key, value in self.query.items() if key.lower() != name.lower()}


def select(
    table: Table, collection: Collection, asked: Parameters, contract: Contract, chance: Random
) -> list[Row]:
    """The rows that match a list's parameters, in the requested order.

    Without `OrderBy` the order is random each time, as Younium documents none.
    """
    name = "OrderBy"
    try:
        rows = _ordered(table, collection, asked.text(name), contract, chance)
        name = "Filter"
        if text := asked.text(name):
            test = filter_of(text, collection)
            rows = [row for row in rows if test(row)]
    except UnreadableError as error:
        raise RefusedError(400, {name: [str(error)]}) from None
    return _changed(rows, table, collection, asked, contract)


def _ordered(
    table: Table, collection: Collection, text: str | None, contract: Contract, chance: Random
) -> list[Row]:
    if text is None:
        return chance.sample(table.rows, len(table.rows))
    if contract.refuse_order:
        raise UnreadableError("OrderBy is not supported.")
    if text.split(",")[0].split(" ")[0] == "id":
        # Ids are unique, so this order is worth remembering.
        return table.remember(("order", text), lambda: order(table.rows, text, collection))
    return order(chance.sample(table.rows, len(table.rows)), text, collection)


def _changed(
    rows: list[Row], table: Table, collection: Collection, asked: Parameters, contract: Contract
) -> list[Row]:
    after, before = (_bound(name, asked, contract) for name in ("ModifiedAfter", "ModifiedBefore"))
    covers = collection.covers
    if covers is None or (after is None and before is None):
        return rows

    def inside(time: str) -> bool:
        time = time[:10] if contract.window_by_day else time
        if contract.window_inclusive:
            return (after is None or time >= after) and (before is None or time <= before)
        return (after is None or time > after) and (before is None or time < before)

    def times(row: Row) -> list[str]:
        return table.remember(("times", id(row)), lambda: change_times(row, covers))

    return [row for row in rows if any(inside(time) for time in times(row))]


def _bound(name: str, asked: Parameters, contract: Contract) -> str | None:
    text = asked.text(name)
    if text is None:
        return None
    ahead = contract.clock_offset if contract.window_zone == "convert" else 0.0
    try:
        time = instant(text, ahead)
    except UnreadableError as error:
        raise RefusedError(400, {name: [str(error)]}) from None
    return time[:10] if contract.window_by_day else time


def page(  # noqa: PLR0913 - all that a page depends on
    rows: list[Row],
    table: Table,
    url: str,
    asked: Parameters,
    noun: str,
    contract: Contract,
    *,
    single: bool = False,
) -> tuple[bytes, bool]:
    """One page in Younium's envelope, and whether it is the last. `url` is the list's own."""
    number = asked.number("PageNumber", 1)
    size = asked.number("PageSize", contract.default_page_size)
    if size > contract.max_page_size:
        if contract.page_size_over == "refuse":
            raise RefusedError(400, {"PageSize": [f"The value '{size}' is more than 100."]})
        size = contract.max_page_size
    pages = -(-len(rows) // size)
    shown = rows[(number - 1) * size : number * size]
    if not shown and not contract.empty_lists:
        raise nothing_found(noun, contract)

    def link(to: int) -> str:
        query = asked.without("PageNumber") if contract.next_page_query else {}
        return f"{url}?{urlencode(query | {'PageNumber': to})}"

    head: Row = {
        "pageNumber": number,
        "pageSize": size,
        "totalPages": pages,
        "totalCount": len(rows),
        "nextPage": link(number + 1) if number < pages else None,
        "previousPage": link(number - 1) if number > 1 else None,
        "firstPage": link(1),
        "lastPage": link(max(pages, 1)),
    }
    data = array(shown, table)
    if single and contract.single_object and len(shown) == 1:
        data = data[1:-1]
    return encode(head)[:-1] + b',"data":' + data + b"}", number >= pages


def page_of(rows: list[Row], asked: Parameters, contract: Contract) -> list[Row]:
    """The rows of one page of a list that is a bare array."""
    if not contract.arrays_paged:
        return rows
    number = asked.number("PageNumber", 1)
    size = min(asked.number("PageSize", contract.default_page_size), contract.max_page_size)
    return rows[(number - 1) * size : number * size]


def array(rows: list[Row], table: Table) -> bytes:
    """Rows as a bare JSON array."""
    return b"[" + b",".join(map(table.bytes_of, rows)) + b"]"
