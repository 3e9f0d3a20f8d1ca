"""Pictures of how tables join, as SVG: one of each business area, and one of them all.

A picture takes its colours from the page it stands in, light or dark; alone, from the reader's
preference. All text is text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from math import atan2, degrees
from typing import TYPE_CHECKING, Final

from docs.joins import TABLES, joins, name_of, parents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docs.areas import Area
    from docs.joins import Join

_LETTER: Final = 7.9
"""How wide a letter of 13 px is, in fonts of one width."""
_LINE, _PAD, _GAP, _AISLE, _EDGE = 20, 10, 24, 56, 8

_STYLE: Final = """\
:root { --er-ink: #1a1c1e; --er-dim: #5f6670; --er-line: #8d95a0; --er-box: #f8f9fb; }
@media (prefers-color-scheme: dark) {
  :root { --er-ink: #e6e8eb; --er-dim: #a0a8b2; --er-line: #717984; --er-box: #1f2226; }
}
.er { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.er text { fill: var(--color-foreground-primary, var(--er-ink)); }
.er .dim { fill: var(--color-foreground-secondary, var(--er-dim)); }
.er .name { font-weight: bold; }
.er a { text-decoration: none; }
.er a:hover text, .er a:focus text { text-decoration: underline; }
.er a text.link { fill: var(--color-link, var(--er-ink)); }
.er .box { fill: var(--color-background-secondary, var(--er-box)); }
.er .box, .er .line { stroke: var(--color-foreground-border, var(--er-line)); }
.er .line { fill: none; stroke: var(--color-foreground-muted, var(--er-line)); stroke-width: 1.5; }
.er .tip { fill: var(--color-foreground-muted, var(--er-line)); }
"""


@dataclass
class _Row:
    """A line of a box: a column, and the tables it joins if it does."""

    sign: str
    column: str
    targets: list[str] = field(default_factory=list)


@dataclass
class _Box:
    """A table in a picture, or several tables that belong together."""

    title: str
    rows: list[_Row]
    column: int = 0
    x: float = 0
    y: float = 0
    width: float = 0

    @property
    def height(self) -> float:
        lines = sum(max(1, len(row.targets)) for row in self.rows)
        return (lines + 1) * _LINE + 2 * _PAD

    @property
    def least_width(self) -> float:
        letters = [len(self.title)]
        for row in self.rows:
            most = max(map(len, row.targets), default=0)
            letters.append(2 + len(row.column) + (most + 3 if most else 0))
        return max(letters) * _LETTER + 2 * _PAD

    def line(self, column: str) -> float:
        """Return the height of a column's line."""
        y = self.y + _PAD + _LINE * 1.5
        for row in self.rows:
            if row.column == column:
                break
            y += _LINE * max(1, len(row.targets))
        return y


def of_area(area: Area) -> str:
    """Return the picture of one area: its tables with their keys and joins, and what is nested."""
    streams = {name_of(stream): stream for stream in TABLES}
    above: dict[str, Join] = {}
    for name in area.tables:
        for join in parents(streams[name]):  # the nearest comes last
            if all(target in area.tables for target, _ in join.targets):
                above[name] = join
    boxes = {name: _box(name, streams[name].primary_keys, above.get(name)) for name in area.tables}
    order: list[str] = []
    for name in area.tables:
        if name not in above:
            order += _below(name, above)
    for name in order:
        if name in above:
            boxes[name].column = boxes[above[name].targets[0][0]].column + 1
    width, height = _place([boxes[name] for name in order], above)
    lines = [
        _elbow(boxes[name], boxes[join.targets[0][0]], join.column, number)
        for number, (name, join) in enumerate(above.items())
    ]
    return _svg(area.title, width, height, [*lines, *(_draw(box) for box in boxes.values())])


def _below(name: str, above: dict[str, Join]) -> list[str]:
    """Return a table and those below it, depth first."""
    found = [name]
    for child, join in above.items():
        if join.targets[0][0] == name:
            found += _below(child, above)
    return found


def _box(name: str, keys: Sequence[str], drawn: Join | None) -> _Box:
    """Return a table's box; the join that is drawn as a line has no words."""
    rows = {key: _Row("●", key) for key in keys}
    for join in joins():
        if join.table == name:
            row = rows.setdefault(join.column, _Row("→", join.column))
            if join != drawn:
                row.targets = [target for target, _ in join.targets]
    return _Box(name, list(rows.values()))


def _place(boxes: list[_Box], above: dict[str, Join]) -> tuple[float, float]:
    """Give each box its place, tree by tree; return the picture's size."""
    columns = 1 + max(box.column for box in boxes)
    widths = [max(it.least_width for it in boxes if it.column == each) for each in range(columns)]
    floors = [float(_EDGE)] * columns
    for box in boxes:
        box.width = widths[box.column]
        box.x = _EDGE + sum(widths[: box.column]) + _AISLE * box.column
        if box.title not in above:  # a tree begins below the one before
            floors = [max(floors)] * columns
        box.y = floors[box.column]
        floors[box.column] = box.y + box.height + _GAP
    width = sum(widths) + _AISLE * (columns - 1) + 2 * _EDGE
    return width, max(floors) - _GAP + _EDGE


def _elbow(child: _Box, parent: _Box, column: str, number: int) -> str:
    """Return the line from a nested table's column to the table above it."""
    start, end = child.x, parent.x + parent.width
    turn = start - 14 - 5 * (number % 5)
    top = parent.y + _PAD + _LINE / 2
    path = f"M{start:g} {child.line(column):g}H{turn:g}V{top:g}H{end + 7:g}"
    return f'<path class="line" d="{path}"/>{_tip(end, top, 180)}'


def _tip(x: float, y: float, angle: float) -> str:
    """Return the point of a line, which comes from an angle."""
    turned = f"translate({x:g} {y:g}) rotate({angle:.1f})"
    return f'<path class="tip" transform="{turned}" d="M0 0l-9 -4.5v9z"/>'


def _draw(box: _Box) -> str:
    parts = [
        _frame(box),
        _name(box.title, box.x + _PAD, box.y + _PAD + _LINE * 0.7, "name"),
    ]
    y = box.y + _PAD + _LINE * 1.7
    for row in box.rows:
        parts.append(
            _text(f"{row.sign} {row.column}", box.x + _PAD, y, "" if row.sign == "●" else "dim")
        )
        for number, target in enumerate(row.targets):
            x = box.x + box.width - _PAD - len(target) * _LETTER
            parts.append(_name(target, x, y + number * _LINE, "link"))
        y += _LINE * max(1, len(row.targets))
    return "".join(parts)


def _frame(box: _Box) -> str:
    size = f'width="{box.width:g}" height="{box.height:g}"'
    return f'<rect class="box" x="{box.x:g}" y="{box.y:g}" {size} rx="6"/>'


def _text(text: str, x: float, y: float, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _name(table: str, x: float, y: float, kind: str) -> str:
    """Return a table's name as a link to its page."""
    return f'<a href="tables/{table}.html">{_text(table, x, y, kind)}</a>'


def _svg(title: str, width: float, height: float, parts: Sequence[str]) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="er" role="img" {size}>'
    return "\n".join(
        [head, f"<title>{title}</title>", f"<style>\n{_STYLE}</style>", *parts, "</svg>\n"]
    )


# The overview

_GROUPS: Final = {
    "Usage": (0, 0, ("usage", "measurements")),
    "Products": (1, 0, ("products", "product_charge_plans", "product_charges")),
    "Quotes": (2, 0, ("quotes", "quote_products", "quote_charges")),
    "Bookings": (0, 1, ("bookings", "booking_lines")),
    "Charges on orders": (1, 1, ("subscription_charges", "sales_order_charges")),
    "Orders": (2, 1, ("subscriptions", "sales_orders")),
    "Accounts": (3, 1, ("accounts",)),
    "Revenue": (0, 2, ("revenue_schedules",)),
    "Invoice lines": (1, 2, ("invoice_lines",)),
    "Invoices": (2, 2, ("invoices",)),
    "Journals": (1, 3, ("journals", "journal_vouchers")),
    "Payments": (2, 3, ("payments", "payment_settlements")),
}
"""The groups of the overview: column, row and tables."""

_LINES: Final = (
    ("Usage", "Charges on orders"),
    ("Bookings", "Charges on orders"),
    ("Revenue", "Charges on orders"),
    ("Revenue", "Invoice lines"),
    ("Charges on orders", "Products"),
    ("Charges on orders", "Orders"),
    ("Invoice lines", "Charges on orders"),
    ("Invoice lines", "Invoices"),
    ("Journals", "Invoices"),
    ("Payments", "Invoices"),
    ("Quotes", "Products"),
    ("Quotes", "Orders"),
    ("Quotes", "Accounts"),
    ("Orders", "Accounts"),
    ("Invoices", "Accounts"),
)
"""The lines of the overview, each from a group whose rows name rows of the other."""


def overview() -> str:
    """Return the picture of the main tables in groups.

    Raises:
        ValueError: If no column makes a line.
    """
    boxes = {
        title: _Box(title, [_Row("", table) for table in tables], column=column)
        for title, (column, _, tables) in _GROUPS.items()
    }
    columns = 1 + max(column for column, _, _ in _GROUPS.values())
    rows = 1 + max(row for _, row, _ in _GROUPS.values())
    widths = [
        max(it.least_width for it in boxes.values() if it.column == c) for c in range(columns)
    ]
    heights = [max(boxes[it].height for it in _GROUPS if _GROUPS[it][1] == r) for r in range(rows)]
    for title, box in boxes.items():
        column, row, _ = _GROUPS[title]
        box.width = widths[column]
        box.x = _EDGE + sum(widths[:column]) + _AISLE * column
        box.y = _EDGE + sum(heights[:row]) + _AISLE * row + (heights[row] - box.height) / 2
    width = sum(widths) + _AISLE * (columns - 1) + 2 * _EDGE
    height = sum(heights) + _AISLE * (rows - 1) + 2 * _EDGE
    lines = [_straight(boxes[start], boxes[end]) for start, end in _LINES]
    return _svg("Overview", width, height, [*lines, *map(_draw_group, boxes.values())])


def _straight(start: _Box, end: _Box) -> str:
    """Return the line from one group to another, with the joins that make it as its title."""
    names = [row.column for row in end.rows]
    made = [
        f"{join.table}.{join.column} joins {table}.{column}"
        for join in joins()
        if join.table in {row.column for row in start.rows}
        for table, column in join.targets
        if table in names
    ]
    if not made:
        raise ValueError(f"no column of {start.title} joins {end.title}")
    (x, y), (to_x, to_y) = _ports(start, end)
    angle = degrees(atan2(to_y - y, to_x - x))
    tip = _tip(to_x, to_y, angle)
    title = f"<title>{escape('; '.join(made))}</title>"
    return f'<g>{title}<path class="line" d="M{x:g} {y:g}L{to_x:g} {to_y:g}"/>{tip}</g>'


def _ports(start: _Box, end: _Box) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return where a line leaves a box and meets another: side to side, or up and down."""
    if start.column == end.column:
        x = start.x + start.width / 2
        if start.y < end.y:
            return (x, start.y + start.height), (x, end.y)
        return (x, start.y), (x, end.y + end.height)
    rising = 0.3 * ((end.y > start.y + start.height) - (start.y > end.y + end.height))
    y, to_y = start.y + start.height * (0.5 + rising), end.y + end.height * (0.5 - rising)
    if start.column < end.column:
        return (start.x + start.width, y), (end.x, to_y)
    return (start.x, y), (end.x + end.width, to_y)


def _draw_group(box: _Box) -> str:
    parts = [
        _frame(box),
        _text(box.title, box.x + _PAD, box.y + _PAD + _LINE * 0.7, "name"),
    ]
    for number, row in enumerate(box.rows):
        y = box.y + _PAD + _LINE * (1.7 + number)
        parts.append(_name(row.column, box.x + _PAD, y, "link"))
    return "".join(parts)
