"""`python -m simulator demo`: from the simulator through Meltano into a DuckDB file, twice."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import duckdb

from simulator.companies.base import AS_OF
from simulator.queries import ARR, MRR, figures_on
from simulator.server import Simulator

_DAY: Final = AS_OF[:10]
_PROJECT: Final = Path(__file__).parent.parent
_ENTITIES: Final = ("Nordic AB", "Läkarö & Söner")
_CHANGED: Final = """\
SELECT ordernumber, modified, _last_modified FROM younium.subscriptions
WHERE ordernumber = ? AND _legal_entity = ?"""

#: What target-duckdb logs for each batch.
_LOADING: Final = re.compile(r"""Loading (\d+) rows into .*"(\w+)"'""")

_WHY: Final = """
Run 2 wrote the changed subscription; what had changed in the day before each table's bookmark,
to be safe (`lookback_hours`); and, whole, the tables in which Younium shows no change. Only the
charge's `modified` moved, not its subscription's: the tap's `_last_modified` tells.
"""


class _DemoError(Exception):
    """The demo can't go on; the text says why and what to do."""


def main(argv: list[str]) -> int:
    """Runs the demo; returns 0 if it succeeded."""
    parser = argparse.ArgumentParser(prog="python -m simulator demo", description=__doc__)
    parser.add_argument("--accounts", type=int, default=50, help="per legal entity (default 50)")
    parser.add_argument(
        "--output", type=Path, default=_PROJECT / "output", metavar="DIR", help="default: output"
    )
    parser.add_argument(
        "--chart", type=Path, metavar="FILE", help="draw the recurring revenue into this PNG"
    )
    parser.add_argument(
        "--charts", type=Path, metavar="DIR", help="draw all pictures into this DIR"
    )
    asked = parser.parse_args(argv)
    option = "--chart" if asked.chart else "--charts" if asked.charts else None
    if option and find_spec("matplotlib") is None:
        print(f"{option} needs matplotlib: start with uv run --group chart", file=sys.stderr)
        return 1
    asked.output.mkdir(parents=True, exist_ok=True)
    # Another number of accounts is other data, with its own file and state.
    database = asked.output.resolve() / f"demo-{asked.accounts}.duckdb"
    try:
        _demo(asked.accounts, database)
        if option:
            _draw(database, asked.chart, asked.charts)
    except _DemoError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _demo(accounts: int, database: Path) -> None:
    with Simulator(accounts=accounts, entities=_ENTITIES) as younium:
        print(f"A made-up Younium: 2 legal entities with {accounts} accounts each.")
        print("Meltano runs the tap into DuckDB. The first time it installs both: please wait.\n")
        if database.exists():
            print("Run 1 continues where the previous demo ended.", flush=True)
            first = _run(younium, database)
        else:
            print("Run 1 reads everything.", flush=True)
            # A new file needs every row, whatever the state of an earlier demo.
            first = _run(younium, database, "--full-refresh")
        subscription, charge = _change(younium)
        print(f"Run 2: charge {charge} of subscription {subscription} has changed.", flush=True)
        second = _run(younium, database)

    with duckdb.connect(str(database)) as connection:
        # dbt could have built tables with the names of the views.
        connection.execute(f"DROP SCHEMA IF EXISTS analytics CASCADE; {figures_on(_DAY)}")
        _show(connection, first, second)
        print(_WHY)
        print(connection.sql(_CHANGED, params=[subscription, _ENTITIES[0]]))
        print(
            "\nexamples/figures.sql made views of the models in examples/dbt for these queries,"
            f"\nas of {_DAY}, when the companies' books end."
        )
        print(f"\nThe largest ARR per customer, over both legal entities:\n\n{ARR}")
        print(connection.sql(ARR).limit(8))
        print(f"\nThe largest MRR by product, from the charges nested in subscriptions:\n\n{MRR}")
        print(connection.sql(MRR).limit(8))
    print(f"\nThe tables are in {database}. Run the demo again to continue from this state.")


def _draw(database: Path, chart: Path | None, charts: Path | None) -> None:
    # Only pictures need this import.
    from simulator.chart import PICTURES, draw  # noqa: PLC0415

    wanted = [("mrr", chart)] if chart else []
    if charts:
        charts.mkdir(parents=True, exist_ok=True)
        wanted += [(name, charts / f"{name}.png") for name in PICTURES]
    with duckdb.connect(str(database)) as connection:
        for name, file in wanted:
            draw(connection, name, file)
            print(f"Drawn: {file}")


def _show(connection: duckdb.DuckDBPyConnection, *runs: Counter[str]) -> None:
    print(f"\n{'table':<32}{'rows':>8}{'run 1 wrote':>14}{'run 2 wrote':>14}")
    tables = connection.sql(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'younium' ORDER BY 1"
    )
    for (table,) in tables.fetchall():
        ((rows,),) = connection.sql(f'SELECT count(*) FROM younium."{table}"').fetchall()  # noqa: S608
        print(f"{table:<32}{rows:>8}" + "".join(f"{run[table]:>14}" for run in runs))
    print(f"{'':<40}" + "".join(f"{run.total():>14}" for run in runs))


def _run(younium: Simulator, database: Path, *options: str) -> Counter[str]:
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise _DemoError("The demo runs Meltano through uv, which is not there: pip install uv")
    younium.clear()
    meltano = [uv, "tool", "run", "--python", sys.executable, "--from", "meltano>=4,<5", "meltano"]
    run = ["run", "--refresh-catalog", "--state-id-suffix", database.stem, *options]
    log = database.with_suffix(".log")
    with log.open("wb") as file:
        code = subprocess.run(  # noqa: S603 - all of it is the demo's own
            [*meltano, *run, "tap-younium", "target-duckdb"],
            cwd=_PROJECT,
            env=_environment(younium, database),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        end = "\n".join(log.read_text("utf-8", "replace").splitlines()[-20:])
        raise _DemoError(f"{end}\n\nMeltano failed (exit {code}). All it said is in {log}")
    print(f"       {len(younium.requests)} requests to Younium.")
    written: Counter[str] = Counter()
    for rows, table in _LOADING.findall(log.read_text("utf-8", "replace")):
        written[table] += int(rows)
    return written


def _environment(younium: Simulator, database: Path) -> dict[str, str]:
    # A real tap's settings in the environment must not reach the demo.
    inherited = {key: value for key, value in os.environ.items() if "TAP_YOUNIUM" not in key}
    return inherited | {
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
        "MELTANO_ENVIRONMENT": "demo",
        "TAP_YOUNIUM_API_URL": younium.url,
        "TAP_YOUNIUM_CLIENT_ID": younium.client_id,
        "TAP_YOUNIUM_CLIENT_SECRET": younium.client_secret,
        "TAP_YOUNIUM_LEGAL_ENTITIES": json.dumps(_ENTITIES),
        "TARGET_DUCKDB_FILEPATH": str(database),
    }


def _change(younium: Simulator) -> tuple[str, str]:
    """Changes a charge; returns its subscription's number and its own."""
    for subscription in reversed(younium.rows("Subscriptions", _ENTITIES[0])):
        for product in subscription.get("products", []):
            for charge in product.get("charges", []):
                charge["remarks"] = "Changed by the demo"
                charge["modified"] = datetime.now(UTC).replace(tzinfo=None).isoformat()
                return subscription["orderNumber"], charge["chargeNumber"]
    raise _DemoError("No subscription has a charge to change: take more --accounts")
