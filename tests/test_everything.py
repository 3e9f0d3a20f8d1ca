"""One run reads everything: each row of each legal entity once, complete, and valid."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from comparing import differences, newest_change
from singer import (
    ALL,
    COLLECTIONS,
    INCREMENTAL,
    Output,
    Row,
    catalog,
    config_of,
    run_process,
    validate,
)

from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTITIES = ("Nordic AB", "Läkarö & Söner 日本")
ROWS, PAGE_SIZE = 70, 30
PARALLEL = (1, 4, 8)


@pytest.fixture(scope="module")
def younium() -> Iterator[Simulator]:
    """Two legal entities and three pages of everything."""
    with Simulator(rows=ROWS, entities=ENTITIES) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def outputs(younium: Simulator) -> dict[int, Output]:
    """The same run with each number of concurrent requests; the runs go in parallel, to be fast."""
    chosen = catalog(ALL, config=config_of(younium))

    def read(parallel: int) -> Output:
        config = config_of(younium, max_parallel_requests=parallel, page_size=PAGE_SIZE)
        return run_process(config, catalog=chosen)

    with ThreadPoolExecutor() as pool:
        return dict(zip(PARALLEL, pool.map(read, PARALLEL), strict=True))


@pytest.fixture(scope="module")
def output(outputs: dict[int, Output]) -> Output:
    return outputs[4].well()


@pytest.fixture(scope="module")
def sent(younium: Simulator, output: Output) -> dict[tuple[str, str], list[Row]]:
    """Younium's rows, taken after its answers: rows that were taken are served more slowly."""
    assert output.lines
    return {
        (table, entity): younium.rows(path, entity)
        for table, path in COLLECTIONS.items()
        for entity in ENTITIES
    }


def key_of(table: str) -> str:
    return "code" if table == "product_features" else "id"


@pytest.mark.parametrize("parallel", [1, 8])
def test_the_output_is_the_same_with_concurrent_requests(
    parallel: int, outputs: dict[int, Output], output: Output
) -> None:
    """One request at a time or eight: the same lines in the same order."""
    other = outputs[parallel].well()
    assert rows_and_schemas(other) == rows_and_schemas(output)
    assert without_the_clock(other.state) == without_the_clock(output.state)


def rows_and_schemas(output: Output) -> list[str]:
    """All lines except states, without the times in them."""
    return [
        re.sub('"stream":"payments".*|"(?:time_extracted|_read_at)":"[^"]*"', "", line)
        for line in output.lines
        if '"type":"STATE"' not in line
    ]


def without_the_clock(state: Row) -> Row:
    return {name: mark for name, mark in state["bookmarks"].items() if name != "payments"}


def test_every_row_of_every_legal_entity_comes_exactly_once(
    output: Output, sent: dict[tuple[str, str], list[Row]]
) -> None:
    assert set(output.records) == set(ALL)
    for table, rows in output.records.items():
        key = key_of(table)
        came = sorted((row["_legal_entity"], row[key]) for row in rows)
        there = sorted((entity, row[key]) for entity in ENTITIES for row in sent[table, entity])
        assert came == there, table
        assert len(set(came)) == 2 * ROWS, table


def test_every_row_fits_the_schema_before_it(output: Output) -> None:
    """Times and UUIDs are checked too; keys are never null and columns are never missing."""
    assert validate(output) == len(ALL) * len(ENTITIES) * ROWS
    for table, rows in output.records.items():
        columns = set(output.schemas[table]["schema"]["properties"])
        keys = output.schemas[table]["key_properties"]
        assert keys == [key_of(table), "_legal_entity"]
        for row in rows:
            assert set(row) <= columns, table
            assert all(row[key] for key in keys), table


@pytest.mark.parametrize("table", ALL)
def test_nothing_younium_sent_is_lost_and_nothing_is_made_up(
    table: str, output: Output, sent: dict[tuple[str, str], list[Row]]
) -> None:
    """Value by value, with numbers digit for digit; only the webhooks' token is left out."""
    key = key_of(table)
    schema = output.schemas[table]["schema"]
    came = {(row["_legal_entity"], row[key]): row for row in output.exact[table]}
    hidden = {"token"} if table == "webhooks" else set()
    for entity in ENTITIES:
        for row in sent[table, entity]:
            whole = {name: value for name, value in row.items() if name not in hidden}
            found = differences(whole, came[entity, row[key]], schema)
            assert not found, f"{table} {row[key]}: {found[:5]}"
            misfits = list(paths(came[entity, row[key]]["_extra"]))
            assert all("customFields" in path for path in misfits), f"{table}: {misfits[:5]}"
    if hidden:
        assert any("token" in row for row in sent[table, ENTITIES[0]])
        assert all("token" not in row for row in output.records[table])


@pytest.mark.parametrize("table", sorted(INCREMENTAL - {"payments"}))
def test_last_modified_is_the_newest_change_at_any_level(
    table: str, output: Output, sent: dict[tuple[str, str], list[Row]]
) -> None:
    came = {(row["_legal_entity"], row["id"]): row["_last_modified"] for row in output.exact[table]}
    for entity in ENTITIES:
        for row in sent[table, entity]:
            assert came[entity, row["id"]] == newest_change(row), table


def test_full_tables_have_no_last_modified(output: Output) -> None:
    for table in set(ALL) - INCREMENTAL:
        assert "_last_modified" not in output.schemas[table]["schema"]["properties"], table
        assert all("_last_modified" not in row for row in output.records[table])


def test_numbers_beyond_a_double_are_kept_digit_for_digit(
    output: Output, sent: dict[tuple[str, str], list[Row]]
) -> None:
    """Without such a number in the rows, the comparison above would prove little."""
    long = {text for text in digits(sent) if len(text) > 20 and json.dumps(float(text)) != text}
    assert long
    assert all(re.search(f':"?{re.escape(text)}', output.stdout) for text in sorted(long)[:5])


def paths(value: Any, *above: str) -> Iterator[tuple[str, ...]]:
    """The path to each value of an object."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from paths(item, *above, name)
    elif value is not None:
        yield above


def digits(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from digits(item)
    elif isinstance(value, list):
        for item in value:
            yield from digits(item)
    elif not isinstance(value, str | bool | None):
        yield str(value)


def test_each_stream_begins_with_its_schema_and_the_run_ends_with_a_state(output: Output) -> None:
    seen: set[str] = set()
    for message in output.messages:
        if message["type"] == "SCHEMA":
            assert message["stream"] not in seen
            seen.add(message["stream"])
        if message["type"] == "RECORD":
            assert message["stream"] in seen
    assert seen == set(ALL)
    assert output.messages[-1]["type"] == "STATE"
