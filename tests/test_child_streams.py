"""Streams with a request for each parent: complete, for changed parents only, several at a time."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import pytest
import requests
from comparing import differences, newest_change, stored
from singer import (
    COLLECTIONS,
    OWN,
    PLACE,
    Output,
    Row,
    Younium,
    catalog,
    config_of,
    exactly,
    metadata_of,
    run,
    table_of,
    validate,
)

from simulator import Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTITIES = ("Nordic AB", "Läkarö & Söner 日本")
LATER = "2026-09-01T10:20:30"
CHANGED = "2026-09-01T10:20:30.000000Z"


class Detail(NamedTuple):
    """Where a stream's parents are, the path for each parent, and what identifies its rows."""

    collections: tuple[str, ...]
    path: str
    keys: tuple[str, ...]
    arrays: tuple[str, ...] = ()
    field: str = "id"


DETAILS = {
    "subscription_versions": Detail(
        ("subscriptions",), "/Subscriptions/{}/versions", ("id", "version"), field="orderNumber"
    ),
    "sales_order_versions": Detail(
        ("sales_orders",), "/SalesOrders/{}/versions", ("id", "version"), field="orderNumber"
    ),
    "account_summaries": Detail(("accounts",), "/Accounts/{}/Summary", ("id",)),
    "invoice_payment_logs": Detail(
        ("invoices",), "/Invoices/{}/OnlinePaymentLogs", ("_root_id", "_position")
    ),
    "invoice_attachments": Detail(("invoices",), "/Invoices/{}/Attachments", ("id",)),
    "related_invoices": Detail(("invoices",), "/Invoices/{}/RelatedInvoices", ("_root_id", "id")),
    "revenue_schedules": Detail(
        ("subscriptions", "sales_orders"),
        "/RevenueSchedule/Charge/{}",
        ("_parent_id", "id"),
        ("products", "charges"),
        "chargeNumber",
    ),
    "invoice_line_revenue_schedules": Detail(
        ("invoices",), "/RevenueSchedule/InvoiceLine/{}", ("_parent_id", "id"), ("invoiceLines",)
    ),
    "accounting_transactions": Detail(
        ("journals",), "/Journals/AccountingTransactions/{}", ("_parent_id", "_position")
    ),
}
"""The nine child streams."""

BY_RECORD = sorted(DETAILS.keys() - {"accounting_transactions"})


class Parent(NamedTuple):
    """The parent of a request: its path, and the ids that its rows have."""

    path: str
    root: str | None
    id: str
    changed: str | None


def parents(simulator: Simulator, table: str, entity: str | None = None) -> list[Parent]:
    detail = DETAILS[table]
    found = []
    for collection in detail.collections:
        for record in simulator.rows(COLLECTIONS[collection], entity):
            if table == "accounting_transactions":
                year = str(record["accountingPeriod"]["fiscalYear"])
                found.append(Parent(detail.path.format(year), None, year, None))
                continue
            level = [record]
            for name in detail.arrays:
                level = [item for above in level for item in above[name]]
            found += [
                Parent(
                    detail.path.format(each[detail.field]),
                    record["id"],
                    each["id"],
                    newest_change(record),
                )
                for each in level
            ]
    return list(dict.fromkeys(found))


class Asker:
    """A client of one legal entity, whose answers the tap's rows are compared with."""

    def __init__(self, simulator: Simulator, entity: str) -> None:
        self._url = simulator.url
        body = {"clientId": simulator.client_id, "secret": simulator.client_secret}
        with requests.Session() as session:
            answer = session.post(f"{self._url}/auth/token", json=body, timeout=9).json()
        self._headers: dict[str, str | bytes] = {
            "Authorization": f"Bearer {answer['accessToken']}",
            "legal-entity": entity.encode(),
        }

    def rows(self, path: str) -> list[Row]:
        """All rows of a parent with the numbers' digits; none for 404 and for no records."""
        found: list[Row] = []
        with requests.Session() as session:
            session.headers.update(self._headers)
            for number in range(1, 100):
                params = {"PageNumber": str(number), "PageSize": "100", "OrderBy": "id asc"}
                if path.endswith("/OnlinePaymentLogs"):
                    params["OrderBy"] = "timeStamp asc"
                if "/AccountingTransactions/" in path:
                    params["OrderBy"] = "transactionNumber asc"
                answer = session.get(self._url + quote(path), params=params, timeout=9)
                if answer.status_code in {400, 404}:
                    return found
                body = exactly(answer.content)
                if isinstance(body, list):
                    return body
                if "data" not in body:
                    return [body]
                found += body["data"] if isinstance(body["data"], list) else [body["data"]]
                if number >= int(body["totalPages"]):
                    return found
        raise AssertionError(path)


