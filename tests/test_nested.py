"""Nested streams: a row for every element of an array, with its position, without requests."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from comparing import differences, newest_change
from singer import (
    COLLECTIONS,
    PLACE,
    Digits,
    Output,
    Row,
    Younium,
    catalog,
    config_of,
    metadata_of,
    run,
    started,
    table_of,
    validate,
)
from stub import serving

from simulator import Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from simulator import Seen

ENTITIES = ("Nordic AB", "Läkarö & Söner 日本")
LATER = "2026-09-01T10:20:30"
CHANGED = "2026-09-01T10:20:30.000000Z"


class Nested(NamedTuple):
    """Where the rows of a stream are, and whether Younium gives them an id."""

    collection: str
    arrays: tuple[str, ...]
    above: str
    has_id: bool = True


NESTED = {
    "account_addresses": Nested("accounts", ("addresses",), "accounts"),
    "booking_lines": Nested("bookings", ("bookingLines",), "bookings", has_id=False),
    "invoice_lines": Nested("invoices", ("invoiceLines",), "invoices"),
    "subscription_products": Nested("subscriptions", ("products",), "subscriptions"),
    "subscription_charges": Nested(
        "subscriptions", ("products", "charges"), "subscription_products"
    ),
    "subscription_charge_price_details": Nested(
        "subscriptions",
        ("products", "charges", "priceDetails"),
        "subscription_charges",
        has_id=False,
    ),
    "subscription_milestones": Nested("subscriptions", ("milestones",), "subscriptions"),
    "subscription_discounts": Nested("subscriptions", ("orderDiscounts",), "subscriptions"),
    "sales_order_products": Nested("sales_orders", ("products",), "sales_orders"),
    "sales_order_charges": Nested("sales_orders", ("products", "charges"), "sales_order_products"),
    "sales_order_charge_price_details": Nested(
        "sales_orders", ("products", "charges", "priceDetails"), "sales_order_charges", has_id=False
    ),
    "sales_order_milestones": Nested("sales_orders", ("milestones",), "sales_orders"),
    "sales_order_discounts": Nested("sales_orders", ("orderDiscounts",), "sales_orders"),
    "product_charge_plans": Nested("products", ("chargePlans",), "products"),
    "product_charges": Nested("products", ("chargePlans", "charges"), "product_charge_plans"),
    "product_charge_price_details": Nested(
        "products", ("chargePlans", "charges", "priceDetails"), "product_charges", has_id=False
    ),
    "quote_products": Nested("quotes", ("products",), "quotes"),
    "quote_charges": Nested("quotes", ("products", "charges"), "quote_products"),
    "quote_charge_price_details": Nested(
        "quotes", ("products", "charges", "priceDetails"), "quote_charges", has_id=False
    ),
    "journal_vouchers": Nested("journals", ("vouchers",), "journals", has_id=False),
    "journal_transactions": Nested(
        "journals", ("vouchers", "transactions"), "journal_vouchers", has_id=False
    ),
    "payment_settlements": Nested("payments", ("paymentSettlements",), "payments", has_id=False),
    "payment_write_offs": Nested("payments", ("paymentWriteOffs",), "payments"),
    "invoice_batch_logs": Nested("invoice_batches", ("batchLog",), "invoice_batches", has_id=False),
    "tax_template_details": Nested("tax_templates", ("details",), "tax_templates"),
}
"""The 25 nested streams."""

ROOTS = sorted({nested.collection for nested in NESTED.values()})
OF_SUBSCRIPTIONS = [
    table for table, nested in NESTED.items() if nested.collection == "subscriptions"
]


class Element(NamedTuple):
    """An object in an array, and its position."""

    root: Row
    parent: str | None
    position: str
    value: Row


def elements(records: Iterable[Row], arrays: Sequence[str]) -> list[Element]:
    """The elements of the innermost array, found by the tests' own code."""
    found = [Element(record, None, "", record) for record in records]
    for name in arrays:
        found = [
            Element(above.root, above.value.get("id"), f"{above.position}.{number}", item)
            for above in found
            for number, item in enumerate(above.value.get(name) or [])
        ]
    return [each._replace(position=each.position[1:]) for each in found]


