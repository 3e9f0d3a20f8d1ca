"""`python -m benchmarks`: measure all ways in turn, print the tables and write the plot."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from benchmarks.checking import check
from benchmarks.measuring import MEGABYTE, serving
from benchmarks.results import Results, Way, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.measuring import Bench

LATENCIES: Final = (0, 50, 200)
PARALLEL: Final = (1, 4, 8)
PAGES: Final = 100
VERSION: Final = {
    "tap": "from tap_younium.tap import TapYounium as Tap",
    "minimal": "from benchmarks.ways.sdk import MinimalTap as Tap",
}


def measure(bench: Bench, rounds: int, *, quick: bool) -> Results:
    """Measure all ways in turn, in rounds."""
    fast, slow = ((500, 1500), (200, 500)) if quick else ((2_000, 14_000), (500, 2_500))
    results = Results(
        {
            "tap": Way("this tap (4 in flight, the default)", bench.tap, fast),
            "tap1": Way("this tap, one request at a time", bench.tap_sequential, fast),
            "floor": Way("floor: requests + msgspec, no SDK", bench.floor, fast),
            "pieces": Way("floor, responses read in large pieces", bench.floor_in_pieces, fast),
            "dlt": Way("dlt rest_api, extract only", bench.dlt, slow),
            "sdk": Way("SDK defaults", bench.sdk, slow),
        }
    )
    # In its own process: a child's peak memory includes what its parent has ever used.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        results.checked = pool.submit(check, bench).result()
    for number in range(rounds):
        _log(f"round {number + 1} of {rounds}: CPU")
        for way in results.ways.values():
            _slope(bench, way, results)
        for name, tap in VERSION.items():
            for _ in range(3):
                line = f"import sys\n{tap}\nsys.argv[1:] = ['--version']\nTap.cli()"
                results.versions[name].append(bench.run(["-c", line]))
    for number in range(1 if quick else max(1, rounds // 2)):
        for latency in LATENCIES:
            _log(f"round {number + 1}: wall time at {latency} ms")
            _walls(bench, results, latency, pages=10 if quick else PAGES, first=number == 0)
        _log("quiet tenant")
        _quiet(bench, results)
    for rows in (500, 1_000) if quick else (5_000, 50_000):
        _log(f"memory at {rows} rows")
        for way in results.ways.values():
            way.peaks[rows] = bench.run(way.command(bench.address(rows))).peak
    return results


def _slope(bench: Bench, way: Way, results: Results) -> None:
    small, large = way.sizes
    small_run = bench.run(way.command(bench.address(small)))
    address = bench.address(large)
    before = bench.statistics(address)["cpu"]
    large_run = bench.run(way.command(address))
    results.server_cpu = (bench.statistics(address)["cpu"] - before) / large
    way.slopes.append((large_run.cpu - small_run.cpu) / (large - small))
    way.totals.append(large_run.cpu / large)


def _walls(bench: Bench, results: Results, latency: int, *, pages: int, first: bool) -> None:
    for parallel in PARALLEL:
        address = bench.address(pages * 100, latency)
        wall = bench.run(bench.tap(address, parallel)).wall
        results.walls.setdefault((latency, parallel), []).append(wall)
        results.in_flight[latency, parallel] = bench.statistics(address)["in_flight"]
    for name in ("floor", "dlt", "sdk") if first else ("floor",):
        way = results.ways[name]
        address = bench.address(pages * 100, latency)
        way.walls[latency].append(bench.run(way.command(address)).wall)
        way.in_flight = max(way.in_flight, bench.statistics(address)["in_flight"])


def _quiet(bench: Bench, results: Results) -> None:
    for parallel in (1, 8):
        address = bench.address(0, 200)
        wall = bench.run(bench.tap(address, parallel, "all")).wall
        results.quiet.setdefault(parallel, []).append(wall)
        results.quiet_requests = bench.statistics(address)["requests"]


def _log(message: str) -> None:
    sys.stderr.write(f"{message}\n")


def lines(results: Results) -> Iterator[str]:
    """Yield the tables, in Markdown."""
    yield f"All ways return the same {results.checked} rows. Figures are medians of all rounds."
    for table in (_cpu_table(results.ways), _wall_table(results), _target_table(results)):
        yield from ("", *table)


def _cpu_table(ways: dict[str, Way]) -> Iterator[str]:
    few, many = sorted(ways["tap"].peaks)
    yield (
        "| way | CPU, µs per row | relative to floor | with start-up | "
        f"peak memory, {few:,} rows | {many:,} rows |"
    )
    yield "| --- | --: | --: | --: | --: | --: |"
    for way in ways.values():
        yield (
            f"| {way.title} | {median(way.slopes) * 1e6:.0f} | "
            f"{ratio(way.slopes, ways['floor'].slopes):.2f} | {median(way.totals) * 1e6:.0f} | "
            f"{way.peaks[few] / MEGABYTE:.0f} MB | {way.peaks[many] / MEGABYTE:.0f} MB |"
        )


def _wall_table(results: Results) -> Iterator[str]:
    yield f"| wall time, {PAGES} pages of 100 | 0 ms | 50 ms | 200 ms | most in flight |"
    yield "| --- | --: | --: | --: | --: |"
    for parallel in PARALLEL:
        sequential = [results.walls[latency, 1] for latency in LATENCIES]
        parallel_walls = [results.walls[latency, parallel] for latency in LATENCIES]
        cells = [
            f"{median(walls):.2f} s (1/{ratio(ones, walls):.1f})"
            for walls, ones in zip(parallel_walls, sequential, strict=True)
        ]
        most = max(results.in_flight[latency, parallel] for latency in LATENCIES)
        yield f"| this tap, {parallel} in flight | {' | '.join(cells)} | {most} |"
    for way in results.ways.values():
        if way.walls:
            cells = [f"{median(way.walls[latency]):.2f} s" for latency in LATENCIES]
            yield f"| {way.title} | {' | '.join(cells)} | {way.in_flight} |"


def _target_table(results: Results) -> Iterator[str]:
    ways, versions = results.ways, results.versions
    tap, minimal = versions["tap"], versions["minimal"]
    few, many = sorted(ways["tap"].peaks)
    growth = ways["tap"].peaks[many] / ways["tap"].peaks[few] - 1
    yield "| figure | target | measured |"
    yield "| --- | --- | --- |"
    for one, other, target in (
        ("tap", "floor", "at most 0.7"),
        ("tap1", "floor", ""),
        ("tap", "pieces", ""),
        ("tap", "sdk", "at most 0.125"),
        ("tap", "dlt", ""),
    ):
        share = ratio(ways[one].slopes, ways[other].slopes)
        compared = f"{ways[one].title}, relative to {ways[other].title}"
        yield f"| CPU per row: {compared} | {target} | {share:.3f} |"
    speed = ratio(results.walls[200, 1], results.walls[200, 8])
    yield f"| {PAGES} pages at 200 ms, 8 in flight | at most 1/6 of sequential | 1/{speed:.1f} |"
    yield (
        f"| all streams of a quiet tenant, {results.quiet_requests} requests at 200 ms, "
        "8 in flight | at most 1/5 of sequential | "
        f"1/{ratio(results.quiet[1], results.quiet[8]):.1f} "
        f"({median(results.quiet[1]):.1f} s, {median(results.quiet[8]):.1f} s) |"
    )
    yield f"| memory at {many:,} rows, relative to {few:,} | at most 15 % more | {growth:+.1%} |"
    yield (
        "| start-up, `--version`, relative to a minimal SDK tap | at most 1.25 | "
        f"{ratio([it.cpu for it in tap], [it.cpu for it in minimal]):.2f} (CPU), "
        f"{ratio([it.wall for it in tap], [it.wall for it in minimal]):.2f} (wall) |"
    )
    yield f"| CPU of the server, µs per row | | {results.server_cpu * 1e6:.0f} |"


def main(arguments: list[str]) -> None:
    """Measure, print the tables and draw the plot."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument(
        "--quick", action="store_true", help="only check that all works; discard the plot"
    )
    options = parser.parse_args(arguments)
    with serving() as bench:
        results = measure(bench, 1 if options.quick else options.rounds, quick=options.quick)
    sys.stdout.write("\n".join(lines(results)) + "\n")
    sys.stdout.flush()
    from benchmarks.plotting import draw  # noqa: PLC0415 - not loaded while measuring

    with TemporaryDirectory() as folder:
        draw(results, Path(folder) if options.quick else Path(__file__).parent)


if __name__ == "__main__":
    main(sys.argv[1:])
