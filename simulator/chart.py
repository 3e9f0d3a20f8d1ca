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

_NAMED: Final = 5
_COLOURS: Final = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
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
    # Small, so that the text is legible on a phone, where it is scaled down by a third.
    figure = Figure(figsize=(5, 4.5 * len(entities)), layout="constrained")
    panels = figure.subplots(len(entities), sharex=True, squeeze=False)
    for axes, (entity, amounts) in zip(panels[:, 0], entities.items(), strict=True):
        _panel(axes, entity, amounts)
    years = sorted({each.month.year for amounts in entities.values() for each in amounts})
    panels[-1, 0].set_xticks([_days(date(year, 1, 1)) for year in years], years)
    figure.savefig(file, dpi=200, format="png")


def _panel(axes: Axes, entity: str, amounts: list[_Amount]) -> None:
    largest: dict[str, float] = defaultdict(float)
    for each in amounts:
        largest[each.customer] = max(largest[each.customer], each.amount)
    named = sorted(largest, key=lambda customer: -largest[customer])[:_NAMED]
    months = sorted({each.month for each in amounts})
    stacks = {name: dict.fromkeys(months, 0.0) for name in [*named, "others"]}
    for each in amounts:
        stacks[each.customer if each.customer in stacks else "others"][each.month] += each.amount
    starts = [_days(month) for month in months]
    widths = [monthrange(month.year, month.month)[1] - 2.0 for month in months]  # a gap of two days
    below = [0.0] * len(months)
    for (name, stack), colour in zip(stacks.items(), (*_COLOURS, _OTHERS), strict=False):
        heights = [amount / 1_000_000 for amount in stack.values()]
        axes.bar(starts, heights, widths, below, align="edge", color=colour, label=name)
        below = [sum(pair) for pair in zip(below, heights, strict=True)]
    axes.set_title(f"{entity}: MRR, million {amounts[0].currency}", fontsize=13)
    axes.tick_params(labelsize=12, labelbottom=True)
    axes.spines[["top", "right"]].set_visible(False)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles[::-1],
        labels[::-1],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.1),  # below the axes
        ncols=3,
        fontsize=11,
        frameon=False,
    )


def _days(day: date) -> float:
    return float(day.toordinal())
