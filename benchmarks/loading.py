"""`python -m benchmarks.loading`: subscriptions with their nested streams into real databases.

The tap writes into the targets, which run in environments of their own as `meltano.yml` sets them.
dlt's `rest_api` source reads the same pages into tables of the same rows. All take turns.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import duckdb
import psycopg2
import yaml

from benchmarks.measuring import MEGABYTE, PEAK_UNIT, serving
from benchmarks.results import Load, ratio
from upkeep import postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.measuring import Bench
    from upkeep.postgres import Server

_ROOT: Final = Path(__file__).parents[1]
_TABLES: Final = {
    "subscriptions": "subscriptions",
    "subscription_products": "subscriptions__products",
    "subscription_charges": "subscriptions__products__charges",
    "subscription_charge_price_details": "subscriptions__products__charges__price_details",
    "subscription_milestones": "subscriptions__milestones",
    "subscription_discounts": "subscriptions__order_discounts",
}
"""The tables of the tap's streams, and dlt's of the same rows."""


class Databases:
    """The databases, each emptied before a run.

    Args:
        folder: For the file and for what dlt keeps.
        server: The PostgreSQL server.
    """

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder = folder
        self.file = folder / "benchmark.duckdb"
        self.server = server

    def clear(self) -> None:
        """Drop everything."""
        self.file.unlink(missing_ok=True)
        self._execute("DROP SCHEMA IF EXISTS younium, dlt CASCADE")

    def counts(self, database: str) -> dict[str, int]:
        """Return the number of rows of each stream; either way may have loaded them."""
        schema = "SELECT table_schema FROM information_schema.tables WHERE table_name = '{}'"
        found: dict[str, int] = {}
        for stream, of_dlt in _TABLES.items():
            by_dlt = self._query(database, schema.format(of_dlt)) == [("dlt",)]
            table = f"dlt.{of_dlt}" if by_dlt else f"younium.{stream}"
            ((found[stream],),) = self._query(database, f"SELECT count(*) FROM {table}")  # noqa: S608
        return found

    def _query(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        if database == "postgres":
            return self._execute(sql)
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def _execute(self, sql: str) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.server.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def ways(bench: Bench, databases: Databases) -> list[Load]:
    """Return the ways into each database: dlt's, the tap's, and the tap's without the arrays."""
    targets = {name: target(bench, name, databases) for name in ("duckdb", "postgres")}
    places = {"duckdb": str(databases.file), "postgres": databases.server.url}

    def tap(name: str, selection: str) -> Callable[[str], list[list[str]]]:
        return lambda address: [
            [sys.executable, *bench.tap(address, selection=selection)],
            targets[name],
        ]

    def dlt(name: str) -> Callable[[str], list[list[str]]]:
        return lambda address: [[sys.executable, *bench.dlt(address), name, places[name]]]

    return [
        way
        for name, title in (("duckdb", "DuckDB"), ("postgres", "PostgreSQL"))
        for way in (
            Load(f"dlt rest_api into {title}", name, dlt(name)),
            Load(f"this tap into {title}", name, tap(name, "nested")),
            Load(f"this tap into {title}, without the arrays", name, tap(name, "apart")),
        )
    ]


