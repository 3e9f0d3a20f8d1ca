"""Streams without a published schema: reports, data export and Insights."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest
from comparing import as_utc
from singer import (
    Digits,
    Output,
    Row,
    Younium,
    catalog,
    config_of,
    metadata_of,
    run,
    table_of,
    validate,
)

from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENTITIES = ("Nordic AB", "Läkarö & Söner 日本")
LONG = "1234567890123456789.012345678901234567890"
EXPORT = "Subscription-product-charges"
EXPORTED = "export_subscription_product_charges"


def sampled(config: Row) -> Row:
    """The catalog of only the sampled streams, all selected."""
    found = catalog(config=config)
    prefixes = ("report_", "export_", "insights_")
    found["streams"] = [
        entry for entry in found["streams"] if entry["tap_stream_id"].startswith(prefixes)
    ]
    return found


def names(found: Row) -> set[str]:
    return {entry["tap_stream_id"] for entry in found["streams"]}


def columns(found: Row, table: str) -> dict[str, str]:
    """The type of each column of a stream."""
    properties = table_of(found, table)["schema"]["properties"]
    return {
        name: column.get("format") or next(it for it in [*as_list(column["type"])] if it != "null")
        for name, column in properties.items()
        if name not in {"_legal_entity", "_read_at", "_extra"}
    }


def as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def keys(found: Row, table: str) -> list[str]:
    listed: list[str] = metadata_of(table_of(found, table)).get("table-key-properties", [])
    return listed


def plain(value: Any) -> Any:
    """A value from the simulator as it should arrive, except for times; absent equals null."""
    if isinstance(value, dict):
        return {
            name: plain(item)
            for name, item in value.items()
            if item is not None and not name.startswith("_")
        }
    if isinstance(value, list):
        return [plain(item) for item in value]
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Digits(value) if is_number else value


def arriving(sent: Row, kinds: dict[str, str]) -> Row:
    """A row as it should arrive in columns of types that all its values fit."""
    return {
        name: as_utc(value) if kinds[name] == "date-time" else value
        for name, value in plain(sent).items()
    }


def bare(row: Row) -> Row:
    """A row without the tap's own columns and without nulls."""
    own = {"_legal_entity", "_read_at", "_extra"}
    found: Row = plain({name: value for name, value in row.items() if name not in own})
    return found


def counted(rows: list[Row]) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True) for row in rows)


# What the simulator serves


def report_rows(simulator: Simulator, report: Row, entity: str | None = None) -> list[Row]:
    path = {
        "Account": "Accounts",
        "Invoice": "Invoices",
        "Subscription": "Subscriptions",
        "Usage": "Usage",
        "Payment": "Payments",
    }[report["entityName"]]
    found = []
    for row in simulator.rows(path, entity):
        picked = {name: row.get(name) for name in report["fields"]}
        found.append(
            {name: it["amount"] if isinstance(it, dict) else it for name, it in picked.items()}
        )
    return found


def charges(simulator: Simulator, entity: str | None = None) -> list[Row]:
    return [
        charge
        for order in simulator.rows("Subscriptions", entity)
        for product in order["products"]
        for charge in product["charges"]
    ]


def exported(simulator: Simulator, entity: str | None = None) -> list[Row]:
    return [
        {name: value for name, value in charge.items() if not isinstance(value, list)}
        for charge in charges(simulator, entity)
    ]


TABLES = {
    "report_customers": "Customers",
    "report_öppna_fakturor": "Öppna fakturor",
    "report_mrr_by_customer": "MRR by customer",
    "report_usage_month": "Usage / month",
    "report_payments": "Payments",
}


class Read(NamedTuple):
    """A run with all sampled streams, with the discovered catalog."""

    younium: Simulator
    output: Output
    chosen: Row


@pytest.fixture(scope="module")
def everything() -> Iterator[Read]:
    """One legal entity, whose reports and Insights have several pages."""
    with Simulator(accounts=24) as younium:
        config = config_of(
            younium, page_size=15, reports=["*"], data_export=[EXPORT], insights=["allmetrics"]
        )
        chosen = sampled(config)
        younium.clear()
        yield Read(younium, run(config, catalog=chosen).well(), chosen)


def test_streams_are_named_after_their_report_or_entity(everything: Read) -> None:
    assert names(everything.chosen) == {*TABLES, EXPORTED, "insights_allmetrics"}
    assert set(everything.output.records) == names(everything.chosen)


@pytest.mark.parametrize("table", TABLES)
def test_a_report_of_several_pages_arrives_completely(table: str, everything: Read) -> None:
    """Younium promises no order of a report's rows unless the request states one."""
    report = next(row for row in everything.younium.rows("Reports") if row["name"] == TABLES[table])
    kinds = columns(everything.chosen, table)
    sent = [arriving(row, kinds) for row in report_rows(everything.younium, report)]
    assert len(sent) > 15
    came = everything.output.exact[table]
    assert counted([bare(row) for row in came]) == counted(sent)
    assert all(row["_extra"] is None for row in came)