def details_asked(simulator: Simulator, table: str) -> Counter[str]:
    """The requested paths of a stream's parents, each with its number of requests."""
    before, after = DETAILS[table].path.split("{}")
    return Counter(
        seen.path
        for seen in simulator.requests
        if seen.path.startswith(before)
        and seen.path.endswith(after)
        and len(seen.path) > len(before + after)
        and seen.query.get("PageNumber", "1") == "1"
        and seen.path.count("/") == DETAILS[table].path.count("/")
    )


def untyped(simulator: Simulator) -> Simulator:
    """Leave custom fields without types, which other tests are about."""
    for _, entity in simulator.entities:
        simulator.rows("CustomFieldConfigurations", entity).clear()
    return simulator


# A full run


class Read(NamedTuple):
    """A run with all child streams."""

    younium: Simulator
    output: Output
    asked: dict[str, Counter[str]]


@pytest.fixture(scope="module")
def everything() -> Iterator[Read]:
    """Several legal entities, and several pages of parents."""
    with Simulator(accounts=9, entities=ENTITIES) as younium:
        config = config_of(untyped(younium), page_size=15, max_parallel_requests=8)
        output = run(config, select=DETAILS).well()
        counted = {table: details_asked(younium, table) for table in DETAILS}
        yield Read(younium, output, counted)


def test_detail_streams_are_not_selected_by_default() -> None:
    """They cost a request for each parent, so a user must select them."""
    found = catalog()
    for table in DETAILS:
        assert metadata_of(table_of(found, table))["selected-by-default"] is False, table


@pytest.mark.parametrize("table", DETAILS)
def test_each_parent_s_rows_are_complete_and_have_its_key(table: str, everything: Read) -> None:
    """Compared value by value with the simulator's answers to another client."""
    schema = everything.output.schemas[table]["schema"]
    came: dict[tuple[Any, Any, Any], list[Row]] = {}
    for row in everything.output.exact[table]:
        key = (row["_legal_entity"], row.get("_root_id"), row["_parent_id"])
        came.setdefault(key, []).append(row)
    silent = 0
    for entity in ENTITIES:
        asker = Asker(everything.younium, entity)
        for parent in parents(everything.younium, table, entity):
            sent = asker.rows(parent.path)
            rows = came.pop((entity, parent.root, parent.id), [])
            silent += not sent
            assert sorted(map(identity, rows)) == sorted(map(identity, sent)), parent
            by_id = {identity(row): row for row in rows}
            for record in sent:
                row = by_id[identity(record)]
                own = {name: value for name, value in row.items() if name not in PLACE}
                assert not differences(record, own, schema)
                assert row["_extra"] is None
            if parent.changed:
                assert {row["_last_modified"] for row in rows} <= {parent.changed}
    assert not came
    if table in {"account_summaries", "invoice_payment_logs", "related_invoices"}:
        assert silent, "no parent without an answer: the simulator should have some"


def in_no_order(rows: list[Row]) -> list[str]:
    """Rows to compare, as Younium promises no order of a parent's rows."""
    same = {"_position": None, "_read_at": None}
    return sorted(json.dumps(row | same, sort_keys=True) for row in rows)


def identity(row: Row) -> str:
    """What identifies the rows of one parent, on both sides."""
    if "id" in row:
        return f"{row['id']}"
    if "transactionNumber" in row:
        return f"{row['transactionNumber']} {row.get('journalId')}"
    time = str(row.get("timeStamp", "")).rstrip("Z")[:26]
    names = ("failedPayment", "paymentDescription", "payoutId", "paymentIntentId", "isPayout")
    texts = {name: row.get(name) for name in names}
    return f"{time} {texts}"


