"""`python -m benchmarks`: measure all ways in one interleaved run; print a table, write a plot.

`--rounds` says how often; `--quick` shows in a few minutes that all of it works, with figures that
mean nothing and a plot that is thrown away.
"""

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
from benchmarks.measuring import MEGABYTE, bench
from benchmarks.results import Results, Way

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.measuring import Bench

LATENCIES: Final = (0, 50, 200)
PARALLEL: Final = (1, 4, 8)
PAGES: Final = 100
VERSION: Final = {
    "tap": "from tap_younium.tap import TapYounium as Tap",
    "bare": "from benchmarks.ways.sdk import TapBare as Tap",
}


def measure(bench: Bench, rounds: int, *, quick: bool) -> Results:
    """Measure all ways in turn, round by round."""
    fast, slow = ((500, 1500), (200, 500)) if quick else ((2_000, 14_000), (500, 2_500))
    results = Results(
        {
            "tap": Way("this tap (4 in flight, the default)", bench.tap, fast),
            "tap1": Way("this tap, one request at a time", bench.tap_one_by_one, fast),
            "floor": Way("floor: requests + msgspec, no SDK", bench.floor, fast),
            "low": Way("floor, answers read in large pieces", bench.low_floor, fast),
            "dlt": Way("dlt rest_api, extract only", bench.dlt, slow),
            "sdk": Way("SDK's default way", bench.sdk, slow),
        }
    )
    # By a process of its own: what a program's parent ever held counts as the program's peak.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        results.checked = pool.submit(check, bench).result()
    for number in range(rounds):
        _tell(f"round {number + 1} of {rounds}: CPU")
        for way in results.ways.values():
            _slope(bench, way, results)
        for name, tap in VERSION.items():
            for _ in range(3):
                line = f"import sys\n{tap}\nsys.argv[1:] = ['--version']\nTap.cli()"
                results.versions[name].append(bench.run(["-c", line]))
    for number in range(1 if quick else max(1, rounds // 2)):
        for latency in LATENCIES:
            _tell(f"round {number + 1}: wall at {latency} ms")
            _walls(bench, results, latency, pages=10 if quick else PAGES, first=number == 0)
        _tell("a quiet tenant")
        _quiet(bench, results)
    for rows in (500, 1_000) if quick else (5_000, 50_000):
        _tell(f"memory at {rows} rows")
        for way in results.ways.values():
            way.peaks[rows] = bench.run(way.command(bench.host(rows))).peak
    return results


def _slope(bench: Bench, way: Way, results: Results) -> None:
    small, large = way.sizes
    less = bench.run(way.command(bench.host(small)))
    host = bench.host(large)
    before = bench.seen(host)["cpu"]
    more = bench.run(way.command(host))
    results.serving = (bench.seen(host)["cpu"] - before) / large
    way.slopes.append((more.cpu - less.cpu) / (large - small))
    way.whole.append(more.cpu / large)


def _walls(bench: Bench, results: Results, latency: int, *, pages: int, first: bool) -> None:
    for parallel in PARALLEL:
        host = bench.host(pages * 100, latency)
        wall = bench.run(bench.tap(host, parallel)).wall
        results.walls.setdefault((latency, parallel), []).append(wall)
        results.in_flight[latency, parallel] = bench.seen(host)["in_flight"]
    for name in ("floor", "dlt", "sdk") if first else ("floor",):
        way = results.ways[name]
        host = bench.host(pages * 100, latency)
        way.walls[latency].append(bench.run(way.command(host)).wall)
        way.in_flight = max(way.in_flight, bench.seen(host)["in_flight"])


def _quiet(bench: Bench, results: Results) -> None:
    for parallel in (1, 8):
        host = bench.host(0, 200)
        wall = bench.run(bench.tap(host, parallel, "all")).wall
        results.quiet.setdefault(parallel, []).append(wall)
        results.quiet_requests = bench.seen(host)["requests"]


def _tell(what: str) -> None:
    sys.stderr.write(f"{what}\n")


def lines(results: Results) -> Iterator[str]:
    """Yield the tables, in Markdown."""
    yield f"Rows of all ways checked equal: {results.checked}. Medians of all rounds."
    yield from ("", *_costs(results.ways), "", *_walls_told(results), "", *_others(results))


def _costs(ways: dict[str, Way]) -> Iterator[str]:
    few, many = sorted(ways["tap"].peaks)
    yield (
        "| way | CPU, µs a row | of the floor's | with start-up | "
        f"peak memory, {few:,} rows | {many:,} rows |"
    )
    yield "| --- | --: | --: | --: | --: | --: |"
    for way in ways.values():
        yield (
            f"| {way.title} | {median(way.slopes) * 1e6:.0f} | "
            f"{ratio(way.slopes, ways['floor'].slopes):.2f} | {median(way.whole) * 1e6:.0f} | "
            f"{way.peaks[few] / MEGABYTE:.0f} MB | {way.peaks[many] / MEGABYTE:.0f} MB |"
        )


def _walls_told(results: Results) -> Iterator[str]:
    yield f"| wall, {PAGES} pages of 100 | 0 ms | 50 ms | 200 ms | most in flight |"
    yield "| --- | --: | --: | --: | --: |"
    for parallel in PARALLEL:
        alone = [results.walls[latency, 1] for latency in LATENCIES]
        mine = [results.walls[latency, parallel] for latency in LATENCIES]
        cells = [
            f"{median(walls):.2f} s (1/{ratio(ones, walls):.1f})"
            for walls, ones in zip(mine, alone, strict=True)
        ]
        most = max(results.in_flight[latency, parallel] for latency in LATENCIES)
        yield f"| this tap, {parallel} in flight | {' | '.join(cells)} | {most} |"
    for way in results.ways.values():
        if way.walls:
            cells = [f"{median(way.walls[latency]):.2f} s" for latency in LATENCIES]
            yield f"| {way.title} | {' | '.join(cells)} | {way.in_flight} |"


def _others(results: Results) -> Iterator[str]:
    ways, versions = results.ways, results.versions
    tap, bare = versions["tap"], versions["bare"]
    few, many = sorted(ways["tap"].peaks)
    growth = ways["tap"].peaks[many] / ways["tap"].peaks[few] - 1
    yield "| figure | target | measured |"
    yield "| --- | --- | --- |"
    for one, other, target in (
        ("tap", "floor", "at most 0.7"),
        ("tap1", "floor", ""),
        ("tap", "low", ""),
        ("tap", "sdk", "at most 0.125"),
        ("tap", "dlt", ""),
    ):
        share = ratio(ways[one].slopes, ways[other].slopes)
        yield f"| CPU a row: {ways[one].title}, of {ways[other].title} | {target} | {share:.3f} |"
    speed = ratio(results.walls[200, 1], results.walls[200, 8])
    yield f"| {PAGES} pages at 200 ms, 8 in flight | at most 1/6 of sequential | 1/{speed:.1f} |"
    yield (
        f"| all tables of a quiet tenant, {results.quiet_requests} requests at 200 ms, 8 in flight "
        f"| at most 1/5 of sequential | 1/{ratio(results.quiet[1], results.quiet[8]):.1f} "
        f"({median(results.quiet[1]):.1f} s, {median(results.quiet[8]):.1f} s) |"
    )
    yield f"| memory at {many:,} rows over {few:,} | at most 15 % more | {growth:+.1%} |"
    yield (
        "| start-up, `--version`, of a bare SDK tap's | at most 1.25 | "
        f"{ratio([it.cpu for it in tap], [it.cpu for it in bare]):.2f} (CPU), "
        f"{ratio([it.wall for it in tap], [it.wall for it in bare]):.2f} (wall) |"
    )
    yield f"| CPU of the serving side, µs a row | | {results.serving * 1e6:.0f} |"


def ratio(ones: Sequence[float], others: Sequence[float]) -> float:
    """Return the median of what each round's figure is of the other's in the same round."""
    return median(one / other for one, other in zip(ones, others, strict=True))


def main(arguments: list[str]) -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(arguments)
    with bench() as found:
        results = measure(found, 1 if asked.quick else asked.rounds, quick=asked.quick)
    sys.stdout.write("\n".join(lines(results)) + "\n")
    sys.stdout.flush()
    from benchmarks.plotting import draw  # noqa: PLC0415 - the same

    with TemporaryDirectory() as folder:
        draw(results, Path(folder) if asked.quick else Path(__file__).parent)


if __name__ == "__main__":
    main(sys.argv[1:])
