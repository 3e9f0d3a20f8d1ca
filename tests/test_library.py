"""The tap as a library: what a host's program can build, pass and read."""

from __future__ import annotations

import json
import signal
from copy import deepcopy
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pytest
from requests import Request
from singer import Younium, catalog, config_of, run, table_of
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.io_base import SingerWriter
from singer_sdk.singerlib import Catalog
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.streams.rest import PageContext

from simulator import Fault, Simulator
from tap_younium.client import YouniumStream
from tap_younium.exceptions import ConfigurationError, YouniumError
from tap_younium.records.writer import encode
from tap_younium.streams.accounts import Accounts
from tap_younium.tap import TapYounium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from singer_sdk.singerlib.messages import Message

ENTITIES = ("Nordic AB", "Läkarö")
MEMBERS = ("url_base", "authenticator", "requests_session", "get_http_request")


@pytest.fixture(scope="module")
def younium() -> Iterator[Simulator]:
    with Younium(rows=25, entities=ENTITIES) as simulator:
        yield simulator


def tap_of(simulator: Simulator, **options: Any) -> TapYounium:
    return TapYounium(config=config_of(simulator, page_size=10), **options)


def stream_of(tap: TapYounium, name: str) -> YouniumStream:
    stream = tap.streams[name]
    assert isinstance(stream, YouniumStream)
    return stream


def close(tap: TapYounium) -> None:
    tap.run.close()


class Collector(GenericSingerWriter[str, Any]):
    """A host's writer, which keeps messages."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []

    def serialize_message(self, message: Message) -> str:
        return json.dumps(message.to_dict(), default=str)

    def write_message(self, message: Message) -> None:
        self.messages.append(json.loads(self.format_message(message)))


# Tap and streams


def test_a_stream_takes_what_it_shares_from_its_tap(younium: Simulator) -> None:
    tap = tap_of(younium)
    assert Accounts(tap).run is tap.run
    assert Accounts(tap=tap).primary_keys == ("id", "_legal_entity")


def test_a_writer_that_is_set_later_gets_every_record(
    younium: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    tap = tap_of(younium)
    stream = stream_of(tap, "accounts")
    writer = tap.message_writer = Collector()
    stream.sync()
    close(tap)
    assert "RECORD" not in capsys.readouterr().out
    assert sum(message["type"] == "RECORD" for message in writer.messages) == 50


def test_a_stream_alone_reports_a_wrong_legal_entity() -> None:
    with Younium(rows=2, entities=ENTITIES) as simulator:
        tap = TapYounium(config=config_of(simulator, legal_entities=["nobody"]))
        with pytest.raises(ConfigurationError, match="forbids all selected streams"):
            stream_of(tap, "accounts").sync({"_legal_entity": "nobody"})
        close(tap)


def test_the_last_catalog_that_is_applied_counts(younium: Simulator) -> None:
    stream = stream_of(tap_of(younium), "accounts")
    entry = table_of(catalog(["accounts"]), "accounts")
    for key, method in ((None, "FULL_TABLE"), ("_last_modified", "INCREMENTAL")):
        changed = entry | {"replication_key": key, "replication_method": method}
        stream.apply_catalog(Catalog.from_dict({"streams": [changed]}))
        assert stream.replication_method == method


def test_a_second_run_of_a_tap_starts_afresh() -> None:
    """What failed in the first run is requested again, and not reported again."""
    fault = Fault("status", path="/Accounts", status=400)
    with Younium(rows=2, faults=[fault]) as simulator:
        chosen = catalog(["accounts", "invoices"])
        writer = Collector()
        tap = TapYounium(config=config_of(simulator), catalog=chosen, message_writer=writer)
        with pytest.raises(YouniumError, match="Run incomplete: accounts"):
            tap.sync_all()
        writer.messages.clear()
        tap.sync_all()
    streams = [message["stream"] for message in writer.messages if message["type"] == "RECORD"]
    assert sorted(set(streams)) == ["accounts", "invoices"]


# From a stream to a request


@pytest.mark.parametrize("member", MEMBERS)
def test_every_request_of_a_stream_uses_its_members(
    member: str, younium: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"{member} was used")

    broken = fail if member == "get_http_request" else property(fail)
    monkeypatch.setattr(YouniumStream, member, broken)
    output = run(config_of(younium), select=["accounts"])
    assert output.exit_code == 1
    assert f"{member} was used" in output.complaints[-1]
    assert not output.records


def test_the_stream_s_authenticator_names_the_context_s_legal_entity(younium: Simulator) -> None:
    tap = tap_of(younium)
    stream = stream_of(tap, "accounts")
    for name in ENTITIES:
        stream.context = {"_legal_entity": name}
        headers = dict(stream.authenticator(Request("GET", younium.url).prepare()).headers)
        assert headers["Authorization"].startswith("Bearer ")
        assert str(headers["legal-entity"]) == str(name.encode())
    close(tap)


def test_requests_carry_what_the_stream_s_authenticator_gives(
    younium: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several threads send requests for several legal entities at the same time."""
    used: list[str | None] = []
    genuine = YouniumStream.authenticator

    def noting(stream: YouniumStream) -> Any:
        used.append((stream.context or {}).get("_legal_entity"))
        return genuine.fget(stream)  # type: ignore[attr-defined]

    monkeypatch.setattr(YouniumStream, "authenticator", property(noting))
    younium.clear()
    tables = ["accounts", "invoice_lines", "subscription_versions"]
    run(config_of(younium, page_size=10), select=tables).well()
    sent = [seen.headers["legal-entity"] for seen in younium.requests if seen.method == "GET"]
    assert sorted(sent) == sorted(map(str, used))
    assert set(sent) == set(ENTITIES)


