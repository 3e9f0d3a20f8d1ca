"""A chart of the demo's data: monthly recurring revenue, stacked by customer."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from matplotlib.figure import Figure

from simulator.queries import MRR_BY_MONTH

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    from matplotlib.axes import Axes

_EPOCH: Final = date(1970, 1, 1)  # matplotlib counts days from here
_NAMED: Final = 7
_COLOURS: Final = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
)  # distinguishable for colour-blind people too
_OTHERS: Final = "#bbbbbb"


class _Amount(NamedTuple):
    entity: str
    customer: str
    currency: str
    month: date
    amount: float


def draw(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Draws the demo's views into a PNG: a panel for each legal entity, in its own currency."""
    entities: dict[str, list[_Amount]] = defaultdict(list)
    for row in connection.execute(MRR_BY_MONTH).fetchall():
        entities[row[0]].append(_Amount(*row))
    figure = Figure(figsize=(10, 1 + 4 * len(entities)), layout="constrained")
    figure.suptitle("Monthly recurring revenue by customer", fontsize=15)
    panels = figure.subplots(len(entities), sharex=True, squeeze=False)
    for axes, (entity, amounts) in zip(panels[:, 0], entities.items(), strict=True):
        _panel(axes, entity, amounts)
    figure.savefig(file, dpi=120, format="png")


def _panel(axes: Axes, entity: str, amounts: list[_Amount]) -> None:
    largest: dict[str, float] = defaultdict(float)
    for each in amounts:
        largest[each.customer] = max(largest[each.customer], each.amount)
    named = sorted(largest, key=lambda customer: -largest[customer])[:_NAMED]
    months = sorted({each.month for each in amounts})
    stacks = {name: dict.fromkeys(months, 0.0) for name in [*named, "others"]}
    for each in amounts:
        stacks[each.customer if each.customer in stacks else "others"][each.month] += each.amount
    starts = [float((month - _EPOCH).days) for month in months]
    widths = [monthrange(month.year, month.month)[1] - 2.0 for month in months]  # a gap of two days
    below = [0.0] * len(months)
    for (name, stack), colour in zip(stacks.items(), (*_COLOURS, _OTHERS), strict=False):
        heights = [amount / 1_000_000 for amount in stack.values()]
        axes.bar(starts, heights, widths, below, align="edge", color=colour, label=name)
        below = [sum(pair) for pair in zip(below, heights, strict=True)]
    axes.xaxis_date()
    axes.set_title(entity)
    axes.set_ylabel(f"MRR, million {amounts[0].currency}")
    axes.spines[["top", "right"]].set_visible(False)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="upper left", title="Customer", frameon=False)