@pytest.mark.parametrize("table", DETAILS)
def test_keys_are_unique_and_never_null(table: str, everything: Read) -> None:
    schema = everything.output.schemas[table]
    assert schema["key_properties"] == [*DETAILS[table].keys, "_legal_entity"]
    rows = everything.output.records[table]
    found = [tuple(row[key] for key in schema["key_properties"]) for row in rows]
    assert len(set(found)) == len(found)
    assert all(value not in {None, ""} for key in found for value in key)


@pytest.mark.parametrize("table", DETAILS)
def test_each_parent_is_requested_once(table: str, everything: Read) -> None:
    wanted: Counter[str] = Counter()
    for entity in ENTITIES:
        wanted.update({parent.path for parent in parents(everything.younium, table, entity)})
    assert everything.asked[table] == wanted


def test_a_fiscal_year_of_many_journals_is_requested_once() -> None:
    """Also in a run over several pages of journals: each page would request all years again."""
    with Younium(rows=30) as younium:
        for journal in younium.rows("Journals"):
            journal["accountingPeriod"]["fiscalYear"] = 2025
        config = config_of(younium, page_size=10)
        output = run(config, select=["accounting_transactions"]).well()
        pages = [
            seen.query["PageNumber"]
            for seen in younium.requests
            if seen.path == "/Journals/AccountingTransactions/2025"
        ]
        assert len(pages) == len(set(pages))
        rows = output.records["accounting_transactions"]
        found = [(row["_parent_id"], row["_position"]) for row in rows]
        assert len(set(found)) == len(found)


def test_a_stream_has_one_schema_message_however_many_parents(everything: Read) -> None:
    counted = Counter(message["stream"] for message in everything.output.of_type("SCHEMA"))
    assert counted == Counter(DETAILS.keys())


def test_every_row_fits_the_schema_before_it(everything: Read) -> None:
    assert validate(everything.output) == sum(map(len, everything.output.records.values()))
    for table, rows in everything.output.records.items():
        columns = set(everything.output.schemas[table]["schema"]["properties"])
        assert columns >= {*PLACE, *OWN}
        assert all(set(row) <= columns for row in rows), table


@pytest.mark.parametrize("table", BY_RECORD)
def test_every_row_joins_the_record_of_its_parent(table: str, everything: Read) -> None:
    """The versions of an order have their own ids: only the parent's key joins them to it."""
    roots = {
        (entity, record["id"])
        for entity in ENTITIES
        for collection in DETAILS[table].collections
        for record in everything.younium.rows(COLLECTIONS[collection], entity)
    }
    for row in everything.output.records[table]:
        assert (row["_legal_entity"], row["_root_id"]) in roots


def test_versions_are_all_versions(everything: Read) -> None:
    for table in ("subscription_versions", "sales_order_versions"):
        versions: dict[tuple[str, str], list[int]] = {}
        for row in everything.output.records[table]:
            versions.setdefault((row["_legal_entity"], row["_root_id"]), []).append(row["version"])
        path = COLLECTIONS[DETAILS[table].collections[0]]
        assert any(len(found) > 1 for found in versions.values())
        for entity in ENTITIES:
            for order in everything.younium.rows(path, entity):
                found = sorted(versions[entity, order["id"]])
                assert found == list(range(1, order["version"] + 1))


def test_a_detail_stream_shares_its_parents_pages_with_their_collection() -> None:
    with Younium(rows=12) as younium:
        config = config_of(younium, page_size=5)
        run(config, select=["invoices"]).well()
        alone = [seen.path for seen in younium.requests].count("/Invoices")
        younium.clear()
        tables = ["invoices", "invoice_lines", "related_invoices", "invoice_attachments"]
        run(config, select=tables).well()
        assert [seen.path for seen in younium.requests].count("/Invoices") == alone


def test_parents_are_requested_while_their_pages_are_read() -> None:
    with Simulator(rows=30) as younium:
        config = config_of(younium, page_size=10, max_parallel_requests=1)
        run(config, select=["invoices", "invoice_attachments"]).well()
        paths = [(seen.path, seen.query.get("PageNumber")) for seen in younium.requests]
    first_parent = next(i for i, (path, _) in enumerate(paths) if path.endswith("/Attachments"))
    assert first_parent < paths.index(("/Invoices", "3"))


