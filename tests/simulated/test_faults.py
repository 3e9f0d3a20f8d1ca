"""Faults, latency, and the recorded requests."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

from simulator import Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulated.younium_client import Client


def answer(client: Client, fault: Fault, **asked: Any) -> requests.Response:
    client.simulator.faults.append(fault)
    return client.get("/Invoices", **asked)


@pytest.fixture
def client(start: Callable[..., Client]) -> Client:
    return start()


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault("status", status=500), 500),
        (Fault("status", status=503, retry_after="7"), 503),
        (Fault("throttled"), 429),
        (Fault("throttled", retry_after="Thu, 21 Sep 2025 11:12:01 GMT"), 429),
        (Fault("throttled", retry_after="soon"), 429),
        (Fault("redirect"), 302),
    ],
)
def test_statuses(client: Client, fault: Fault, status: int) -> None:
    found = answer(client, fault)
    assert found.status_code == status
    assert found.headers.get("Retry-After") == fault.retry_after
    assert client.get("/Invoices").status_code == 200


def test_html_from_a_proxy(client: Client) -> None:
    found = answer(client, Fault("status", status=502, html=True))
    assert found.status_code == 502
    assert found.text.startswith("<html>")
    assert answer(client, Fault("html")).status_code == 200


def test_a_revoked_token_is_invalid_from_then_on(client: Client) -> None:
    assert answer(client, Fault("revoked")).status_code == 401
    assert client.get("/Invoices").status_code == 401


def test_other_bodies(client: Client) -> None:
    assert answer(client, Fault("empty")).content == b""
    assert answer(client, Fault("other_json")).json()["data"] == "soon"


def test_a_redirect_has_another_host(client: Client) -> None:
    target = "http://127.0.0.1:9/elsewhere"
    assert answer(client, Fault("redirect")).headers["Location"] == target


def test_half_a_body_with_a_matching_length(client: Client) -> None:
    found = answer(client, Fault("short"))
    assert len(found.content) == int(found.headers["Content-Length"])
    with pytest.raises(requests.exceptions.JSONDecodeError):
        found.json()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_body_that_can_not_be_decompressed(client: Client, encoding: Any) -> None:
    with pytest.raises(requests.exceptions.ContentDecodingError):
        answer(client, Fault("corrupt", encoding=encoding))
    assert client.get("/Invoices").status_code == 200


def test_a_fault_that_lasts_for_some_time(client: Client) -> None:
    lasts = [True, True, False]
    fault = Fault("status", times=None, lasts=lambda: lasts.pop(0))
    assert answer(client, fault).status_code == 500
    assert client.get("/Invoices").status_code == 500
    assert client.get("/Invoices").status_code == 200


@pytest.mark.parametrize("kind", ["cut", "reset_midway"])
def test_a_body_that_is_cut_off(client: Client, kind: Any) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        answer(client, Fault(kind))
    assert client.get("/Invoices").status_code == 200


def test_a_reset_before_the_answer(client: Client) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        answer(client, Fault("reset"))
    assert client.get("/Invoices").status_code == 200


def test_a_server_that_is_unreachable(client: Client) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        answer(client, Fault("refused", seconds=0.2))
    with pytest.raises(requests.exceptions.ConnectionError, match="refused"):
        client.get("/Invoices")
    for _ in range(100):
        try:
            found = client.get("/Invoices")
            break
        except requests.exceptions.ConnectionError:
            time.sleep(0.02)
    assert found.status_code == 200


def test_silence(client: Client) -> None:
    with pytest.raises(requests.exceptions.ReadTimeout):
        answer(client, Fault("silent"), timeout=0.05)


def test_the_token_endpoint_can_fail_too(client: Client) -> None:
    client.simulator.faults.append(Fault("status", "/auth/*", status=503))
    assert client.log_in()["status"] == 503
    assert "accessToken" in client.log_in()


def test_faults_choose_path_and_page(client: Client) -> None:
    faults = [
        Fault("status", "/Invoices", page=2, status=501),
        Fault("status", "/Invoices", page="last", status=502, times=None),
        Fault("status", "/Subscriptions/*/versions", status=503),
        Fault("status", "/Payments", status=504, skip=1),
    ]
    client.simulator.faults.extend(faults)

    def statuses(path: str, *pages: int) -> list[int]:
        return [client.get(path, PageSize=10, PageNumber=page).status_code for page in pages]

    assert statuses("/Invoices", 1, 2, 2, 4, 4) == [200, 501, 200, 502, 502]
    assert statuses("/Subscriptions", 1) == [200]
    assert statuses("/Subscriptions/O-000001/versions", 1, 1) == [503, 200]
    assert statuses("/Payments", 1, 1, 1) == [200, 504, 200]
    assert [fault.struck for fault in faults] == [1, 2, 1, 1]


def test_concurrent_requests_wait_for_the_latency_together(client: Client) -> None:
    simulator = client.simulator
    client.get("/Accounts")
    simulator.clear()
    simulator.latency = 0.5
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.get("/Accounts"), range(8)))
    assert simulator.in_flight() == 8


def test_everything_is_recorded(client: Client) -> None:
    client.simulator.clear()
    client.get("/Accounts", PageSize=3, headers={"X-Name": "Läkarö".encode()})
    client.get("/Nothing")
    first, second = client.simulator.requests
    assert (first.method, first.path, first.query) == ("GET", "/Accounts", {"PageSize": "3"})
    assert first.headers["x-name"] == "Läkarö"
    assert (first.status, second.status) == (200, 404)
    assert first.ended is not None
    assert first.started < first.ended <= second.started


def test_rows_change_under_the_reader(start: Callable[..., Client]) -> None:
    client = start(accounts=30)
    rows = client.simulator.rows("Accounts")
    asked = {"OrderBy": "id asc", "PageSize": 10}

    def drop(seen: Any) -> None:
        if seen.query.get("PageNumber") == "2":
            rows.remove(min(rows, key=lambda row: row["id"]))

    first = client.get("/Accounts", PageNumber=1, **asked).json()
    client.simulator.before_answer = drop
    second = client.get("/Accounts", PageNumber=2, **asked).json()
    assert (first["totalCount"], second["totalCount"]) == (30, 29)


def test_changes_to_rows_show_at_once(client: Client) -> None:
    account = client.rows("/Accounts", OrderBy="id")[0]
    live = next(row for row in client.simulator.rows("Accounts") if row["id"] == account["id"])
    live["name"] = "Renamed"
    live["domain"] = None
    found = client.get(f"/Accounts/{account['id']}").json()
    assert found["name"] == "Renamed"
    assert "domain" not in found
    client.simulator.rows("Accounts").clear()
    assert client.get("/Accounts").status_code == 400


def test_it_stops_with_open_requests() -> None:
    with ThreadPoolExecutor(1) as pool:
        with Simulator(accounts=3, latency=30) as simulator:
            waiting = pool.submit(requests.get, simulator.url + "/Accounts", timeout=20)
            while not simulator.requests:
                time.sleep(0.005)
            started = time.monotonic()
        assert time.monotonic() - started < 1
        assert isinstance(waiting.exception(), requests.exceptions.ConnectionError)
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(simulator.url + "/Accounts", timeout=1)


def test_it_starts_again_at_the_same_address() -> None:
    simulator, urls = Simulator(accounts=3), set()
    for _ in range(2):
        with simulator:
            urls.add(simulator.url)
            assert requests.get(simulator.url + "/Accounts", timeout=1).status_code == 401
    assert len(urls) == 1
