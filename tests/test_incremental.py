"""The next run reads what changed: it misses nothing, and reads hardly anything twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from comparing import newest_change
from singer import (
    ALL,
    COLLECTIONS,
    INCREMENTAL,
    UNPAGED,
    Output,
    Row,
    Younium,
    catalog,
    config_of,
    metadata_of,
    run,
    table_of,
)

from simulator import Fault

if TYPE_CHECKING:
    from simulator import Seen, Simulator

NEWEST = "2026-08-01T00:00:00"
LATER = "2026-09-01T10:20:30.1234567"
CHANGED = "2026-09-01T10:20:30.123456Z"
ORDERS = ("subscriptions",)


def asked(simulator: Simulator, table: str) -> list[Seen]:
    """The requests for a stream's pages."""
    return [seen for seen in simulator.requests if seen.path == f"/{COLLECTIONS[table]}"]


def windows(simulator: Simulator, table: str) -> set[str | None]:
    """The values of `ModifiedAfter` that were sent."""
    return {seen.query.get("ModifiedAfter") for seen in asked(simulator, table)}


def ids(output: Output, table: str) -> list[str]:
    return [row["id"] for row in output.records.get(table, [])]


def exact(simulator: Simulator, **more: Any) -> Row:
    """Settings without a lookback: a run starts where the last one ended."""
    return config_of(simulator, lookback_hours=0, **more)


def settled(*tables: str, **options: Any) -> Simulator:
    """A simulator in which the newest change of some streams is `NEWEST`, in the first row."""
    simulator = Younium(**({"rows": 5} | options))
    for table in tables:
        for _, entity in simulator.entities:
            simulator.rows(COLLECTIONS[table], entity)[0]["modified"] = NEWEST
    return simulator


# The first run


def test_a_first_run_without_start_date_reads_everything() -> None:
    """It sends no ModifiedAfter at all."""
    with Younium(rows=3) as younium:
        output = run(config_of(younium), select=INCREMENTAL).well()
        for table in INCREMENTAL:
            assert windows(younium, table) == {None}
            assert len(ids(output, table)) == 3


def test_start_date_limits_the_changes_to_read() -> None:
    with settled("subscriptions") as younium:
        for row in younium.rows("Subscriptions")[1:]:
            age(row)
        config = config_of(younium, start_date="2026-07-31T23:00:00+02:00")
        output = run(config, select=["subscriptions", "countries"]).well()
        assert ids(output, "subscriptions") == [younium.rows("Subscriptions")[0]["id"]]
        (sent,) = windows(younium, "subscriptions")
        assert sent is not None
        assert datetime.fromisoformat(sent) == datetime(2026, 7, 31, 21, tzinfo=UTC)
        assert windows(younium, "countries") == {None}
        assert len(ids(output, "countries")) == 5


def age(value: Any) -> None:
    """Make every change in a record old."""
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            age(item)
    if isinstance(value, dict):
        for name in value.keys() & {"modified", "_modified"}:
            value[name] = "2020-01-01T00:00:00"


def test_a_start_date_without_zone_is_utc() -> None:
    with Younium(rows=1) as younium:
        run(config_of(younium, start_date="2024-01-31"), select=["accounts"]).well()
        (sent,) = windows(younium, "accounts")
        assert sent is not None
        assert datetime.fromisoformat(sent) == datetime(2024, 1, 31, tzinfo=UTC)


def test_the_bookmark_is_the_newest_change_that_was_read() -> None:
    with Younium(rows=5) as younium:
        output = run(config_of(younium), select=INCREMENTAL).well()
        for table in INCREMENTAL - {"payments"}:
            times = [newest_change(row) for row in younium.rows(COLLECTIONS[table])]
            assert output.bookmark(table) == max(time for time in times if time), table


# The next run


