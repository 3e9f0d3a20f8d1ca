"""Catalogs and states that do not match the settings, and replication methods set by users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from faults.tools import choose, only
from singer import Younium, config_of, metadata_of, run, table_of

from simulator import Fault
from tap_younium.exceptions import ConfigurationError
from tap_younium.tap import TapYounium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from singer import Output, Row

ENTITIES = ("Nordic AB", "Läkarö")
ROWS = 4
STREAMS = [
    "account_addresses",
    "accounts",
    "countries",
    "custom_field_configurations",
    "invoice_payment_logs",
    "invoices",
    "payments",
]


@pytest.fixture(scope="module", autouse=True)
def few_streams() -> Iterator[None]:
    with only(STREAMS, ENTITIES):
        yield


@pytest.fixture(scope="module")
def younium() -> Iterator[Younium]:
    with Younium(rows=ROWS, entities=ENTITIES) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def alone() -> Iterator[Younium]:
    with Younium(rows=ROWS) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def fresh(younium: Younium, alone: Younium) -> None:
    for simulator in (younium, alone):
        simulator.clear()
        simulator.faults.clear()


def refused(output: Output, *words: str) -> None:
    """A run that ended at its start, with one line and exit code 2, as a retry would not help."""
    assert output.exit_code == 2
    assert not output.stdout
    for word in words:
        assert word in output.complaint


# Legal entities


@pytest.mark.parametrize("entities", [ENTITIES, ENTITIES[:1]])
def test_a_catalog_created_without_legal_entities_is_refused_with_some(
    entities: tuple[str, ...], younium: Younium
) -> None:
    """One is refused too: the next run might read another into the same tables."""
    config = config_of(younium, legal_entities=list(entities))
    output = run(config, catalog=choose(["accounts", "countries"]))
    refused(output, "in accounts, countries.", "without _legal_entity", "--discover")
    assert not younium.requests


def test_a_catalog_created_with_legal_entities_is_refused_without_them(younium: Younium) -> None:
    config = config_of(younium, legal_entities=[])
    chosen = choose(["accounts", "countries", "invoices", "payments"], ENTITIES)
    output = run(config, catalog=chosen)
    refused(output, "in accounts, countries, invoices and 1 more", "--discover")
    assert not younium.requests


def test_primary_keys_in_metadata_are_used_if_the_entry_has_none(younium: Younium) -> None:
    chosen = choose(["accounts"])
    entry = table_of(chosen, "accounts")
    del entry["key_properties"]
    refused(run(config_of(younium), catalog=chosen), "without _legal_entity")
    metadata_of(entry)["table-key-properties"] = ["id", "_legal_entity"]
    assert len(run(config_of(younium), catalog=chosen).well().records["accounts"]) == 2 * ROWS


def test_a_primary_key_that_a_user_edited_is_refused_if_entities_could_collide(
    younium: Younium,
) -> None:
    chosen = choose(["accounts"], ENTITIES)
    table_of(chosen, "accounts")["key_properties"] = ["accountNumber"]
    refused(run(config_of(younium), catalog=chosen), "in accounts.")
    table_of(chosen, "accounts")["key_properties"] = ["accountNumber", "_legal_entity"]
    run(config_of(younium), catalog=chosen).well()


def test_a_stream_without_primary_key_or_not_selected_can_have_any_entry(
    younium: Younium,
) -> None:
    chosen = choose(["accounts"])
    entry = table_of(chosen, "accounts")
    entry["key_properties"] = []
    del metadata_of(entry)["table-key-properties"]
    assert len(run(config_of(younium), catalog=chosen).well().records["accounts"]) == 2 * ROWS


def test_check_and_a_program_refuse_that_catalog_too(younium: Younium) -> None:
    chosen = choose(["accounts"])
    refused(run(config_of(younium), "--check", catalog=chosen), "without _legal_entity")
    with pytest.raises(ConfigurationError, match="without _legal_entity"):
        TapYounium(config=config_of(younium), catalog=chosen)


# Selection


def test_a_run_that_selects_nothing_warns(alone: Younium) -> None:
    output = run(config_of(alone), catalog=choose([])).well()
    (warning,) = output.warnings("No stream is selected")
    assert "meltano select" in warning
    assert not output.records


def test_a_run_that_selects_something_does_not_warn(alone: Younium) -> None:
    assert not run(config_of(alone), catalog=choose(["accounts"])).well().warnings()


def test_a_stream_without_metadata_is_selected(alone: Younium) -> None:
    """As in the SDK."""
    chosen = choose(["accounts"])
    del table_of(chosen, "accounts")["metadata"]
    assert len(run(config_of(alone), catalog=chosen).well().records["accounts"]) == ROWS


# States


def future(simulator: Younium, table: str = "accounts") -> Row:
    """The state of a run that read everything."""
    return run(config_of(simulator), catalog=choose([table])).well().state


def test_a_state_is_taken_from_a_state_message(alone: Younium) -> None:
    state: Row = {"type": "STATE", "value": future(alone)}
    output = run(config_of(alone, lookback_hours=0), catalog=choose(["accounts"]), state=state)
    assert (
        output.well().bookmark("accounts")
        == state["value"]["bookmarks"]["accounts"]["replication_key_value"]
    )
    assert "ModifiedAfter" in asked(alone, "/Accounts")[-1]
    tap = TapYounium(config=config_of(alone), state=state)
    assert tap.state["bookmarks"]["accounts"]["replication_key_value"]


NO_STATES: dict[str, Row] = {
    "of nothing the tap knows": {"anything": [1, 2]},
    "of bookmarks without their object": {"accounts": {"replication_key_value": "2024-01-01"}},
    "in a message without value": {"type": "STATE"},
    "in a message of something else": {"type": "STATE", "value": {"accounts": {}}},
    "in a message of text": {"type": "STATE", "value": "bookmarks"},
    "in a message of another type": {"type": "RECORD", "value": {"bookmarks": {}}},
}


@pytest.mark.parametrize("case", NO_STATES)
def test_an_object_without_bookmarks_is_refused(case: str, alone: Younium) -> None:
    """Otherwise it would cause an unexpected full load."""
    output = run(config_of(alone), catalog=choose(["accounts"]), state=NO_STATES[case])
    refused(output, "The state has no bookmarks")
    assert not alone.requests
    with pytest.raises(ConfigurationError, match="no bookmarks"):
        TapYounium(config=config_of(alone), state=NO_STATES[case])


@pytest.mark.parametrize("state", [{}, {"bookmarks": {}}, {"type": "STATE", "value": {}}])
def test_an_empty_state_reads_everything(state: Row, alone: Younium) -> None:
    """`{}` is what orchestrators pass on the first run."""
    output = run(config_of(alone), catalog=choose(["accounts"]), state=state).well()
    assert len(output.records["accounts"]) == ROWS


# Times that are valid, but that the SDK cannot compare


TIMES = ["2020-01-31Z", "2020-01-31T00:00:00z", "2020-01-31 00:00:00z", "2020-01-31T02:00:00+0200"]


@pytest.mark.parametrize("time", TIMES)
def test_a_start_date_in_any_form_works_in_each_run(time: str, alone: Younium) -> None:
    config = config_of(alone, start_date=time)
    first = run(config, catalog=choose(["accounts"])).well()
    second = run(config, catalog=choose(["accounts"]), state=first.state).well()
    assert asked(alone, "/Accounts")[0]["ModifiedAfter"] == "2020-01-31T00:00:00Z"
    assert second.bookmark("accounts") == first.bookmark("accounts")


@pytest.mark.parametrize("time", TIMES)
def test_a_bookmark_in_any_form_works_in_each_run(time: str, alone: Younium) -> None:
    config = config_of(alone, start_date="2019-01-01", lookback_hours=0)
    mark = {"replication_key": "_last_modified", "replication_key_value": time}
    state: Row = {"bookmarks": {"accounts": mark}}
    output = run(config, catalog=choose(["accounts"]), state=state).well()
    assert output.warnings() == output.warnings("lookback_hours")
    assert asked(alone, "/Accounts")[0]["ModifiedAfter"] == "2020-01-31T00:00:00Z"
    assert (output.bookmark("accounts") or "") > "2020-01-31T00:00:00Z"


@pytest.mark.parametrize("time", TIMES)
def test_a_bookmark_of_a_legal_entity_in_any_form_works_in_each_run(
    time: str, younium: Younium
) -> None:
    config = config_of(younium, start_date="2019-01-01", lookback_hours=0)
    mark = {"replication_key": "_last_modified", "replication_key_value": time}
    partitions = [{"context": {"_legal_entity": entity}, **mark} for entity in ENTITIES]
    state: Row = {"bookmarks": {"accounts": {"partitions": partitions}}}
    run(config, catalog=choose(["accounts"], ENTITIES), state=state).well()
    windows = {query["ModifiedAfter"] for query in asked(younium, "/Accounts")[:2]}
    assert windows == {"2020-01-31T00:00:00Z"}


def test_the_settings_that_a_program_passes_do_not_change(alone: Younium) -> None:
    config = config_of(alone, start_date="2020-01-31Z")
    before = dict(config)
    assert TapYounium(config=config).config["start_date"] == "2020-01-31T00:00:00Z"
    assert config == before


# Replication methods


def in_metadata(entry: Row, method: str) -> None:
    metadata_of(entry)["replication-method"] = method


def forced(entry: Row, method: str) -> None:
    metadata_of(entry)["forced-replication-method"] = method


def in_the_entry(entry: Row, method: str) -> None:
    entry["replication_method"] = method


def by_meltano(entry: Row, method: str) -> None:
    """Meltano writes its `metadata:` to both places."""
    in_metadata(entry, method)
    in_the_entry(entry, method)


WAYS = [in_metadata, forced, in_the_entry, by_meltano]


def asked(simulator: Younium, path: str) -> list[dict[str, str]]:
    return [dict(seen.query) for seen in simulator.requests if seen.path == path]


CLOCKS = {"_last_modified", "_read_at"}


def clockless(rows: list[Row]) -> list[Row]:
    """Rows without the column whose value can be the time of the read."""
    return [{name: row[name] for name in row if name not in CLOCKS} for row in rows]


def with_method(
    table: str, method: str, way: Callable[[Row, str], None], entities: tuple[str, ...] = ()
) -> Row:
    chosen = choose([table], entities)
    way(table_of(chosen, table), method)
    return chosen


INCREMENTAL = {
    "accounts": "/Accounts",
    "account_addresses": "/Accounts",
    "invoice_payment_logs": "/Invoices",
    "payments": "/Payments",
}
"""A collection, a nested stream, a child stream, and one whose rows show no times."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("table", INCREMENTAL)
def test_a_stream_forced_to_full_table_is_read_completely_in_each_run(
    table: str, way: Callable[[Row, str], None], alone: Younium
) -> None:
    """Whatever bookmark it has; each run ends with ACTIVATE_VERSION if it is switched on."""
    usual = run(config_of(alone), catalog=choose([table])).well()
    alone.clear()
    config = config_of(alone, start_date="2100-01-01", emit_activate_version_messages=True)
    chosen = with_method(table, "FULL_TABLE", way)
    output = run(config, catalog=chosen, state=usual.state).well()
    assert all("ModifiedAfter" not in query for query in asked(alone, INCREMENTAL[table]))
    assert clockless(output.records[table]) == clockless(usual.records[table])
    (version,) = output.of_type("ACTIVATE_VERSION")
    versions = {message["version"] for message in output.of_type("RECORD")}
    assert versions == {version["version"]}


