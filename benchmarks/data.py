"""The records that the server returns, as bytes."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import msgspec

from simulator.companies import Company, counts
from simulator.store import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SUBSCRIPTIONS: Final = 3000
_ACCOUNTS: Final = 50
SMALLEST, LARGEST = 6_000, 10_000
"""The size of a subscription in bytes."""
_NUMBER: Final = b"@" * 8
_ID: Final = len('{"id":"00000000-0000-0000-0000-000000000000"')


@cache
def _company() -> Company:
    return Company(1, "Nordic AB", 0, counts(_ACCOUNTS, _SUBSCRIPTIONS))


def tails(edit: Callable[[bytes], bytes]) -> list[bytes]:
    """Return several hundred different subscriptions of the simulator, without their ids.

    All custom fields match their types. The tap moves others to `_extra`, so its rows would differ
    from those of the other ways.

    Args:
        edit: What to change in each, from `EDITS`.
    """
    with mock.patch("simulator.custom_fields._MISFIT", 0):
        records = [encode(row) for row in _company().rows("Subscriptions")]
    return [
        _with_places(edit(record))[_ID:] for record in records if SMALLEST <= len(record) <= LARGEST
    ]


def _with_places(record: bytes) -> bytes:
    """Return a record with a place for its number in the id of each object in it."""
    first, *others = record.split(b'"id":"')
    return b'"id":"'.join([first, others[0], *(_NUMBER + it[len(_NUMBER) :] for it in others[1:])])


def subscription(number: int, tail: bytes) -> bytes:
    """Return a subscription in which every id is different from those of all others."""
    return head(number) + tail.replace(_NUMBER, b"%08x" % number)


def custom_fields(types: dict[str, str]) -> bytes:
    """Return the configuration of the custom fields.

    Args:
        types: The types of additional ones of subscriptions, by key.
    """
    rows = _company().rows("CustomFieldConfigurations")
    more = [
        {**rows[0], "id": f"{number:08x}-0000-4000-9000-000000000000", "key": key}
        | {"fieldType": kind, "entity": "Order"}
        for number, (key, kind) in enumerate(types.items())
    ]
    return b",".join(map(encode, [*rows, *more]))


def head(number: int) -> bytes:
    """Return the start of a record: its id."""
    return b'{"id":"%08x-0000-4000-8000-%012x"' % (number, number)


def usage(number: int) -> bytes:
    """Return a usage record: small, and a tenant can have millions."""
    return head(number) + _usage(number, _time(number))


def inserted_usage(number: int, time: str) -> bytes:
    """Return a usage record that was inserted during the run. Its id is before all others."""
    start = b'{"id":"00000000-0000-0000-8000-%012x"' % number
    return start + _usage(number, time.encode())


def _usage(number: int, time: bytes) -> bytes:
    return b',"quantity":%d.%03d,"unitCode":"h","created":"%b","modified":"%b"}' % (
        number % 89,
        number % 1000,
        time,
        time,
    )


def _time(number: int) -> bytes:
    """Return the time of a record: one second after that of the record before it."""
    day, second = divmod(number, 86_400)
    minute, second = divmod(second, 60)
    return b"%bT%02d:%02d:%02d" % (_day(day), *divmod(minute, 60), second)


@cache
def _day(number: int) -> bytes:
    return (date(2025, 1, 1) + timedelta(number)).isoformat().encode()


def tax_template(number: int) -> bytes:
    """Return a tax template with one row of its nested stream."""
    return head(number) + (
        b',"name":"Template %d","details":[%b,"city":"Lund","tax1":%d.25}],'
        b'"modified":"2025-01-02T10:00:%02d"}' % (number, head(number), number % 30, number % 60)
    )


# What can differ from the plain subscriptions

TYPES: Final = {
    "datesByDay": {"goLive1": "Date", "seats1": "Integer", "regions1": "List"},
    "namedLikeTimes": {"created": "Text", "Ändrad": "Date"},
}
"""Custom fields of subscriptions, by the name of the edit that sets them."""


def _edited(edit: Callable[[Any], None]) -> Callable[[bytes], bytes]:
    def edited(record: bytes) -> bytes:
        row = _decode(record)
        edit(row)
        return encode(row)

    return edited


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from _objects(inner)


def _set_custom(**values: Any) -> Callable[[bytes], bytes]:
    return _edited(lambda row: row.setdefault("customFields", {}).update(deepcopy(values)))


def _add_everywhere(row: Any) -> None:
    for each in [*_objects(row)]:
        each["addedByYounium"] = "new"


def _blanks(record: bytes) -> bytes:
    spaced = msgspec.json.format(record, indent=0)
    return re.sub(rb'^\{"id": "', b'{"id":"', spaced)  # the server writes the id


_decode = msgspec.json.Decoder(float_hook=Decimal).decode
EDITS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "plain": bytes,
    "newCustomField": _set_custom(newer="than the catalog"),
    "newField": _edited(lambda row: row.update(addedByYounium="new")),
    "newFieldEverywhere": _edited(_add_everywhere),
    "datesByDay": _set_custom(goLive1="2026-02-03", seats1="12", regions1=["Väst", "Öst"]),
    "namedLikeTimes": _set_custom(created="in spring", Ändrad="2026-02-03T00:00:00"),
    "blanks": _blanks,
}
"""What to change in each subscription, by name."""