def test_an_export_arrives_completely(everything: Read) -> None:
    kinds = columns(everything.chosen, EXPORTED)
    sent = {row["id"]: plain(row) for row in exported(everything.younium)}
    came = everything.output.exact[EXPORTED]
    assert len(came) == len(sent)
    for row in came:
        found = bare(row) | leftovers(row, kinds)
        record = sent[row["id"]]
        assert found.keys() == record.keys()
        for name, value in record.items():
            if kinds.get(name) == "date-time":
                assert found[name] == as_utc(value)
            elif kinds.get(name) == "string" and isinstance(value, bool | Digits):
                assert found[name] == (json.dumps(value) if isinstance(value, bool) else str(value))
            else:
                assert found[name] == value, name


def leftovers(row: Row, kinds: dict[str, str]) -> Row:
    """What is in `_extra` of a row, and must not be in its column too."""
    extra: Row = row["_extra"] or {}
    assert all(row.get(name) is None for name in extra.keys() & kinds.keys())
    return extra


def test_insights_of_several_pages_arrive_completely(everything: Read) -> None:
    """One row for each charge and month, and every custom field of the charge."""
    orders = everything.younium.rows("Subscriptions")
    sent: dict[tuple[str, int], Row] = {}
    for order in orders:
        for product in order["products"]:
            for charge in product["charges"]:
                custom = charge.get("customFields") or {}
                for year in (2024, 2025):
                    for month in range(1, 13):
                        known = {"OrderNumber": order["orderNumber"], "Currency": order["currency"]}
                        known |= {f"OrderProductCharge_{key}": v for key, v in custom.items()}
                        known |= {"CMRR": charge["cmrr"]["amount"] or 0}
                        sent[charge["chargeNumber"], year * 100 + month] = known
    kinds = columns(everything.chosen, "insights_allmetrics")
    came = everything.output.exact["insights_allmetrics"]
    assert len(came) == len(sent) > 1000
    for row in came:
        record = plain(sent[row["ChargeNumber"], int(row["YearMonth"])])
        found = bare(row) | leftovers(row, kinds)
        for name, value in record.items():
            kind = kinds.get(name)
            if kind == "date-time" and found[name] != value:
                assert found[name] == as_utc(value)
            elif kind == "string" and isinstance(value, bool | Digits):
                assert found[name] == (json.dumps(value) if isinstance(value, bool) else str(value))
            else:
                assert found[name] == value, name


def test_every_row_fits_the_schema_before_it(everything: Read) -> None:
    assert validate(everything.output) == sum(map(len, everything.output.records.values()))
    for table, message in everything.output.schemas.items():
        assert message["key_properties"] == keys(everything.chosen, table)


def test_types_come_from_the_first_page(everything: Read) -> None:
    assert columns(everything.chosen, "report_customers") == {
        "id": "string",
        "accountNumber": "string",
        "name": "string",
        "currencyCode": "string",
        "inactive": "boolean",
        "created": "date-time",
    }
    mrr = columns(everything.chosen, "report_mrr_by_customer")
    assert mrr["version"] == "number"
    assert mrr["cmrr"] == "number"
    metrics = columns(everything.chosen, "insights_allmetrics")
    assert metrics["YearMonth"] == "number"
    assert metrics["ChangeType"] == "string"


def test_no_primary_key_is_guessed(everything: Read) -> None:
    """An `id` that is unique in the first page can occur again in the next."""
    assert {tuple(keys(everything.chosen, name)) for name in names(everything.chosen)} == {()}


def test_a_run_with_a_catalog_requests_no_page_twice(everything: Read) -> None:
    """Only the pages of a report can be read again, if rows moved."""
    asked = Counter(
        (seen.path, tuple(sorted(seen.query.items())))
        for seen in everything.younium.requests
        if seen.path.startswith(("/v3/", "/insights/"))
    )
    assert len(asked) > 10
    assert set(asked.values()) == {1}


def test_a_run_requests_no_report_that_its_catalog_leaves_out(everything: Read) -> None:
    younium = everything.younium
    before = len(younium.requests)
    config = config_of(younium, reports=["*"], data_export=[EXPORT])
    run(config, catalog=only(everything.chosen, "report_payments")).well()
    paths = [seen.path for seen in younium.requests[before:]]
    assert len({path for path in paths if path.endswith("/Data")}) == 1
    assert not [path for path in paths if path.startswith("/v3/")]


def test_a_run_without_a_catalog_requests_no_page_twice() -> None:
    """The page that gave the columns is the first page of the read."""
    with Younium(rows=2) as younium:
        run(config_of(younium, data_export=["Accounts"], reports=["*"])).well()
        paths = [seen.path for seen in younium.requests]
        assert paths.count("/v3/Accounts") == 1
        assert paths.count("/Reports") == 1
        assert all(paths.count(path) == 1 for path in paths if path.endswith("/Data"))