def test_the_next_run_reads_changed_records_only() -> None:
    """Only the one changed record of each incremental stream."""
    tables = sorted(INCREMENTAL - {"payments"})
    with settled(*tables) as younium:
        first = run(exact(younium), select=tables).well()
        for table in tables:
            younium.rows(COLLECTIONS[table])[3]["modified"] = LATER
        second = run(exact(younium), state=first.state, select=tables).well()
        for table in tables:
            assert ids(second, table) == [younium.rows(COLLECTIONS[table])[3]["id"]], table
            assert second.records[table][0]["_last_modified"] == CHANGED
            assert second.bookmark(table) == CHANGED


CHILDREN = {
    "accounts": ("addresses",),
    "bookings": ("bookingLines",),
    "invoices": ("invoiceLines",),
    "journals": ("vouchers", "transactions"),
    "products": ("chargePlans", "charges"),
    "quotes": ("products", "charges"),
    "sales_orders": ("products", "charges"),
    "subscriptions": ("products", "charges"),
}


def descendant(row: Row, path: tuple[str, ...]) -> Row:
    for name in path:
        row = row[name][0]
    return row


@pytest.mark.parametrize("table", sorted(CHILDREN.keys() - {"accounts", "journals"}))
def test_a_change_of_only_a_charge_or_a_line_brings_its_record(table: str) -> None:
    """Younium does not change the record's own `modified`: `_last_modified` is the child's."""
    with settled(table) as younium:
        first = run(exact(younium), select=[table]).well()
        row = next(
            row
            for row in younium.rows(COLLECTIONS[table])
            if row["modified"] != NEWEST
            and all(row.get(name) for name in CHILDREN[table][:1])
            and (len(CHILDREN[table]) == 1 or row[CHILDREN[table][0]][0].get(CHILDREN[table][1]))
        )
        before = row["modified"]
        descendant(row, CHILDREN[table])["modified"] = LATER
        second = run(exact(younium), state=first.state, select=[table]).well()
        (came,) = (each for each in second.records[table] if each.get("isLastVersion") is not False)
        assert came["id"] == row["id"]
        assert came["modified"][:19] == before[:19]
        assert came["_last_modified"] == CHANGED
        assert second.bookmark(table) == CHANGED
        third = run(exact(younium), state=second.state, select=[table]).well()
        assert set(ids(third, table)) <= set(
            ids(second, table)
        )  # cut to six digits: read again, or not


@pytest.mark.parametrize(
    ("table", "path"),
    [("accounts", ("addresses",)), ("subscriptions", ("products", "charges", "priceDetails"))],
)
def test_a_change_that_younium_does_not_show_is_still_read(
    table: str, path: tuple[str, ...]
) -> None:
    """Addresses and prices have no time of their own, but Younium considers their changes."""
    with settled(table) as younium:
        first = run(exact(younium), select=[table]).well()
        row = younium.rows(COLLECTIONS[table])[0]
        descendant(row, path)["_modified"] = LATER
        second = run(exact(younium), state=first.state, select=[table]).well()
        assert ids(second, table) == [row["id"]]


def test_without_changes_each_stream_costs_one_request_and_no_error() -> None:
    """Younium then answers 400 "No … could be found", which is not an error."""
    with settled(*(INCREMENTAL - {"payments"})) as younium:
        first = run(exact(younium), select=INCREMENTAL).well()
        younium.clear()
        second = run(exact(younium), state=first.state, select=INCREMENTAL).well()
        for table in INCREMENTAL:
            assert [seen.status for seen in asked(younium, table)] == [400], table
        rest = {seen.path for seen in younium.requests} - {
            f"/{COLLECTIONS[t]}" for t in INCREMENTAL
        }
        assert rest <= {
            "/auth/token",
            "/CustomFieldConfigurations",
        }  # the latter also for its types
        assert second.records == {}
        for table in INCREMENTAL - {"payments"}:
            assert second.bookmark(table) == first.bookmark(table)
        assert not [line for line in second.warnings() if "lookback_hours" not in line]