@pytest.mark.parametrize("table", INCREMENTAL)
def test_back_to_incremental_a_stream_continues_from_the_last_full_read(
    table: str, alone: Younium
) -> None:
    config = config_of(alone)
    full = run(config, catalog=with_method(table, "FULL_TABLE", by_meltano)).well()
    bookmark = full.bookmark(table)
    assert bookmark
    alone.clear()
    back = run(config, catalog=choose([table]), state=full.state).well()
    assert all("ModifiedAfter" in query for query in asked(alone, INCREMENTAL[table])[:1])
    assert (back.bookmark(table) or "") >= bookmark


@pytest.mark.parametrize("methods", [("FULL_TABLE", "INCREMENTAL"), ("INCREMENTAL", "FULL_TABLE")])
def test_a_changed_method_after_an_interrupted_run_loses_no_row(
    methods: tuple[str, str], alone: Younium
) -> None:
    """The first run reads two of four pages, of all rows or since its bookmark."""
    config = config_of(alone, page_size=1)
    mark = {"replication_key": "_last_modified", "replication_key_value": "2000-01-01T00:00:00Z"}
    state: Row = {"bookmarks": {"accounts": mark}}
    catalogs = [with_method("accounts", method, by_meltano) for method in methods]
    alone.faults.append(Fault("status", path="/Accounts", page=3, times=None))
    died = run(config, catalog=catalogs[0], state=state)
    assert died.exit_code == 1
    assert died.bookmark("accounts") == mark["replication_key_value"]
    alone.faults.clear()
    second = run(config, catalog=catalogs[1], state=died.state).well()
    rows = died.records["accounts"] + second.records["accounts"]
    assert len({row["id"] for row in rows}) == ROWS
    if methods[1] == "FULL_TABLE":
        assert len(second.records["accounts"]) == ROWS
    last = run(config, catalog=choose(["accounts"]), state=second.state).well()
    assert "ModifiedAfter" in asked(alone, "/Accounts")[-1]
    assert (last.bookmark("accounts") or "") > "2000-01-02"


