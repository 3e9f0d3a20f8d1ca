"""Pictures of the demo's data, each with a panel for each legal entity, in its base currency."""

from __future__ import annotations

from calendar import month_abbr, monthrange
from collections import defaultdict
from datetime import date
from io import BytesIO
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from PIL import Image

from simulator import queries
from simulator.companies.base import AS_OF

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb
    from matplotlib.axes import Axes

    Rows = list[dict[str, Any]]

# Distinguishable for colour-blind people too.
_COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
_BLUE, _ORANGE, _GREEN, *_, _RED = _COLOURS
_GREY: Final = "#bbbbbb"
_MOVEMENTS: Final = {
    "new": _GREEN,
    "expansion": _GREEN,
    "reactivation": _GREEN,
    "contraction": _RED,
    "churn": _RED,
}
_AGES: Final = {
    "not due": _GREEN,
    "1-30": _BLUE,
    "31-60": _ORANGE,
    "61-90": _ORANGE,
    "over 90": _RED,
}
_DAY: Final = date.fromisoformat(AS_OF[:10])
_MILLION: Final = 1_000_000
_LARGEST: Final = 8


class _Picture(NamedTuple):
    title: str
    query: str
    panel: Callable[[Axes, Rows, dict[str, str]], None]
    height: float


def draw(connection: duckdb.DuckDBPyConnection, name: str, file: Path) -> None:
    """Draws one of `PICTURES` into a PNG, from the models of examples/dbt as of `AS_OF`."""
    picture = PICTURES[name]
    entities: dict[str, Rows] = defaultdict(list)
    for row in _rows(connection, picture.query):
        entities[row["entity"]].append(row)
    colours = _colours(_rows(connection, queries.ARR_BY_CUSTOMER))
    # Small, so that the text is legible on a phone, where it is scaled down by a third.
    figure = Figure(figsize=(5, picture.height * len(entities)), layout="constrained")
    parts = figure.subfigures(len(entities), squeeze=False)[:, 0]
    for part, (entity, rows) in zip(parts, entities.items(), strict=True):
        title = f"{entity}: {picture.title}, million {rows[0]['currency']}"
        part.suptitle(title, x=0.02, ha="left", fontsize=13)
        axes = part.subplots()
        axes.tick_params(labelsize=12)
        axes.spines[["top", "right"]].set_visible(False)
        picture.panel(axes, rows, colours)
    drawn = BytesIO()
    figure.savefig(drawn, dpi=200, format="png")
    # A palette makes the file a third as large.
    Image.open(drawn).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(file, "PNG")


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    """The rows of a query, with amounts in millions and names that the font has."""
    found = connection.sql(query)
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    for row in rows:
        row["amount"] = float(row["amount"]) / _MILLION
        if "customer" in row:
            row["customer"] = _drawable(row["customer"])
    return rows


def _drawable(name: str) -> str:
    font = get_font(findfont("DejaVu Sans"))  # comes with Matplotlib
    kept = (each if font.get_char_index(ord(each)) else " " for each in name)
    return " ".join("".join(kept).split())


def _colours(arr: Rows) -> dict[str, str]:
    """The colours of the largest customers, the same in all pictures and panels."""
    total: dict[str, float] = defaultdict(float)
    for row in arr:
        total[row["customer"]] += row["amount"]
    return dict(zip(sorted(total, key=lambda it: -total[it]), _COLOURS, strict=False))


