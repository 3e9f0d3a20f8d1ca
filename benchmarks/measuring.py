"""One run of one way as a process of its own: what it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MEGABYTE: Final = 1_000_000
_ROOT = Path(__file__).parent.parent
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
_ABSENT = "raise ImportError('no way needs it')\n"
"""In place of numpy: the plot brings it, and joblib, which the SDK brings, would load it."""


@dataclass(frozen=True)
class Took:
    """What a run took.

    Attributes:
        wall: Seconds, start-up included.
        cpu: Seconds of all its threads, the system's part included.
        peak: Bytes of memory at the most.
    """

    wall: float
    cpu: float
    peak: int


def run(command: Sequence[str], folder: Path, output: IO[bytes] | None = None) -> Took:
    """Run a Python program to its end, as in an environment that has only what it needs.

    Args:
        command: What comes behind the interpreter's name.
        folder: Where modules are that come before others.
        output: Where its lines go; nowhere by default.

    Raises:
        RuntimeError: If it fails.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    begun = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - the benchmark's own programs
        [sys.executable, *command],
        stdout=output or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=_ROOT,
        env=env | {"PYTHONPATH": str(folder)},
    ) as process:
        said = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} failed: {said.decode()[-2000:]}")
    return Took(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * _PEAK_UNIT)


class Bench:
    """A server that runs, and the ways to read it.

    Attributes:
        folder: For what the ways need; gone at the end.
    """

    def __init__(self, port: int, folder: Path) -> None:
        self.folder = folder
        self._base = f"http://127.0.0.1:{port}"
        self._runs = 0
        (folder / "numpy.py").write_text(_ABSENT, encoding="utf-8")

    def run(self, command: Sequence[str], output: IO[bytes] | None = None) -> Took:
        """Run a Python program to its end; `output` is where its lines go, nowhere by default."""
        return run(command, self.folder, output)

    def host(self, rows: int, latency: int = 0) -> str:
        """Return an address of a run's own, with so many rows and milliseconds an answer."""
        self._runs += 1
        return f"{self._base}/{rows}/{latency}/{self._runs}"

    def seen(self, host: str) -> dict[str, Any]:
        """Return what the server saw of a run."""
        with urlopen(f"{self._base}/seen/{host.rpartition('/')[2]}") as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
        return found

    def file(self, name: str, content: Any) -> str:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)

    def prepare(self) -> None:
        """Have the tap write its catalog, and choose from it."""
        path = self.folder / "discovered.json"
        config = self.file("discovering.json", self.config(self.host(0)))
        with path.open("wb") as file:
            self.run(["-m", "tap_younium", "--config", config, "--discover"], file)
        found = json.loads(path.read_bytes())
        for stream in found["streams"]:
            if stream["tap_stream_id"] == "subscriptions":
                columns = stream["schema"]["properties"]
                own = {name: kind for name, kind in columns.items() if not name.startswith("_")}
                self.file("schema.json", {"type": "object", "properties": own})
        self.choose("subscriptions", found, {"subscriptions"})
        self.choose("all", found, {stream["tap_stream_id"] for stream in found["streams"]})
        self.choose("small", found, {"usage", "tax_templates", "tax_template_details"})

    def choose(self, name: str, found: dict[str, Any], tables: set[str]) -> None:
        """Write a catalog in which these tables are selected and no others."""
        for stream in found["streams"]:
            for entry in stream["metadata"]:
                if not entry["breadcrumb"]:
                    entry["metadata"]["selected"] = stream["tap_stream_id"] in tables
        self.file(f"catalog-{name}.json", found)

    def config(self, host: str, parallel: int | None = None) -> dict[str, Any]:
        """Return the tap's settings."""
        config: dict[str, Any] = {"client_id": "id", "client_secret": "secret", "api_url": host}
        return config if parallel is None else config | {"max_parallel_requests": parallel}

    def tap(self, host: str, parallel: int | None = None, tables: str = "subscriptions") -> Any:
        """Return the command line of this tap; with its own default of requests in flight."""
        config = self.file("config.json", self.config(host, parallel))
        catalog = str(self.folder / f"catalog-{tables}.json")
        return ["-m", "tap_younium", "--config", config, "--catalog", catalog]

    def tap_one_by_one(self, host: str) -> Any:
        """Return the command line of this tap with one request at a time."""
        return self.tap(host, 1)

    def sdk(self, host: str) -> Any:
        """Return the command line of the SDK's default way."""
        schema = str(self.folder / "schema.json")
        config = self.file("sdk.json", {"api_url": host, "schema": schema})
        return ["-m", "benchmarks.ways.sdk", "--config", config]

    def dlt(self, host: str) -> Any:
        """Return the command line of dlt's source."""
        return [
            "-m",
            "benchmarks.ways.dlt_source",
            host,
            str(self.folder / host.rpartition("/")[2]),
        ]

    def floor(self, host: str) -> Any:
        """Return the command line of the floor."""
        return ["-m", "benchmarks.ways.floor", host]

    def low_floor(self, host: str) -> Any:
        """Return the command line of the floor that reads in large pieces."""
        return [*self.floor(host), "--pieces"]


@contextmanager
def bench() -> Iterator[Bench]:
    """Start the server."""
    with (
        TemporaryDirectory(prefix="benchmark-") as folder,
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.server"], stdout=subprocess.PIPE, cwd=_ROOT
        ) as server,
    ):
        try:
            assert server.stdout  # noqa: S101 - it was asked for
            found = Bench(int(server.stdout.readline()), Path(folder))
            found.prepare()
            yield found
        finally:
            server.kill()