def test_without_changes_full_table_streams_cost_one_request_each_too() -> None:
    """If they fit on one page."""
    with settled(*(INCREMENTAL - {"payments"})) as younium:
        first = run(exact(younium), select=ALL).well()
        younium.clear()
        run(exact(younium), state=first.state, select=ALL).well()
        assert len(younium.requests) == len(ALL) + 1


def test_streams_whose_path_takes_no_parameters_get_none() -> None:
    with Younium(rows=2) as younium:
        run(config_of(younium, start_date="2024-01-01"), select=ALL).well()
        for table in UNPAGED:
            assert [seen.query for seen in asked(younium, table)] == [{}]


# Windows


def test_lookback_reads_a_day_before_the_bookmark_again() -> None:
    """Younium's clock has no zone and changes are saved late: better read rows twice than never."""
    with settled("accounts") as younium:
        state = run(config_of(younium), select=["accounts"]).well().state
        for hours, more in ((24, {}), (1.5, {"lookback_hours": 1.5}), (0, {"lookback_hours": 0})):
            younium.clear()
            run(config_of(younium, **more), state=state, select=["accounts"]).well()
            (sent,) = windows(younium, "accounts")
            assert sent is not None
            newest = datetime.fromisoformat(f"{NEWEST}Z")
            assert datetime.fromisoformat(sent) == newest - timedelta(hours=hours)


@pytest.mark.parametrize(("hours", "warnings"), [(24, 0), (14, 0), (13.5, 1), (0, 1)])
def test_a_lookback_shorter_than_the_largest_zone_gives_one_warning(
    hours: float, warnings: int
) -> None:
    with Younium(rows=1) as younium:
        config = config_of(younium, lookback_hours=hours)
        output = run(config, select=["accounts", "payments", "countries"]).well()
        assert len(output.warnings("lookback_hours")) == warnings
        full_tables = run(config, select=["countries"]).well()
        assert not full_tables.warnings()
        assert not run(config, "--discover").well().warnings("lookback_hours")


