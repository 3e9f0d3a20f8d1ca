"""`python -m benchmarks.soak`: two million small rows in one run, which takes minutes.

The rows come from a stream, and from another with its nested stream. With `--growing`, all come
from one stream into which records are inserted meanwhile. Prints the memory over time, and the
threads, open files and temporary files that are left at the end.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.measuring import MEGABYTE, serving

_PERIOD: Final = 2.0
_SHOWN: Final = 12


def main(arguments: list[str]) -> None:
    """Run the tap, watch it and print the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="default 2,000,000")
    parser.add_argument("--parallel", type=int, default=4, help="concurrent requests (default 4)")
    parser.add_argument("--growing", action="store_true", help="one stream, with inserts")
    options = parser.parse_args(arguments)
    with serving() as bench, tempfile.TemporaryDirectory(prefix="soak-") as folder:
        if options.growing:
            address, selection = bench.address(options.rows, edit="growing"), "usage"
        else:
            address, selection = bench.address(options.rows // 3 + 1), "small"
        _, _, *line = bench.tap(address, options.parallel, selection)
        log = Path(bench.folder, "log")
        with (
            log.open("wb") as out,
            subprocess.Popen(  # noqa: S603 - `inside`, below
                [sys.executable, "-m", "benchmarks.soak", "inside", *line],
                stdout=subprocess.PIPE,
                stderr=out,
                env=os.environ | {"TMPDIR": folder, "PYTHONPATH": str(bench.folder)},
            ) as process,
        ):
            counter = _Counter(process.stdout)
            samples = _watch(process.pid, counter)
            code = process.wait()
            counter.join()
        left = list(Path(folder).iterdir())
        requests = bench.statistics(address)["requests"]
        messages = log.read_text(encoding="utf-8").splitlines()
    _report(samples, counter.rows)
    sys.stdout.write(f"rows {counter.rows:,}, requests {requests:,}, exit code {code}\n")
    sys.stdout.write(f"{messages[-1]}; files in the temporary folder: {len(left)}\n")


class _Counter(threading.Thread):
    """Reads the tap's output and counts the rows."""

    def __init__(self, lines: Any) -> None:
        super().__init__()
        self._lines = lines
        self.rows = 0
        self.start()

    def run(self) -> None:
        for line in self._lines:
            self.rows += line.startswith(b'{"type":"RECORD"')


def _watch(pid: int, counter: _Counter) -> list[tuple[float, int, int, int, int]]:
    """Return samples until the tap ends: seconds, rows, bytes, open files and threads."""
    start, samples = time.monotonic(), []
    tap = psutil.Process(pid)
    try:
        while tap.status() != psutil.STATUS_ZOMBIE:
            seconds, memory = time.monotonic() - start, tap.memory_info().rss
            samples.append((seconds, counter.rows, memory, tap.num_fds(), tap.num_threads()))
            time.sleep(_PERIOD)
    except psutil.NoSuchProcess:
        pass
    return samples


def _report(samples: list[tuple[float, int, int, int, int]], rows: int) -> None:
    sys.stdout.write("| seconds | rows | memory, MB | open files | threads |\n")
    sys.stdout.write("| --: | --: | --: | --: | --: |\n")
    shown = {round(part * (len(samples) - 1) / _SHOWN) for part in range(_SHOWN + 1)}
    for seconds, so_far, memory, files, threads in (samples[index] for index in sorted(shown)):
        sys.stdout.write(
            f"| {seconds:.0f} | {so_far:,} | {memory / MEGABYTE:.0f} | {files} | {threads} |\n"
        )
    settled = [memory for _, so_far, memory, *_ in samples if so_far > rows / 20]
    low, high = min(settled) / MEGABYTE, max(settled) / MEGABYTE
    sys.stdout.write(f"memory after the first 5 % of rows: {low:.0f} to {high:.0f} MB\n")


def inside(arguments: list[str]) -> None:
    """Run the tap in this process, and print to stderr what it leaves open."""
    from tap_younium.tap import TapYounium  # noqa: PLC0415 - the parent does not need it

    before = _open_files()
    try:
        TapYounium.cli(arguments)
    finally:
        end = time.monotonic() + 5
        while threading.active_count() > 1 and time.monotonic() < end:
            time.sleep(0.01)
        sys.stderr.write(
            f"\nleft at the end: threads {threading.active_count() - 1}, "
            f"open files {len(_open_files() - before)}\n"
        )


def _open_files() -> set[str]:
    process = psutil.Process()
    files = {f"{each.fd} {each.path}" for each in process.open_files()}
    return files | {f"{each.fd} {each.laddr} {each.raddr}" for each in process.net_connections()}


if __name__ == "__main__":
    if sys.argv[1:2] == ["inside"]:
        inside(sys.argv[2:])
    else:
        main(sys.argv[1:])
