"""Subscriptions as the simulator makes them up, rendered beforehand."""

from __future__ import annotations

from functools import cache
from typing import Final
from unittest import mock

from simulator.companies import Company, counts
from simulator.store import encode

_MADE: Final = 3000
_ACCOUNTS: Final = 50
SMALLEST, LARGEST = 6_000, 10_000
"""Bytes of a subscription."""
_ID: Final = len('{"id":"00000000-0000-0000-0000-000000000000"')


@cache
def _company() -> Company:
    return Company(1, "Nordic AB", 0, counts(_ACCOUNTS, _MADE))


def tails() -> list[bytes]:
    """What follows the id in several hundred subscriptions that differ.

    None holds a custom field against its own type, of which the simulator makes up many: the tap
    moves those to `_extra`, and its rows would not equal the other ways'.
    """
    with mock.patch("simulator.custom_fields._MISFIT", 0):
        records = [encode(row) for row in _company().rows("Subscriptions")]
    return [record[_ID:] for record in records if SMALLEST <= len(record) <= LARGEST]


def custom_fields() -> bytes:
    """The tenant's custom fields, so that the ones in subscriptions have types."""
    return b",".join(map(encode, _company().rows("CustomFieldConfigurations")))


def head(number: int) -> bytes:
    """The beginning of the record of this number: its id."""
    return b'{"id":"%08x-0000-4000-8000-%012x"' % (number, number)


def small(number: int) -> bytes:
    """A whole record of usage: the smallest that a table of millions may have."""
    return head(number) + (
        b',"quantity":%d.%03d,"unitCode":"h","created":"2025-01-01T10:00:%02d.1234567",'
        b'"modified":"2025-01-02T10:00:%02d"}'
        % (number % 89, number % 1000, number % 60, number % 60)
    )


def nested(number: int) -> bytes:
    """A whole tax template with one row in its array, which is a table of its own."""
    return head(number) + (
        b',"name":"Template %d","details":[%b,"city":"Lund","tax1":%d.25}],'
        b'"modified":"2025-01-02T10:00:%02d"}' % (number, head(number), number % 30, number % 60)
    )
