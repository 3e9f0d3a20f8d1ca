"""Entity-relationship diagrams in Mermaid: of each business area, and of the main streams.

The site and GitHub draw them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from docs.joins import ALL_STREAMS, joins, name_of
from tap_younium.records.columns import PARENT_ID, ROOT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from docs.joins import Join

    Relationships = dict[tuple[str, str], Join]

MAIN: Final = (
    "accounts",
    "subscriptions",
    "subscription_charges",
    "product_charges",
    "usage",
    "invoices",
    "invoice_lines",
    "payment_settlements",
)
"""The streams of the overview, which must fit on a phone."""
_LINE: Final = 12
"""Letters per line of a name, so that four tables side by side fit on a phone."""
_KEYS: Final = {name_of(stream): stream.primary_keys for stream in ALL_STREAMS}


def diagrams(title: str, names: Sequence[str]) -> Iterator[str]:
    """Yield a diagram for each group of streams that relationships connect.

    Args:
        title: What a screen reader calls them.
        names: The streams; those without a relationship to another one are not drawn.
    """
    found = _relationships(names)
    for group in _groups(names, found):
        entities = (f'  {name}["{_wrapped(name)}"]' for name in group)
        lines = (_line(*pair, join) for pair, join in found.items() if pair[0] in group)
        head = ("```mermaid", "erDiagram", f"  accTitle: {title}: {group[0]}", "  direction TB")
        yield "\n".join([*head, *entities, *lines, "```"])


def _relationships(names: Sequence[str]) -> Relationships:
    """Return one join per pair of streams, except where others lead to the same stream."""
    found: Relationships = {}
    for join in sorted(joins(), key=lambda join: join.column == ROOT_ID):  # nearest first
        for target, _ in join.targets:
            if target != join.stream and {target, join.stream} <= set(names):
                found.setdefault((join.stream, target), join)
    return {
        (start, end): join
        for (start, end), join in found.items()
        if not any(_reaches(found, via, end) for by, via in found if by == start and via != end)
    }


def _reaches(found: Relationships, start: str, end: str) -> bool:
    return start == end or any(_reaches(found, via, end) for by, via in found if by == start)


def _groups(names: Sequence[str], found: Relationships) -> Iterator[list[str]]:
    """Yield the streams of each connected part, in the order of `names`."""
    left = list(names)
    while left:
        group = {left[0]}
        while more := {it for pair in found if group & set(pair) for it in pair} - group:
            group |= more
        if len(group) > 1:
            yield [name for name in left if name in group]
        left = [name for name in left if name not in group]


def _wrapped(name: str) -> str:
    """Return a name with line breaks after underscores."""
    lines = [""]
    for part in name.replace("_", "_ ").split():
        if lines[-1] and len(lines[-1] + part) > _LINE:
            lines.append("")
        lines[-1] += part
    return "<br>".join(lines)


def _line(start: str, end: str, join: Join) -> str:
    one = "||" if join.column in {PARENT_ID, ROOT_ID} and len(join.targets) == 1 else "|o"
    many = "o|" if _is_one_to_one(start, end) else "o{"
    return f'  {end} {one}--{many} {start} : "{join.column}"'


def _is_one_to_one(start: str, end: str) -> bool:
    return any(
        join.stream == start and (join.column,) == _KEYS[start] and (end, "id") in join.targets
        for join in joins()
    )