def _mrr(axes: Axes, rows: Rows, colours: dict[str, str]) -> None:
    """A bar for each month, stacked by customer."""
    months = sorted({row["month"] for row in rows})
    stacks = {name: dict.fromkeys(months, 0.0) for name in [*colours, "others"]}
    for row in rows:
        name = row["customer"] if row["customer"] in stacks else "others"
        stacks[name][row["month"]] += row["amount"]
    starts = [month.toordinal() for month in months]
    widths = [monthrange(month.year, month.month)[1] - 2 for month in months]  # a gap of two days
    below = [0.0] * len(months)
    for name, stack in stacks.items():
        colour = colours.get(name, _GREY)
        axes.bar(starts, [*stack.values()], widths, below, align="edge", color=colour, label=name)
        below = [sum(pair) for pair in zip(below, stack.values(), strict=True)]
    years = range(months[0].year, _DAY.year + 1)
    axes.set_xticks([date(year, 1, 1).toordinal() for year in years], [*years])
    handles, labels = axes.get_legend_handles_labels()
    axes.figure.legend(
        handles[::-1],
        labels[::-1],
        loc="outside lower left",
        ncols=2,
        fontsize=11,
        frameon=False,
        handlelength=1.2,
        columnspacing=1,
    )


def _waterfall(axes: Axes, rows: Rows, _: dict[str, str]) -> None:
    """The year's movements, between MRR before and after it."""
    before = sum(row["amount"] for row in rows if row["month"].year < _DAY.year)
    moved = [
        sum(
            row["amount"]
            for row in rows
            if row["month"].year == _DAY.year and row["movement"] == name
        )
        for name in _MOVEMENTS
    ]
    *starts, after = accumulate([before, *moved])
    _bars(
        axes,
        [f"end of {_DAY.year - 1}", *_MOVEMENTS, f"end of {_DAY.year}"],
        [before, *moved, after],
        [_BLUE, *_MOVEMENTS.values(), _BLUE],
        [0.0, *starts, 0.0],
    )


def _arr(axes: Axes, rows: Rows, colours: dict[str, str]) -> None:
    """A bar for each of the largest customers, and one for the others."""
    shown, others = rows[:_LARGEST], rows[_LARGEST:]
    names = [row["customer"] for row in shown]
    _bars(
        axes,
        [*names, f"{len(others)} others"],
        [*(row["amount"] for row in shown), sum(row["amount"] for row in others)],
        [*(colours.get(name, _GREY) for name in names), _GREY],
    )


def _ageing(axes: Axes, rows: Rows, _: dict[str, str]) -> None:
    """A bar for each bucket of days past due."""
    amounts = {row["age"]: row["amount"] for row in rows}
    _bars(axes, [*_AGES], [amounts.get(age, 0.0) for age in _AGES], [*_AGES.values()])


def _deferred(axes: Axes, rows: Rows, _: dict[str, str]) -> None:
    """What is still deferred at the end of the day's month and of each month after it."""
    left = list(
        accumulate((-row["amount"] for row in rows), initial=sum(r["amount"] for r in rows))
    )
    months = [_DAY, *(row["month"] for row in rows)]
    names = [f"{month_abbr[month.month]} {month.year}" for month in months]
    _bars(axes, names[:-1], left[:-1], [_BLUE] * (len(names) - 1))


def _bars(
    axes: Axes,
    names: list[str],
    amounts: list[float],
    colours: list[str],
    starts: list[float] | None = None,
) -> None:
    """Horizontal bars from top to bottom, each with its amount."""
    lefts = starts or [0.0] * len(names)
    axes.barh(names, amounts, color=colours, left=lefts)
    for place, (amount, left) in enumerate(zip(amounts, lefts, strict=True)):
        end = max(left, left + amount)
        axes.annotate(f" {amount:.2f}" if amount else " 0", (end, place), va="center", fontsize=11)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlim(left=0)
    axes.spines["bottom"].set_visible(False)
    axes.xaxis.set_visible(False)


PICTURES: Final = {
    "mrr": _Picture("MRR", queries.MRR_BY_MONTH, _mrr, 5),
    "mrr-waterfall": _Picture(f"MRR in {_DAY.year}", queries.MRR_MOVEMENTS, _waterfall, 2.8),
    "arr": _Picture("ARR", queries.ARR_BY_CUSTOMER, _arr, 3.8),
    "ageing": _Picture("unpaid by days past due", queries.AGEING, _ageing, 2.3),
    "deferred": _Picture("deferred at month end", queries.DEFERRED, _deferred, 3.9),
}
