"""Runs each way in its own process and measures it."""

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
    from collections.abc import Set as AbstractSet

MEGABYTE: Final = 1_000_000
NESTED: Final = frozenset(
    {
        "subscriptions",
        "subscription_products",
        "subscription_charges",
        "subscription_charge_price_details",
        "subscription_milestones",
        "subscription_discounts",
    }
)
"""Subscriptions and the streams of the arrays in them."""
ARRAYS: Final = frozenset(
    {
        "subscriptions.products",
        "subscription_products.charges",
        "subscription_charges.priceDetails",
        "subscriptions.milestones",
        "subscriptions.orderDiscounts",
    }
)
"""These arrays, as `docs/recipes/arrays.md` deselects them."""
_ROOT = Path(__file__).parent.parent
PEAK_UNIT: Final = 1 if sys.platform == "darwin" else 1024
"""Bytes per unit in which the system counts peak memory."""
_NO_NUMPY = "raise ImportError('not needed')\n"
"""Hides numpy, which the plot needs: joblib, a dependency of the SDK, would import it."""


@dataclass(frozen=True)
class Measurement:
    """The resources that a run used.

    Attributes:
        wall: Seconds, including start-up.
        cpu: CPU seconds of all threads, user and system.
        peak: Peak memory in bytes.
    """

    wall: float
    cpu: float
    peak: int


def run(command: Sequence[str], folder: Path, output: IO[bytes] | None = None) -> Measurement:
    """Run a Python program and measure it.

    Args:
        command: The arguments of the interpreter.
        folder: Modules in it take precedence over installed ones.
        output: Receives its standard output, which is discarded by default.

    Raises:
        RuntimeError: If it fails.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - the benchmark's own programs
        [sys.executable, *command],
        stdout=output or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=_ROOT,
        env=env | {"PYTHONPATH": str(folder)},
    ) as process:
        errors = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} failed: {errors.decode()[-2000:]}")
    return Measurement(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * PEAK_UNIT)


class Bench:
    """A running server, and the ways to read from it.

    Attributes:
        folder: A temporary folder for the files of the ways.
    """

    def __init__(self, port: int, folder: Path) -> None:
        self.folder = folder
        self._base = f"http://127.0.0.1:{port}"
        self._runs = 0
        (folder / "numpy.py").write_text(_NO_NUMPY, encoding="utf-8")

    def run(self, command: Sequence[str], output: IO[bytes] | None = None) -> Measurement:
        """Run a Python program and measure it; `output` receives its standard output."""
        return run(command, self.folder, output)

    def address(self, rows: int, latency: int = 0, edit: str = "plain") -> str:
        """Return an API address for one run.

        Args:
            rows: The number of rows.
            latency: Of each response, in milliseconds.
            edit: What differs in the subscriptions, from `benchmarks.data`.
        """
        self._runs += 1
        return f"{self._base}/{rows}-{edit}/{latency}/{self._runs}"

    def statistics(self, address: str) -> dict[str, Any]:
        """Return the server's statistics of a run."""
        with urlopen(f"{self._base}/statistics/{address.rpartition('/')[2]}") as response:  # noqa: S310
            statistics: dict[str, Any] = json.load(response)
        return statistics

    def file(self, name: str, content: Any) -> str:
        """Write a JSON file and return its path."""
        path = self.folder / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)

    def prepare(self) -> None:
        """Write the catalogs and the schema for the ways."""
        catalog = self.discover()
        for stream in catalog["streams"]:
            if stream["tap_stream_id"] == "subscriptions":
                columns = stream["schema"]["properties"]
                own = {name: kind for name, kind in columns.items() if not name.startswith("_")}
                self.file("schema.json", {"type": "object", "properties": own})
        self.select("subscriptions", catalog, {"subscriptions"})
        self.select("all", catalog, {stream["tap_stream_id"] for stream in catalog["streams"]})
        self.select("small", catalog, {"usage", "tax_templates", "tax_template_details"})
        self.select("usage", catalog, {"usage"})
        self.select("nested", catalog, NESTED)
        self.select("apart", catalog, NESTED, without=ARRAYS)

    def discover(self, edit: str = "plain") -> dict[str, Any]:
        """Return the tap's catalog, with the custom fields of an edit."""
        path = self.folder / "discovered.json"
        config = self.file("discovering.json", self.config(self.address(0, edit=edit)))
        with path.open("wb") as file:
            self.run(["-m", "tap_younium", "--config", config, "--discover"], file)
        catalog: dict[str, Any] = json.loads(path.read_bytes())
        return catalog

    def select(
        self,
        name: str,
        catalog: dict[str, Any],
        streams: AbstractSet[str],
        without: AbstractSet[str] = frozenset(),
    ) -> None:
        """Write a catalog in which only these streams are selected, `without` some columns."""
        for stream in catalog["streams"]:
            for entry in stream["metadata"]:
                if not entry["breadcrumb"]:
                    entry["metadata"]["selected"] = stream["tap_stream_id"] in streams
                elif ".".join([stream["tap_stream_id"], *entry["breadcrumb"][1:]]) in without:
                    entry["metadata"]["selected"] = False
        self.file(f"catalog-{name}.json", catalog)

    def config(self, address: str, parallel: int | None = None) -> dict[str, Any]:
        """Return the tap's settings."""
        config: dict[str, Any] = {"client_id": "id", "client_secret": "secret", "api_url": address}
        return config if parallel is None else config | {"max_parallel_requests": parallel}

    def tap(
        self,
        address: str,
        parallel: int | None = None,
        selection: str = "subscriptions",
        **settings: Any,
    ) -> Any:
        """Return the command line of this tap; `selection` is the name of a catalog."""
        config = self.file("config.json", self.config(address, parallel) | settings)
        catalog = str(self.folder / f"catalog-{selection}.json")
        return ["-m", "tap_younium", "--config", config, "--catalog", catalog]

    def tap_sequential(self, address: str) -> Any:
        """Return the command line of this tap with one request at a time."""
        return self.tap(address, 1)

    def sdk(self, address: str) -> Any:
        """Return the command line of a plain SDK stream."""
        schema = str(self.folder / "schema.json")
        config = self.file("sdk.json", {"api_url": address, "schema": schema})
        return ["-m", "benchmarks.ways.sdk", "--config", config]

    def dlt(self, address: str) -> Any:
        """Return the command line of dlt's `rest_api` source."""
        return [
            "-m",
            "benchmarks.ways.dlt_source",
            address,
            str(self.folder / address.rpartition("/")[2]),
        ]

    def floor(self, address: str) -> Any:
        """Return the command line of the floor."""
        return ["-m", "benchmarks.ways.floor", address]

    def floor_in_pieces(self, address: str) -> Any:
        """Return the command line of the floor that reads responses in large pieces."""
        return [*self.floor(address), "--pieces"]


@contextmanager
def serving() -> Iterator[Bench]:
    """Run the server, and stop it at the end."""
    with (
        TemporaryDirectory(prefix="benchmark-") as folder,
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.server"], stdout=subprocess.PIPE, cwd=_ROOT
        ) as server,
    ):
        try:
            assert server.stdout  # noqa: S101 - it is a pipe
            bench = Bench(int(server.stdout.readline()), Path(folder))
            bench.prepare()
            yield bench
        finally:
            server.kill()
