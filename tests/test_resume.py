"""An interrupted load is resumed after any STATE, also after rows were inserted and deleted."""

from __future__ import annotations

import json
import os
import signal
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from faults.tools import by_key, choose, cuts, exhaustive, only, record_lines
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from singer import Output, Row, Younium, config_of, run, started, table_of

from simulator import Fault
from tap_younium import run as run_module

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTITIES = ("Nordic AB", "Läkarö & Söner")
TABLES = ("accounts", "exchange_rates", "invoice_lines", "subscription_versions")
"""An incremental, a full-table, a nested and a child stream."""
DAMAGES = int(os.environ.get("DAMAGES", "45"))
BETWEEN = int(os.environ.get("BETWEEN", "10"))
DRAWN = settings(
    phases=[Phase.generate],  # what is drawn is small enough
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def a_state_after_each_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "PAGES_PER_STATE", 1)


@pytest.fixture(scope="module", autouse=True)
def few_tables() -> Iterator[None]:
    with only(TABLES, ENTITIES):
        yield


@pytest.fixture(scope="module")
def younium() -> Iterator[Younium]:
    with Younium(rows=17, entities=ENTITIES) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def chosen() -> Row:
    return choose(TABLES, ENTITIES)


def read(younium: Younium, chosen: Row, state: Row | None = None, **more: Any) -> Output:
    return run(config_of(younium, page_size=5, **more), catalog=chosen, state=state)


@pytest.fixture(scope="module")
def unbroken(younium: Younium, chosen: Row) -> Iterator[Output]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "PAGES_PER_STATE", 1)
        yield read(younium, chosen, emit_activate_version_messages=True).well()


def test_each_stream_saves_its_place(unbroken: Output) -> None:
    """Otherwise the tests below would resume only at the start of a stream."""
    places = set()
    for _, state in cuts(unbroken):
        for table, mark in state["bookmarks"].items():
            for part in mark.get("partitions", [mark]):
                if "place" in part:
                    places.add((table, part["context"]["_legal_entity"]))
    assert places == {(table, entity) for table in TABLES for entity in ENTITIES}


@pytest.mark.parametrize(
    ("parallel", "step"), [exhaustive(1, 4), exhaustive(4, 1), pytest.param(8, 5)]
)
def test_a_run_resumed_after_any_state_gives_what_an_uninterrupted_run_gives(
    parallel: int, step: int, younium: Younium, chosen: Row, unbroken: Output
) -> None:
    """For each key; a full-table stream keeps its version, or a target would drop a part."""
    whole = by_key(unbroken.lines, unbroken.schemas)
    rates = after_versions(unbroken.lines, "exchange_rates")
    assert len(rates) == 17 * len(ENTITIES)
    everything = len(record_lines(unbroken.lines))
    again = 0
    at = list(cuts(unbroken))[::step]
    for lines, state in at:
        rest = read(
            younium,
            chosen,
            state,
            max_parallel_requests=parallel,
            emit_activate_version_messages=True,
        ).well()
        assert by_key([*lines, *rest.lines], unbroken.schemas) == whole
        assert after_versions([*lines, *rest.lines], "exchange_rates") == rates
        again += len(record_lines(lines)) + len(record_lines(rest.lines)) - everything
    assert len(at) * step > 30
    assert again / len(at) < everything / 2  # resumed, not started again


def test_an_interrupted_incremental_read_is_resumed(younium: Younium) -> None:
    """It keeps the first run's `ModifiedAfter`, as page numbers are only valid with it."""
    chosen = choose(["accounts"], ENTITIES)
    mark = {
        "replication_key": "_last_modified",
        "replication_key_value": "2023-06-01T00:00:00.000000Z",
    }
    parts = [{"context": {"_legal_entity": entity}, **mark} for entity in ENTITIES]
    second = read(younium, chosen, {"bookmarks": {"accounts": {"partitions": parts}}}).well()
    whole = by_key(second.lines, second.schemas)
    windows = 0
    for lines, state in cuts(second):
        rest = read(younium, chosen, state).well()
        assert by_key([*lines, *rest.lines], second.schemas) == whole
        windows += '"modified_after"' in json.dumps(state)
    assert windows > 3


