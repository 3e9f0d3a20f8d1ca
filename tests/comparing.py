"""Compares what Younium sent with what the tap wrote, by the tests' own reading of the rules."""

from __future__ import annotations

from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any

from singer import OWN, Digits, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer import Output

ABSENT = object()


def as_utc(text: str) -> str:
    """A time from Younium, which has no zone, as RFC 3339."""
    second, _, fraction = text.partition(".")
    return f"{second}.{fraction[:6]}Z" if fraction else f"{second}Z"


def newest_change(row: Row) -> str | None:
    """The newest `modified` or `lastUpdated` at any level but custom fields, with six digits."""
    padded = [f"{text.partition('.')[0]}.{text.partition('.')[2]:0<6}" for text in _changes(row)]
    return max((f"{text[:26]}Z" for text in padded), default=None)


def _changes(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _changes(item)
    elif isinstance(value, dict):
        yield from (value[name] for name in ("modified", "lastUpdated") if value.get(name))
        for name, item in value.items():
            if name != "customFields":
                yield from _changes(item)


def stored(*outputs: Output) -> dict[str, list[Row]]:
    """The rows of each stream in a target that upserts, after some runs."""
    kept: dict[str, dict[tuple[Any, ...], Row]] = {}
    keys: dict[str, list[str]] = {}
    for message in chain.from_iterable(output.messages for output in outputs):
        if message["type"] == "SCHEMA":
            keys[message["stream"]] = message["key_properties"]
            kept.setdefault(message["stream"], {})
        elif message["type"] == "RECORD":
            row = message["record"]
            key = tuple(row[name] for name in keys[message["stream"]])
            kept[message["stream"]][key] = row
    return {stream: list(rows.values()) for stream, rows in kept.items()}


def current(rows: list[Row], records: list[Row]) -> list[Row]:
    """The nested rows that are still in their record, by the rule in the docs."""
    read = {(record["_legal_entity"], record["id"]): record["_read_at"] for record in records}
    return [
        row
        for row in rows
        if row["_read_at"] >= read.get((row["_legal_entity"], row["_root_id"]), "9")
    ]


def differences(sent: Row, row: Row, schema: Row) -> list[str]:
    """What a record has that is not in its row or the row's `_extra`, and what was never sent.

    Args:
        sent: The record; None stands for what is left out, names with `_` for what is hidden.
        row: The row, with numbers as `Digits`.
        schema: The row's JSON Schema: only what it calls a time may be rewritten.
    """
    columns = {name: value for name, value in row.items() if name not in OWN}
    return [
        *_lost(sent, columns, row.get("_extra") or {}, schema, ""),
        *_made_up(columns, sent, ""),
    ]


def _lost(sent: Any, row: Any, extra: Any, schema: Row, path: str) -> Iterator[str]:
    if isinstance(sent, dict) and sent:
        for name, item in sent.items():
            if item is not None and not name.startswith("_"):
                inner = schema.get("properties", {}).get(name, {})
                yield from _lost(item, _at(row, name), _at(extra, name), inner, f"{path}.{name}")
    elif isinstance(sent, list) and sent:
        for place, item in enumerate(sent):
            inner = schema.get("items", {})
            yield from _lost(item, _at(row, place), _at(extra, place), inner, f"{path}.{place}")
    else:
        value = _leaf(sent)
        is_time = schema.get("format") == "date-time" and isinstance(sent, str)
        as_text = ".customFields." in path and _text(row) == _text(value)  # converted, not lost
        fits = as_text or _same(row, as_utc(sent) if is_time else value)
        if not fits and not _same(extra, value):
            yield f"{path}: {sent!r} became {row!r}"


def _made_up(row: Any, sent: Any, path: str) -> Iterator[str]:
    if row is None:
        return
    if isinstance(row, dict):
        for name, item in row.items():
            yield from _made_up(item, _at(sent, name), f"{path}.{name}")
    elif isinstance(row, list):
        for place, item in enumerate(row):
            yield from _made_up(item, _at(sent, place), f"{path}.{place}")
    elif sent is ABSENT or sent is None:
        yield f"{path}: {row!r} was never sent"


def _at(value: Any, key: str | int) -> Any:
    if isinstance(value, list) and isinstance(key, int):
        return value[key] if key < len(value) else ABSENT
    return value.get(str(key), ABSENT) if isinstance(value, dict) else ABSENT


def _leaf(value: Any) -> Any:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Digits(value)
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other
