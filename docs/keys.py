"""Why a stream's primary key is one: what the published file says, and what makes it unique."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.joins import TABLES, name_of
from tap_younium.child import ChildStream
from tap_younium.client import NestedStream
from tap_younium.records.columns import POSITION, ROOT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_younium.client import YouniumStream

NULLABLE = ("account_addresses", "measurements", "product_features", "users")
"""Streams whose own key the published file lets be absent."""
_ABSENT = (
    "The published file lets it be absent, but a record has nothing else that names it. A record "
    "without it is named in the log, and the run exits with 1."
)
_REASONS = {
    "accounting_transactions": (
        "A transaction has no id, and its number can be absent: its place in the answer for its "
        "fiscal year names it. Each run that asks for a year reads all of it: what has left has an "
        "older `_read_at` than the year's newest."
    ),
    "invoice_payment_logs": (
        "A log has no id: its place in the answer for its invoice names it. What has left has an "
        "older `_read_at` than the invoice's newest log."
    ),
    "related_invoices": (
        "Never absent. The id is that of another invoice, which several can be related to, so the "
        "record that was asked for is part of the key."
    ),
    "subscription_versions": (
        "Never absent. Whether a version keeps the id of the one before is unknown, so its number "
        "is part of the key."
    ),
    "revenue_schedules": (
        "Never absent. Whether one item can belong to two charges is unknown, so the charge is "
        "part of the key: count an item's id once where you sum over charges."
    ),
    "invoice_line_revenue_schedules": (
        "Never absent. Whether one item can belong to two lines is unknown, so the line is part of "
        "the key: count an item's id once where you sum over lines."
    ),
}
_REASONS["sales_order_versions"] = _REASONS["subscription_versions"]


def reasons() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield each stream by name, with its primary key and why it is one."""
    for stream in sorted(TABLES, key=name_of):
        name = name_of(stream)
        yield name, stream.primary_keys, _REASONS.get(name) or _reason(stream)


def _reason(stream: type[YouniumStream]) -> str:
    if name_of(stream) in NULLABLE and ROOT_ID not in stream.primary_keys:
        return _ABSENT
    if stream.primary_keys == (ROOT_ID, POSITION):
        return (
            "Its place in its record names a row. Where the array has become shorter, the last "
            "places keep an older `_read_at` than their record."
        )
    if stream.primary_keys != ("id",):
        message = f"{name_of(stream)} has no reason for its key {stream.primary_keys}"
        raise ValueError(message)
    if issubclass(stream, NestedStream | ChildStream):
        return "Never absent; an id of Younium's own, which names one row in all records."
    return "Never absent; it names one record of the collection."