def test_a_stream_that_fails_in_a_shared_pass_does_not_affect_the_others() -> None:
    """The stream map of the nested stream fails at its first row."""
    maps = {"invoice_lines": {"broken": "int(id)"}}
    select = ["invoices", "invoice_lines", "invoice_attachments"]
    with Simulator(rows=12) as younium:
        config = config_of(younium, page_size=5, stream_maps=maps)
        output = run(config, select=select)
        assert "incomplete: invoice_lines (ValueError: " in output.complaint
        assert len(output.records["invoices"]) == 12
        assert output.records["invoice_attachments"]
        assert output.bookmark("invoices")
        assert output.bookmark("invoice_lines") is None
        again = run(config_of(younium, page_size=5), select=select, state=output.state).well()
        lines = sum(len(row["invoiceLines"]) for row in output.records["invoices"])
        assert len(again.records["invoice_lines"]) == lines


# Parents without records


@pytest.mark.parametrize("kind", ["404", "204", "nothing found", "empty list"])
def test_a_parent_without_records_is_not_an_error(kind: str) -> None:
    """Each parent is requested, the run succeeds, and the bookmark moves."""
    bodies: dict[str, tuple[int, Any]] = {
        "404": (404, {"title": "Not Found", "status": 404}),
        "204": (204, b""),
        "nothing found": (400, {"errors": {"message": ["No such thing could be found"]}}),
        "empty list": (200, {"data": [], "totalCount": 0}),
    }
    tables = [table for table in DETAILS if (table, kind) != ("account_summaries", "empty list")]
    with answering(bodies[kind]) as server:
        output = run(server.config, select=tables).well()
        asked = {path.partition("?")[0] for path in server.details}
        values = {"orderNumber": "O-1", "chargeNumber": "C-1"}
        ids = {"accounting_transactions": "2025", "invoice_line_revenue_schedules": "line"}
        assert asked == {
            DETAILS[table].path.format(ids.get(table, values.get(DETAILS[table].field, "root")))
            for table in tables
        }
        assert output.records == {}
        for table in tables:
            assert output.bookmark(table) == "2024-01-01T00:00:00.000000Z", table
            assert not output.warnings(table)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null"])
def test_an_account_without_a_summary_is_not_an_error(body: bytes) -> None:
    """Its answer is not a list that could be empty."""
    with answering((200, body)) as server:
        output = run(server.config, select=["account_summaries"]).well()
        assert output.records == {}
        assert output.bookmark("account_summaries") == "2024-01-01T00:00:00.000000Z"


def test_one_parent_without_an_answer_does_not_affect_the_others() -> None:
    with Younium(accounts=5) as younium:
        config = config_of(untyped(younium))
        whole = run(config, select=BY_RECORD).well()
        gone = {}
        for table in BY_RECORD:
            with_rows = {row["_parent_id"] for row in whole.records[table]}
            parent = next(each for each in parents(younium, table) if each.id in with_rows)
            gone[table] = parent.id
            younium.faults.append(Fault("status", path=parent.path, status=404, times=None))
        output = run(config, select=BY_RECORD).well()
        for table in BY_RECORD:
            rest = [row for row in whole.records[table] if row["_parent_id"] != gone[table]]
            assert in_no_order(output.records[table]) == in_no_order(rest), table


def test_a_parent_whose_request_fails_is_reported_and_the_others_are_read() -> None:
    """The bookmark must not move past it, or its rows would never be read."""
    with Younium(rows=3) as younium:
        number = younium.rows("Subscriptions")[1]["orderNumber"]
        younium.faults.append(Fault("status", path=f"/Subscriptions/{number}/versions", status=400))
        output = run(config_of(younium), select=["subscription_versions"])
        assert len(output.errors(f"/Subscriptions/{number}/versions")) == 1
        assert "subscription_versions (left out 1 parent: GET /Subscriptions/" in output.complaint
        assert {row["orderNumber"] for row in output.records["subscription_versions"]} == {
            row["orderNumber"] for row in younium.rows("Subscriptions")
        } - {number}
        changed = min(
            row["_last_modified"]
            for row in run(config_of(younium), select=["subscriptions"]).records["subscriptions"]
            if row["orderNumber"] == number
        )
        assert str(output.bookmark("subscription_versions")) < changed