def test_a_stream_can_be_extended_by_its_http_request(
    younium: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = YouniumStream.get_http_request

    def extended(stream: YouniumStream, *, page: PageContext[Any]) -> Any:
        request = genuine(stream, page=page)
        request.headers["X-Extended"] = stream.name
        return request

    monkeypatch.setattr(YouniumStream, "get_http_request", extended)
    younium.clear()
    run(config_of(younium), select=["accounts"]).well()
    sent = {seen.headers.get("x-extended") for seen in younium.requests if seen.method == "GET"}
    assert sent == {"accounts"}


def test_a_page_s_request_can_be_built_by_its_number(younium: Simulator) -> None:
    tap = tap_of(younium)
    stream = stream_of(tap, "accounts")
    context = {"_legal_entity": ENTITIES[0]}
    pages = {
        number: stream.get_http_request(page=PageContext(context, number)).params["PageNumber"]
        for number in (None, 1, 3)
    }
    assert pages == {None: 1, 1: 1, 3: 3}
    close(tap)


def test_request_records_yields_what_younium_sent_of_all_pages(younium: Simulator) -> None:
    tap = tap_of(younium)
    for name in ENTITIES:
        there = younium.rows("Accounts", name)
        records = list(stream_of(tap, "accounts").request_records({"_legal_entity": name}))
        assert [each["id"] for each in records] == sorted(each["id"] for each in there)
        assert not any("_extra" in each or "_legal_entity" in each for each in records)
    close(tap)


@pytest.mark.parametrize("table", ["invoice_lines", "subscription_versions"])
def test_request_records_yields_the_parts_and_the_details(table: str, younium: Simulator) -> None:
    output = run(config_of(younium), select=[table]).well()
    tap = tap_of(younium)
    stream = stream_of(tap, table)
    records = [each for it in stream.contexts for each in stream.request_records(it)]
    assert sorted(each["id"] for each in records) == sorted(
        row["id"] for row in output.records[table]
    )
    close(tap)


def test_request_records_fails_where_a_page_can_t_be_read() -> None:
    faults = [Fault("status", path="/Accounts", status=404)]
    with Younium(rows=3, faults=faults) as simulator:
        tap = tap_of(simulator)
        with pytest.raises(YouniumError, match="404"):
            list(stream_of(tap, "accounts").request_records(None))
        close(tap)


# Rows before a sync


@pytest.mark.parametrize("table", ["accounts", "invoice_lines", "subscription_versions"])
def test_get_records_yields_the_rows_before_a_sync(
    table: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with Younium(rows=25) as simulator:
        output = run(config_of(simulator), select=[table]).well()
        tap = TapYounium(config=config_of(simulator), catalog=catalog([table]))
        rows = list(stream_of(tap, table).get_records(None))
        close(tap)
    bare = [json.loads(encode(row)) for row in rows]
    for row in (*bare, *output.records[table]):
        for name in ("_read_at", "_position"):  # the simulator's versions are not sorted
            row.pop(name, None)
    by_id = itemgetter("id")
    assert sorted(bare, key=by_id) == sorted(output.records[table], key=by_id)
    assert not capfd.readouterr().out
    assert not tap.state


@pytest.mark.parametrize(
    ("table", "path"), [("accounts", "/Accounts"), ("subscription_versions", "/Subscriptions/*")]
)
def test_get_records_outside_a_sync_fails_with_the_error_itself(table: str, path: str) -> None:
    faults = [Fault("status", path=path, status=400, times=None)]
    with Younium(rows=1, faults=faults) as simulator:
        tap = tap_of(simulator)
        with pytest.raises(YouniumError, match="400"):
            list(stream_of(tap, table).get_records(None))
        close(tap)


@pytest.mark.parametrize("table", ["accounts", "subscription_versions"])
def test_a_sync_after_get_records_reads_all(table: str, younium: Simulator) -> None:
    writer = Collector()
    tap = tap_of(younium, catalog=catalog([table], ENTITIES), message_writer=writer)
    stream = stream_of(tap, table)
    before = [row["id"] for it in stream.contexts for row in stream.get_records(it)]
    tap.sync_all()
    after = [it["record"]["id"] for it in writer.messages if it["type"] == "RECORD"]
    assert sorted(before) == sorted(after)
    assert len(after) >= 50


def test_a_stream_can_be_synced_alone_after_a_run_of_all(younium: Simulator) -> None:
    """It reads what changed since its bookmark, which the lookback includes."""
    chosen = catalog(["invoices", "invoice_lines"], ENTITIES)
    writer = Collector()
    tap = tap_of(younium, catalog=chosen, message_writer=writer)
    tap.sync_all()
    writer.messages.clear()
    stream_of(tap, "invoice_lines").sync()
    close(tap)
    rows = [it for it in writer.messages if it["type"] == "RECORD"]
    assert {it["stream"] for it in rows} == {"invoice_lines"}


# What the host keeps


@pytest.mark.parametrize("kind", [Collector, SingerWriter, MsgSpecWriter])
def test_a_host_s_writer_gets_every_message(
    kind: type[GenericSingerWriter[Any, Any]],
    younium: Simulator,
    capfd: pytest.CaptureFixture[str],
) -> None:
    chosen = catalog(["accounts", "subscription_charges"], ENTITIES)
    output = run(config_of(younium, page_size=10), catalog=chosen).well()
    writer = kind()
    tap = tap_of(younium, catalog=chosen, message_writer=writer)
    assert tap.message_writer is writer
    tap.sync_all()
    lines = capfd.readouterr().out.splitlines()
    written = (
        writer.messages if isinstance(writer, Collector) else [json.loads(line) for line in lines]
    )
    for name in ("SCHEMA", "RECORD"):
        found = [it for it in written if it["type"] == name]
        assert len(found) == len(output.of_type(name)), name
    assert written[-1]["type"] == "STATE"
    assert written[-1]["value"]["bookmarks"].keys() == output.state["bookmarks"].keys()


def test_building_the_tap_leaves_the_host_s_signals_and_objects_alone(younium: Simulator) -> None:
    def handler(*_: Any) -> None:
        """The host's handler."""

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, handler) for number in numbers}
    config = config_of(younium) | {"user_agent": None, "page_size": 10}
    chosen = catalog(["accounts"], ENTITIES)
    state = {"bookmarks": {"accounts": {"partitions": [{"context": {"_legal_entity": "x"}}]}}}
    given = deepcopy((config, chosen, state))
    try:
        tap = TapYounium(
            config=config,
            catalog=chosen,
            state=state,
            parse_env_config=True,
            message_writer=Collector(),
        )
        tap.sync_all()
        assert {signal.getsignal(number) for number in numbers} == {handler}
    finally:
        for number, own in before.items():
            signal.signal(number, own)
    assert (config, chosen, state) == given


