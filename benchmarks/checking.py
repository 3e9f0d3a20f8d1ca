"""Checks that all ways return the same rows."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.measuring import Bench

_ROWS = 1000
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)\d*Z?")

Row = dict[str, Any]


def check(bench: Bench) -> int:
    """Compare the rows of all ways with the floor's, and return their number.

    Numbers must be equal digit for digit, except for dlt, which converts them to floats. Times are
    compared without their seventh digit, which the tap cuts off. The tap's own columns are ignored.

    Raises:
        ValueError: If a way returns different rows.
    """
    expected = _rows(bench, bench.floor, str)
    for name, way in (
        ("tap", bench.tap),
        ("sdk", bench.sdk),
        ("floor in large pieces", bench.floor_in_pieces),
    ):
        if _rows(bench, way, str) != expected:
            raise ValueError(f"{name} returns different rows.")
    if _rows_of_dlt(bench) != _rows(bench, bench.floor, float):
        raise ValueError("dlt returns different rows.")
    return len(expected)


def _rows(bench: Bench, way: Callable[[str], Any], number: Callable[[str], Any]) -> list[Row]:
    path = bench.folder / "rows.jsonl"
    with path.open("wb") as file:
        bench.run(way(bench.address(_ROWS)), file)
    lines = path.read_bytes().splitlines()
    messages = [json.loads(line, parse_float=number) for line in lines]
    return _sorted(each["record"] for each in messages if each["type"] == "RECORD")


def _rows_of_dlt(bench: Bench) -> list[Row]:
    address = bench.address(_ROWS)
    *_, folder = command = bench.dlt(address)
    bench.run(command)
    return _sorted(
        row for path in _files(bench.folder / folder) for line in _lines(path) for row in line
    )


def _files(folder: Path) -> Iterator[Path]:
    yield from folder.rglob("new_jobs/subscriptions.*")


def _lines(path: Path) -> Iterator[list[Row]]:
    content = path.read_bytes()
    content = gzip.decompress(content) if path.suffix == ".gz" else content
    for line in content.splitlines():
        if line.strip():
            yield json.loads(line)


def _sorted(rows: Any) -> list[Row]:
    own = ({n: _plain(v) for n, v in row.items() if not n.startswith("_")} for row in rows)
    return sorted(own, key=lambda row: str(row["id"]))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else value
