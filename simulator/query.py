"""The parameters of a list: change window, order and filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from simulator.filling import Row
from simulator.shapes import CHOICES, SHAPES

if TYPE_CHECKING:
    from simulator.catalog import Collection

Test = Callable[[Row], bool]


class UnreadableError(ValueError):
    """A parameter that the server can't read; the text says why."""


# Times are compared as text of one width: a datetime has only six of Younium's seven digits.

_TIME: Final = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ](?P<clock>\d\d:\d\d(?::\d\d)?)(?:\.(?P<fraction>\d{1,9}))?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_US_TIME: Final = re.compile(
    r"(?P<month>\d\d)/(?P<day>\d\d)/(?P<year>\d{4})(?: (?P<clock>\d\d:\d\d:\d\d))?"
)


def instant(text: str, ahead: float = 0.0) -> str:
    """A time as sortable text.

    Read are `2026-04-01`, ISO 8601 with or without a zone, and `03/01/2025 00:00:00`. A time
    without zone is of the server's clock; one with a zone is converted to a clock that is so many
    hours ahead of UTC.

    Raises:
        UnreadableError: the text is none of these, or no such day exists.
    """
    match = _TIME.fullmatch(text) or _US_TIME.fullmatch(text)
    if match is None:
        raise UnreadableError(f"The value '{text}' is not valid.")
    found = match.groupdict()
    day = "{year}-{month}-{day}".format(**found)
    try:
        moment = datetime.fromisoformat(
            f"{day}T{found['clock'] or '00:00'}{found.get('zone') or 'Z'}"
        )
        moment = moment.astimezone(UTC).replace(tzinfo=None)
        plain = (moment + timedelta(hours=ahead if found.get("zone") else 0)).isoformat()
    except (ValueError, OverflowError):
        raise UnreadableError(f"The value '{text}' is not valid.") from None
    return _sortable(plain, found.get("fraction") or "")


def _sortable(second: str, fraction: str) -> str:
    return f"{second}.{fraction[:7]:0<7}"


def _stored(text: str) -> str:
    second, _, fraction = text.partition(".")
    return _sortable(second, fraction)


def change_times(row: Row, covers: Iterable[str]) -> list[str]:
    """When a row and its covered sub entities changed, shown (`modified`) or not (`_modified`)."""
    return [_stored(time) for time in _changes(row, frozenset(covers))]


def _changes(value: Row, covers: frozenset[str]) -> Iterator[str]:
    for name in ("modified", "_modified"):
        if value.get(name) is not None:
            yield value[name]
    for name in covers & value.keys():
        inner = value[name]
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, dict):
                yield from _changes(each, covers)


# Order

#: Calculated for each request, so the server cannot sort by it.
_CALCULATED: Final = frozenset({"daysPastDue"})


def order(rows: list[Row], text: str, collection: Collection) -> list[Row]:
    """Rows by `field [asc|desc], …`; ids and other text in plain string order, absent values first.

    Raises:
        UnreadableError: no such field, or one that is calculated, a list, an object or custom.
    """
    rows = list(rows)
    # A stable sort by the last key first is a sort by all of them.
    for part in reversed(text.split(",")):
        field, _, direction = part.strip().partition(" ")
        if direction.lower() not in {"", "asc", "desc"} or not _sortable_field(field, collection):
            raise UnreadableError(f"OrderBy '{part.strip()}' is not supported.")
        rows.sort(key=lambda row: _rank(row.get(field)), reverse=direction.lower() == "desc")
    return rows


def _sortable_field(field: str, collection: Collection) -> bool:
    kind = SHAPES[collection.shape].get(field, "").removesuffix("?")
    scalar = kind in {"uuid", "time", "text", "int", "number", "bool"} or kind in CHOICES
    return scalar and field not in _CALCULATED


def _rank(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    return (2, value) if isinstance(value, str) else (1, value)


# Filter: `name eq 'x' and (amount gt 5 or account.accountNumber ne A-000001)`

_TOKEN: Final = re.compile(r"\s*(\(|\)|'(?:[^']|'')*'|\"[^\"]*\"|[^\s()]+)")
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "gt": lambda left, right: bool(left > right),
    "ge": lambda left, right: bool(left >= right),
    "lt": lambda left, right: bool(left < right),
    "le": lambda left, right: bool(left <= right),
}


def filter_of(text: str, collection: Collection) -> Test:
    """The test described by a `Filter`; `and` binds tighter than `or`.

    Raises:
        UnreadableError: a form or a field that the server does not know.
    """
    parser = _Parser(text, collection)
    test = parser.either()
    if parser.tokens:
        raise UnreadableError(f"Filter '{text}' could not be read at '{parser.tokens[0]}'.")
    return test


class _Parser:
    def __init__(self, text: str, collection: Collection) -> None:
        self.text = text
        self.tokens: list[str] = _TOKEN.findall(text)
        self._fields = SHAPES[collection.shape]

    def _take(self) -> str:
        if not self.tokens:
            raise UnreadableError(f"Filter '{self.text}' ends too early.")
        return self.tokens.pop(0)

    def _next_is(self, word: str) -> bool:
        if self.tokens and self.tokens[0].lower() == word:
            self.tokens.pop(0)
            return True
        return False

    def either(self) -> Test:
        test = self._both()
        while self._next_is("or"):
            test = _any_of(test, self._both())
        return test

    def _both(self) -> Test:
        test = self._single()
        while self._next_is("and"):
            test = _all_of(test, self._single())
        return test

    def _single(self) -> Test:
        if self._next_is("("):
            test = self.either()
            if not self._next_is(")"):
                raise UnreadableError(f"Filter '{self.text}' lacks a ')'.")
            return test
        field, operator, value = self._take(), self._take().lower(), self._take()
        path = field.split(".")
        if operator not in _COMPARE or path[0] not in self._fields:
            raise UnreadableError(f"Filter '{field} {operator} {value}' is not supported.")
        if value[0] in "'\"":
            value = value[1:-1].replace("''", "'")
        return _comparison(path, operator, value)


def _any_of(left: Test, right: Test) -> Test:
    return lambda row: left(row) or right(row)


def _all_of(left: Test, right: Test) -> Test:
    return lambda row: left(row) and right(row)


def _comparison(path: list[str], operator: str, value: str) -> Test:
    compare = _COMPARE[operator]

    def test(row: Row) -> bool:
        found: Any = row
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        if found is None:
            return operator == "ne"
        return compare(*_alike(found, value))

    return test


def _alike(found: Any, value: str) -> tuple[Any, Any]:
    """Both sides as the same type: the row's, where the value can be read as one."""
    if isinstance(found, bool):
        return str(found).lower(), value.lower()
    if isinstance(found, int | Decimal):
        try:
            return Decimal(found), Decimal(value)
        except InvalidOperation:
            return str(found), value
    if isinstance(found, str) and _TIME.fullmatch(found):
        try:
            return _stored(found), instant(value)
        except UnreadableError:
            pass
    return str(found), value