def target(bench: Bench, name: str, databases: Databases) -> list[str]:
    """Install a target as `meltano.yml` does, and return its command line."""
    project = yaml.safe_load((_ROOT / "meltano.yml").read_text(encoding="utf-8"))
    loaders = {loader["name"]: loader for loader in project["plugins"]["loaders"]}
    loader = loaders[f"target-{name}"]
    environment = bench.folder / name
    environment, uv = bench.folder / name, os.environ.get("UV", "uv")
    python = environment / "bin/python"
    install = ["pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
    for command in (
        ["venv", "--quiet", "--python", sys.executable, str(environment)],
        [*install, *loader["pip_url"].split()],
    ):
        subprocess.run([uv, *command], cwd=_ROOT, check=True)  # noqa: S603 - installs the target
    where = {
        "duckdb": {"filepath": str(databases.file)},
        "postgres": {"sqlalchemy_url": databases.server.url.replace("://", "+psycopg://", 1)},
    }
    config = bench.file(f"{name}.json", loader["config"] | where[name])
    return [str(environment / "bin" / loader["executable"]), "--config", config]


def run(way: Load, bench: Bench, address: str) -> None:
    """Run the programs of a way, each reading what the one before it writes.

    Raises:
        RuntimeError: If one fails.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    kept["PGTZ"] = "UTC"  # as in `meltano.yml`
    log = bench.folder / "log"
    start = time.perf_counter()
    with ExitStack() as stack, log.open("wb") as errors:
        processes: list[subprocess.Popen[bytes]] = []
        commands = way.commands(address)
        for number, command in enumerate(commands, 1):
            process = subprocess.Popen(  # noqa: S603 - the benchmark's own programs
                command,
                stdin=processes[-1].stdout if processes else subprocess.DEVNULL,
                stdout=subprocess.PIPE if number < len(commands) else subprocess.DEVNULL,
                stderr=errors,
                cwd=_ROOT,
                env=kept | ({"PYTHONPATH": str(bench.folder)} if "tap_younium" in command else {}),
            )
            if processes and (pipe := processes[-1].stdout):
                pipe.close()  # so that it breaks if the reader ends
            processes.append(stack.enter_context(process))
        used = [_wait(process) for process in processes]
    way.walls.append(time.perf_counter() - start)
    if any(process.returncode for process in processes):
        raise RuntimeError(f"{way.title} failed: {log.read_text(encoding='utf-8')[-2000:]}")
    way.cpus.append([cpu for cpu, _ in used])
    way.peak = max(way.peak, used[-1][1])


def _wait(process: subprocess.Popen[bytes]) -> tuple[float, int]:
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss * PEAK_UNIT


def measure(bench: Bench, databases: Databases, rows: int, rounds: int) -> list[Load]:
    """Measure all ways in turn, in rounds.

    Raises:
        ValueError: If they load different numbers of rows.
    """
    measured = ways(bench, databases)
    for number in range(rounds):
        loaded: dict[str, dict[str, int]] = {}
        for way in measured:
            sys.stderr.write(f"round {number + 1} of {rounds}: {way.title}\n")
            databases.clear()
            run(way, bench, bench.address(rows))
            loaded[way.title] = databases.counts(way.database)
        if any(counts != loaded[measured[0].title] for counts in loaded.values()):
            raise ValueError(f"The ways load different numbers of rows: {loaded}")
    sys.stderr.write(f"rows: {loaded[measured[0].title]}\n")
    return measured


def table(measured: Sequence[Load]) -> str:
    """Return the results as a table in Markdown."""
    lines = [
        "| way | wall, s | of dlt's | CPU, s | of dlt's | tap's share of CPU | peak of the last |",
        "| --- | --: | --: | --: | --: | --: | --: |",
    ]
    for way in measured:
        dlt = next(it for it in measured if it.database == way.database)
        is_tap = way is not dlt
        share = f"{median(each[0] / sum(each) for each in way.cpus):.0%}" if is_tap else ""
        lines.append(
            f"| {way.title} | {median(way.walls):.1f} | {ratio(way.walls, dlt.walls):.2f} | "
            f"{median(way.total_cpus):.1f} | {ratio(way.total_cpus, dlt.total_cpus):.2f} | "
            f"{share} | {way.peak / MEGABYTE:.0f} MB |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    """Measure, print the table and draw the plot."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loading", description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000, help="subscriptions (default 5,000)")
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument("--quick", action="store_true", help="only check that all works")
    options = parser.parse_args(arguments)
    rows, rounds = (100, 1) if options.quick else (options.rows, options.rounds)
    with serving() as bench, postgres.serving({}) as server:
        measured = measure(bench, Databases(bench.folder, server), rows, rounds)
    sys.stdout.write(table(measured))
    from benchmarks.plotting import draw_loads  # noqa: PLC0415 - not loaded while measuring

    with TemporaryDirectory() as folder:
        draw_loads(measured, Path(folder) if options.quick else Path(__file__).parent)


if __name__ == "__main__":
    main(sys.argv[1:])
