"""`_read_at` is the time of the read: rows that the last run did not read were removed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import chain

import pytest
from comparing import current, stored
from singer import Younium, config_of, run
from stub import serving
from test_nested import NESTED, OF_SUBSCRIPTIONS, ROOTS, elements

LATER = "2026-09-01T10:20:30"


def test_all_rows_of_a_run_have_one_time_and_the_next_run_s_is_later() -> None:
    """On the fast path and off it, and whatever pages its stream shares."""
    with Younium(rows=12) as younium:
        config = config_of(younium, page_size=5)
        times = []
        for _ in range(2):
            began = datetime.now(UTC)
            output = run(config, select=[*ROOTS, *NESTED, "countries", "account_summaries"]).well()
            rows = chain.from_iterable(output.records.values())
            (time,) = {row["_read_at"] for row in rows}
            assert abs(datetime.fromisoformat(time) - began) < timedelta(minutes=1)
            times.append(time)
        assert times == sorted(set(times))


@pytest.mark.parametrize("hours", [-5, 5])
def test_the_time_is_that_of_younium_s_clock(hours: int) -> None:
    """Otherwise, on two machines whose clocks differ, the later run could seem the earlier."""
    clock = (datetime.now(UTC) + timedelta(hours=hours)).replace(microsecond=0)
    with serving() as stub:
        stub.date = format_datetime(clock, usegmt=True)
        stub.listing = lambda: (200, {"data": [{"id": "a"}], "totalCount": 1})
        output = run(stub.config, select=["accounts"]).well()
    (row,) = output.records["accounts"]
    off = datetime.fromisoformat(row["_read_at"]) - clock
    assert timedelta(seconds=-2) < off < timedelta(seconds=1)


def test_a_removed_nested_row_is_older_than_its_record_even_with_the_newest_change() -> None:
    """By `_last_modified` it would stay current: without it the record's time is older."""
    with Younium(rows=4) as younium:
        for collection in ("Subscriptions", "Accounts"):
            younium.rows(collection)[0]["modified"] = "2026-07-01T00:00:00"
        charges = younium.rows("Subscriptions")[1]["products"][0]["charges"]
        charges.append(charges[0] | {"id": "11111111-1111-4111-8111-111111111111"})
        charges[-1]["modified"] = LATER
        tables = ["subscriptions", *OF_SUBSCRIPTIONS]
        config = config_of(younium, lookback_hours=0)
        first = run(config, select=tables).well()
        del charges[-1]
        younium.rows("Subscriptions")[1]["modified"] = "2026-09-01T00:00:00"
        second = run(config | {"lookback_hours": 48}, select=tables, state=first.state).well()
        kept = stored(first, second)
        record = younium.rows("Subscriptions")[1]
        theirs = [row for row in kept["subscription_charges"] if row["_root_id"] == record["id"]]
        now = current(kept["subscription_charges"], kept["subscriptions"])
        assert len(theirs) == len([row for row in theirs if row in now]) + 1
        for table in OF_SUBSCRIPTIONS:
            rows = current(kept[table], kept["subscriptions"])
            there = elements(younium.rows("Subscriptions"), NESTED[table].arrays)
            assert len(rows) == len(there), table


@pytest.mark.parametrize("which", ["the collection", "a nested stream"])
def test_a_stream_that_is_read_again_alone_leaves_each_nested_row_current(which: str) -> None:
    """Its bookmark was removed, as by a full refresh of that stream."""
    with Younium(rows=4) as younium:
        tables = ["subscriptions", *OF_SUBSCRIPTIONS]
        config = config_of(younium, page_size=2)
        first = run(config, select=tables).well()
        state = first.state
        del state["bookmarks"][
            "subscriptions" if which == "the collection" else OF_SUBSCRIPTIONS[0]
        ]
        second = run(config, select=tables, state=state).well()
        kept = stored(first, second)
        for table in OF_SUBSCRIPTIONS:
            assert current(kept[table], kept["subscriptions"]) == kept[table], table
