"""The records that the server returns, as bytes."""

from __future__ import annotations

from functools import cache
from typing import Final
from unittest import mock

from simulator.companies import Company, counts
from simulator.store import encode

_SUBSCRIPTIONS: Final = 3000
_ACCOUNTS: Final = 50
SMALLEST, LARGEST = 6_000, 10_000
"""The size of a subscription in bytes."""
_ID: Final = len('{"id":"00000000-0000-0000-0000-000000000000"')


@cache
def _company() -> Company:
    return Company(1, "Nordic AB", 0, counts(_ACCOUNTS, _SUBSCRIPTIONS))


def tails() -> list[bytes]:
    """Return several hundred different subscriptions of the simulator, without their ids.

    All custom fields match their types. The tap moves others to `_extra`, so its rows would differ
    from those of the other ways.
    """
    with mock.patch("simulator.custom_fields._MISFIT", 0):
        records = [encode(row) for row in _company().rows("Subscriptions")]
    return [record[_ID:] for record in records if SMALLEST <= len(record) <= LARGEST]


def custom_fields() -> bytes:
    """Return the configuration of the custom fields."""
    return b",".join(map(encode, _company().rows("CustomFieldConfigurations")))


def head(number: int) -> bytes:
    """Return the start of a record: its id."""
    return b'{"id":"%08x-0000-4000-8000-%012x"' % (number, number)


def usage(number: int) -> bytes:
    """Return a usage record: small, and a tenant can have millions."""
    return head(number) + (
        b',"quantity":%d.%03d,"unitCode":"h","created":"2025-01-01T10:00:%02d.1234567",'
        b'"modified":"2025-01-02T10:00:%02d"}'
        % (number % 89, number % 1000, number % 60, number % 60)
    )


def tax_template(number: int) -> bytes:
    """Return a tax template with one row of its nested stream."""
    return head(number) + (
        b',"name":"Template %d","details":[%b,"city":"Lund","tax1":%d.25}],'
        b'"modified":"2025-01-02T10:00:%02d"}' % (number, head(number), number % 30, number % 60)
    )