def test_a_start_date_after_the_bookmark_is_used() -> None:
    with settled("accounts") as younium:
        state = run(config_of(younium), select=["accounts"]).well().state
        younium.clear()
        config = config_of(younium, start_date="2026-08-15T00:00:00Z")
        run(config, state=state, select=["accounts"]).well()
        (sent,) = windows(younium, "accounts")
        assert sent is not None
        assert datetime.fromisoformat(sent) == datetime(2026, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("by_day", [False, True])
def test_no_change_is_missed_whatever_modified_after_includes(
    *, inclusive: bool, by_day: bool
) -> None:
    """Also ties: another record with the bookmark's time, saved after the first run."""
    with settled("accounts", window_inclusive=inclusive, window_by_day=by_day) as younium:
        first = run(config_of(younium), select=["accounts"]).well()
        tied, changed = younium.rows("Accounts")[1:3]
        tied["modified"] = NEWEST
        changed["modified"] = LATER
        second = run(config_of(younium), state=first.state, select=["accounts"]).well()
        assert {tied["id"], changed["id"]} <= set(ids(second, "accounts"))


def test_a_bookmark_is_never_later_than_the_start_of_the_run() -> None:
    """A clock that is ahead, or a time in the future, must not hide years of changes."""
    with settled("accounts") as younium:
        younium.rows("Accounts")[2]["modified"] = "2999-01-01T00:00:00"
        first = run(exact(younium), select=["accounts"]).well()
        bookmark = first.bookmark("accounts")
        assert bookmark is not None
        now = datetime.now(UTC)
        assert now - timedelta(minutes=5) < datetime.fromisoformat(bookmark) < now
        rows = {row["id"]: row for row in first.records["accounts"]}
        future = rows[younium.rows("Accounts")[2]["id"]]
        assert future["_last_modified"] == "2999-01-01T00:00:00.000000Z"


def test_a_bookmark_never_goes_back() -> None:
    """A run that finds only older changes, in its lookback, keeps the bookmark."""
    with settled("accounts") as younium:
        state = run(config_of(younium), select=["accounts"]).well().state
        younium.rows("Accounts")[0]["modified"] = "2026-07-31T12:00:00"
        second = run(config_of(younium), state=state, select=["accounts"]).well()
        assert len(ids(second, "accounts")) == 1
        assert second.bookmark("accounts") == "2026-08-01T00:00:00.000000Z"


def test_a_bookmark_moves_only_after_a_complete_read() -> None:
    """After a run that failed halfway, the next one starts there again."""
    with settled("accounts", rows=230, max_page_size=100) as younium:
        good = run(config_of(younium), select=["accounts"]).well()
        younium.rows("Accounts")[0]["modified"] = LATER
        for row in younium.rows("Accounts"):
            row["modified"] = LATER
        younium.faults.append(refused_from_page_two())
        failed = run(config_of(younium), state=good.state, select=["accounts"])
        assert failed.exit_code == 1
        assert ids(failed, "accounts")
        assert failed.bookmark("accounts") == good.bookmark("accounts")
        younium.faults.clear()
        mended = run(config_of(younium), state=failed.state, select=["accounts"]).well()
        assert len(set(ids(failed, "accounts")) | set(ids(mended, "accounts"))) == 230
        assert mended.bookmark("accounts") == CHANGED


def test_the_last_line_is_a_state_even_without_changes() -> None:
    """Some targets drop a state at the next row: a run with only old rows would leave none."""
    with settled("accounts") as younium:
        first = run(config_of(younium), select=["accounts"]).well()
        again = run(config_of(younium), select=["accounts"], state=first.state).well()
        assert ids(again, "accounts")
        assert again.messages[-1] == {"type": "STATE", "value": first.state}


def test_an_interrupted_run_saves_its_place_after_pages_without_rows() -> None:
    """There is a STATE after ten pages, then pages that give a nested stream no rows."""
    faults = [Fault("status", "/Subscriptions", page=15, status=404, times=None)]
    with Younium(rows=16, faults=faults) as younium:
        for row in younium.rows("Subscriptions"):
            row["milestones"] = None
        config = config_of(younium, page_size=1, max_parallel_requests=1)
        output = run(config, select=["subscription_milestones"])
    assert output.exit_code == 1
    assert output.state["bookmarks"]["subscription_milestones"]["place"]["page"] == 14


def refused_from_page_two() -> Fault:
    return Fault("status", path="/Accounts", page=2, status=404, times=None)


# States


def test_each_legal_entity_has_its_own_bookmark() -> None:
    """A change in one is read only for that one."""
    with settled("accounts", entities=["Nordic AB", "Łódź sp. z o.o."]) as younium:
        younium.rows("Accounts", "Nordic AB")[0]["modified"] = "2026-08-02T00:00:00"
        first = run(exact(younium), select=["accounts", "invoices"]).well()
        assert first.bookmark("accounts", "Nordic AB") == "2026-08-02T00:00:00.000000Z"
        assert first.bookmark("accounts", "Łódź sp. z o.o.") == "2026-08-01T00:00:00.000000Z"
        younium.rows("Accounts", "Łódź sp. z o.o.")[1]["modified"] = "2026-08-01T12:00:00"
        younium.clear()
        second = run(exact(younium), state=first.state, select=["accounts"]).well()
        (row,) = second.records["accounts"]
        assert row["_legal_entity"] == "Łódź sp. z o.o."
        assert {
            seen.headers["legal-entity"]: seen.query["ModifiedAfter"][:10]
            for seen in asked(younium, "accounts")
        } == {"Nordic AB": "2026-08-02", "Łódź sp. z o.o.": "2026-08-01"}


def test_a_new_legal_entity_is_read_from_the_start() -> None:
    with settled("accounts", entities=["One", "Two"]) as younium:
        one = exact(younium, legal_entities=["One"])
        first = run(one, select=["accounts"]).well()
        second = run(exact(younium), state=first.state, select=["accounts"]).well()
        assert [row["_legal_entity"] for row in second.records["accounts"]] == ["Two"] * 5


def test_each_stream_has_its_own_bookmark() -> None:
    """A stream selected later is read from the start; the state of a deselected one is kept."""
    with settled("accounts", "invoices") as younium:
        first = run(exact(younium), select=["accounts"]).well()
        second = run(exact(younium), state=first.state, select=["invoices"]).well()
        assert len(ids(second, "invoices")) == 5
        assert second.bookmark("accounts") == first.bookmark("accounts")
        assert second.bookmark("invoices")


def test_a_state_without_a_time_in_it_reads_everything() -> None:
    """Better read rows twice than never, and never crash."""
    with settled("accounts") as younium:
        for value in ("yesterday", "", None, 5, {"a": 1}):
            mark = {"replication_key": "_last_modified", "replication_key_value": value}
            state = {"bookmarks": {"accounts": mark}}
            output = run(exact(younium), state=state, select=["accounts"]).well()
            assert len(ids(output, "accounts")) == 5, value
            assert output.bookmark("accounts") == "2026-08-01T00:00:00.000000Z", value


@pytest.mark.parametrize("way", ["entry", "metadata"])
def test_full_table_can_be_forced(way: str) -> None:
    """With the catalog, as by Meltano's metadata rules: then every run reads all rows."""
    chosen = catalog(["accounts"])
    entry = table_of(chosen, "accounts")
    if way == "entry":
        entry["replication_method"] = "FULL_TABLE"
    else:
        del entry["replication_method"]
        metadata_of(entry)["forced-replication-method"] = "FULL_TABLE"
    with settled("accounts") as younium:
        state = run(exact(younium), select=["accounts"]).well().state
        younium.clear()
        output = run(exact(younium), state=state, catalog=chosen).well()
        assert windows(younium, "accounts") == {None}
        assert len(ids(output, "accounts")) == 5


# Payments


def test_payments_have_the_time_of_younium_s_clock() -> None:
    """Their rows show no time: they get the start of the read, by the answer's `Date`."""
    with Younium(rows=230) as younium:
        before = datetime.now(UTC)
        output = run(exact(younium), select=["payments"]).well()
        after = datetime.now(UTC)
        (time,) = {row["_last_modified"] for row in output.records["payments"]}
        moment = datetime.fromisoformat(time)
        assert before - timedelta(seconds=2) <= moment <= after
        assert output.bookmark("payments") is not None
        bookmark = datetime.fromisoformat(output.bookmark("payments") or "")
        assert bookmark <= moment
        assert before - timedelta(seconds=2) <= bookmark


def test_a_settled_payment_comes_with_the_next_run() -> None:
    with Younium(rows=5) as younium:
        first = run(exact(younium), select=["payments"]).well()
        assert len(ids(first, "payments")) == 5
        payment = next(row for row in younium.rows("Payments") if row["paymentSettlements"])
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        payment["paymentSettlements"][0]["_modified"] = f"{tomorrow:%Y-%m-%dT%H:%M:%S}"
        second = run(exact(younium), state=first.state, select=["payments"]).well()
        assert ids(second, "payments") == [payment["id"]]


@pytest.mark.parametrize("table", ["subscriptions", "sales_orders", "subscription_charges"])
def test_last_updated_counts_as_a_change(table: str) -> None:
    """A change of an order can show only there: the record must not keep the older time."""
    collection = "SalesOrders" if table == "sales_orders" else "Subscriptions"
    with settled("subscriptions", "sales_orders") as younium:
        for row in younium.rows(collection):
            row["lastUpdated"] = LATER
        output = run(exact(younium), select=[table]).well()
        assert {row["_last_modified"] for row in output.records[table]} == {CHANGED}
        assert output.bookmark(table) == CHANGED
