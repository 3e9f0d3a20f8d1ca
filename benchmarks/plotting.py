"""The plots: loads into databases; CPU per row, wall time by latency, and peak memory."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.results import ratio

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from benchmarks.results import Load, Results

mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "tap-younium"

_TAP, _OTHERS = "#1f6f8b", "#b8b8b8"
_SHADES = {1: "#9ecae1", 4: "#4292c6", 8: "#08519c"}
_NAMES = {
    "tap": "this tap",
    "floor": "floor\n(no SDK)",
    "pieces": "floor, large\npieces",
    "dlt": "dlt\nrest_api",
    "sdk": "SDK\ndefaults",
}


def draw(results: Results, folder: Path) -> None:
    """Write `benchmark.png` and `benchmark.svg`."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
    _cpu(left, results)
    _walls(middle, results)
    _memory(right, results)
    _save(figure, folder / "benchmark")


def draw_loads(measured: Sequence[Load], folder: Path) -> None:
    """Write `loading.png` and `loading.svg`."""
    databases = list(dict.fromkeys(way.database for way in measured))
    figure, all_axes = plt.subplots(1, len(databases), figsize=(10, 3), layout="constrained")
    for axes, database in zip(all_axes, databases, strict=True):
        dlt, *taps = [way for way in measured if way.database == database]
        bars = {"dlt\nrest_api": dlt, "this tap": taps[0], "this tap,\nwithout the arrays": taps[1]}
        walls = [ratio(way.walls, dlt.walls) for way in bars.values()]
        drawn = axes.bar(list(bars), walls, color=[_OTHERS, _TAP, _TAP])
        axes.bar_label(drawn, fmt="%.2f", fontsize=8)
        title = dlt.title.rpartition(" ")[2]
        axes.set_title(f"Wall time of a load into {title}, relative to dlt", fontsize=10)
    _save(figure, folder / "loading")


def _save(figure: Figure, file: Path) -> None:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    figure.savefig(file.with_suffix(".png"), dpi=150)
    figure.savefig(file.with_suffix(".svg"), metadata={"Date": None})


def _cpu(axes: Axes, results: Results) -> None:
    shares = {
        title: ratio(results.ways[name].slopes, results.ways["floor"].slopes)
        for name, title in _NAMES.items()
    }
    colours = [_TAP, *[_OTHERS] * (len(shares) - 1)]
    bars = axes.bar(list(shares), list(shares.values()), color=colours)
    axes.bar_label(bars, fmt="%.2f", fontsize=8)
    axes.set_title("CPU per row, relative to the floor", fontsize=10)


def _walls(axes: Axes, results: Results) -> None:
    latencies = sorted({latency for latency, _ in results.walls})
    for index, (parallel, shade) in enumerate(_SHADES.items()):
        walls = [median(results.walls[latency, parallel]) for latency in latencies]
        centers = [center + (index - 1) * 0.27 for center in range(len(latencies))]
        bars = axes.bar(centers, walls, 0.25, color=shade, label=f"{parallel} in flight")
        axes.bar_label(bars, fmt="%.1f", fontsize=8)
    axes.set_xticks(range(len(latencies)), [f"{latency} ms latency" for latency in latencies])
    axes.set_title("Wall time of this tap for 100 pages, s", fontsize=10)
    axes.legend(frameon=False, fontsize=8)


def _memory(axes: Axes, results: Results) -> None:
    for index, rows in enumerate(sorted(results.ways["tap"].peaks)):
        peaks = [results.ways[name].peaks[rows] / 1e6 for name in _NAMES]
        centers = [center + (index - 0.5) * 0.4 for center in range(len(_NAMES))]
        bars = axes.bar(
            centers, peaks, 0.38, color=["#9ecae1", "#08519c"][index], label=f"{rows:,}"
        )
        axes.bar_label(bars, fmt="%.0f", fontsize=8)
    axes.set_xticks(range(len(_NAMES)), list(_NAMES.values()))
    axes.set_title("Peak memory by number of rows, MB", fontsize=10)
    axes.legend(frameon=False, fontsize=8)
