"""After a run, successful or not, no thread, file or connection is left."""

from __future__ import annotations

import gc
import logging
import os
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from singer import Row, Younium, config_of, run, run_process

from faults.tools import choose, no_waits
from simulator import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = ("accounts", "account_addresses", "countries", "invoices", "invoice_attachments")
BROKEN: dict[str, list[Fault]] = {
    "all is well": [],
    "the token endpoint": [Fault("status", "/auth/*", times=None)],
    "the types of custom fields": [Fault("status", "/CustomFieldConfigurations", times=None)],
    "the first page": [Fault("status", "/Accounts", page=1, times=None)],
    "a middle page": [Fault("cut", "/Accounts", page=2, times=None)],
    "a body that is not JSON": [Fault("html", "/Accounts", page=2, times=None)],
    "one of many parents": [Fault("reset", "/Invoices/*/Attachments", skip=4, times=None)],
    "a redirect": [Fault("redirect", "/Invoices", page=2, times=None)],
    "a connection that breaks": [Fault("reset_midway", "/Invoices", page=3, times=None)],
}
SETTINGS: dict[str, Row] = {
    "a wrong setting": {"page_size": "many"},
    "a wrong secret": {"client_secret": "wrong"},
    "a wrong legal entity": {"legal_entities": ["nobody"]},
    "nobody there": {"api_url": "http://127.0.0.1:9"},
}


@pytest.fixture(autouse=True)
def swift(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Pytest keeps log records, and those keep errors with all objects that they refer to.
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    with no_waits():
        yield


@pytest.fixture
def chosen() -> Row:
    return choose(TABLES)


@pytest.fixture
def younium() -> Iterator[Younium]:
    with Younium(rows=12) as simulator:
        yield simulator


@pytest.fixture
def there(younium: Younium) -> set[str]:
    """What other tests left, which this test ignores."""
    return open_now(younium)


def open_now(younium: Younium) -> set[str]:
    """The tap's threads, its connections to the simulator, and its temporary files."""
    port = f":{int(younium.url.rpartition(':')[2]):04X}"
    connections = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    names = [each.name for each in Path(tempfile.gettempdir()).glob("tap-younium-*")]
    return {
        *(f"thread {each.ident}" for each in threading.enumerate() if each.name == "younium"),
        *(
            f"connection {each[1]}"
            for each in connections
            if each[2].endswith(port) and each[3] == "01"
        ),
        *(f"open {_target(number)}" for number in os.listdir("/proc/self/fd")),  # noqa: PTH208
        *(f"file {name}" for name in names if not name.startswith("tap-younium-test-")),
    }


def left(younium: Younium, there: set[str]) -> set[str]:
    """What this process has more than before; a thread can take a moment to end."""
    for _ in range(30):
        gc.collect()
        more = {
            each
            for each in open_now(younium) - there
            if "tap-younium" in each or "open" not in each
        }
        if not more:
            break
        threading.Event().wait(0.005)
    return more


def _target(number: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115
    except OSError:
        return ""


@pytest.mark.product
@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("parallel", [1, 8])
def test_a_run_leaves_no_thread_file_or_connection(
    case: str, parallel: int, younium: Younium, chosen: Row, there: set[str]
) -> None:
    younium.faults[:] = [
        Fault(each.kind, each.path, page=each.page, times=None, skip=4 if "*" in each.path else 0)
        for each in BROKEN[case]
    ]
    if case == "the token endpoint":
        younium.faults[:] = BROKEN[case]
    output = run(config_of(younium, page_size=4, max_parallel_requests=parallel), catalog=chosen)
    good = case in {"all is well", "the types of custom fields"}
    assert output.exit_code == (0 if good else 1), output.complaints
    assert not left(younium, there)


@pytest.mark.parametrize("case", SETTINGS)
def test_a_run_that_can_not_start_leaves_nothing(
    case: str, younium: Younium, chosen: Row, there: set[str]
) -> None:
    output = run(config_of(younium) | SETTINGS[case], catalog=chosen)
    assert output.exit_code == (1 if case == "nobody there" else 2)
    assert not left(younium, there)


def test_discovery_leaves_nothing(younium: Younium, there: set[str]) -> None:
    run(config_of(younium), "--discover").well()
    assert not left(younium, there)


STRICT = ("-X", "dev", "-W", "error")


@pytest.mark.parametrize("case", ["all is well", "a redirect"])
def test_python_in_development_mode_reports_nothing(
    case: str, younium: Younium, chosen: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this mode every warning is an error, and every unclosed socket or file a warning."""
    import singer  # noqa: PLC0415

    monkeypatch.setattr(singer, "COMMAND", (singer.COMMAND[0], *STRICT, *singer.COMMAND[1:]))
    younium.faults[:] = [
        Fault(each.kind, each.path, page=each.page, times=None) for each in BROKEN[case]
    ]
    output = run_process(config_of(younium, page_size=4), catalog=chosen)
    assert output.exit_code == (0 if case == "all is well" else 1), output.stderr
    for word in ("ResourceWarning", "Exception ignored", "Traceback", "DeprecationWarning"):
        assert word not in output.stderr, output.stderr