def test_a_temporary_failure_of_a_parent_is_retried() -> None:
    with Younium(rows=4) as younium:
        config = config_of(younium)
        whole = run(config, select=["subscription_versions"]).well()
        younium.faults.append(Fault("status", path="/Subscriptions/*/versions", status=503))
        younium.faults.append(Fault("cut", path="/Subscriptions/*/versions", times=2))
        output = run(config, select=["subscription_versions"]).well()
        rows = [each.records["subscription_versions"] for each in (output, whole)]
        assert in_no_order(rows[0]) == in_no_order(rows[1])
        assert [fault.struck for fault in younium.faults] == [1, 2]


def test_a_parent_without_its_identifier_is_skipped() -> None:
    """Younium leaves null fields out: without a number, an order's versions can't be requested."""
    with Younium(rows=4) as younium:
        orders = younium.rows("Subscriptions")
        orders[1]["orderNumber"] = None
        output = run(config_of(younium), select=["subscription_versions"]).well()
        roots = {row["_root_id"] for row in output.records["subscription_versions"]}
        assert roots == {order["id"] for order in orders} - {orders[1]["id"]}
        assert not any("None" in seen.path for seen in younium.requests)


@pytest.mark.parametrize("period", [None, "2025", {}, {"fiscalYear": None}])
def test_a_journal_without_a_fiscal_year_is_skipped(period: Any) -> None:
    """Also with any other value in its place, which the stream `journals` keeps."""
    with Younium(rows=4) as younium:
        journals = younium.rows("Journals")
        journals[1]["accountingPeriod"] = period
        output = run(config_of(younium), select=["journals", "accounting_transactions"]).well()
        years = {str(row["_parent_id"]) for row in output.records["accounting_transactions"]}
        rest = [journal for journal in journals if journal is not journals[1]]
        assert years == {str(each["accountingPeriod"]["fiscalYear"]) for each in rest}


def test_a_list_of_one_can_be_sent_as_one_object() -> None:
    """The published API types it as one object."""
    with Younium(accounts=6) as younium:
        tables = ["related_invoices", "invoice_attachments"]
        plain = run(config_of(younium), select=tables).well()
        younium.contract.single_object = True
        output = run(config_of(younium), select=tables).well()
        for table in tables:
            assert in_no_order(output.records[table]) == in_no_order(plain.records[table])
        assert set(output.records) == set(tables)


def test_a_parent_with_several_pages_is_read_completely() -> None:
    with Younium(rows=40) as younium:
        for journal in younium.rows("Journals"):
            journal["accountingPeriod"]["fiscalYear"] = 2025
        vouchers = [
            (journal["id"], voucher["transactionNumber"])
            for journal in younium.rows("Journals")
            for voucher in journal["vouchers"]
        ]
        config = config_of(younium, page_size=10)
        output = run(config, select=["accounting_transactions"]).well()
        rows = output.records["accounting_transactions"]
        came = {(row["journalId"], row["transactionNumber"]) for row in rows}
        assert came == set(vouchers)
        assert len(vouchers) > 10


def test_a_fiscal_year_shows_the_newest_change_of_its_journals_and_what_left_it() -> None:
    """Its rows are identified by their positions: rows that it no longer has keep their time."""
    with Younium(rows=9) as younium:
        journals = younium.rows("Journals")
        for number, journal in enumerate(journals):
            journal["accountingPeriod"]["fiscalYear"] = 2025
            journal["modified"] = f"2026-07-0{9 - number}T00:00:00"
        config = config_of(younium, page_size=2, lookback_hours=0)
        table = "accounting_transactions"
        first = run(config, select=[table]).well()
        newest = max(filter(None, map(newest_change, journals)))
        assert {row["_last_modified"] for row in first.records[table]} == {newest}
        del journals[3:6]
        journals[0]["modified"] = "2026-09-01T10:20:30"
        second = run(config, select=[table], state=first.state).well()
        assert {row["_last_modified"] for row in second.records[table]} == {CHANGED}
        kept = stored(first, second)[table]
        read = max(row["_read_at"] for row in kept)
        current = [row for row in kept if row["_read_at"] == read]
        assert len(current) == sum(len(journal["vouchers"]) for journal in journals) < len(kept)


