"""The tap's requests, and how it handles every answer that Younium or a proxy can give."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
import requests
from singer import (
    ALL,
    COLLECTIONS,
    INCREMENTAL,
    UNPAGED,
    Clock,
    Output,
    Row,
    Younium,
    config_of,
    run,
)

from simulator import Fault, Seen, Simulator
from tap_younium.api.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("Nordic AB", "Åkeri & Söner", "日本データ株式会社")


def asked(simulator: Simulator, path: str) -> list[Seen]:
    return [seen for seen in simulator.requests if seen.path == path]


def ids(output: Output, table: str) -> list[str]:
    return [row["id"] for row in output.records.get(table, [])]


def whole(output: Output, table: str, number: int) -> None:
    """The run succeeded and gave all rows, each once."""
    output.well()
    found = ids(output, table)
    assert len(found) == number
    assert len(set(found)) == number


# The request


def test_every_request_states_version_and_media_type() -> None:
    with Younium(rows=1) as younium:
        run(config_of(younium), select=ALL).well()
        for seen in younium.requests:
            assert seen.headers["content-type"] == "application/json"
            assert seen.headers["user-agent"].startswith("tap-younium/")
            if seen.method == "GET":
                assert seen.headers["api-version"] == "2.1"
                assert "legal-entity" not in seen.headers


def test_the_user_agent_can_be_set() -> None:
    with Younium(rows=1) as younium:
        run(config_of(younium, user_agent="acme-warehouse/1"), select=["accounts"]).well()
        assert {seen.headers["user-agent"] for seen in younium.requests} == {"acme-warehouse/1"}


def test_pages_are_sorted_by_a_key_that_never_changes() -> None:
    """Younium documents no default order: without one, rows move between pages."""
    with Younium(rows=7, page_size_over="refuse") as younium:
        run(config_of(younium, page_size=3), select=ALL).well()
        for table in set(ALL) - UNPAGED:
            pages = asked(younium, f"/{COLLECTIONS[table]}")
            numbers = [
                seen.query["PageNumber"] for seen in pages if "ModifiedAfter" not in seen.query
            ]
            again = "" if table in INCREMENTAL else "12"  # the last page cannot have changed then
            assert sorted(numbers) == sorted("123" + again), table
            key = "code" if table == "product_features" else "id"
            assert {seen.query["OrderBy"] for seen in pages} == {f"{key} asc"}
            assert {seen.query["PageSize"] for seen in pages} == {"3"}


def test_the_default_page_size_is_younium_s_largest() -> None:
    with Younium(rows=101, page_size_over="refuse") as younium:
        whole(run(config_of(younium), select=["countries"]), "countries", 101)
        assert {seen.query["PageSize"] for seen in asked(younium, "/Countries")} == {"100"}


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_legal_entity_can_be_named_in_any_alphabet_or_by_its_id(by: str) -> None:
    with Younium(rows=2, entities=NAMES) as younium:
        chosen = [entity if by == "id" else name for entity, name in younium.entities]
        output = run(config_of(younium, legal_entities=chosen), select=["accounts"]).well()
        for (_, name), setting in zip(younium.entities, chosen, strict=True):
            there = {row["id"] for row in younium.rows("Accounts", name)}
            rows = [row for row in output.records["accounts"] if row["_legal_entity"] == setting]
            assert {row["id"] for row in rows} == there
        headers = {seen.headers["legal-entity"] for seen in asked(younium, "/Accounts")}
        assert headers == set(chosen)


def test_a_legal_entity_given_twice_is_read_once() -> None:
    with Younium(rows=2) as younium:
        config = config_of(younium, legal_entities=["Nordic AB", "Nordic AB"])
        whole(run(config, select=["accounts"]), "accounts", 2)


def test_concurrent_requests_reach_the_setting_and_never_exceed_it() -> None:
    with Younium(rows=60, latency=0.02) as younium:
        for number in (1, 3):
            younium.clear()
            config = config_of(younium, page_size=5, max_parallel_requests=number)
            whole(run(config, select=["countries"]), "countries", 60)
            assert younium.in_flight() == number


def test_a_slash_at_the_end_of_api_url_does_not_matter() -> None:
    with Younium(rows=2) as younium:
        config = config_of(younium, api_url=f"{younium.url}/")
        whole(run(config, select=["accounts"]), "accounts", 2)


# No records found


@pytest.mark.parametrize("options", [{}, {"message_list": False}, {"empty_lists": True}])
def test_no_records_found_is_an_empty_stream(options: Row) -> None:
    """Younium answers with a 400: a list of messages, or a single one."""
    with Younium(rows=0, **options) as younium:
        output = run(config_of(younium), select=ALL).well()
        assert output.records == {}
        assert set(output.schemas) == set(ALL)
        assert not output.warnings()


def test_every_other_400_is_an_error_with_younium_s_message() -> None:
    with Younium(rows=1, page_size_over="refuse", max_page_size=50) as younium:
        output = run(config_of(younium), select=["accounts"])
        assert "page 1: 400" in output.complaint
        assert "The value '100' is more than 100" in output.complaint
        assert not output.waits


def test_404_is_an_error_at_once() -> None:
    with Younium(rows=1, faults=[Fault("status", path="/Accounts", status=404)]) as younium:
        output = run(config_of(younium), select=["accounts"])
        assert "GET /Accounts, page 1: 404 (Simulated fault)" in output.complaint
        assert len(asked(younium, "/Accounts")) == 1


def test_an_error_names_the_legal_entity() -> None:
    fault = Fault("status", path="/Accounts", status=404, skip=1)
    with Younium(rows=1, entities=NAMES, faults=[fault]) as younium:
        output = run(config_of(younium, max_parallel_requests=1), select=["accounts"])
        assert "Åkeri & Söner" in output.complaint


# A refused sort


def test_a_refused_sort_is_reported_once_and_the_stream_is_still_read() -> None:
    with Younium(rows=30, refuse_order=True) as younium:
        output = run(config_of(younium), select=["countries", "accounts"])
        whole(output, "countries", 30)
        whole(output, "accounts", 30)
        assert len(output.warnings("/Countries")) == 1
        assert len(output.warnings("/Accounts")) == 1


def test_a_refused_sort_is_requested_only_once_in_parallel_too() -> None:
    with Younium(rows=8, refuse_order=True) as younium:
        config = config_of(younium, max_parallel_requests=8, page_size=100)
        whole(run(config, select=["countries"]), "countries", 8)
        assert [seen.status for seen in asked(younium, "/Countries")] == [400, 200]


# 403


def test_a_forbidden_stream_fails_the_run_but_the_others_are_read() -> None:
    """The error names it and the permission that the user lacks."""
    with Younium(rows=3, forbidden={"Invoices"}) as younium:
        output = run(config_of(younium), select=["accounts", "invoices", "usage"])
        assert output.exit_code == 1
        assert "Traceback" not in output.stderr
        assert len(output.complaints) == 1
        assert "invoices" in output.complaints[0]
        assert "skip_forbidden_streams" in output.complaints[0]
        assert "Invoice Read" in output.stderr
        assert "The user lacks the permission for this operation" in output.stderr
        assert {table: len(rows) for table, rows in output.records.items()} == {
            "accounts": 3,
            "usage": 3,
        }
        assert output.bookmark("usage")
        assert output.bookmark("invoices") is None


def test_forbidden_streams_can_be_skipped() -> None:
    with Younium(rows=3, forbidden={"Invoices"}) as younium:
        config = config_of(younium, skip_forbidden_streams=True)
        output = run(config, select=["accounts", "invoices", "usage"]).well()
        assert set(output.records) == {"accounts", "usage"}
        assert any("invoices" in line for line in output.warnings())


@pytest.mark.parametrize("skip", [False, True])
def test_a_wrong_legal_entity_fails_the_run_whatever_is_skipped(*, skip: bool) -> None:
    """Everything is forbidden, so it is not a missing permission."""
    with Younium(rows=3) as younium:
        config = config_of(younium, legal_entities=["Nordik AB"], skip_forbidden_streams=skip)
        output = run(config, select=["accounts", "invoices"])
        assert output.exit_code == 2
        assert "Traceback" not in output.stderr
        assert len(output.complaints) == 1
        assert "legal_entities" in output.complaints[0]
        assert "Nordik AB" in output.stderr
        assert output.records == {}


def test_with_everything_forbidden_the_run_fails_and_requests_nothing_twice() -> None:
    """No legal entity is set though the tenant has two."""
    with Younium(rows=3, entities=["One", "Two"]) as younium:
        config = config_of(younium, skip_forbidden_streams=True)
        del config["legal_entities"]
        output = run(config, select=ALL)
        assert output.exit_code == 2
        assert len(output.complaints) == 1
        assert "legal_entities" in output.complaints[0]
        assert "The legal-entity header is missing" in output.stderr
        paths = [seen.path for seen in younium.requests]
        assert all(paths.count(path) <= 2 for path in paths)  # the fields' types, and the stream
        assert not output.waits


def test_a_stream_forbidden_in_one_legal_entity_is_read_in_the_other() -> None:
    with Younium(rows=3, entities=["One", "Two"]) as younium:
        names = ["One", "Gone", "Two"]
        output = run(config_of(younium, legal_entities=names), select=["accounts"])
        assert output.exit_code == 1
        assert "Gone" in output.complaints[0]
        came = [row["_legal_entity"] for row in output.records["accounts"]]
        assert came == ["One"] * 3 + ["Two"] * 3


# Temporary failures


@pytest.fixture(scope="module")
def twelve() -> Iterator[Simulator]:
    """Twelve rows of everything, for tests that change only its faults."""
    with Younium(rows=12) as simulator:
        yield simulator


@pytest.fixture
def younium(twelve: Simulator) -> Simulator:
    twelve.clear()
    twelve.faults.clear()
    return twelve


@pytest.mark.product
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("status", {"status": 500}),
        ("status", {"status": 502, "html": True}),
        ("status", {"status": 503}),
        ("status", {"status": 504}),
        ("status", {"status": 408}),
        ("html", {}),
        ("empty", {}),
        ("other_json", {}),
        ("cut", {}),
        ("short", {}),
        ("reset", {}),
        ("reset_midway", {}),
        ("silent", {}),
    ],
    ids=str,
)
@pytest.mark.parametrize("page", [1, "last"])
def test_a_request_with_a_broken_answer_is_retried(
    kind: Any, options: Row, page: Any, younium: Simulator
) -> None:
    """On any page, and all rows come once."""
    times = 1 if kind == "silent" else 2
    fault = Fault(kind, path="/Countries", page=page, times=times, **options)
    younium.faults.append(fault)
    timeout = 1 if kind == "silent" else 60
    output = run(config_of(younium, page_size=5, request_timeout=timeout), select=["countries"])
    whole(output, "countries", 12)
    assert fault.struck == times
    assert len(output.waits) == times
    assert len(output.warnings("GET /Countries")) == times


def test_waits_grow_with_each_try(younium: Simulator) -> None:
    younium.faults.append(Fault("status", path="/Accounts", times=4))
    output = run(config_of(younium), select=["accounts"]).well()
    assert len(output.waits) == 4
    for tries, wait in enumerate(output.waits):
        assert 2**tries / 2 <= wait <= 2**tries


def test_a_permanent_error_ends_the_run_in_one_line(younium: Simulator) -> None:
    fault = Fault("status", path="/Accounts", status=502, html=True, times=None)
    younium.faults.append(fault)
    output = run(config_of(younium), select=["accounts"])
    assert "GET /Accounts, page 1: 502" in output.complaint
    assert "<h1>" not in output.stderr
    assert 3 <= fault.struck <= 10


def test_a_200_that_is_never_json_ends_the_run_in_one_line(younium: Simulator) -> None:
    younium.faults.append(Fault("html", path="/Accounts", times=None))
    output = run(config_of(younium), select=["accounts"])
    assert "GET /Accounts, page 1" in output.complaint


# Retry-After


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_is_honoured(status: int, younium: Simulator) -> None:
    younium.faults.append(Fault("status", path="/Accounts", status=status, retry_after="1"))
    output = run(config_of(younium), select=["accounts"])
    whole(output, "accounts", 12)
    assert output.waits == [1.0]


def test_retry_after_as_a_date_is_compared_with_younium_s_clock(younium: Simulator) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    younium.faults.append(Fault("status", path="/Accounts", status=504, retry_after=until))
    output = run(config_of(younium), select=["accounts"]).well()
    (wait,) = output.waits
    assert 20 <= wait <= 31


@pytest.mark.parametrize("value", [None, "", "soon", "-5", "1e999", "nan", "inf"])
def test_without_a_sensible_retry_after_the_tap_s_own_wait_applies(
    value: str | None, younium: Simulator
) -> None:
    younium.faults.append(Fault("throttled", path="/Accounts", retry_after=value))
    output = run(config_of(younium), select=["accounts"]).well()
    (wait,) = output.waits
    assert 0.5 <= wait <= 1


def test_a_date_in_the_past_means_now_or_the_tap_s_own_wait(younium: Simulator) -> None:
    date = "Thu, 21 Sep 2023 10:00:00 GMT"
    younium.faults.append(Fault("throttled", path="/Accounts", retry_after=date))
    output = run(config_of(younium), select=["accounts"]).well()
    assert 0 <= output.waits[0] <= 1


def test_a_429_holds_back_all_requests() -> None:
    """Not only the refused one: the others would be refused too."""
    fault = Fault("throttled", path="/Countries", page=3, retry_after="1")
    with Younium(rows=60, latency=0.01, faults=[fault]) as younium:
        config = config_of(younium, page_size=3, max_parallel_requests=4)
        began = monotonic()
        output = run(config, select=["countries", "currencies"], clock=Clock(share=1))
        whole(output, "countries", 60)
        assert monotonic() - began >= 1
        refused = next(seen for seen in younium.requests if seen.status == 429)
        assert refused.ended
        pause = [
            seen.started - refused.ended
            for seen in younium.requests
            if seen.started > refused.ended + 0.25
        ]
        assert min(pause) >= 0.75


# Pages


@pytest.mark.parametrize("options", [{"page_size": 100}, {"page_size": 7}])
@pytest.mark.parametrize("parallel", [1, 4])
def test_no_row_is_lost_if_the_server_makes_pages_smaller(options: Row, parallel: int) -> None:
    with Younium(rows=23, max_page_size=5) as younium:
        config = config_of(younium, max_parallel_requests=parallel, **options)
        output = run(config, select=["countries", "accounts"])
        whole(output, "countries", 23)
        whole(output, "accounts", 23)
        assert not output.warnings()


@pytest.mark.parametrize("number", [1, 9, 10, 11, 20])
def test_no_page_is_requested_past_the_end(number: int) -> None:
    with Younium(rows=number) as younium:
        output = run(config_of(younium, page_size=10), select=["accounts"])
        whole(output, "accounts", number)
        pages = [seen for seen in asked(younium, "/Accounts") if "ModifiedAfter" not in seen.query]
        assert len(pages) == -(-number // 10)


@pytest.mark.parametrize(("number", "requests"), [(10, 1), (11, 3), (21, 5)])
def test_pages_of_a_stream_that_shows_no_changes_are_read_twice(number: int, requests: int) -> None:
    """An insert and a delete leave the count unchanged: nothing else would show them.

    The last page is read once: it begins where the page before it ends.
    """
    with Younium(rows=number) as younium:
        output = run(config_of(younium, page_size=10), select=["countries"])
        whole(output, "countries", number)
        assert len(asked(younium, "/Countries")) == requests


@pytest.mark.parametrize("keeps", [True, False])
def test_next_page_is_not_followed(*, keeps: bool) -> None:
    """It can name another host, which must not get the token, and can drop the parameters."""
    with (
        Younium(rows=1) as other,
        Younium(rows=230, next_page_host=other.url, next_page_query=keeps) as younium,
    ):
        whole(run(config_of(younium), select=["countries"]), "countries", 230)
        assert not other.requests
        assert {seen.query["OrderBy"] for seen in asked(younium, "/Countries")} == {"id asc"}


def test_data_can_be_a_single_object() -> None:
    """Six schemas of the published file say so."""
    tables = ["product_features", "invoice_document_attachments"]
    with Younium(rows=1, single_object=True) as younium:
        output = run(config_of(younium), select=tables).well()
        (feature,) = output.records["product_features"]
        assert feature["code"] == younium.rows("Products/productFeatures")[0]["code"]
        (attachment,) = output.records["invoice_document_attachments"]
        assert attachment["name"] == younium.rows(COLLECTIONS[tables[1]])[0]["name"]


def test_a_row_without_its_primary_key_is_named_with_stream_and_page() -> None:
    with Younium(rows=12) as younium:
        younium.rows("Reports")[7]["id"] = None
        output = run(config_of(younium, page_size=5), select=["reports"])
        assert "reports" in output.complaint
        assert "has no 'id'" in output.complaint
        assert len(output.records["reports"]) == 11


def test_rows_that_move_between_pages_are_not_lost() -> None:
    """A row is deleted while pages are read: rows move onto a page that was already read."""

    def delete(seen: Seen) -> None:
        if seen.query.get("PageNumber") == "3" and not deleted:
            rows = younium.rows("Countries")
            first = min(rows, key=lambda row: row["id"])
            deleted.append(first["id"])
            rows.remove(first)

    deleted: list[str] = []
    with Younium(rows=40, before_answer=delete) as younium:
        there = {row["id"] for row in younium.rows("Countries")}
        config = config_of(younium, page_size=5, max_parallel_requests=1)
        output = run(config, select=["countries"]).well()
        found = ids(output, "countries")
        assert deleted
        assert there - set(deleted) <= set(found)
        assert len(found) == len(set(found))


# Hosts


def test_a_redirect_to_another_host_is_refused() -> None:
    """The token would be sent to that host."""
    with Younium() as other, Younium(rows=2) as younium:
        younium.faults.append(Fault("redirect", path="/Accounts", location=f"{other.url}/Accounts"))
        output = run(config_of(younium), select=["accounts"])
        assert "redirects to another host" in output.complaint
        assert not other.requests


def test_a_redirect_within_the_host_is_followed() -> None:
    with Younium(rows=2) as younium:
        younium.faults.append(Fault("redirect", path="/Countries", location="/Currency"))
        output = run(config_of(younium), select=["countries"]).well()
        assert {row["id"] for row in output.records["countries"]} == {
            row["id"] for row in younium.rows("Currency")
        }


def test_an_unreachable_host_is_an_error_in_one_line() -> None:
    with Simulator() as gone:
        config = config_of(gone)
    output = run(config, select=["accounts"])
    assert "the connection failed" in output.complaint
    assert "Connection refused" in output.complaint


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_company_s_own_certificates_are_honoured(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests uses them in `request`, not in `send`: the tap must call the right method."""
    sent: list[dict[str, Any]] = []

    def send(_: object, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        sent.append(options)
        answer = requests.Response()
        answer.status_code, answer._content, answer.request = 200, b"{}", request
        answer.url, answer.raw = str(request.url), io.BytesIO(b"{}")
        return answer

    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(name, "/etc/acme.pem")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.acme.example:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setattr(requests.Session, "send", send)
    host = "https://api.younium.com"
    session = Session(host, connections=1, user_agent="test", timeout=3, retry_timeout=0)
    session.fetch("GET", "https://api.younium.com/Accounts", "GET /Accounts")
    assert sent[0]["verify"] == "/etc/acme.pem"
    assert sent[0]["proxies"]["https"] == "http://proxy.acme.example:3128"
    assert sent[0]["timeout"] == (3, 3)
