"""No secret and no token is ever shown: not in a log at DEBUG, an error, a state or a catalog."""

from __future__ import annotations

import json
from typing import Any

import pytest
from singer import ALL, Output, Younium, config_of, run, run_process
from stub import TOKEN, serving

from simulator import Fault, Simulator

DEBUG = {"TAP_YOUNIUM_LOGLEVEL": "DEBUG", "LOGLEVEL": "DEBUG", "PYTHONDEVMODE": "0"}


@pytest.fixture(autouse=True)
def loud(monkeypatch: pytest.MonkeyPatch) -> None:
    """All loggers at DEBUG level."""
    for name, value in DEBUG.items():
        monkeypatch.setenv(name, value)


def secrets(simulator: Simulator) -> set[str]:
    """The credentials, and each token that was issued, as found in the requests."""
    sent = {seen.headers.get("authorization", "") for seen in simulator.requests}
    tokens = {header.removeprefix("Bearer ") for header in sent if header}
    return tokens | {simulator.client_id, simulator.client_secret}


def silent_about(hidden: set[str], output: Output) -> None:
    assert "DEBUG" in output.stderr  # otherwise the test would check nothing
    for secret in hidden:
        assert secret
        assert secret not in output.stderr
        assert secret not in output.stdout


CASES: dict[str, list[Fault]] = {
    "success": [],
    "401": [Fault("status", path="/Accounts", status=401, times=None)],
    "401 once": [Fault("revoked", path="/Accounts")],
    "403": [Fault("status", path="/Accounts", status=403, times=None)],
    "404": [Fault("status", path="/Accounts", status=404, times=None)],
    "500": [Fault("status", path="/Accounts", status=500, times=None)],
    "HTML": [Fault("html", path="/Accounts", times=None)],
    "broken JSON": [Fault("short", path="/Accounts", times=None)],
    "cut": [Fault("cut", path="/Accounts", times=None)],
    "reset": [Fault("reset", path="/Accounts", times=None)],
    "login 500": [Fault("status", path="/auth/*", times=None)],
    "login HTML": [Fault("html", path="/auth/*", times=None)],
    "login cut": [Fault("cut", path="/auth/*", times=None)],
    "login of another shape": [Fault("other_json", path="/auth/*", times=None)],
    "redirect": [Fault("redirect", path="/Accounts", times=None)],
    "login redirect": [Fault("redirect", path="/auth/*", times=None)],
}


@pytest.fixture(scope="module")
def younium() -> Any:
    with Younium(rows=2) as simulator:
        yield simulator


@pytest.mark.parametrize("case", CASES)
def test_nothing_secret_is_shown_whatever_goes_wrong(case: str, younium: Simulator) -> None:
    younium.clear()
    younium.faults[:] = [
        Fault(each.kind, path=each.path, status=each.status, times=each.times)
        for each in CASES[case]
    ]
    output = run(config_of(younium), select=["accounts", "users", "webhooks"])
    assert output.exit_code == {"success": 0, "401 once": 0, "401": 2}.get(case, 1)
    silent_about(secrets(younium), output)


def test_nothing_secret_is_shown_by_a_whole_run_as_a_process() -> None:
    """With all streams, and without the tests' logging."""
    with Younium(rows=2) as younium:
        output = run_process(config_of(younium), select=ALL, env=DEBUG).well()
        hidden = secrets(younium)
        assert len(hidden) == 3
        silent_about(hidden, output)
        assert not [row for row in output.records["webhooks"] if "token" in row]
        hooks = {row["token"] for row in younium.rows("Webhooks") if row.get("token")}
        assert hooks
        silent_about(hooks, output)


@pytest.mark.parametrize("status", [400, 401, 500])
@pytest.mark.parametrize("form", ["json", "nested", "text", "escaped"])
def test_a_login_that_echoes_the_secret_is_reported_without_it(status: int, form: str) -> None:
    """Some servers repeat a refused request."""
    secret, client = 'pa55"wörd\\of/acme', "id-of-acme"
    text = f"{client} with {secret} is refused"
    body = {
        "json": json.dumps({"errors": [text]}),
        "nested": json.dumps({"errors": {"message": [f"No {text}"], secret: ["bad"]}}),
        "text": text,
        "escaped": json.dumps({"title": json.dumps({"clientId": client, "secret": secret})}),
    }[form].encode()

    with serving() as stub:
        stub.log_in = lambda: (status, body)
        output = run(
            {**stub.config, "client_id": client, "client_secret": secret}, select=["usage"]
        )
    assert output.exit_code == (1 if status == 500 else 2)
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)}
    silent_about({secret, client} | escaped, output)


