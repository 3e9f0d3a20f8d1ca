"""A run stopped by a signal: whole lines, a last state, and the exit code of the signal."""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
import termios
from array import array
from threading import Event
from typing import IO, TYPE_CHECKING

import pytest
from singer import config_of, started

from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

LOUD = {"TAP_YOUNIUM_LOGLEVEL": "DEBUG"}


@pytest.fixture(scope="module")
def younium() -> Iterator[Simulator]:
    with Simulator(rows=300) as simulator:
        yield simulator


def until_stalled(pipe: IO[bytes]) -> None:
    """Wait until a small pipe that nobody reads is full and stays so."""
    room = fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 4096)
    waiting, still = array("i", [0]), 0
    while waiting[0] < room / 2 or still < 25:
        before = waiting[0]
        Event().wait(0.02)
        fcntl.ioctl(pipe, termios.FIONREAD, waiting)
        still = still + 1 if waiting[0] == before else 0


@pytest.mark.product
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("taken", [1, 70_000, 300_001])
def test_a_stopped_run_leaves_whole_lines_and_a_state(
    taken: int, number: signal.Signals, unbuffered: str, younium: Simulator
) -> None:
    """The reader is slow: it has read this many bytes, and the pipe is full."""
    tables = ["accounts", "invoices", "subscriptions"]
    env = {"PYTHONUNBUFFERED": unbuffered}
    with started(config_of(younium), select=tables, env=env) as process:
        assert process.stdout
        out = process.stdout.read(taken)
        process.send_signal(number)
        out += process.stdout.read()
        err = process.stderr.read().decode() if process.stderr else ""
        code = process.wait(timeout=30)
    assert out.endswith(b"\n"), err
    messages = [json.loads(line) for line in out.splitlines()]
    assert messages[-1]["type"] == "STATE"
    assert code == 128 + number
    assert number.name in err
    assert "Traceback" not in err
    done = {each["stream"] for each in messages if each["type"] == "RECORD"}
    assert "subscriptions" not in done or len(messages) < 900  # it was stopped in the middle


def test_a_run_stopped_while_it_waits_for_younium_stops_at_once(younium: Simulator) -> None:
    from simulator import Fault  # noqa: PLC0415

    younium.faults.append(Fault("silent", path="/Invoices", times=None))
    with started(config_of(younium), select=["accounts", "invoices"]) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line))
            if lines[-1].get("stream") == "invoices":
                break
        process.send_signal(signal.SIGTERM)
        lines += map(json.loads, process.stdout)
        assert process.wait(timeout=10) == 128 + signal.SIGTERM
    younium.faults.clear()
    assert lines[-1]["type"] == "STATE"
    assert "replication_key_value" in lines[-1]["value"]["bookmarks"]["accounts"]


def test_a_log_that_nobody_reads_does_not_block_the_end(younium: Simulator) -> None:
    with started(config_of(younium), select=["accounts", "invoices"], env=LOUD) as process:
        assert process.stdout
        assert process.stderr
        until_stalled(process.stderr)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 128 + signal.SIGTERM


def test_a_closed_pipe_ends_the_run_in_one_line(younium: Simulator) -> None:
    """The error of the reader is more important."""
    with started(config_of(younium), select=["accounts", "subscriptions"]) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(10)
        process.stdout.close()
        err = process.stderr.read().decode()
        assert process.wait(timeout=30) == 1
    assert "closed the pipe" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_a_run_whose_reader_stalls(
    first: signal.Signals, younium: Simulator
) -> None:
    """The first one waits for the end of a write, which the reader blocks."""
    with started(config_of(younium), select=["accounts", "subscriptions"]) as process:
        assert process.stdout
        until_stalled(process.stdout)
        process.send_signal(first)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 128 + signal.SIGTERM
