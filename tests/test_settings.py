"""Wrong settings are reported before any request: which one, what to do, and never a secret."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
from singer import Row, Younium, config_of, run, run_process
from singer_sdk.helpers._util import read_json_file

from tap_younium.tap import TapYounium

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cr3t-of-acme"
GOOD: Row = {"client_id": "an-id", "client_secret": SECRET, "api_url": "http://127.0.0.1:9"}


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if a connection is attempted."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


WRONG: list[tuple[str, Any, str]] = [
    ("client_id", None, "TAP_YOUNIUM_CLIENT_ID"),
    ("client_secret", None, "TAP_YOUNIUM_CLIENT_SECRET"),
    ("client_id", "", "empty"),
    ("client_secret", "  ", "empty"),
    ("client_secret", 5, "string"),
    ("client_secret", [SECRET], "string"),
    ("client_id", {"id": SECRET}, "string"),
    ("environment", "prod", "us_sandbox"),
    ("environment", 1, "string"),
    ("api_url", "ftp://api.younium.com", "https://api.younium.com"),
    ("api_url", "api.younium.com", "https://api.younium.com"),
    ("api_url", "https://", "https://api.younium.com"),
    ("api_url", "http://api.younium.com", "https"),
    ("api_url", "http://127.0.0.1.evil.example", "https"),
    ("api_url", "http://localhost.evil.example", "https"),
    ("api_url", "http://10.0.0.1", "https"),
    ("api_url", f"https://me:{SECRET}@api.younium.com", "user"),
    ("api_url", "https://api.younium.com/?a=b", "query"),
    ("api_url", "https://api.younium.com\r\nX: y", "https://api.younium.com"),
    ("auth_version", "v3", "v1, v2"),
    ("legal_entities", "Nordic AB", "array"),
    ("legal_entities", ["Nordic AB", ""], "empty"),
    ("legal_entities", ["Nordic AB", None], "string"),
    ("legal_entities", [1], "contains 1, which is not a string"),
    ("reports", [1], "contains 1, which is not a string"),
    ("legal_entities", ["Nordic AB\nX-Evil: 1"], "control character"),
    ("legal_entities", [" Nordic AB"], "spaces"),
    ("start_date", "yesterday", "2024-01-31T00:00:00Z"),
    ("start_date", "2024-02-30", "2024-01-31T00:00:00Z"),
    ("start_date", "31/01/2024", "2024-01-31T00:00:00Z"),
    ("start_date", 20240131, "string"),
    ("lookback_hours", -1, "0"),
    ("lookback_hours", "a day", "number"),
    ("lookback_hours", True, "number"),
    ("page_size", 0, "100"),
    ("page_size", 101, "100"),
    ("page_size", "ten", "integer"),
    ("page_size", 10.5, "integer"),
    ("page_size", True, "integer"),
    ("max_parallel_requests", 0, "32"),
    ("max_parallel_requests", 33, "32"),
    ("request_timeout", 0, "0.1"),
    ("request_timeout", -5, "0.1"),
    ("request_timeout", "long", "number"),
    ("retry_timeout", -1, "0"),
    ("retry_timeout", 86401, "86400"),
    ("skip_forbidden_streams", "maybe", "boolean"),
    ("skip_forbidden_streams", 1, "boolean"),
    ("primary_keys", ["id"], "object"),
    ("primary_keys", {"report_mrr": "id"}, "list of column names"),
    ("primary_keys", {"report_mrr": [""]}, "list of column names"),
    ("primary_keys", {"accounts": ["name"]}, "report_"),
    ("user_agent", "two\nlines", "one line"),
    ("user_agent", "", "not empty"),
    ("user_agent", "tåp", "ASCII"),
]


@pytest.mark.parametrize(("name", "value", "hint"), WRONG)
@pytest.mark.usefixtures("offline")
def test_a_wrong_setting_is_named_with_what_to_do(name: str, value: Any, hint: str) -> None:
    """In one line, with exit code 2 and without a request."""
    config = {**GOOD, name: value}
    output = run({key: item for key, item in config.items() if item is not None})
    assert output.exit_code == 2
    assert name in output.complaint
    assert hint in output.complaint
    assert SECRET not in output.stdout + output.stderr
    assert not output.stdout


@pytest.mark.usefixtures("offline")
def test_all_wrong_settings_are_reported_at_once() -> None:
    output = run({"page_size": 0, "start_date": "soon", "client_secret": [SECRET]})
    assert output.exit_code == 2
    text = "\n".join(output.complaints)
    for name in ("client_id", "client_secret", "page_size", "start_date"):
        assert name in text
    assert SECRET not in output.stderr


@pytest.mark.usefixtures("offline")
def test_a_missing_settings_file_is_reported_in_one_line(tmp_path: Path) -> None:
    output = run(None, "--config", str(tmp_path / "gone.json"))
    assert output.exit_code == 2
    assert "gone.json: No such file" in output.complaint


@pytest.mark.usefixtures("offline")
def test_a_settings_file_that_is_not_json_is_reported_without_its_text(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text(f'{{"client_secret": "{SECRET}", ')
    output = run(None, "--config", str(file))
    assert output.complaint
    assert SECRET not in output.stdout + output.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_url", "https://api.younium.com/"),
        ("api_url", "http://localhost:8765"),
        ("api_url", "http://[::1]:8765"),
        ("start_date", "2024-01-31"),
        ("start_date", "2024-01-31T10:00:00+02:00"),
        ("lookback_hours", 0),
        ("lookback_hours", 0.5),
        ("request_timeout", 2.5),
        ("page_size", 1),
        ("page_size", 100),
        ("max_parallel_requests", 32),
        ("legal_entities", []),
        ("legal_entities", ["日本データ"]),
        ("environment", "us_sandbox"),
        ("auth_version", "v2"),
        ("primary_keys", {"report_mrr": ["id", "month"]}),
    ],
)
@pytest.mark.usefixtures("offline")
def test_a_valid_setting_is_accepted(
    name: str, value: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """From a file, as users write it and as the SDK reads it."""
    file = tmp_path / "config.json"
    file.write_text(json.dumps({**GOOD, name: value}))
    TapYounium(config=read_json_file(file), setup_mapper=False)
    assert not [each for each in caplog.records if each.levelname != "INFO"]


def test_an_unknown_setting_is_a_warning() -> None:
    """A misspelling must not be silent, nor stop a run that Meltano gave more settings."""
    with Younium(rows=1) as younium:
        config = config_of(younium, client_secert=SECRET, page_sise=5)
        output = run(config, select=["accounts"]).well()
    assert len(output.warnings("client_secert")) == 1
    assert len(output.warnings("page_sise")) == 1
    assert SECRET not in output.stderr


def test_the_sdk_s_own_settings_are_known() -> None:
    more = {"stream_maps": {}, "flattening_enabled": False, "flattening_max_depth": 2}
    with Younium(rows=1) as younium:
        assert not run(config_of(younium, **more), select=["accounts"]).well().warnings()
    output = run({**GOOD, "flattening_max_depth": "deep"}, "--test=schema")
    assert "flattening_max_depth" in output.complaint


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        (None, "api.younium.com"),
        ("production", "api.younium.com"),
        ("sandbox", "api.sandbox.younium.com"),
        ("us_production", "api.us.younium.com"),
        ("us_sandbox", "api.us.sandbox.younium.com"),
    ],
)
def test_each_environment_has_its_host(
    environment: str | None, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts: list[object] = []

    def refuse(name: object, *_: object, **__: object) -> None:
        hosts.append(name)
        raise OSError("no network here")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for proxy in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(proxy, raising=False)
    config = {**GOOD, "environment": environment}
    del config["api_url"]
    if environment is None:
        del config["environment"]
    assert run(config, select=["accounts"]).exit_code == 1
    assert set(hosts) == {host}


# The environment


def test_settings_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers, arrays and booleans are written as text there."""
    with Younium(rows=12, entities=["Nordic AB", "日本データ"], forbidden={"Usage"}) as younium:
        for name, value in {
            "CLIENT_ID": younium.client_id,
            "CLIENT_SECRET": younium.client_secret,
            "API_URL": younium.url,
            "AUTH_VERSION": "v2",
            "LEGAL_ENTITIES": json.dumps(["日本データ"], ensure_ascii=False),
            "START_DATE": "2020-01-01",
            "LOOKBACK_HOURS": "1.5",
            "PAGE_SIZE": "5",
            "MAX_PARALLEL_REQUESTS": "2",
            "REQUEST_TIMEOUT": "30",
            "SKIP_FORBIDDEN_STREAMS": "true",
        }.items():
            monkeypatch.setenv(f"TAP_YOUNIUM_{name}", value)
        from singer import catalog  # noqa: PLC0415

        chosen = catalog(["accounts", "countries", "usage"], ["日本データ"])
        output = run(None, "--config=ENV", catalog=chosen).well()
        assert len(output.records["accounts"]) == 12
        assert {row["_legal_entity"] for row in output.records["accounts"]} == {"日本データ"}
        assert younium.requests[0].path == "/auth/v2/token"
        pages = [seen for seen in younium.requests if seen.path == "/Accounts"]
        assert {seen.query["PageSize"] for seen in pages} == {"5"}
        assert pages[0].query["ModifiedAfter"].startswith("2020-01-01")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page_size", "ten"),
        ("max_parallel_requests", "4.5"),
        ("lookback_hours", "a day"),
        ("request_timeout", "nan"),
        ("start_date", "soon"),
    ],
)
@pytest.mark.usefixtures("offline")
def test_a_wrong_value_in_the_environment_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAP_YOUNIUM_CLIENT_ID", "an-id")
    monkeypatch.setenv("TAP_YOUNIUM_CLIENT_SECRET", SECRET)
    monkeypatch.setenv(f"TAP_YOUNIUM_{name.upper()}", value)
    output = run(None, "--config=ENV")
    assert name in output.complaint.lower()
    assert SECRET not in output.stderr