def test_full_table_reads_all_rows_of_each_legal_entity(younium: Younium) -> None:
    first = run(config_of(younium), catalog=choose(["accounts"], ENTITIES)).well()
    chosen = with_method("accounts", "FULL_TABLE", by_meltano, ENTITIES)
    config = config_of(younium, emit_activate_version_messages=True)
    second = run(config, catalog=chosen, state=first.state).well()
    assert len(second.records["accounts"]) == 2 * ROWS
    assert len(second.of_type("ACTIVATE_VERSION")) == 1


@pytest.mark.parametrize("way", WAYS)
def test_incremental_for_a_stream_without_replication_key_is_a_warning(
    way: Callable[[Row, str], None], alone: Younium
) -> None:
    config = config_of(alone, start_date="2100-01-01")
    chosen = with_method("countries", "INCREMENTAL", way)
    output = run(config, catalog=chosen).well()
    assert len(output.warnings("countries has no replication key")) == 1
    assert output.records["countries"]
    assert all("ModifiedAfter" not in query for query in asked(alone, "/Countries"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", ["LOG_BASED", "full_table", "FULL"])
def test_an_unsupported_replication_method_is_refused(
    method: str, way: Callable[[Row, str], None], alone: Younium
) -> None:
    output = run(config_of(alone), catalog=with_method("accounts", method, way))
    refused(output, method, "accounts", "FULL_TABLE or INCREMENTAL")
    assert not alone.requests


def test_the_replication_method_of_a_deselected_stream_does_not_matter(alone: Younium) -> None:
    chosen: Any = with_method("accounts", "INCREMENTAL", by_meltano)
    by_meltano(table_of(chosen, "countries"), "INCREMENTAL")
    by_meltano(table_of(chosen, "invoices"), "LOG_BASED")
    assert not run(config_of(alone), catalog=chosen).well().warnings()
