"""The plot: CPU a row of all ways, wall by latency, and peak memory."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import matplotlib as mpl

mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "tap-younium"

from matplotlib import pyplot as plt  # noqa: E402 - it needs to know first that there is no screen

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from benchmarks.results import Results

_OURS, _OTHERS = "#1f6f8b", "#b8b8b8"
_SHADES = {1: "#9ecae1", 4: "#4292c6", 8: "#08519c"}
_NAMES = {
    "tap": "this tap",
    "floor": "floor\n(no SDK)",
    "low": "floor, large\npieces",
    "dlt": "dlt\nrest_api",
    "sdk": "SDK's\ndefault",
}


def draw(results: Results, folder: Path) -> None:
    """Write `benchmark.png` and `benchmark.svg`."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    _costs(left, results)
    _walls(middle, results)
    _memory(right, results)
    for axes in (left, middle, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    figure.savefig(folder / "benchmark.png", dpi=150)
    figure.savefig(folder / "benchmark.svg", metadata={"Date": None})


def _costs(axes: Axes, results: Results) -> None:
    shares = {
        title: median(results.ways[name].slopes) / median(results.ways["floor"].slopes)
        for name, title in _NAMES.items()
    }
    colours = [_OURS, *[_OTHERS] * (len(shares) - 1)]
    bars = axes.bar(list(shares), list(shares.values()), color=colours)
    axes.bar_label(bars, fmt="%.2f", fontsize=8)
    axes.set_title("CPU a row, the floor's = 1", fontsize=10)


def _walls(axes: Axes, results: Results) -> None:
    latencies = sorted({latency for latency, _ in results.walls})
    for place, (parallel, shade) in enumerate(_SHADES.items()):
        walls = [median(results.walls[latency, parallel]) for latency in latencies]
        spots = [spot + (place - 1) * 0.27 for spot in range(len(latencies))]
        bars = axes.bar(spots, walls, 0.25, color=shade, label=f"{parallel} in flight")
        axes.bar_label(bars, fmt="%.1f", fontsize=8)
    axes.set_xticks(range(len(latencies)), [f"{latency} ms an answer" for latency in latencies])
    axes.set_title("This tap: seconds for 100 pages", fontsize=10)
    axes.legend(frameon=False, fontsize=8)


def _memory(axes: Axes, results: Results) -> None:
    for place, rows in enumerate(sorted(results.ways["tap"].peaks)):
        peaks = [results.ways[name].peaks[rows] / 1e6 for name in _NAMES]
        spots = [spot + (place - 0.5) * 0.4 for spot in range(len(_NAMES))]
        bars = axes.bar(spots, peaks, 0.38, color=["#9ecae1", "#08519c"][place], label=f"{rows:,}")
        axes.bar_label(bars, fmt="%.0f", fontsize=8)
    axes.set_xticks(range(len(_NAMES)), list(_NAMES.values()))
    axes.set_title("Peak memory, MB, by rows", fontsize=10)
    axes.legend(frameon=False, fontsize=8)