def test_full_table_streams_have_no_bookmark_and_are_read_again(everything: Read) -> None:
    state = everything.output.state
    for table in names(everything.chosen):
        assert not state.get("bookmarks", {}).get(table)
        properties = table_of(everything.chosen, table)["schema"]["properties"]
        assert "_last_modified" not in properties
    config = config_of(everything.younium, data_export=[EXPORT])
    again = run(config, catalog=only(everything.chosen, EXPORTED), state=state).well()
    assert [*map(bare, again.records[EXPORTED])] == [
        *map(bare, everything.output.records[EXPORTED])
    ]


def only(found: Row, *tables: str) -> Row:
    return {"streams": [table_of(found, table) for table in tables]}


# Which reports


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_report_can_be_named_by_id_or_name(by: str) -> None:
    with Younium(rows=5) as younium:
        reports = [row[by] for row in younium.rows("Reports") if row["name"] == "Öppna fakturor"]
        assert names(sampled(config_of(younium, reports=reports))) == {"report_öppna_fakturor"}
        assert len([seen for seen in younium.requests if seen.path.endswith("/Data")]) == 1


@pytest.mark.parametrize("arguments", [("--discover",), ()])
@pytest.mark.parametrize("wanted", [["Nothing like it"], ["Customers", "Nothing like it"]])
def test_a_report_that_does_not_exist_is_a_clear_error(
    arguments: tuple[str, ...], wanted: list[str]
) -> None:
    with Younium(rows=5) as younium:
        output = run(config_of(younium, reports=wanted), *arguments)
        (error,) = output.errors("'Nothing like it'")
        assert "reports" in error
        assert "'Customers'" not in error
        if not arguments:
            assert "report_nothing_like_it" in output.complaint
            assert len(output.records["countries"]) == 5


def renamed(younium: Simulator, *names: str | None) -> list[Row]:
    """Give the reports these names, in the order of their ids, and a field that identifies them."""
    reports = sorted(younium.rows("Reports"), key=lambda row: str(row["id"]))[: len(names)]
    younium.rows("Reports")[:] = reports
    for number, (report, name) in enumerate(zip(reports, names, strict=True)):
        report.update(name=name, entityName="Account", fields=["id", f"field{number}"])
        for row in younium.rows("Accounts"):
            row[f"field{number}"] = number
    return reports


@pytest.mark.parametrize(
    "given",
    [
        ("MRR", "MRR"),
        ("MRR", "mrr", "M-R-R", "MRR!"),
        ("MRR", "MRR", "MRR 2"),
        ("MRR 2", "MRR", "MRR"),
        ("MRR", "MRR 2", "MRR"),
        ("!", "?", "日本"),
    ],
    ids=str,
)
def test_reports_whose_names_collide_are_separate_streams(given: tuple[str, ...]) -> None:
    with Younium(rows=5) as younium:
        renamed(younium, *given)
        config = config_of(younium, reports=["*"])
        chosen = sampled(config)
        assert len(names(chosen)) == len(given)
        output = run(config, catalog=chosen).well()
        fields = {
            name for rows in output.records.values() for name in rows[0] if name.startswith("field")
        }
        assert fields == {f"field{number}" for number in range(len(given))}


def test_a_report_keeps_its_stream_s_name_whichever_others_are_configured() -> None:
    with Younium(rows=5) as younium:
        reports = renamed(younium, "MRR", "mrr")
        config = config_of(younium)
        for number, report in enumerate(reports):
            chosen = sampled(config | {"reports": [report["id"]]})
            (table,) = names(chosen)
            assert table == ["report_mrr", "report_mrr_2"][number]
            assert f"field{number}" in columns(chosen, table)


def test_all_reports_of_one_name_are_read() -> None:
    with Younium(rows=5) as younium:
        renamed(younium, "MRR", "MRR", "Other")
        assert len(names(sampled(config_of(younium, reports=["MRR"])))) == 2


def test_a_report_without_a_name_does_not_affect_the_others() -> None:
    """Younium leaves null fields out; only ids are always there."""
    with Younium(rows=5) as younium:
        renamed(younium, None, "MRR")
        assert "report_mrr" in names(sampled(config_of(younium, reports=["MRR"])))


@pytest.mark.parametrize("filled", [False, True])
def test_a_report_s_fields_are_columns_even_if_they_are_empty(*, filled: bool) -> None:
    """Younium leaves nulls out, so the first page might lack them; an empty column is text."""
    with Younium(rows=5) as younium:
        (report,) = renamed(younium, "MRR")
        report["fields"] = ["id", "field0", "later"]
        if not filled:
            younium.rows("Accounts").clear()
        config = config_of(younium, reports=["MRR"])
        chosen = sampled(config)
        kinds = columns(chosen, "report_mrr")
        assert kinds == {"id": "string", "field0": "number" if filled else "string"} | {
            "later": "string"
        }
        if filled:
            younium.rows("Accounts")[0]["later"] = "at last"
            output = run(config, catalog=chosen).well()
            values = {row.get("later") for row in output.records["report_mrr"]}
            assert values == {"at last", None}