def test_a_fiscal_year_is_not_lost_if_a_run_was_interrupted() -> None:
    with Younium(rows=9) as younium:
        for number, journal in enumerate(younium.rows("Journals")):
            journal["accountingPeriod"]["fiscalYear"] = 2020 + number
        config = config_of(younium, page_size=2)
        select = ["accounting_transactions"]
        whole = run(config, select=select).well()
        younium.faults.append(Fault("status", path="/Journals", page=4, status=404, times=None))
        cut = run(config, select=select)
        assert cut.complaint
        younium.faults.clear()
        rest = run(config, select=select, state=cut.state).well()
        years = [{row["_parent_id"] for row in run.records[select[0]]} for run in (whole, rest)]
        assert years[0] == years[1]


# The next run


def test_the_next_run_requests_changed_parents_only() -> None:
    """One record of each collection has changed; then none has."""
    collections = sorted({name for detail in DETAILS.values() for name in detail.collections})
    with Younium(accounts=6) as younium:
        for collection in collections:
            younium.rows(COLLECTIONS[collection])[0]["modified"] = "2026-08-01T00:00:00"
        config = config_of(untyped(younium), lookback_hours=0)
        first = run(config, select=DETAILS).well()
        changed = {name: younium.rows(COLLECTIONS[name])[1] for name in collections}
        for record in changed.values():
            record["modified"] = LATER
        younium.clear()
        second = run(config, select=DETAILS, state=first.state).well()
        roots = {record["id"] for record in changed.values()}
        for table in BY_RECORD:
            wanted = {each.path for each in parents(younium, table) if each.root in roots}
            assert details_asked(younium, table) == Counter(wanted), table
            assert {row["_root_id"] for row in second.records.get(table, [])} <= roots
        year = changed["journals"]["accountingPeriod"]["fiscalYear"]
        wanted = {f"/Journals/AccountingTransactions/{year}"}
        assert details_asked(younium, "accounting_transactions") == Counter(wanted)
        younium.clear()
        third = run(config, select=DETAILS, state=second.state).well()
        assert third.records == {}
        for table in DETAILS:
            assert not details_asked(younium, table), table
            assert second.bookmark(table) == third.bookmark(table) == CHANGED


def test_a_change_of_a_sales_order_alone_brings_its_revenue() -> None:
    """The second of the stream's two collections."""
    with Younium(accounts=6) as younium:
        younium.rows("Subscriptions")[0]["modified"] = "2026-08-01T00:00:00"
        config = config_of(younium, lookback_hours=0)
        first = run(config, select=["revenue_schedules"]).well()
        order = younium.rows("SalesOrders")[0]
        order["products"][0]["charges"][0]["modified"] = LATER
        younium.clear()
        run(config, select=["revenue_schedules"], state=first.state).well()
        wanted = {
            f"/RevenueSchedule/Charge/{charge['chargeNumber']}"
            for product in order["products"]
            for charge in product["charges"]
        }
        assert set(details_asked(younium, "revenue_schedules")) == wanted


def test_each_legal_entity_s_parents_are_requested_with_its_header() -> None:
    with Younium(rows=3, entities=ENTITIES) as younium:
        run(config_of(younium), select=["subscription_versions"]).well()
        for entity in ENTITIES:
            numbers = {row["orderNumber"] for row in younium.rows("Subscriptions", entity)}
            asked = {
                seen.path.split("/")[2]
                for seen in younium.requests
                if seen.path.endswith("/versions") and seen.headers["legal-entity"] == entity
            }
            assert asked == numbers


# Many parents


def test_the_state_is_no_larger_with_500_parents_than_with_5() -> None:
    """Neither the last state nor an earlier one, and there is one SCHEMA message."""
    sizes = {}
    for rows in (5, 500):
        with Younium(rows=rows) as younium:
            config = config_of(untyped(younium), max_parallel_requests=8)
            output = run(config, select=["account_summaries"]).well()
            assert len(output.records["account_summaries"]) > rows // 4
            assert len(output.of_type("SCHEMA")) == 1
            assert "partitions" not in output.state["bookmarks"]["account_summaries"]
            states = output.of_type("STATE")
            sizes[rows] = len(json.dumps(states[-1]))
            assert max(len(json.dumps(state)) for state in states) < 1000
    assert sizes[500] == sizes[5]


