"""Every field that is nullable in the published API can be absent, ids included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from comparing import differences
from singer import COLLECTIONS, NOT_BY_DEFAULT, Younium, config_of, run, validate

from tap_younium.child import ChildStream
from tap_younium.records.columns import PARENT_ID, POSITION, ROOT_ID
from tap_younium.streams import STREAMS
from upkeep.facts import published

if TYPE_CHECKING:
    from singer import Row

    from tap_younium.client import YouniumStream

NULLABLE_KEYS = {"measurements": "id", "product_features": "code", "users": "id"}
"""The primary keys that are nullable in the published API and that no position can replace."""


@pytest.mark.parametrize("share", [0.5, 1])
def test_a_load_works_whatever_nullable_field_is_absent(share: float) -> None:
    """Rows without their primary key are left out, counted and reported; all others are there."""
    with Younium(accounts=8) as younium:
        younium.thin(share)
        output = run(config_of(younium))
        sent = {name: younium.rows(path) for name, path in COLLECTIONS.items()}
    expected: dict[str, list[Row]] = {}
    for name in sent.keys() - NOT_BY_DEFAULT:
        key = NULLABLE_KEYS.get(name, "id")
        expected[name] = [row for row in sent[name] if row.get(key) is not None]
        left_out = len(sent[name]) - len(expected[name])
        rows = "row" if left_out == 1 else "rows"
        assert (f"{name} (left out {left_out} {rows} without primary key" in output.complaint) == (
            left_out > 0
        )
    assert {*NULLABLE_KEYS} & {*expected} == {
        name for name in expected if len(expected[name]) < len(sent[name])
    }
    assert validate(output) >= sum(map(len, expected.values()))
    for name, rows_sent in expected.items():
        key = NULLABLE_KEYS.get(name, "id")
        schema = output.schemas[name]["schema"]
        came = {row[key]: row for row in output.exact.get(name, [])}
        assert len(came) == len(rows_sent), name
        for row in rows_sent:
            assert not differences(row, came[row[key]], schema), name


# The published API


def row_of(stream: type[YouniumStream]) -> Row:
    """The fields of a row of a stream."""
    return published().record(stream.child_path or stream.path, *stream.array_path)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_no_other_primary_key_is_nullable_in_the_published_api(stream: Any) -> None:
    """A primary key is never null, with known exceptions."""
    row = row_of(stream)
    nullable = [
        key
        for key in stream.primary_keys
        if key not in {ROOT_ID, PARENT_ID, POSITION} and f"{key}?" in row
    ]
    assert nullable == [key for name, key in NULLABLE_KEYS.items() if name == stream.name]
    if stream.has_parent_columns and not issubclass(stream, ChildStream):
        record = row_of(stream.collection)
        assert "id" in record