def after_versions(lines: list[str], table: str) -> set[str]:
    """The rows of a target that drops rows of other versions when one is activated."""
    kept: dict[str, Any] = {}
    for message in map(json.loads, lines):
        if message["type"] == "RECORD" and message["stream"] == table:
            row = message["record"]
            kept[f"{row['_legal_entity']} {row['id']}"] = message.get("version")
        if message["type"] == "ACTIVATE_VERSION" and message["stream"] == table:
            kept = {key: value for key, value in kept.items() if value == message["version"]}
    return set(kept)


@pytest.mark.parametrize("first", ["without versions", "incremental", "a window of changes"])
def test_a_stream_read_in_part_without_a_version_is_not_emptied_by_the_next_run(first: str) -> None:
    """A user can switch versions on, or the method to FULL_TABLE, between two runs."""
    table = "exchange_rates" if first == "without versions" else "accounts"
    incremental = choose([table])
    full = deepcopy(incremental)
    entry = table_of(full, table)
    entry["replication_method"] = "FULL_TABLE"
    for each in entry["metadata"]:
        if not each["breadcrumb"]:
            each["metadata"]["forced-replication-method"] = "FULL_TABLE"
    since = {"bookmarks": {table: {"replication_key_value": "2023-06-01T00:00:00.000000Z"}}}
    with Younium(rows=17) as younium:
        before = read(younium, incremental).well()
        state = since if first == "a window of changes" else None
        broken = read(younium, incremental, state).well()
        for lines, cut in list(cuts(broken))[:-1]:
            rest = read(younium, full, cut, emit_activate_version_messages=True).well()
            assert len(after_versions([*before.lines, *lines, *rest.lines], table)) == 17


def test_a_full_table_stream_resumes_after_versions_are_switched_off(younium: Younium) -> None:
    chosen = choose(["exchange_rates"], ENTITIES)
    output = read(younium, chosen, emit_activate_version_messages=True).well()
    for lines, state in cuts(output):
        rest = read(younium, chosen, state).well()
        assert (
            by_key([*lines, *rest.lines], output.schemas).keys()
            == by_key(output.lines, output.schemas).keys()
        )


@pytest.mark.parametrize("size", [exhaustive(1), exhaustive(3), exhaustive(7), 100])
def test_a_page_size_changed_between_two_runs_loses_nothing(
    size: int, younium: Younium, chosen: Row, unbroken: Output
) -> None:
    whole = by_key(unbroken.lines, unbroken.schemas)
    for lines, state in list(cuts(unbroken))[::6]:
        rest = run(config_of(younium, page_size=size), catalog=chosen, state=state).well()
        assert by_key([*lines, *rest.lines], unbroken.schemas) == whole


def test_a_resumed_run_loses_nothing_silently_if_younium_does_not_sort() -> None:
    """Without an order, the position after a record has no meaning."""
    chosen = choose(["accounts", "exchange_rates"])
    with Younium(rows=23, refuse_order=True) as younium:
        there = {
            "accounts": {row["id"] for row in younium.rows("Accounts")},
            "exchange_rates": {row["id"] for row in younium.rows("ExchangeRate")},
        }
        paths = {"accounts": "/Accounts", "exchange_rates": "/ExchangeRate"}
        lost = []
        for number, (lines, state) in enumerate(cuts(read(younium, chosen))):
            rest = read(younium, chosen, state)
            messages = [json.loads(line) for line in [*lines, *rest.lines]]
            for table, ids in there.items():
                came = {
                    m["record"]["id"]
                    for m in messages
                    if m.get("stream") == table and "record" in m
                }
                done = "place" not in state["bookmarks"].get(table, {"place": 0})
                reported = rest.warnings(paths[table]) + rest.errors(paths[table])
                if not done and ids - came and not reported:
                    lost.append((number, table, len(ids - came)))
        assert lost == []


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "change"]),
        st.sampled_from(["Accounts", "ExchangeRate", "Invoices"]),
        st.integers(0, 16),
    ),
    max_size=6,
)
NEW = "2027-01-05T10:00:00.0000000"