def test_an_answer_that_echoes_the_token_is_reported_without_it() -> None:
    """An error of a proxy can repeat the request's headers."""
    with serving() as stub:
        stub.listing = lambda: (404, {"errors": [f"no such page for {stub.seen[-1]}"]})
        output = run(stub.config, select=["accounts"])
        assert stub.seen == ["login", f"Bearer {TOKEN}"]
    assert output.exit_code == 1
    assert "no such page for" in output.complaints[0]
    silent_about({TOKEN, "pa55word", "id-of-acme"}, output)


def test_the_catalog_and_about_show_no_credentials() -> None:
    with Younium(rows=1) as younium:
        for arguments in (["--discover"], ["--about"], ["--about", "--format=json"]):
            output = run(config_of(younium), *arguments).well()
            assert younium.client_id not in output.stdout + output.stderr
            assert younium.client_secret not in output.stdout + output.stderr


# A proxy's password


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Only the test's own proxy, also for this machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("password", ["Hunter2pw/x", "Hun#ter2pw", "Hun?ter2pw", "1234/Hunter2pw"])
def test_a_proxy_s_password_that_must_be_encoded_is_reported_but_not_shown(
    name: str, password: str, proxied: pytest.MonkeyPatch
) -> None:
    """The libraries read its first part as the port."""
    proxied.setenv(name, f"http://user:{password}@127.0.0.1:9")
    with Younium() as younium:
        output = run(config_of(younium), select=["accounts"])
        assert not younium.requests
    assert output.exit_code == 2
    assert "HTTP_PROXY" in output.complaints[0]
    assert "%2F" in output.complaints[0]
    silent_about({password, "Hun", "1234/", "ter2pw"}, output)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://user:Hunter2pw@127.0.0.1:9",
        "http://user:Hunter2pw@x@127.0.0.1:9",
        "http://user:Hunter2pw%2Fx@127.0.0.1:9",
        "user:Hunter2pw@127.0.0.1:9",
        "http://user:Hunter2pw@no host:9",
        "http://user:Hunter2pw@127.0.0.1:port",
        "http://user:Hunter2pw@",
        "http://Hunter2pw@127.0.0.1:port",
        "socks5://user:Hunter2pw@127.0.0.1:9",
        "nonsense://user:Hunter2pw@127.0.0.1:9",
        "http://user:Hunter2pw\n@127.0.0.1:9",
    ],
)
def test_a_proxy_that_fails_is_reported_without_its_password(
    proxy: str, proxied: pytest.MonkeyPatch
) -> None:
    proxied.setenv("http_proxy", proxy)
    with Younium() as younium:
        output = run(config_of(younium, retry_timeout=1), select=["accounts"])
    assert output.exit_code
    assert len(output.complaints) == 1
    silent_about({"Hunter2pw"}, output)


@pytest.mark.parametrize(
    "form",
    ["Hunter2pw/x", "Hunter2pw%2Fx", "Hunter2pw%2fx", "user:Hunter2pw/x"],
)
def test_an_answer_that_echoes_a_proxy_s_password_is_shown_without_it(
    form: str, proxied: pytest.MonkeyPatch
) -> None:
    """Also the password of a proxy for other hosts."""
    proxied.setenv("https_proxy", "http://user:Hunter2pw%2fx@127.0.0.1:9")
    with serving() as stub:
        stub.listing = lambda: (404, {"errors": [f"no way by {form}"]})
        output = run(stub.config, select=["accounts"])
    assert "no way by ***" in output.complaints[0]
    silent_about({"Hunter2pw"}, output)


def test_a_proxy_s_password_in_the_header_is_not_shown(proxied: pytest.MonkeyPatch) -> None:
    proxied.setenv("https_proxy", "http://user:Hunter2pw@127.0.0.1:9")
    with serving() as stub:
        stub.listing = lambda: (404, {"errors": ["Basic dXNlcjpIdW50ZXIycHc="]})
        output = run(stub.config, select=["accounts"])
    silent_about({"dXNlcjpIdW50ZXIycHc"}, output)