def test_wrong_settings_raise_and_do_not_end_the_host() -> None:
    with pytest.raises(ConfigValidationError):
        TapYounium(config={"page_size": 1000})


@pytest.mark.filterwarnings("ignore:Passing a :DeprecationWarning")
@pytest.mark.parametrize("kind", [str, None])
def test_files_can_be_given_by_their_paths(kind: Any, younium: Simulator, tmp_path: Path) -> None:
    moment = "2020-01-01T00:00:00Z"
    part = {"context": {"_legal_entity": ENTITIES[0]}, "replication_key_value": moment}
    content = {
        "config": config_of(younium),
        "catalog": catalog(["accounts"], ENTITIES),
        "state": {"bookmarks": {"accounts": {"partitions": [part]}}},
    }
    paths: dict[str, Any] = {}
    for name, value in content.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(value))
        paths[name] = kind(path) if kind else path
    tap = TapYounium(**paths)
    assert [name for name, stream in tap.streams.items() if stream.selected] == ["accounts"]
    assert tap.state["bookmarks"]["accounts"]["partitions"] == [part]


@pytest.mark.filterwarnings("ignore:Passing a :DeprecationWarning")
def test_a_file_that_holds_no_catalog_raises_one_line(younium: Simulator, tmp_path: Path) -> None:
    path = tmp_path / "catalog.json"
    path.write_text("[]")
    with pytest.raises(YouniumError, match="catalog"):
        tap_of(younium, catalog=path)
