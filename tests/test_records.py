"""Real records from a public demo tenant of Younium: no value is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from comparing import differences, newest_change
from singer import Output, Row, config_of, exactly, run, validate

from simulator import Simulator

FOLDER = Path(__file__).parents[2] / "shared" / "younium" / "records"

pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason="the real records, ../shared/younium/records, are not here"
)

FILES = {
    "accounts": "account",
    "bookings": "booking",
    "invoices": "invoice",
    "products": "product",
    "subscriptions": "subscription",
}


@pytest.fixture(scope="module")
def output() -> Output:
    with Simulator(records=FOLDER) as younium:
        return run(config_of(younium), select=FILES).well()


def records(table: str) -> list[Row]:
    lines = (FOLDER / f"{FILES[table]}.jsonl").read_bytes().splitlines()
    return [exactly(line) for line in lines if line.strip()]


def test_all_records_arrive_and_fit_their_schemas(output: Output) -> None:
    number = sum(len(records(table)) for table in FILES)
    assert number == 14
    assert validate(output) == number
    assert set(output.records) == set(FILES)


@pytest.mark.parametrize("table", FILES)
def test_every_value_is_there_digit_for_digit(table: str, output: Output) -> None:
    came = {row["id"]: row for row in output.exact[table]}
    there = records(table)
    assert came.keys() == {record["id"] for record in there}
    for record in there:
        found = differences(record, came[record["id"]], output.schemas[table]["schema"])
        assert not found, found[:5]


@pytest.mark.parametrize("table", FILES)
def test_last_modified_is_the_newest_change_of_a_record_and_its_parts(
    table: str, output: Output
) -> None:
    """In the real subscriptions a charge was changed later than its order."""
    came = {row["id"]: row["_last_modified"] for row in output.records[table]}
    for record in records(table):
        assert came[record["id"]] == newest_change(record)
    if table == "subscriptions":
        assert any(came[record["id"]][:19] > record["modified"][:19] for record in records(table))