def places(rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    return sorted(
        ((row["_legal_entity"], *(row[name] for name in PLACE)) for row in rows), key=repr
    )


def there(simulator: Simulator, table: str) -> list[tuple[Any, ...]]:
    """The same from the simulator's rows."""
    nested = NESTED[table]
    several = len(simulator.entities) > 1
    return sorted(
        (
            (entity if several else None, each.root["id"], each.parent, each.position)
            for _, entity in simulator.entities
            for each in elements(
                simulator.rows(COLLECTIONS[nested.collection], entity), nested.arrays
            )
        ),
        key=repr,
    )


def settled(simulator: Simulator) -> Simulator:
    """Make a subscription's change the newest, with a time of six digits."""
    for _, entity in simulator.entities:
        simulator.rows("Subscriptions", entity)[0]["modified"] = "2026-08-01T00:00:00"
    return simulator


def untyped(simulator: Simulator) -> Simulator:
    """Leave custom fields without types, which other tests are about."""
    for _, entity in simulator.entities:
        simulator.rows("CustomFieldConfigurations", entity).clear()
    return simulator


# Several legal entities, several pages, all streams


class Read(NamedTuple):
    """A run with all nested streams and their collections."""

    younium: Simulator
    output: Output


@pytest.fixture(scope="module", params=[1, 2], ids=["one entity", "two entities"])
def everything(request: pytest.FixtureRequest) -> Iterator[Read]:
    with Simulator(rows=20, entities=ENTITIES[: request.param]) as younium:
        untyped(younium)
        config = config_of(younium, page_size=8)
        output = run(config, select=[*ROOTS, *NESTED]).well()
        yield Read(younium, output)


def test_25_nested_streams_are_selected_by_default() -> None:
    found = catalog()
    assert len(NESTED) == 25
    for table in NESTED:
        entry = table_of(found, table)
        assert metadata_of(entry)["selected-by-default"] is True, table


@pytest.mark.product
@pytest.mark.parametrize("table", NESTED)
def test_each_element_of_each_array_is_one_row_with_its_position(
    table: str, everything: Read
) -> None:
    came = places(everything.output.records[table])
    assert came
    assert came == there(everything.younium, table)


def test_rows_have_positions_at_every_depth(everything: Read) -> None:
    """Without long arrays in long arrays, the comparison above would prove little."""
    for depth, table in enumerate(
        ("subscription_products", "subscription_charges", "subscription_charge_price_details")
    ):
        rows = everything.output.records[table]
        assert {row["_position"].count(".") for row in rows} == {depth}
    deepest = everything.output.records["product_charge_price_details"]
    for level in range(3):
        assert {row["_position"].split(".")[level] for row in deepest} >= {"0", "1"}


@pytest.mark.parametrize("table", NESTED)
def test_keys_are_unique_and_never_null(table: str, everything: Read) -> None:
    """An id if Younium gives one, or the position; with the legal entity if one is set."""
    is_id_sure = NESTED[table].has_id and table != "account_addresses"
    keys = ["id"] if is_id_sure else ["_root_id", "_position"]
    several = len(everything.younium.entities) > 1
    schema = everything.output.schemas[table]
    assert schema["key_properties"] == keys + ["_legal_entity"] * several
    rows = everything.output.records[table]
    found = [tuple(row[key] for key in schema["key_properties"]) for row in rows]
    assert len(set(found)) == len(found)
    assert all(value for key in found for value in key)
    for key in schema["key_properties"]:
        assert schema["schema"]["properties"][key]["type"] == "string", key


@pytest.mark.parametrize("table", NESTED)
def test_every_row_joins_the_row_above_it(table: str, everything: Read) -> None:
    """By `_parent_id`, or by the root's id and the position if the row above has no id."""
    records = everything.output.records
    above = NESTED[table].above
    deeper = above in NESTED
    by_id = not deeper or NESTED[above].has_id

    def key(row: Row) -> tuple[Any, ...]:
        return (row["_legal_entity"], row["id"] if by_id else (row["_root_id"], row["_position"]))

    parents = {key(row) for row in records[above]}
    roots = {(row["_legal_entity"], row["id"]) for row in records[NESTED[table].collection]}
    for row in records[table]:
        place = (row["_root_id"], row["_position"].rpartition(".")[0])
        assert (row["_legal_entity"], row["_parent_id"] if by_id else place) in parents
        assert (row["_legal_entity"], row["_root_id"]) in roots
        assert (row["_parent_id"] is None) == (not by_id)


@pytest.mark.parametrize("table", NESTED)
def test_nothing_of_an_element_is_lost_and_nothing_is_made_up(table: str, everything: Read) -> None:
    """Value by value, with numbers digit for digit."""
    nested = NESTED[table]
    rows = {
        (row["_legal_entity"], row["_root_id"], row["_position"]): row
        for row in everything.output.exact[table]
    }
    schema = everything.output.schemas[table]["schema"]
    several = len(everything.younium.entities) > 1
    for _, entity in everything.younium.entities:
        records = everything.younium.rows(COLLECTIONS[nested.collection], entity)
        for each in elements(records, nested.arrays):
            row = rows[entity if several else None, each.root["id"], each.position]
            own = {name: value for name, value in row.items() if name not in PLACE}
            assert not differences(each.value, own, schema), (each.root["id"], each.position)
            assert row["_extra"] is None


@pytest.mark.parametrize("table", ROOTS)
def test_a_collection_keeps_its_arrays_too(table: str, everything: Read) -> None:
    several = len(everything.younium.entities) > 1
    schema = everything.output.schemas[table]["schema"]
    rows = {(row["_legal_entity"], row["id"]): row for row in everything.output.exact[table]}
    arrays = {nested.arrays[0] for nested in NESTED.values() if nested.collection == table}
    kept: Counter[str] = Counter()
    for _, entity in everything.younium.entities:
        for record in everything.younium.rows(COLLECTIONS[table], entity):
            row = rows[entity if several else None, record["id"]]
            assert not differences(record, row, schema)
            kept.update({name: len(row.get(name) or []) for name in arrays})
    assert all(kept[name] for name in arrays)


@pytest.mark.parametrize("table", NESTED)
def test_a_row_shows_the_newest_change_anywhere_in_its_record(table: str, everything: Read) -> None:
    """So that a child's change, which does not change its parent's time, brings all siblings."""
    rows = everything.output.records[table]
    if table.startswith("payment_"):  # no times: they get that of Younium's clock
        assert len({(row["_legal_entity"], row["_last_modified"]) for row in rows}) <= 2
        assert all(row["_last_modified"] for row in rows)
        return
    collection = NESTED[table].collection
    newest = {
        record["id"]: newest_change(record)
        for _, entity in everything.younium.entities
        for record in everything.younium.rows(COLLECTIONS[collection], entity)
    }
    for row in rows:
        assert row["_last_modified"] == newest[row["_root_id"]]


def test_every_row_fits_the_schema_before_it(everything: Read) -> None:
    assert validate(everything.output) == sum(map(len, everything.output.records.values()))


def test_a_stream_has_one_schema_message_and_its_own_columns(everything: Read) -> None:
    counted = Counter(message["stream"] for message in everything.output.of_type("SCHEMA"))
    assert counted == Counter([*ROOTS, *NESTED])
    for table in NESTED:
        columns = set(everything.output.schemas[table]["schema"]["properties"])
        assert {*PLACE, "_last_modified", "_legal_entity", "_extra"} <= columns
        assert all(set(row) <= columns for row in everything.output.records[table])


# Requests


def requests_of(simulator: Simulator) -> Counter[tuple[str, str | None, str | None]]:
    """The number of requests for each page, with the last request, for the changes since."""
    return Counter(
        (seen.path, seen.query.get("PageNumber"), seen.headers.get("legal-entity"))
        for seen in simulator.requests
        if seen.path != "/auth/token"
    )


def test_nested_streams_cost_no_request_of_their_own() -> None:
    """With several pages and entities; in a first run, one with changes, and one without."""
    with Younium(rows=24, entities=ENTITIES) as younium:
        config = config_of(younium, page_size=10, lookback_hours=0)
        states: dict[bool, Row | None] = {False: None, True: None}
        for number in range(3):
            counted = {}
            for nested in (False, True):
                younium.clear()
                tables = ["subscriptions", *(OF_SUBSCRIPTIONS if nested else ())]
                output = run(config, select=tables, state=states[nested]).well()
                states[nested] = output.state
                counted[nested] = requests_of(younium)
                assert bool(output.records) == (number < 2)
            assert counted[True] == counted[False]
            pages = {page for path, page, _ in counted[True] if path == "/Subscriptions"}
            assert pages == ({"1", "2", "3"} if number < 2 else {"1"})
            if number == 0:
                for entity in ENTITIES:
                    for row in younium.rows("Subscriptions", entity):
                        row["modified"] = LATER


def test_all_nested_streams_together_cost_no_request_of_their_own() -> None:
    with Younium(rows=7, entities=ENTITIES) as younium:
        config = config_of(younium, page_size=3)
        run(config, select=ROOTS).well()
        alone = requests_of(younium)
        younium.clear()
        output = run(config, select=[*ROOTS, *NESTED]).well()
        assert requests_of(younium) == alone
        younium.clear()
        run(config, select=[*ROOTS, *NESTED], state=output.state).well()
        assert all(seen.status in {200, 400} for seen in younium.requests)


def test_the_nested_streams_of_a_collection_share_pages_without_it_too() -> None:
    with Younium(rows=12) as younium:
        config = config_of(younium, page_size=5)
        run(config, select=["subscriptions"]).well()
        alone = requests_of(younium)
        younium.clear()
        output = run(config, select=OF_SUBSCRIPTIONS).well()
        assert requests_of(younium) == alone
        assert set(output.records) == set(OF_SUBSCRIPTIONS)


# Streams of their own


@pytest.mark.parametrize("table", ["account_addresses", "quote_charges", "journal_transactions"])
def test_a_nested_stream_alone_is_read_completely(table: str) -> None:
    with Younium(rows=12, entities=ENTITIES) as younium:
        output = run(config_of(younium, page_size=5), select=[table]).well()
        assert set(output.schemas) == set(output.records) == {table}
        assert places(output.records[table]) == there(younium, table)
        assert set(output.state["bookmarks"]) == {table}


def test_a_nested_stream_selected_later_reads_its_whole_history() -> None:
    """Whatever the bookmark of its collection, which continues from there."""
    with Younium(rows=12, entities=ENTITIES) as younium:
        config = config_of(settled(younium), page_size=5, lookback_hours=0)
        first = run(config, select=["subscriptions"]).well()
        younium.rows("Subscriptions", ENTITIES[0])[3]["modified"] = LATER
        younium.clear()
        tables = ["subscriptions", "subscription_charges"]
        second = run(config, select=tables, state=first.state).well()
        changed = younium.rows("Subscriptions", ENTITIES[0])[3]["id"]
        assert [row["id"] for row in second.records["subscriptions"]] == [changed]
        assert places(second.records["subscription_charges"]) == there(
            younium, "subscription_charges"
        )
        windows = {seen.query.get("ModifiedAfter") for seen in asked(younium)}
        assert None in windows
        assert len(windows) > 1
        for entity in ENTITIES:
            bookmark = second.bookmark("subscriptions", entity)
            assert bookmark == second.bookmark("subscription_charges", entity)
        younium.clear()
        third = run(config, select=tables, state=second.state).well()
        assert None not in {seen.query.get("ModifiedAfter") for seen in asked(younium)}
        roots = {row["_root_id"] for row in third.records.get("subscription_charges", [])}
        assert roots <= {changed}


def asked(younium: Simulator) -> list[Seen]:
    return [seen for seen in younium.requests if seen.path == "/Subscriptions"]


def test_the_next_run_reads_the_elements_of_changed_records_only() -> None:
    """All elements of the record, as it is unknown which of them changed."""
    with Younium(rows=12) as younium:
        config = config_of(settled(younium), lookback_hours=0)
        first = run(config, select=["subscriptions", "subscription_charges"]).well()
        order = next(
            row
            for row in younium.rows("Subscriptions")
            if len(row["products"]) > 1 and row["products"][1]["charges"]
        )
        order["products"][1]["charges"][0]["modified"] = LATER
        second = run(config, select=["subscription_charges"], state=first.state).well()
        wanted = elements([order], ("products", "charges"))
        came = [(row["_parent_id"], row["_position"]) for row in whole(second)]
        assert came == [(each.parent, each.position) for each in wanted]
        assert {row["_last_modified"] for row in whole(second)} == {CHANGED}
        assert second.bookmark("subscription_charges") == CHANGED
        assert second.bookmark("subscriptions") == first.bookmark("subscriptions")


def whole(output: Output) -> list[Row]:
    return output.records["subscription_charges"]


def test_a_bookmark_moves_even_if_the_stream_has_no_rows() -> None:
    """Otherwise each run would read all subscriptions of a tenant without discounts."""
    with Younium(rows=12) as younium:
        for row in younium.rows("Subscriptions"):
            row["orderDiscounts"] = []
        younium.rows("Subscriptions")[0]["modified"] = LATER
        config = config_of(younium, lookback_hours=0)
        output = run(config, select=["subscription_discounts"]).well()
        assert output.records == {}
        assert output.bookmark("subscription_discounts") == CHANGED
        younium.clear()
        run(config, select=["subscription_discounts"], state=output.state).well()
        assert [seen.query["ModifiedAfter"][:19] for seen in asked(younium)] == [CHANGED[:19]]


def test_a_bookmark_of_a_stream_of_payments_moves_even_if_it_has_no_rows() -> None:
    with Younium(rows=5) as younium:
        for row in younium.rows("Payments"):
            row["paymentWriteOffs"] = []
        before = datetime.now(UTC) - timedelta(seconds=2)
        output = run(config_of(younium), select=["payment_write_offs"]).well()
        assert output.records == {}
        bookmark = output.bookmark("payment_write_offs")
        assert bookmark is not None
        assert datetime.fromisoformat(bookmark) >= before


def test_a_run_that_failed_halfway_loses_no_element() -> None:
    """The next one continues where each stream ended, and together they have every row."""
    tables = ["subscriptions", *OF_SUBSCRIPTIONS]
    with Younium(rows=24, entities=ENTITIES) as younium:
        younium.faults.append(
            Fault("status", path="/Subscriptions", page=3, status=404, times=None)
        )
        config = config_of(younium, page_size=10)
        failed = run(config, select=tables)
        assert failed.complaint
        younium.faults.clear()
        mended = run(config, select=tables, state=failed.state).well()
        for table in OF_SUBSCRIPTIONS:
            came = places([*failed.records.get(table, []), *mended.records[table]])
            assert sorted(set(came), key=repr) == there(younium, table), table


def test_no_page_is_kept_in_a_file(tmp_path: Path) -> None:
    """It would contain customers' data."""
    during: list[Path] = []
    with Younium(rows=6, before_answer=lambda _: during.extend(tmp_path.iterdir())) as younium:
        for order in younium.rows("Subscriptions"):
            order["description"] = token_hex(1_000_000)
        config = config_of(untyped(younium), page_size=2, max_parallel_requests=1)
        select = ["subscriptions", "subscription_products"]
        with started(config, select=select, env={"TMPDIR": os.fspath(tmp_path)}) as process:
            process.communicate()
        assert process.returncode == 0
        assert any(seen.query.get("PageNumber") == "3" for seen in younium.requests)
    assert during == []


def test_a_page_is_requested_once_and_feeds_all_streams_before_the_next() -> None:
    select = ["subscriptions", "subscription_products", "subscription_charges"]
    with Younium(rows=25) as younium:
        output = run(config_of(younium, page_size=10, max_parallel_requests=1), select=select)
        asked = [seen for seen in younium.requests if seen.path == "/Subscriptions"]
    assert len(asked) == 4  # and once for the changes since
    kinds = [message["type"] for message in output.well().messages if message["type"] != "STATE"]
    assert kinds == ["SCHEMA"] * 3 + ["RECORD"] * (len(kinds) - 3)
    order = [
        (message["stream"], message["record"].get("_root_id") or message["record"]["id"])
        for message in output.messages
        if message["type"] == "RECORD"
    ]
    orders = [key for stream, key in order if stream == "subscriptions"]
    pages = [orders.index(key) // 10 for _, key in order]
    assert pages == sorted(pages)
    products = sum(len(row["products"]) for row in output.records["subscriptions"])
    assert len(output.records["subscription_products"]) == products


ODD: list[tuple[Any, Any, Any]] = [
    (["a text", {"charges": []}, 5], [None, {}, None], {"0": "a text", "2": Digits(5)}),
    ([None, {"charges": []}, [{"id": "x"}]], [None, {}, None], {"2": [{"id": "x"}]}),
    ("none", None, "none"),
    ({"id": "x"}, None, {"id": "x"}),
    (7, None, Digits(7)),
]


@pytest.mark.parametrize(("sent", "kept", "extra"), ODD)
def test_a_value_that_is_not_an_object_stays_in_the_collection_and_is_not_a_row(
    sent: Any, kept: Any, extra: Any
) -> None:
    """The other elements keep their positions."""
    with Younium(rows=1) as younium:
        (order,) = younium.rows("Subscriptions")
        there_first = order["products"][0] | {"charges": []}
        if isinstance(sent, list):
            sent = [there_first if item == {"charges": []} else item for item in sent]
        order["products"] = sent
        tables = ["subscriptions", "subscription_products", "subscription_charges"]
        output = run(config_of(untyped(younium)), select=tables).well()
        (row,) = output.exact["subscriptions"]
        products = [item and {} for item in row["products"]] if row["products"] else row["products"]
        assert products == kept
        assert row["_extra"] == {"products": extra}
        came = [(each["_position"], each["id"]) for each in output.records.get(tables[1], [])]
        assert came == ([("1", there_first["id"])] if kept else [])
        assert all(each["_extra"] is None for each in output.records.get(tables[1], []))
        assert tables[2] not in output.records
        assert validate(output)


def test_a_value_deep_down_that_is_not_an_object_does_not_move_its_siblings() -> None:
    with Younium(rows=1) as younium:
        (order,) = younium.rows("Subscriptions")
        product = order["products"][0]
        charge = product["charges"][0]
        product["charges"] = [False, charge, "odd", charge | {"id": "0" * 32}]
        order["products"] = ["odd", product]
        tables = ["subscriptions", "subscription_products", "subscription_charges"]
        output = run(config_of(untyped(younium)), select=tables).well()
        (row,) = output.records["subscriptions"]
        assert row["_extra"] == {
            "products": {"0": "odd", "1": {"charges": {"0": False, "2": "odd"}}}
        }
        charges = [(each["_position"], each["_parent_id"]) for each in whole(output)]
        assert charges == [("1.1", product["id"]), ("1.3", product["id"])]
        (above,) = output.records["subscription_products"]
        assert above["_position"] == "1"
        assert above["_extra"] == {"charges": {"0": False, "2": "odd"}}


def test_an_element_keeps_values_that_do_not_fit_in_its_own_extra() -> None:
    """Unknown fields and wrong types, next to elements that fit."""
    with Younium(rows=2) as younium:
        for order in younium.rows("Subscriptions"):
            product = order["products"][0]
            product["charges"] = [dict(product["charges"][0]), dict(product["charges"][0])]
            product["charges"][1] |= {
                "id": f"1{order['id'][1:]}",
                "version": "two",
                "new": {"a": 1},
            }
        output = run(config_of(untyped(younium)), select=["subscription_charges"]).well()
        rows = [row for row in whole(output) if row["_position"].startswith("0.")]
        assert [row["_position"] for row in rows] == ["0.0", "0.1"] * 2
        for fits, odd in zip(rows[::2], rows[1::2], strict=True):
            assert fits["_extra"] is None
            assert odd["version"] is None
            assert odd["_extra"] == {"version": "two", "new": {"a": 1}}


@pytest.mark.parametrize("own", [*PLACE, "_last_modified", "_read_at", "_legal_entity", "_extra"])
def test_a_field_named_like_the_tap_s_own_does_not_replace_it(own: str) -> None:
    address = {"id": "0b7b1a52-6c0f-4a4e-9d8f-3f1f2c3d4e5f", own: "theirs"}
    account = {"id": "account", "modified": "2024-01-01T00:00:00", "addresses": [address]}
    with serving() as stub:
        stub.listing = lambda: (200, {"totalCount": 1, "data": [account]})
        output = run(stub.config, select=["account_addresses"]).well()
    (row,) = output.records["account_addresses"]
    columns = {"_legal_entity": None, "_last_modified": "2024-01-01T00:00:00.000000Z"}
    place = {"_root_id": "account", "_parent_id": "account", "_position": "0"}
    own_columns = columns | place | {"_extra": {own: "theirs"}}
    assert {name: row[name] for name in own_columns} == own_columns


def test_a_row_without_its_key_is_left_out_and_reported() -> None:
    with Younium(rows=3) as younium:
        orders = younium.rows("Subscriptions")
        there = sum(len(order["products"]) for order in orders)
        orders[1]["products"][0].update(id=None, name="Secret Product AB")
        output = run(config_of(untyped(younium)), select=["subscription_products"])
        assert "subscription_products (left out 1 row without primary key: " in output.complaint
        assert "Secret Product" not in output.stderr
        assert len(output.records["subscription_products"]) == there - 1


def test_an_address_needs_no_id() -> None:
    """It is nullable in the published API: the position in its account identifies an address."""
    with Younium(rows=3) as younium:
        for account in younium.rows("Accounts"):
            account["addresses"] = [{"city": "Lund"}, {"id": None, "city": "Lund"}]
        output = run(config_of(untyped(younium)), select=["account_addresses"]).well()
        assert len(output.records["account_addresses"]) == 6
        assert output.schemas["account_addresses"]["key_properties"] == ["_root_id", "_position"]