@settings(DRAWN, max_examples=BETWEEN)
@given(cut=st.integers(0, 200), changes=CHANGES)
def test_rows_inserted_and_deleted_between_two_runs_cost_no_other_row(
    cut: int, changes: list[tuple[str, str, int]]
) -> None:
    """Together they have all rows that existed throughout; a third run adds the new ones."""
    chosen = choose(["accounts", "exchange_rates", "invoice_lines"])
    with Younium(rows=17) as younium:
        broken = read(younium, chosen).well()
        at = list(cuts(broken))
        lines, state = at[cut % len(at)]
        paths = {"accounts": "Accounts", "exchange_rates": "ExchangeRate"}
        before = {table: ids_of(younium, path) for table, path in paths.items()}
        lines_before = line_ids(younium)
        for change in changes:
            apply(younium, *change)
        rest = read(younium, chosen, state).well()
        last = read(younium, chosen, rest.state).well()
        for table, path in paths.items():
            came = ids_in([*lines, *rest.lines], table)
            assert before[table] & ids_of(younium, path) <= came, table
            assert ids_of(younium, path) <= came | ids_in(last.lines, table), table
        came = ids_in([*lines, *rest.lines], "invoice_lines")
        assert lines_before & line_ids(younium) <= came


@pytest.mark.product
@pytest.mark.parametrize("kind", ["insert", "delete"])
@pytest.mark.parametrize("number", [1, 3, 7])
@pytest.mark.parametrize(
    ("table", "path"), [("accounts", "Accounts"), ("exchange_rates", "ExchangeRate")]
)
def test_rows_inserted_or_deleted_before_the_place_cost_none_after_it(
    table: str, path: str, number: int, kind: str
) -> None:
    """The record to continue after has moved to another page or position."""
    chosen = choose([table])
    with Younium(rows=17) as younium:
        at = list(cuts(read(younium, chosen).well()))[:-1]
        rows = younium.rows(path)
        rows.sort(key=lambda row: str(row["id"]))
        before = list(rows)
        assert len(at) == 4
        for lines, state in at:
            rows[:] = before
            for rank in range(number):
                if kind == "delete":
                    del rows[0]
                else:
                    rows.insert(0, before[0] | {"id": f"0000000{rank}{before[0]['id'][8:]}"})
            rest = read(younium, chosen, state).well()
            there = {row["id"] for row in before} & {row["id"] for row in rows}
            assert there <= ids_in([*lines, *rest.lines], table)


def apply(younium: Younium, kind: str, collection: str, rank: int) -> None:
    rows = younium.rows(collection)
    rows.sort(key=lambda row: str(row["id"]))
    if kind == "insert":
        fresh = deepcopy(rows[rank % len(rows)])
        fresh["id"] = f"{rank:01x}{rank % 7:01x}{fresh['id'][2:]}"
        for name in ("created", "modified"):
            if name in fresh:
                fresh[name] = NEW
        fresh["invoiceLines"] = None
        if fresh["id"] not in {row["id"] for row in rows}:
            rows.append(fresh)
    elif kind == "delete":
        del rows[rank % len(rows)]
    elif "modified" in rows[rank % len(rows)]:
        rows[rank % len(rows)]["modified"] = NEW


def ids_of(younium: Younium, collection: str) -> set[str]:
    return {row["id"] for row in younium.rows(collection)}


def line_ids(younium: Younium) -> set[str]:
    rows = younium.rows("Invoices")
    return {line["id"] for row in rows for line in row.get("invoiceLines") or ()}


def ids_in(lines: list[str], table: str) -> set[str]:
    messages = map(json.loads, lines)
    return {m["record"]["id"] for m in messages if m["type"] == "RECORD" and m["stream"] == table}