# Without credentials


@pytest.mark.parametrize(
    "config",
    [
        None,
        {},
        {"api_url": "http://127.0.0.1:9"},
        {"client_id": None, "client_secret": None},
        {"client_id": "", "client_secret": ""},  # as in an .env.example that is not filled in
    ],
)
@pytest.mark.usefixtures("offline")
def test_discovery_needs_no_credentials_and_no_network(config: Row | None) -> None:
    found = json.loads(run(config, "--discover").well().stdout)
    assert len(found["streams"]) >= 30


@pytest.mark.parametrize("arguments", [["--about"], ["--about", "--format=json"], ["--version"]])
@pytest.mark.usefixtures("offline")
def test_about_and_version_need_no_credentials_and_no_network(arguments: list[str]) -> None:
    output = run(None, *arguments).well()
    assert "tap-younium" in output.stdout


def test_the_command_works_as_a_module_and_knows_its_version() -> None:
    output = run_process(None, "--version").well()
    assert output.stdout.startswith("tap-younium v")
    assert "could not be detected" not in output.stdout


def test_about_calls_the_credentials_secret_and_lists_every_setting() -> None:
    about = json.loads(run(None, "--about", "--format=json").well().stdout)
    settings = about["settings"]["properties"]
    for name in ("client_id", "client_secret"):
        assert settings[name]["secret"] is True
        assert "pattern" not in settings[name]
        assert "minLength" not in settings[name]
    assert set(about["settings"]["required"]) == {"client_id", "client_secret"}
    wanted = {
        "environment": "production",
        "api_url": None,
        "auth_version": "v1",
        "legal_entities": None,
        "start_date": None,
        "lookback_hours": 24,
        "page_size": 100,
        "max_parallel_requests": 4,
        "request_timeout": 300,
        "retry_timeout": 300,
        "skip_forbidden_streams": False,
        "user_agent": None,
        "stream_maps": None,
        "flattening_enabled": None,
    }
    assert wanted.keys() <= settings.keys()
    for name, default in wanted.items():
        if default is not None:
            assert settings[name]["default"] == default, name
        assert settings[name]["description"], name


def test_test_reads_one_row_of_each_stream() -> None:
    """`--test`, which `meltano config tap-younium test` calls."""
    with Younium(rows=3) as younium:
        output = run(config_of(younium), "--test").well()
        assert len(output.records) >= 26
        assert all(1 <= len(rows) <= 3 for rows in output.records.values())


def test_test_fails_with_a_wrong_secret() -> None:
    with Younium(rows=1) as younium:
        output = run(config_of(younium, client_secret="wrong"), "--test")
        assert "Invalid client id or secret" in output.complaint
