"""Why each stream has its primary key: what Younium publishes, and what makes it unique."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.joins import ALL_STREAMS, name_of
from tap_younium.child import ChildStream
from tap_younium.client import NestedStream
from tap_younium.records.columns import POSITION, ROOT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_younium.client import YouniumStream

NULLABLE = ("account_addresses", "measurements", "product_features", "users")
"""Streams whose primary key can be null in the published file."""
_NULLABLE = (
    "Can be null in the published file, but nothing else identifies a record. A record without it "
    "is named in the log, and the run ends with exit code 1."
)
_REASONS = {
    "accounting_transactions": (
        "A transaction has no id, and its number can be null, so its position in the response for "
        "its fiscal year identifies it. A run reads a fiscal year in full: removed transactions "
        "have an older `_read_at` than the newest one of that year."
    ),
    "invoice_payment_logs": (
        "A log has no id, so its position in the response for its invoice identifies it. Removed "
        "logs have an older `_read_at` than the newest one of that invoice."
    ),
    "related_invoices": (
        "Never null. The id is that of another invoice, which can be related to several, so the "
        "primary key includes the invoice that was requested."
    ),
    "subscription_versions": (
        "Never null. Younium does not document whether a version keeps the id of the previous one, "
        "so the primary key includes the version number."
    ),
    "revenue_schedules": (
        "Never null. Younium does not document whether one item can belong to two charges, so the "
        "primary key includes the charge. In sums over several charges, count each id once."
    ),
    "invoice_line_revenue_schedules": (
        "Never null. Younium does not document whether one item can belong to two invoice lines, "
        "so the primary key includes the line. In sums over several lines, count each id once."
    ),
}
_REASONS["sales_order_versions"] = _REASONS["subscription_versions"]


def reasons() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield each stream's name, its primary key and the reason for it."""
    for stream in sorted(ALL_STREAMS, key=name_of):
        name = name_of(stream)
        yield name, stream.primary_keys, _REASONS.get(name) or _reason(stream)


def _reason(stream: type[YouniumStream]) -> str:
    if name_of(stream) in NULLABLE and ROOT_ID not in stream.primary_keys:
        return _NULLABLE
    if stream.primary_keys == (ROOT_ID, POSITION):
        return (
            "The position in the record identifies a row. If the array becomes shorter, the last "
            "rows keep an older `_read_at` than their record."
        )
    if stream.primary_keys != ("id",):
        message = f"{name_of(stream)} has no reason for its primary key {stream.primary_keys}"
        raise ValueError(message)
    if issubclass(stream, NestedStream | ChildStream):
        return "Never null. Younium's id identifies the row across all records."
    return "Never null. It identifies a record of the collection."