@pytest.mark.parametrize(("table", "kill_after"), [("accounts", 2), ("exchange_rates", 3)])
def test_a_killed_process_is_resumed(table: str, kill_after: int) -> None:
    """SIGKILL leaves no time for a last STATE."""
    chosen = choose([table])
    with Younium(rows=300) as younium:
        settings = config_of(younium, page_size=5)
        younium.latency = 0.01
        taken: list[str] = []
        with started(settings, catalog=chosen) as process:
            assert process.stdout
            for line in process.stdout:
                taken.append(line.decode())
                kill_after -= '"type":"STATE"' in taken[-1]
                if not kill_after:
                    process.send_signal(signal.SIGKILL)
                    break
            assert process.wait(timeout=30) == -signal.SIGKILL
        younium.latency = 0
        state = json.loads(taken[-1])["value"]
        rest = run(settings, catalog=chosen, state=state).well()
    assert 0 < len(record_lines(taken)) < 300
    assert 0 < len(record_lines(rest.lines)) < 300
    came = [row["id"] for row in rest.records[table]]
    came += [json.loads(line)["record"]["id"] for line in taken if '"RECORD"' in line]
    assert len(set(came)) == 300


# States that are damaged, old, or of other streams


@pytest.fixture(scope="module")
def alone() -> Iterator[Younium]:
    with Younium(rows=17) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def pair() -> Row:
    return choose(["accounts", "exchange_rates"])


class Midway:
    """A run cut after each of its states; not a dataclass, or hypothesis would print all of it."""

    def __init__(self, pair: Row, at: list[tuple[list[str], Row]]) -> None:
        self.pair = pair
        self.at = at


@pytest.fixture(scope="module")
def midway(alone: Younium, pair: Row) -> Midway:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "PAGES_PER_STATE", 1)
        return Midway(pair, list(cuts(read(alone, pair).well())))


MOST_REQUESTS = 80
"""A run sends about twenty requests."""


def read_with(alone: Younium, pair: Row, state: Any) -> Output:
    """A run whose requests are all refused after far too many."""
    alone.clear()
    alone.faults[:] = [Fault("status", path="/*", status=404, times=None, skip=MOST_REQUESTS)]
    output = read(alone, pair, state)
    asked = len(alone.requests)
    alone.faults.clear()
    assert asked < MOST_REQUESTS, "it asks and asks"
    return output


def lost(output: Output, lines: list[str]) -> dict[str, int]:
    """The number of rows of each stream that are in neither of the two parts."""
    tables = ("accounts", "exchange_rates")
    missing = {table: 17 - len(ids_in([*lines, *output.lines], table)) for table in tables}
    return {table: number for table, number in missing.items() if number}


VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1,
    3,
    500,
    10**6,
    10**30,
    0.5,
    "",
    "x",
    "\x00",
    "\ud800",
    "yesterday",
    "2024-13-45T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2030-06-01T00:00:00.000000Z",
    [],
    {},
    [[]],
    {"a": {"b": []}},
]


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items: Any = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield from paths_in(item, (*path, key))


def damaged(state: Row, path: tuple[Any, ...], value: Any) -> Row:
    state = deepcopy(state)
    inside: Any = state
    for key in path[:-1]:
        inside = inside[key]
    if value == "remove":
        del inside[path[-1]]
    else:
        inside[path[-1]] = value
    return state


@settings(DRAWN, max_examples=DAMAGES)
@given(cut=st.integers(0, 99), path=st.integers(0, 99), value=st.sampled_from([*VALUES, "remove"]))
def test_a_damaged_state_is_reported_or_used_and_loses_nothing(
    cut: int, path: int, value: Any, alone: Younium, midway: Midway
) -> None:
    lines, state = midway.at[cut % len(midway.at)]
    ways = list(paths_in(state))
    way = ways[path % len(ways)]
    output = read_with(alone, midway.pair, damaged(state, way, value))
    sound_and_whole(output, lines)