@pytest.mark.parametrize("parallel", [1, 3, 8])
def test_concurrent_requests_reach_their_limit_and_never_exceed_it(parallel: int) -> None:
    """For pages of parents, parents, and several streams, all together."""
    tables = ["subscription_versions", "subscriptions", "invoice_attachments"]
    with Younium(rows=24, latency=parallel / 100) as younium:
        config = config_of(untyped(younium), page_size=12, max_parallel_requests=parallel)
        run(config, select=tables).well()
        assert younium.in_flight() == parallel


def test_the_output_is_the_same_with_concurrent_requests() -> None:
    with Younium(accounts=3) as younium:
        outputs = [
            run(config_of(younium, max_parallel_requests=number), select=DETAILS).well()
            for number in (1, 8)
        ]
        for table in DETAILS:
            one, eight = (output.records[table] for output in outputs)
            assert in_no_order(one) == in_no_order(eight), table


def test_a_run_that_failed_halfway_loses_no_parent() -> None:
    """Not even in the second collection of a stream that has two."""
    for path in ("/Subscriptions", "/SalesOrders"):
        with Younium(rows=6) as younium:
            config = config_of(untyped(younium), page_size=2)
            whole = run(config, select=["revenue_schedules"]).well()
            younium.faults.append(Fault("status", path=path, page=3, status=404, times=None))
            failed = run(config, select=["revenue_schedules"])
            assert failed.complaint
            younium.faults.clear()
            mended = run(config, select=["revenue_schedules"], state=failed.state).well()
            came = {
                row["id"]: row | {"_read_at": None}
                for output in (failed, mended)
                for row in output.records.get("revenue_schedules", [])
            }
            rows = whole.records["revenue_schedules"]
            assert came == {row["id"]: row | {"_read_at": None} for row in rows}
            assert mended.bookmark("revenue_schedules") == whole.bookmark("revenue_schedules")


# Paths


class Server:
    """Younium with one record in each collection, and one answer for all parents.

    Attributes:
        details: The requested paths of parents, as they were sent.
    """

    def __init__(self, url: str) -> None:
        self.config = {"client_id": "id-of-acme", "client_secret": "pa55word", "api_url": url}
        self.details: list[str] = []


RECORD: Row = {
    "id": "root",
    "orderNumber": "O-1",
    "modified": "2024-01-01T00:00:00",
    "products": [{"id": "product", "charges": [{"id": "charge", "chargeNumber": "C-1"}]}],
    "invoiceLines": [{"id": "line"}],
    "accountingPeriod": {"fiscalYear": 2025},
}


