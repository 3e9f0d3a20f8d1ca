"""ACTIVATE_VERSION makes a target drop rows: it comes only after a complete stream."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest
from faults.tools import choose, exhaustive, only
from singer import Output, Row, Younium, config_of, run, started

from simulator import Fault
from tap_younium import run as run_module

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTITIES = ("Nordic AB", "Läkarö & Söner")
PATHS = {
    "currencies": "Currency",
    "exchange_rates": "ExchangeRate",
    "payment_terms": "PaymentTerms",
}
ROWS = 17


@pytest.fixture(scope="module", autouse=True)
def few_tables() -> Iterator[None]:
    with only(["accounts", *PATHS], ENTITIES):
        yield


@pytest.fixture(scope="module")
def chosen() -> Row:
    return choose(["accounts", *PATHS], ENTITIES)


@pytest.fixture
def younium() -> Iterator[Younium]:
    with Younium(rows=ROWS, entities=ENTITIES) as simulator:
        yield simulator


def read(younium: Younium, chosen: Row, state: Row | None = None, **more: Any) -> Output:
    settings = {"page_size": 5, "emit_activate_version_messages": True} | more
    return run(config_of(younium, **settings), catalog=chosen, state=state)


def activated(output: Output) -> list[str]:
    return [message["stream"] for message in output.of_type("ACTIVATE_VERSION")]


class Target:
    """A target as the Singer specification describes it: it drops rows of other versions."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[tuple[Any, ...], int | None]] = {}
        self.state: Row | None = None
        self._keys: dict[str, list[str]] = {}

    def load(self, lines: list[str]) -> None:
        for message in map(json.loads, lines):
            if message["type"] == "SCHEMA":
                self._keys[message["stream"]] = message["key_properties"]
            elif message["type"] == "STATE":
                self.state = message["value"]
            else:
                table = self.rows.setdefault(message["stream"], {})
                if message["type"] == "RECORD":
                    row = message["record"]
                    key = tuple(row[name] for name in self._keys[message["stream"]])
                    table[key] = message.get("version")
                else:
                    for key in [key for key in table if table[key] != message["version"]]:
                        del table[key]

    def count(self, table: str) -> int:
        return len(self.rows.get(table, {}))


def test_it_follows_the_last_row_of_each_full_table_stream_once(
    younium: Younium, chosen: Row
) -> None:
    output = read(younium, chosen).well()
    assert activated(output) == list(PATHS)  # and not for accounts, which is incremental
    for table in PATHS:
        kinds = [m["type"] for m in output.messages if m.get("stream") == table]
        assert kinds == ["SCHEMA", *["RECORD"] * ROWS * len(ENTITIES), "ACTIVATE_VERSION"]
        versions = {
            m["version"] for m in output.messages if m.get("stream") == table and "version" in m
        }
        assert len(versions) == 1


def test_it_is_not_sent_by_default(younium: Younium, chosen: Row) -> None:
    output = read(younium, chosen, emit_activate_version_messages=False).well()
    assert activated(output) == []
    assert all("version" not in message for message in output.messages)


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_target_drops_rows_that_were_deleted_in_younium(
    entity: str, younium: Younium, chosen: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Target()
    target.load(read(younium, chosen).well().lines)
    assert target.count("exchange_rates") == 2 * ROWS
    del younium.rows("ExchangeRate", entity)[3:6]
    del younium.rows("Accounts", entity)[3:6]
    a_second_later(monkeypatch)
    target.load(read(younium, chosen, target.state).well().lines)
    assert target.count("exchange_rates") == 2 * ROWS - 3
    assert target.count("accounts") == 2 * ROWS  # incremental: README says so


def a_second_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version is the second in which a run starts."""
    import time  # noqa: PLC0415

    now = time.time() + 5
    monkeypatch.setattr("singer_sdk.plugin_base.time.time", lambda: now)


@pytest.mark.product
@pytest.mark.parametrize("page", [1, 2, "last"])
@pytest.mark.parametrize("table", PATHS)
def test_a_stream_that_fails_halfway_is_not_activated(
    table: str, page: Any, younium: Younium, chosen: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its old rows stay in the target, and the next run reads the rest."""
    target = Target()
    target.load(read(younium, chosen).well().lines)
    a_second_later(monkeypatch)
    younium.faults[:] = [Fault("status", f"/{PATHS[table]}", page=page, times=None)]
    output = read(younium, chosen, target.state)
    assert output.exit_code == 1
    assert activated(output) == [name for name in PATHS if name != table]
    target.load(output.lines)
    assert {name: target.count(name) for name in PATHS} == dict.fromkeys(PATHS, 2 * ROWS)
    younium.faults.clear()
    target.load(read(younium, chosen, target.state).well().lines)
    assert {name: target.count(name) for name in PATHS} == dict.fromkeys(PATHS, 2 * ROWS)


@pytest.mark.parametrize(("skip", "code"), [(True, 0), (False, 1)])
def test_a_stream_that_one_legal_entity_forbids_is_not_activated(
    *, skip: bool, code: int, younium: Younium, chosen: Row
) -> None:
    """Otherwise the target would drop the rows of that legal entity."""

    def forbid(seen: Any) -> None:
        entity = seen.headers.get("legal-entity")
        younium.forbidden.clear()
        if entity == ENTITIES[1]:
            younium.forbidden.add("Currency")

    younium.before_answer = forbid
    output = read(younium, chosen, skip_forbidden_streams=skip)
    assert output.exit_code == code
    assert activated(output) == ["exchange_rates", "payment_terms"]
    assert len(output.records["currencies"]) == ROWS


def test_a_stream_that_keeps_changing_is_not_activated(younium: Younium, chosen: Row) -> None:
    rows = younium.rows("Currency", ENTITIES[0])

    def disturb(seen: Any) -> None:
        if seen.path == "/Currency":
            number = len([each for each in younium.requests if each.path == "/Currency"])
            rows.append(dict(rows[0]) | {"id": f"{number:08x}-0000-4000-8000-000000000000"})

    younium.before_answer = disturb
    output = read(younium, chosen).well()
    assert output.warnings(f"/Currency, legal entity {ENTITIES[0]!r}: data changed during all")
    assert activated(output) == ["exchange_rates", "payment_terms"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_stream_that_is_stopped_is_not_activated(number: signal.Signals) -> None:
    one = choose(["exchange_rates"])
    with Younium(rows=200, latency=0.01) as younium:
        settings = config_of(younium, page_size=5, emit_activate_version_messages=True)
        with started(settings, catalog=one) as process:
            assert process.stdout
            out = process.stdout.readline() + process.stdout.readline()
            process.send_signal(number)
            out += process.stdout.read()
            assert process.wait(timeout=30) != 0
    whole = out[: out.rindex(b"\n") + 1].decode()
    assert '"RECORD"' in whole
    assert whole.count('"RECORD"') < 200
    assert "ACTIVATE_VERSION" not in whole


@pytest.mark.parametrize("step", [3, exhaustive(1)])
def test_a_run_resumed_after_each_state_activates_one_version_with_all_rows(
    step: int, younium: Younium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "PAGES_PER_STATE", 1)
    full = choose(PATHS, ENTITIES)
    output = read(younium, full).well()
    a_second_later(monkeypatch)
    ends = [number for number, line in enumerate(output.lines, 1) if '"STATE"' in line]
    assert len(ends) > 20
    for end in ends[::step]:
        target = Target()
        target.load(output.lines[:end])
        target.load(read(younium, full, target.state).well().lines)
        assert {name: target.count(name) for name in PATHS} == dict.fromkeys(PATHS, 2 * ROWS)