def sound_and_whole(output: Output, lines: list[str]) -> None:
    if output.exit_code:
        assert "Bug in the tap" not in output.complaint
        assert "state" in output.complaint.lower()
    else:
        assert not output.complaints
        assert lost(output, lines) == {}, output.warnings()


KINDS_OF_DAMAGE: dict[str, Row] = {
    "a bookmark of next year": {"replication_key_value": "2099-01-01T00:00:00Z"},
    "a bookmark at the beginning of time": {"replication_key_value": "0001-01-01T00:00:00Z"},
    "a place on page 0": {"page": 0},
    "a place on page -5": {"page": -5},
    "a place on page 500": {"page": 500},
    "a place on a page without end": {"page": 10**30},
    "a place in a window of no time": {"modified_after": "yesterday"},
    "a place in a window of the future": {"modified_after": "9999-01-01T00:00:00Z"},
    "a place that began never": {"started": "never"},
    "a place whose newest is not a time": {"newest": "zzz"},
    "a place of another path": {"path": "/Invoices"},
    "a place with a version in text": {"version": "5"},
}


@pytest.mark.parametrize("case", KINDS_OF_DAMAGE)
def test_a_known_damage_to_a_state_loses_nothing(case: str, alone: Younium, pair: Row) -> None:
    damage = KINDS_OF_DAMAGE[case]
    place = {"path": "/Accounts", "page": 2, "after": "x", "started": "2026-01-01T00:00:00.000000Z"}
    mark = damage if "replication_key_value" in damage else {"place": place | damage}
    output = read_with(alone, pair, {"bookmarks": {"accounts": mark}})
    sound_and_whole(output, [])
    after = output.state["bookmarks"]["accounts"]["replication_key_value"]
    assert after.startswith("202")
    assert after < "2027"


OTHERS: dict[str, Row] = {
    "of an SDK from before 2022": {
        "bookmarks": {
            "accounts": {"progress_markers": {"replication_key_value": "2024-01-01T00:00:00Z"}}
        }
    },
    "of another tap": {"currently_syncing": "invoices", "bookmarks": {"accounts": {"page": "7"}}},
    "with a stream that is no longer there": {
        "bookmarks": {"orders_of_old": {"replication_key_value": "2024-01-01T00:00:00Z"}}
    },
    "with a stream that is no longer selected": {
        "bookmarks": {"invoices": {"replication_key_value": "2024-01-01T00:00:00Z"}}
    },
    "of legal entities that are no longer set": {
        "bookmarks": {
            "accounts": {
                "partitions": [
                    {
                        "context": {"_legal_entity": "Nordic AB"},
                        "replication_key_value": "2026-01-01T00:00:00Z",
                    }
                ]
            }
        }
    },
    "with nothing": {},
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_state_of_another_kind_is_accepted_and_loses_nothing(
    case: str, alone: Younium, pair: Row
) -> None:
    output = read_with(alone, pair, OTHERS[case]).well()
    assert lost(output, []) == {}


def test_the_bookmark_of_a_stream_that_is_not_selected_stays_in_the_state(
    alone: Younium, pair: Row
) -> None:
    mark = {"replication_key_value": "2024-01-01T00:00:00Z", "replication_key": "_last_modified"}
    output = read_with(alone, pair, {"bookmarks": {"invoices": mark}}).well()
    assert output.state["bookmarks"]["invoices"] == mark


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "5", "nonsense", "[" * 100_000, '{"a":NaN}', "\x00"]
)
def test_a_state_file_without_a_state_is_reported(
    content: str, alone: Younium, tmp_path: Any
) -> None:
    file = tmp_path / "state.json"
    file.write_text(content)
    output = run(config_of(alone), "--state", str(file), select=["accounts"])
    if output.exit_code == 0:  # a file that can be read does no harm
        assert len(output.records["accounts"]) == 17
    else:
        assert "Bug in the tap" not in output.complaint
        assert "state" in output.complaint.lower()
