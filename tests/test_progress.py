"""A run logs its progress, also while it waits, and what each stream cost."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from unittest import mock

import msgspec
import pytest
from singer import Clock as Waits
from singer import Output, Row, Younium, config_of, run
from singer_sdk import metrics
from stub import serving

from simulator import Fault
from tap_younium import progress
from tap_younium.api.page import Page

ENTITIES = ("Nordic AB", "Läkarö & Söner 日本")
TABLES = ("account_addresses", "accounts", "invoice_attachments", "usage", "users")
JSON_LOGS = """
version: 1
disable_existing_loggers: false
formatters: {json: {(): singer_sdk.logging.StructuredFormatter}}
handlers: {err: {class: logging.StreamHandler, formatter: json, stream: ext://sys.stderr}}
root: {level: INFO, handlers: [err]}
"""
PAUSE = 0.3


@dataclass
class Logged:
    """A run whose log lines are JSON, and the requests that the simulator saw."""

    output: Output
    requests: Counter[str]
    log: list[Row]

    def lines(self, figure: str) -> list[Row]:
        """The lines of progress with a figure."""
        mine = [line for line in self.log if line["logger_name"] == "tap_younium.progress"]
        return [line for line in mine if figure in line["extra"]]


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Logged:
    """A run that logs its progress all the time, with a pause that Younium asks for."""
    file = tmp_path_factory.mktemp("logs") / "json.yml"
    file.write_text(JSON_LOGS)
    faults = [
        Fault("throttled", "/Accounts", page=3, retry_after=str(PAUSE)),
        Fault("status", "/Invoices/*/Attachments", skip=5),
    ]
    with (
        Younium(rows=12, latency=0.02, entities=ENTITIES, faults=faults) as younium,
        mock.patch.object(progress, "INTERVAL", 0.02),
    ):
        plain = run(config_of(younium, page_size=3), select=TABLES).well()  # creates the rows, too
        assert "accounts of Nordic AB: page " in plain.stderr
        younium.clear()
        for fault in faults:
            fault.struck = 0
        with mock.patch.dict(os.environ, {"SINGER_SDK_LOG_CONFIG": str(file)}):
            output = run(
                config_of(younium, page_size=3), select=TABLES, clock=Waits(share=1)
            ).well()
        seen = Counter(each.path.split("/")[1] for each in younium.requests)
    return Logged(output, seen, [json.loads(line) for line in output.stderr.splitlines()])


def test_each_line_names_stream_entity_page_rows_and_speed(logged: Logged) -> None:
    lines = logged.lines("page")
    assert {(line["stream_name"], line["extra"]["legal_entity"]) for line in lines} >= {
        (table, entity) for table in ("accounts", "invoice_attachments") for entity in ENTITIES
    }
    for line in lines:
        figures = line["extra"]
        last = 1 if line["stream_name"] == "users" else 4  # `/Users` has no pages
        page = f"page {figures['page']} of {last}, " if figures["page"] else "no page yet, "
        assert line["message"].startswith(
            f"{line['stream_name']} of {figures['legal_entity']}: {page}"
        )
        assert f", {figures['rows']} row" in line["message"]
        assert f", {figures['rows_per_second']:,} rows/s" in line["message"]
    pages = [line["extra"]["page"] for line in lines if line["stream_name"] == "usage"]
    assert set(pages) <= {0, 1, 2, 3, 4}
    assert any("seconds_left" in line["extra"] and " left." in line["message"] for line in lines)


def test_progress_is_logged_while_the_run_waits_for_younium(logged: Logged) -> None:
    """Younium asks for a pause, and nothing is sent, read or written until its end."""
    (refused,) = (line for line in logged.log if "429" in line["message"])
    assert f"Retrying in {PAUSE} s." in refused["message"]
    waiting = [
        line["extra"]
        for line in logged.lines("page")
        if refused["ts"] < line["ts"] < refused["ts"] + PAUSE
    ]
    assert len(waiting) >= 2
    assert waiting[-1]["retries"] == 1
    assert waiting[-1]["page"] == 2


def test_it_logs_that_it_prepares_before_the_first_stream() -> None:
    """It reads the types of custom fields if no catalog has them."""
    with (
        Younium(rows=1, latency=0.05) as younium,
        mock.patch.object(progress, "INTERVAL", 0.02),
    ):
        assert "Starting: 1 request, " in run(config_of(younium)).well().stderr


def test_each_stream_ends_with_its_cost_in_each_legal_entity(logged: Logged) -> None:
    """Shared pages count for the first stream that reads them."""
    *lines, whole = logged.lines("seconds")
    names = [(line["stream_name"], line["extra"]["legal_entity"]) for line in lines]
    assert Counter(names) == Counter((table, entity) for table in TABLES for entity in ENTITIES)
    costs: dict[str, Counter[str]] = {table: Counter() for table in TABLES}
    for line in lines:
        assert line["message"].startswith(
            f"{line['stream_name']} of {line['extra']['legal_entity']}: "
        )
        figures = {name: line["extra"][name] for name in ("rows", "requests", "bytes", "retries")}
        costs[line["stream_name"]].update(figures)
    for table in TABLES:
        assert costs[table]["rows"] == len(logged.output.records[table])
    paths = {"accounts": "Accounts", "invoice_attachments": "Invoices", "usage": "Usage"}
    for table, path in paths.items():
        assert costs[table]["requests"] == logged.requests[path]
        assert costs[table]["bytes"] > 1000
    assert costs["account_addresses"]["requests"] == costs["account_addresses"]["bytes"] == 0
    retried = {table for table in TABLES if costs[table]["retries"]}
    assert retried == {"accounts", "invoice_attachments"}
    assert lines[names.index(("accounts", ENTITIES[0]))]["extra"]["seconds"] >= PAUSE
    assert whole["stream_name"] is None
    total = whole["extra"]
    assert total["rows"] == sum(map(len, logged.output.records.values()))
    assert total["requests"] == logged.requests.total() - logged.requests["auth"]
    assert total["retries"] == 2


def test_a_run_without_trouble_logs_one_line_per_stream_and_legal_entity() -> None:
    with Younium(rows=2, entities=ENTITIES) as younium:
        output = run(config_of(younium), select=TABLES).well()
    start, *lines, end = [line.rpartition("| ")[2] for line in output.stderr.splitlines()][1:]
    assert start.startswith("Skipping parse of env var settings")  # the SDK's
    assert end.startswith("Total: ")
    named = [f"{table} of {entity}" for table in TABLES for entity in ENTITIES]
    assert sorted(line.partition(": ")[0] for line in lines) == sorted(named)


def test_the_sdk_s_metrics_are_logged_at_debug() -> None:
    """The tap's own lines have their figures."""
    with (
        Younium(rows=3, entities=ENTITIES) as younium,
        mock.patch.dict(os.environ, {"TAP_YOUNIUM_LOGLEVEL": "DEBUG"}),
    ):
        output = run(config_of(younium), select=TABLES).well()
    lines = [line for line in output.stderr.splitlines() if "METRIC: " in line]
    assert all("| DEBUG " in line for line in lines)
    points = [json.loads(line.partition("METRIC: ")[2]) for line in lines]
    counted = {
        (it["tags"]["stream"], it["tags"]["context"]["_legal_entity"]): it["value"]
        for it in points
        if it["type"] == "counter"
    }
    assert counted == {
        (table, entity): sum(row["_legal_entity"] == entity for row in output.records[table])
        for table in TABLES
        for entity in ENTITIES
    }


def test_nothing_continues_after_the_run() -> None:
    with serving() as stub:
        before = {*threading.enumerate()}
        run(stub.config, select=["countries"]).well()
        left = [each for each in {*threading.enumerate()} - before if each.name == "younium"]
    for thread in left:
        thread.join(5)
    assert not [thread for thread in left if thread.is_alive()]


def test_the_bytes_are_those_of_the_answers() -> None:
    body = json.dumps({"data": [{"id": "a", "name": "Åland"}], "totalCount": 1}).encode()
    with serving() as stub:
        stub.listing = lambda: (200, body)
        output = run(stub.config, select=["countries"]).well()
    assert "| countries: 1 row, 1 request, 0 retries, " in output.stderr
    assert "Total: 1 row, 1 request, " in output.stderr


def test_a_stream_that_fails_is_logged_as_incomplete_with_its_cost() -> None:
    faults = [Fault("status", "/Usage", page=2, times=None)]
    with Younium(rows=4, faults=faults) as younium:
        output = run(config_of(younium, page_size=2, max_parallel_requests=1), select=["usage"])
    assert "| usage (incomplete): 2 rows, 7 requests, 5 retries, " in output.stderr
    assert output.errors("Gave up after 6 tries")


def test_rows_are_counted_further_when_the_sdk_resets_its_counter() -> None:
    """It resets it after each of its own lines, one a minute; here at every row."""
    with (
        Younium(rows=7) as younium,
        mock.patch.object(metrics.Counter, "_ready_to_log", return_value=True),
    ):
        output = run(
            config_of(younium, stream_maps={"usage": {"unit": "id"}}), select=["usage"]
        ).well()
    assert "| usage: 7 rows, " in output.stderr


class Clock:
    """A clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


def table(run_of: progress.Progress) -> progress.StreamCounter:
    counter = metrics.record_counter("invoices")
    found = run_of.counter(counter, ["/Invoices"])
    found.with_context({"_legal_entity": "Nordic AB"})
    return found


def page(number: int, pages: int | None) -> Page:
    return Page(number, [msgspec.Raw(b"{}")], datetime.now(UTC), pages)


def words(found: progress.StreamCounter, caplog: pytest.LogCaptureFixture) -> str:
    caplog.clear()
    with caplog.at_level(logging.INFO):
        found.log_progress()
    (message,) = caplog.messages
    start, _, rest = message.partition(": ")
    assert start == "invoices of Nordic AB"
    return rest


def test_the_time_left_follows_the_pages_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock(monkeypatch)
    found = table(progress.Progress())
    requests = "0 requests, 0 retries"
    clock.now += 4
    assert words(found, caplog) == f"no page yet, 0 rows, 0 rows/s, {requests}."
    for number in (1, 2, 3):
        clock.now += 2
        with found.page(page(number, 1200)):
            found.increment(100)
    # three pages in ten seconds, and 1197 to come: 3990 s
    assert words(found, caplog) == f"page 3 of 1,200, 300 rows, 30 rows/s, {requests}, 66 min left."
    with found.page(page(1, 2)):  # it is read again, from the start
        clock.now += 30
    assert words(found, caplog) == f"page 1 of 2, 300 rows, 0 rows/s, {requests}, 30 s left."
    with found.page(page(2, 2)):
        pass
    assert words(found, caplog) == f"page 2 of 2, 300 rows, 0 rows/s, {requests}."


def test_a_resumed_read_counts_only_its_own_pages(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock(monkeypatch)
    found = table(progress.Progress())
    for number in (90, 91):
        with found.page(page(number, 100)):
            clock.now += 1
    assert words(found, caplog).endswith(", 9.0 s left.")


def test_each_requested_parent_is_a_part_of_its_page(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock(monkeypatch)
    found = table(progress.Progress())
    with found.page(page(1, 2)):
        for part in found.follow_parts(10, range(10)):
            if part == 4:
                assert words(found, caplog).endswith(", 16 s left.")
            clock.now += 1


def test_without_a_count_of_pages_no_remaining_time_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = table(progress.Progress())
    with found.page(page(1, None)):
        pass
    assert words(found, caplog).startswith("page 1, 0 rows, ")
    assert "left" not in words(found, caplog)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.04, "0.0 s"), (9.5, "9.5 s"), (119, "119 s"), (120, "2 min"), (9000, "2.5 h")],
)
def test_a_time_is_shown_with_useful_precision(seconds: float, expected: str) -> None:
    assert progress.duration(seconds) == expected
