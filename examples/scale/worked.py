"""Compare one run with a run per part, against the simulator: `-m examples.scale.worked`."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest import mock

from examples.scale.parts import Part, discover, group_of, load, parts
from simulator import Simulator

_ENTITIES: Final = ["Nordic AB", "Läkarö & Söner"]
#: Payments have no timestamps: their `_last_modified` is the time of the read.
_BY_THE_CLOCK: Final = {"payments", "payment_settlements", "payment_write_offs"}


def main(argv: list[str]) -> int:
    """Print what both ways read. Return 1 if they differ."""
    parser = argparse.ArgumentParser(prog="python -m examples.scale.worked", description=__doc__)
    parser.add_argument("--accounts", type=int, default=50, help="per legal entity (default 50)")
    parser.add_argument("--processes", type=int, default=2, help="at once (default 2)")
    asked = parser.parse_args(argv)
    with (
        Simulator(accounts=asked.accounts, entities=_ENTITIES) as younium,
        TemporaryDirectory(prefix="tap-younium-scale-") as name,
        mock.patch.dict(os.environ, _settings(younium)),
    ):
        folder = Path(name)
        discover(folder)
        for title, read in (("one run", _in_one), ("a run per part", _in_parts)):
            younium.clear()
            begun = time.perf_counter()
            read(folder, asked.processes)
            seconds = time.perf_counter() - begun
            print(f"{title}: {seconds:.1f} s, {len(younium.requests)} requests")
        one, split = _rows([folder / "one"]), _rows(sorted(folder.glob("part.*")))
        different = [stream for stream in one | split if one.get(stream) != split.get(stream)]
        total = sum(rows.total() for rows in one.values())
        print(f"{len(one)} streams, {total:,} rows; streams that differ: {len(different)}")
        stray = _stray_bookmarks(folder)
        print(f"{len(parts(_ENTITIES))} states; bookmarks outside their part: {len(stray)}")
    return 1 if different or stray or not total else 0


def _settings(younium: Simulator) -> dict[str, str]:
    return {
        "TAP_YOUNIUM_API_URL": younium.url,
        "TAP_YOUNIUM_CLIENT_ID": younium.client_id,
        "TAP_YOUNIUM_CLIENT_SECRET": younium.client_secret,
        "TAP_YOUNIUM_LEGAL_ENTITIES": json.dumps(_ENTITIES),
        "TAP_YOUNIUM_LOGLEVEL": "WARNING",
    }


def _target(folder: Path) -> str:
    return shlex.join([sys.executable, "-m", "examples.scale.keep", str(folder)])


def _in_one(folder: Path, _: int) -> None:
    line = f"tap-younium --config=ENV | {_target(folder / 'one')}"
    command = ["bash", "-o", "pipefail", "-c", line]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def _in_parts(folder: Path, processes: int) -> None:
    def read(part: Part) -> None:
        load(part, folder, _target(folder / f"part.{part.name}"))

    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(read, parts(_ENTITIES)))


def _rows(folders: list[Path]) -> dict[str, Counter[str]]:
    """Count each row of each stream."""
    found: dict[str, Counter[str]] = {}
    for file in (file for folder in folders for file in folder.iterdir()):
        stream = found.setdefault(file.stem, Counter())
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                row: dict[str, Any] = json.loads(line, parse_float=str)["record"]
                del row["_read_at"]  # differs between runs
                if file.stem in _BY_THE_CLOCK:
                    del row["_last_modified"]
                stream[json.dumps(row, sort_keys=True)] += 1
    return found


def _stray_bookmarks(folder: Path) -> list[str]:
    """Return the bookmarks in a part's state that belong to another part."""
    stray = []
    for part in parts(_ENTITIES):
        state = json.loads((folder / f"{part.name}.state.json").read_text(encoding="utf-8"))
        for stream, bookmark in state["bookmarks"].items():
            entities = {each["context"]["_legal_entity"] for each in bookmark["partitions"]}
            if entities != {part.entity} or group_of(stream) != part.group:
                stray.append(f"{stream} in {part.name}")
    return stray


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