# Types


COLUMNS: dict[str, tuple[list[Any], str]] = {
    "whole": ([1, 2, -3], "number"),
    "whole_gaps": ([None, 7, None], "number"),
    "mixed_numbers": ([1, Decimal("2.50"), 3], "number"),
    "long": ([Decimal(LONG), Decimal("0.10"), None], "number"),
    "flags": ([True, None, False], "boolean"),
    "times": (["2024-01-31T00:00:00", "2024-02-01T10:20:30.1234567", None], "date-time"),
    "texts": (["a", "", "Väst 🚀"], "string"),
    "texts_or_times": (["2024-01-31T00:00:00", "soon", None], "string"),
    "texts_or_numbers": (["a", 5, Decimal("1.50")], "string"),
    "flags_or_numbers": ([True, 1, None], "string"),
    "digits": (["12", "13", "14"], "string"),
    "months": ([202401, 202402, 202403], "number"),
    "objects": ([{"a": 1}, {"b": {"c": Decimal("1.10")}}, {}], "object"),
}


def rows_of(values: dict[str, list[Any]]) -> list[Row]:
    count = max(map(len, values.values()))
    return [
        {"id": f"row {number}"} | {name: column[number] for name, column in values.items()}
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def typed() -> Iterator[Read]:
    with Simulator(rows=1) as younium:
        younium.rows("Accounts")[:] = rows_of({name: sent for name, (sent, _) in COLUMNS.items()})
        config = config_of(younium, data_export=["Accounts"])
        chosen = sampled(config)
        yield Read(younium, run(config, catalog=chosen).well(), chosen)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_s_type_is_what_its_values_have_in_common(name: str, typed: Read) -> None:
    sent, kind = COLUMNS[name]
    assert columns(typed.chosen, "export_accounts")[name] == kind
    came = [row.get(name) for row in typed.output.exact["export_accounts"]]
    for one, other in zip(sent, came, strict=True):
        value = plain(one)
        if kind == "date-time" and one:
            value = as_utc(one)
        elif kind == "string" and isinstance(value, bool | Digits):
            value = json.dumps(value) if isinstance(value, bool) else str(value)
        assert other == value
        assert type(other) is type(value)


def test_values_that_fit_leave_extra_empty(typed: Read) -> None:
    assert all(row["_extra"] is None for row in typed.output.records["export_accounts"])
    assert validate(typed.output) == 3


def test_a_column_that_is_null_in_each_sampled_row_is_text() -> None:
    rows = [{"id": "a", "nothing": None}, {"id": "b", "nothing": None}]
    with answering(lambda _path, _query: {"items": rows}) as config:
        chosen = sampled(config | {"data_export": ["Accounts"]})
        assert columns(chosen, "export_accounts") == {"id": "string", "nothing": "string"}
        rows[1]["nothing"] = "something"
        output = run(config | {"data_export": ["Accounts"]}, catalog=chosen).well()
    assert [row["nothing"] for row in output.records["export_accounts"]] == [None, "something"]


LATER: list[tuple[str, Any, Any]] = [
    ("whole", "five", "five"),
    ("whole", True, True),
    ("mixed_numbers", "1,5", "1,5"),
    ("flags", 1, Digits(1)),
    ("flags", "yes", "yes"),
    ("times", "soon", "soon"),
    ("times", 20240131, Digits(20240131)),
    ("texts", {"a": 1}, {"a": Digits(1)}),
    ("objects", "text", "text"),
    ("brand_new", {"a": Decimal("1.0")}, {"a": Digits("1.0")}),
    ("brand new too", "2024-01-31T00:00:00", "2024-01-31T00:00:00"),
]


def test_later_values_that_do_not_fit_and_new_columns_are_kept_in_extra(typed: Read) -> None:
    """One row for each value that does not fit, next to rows that fit."""
    with Younium(rows=1) as younium:
        rows = rows_of({"whole": [1] * (2 * len(LATER))})
        for row, (name, value, _) in zip(rows[::2], LATER, strict=True):
            row[name] = value
        younium.rows("Accounts")[:] = rows
        config = config_of(younium, data_export=["Accounts"])
        output = run(config, catalog=typed.chosen).well()
        came = {row["id"]: row for row in output.exact["export_accounts"]}
        assert len(came) == len(rows)
        assert validate(output) == len(rows)
        for number, (name, _, extra) in enumerate(LATER):
            row = came[f"row {2 * number}"]
            assert row["_extra"] == {name: extra}
            assert row.get(name) is None
            fits = came[f"row {2 * number + 1}"]
            assert (fits["whole"], fits["_extra"]) == ("1", None)


def test_a_discovered_catalog_is_used_in_later_runs(typed: Read) -> None:
    """Whatever types the first page would give now; it is not sampled."""
    with Younium(rows=1) as younium:
        younium.rows("Accounts")[:] = [{"id": "a", "texts": 5, "months": None, "digits": 12}]
        config = config_of(younium, data_export=["Accounts"])
        output = run(config, catalog=typed.chosen).well()
        schema = output.schemas["export_accounts"]["schema"]
        assert schema == table_of(typed.chosen, "export_accounts")["schema"]
        (row,) = output.records["export_accounts"]
        assert (row["texts"], row["digits"], row["_extra"]) == ("5", "12", None)
        assert [seen.path for seen in younium.requests].count("/v3/Accounts") == 1


@pytest.mark.parametrize("own", ["_extra", "_legal_entity", "_read_at"])
def test_a_column_named_like_the_tap_s_own_is_kept_in_extra(own: str) -> None:
    rows = [{"id": "a", own: "theirs"}, {"id": "b", own: "theirs"}]
    with answering(lambda _path, _query: {"items": rows}) as config:
        settings = config | {"data_export": ["Accounts"]}
        output = run(settings, catalog=sampled(settings)).well()
        assert [row["_extra"] for row in output.records["export_accounts"]] == [{own: "theirs"}] * 2
        assert all(row["_legal_entity"] is None for row in output.records["export_accounts"])


# Keys


def repeating(count: int, size: int) -> Callable[[str, dict[str, str]], Row]:
    """Answers of a report, an export and Insights whose ids are unique only in the first page."""
    rows = [{"id": f"row {min(number, size)}", "n": number} for number in range(count)]

    def answer(path: str, query: dict[str, str]) -> Row:
        if path == "/Reports":
            return {"data": [{"id": "r", "name": "MRR", "fields": ["id", "n"]}], "totalCount": 1}
        if path == "/Reports/r/Data":
            start = (int(query["PageNumber"]) - 1) * size
            pages = -(-count // size)
            page = {"totalCount": count, "totalPages": pages, "pageSize": size}
            return {"data": rows[start : start + size], **page}
        if path.startswith("/v3/"):
            number = int(query["pageNumber"])
            more = "x" if number * size < count else None
            return {"items": rows[(number - 1) * size : number * size], "nextPage": more}
        start = int(query["$skip"])
        return {"value": rows[start : start + size], "@odata.count": count}

    return answer


TENANT = {"reports": ["MRR"], "data_export": ["Usage"], "insights": ["allmetrics"]}
TENANT_STREAMS = ("report_mrr", "export_usage", "insights_allmetrics")
NAMED: list[dict[str, list[str]]] = [{}, {name: ["id"] for name in TENANT_STREAMS}]


@pytest.mark.parametrize("named", NAMED, ids=["no key", "key"])
def test_rows_with_a_repeated_id_are_all_kept(named: dict[str, list[str]]) -> None:
    """Whether or not the setting makes it a primary key: the tap drops no repeated row."""
    with answering(repeating(190, 10)) as config:
        settings = config | TENANT | {"page_size": 10, "primary_keys": named}
        chosen = sampled(settings)
        output = run(settings, catalog=chosen).well()
    for table in TENANT_STREAMS:
        assert sorted(row["n"] for row in output.records[table]) == [*range(190)], table
        assert output.schemas[table]["key_properties"] == named.get(table, [])
        assert keys(chosen, table) == named.get(table, [])


def test_a_guessed_key_in_the_catalog_of_an_older_version_is_not_used() -> None:
    rows: list[Row] = [{"id": "a", "n": 1}, {"id": "a", "n": 2}, {"id": None, "n": 3}, {"n": 4}]
    with answering(lambda _path, _query: {"items": rows}) as config:
        settings = config | {"data_export": ["Usage"]}
        chosen = sampled(settings)
        entry = table_of(chosen, "export_usage")
        entry["key_properties"] = metadata_of(entry)["table-key-properties"] = ["id"]
        entry["schema"]["properties"]["id"]["type"] = "string"
        output = run(settings, catalog=chosen).well()
    assert [row["n"] for row in output.records["export_usage"]] == [1, 2, 3, 4]
    assert output.schemas["export_usage"]["key_properties"] == []
    assert validate(output) == 4


def test_a_whole_number_in_the_first_rows_can_have_a_fraction_later() -> None:
    """JSON does not distinguish 1000 from 1000.0."""
    rows = [{"amount": 1000} if n < 100 else {"amount": Decimal("1000.5")} for n in range(190)]

    def answer(_path: str, query: dict[str, str]) -> bytes:
        start = (int(query["pageNumber"]) - 1) * 100
        page = [f'{{"amount":{row["amount"]}}}' for row in rows[start : start + 100]]
        more = '"x"' if start + 100 < len(rows) else "null"
        return f'{{"items":[{",".join(page)}],"nextPage":{more}}}'.encode()

    with answering(answer) as config:
        settings = config | {"data_export": ["Usage"]}
        output = run(settings, catalog=sampled(settings)).well()
    amounts = [row["amount"] for row in output.exact["export_usage"]]
    assert amounts == [Digits(row["amount"]) for row in rows]
    assert all(row["_extra"] is None for row in output.records["export_usage"])


def test_a_primary_key_that_is_not_a_column_is_a_clear_error() -> None:
    with answering(lambda _path, _query: {"items": [{"id": "a"}]}) as config:
        settings = config | {
            "data_export": ["Usage"],
            "primary_keys": {"export_usage": ["ID"], "export_use": ["id"]},
        }
        output = run(settings, "--discover")
    assert "export_usage has no column 'ID'. Its columns are id." in output.stderr
    assert output.warnings("that the tap does not have: export_use.")


def test_equal_rows_of_a_stream_without_primary_key_are_all_kept() -> None:
    """Within a page and on several; in a report, an export and Insights."""

    def same(path: str, query: dict[str, str]) -> Row:
        row = {"amount": 5, "month": 202401}
        if path == "/Reports":
            return {"data": [{"id": "r", "name": "MRR", "fields": []}], "totalCount": 1}
        if path == "/Reports/r/Data":
            return {"data": [row] * 10, "totalCount": 30, "totalPages": 3, "pageSize": 10}
        if path.startswith("/v3/"):
            return {"items": [row] * 10, "nextPage": "x" if query["pageNumber"] != "3" else None}
        return {"value": [row] * 10, "@odata.count": 30}

    with answering(same) as config:
        settings = config | {
            "reports": ["MRR"],
            "data_export": ["Usage"],
            "insights": ["allmetrics"],
            "page_size": 10,
        }
        output = run(settings, catalog=sampled(settings)).well()
    for table in ("report_mrr", "export_usage", "insights_allmetrics"):
        assert len(output.records[table]) == 30, table
        assert output.schemas[table]["key_properties"] == []


# Legal entities


def test_a_report_of_several_legal_entities_is_one_stream() -> None:
    """With the columns of all, in the types that they have in common, and the rows of each."""
    with Younium(rows=4, entities=ENTITIES) as younium:
        for entity, value in zip(ENTITIES, (1, Decimal("2.50")), strict=True):
            report = younium.rows("Reports", entity)[0]
            report.update(name="MRR", entityName="Account", fields=["id", "value", entity[:1]])
            younium.rows("Reports", entity)[:] = [report]
            for row in younium.rows("Accounts", entity):
                row |= {"value": value, entity[:1]: "own"}
        named = {"report_mrr": ["id"]}
        config = config_of(younium, reports=["MRR"], data_export=["Accounts"], primary_keys=named)
        chosen = sampled(config)
        kinds = columns(chosen, "report_mrr")
        assert kinds == {"id": "string", "value": "number", "N": "string", "L": "string"}
        assert keys(chosen, "report_mrr") == ["id", "_legal_entity"]
        output = run(config, catalog=chosen).well()
        came = {(row["_legal_entity"], row["id"]) for row in output.records["report_mrr"]}
        there = {(name, row["id"]) for name in ENTITIES for row in younium.rows("Accounts", name)}
        assert came == there
        assert {(row["_legal_entity"], row["id"]) for row in output.records["export_accounts"]} == (
            there
        )
        assert all(row["_extra"] is None for row in output.records["report_mrr"])


def test_a_report_of_only_one_legal_entity_is_requested_only_there() -> None:
    with Younium(rows=4, entities=ENTITIES) as younium:
        for entity in ENTITIES:
            younium.rows("Reports", entity)[0]["name"] = f"Report of {entity}"
        config = config_of(younium, reports=[f"Report of {ENTITIES[1]}"])
        chosen = sampled(config)
        assert names(chosen) == {"report_report_of_läkarö_söner_日本"}
        output = run(config, catalog=chosen).well()
        (rows,) = output.records.values()
        assert {row["_legal_entity"] for row in rows} == {ENTITIES[1]}


# Pages


def many(count: int) -> list[Row]:
    return [{"id": f"{number:032x}", "number": number, "text": "å"} for number in range(count)]


def exports_asked(younium: Simulator) -> list[dict[str, str]]:
    return sorted(
        (seen.query for seen in younium.requests if seen.path == "/v3/Accounts"),
        key=lambda query: query["pageNumber"],
    )


@pytest.mark.parametrize("null", [False, True])
def test_an_export_of_12000_rows_comes_in_pages_of_5000(*, null: bool) -> None:
    with Younium(rows=1, v3_null_next_page=null) as younium:
        younium.rows("Accounts")[:] = many(12_000)
        config = config_of(younium, data_export=["Accounts"])
        chosen = sampled(config)
        younium.clear()
        output = run(config, catalog=chosen).well()
        assert exports_asked(younium) == [
            {"pageNumber": str(number), "pageSize": "5000"} for number in (1, 2, 3)
        ]
        assert [bare(row) for row in output.records["export_accounts"]] == [
            plain(row) for row in many(12_000)
        ]


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 3000])
def test_an_export_ends_where_younium_names_no_next_page(count: int) -> None:
    """Also if pages are smaller than requested: only some entities give 5,000."""
    with Younium(rows=1, v3_max_page_size=1000) as younium:
        younium.rows("Accounts")[:] = many(count)
        config = config_of(younium, data_export=["Accounts"])
        output = run(config, catalog=export_catalog()).well()
        rows = output.records.get("export_accounts", [])
        assert [row["number"] for row in rows] == list(range(count))
        assert len(exports_asked(younium)) == max(1, -(-count // 1000))


def export_catalog() -> Row:
    """A catalog for these rows, made by hand, which a run uses."""
    found = catalog()
    entry: Row = json.loads(json.dumps(table_of(found, "countries")))
    entry |= {"tap_stream_id": "export_accounts", "stream": "export_accounts"}
    entry["schema"]["properties"] = {
        "id": {"type": "string"},
        "number": {"type": ["integer", "null"]},
        "text": {"type": ["string", "null"]},
        "_legal_entity": {"type": ["string", "null"]},
        "_extra": {"type": ["object", "null"]},
    }
    entry["metadata"] = [each for each in entry["metadata"] if not each["breadcrumb"]]
    metadata_of(entry)["selected"] = True
    return {"streams": [entry]}


@pytest.mark.parametrize("most", [1000, 100, 40, 7])
def test_insights_are_complete_however_few_rows_an_answer_has(most: int) -> None:
    """Younium might limit `$top`: the next page must start after the rows that arrived."""
    with Younium(rows=3, insights_page_size=most) as younium:
        config = config_of(younium, insights=["recurringrevenue"], page_size=100)
        chosen = sampled(config)
        output = run(config, catalog=chosen).well()
        came = Counter(
            (row["ChargeNumber"], row["YearMonth"])
            for row in output.records["insights_recurringrevenue"]
        )
        numbers = [charge["chargeNumber"] for charge in charges(younium)]
        months = [year * 100 + month for year in (2024, 2025) for month in range(1, 13)]
        assert came == Counter((number, month) for number in numbers for month in months)


def test_insights_are_requested_with_top_skip_and_count() -> None:
    with Younium(rows=3) as younium:
        config = config_of(younium, insights=["recurringrevenue"], page_size=50)
        run(config, catalog=sampled(config)).well()
        queries = [
            seen.query
            for seen in younium.requests
            if seen.path == "/insights/Odata/recurringrevenue"
        ]
        assert all(query["$top"] == "50" and query["$count"] == "true" for query in queries)
        total = 24 * len(charges(younium))
        skips = sorted({int(query["$skip"]) for query in queries})
        assert skips == list(range(0, total, 50))


@pytest.mark.product
@pytest.mark.parametrize("count", [0, 9, 10, 25])
@pytest.mark.parametrize("said", ["count", "link", "nothing"])
def test_insights_end_whatever_the_envelope_says_of_more(said: str, count: int) -> None:
    rows = [{"YearMonth": 202401, "Number": number} for number in range(count)]

    def page(_path: str, query: dict[str, str]) -> Row:
        skip = int(query.get("$skip", 0))
        shown = rows[skip : skip + int(query.get("$top", 100))]
        answer: Row = {"@odata.context": "x", "value": shown}
        if said == "count":
            answer["@odata.count"] = count
        if said == "link" and skip + len(shown) < count:
            answer["@odata.nextLink"] = "https://elsewhere.example/x"
        return answer

    with answering(page) as config:
        settings = config | {"insights": ["allmetrics"], "page_size": 10}
        output = run(settings, catalog=sampled(settings)).well()
    came = [row["Number"] for row in output.records.get("insights_allmetrics", [])]
    assert came == list(range(count))


# What can go wrong


KINDS: dict[str, tuple[Row, str, str]] = {
    "export": ({"data_export": ["Usage"]}, "/v3/Usage", "items"),
    "insights": ({"insights": ["allmetrics"]}, "/insights/Odata/allmetrics", "value"),
    "report": ({"reports": ["MRR"]}, "/Reports/r/Data", "data"),
}
WRONG: list[Any] = [
    {"hello": ["Secret Customer AB"]},
    "Secret Customer AB",
    None,
    {"items": "Secret Customer AB", "value": 5, "data": 7},
    {"items": ["Secret Customer AB"], "value": [1], "data": [2], "totalCount": 1},
    b"<html>Secret Customer AB</html>",
    b"",
]


def wrong(path: str, body: Any) -> Callable[[str, dict[str, str]], Any]:
    def answer(asked: str, _query: dict[str, str]) -> Any:
        if asked == path:
            return body
        return {"data": [{"id": "r", "name": "MRR", "fields": ["id"]}], "totalCount": 1}

    return answer


@pytest.mark.product
@pytest.mark.parametrize("body", WRONG, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_envelope_is_reported_in_one_line_without_data(kind: str, body: Any) -> None:
    settings, path, _ = KINDS[kind]
    with answering(wrong(path, body)) as config:
        output = run(config | settings, "--discover").well()
    assert len(output.errors(path)) == 1
    assert "Secret Customer" not in output.stderr
    assert "Bug in the tap" not in output.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_envelope_is_reported_with_its_fields(kind: str) -> None:
    """The schema is not published: the line must contain what to report."""
    settings, path, wanted = KINDS[kind]
    with answering(wrong(path, {"rows": [], "cursor": "Secret Customer AB"})) as config:
        output = run(config | settings, "--discover").well()
    (error,) = output.errors(path)
    assert f"`{wanted}`" in error
    assert "rows" in error
    assert "cursor" in error
    assert "Secret Customer" not in output.stderr


def test_a_wrong_envelope_in_the_middle_of_a_run_ends_it() -> None:
    def page(_path: str, query: dict[str, str]) -> Any:
        if query.get("pageNumber", "1") == "1":
            return {"items": [{"id": "a"}], "nextPage": "x", "data": [], "totalCount": 0}
        return {"hello": "Secret Customer AB"}

    with answering(page) as config:
        settings = config | {"data_export": ["Usage"]}
        output = run(settings, catalog=sampled(settings))
    assert "/v3/Usage, page 2" in output.complaint
    assert "Secret Customer" not in output.stderr


@pytest.mark.parametrize("setting", ["data_export", "insights"])
@pytest.mark.parametrize("arguments", [("--discover",), ()])
def test_an_entity_that_does_not_exist_is_a_clear_error(
    setting: str, arguments: tuple[str, ...]
) -> None:
    with Younium(rows=1) as younium:
        output = run(config_of(younium, **{setting: ["Nothing-like-it"]}), *arguments)
        (error,) = output.errors("Nothing-like-it")
        assert "404" in error
        assert output.exit_code == (0 if arguments else 1)


@pytest.mark.parametrize("forbidden", ["v3", "insights", "Reports"])
def test_other_streams_continue_if_a_sampled_one_is_forbidden(forbidden: str) -> None:
    """As for any stream: the run continues, fails at its end, and lists what is missing."""
    with Younium(rows=3) as younium:
        config = config_of(
            younium, reports=["*"], data_export=["Accounts"], insights=["allmetrics"]
        )
        chosen = sampled(config)
        countries = table_of(catalog(["countries"]), "countries")
        chosen["streams"].insert(0, countries)
        younium.forbidden.add(forbidden)
        output = run(config, catalog=chosen)
        prefix = {"v3": "export_", "Reports": "report_"}.get(forbidden, "insights_")
        rest = {table for table in names(chosen) if not table.startswith(prefix)}
        assert set(output.records) == rest
        assert prefix in output.complaint


@pytest.mark.parametrize("setting", ["data_export", "insights"])
def test_streams_without_a_published_schema_are_experimental_in_the_log(setting: str) -> None:
    entity = {"data_export": "Accounts", "insights": "allmetrics"}[setting]
    with Younium(rows=1) as younium:
        output = run(config_of(younium, **{setting: [entity]}), "--discover").well()
        (warning,) = output.warnings("experimental")
        assert entity in warning
        assert not run(config_of(younium, reports=["*"]), "--discover").warnings("experimental")


def test_without_credentials_there_are_no_sampled_streams_and_discovery_works() -> None:
    settings = {"reports": ["*"], "data_export": ["Accounts"], "insights": ["allmetrics"]}
    output = run(settings, "--discover").well()
    found = {entry["tap_stream_id"] for entry in json.loads(output.stdout)["streams"]}
    assert found == {entry["tap_stream_id"] for entry in catalog()["streams"]}


# A server whose answers a test writes itself


@contextmanager
def answering(answer: Callable[[str, dict[str, str]], Any]) -> Iterator[Row]:
    """Start a server that gives these answers, and return settings to read it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._send({"accessToken": "t0k3n"})

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/CustomFieldConfigurations":
                self._send({"data": [], "totalCount": 0})
            else:
                self._send(answer(url.path, dict(parse_qsl(url.query))))

        def _send(self, body: Any) -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield {
                "client_id": "id-of-acme",
                "client_secret": "pa55word",
                "api_url": f"http://127.0.0.1:{server.server_port}",
            }
        finally:
            server.shutdown()
            thread.join()


def test_the_legal_entity_alone_is_not_a_primary_key() -> None:
    """With only the legal entity as primary key, a target would keep one row of each."""
    with Younium(rows=2, entities=ENTITIES) as younium:
        output = run(config_of(younium, insights=["allmetrics"])).well()
        assert output.schemas["insights_allmetrics"]["key_properties"] == []
        assert len(output.records["insights_allmetrics"]) > len(ENTITIES)