@contextmanager
def answering(detail: tuple[int, Any], record: Row | None = None) -> Iterator[Server]:
    """Start a server that shows paths before they are decoded."""
    lists = {f"/{path}" for path in COLLECTIONS.values()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(200, {"accessToken": "t0k3n"})

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path in lists:
                self._answer(200, {"totalCount": 1, "data": [record or RECORD]})
            elif path == "/CustomFieldConfigurations":
                self._answer(200, {"totalCount": 0, "data": []})
            else:
                server.details.append(path)
                self._answer(*detail)

        def _answer(self, status: int, body: Any) -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server = Server(f"http://127.0.0.1:{listening.server_port}")
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()


NUMBERS = [
    ("O-000123", "O-000123"),
    ("2024/17", "2024%2F17"),
    ("Ö 1", "%C3%96%201"),
    ("a/b ö", "a%2Fb%20%C3%B6"),
    ("50%", "50%25"),
    ("a%2Fb", "a%252Fb"),
    ("why?", "why%3F"),
    ("#5", "%235"),
    ("a+b&c=d", "a%2Bb%26c%3Dd"),
    ("日本", "%E6%97%A5%E6%9C%AC"),
    ("{0}", "%7B0%7D"),
]


@pytest.mark.parametrize(("number", "quoted"), NUMBERS)
def test_an_order_number_is_quoted_in_the_path(number: str, quoted: str) -> None:
    record = RECORD | {"orderNumber": number}
    versions = [{"id": "old", "version": 1}, {"id": "root", "version": 2}]
    with answering((200, versions), record) as server:
        output = run(server.config, select=["subscription_versions"]).well()
        assert server.details == [f"/Subscriptions/{quoted}/versions"]
        rows = output.records["subscription_versions"]
        assert [(row["_root_id"], row["id"]) for row in rows] == [("root", "old"), ("root", "root")]


def test_an_order_number_with_blanks_and_letters_is_found() -> None:
    """Also with the simulator, which decodes the path."""
    with Younium(rows=3) as younium:
        younium.rows("Subscriptions")[1]["orderNumber"] = "Köp 50% (日本) + 1"
        output = run(config_of(younium), select=["subscription_versions"]).well()
        roots = {row["_root_id"] for row in output.records["subscription_versions"]}
        assert roots == {row["id"] for row in younium.rows("Subscriptions")}


# Times


def test_rows_show_when_their_parent_changed_not_when_they_did() -> None:
    """So that the rows agree with the bookmark, which is that of the parents."""
    with Younium(rows=3) as younium:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        order = younium.rows("Subscriptions")[0]
        order["modified"] = f"{tomorrow:%Y-%m-%dT%H:%M:%S}"
        output = run(config_of(younium), select=["subscription_versions"]).well()
        rows = output.records["subscription_versions"]
        times = {row["_last_modified"] for row in rows if row["_root_id"] == order["id"]}
        assert times == {f"{tomorrow:%Y-%m-%dT%H:%M:%S}.000000Z"}
        bookmark = output.bookmark("subscription_versions")
        assert bookmark is not None
        assert datetime.fromisoformat(bookmark) <= datetime.now(UTC)


# Lists that are bare arrays, or that take no page parameters by the published API


@pytest.mark.parametrize("paged", [True, False])
@pytest.mark.parametrize("number", [9, 10, 11, 20, 45])
def test_a_history_of_any_length_is_read_completely(number: int, *, paged: bool) -> None:
    """Younium's default page size is unknown, and an answer might ignore the page parameters."""
    with Younium(rows=1) as younium:
        younium.contract.default_page_size = 5
        younium.contract.arrays_paged = paged
        for collection in ("Subscriptions", "SalesOrders"):
            younium.rows(collection)[0]["version"] = number
        tables = ["subscription_versions", "sales_order_versions"]
        younium.clear()
        output = run(config_of(younium, page_size=10), select=tables).well()
        for table in tables:
            versions = [row["version"] for row in output.records[table]]
            assert sorted(versions) == list(range(1, number + 1))
        requests = [seen for seen in younium.requests if seen.path.endswith("/versions")]
        assert len(requests) <= 4 * (
            number // 10 + 1
        )  # a second look, where there are several pages


def test_versions_that_kept_their_id_are_all_read() -> None:
    """It is unknown whether an id survives a change: an order's versions differ by number."""
    versions = [{"id": "root", "version": number} for number in range(1, 151)]
    with answering((200, versions)) as server:
        output = run(server.config, select=["subscription_versions"]).well()
    rows = output.records["subscription_versions"]
    assert [row["version"] for row in rows] == list(range(1, 151))


@pytest.mark.parametrize("table", ["users", "user_roles", "related_invoices"])
def test_a_list_without_page_parameters_with_several_pages_is_read_completely(table: str) -> None:
    with Younium(accounts=12, rows=30) as younium:
        debit, *credits_ = younium.rows("Invoices")
        for credit in credits_:
            credit["_credits"] = debit["id"]
        whole = run(config_of(younium), select=[table]).well().records[table]
        younium.contract.unpaged_cut = True
        younium.contract.default_page_size = 7
        cut = run(config_of(younium), select=[table]).well().records[table]
        assert in_no_order(cut) == in_no_order(whole)
        assert len(whole) > 7


@pytest.mark.parametrize("status", [403, 400])
def test_a_second_collection_that_fails_does_not_affect_the_first(status: int) -> None:
    """Neither in this run nor later: its changes are read, and no run ends as complete."""
    with Younium(rows=6) as simulator:
        simulator.faults[:] = [Fault("status", status=status, path="/SalesOrders", times=None)]
        config = config_of(simulator, page_size=2, skip_forbidden_streams=True)
        first = run(config, select=["revenue_schedules"])
        assert "revenue_schedules" in first.complaint
        assert "place" not in first.state["bookmarks"]["revenue_schedules"]
        again = run(config, select=["revenue_schedules"], state=first.state)
        assert len(again.records["revenue_schedules"]) == len(first.records["revenue_schedules"])
