"""The command line: what it rejects, with one line and an exit code, and how `--test` ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from faults.tools import choose, only
from singer import Younium, config_of, run, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from singer import Output, Row

ENTITIES = ("Nordic AB", "Läkarö")


@pytest.fixture(scope="module", autouse=True)
def few_streams() -> Iterator[None]:
    with only(["accounts", "countries", "custom_field_configurations", "users"], ENTITIES):
        yield


@pytest.fixture(scope="module")
def younium() -> Iterator[Younium]:
    with Younium(rows=3) as simulator:
        yield simulator


def last(output: Output) -> str:
    return output.stderr.splitlines()[-1].split("| ")[-1]


# --test


def test_a_test_with_a_catalog_reads_the_selected_streams(younium: Younium) -> None:
    output = run(config_of(younium), "--test", catalog=choose(["users"])).well()
    assert {name: len(rows) for name, rows in output.records.items()} == {"users": 1}
    assert last(output) == "OK: tested 1 stream."


def test_a_test_with_a_state_starts_where_a_run_would_start(younium: Younium) -> None:
    chosen = choose(["accounts"])
    mark = {"replication_key": "_last_modified", "replication_key_value": "2020-01-02T00:00:00Z"}
    younium.clear()
    run(config_of(younium), "--test", catalog=chosen, state={"bookmarks": {"accounts": mark}})
    windows = [seen.query.get("ModifiedAfter") for seen in younium.requests[1:]]
    assert "2020-01-01T00:00:00Z" in windows


def test_a_test_ends_with_ok_on_stderr(younium: Younium) -> None:
    """stdout is for Singer messages; `meltano config test` looks for a RECORD there."""
    output = run(config_of(younium), "--test").well()
    assert last(output) == "OK: tested 3 streams."
    assert all(json.loads(line) for line in output.lines)


def test_a_test_that_reads_nothing_does_not_end_with_ok(younium: Younium) -> None:
    output = run(config_of(younium), "--test", catalog=choose([])).well()
    assert output.warnings("No stream is selected")
    assert "OK" not in output.stderr


def test_a_test_that_fails_does_not_end_with_ok(younium: Younium) -> None:
    output = run(config_of(younium, client_secret="wrong"), "--test")
    assert output.exit_code == 2
    assert "refuses the credentials" in output.complaint
    assert "OK" not in output.stderr


def test_a_test_of_schemas_writes_the_catalog_s_schemas(younium: Younium) -> None:
    output = run(config_of(younium), "--test=schema", catalog=choose(["users"])).well()
    assert "users" in output.schemas
    assert not output.records


def test_an_unknown_test_is_refused(younium: Younium) -> None:
    younium.clear()
    output = run(config_of(younium), "--test=bogus")
    assert output.exit_code == 2
    assert "--test=bogus is unknown. Use --test or --test=schema." in output.complaint
    assert not younium.requests


@pytest.mark.parametrize("arguments", [["--test"], ["--test=schema"], []])
def test_a_test_refuses_what_a_run_refuses(arguments: list[str], younium: Younium) -> None:
    entities = config_of(younium, legal_entities=["Nordic AB"])
    for config, options in (
        (entities, {"catalog": choose(["accounts"])}),
        (config_of(younium), {"state": {"anything": 1}}),
    ):
        output = run(config, *arguments, **options)
        assert output.exit_code == 2
        assert output.complaint
        assert not output.stdout


# --discover


WRONG: list[tuple[Row, str]] = [
    ({"legal_entities": [1]}, "legal_entities contains 1, which is not a string."),
    ({"page_size": 0}, "page_size is 0"),
    ({"start_date": "soon"}, "start_date is 'soon'"),
]


@pytest.mark.parametrize("credentials", [True, False])
@pytest.mark.parametrize(("wrong", "words"), WRONG)
def test_discovery_refuses_wrong_settings(
    wrong: Row,
    words: str,
    credentials: bool,  # noqa: FBT001
    younium: Younium,
) -> None:
    """Meltano would keep a catalog that was created anyway."""
    younium.clear()
    output = run({**config_of(younium), **wrong} if credentials else wrong, "--discover")
    assert output.exit_code == 2
    assert words in output.complaint
    assert not output.stdout
    assert not younium.requests


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_discovery_refuses_half_of_the_credentials(missing: str, younium: Younium) -> None:
    config = config_of(younium)
    del config[missing]
    output = run(config, "--discover")
    assert output.exit_code == 2
    assert f"{missing} is missing" in output.complaint


def test_discovery_names_a_wrong_number_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TAP_YOUNIUM_PAGE_SIZE", "ten")
    output = run(None, "--config=ENV", "--discover")
    assert output.exit_code == 2
    assert "TAP_YOUNIUM_PAGE_SIZE is 'ten'" in output.complaint


def test_a_pipe_closed_during_discovery_is_an_error_in_one_line() -> None:
    """As by `--discover | head`; without Python's message about a buffer that it can't write."""
    with started({}, "--discover") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        words = process.stderr.read().decode()
        assert process.wait(timeout=30) == 1
    (complaint,) = (line for line in words.splitlines() if "| CRITICAL" in line)
    assert "closed the pipe" in complaint
    assert words.splitlines()[-1] == complaint


# Files


@pytest.mark.parametrize("kind", ["config", "catalog", "state"])
@pytest.mark.parametrize("arguments", [[], ["--test"], ["--check"], ["--discover"]])
def test_a_missing_file_is_refused(
    kind: str, arguments: list[str], younium: Younium, tmp_path: Path
) -> None:
    config: Any = None if kind == "config" else config_of(younium)
    output = run(config, f"--{kind}", str(tmp_path / "gone.json"), *arguments)
    assert output.exit_code == 2
    assert "gone.json" in output.stderr.splitlines()[-1]
    assert "No such file or directory" in output.stderr.splitlines()[-1]
    assert not output.stdout


def test_a_folder_instead_of_a_config_file_is_refused(tmp_path: Path) -> None:
    output = run(None, "--config", str(tmp_path))
    assert output.exit_code == 2
    assert "Is a directory" in output.complaint
