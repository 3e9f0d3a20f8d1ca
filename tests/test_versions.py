"""A changed order is a new version: rows of the previous version must not count."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from comparing import current, stored
from faults.tools import choose, cuts, exhaustive, only
from singer import Output, Row, Younium, config_of, run
from stub import serving

from simulator import Fault
from simulator.details import replace
from tap_younium import run as run_module

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTITIES = ("Nordic AB", "Läkarö & Söner 日本")
ORDERS = {"subscriptions": "Subscriptions", "sales_orders": "SalesOrders"}
NESTED = {
    "subscription_charges": "subscriptions",
    "subscription_milestones": "subscriptions",
    "sales_order_charges": "sales_orders",
}
TABLES = [*ORDERS, *NESTED]


@pytest.fixture(scope="module", autouse=True)
def few_tables() -> Iterator[None]:
    with only(TABLES, ENTITIES):
        yield


@pytest.fixture(autouse=True)
def a_state_after_each_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "PAGES_PER_STATE", 1)


def now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def asked(younium: Younium, collection: str = "") -> set[str]:
    """The requested paths of versions."""
    paths = {seen.path for seen in younium.requests if seen.path.endswith("/versions")}
    return {path for path in paths if path.startswith(f"/{collection}")}


def counted(rows: dict[str, list[Row]], *, by_query: bool = False) -> dict[str, list[str]]:
    """What remains by the docs' rules: orders of the last version, with their nested rows.

    Args:
        rows: The rows of each stream in a target.
        by_query: Whether to take the highest version of each order as well.
    """
    found = {}
    for stream in ORDERS:
        last = [row for row in rows[stream] if row["isLastVersion"]]
        if by_query:
            last = list(highest(last))
        found[stream] = last
        for nested in (name for name, above in NESTED.items() if above == stream):
            found[nested] = current(rows[nested], last)
    return {
        stream: sorted(json.dumps(row | {"_read_at": None}, sort_keys=True) for row in rows)
        for stream, rows in found.items()
    }


def highest(rows: list[Row]) -> Iterator[Row]:
    """The row of each order that was read last; of several, the highest version."""
    best: dict[tuple[Any, Any], Row] = {}
    for row in rows:
        key = row["_legal_entity"], row["orderNumber"]
        other = best.get(key)
        if other is None or rank(row) > rank(other):
            best[key] = row
    yield from best.values()


def rank(row: Row) -> tuple[str, int]:
    return row["_read_at"], row["version"]


def read(younium: Younium, state: Row | None = None, **more: Any) -> Output:
    names = [name for _, name in younium.entities]
    config = config_of(younium, page_size=2, lookback_hours=0, **more)
    return run(config, catalog=choose(TABLES, names if len(names) > 1 else ()), state=state)


@pytest.mark.parametrize("stay_last", [False, True])
@pytest.mark.parametrize("keep_id", [False, True])
def test_a_changed_order_counts_once(*, keep_id: bool, stay_last: bool) -> None:
    """Also if Younium does not say that the older version is no longer the last."""
    with Younium(rows=5) as younium:
        younium.contract.versions_stay_last = stay_last
        first = read(younium).well()
        assert asked(younium) == set()  # nothing was read before
        changed = set()
        for collection in ORDERS.values():
            for order in younium.rows(collection)[1:4]:
                replace(order, keep_id=keep_id, modified=now())
                changed.add(f"/{collection}/{order['orderNumber']}/versions")
        second = read(younium, first.state).well()
        assert changed <= asked(younium)
        whole = stored(read(younium).well())
        assert counted(stored(first, second), by_query=stay_last) == counted(whole)


def test_without_the_setting_no_version_is_requested_and_the_query_still_counts_once() -> None:
    with Younium(rows=4) as younium:
        first = read(younium).well()
        replace(younium.rows("Subscriptions")[0], keep_id=False, modified=now())
        second = read(younium, first.state, superseded_versions=False).well()
        assert asked(younium) == set()
        kept, whole = stored(first, second), stored(read(younium).well())
        assert counted(kept) != counted(whole) == counted(kept, by_query=True)


def test_an_order_that_was_not_replaced_is_not_requested() -> None:
    with Younium(rows=4) as younium:
        for order in younium.rows("Subscriptions"):
            order["version"] = 1
        first = read(younium).well()
        younium.rows("Subscriptions")[0]["modified"] = now()
        assert read(younium, first.state).well().records["subscriptions"]
        assert asked(younium, "Subscriptions") == set()


def test_an_order_without_a_time_or_a_number_costs_no_useless_request() -> None:
    """In a first load nothing was read before; and without a number there is no path."""
    with serving() as stub:
        order = {"id": "a", "orderNumber": "O-1", "version": 2}
        numberless = {"id": "b", "orderNumber": "", "version": 2, "modified": "2026-01-01T00:00:00"}
        body = {"data": [order, numberless], "totalCount": 2}
        stub.listing = lambda: (200, body)
        paths = stub.seen
        run(stub.config, catalog=choose(["subscriptions"])).well()
        first = len(paths)
        state = {"bookmarks": {"subscriptions": {"replication_key_value": "2025-01-01T00:00:00Z"}}}
        second = run(stub.config, catalog=choose(["subscriptions"]), state=state).well()
        assert len(second.records["subscriptions"]) >= 2
        assert len(paths) - first == first + 1  # the versions of O-1


def test_a_version_that_can_not_be_read_is_reported_and_requested_again() -> None:
    with Younium(rows=4) as younium:
        first = read(younium).well()
        orders = younium.rows("Subscriptions")
        for order in orders[:2]:
            replace(order, keep_id=False, modified=now())
        path = f"/Subscriptions/{orders[0]['orderNumber']}/versions"
        younium.faults.append(Fault("status", path=path, status=404 + 18, times=None))
        failed = read(younium, first.state)
        assert failed.exit_code == 1
        assert path in failed.stderr
        assert "subscriptions (left out 1 parent" in failed.complaint
        younium.faults.clear()
        third = read(younium, failed.state).well()
        whole = stored(read(younium).well())
        assert counted(stored(first, failed, third)) == counted(whole)


def test_forbidden_versions_name_the_setting() -> None:
    with Younium(rows=4) as younium:
        first = read(younium).well()
        order = younium.rows("Subscriptions")[0]
        replace(order, keep_id=False, modified=now())
        younium.forbidden.add(f"/Subscriptions/{order['orderNumber']}/versions")
        output = read(younium, first.state)
        assert "set superseded_versions to false" in output.stderr
        assert read(younium, first.state, superseded_versions=False).well().records


@pytest.mark.parametrize("seed", [*range(1), *map(exhaustive, range(1, 12))])
def test_after_any_history_the_rows_that_count_are_those_of_a_full_read(seed: int) -> None:
    """Orders change, lose and get charges; runs are interrupted; ids survive a change or not."""
    draw = Random(seed)  # noqa: S311 - makes a history, no secret
    entities = ENTITIES[: draw.choice([1, 2])]
    lines: list[str] = []
    state: Row | None = None
    with Younium(rows=7, entities=entities) as younium:
        for _ in range(5):
            output = read(younium, state).well()
            if lines and draw.random() < 0.6:
                taken, state = draw.choice(list(cuts(output)))
                extra = draw.randrange(10)  # a target can have written more than the state says
                lines += output.lines[: len(taken) + extra]
            else:
                lines += output.lines
                state = output.state
            for _ in range(draw.randrange(4)):
                change(draw, younium)
        lines += read(younium, state).well().lines
        kept = stored(Output(0, "".join(f"{line}\n" for line in lines), ""))
        whole = stored(read(younium).well())
        assert counted(kept) == counted(whole)


def change(draw: Random, younium: Younium) -> None:
    _, entity = draw.choice(younium.entities)
    rows = younium.rows(draw.choice([*ORDERS.values()]), entity)
    order = draw.choice(rows)
    charges = order["products"][0]["charges"]
    kind = draw.choice(["replace", "replace", "drop", "add"])
    if kind == "replace":
        replace(order, keep_id=draw.random() < 0.5, modified=now())
        charges = order["products"][0]["charges"]
        kind = draw.choice(["drop", "add", "neither"])
    if kind == "drop" and len(charges) > 1:
        charges.pop(draw.randrange(len(charges)))
    if kind == "add":
        charges.append(charges[0] | {"id": str(UUID(int=draw.getrandbits(128)))})
    order["modified"] = now()
