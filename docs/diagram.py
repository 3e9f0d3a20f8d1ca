"""Entity-relationship diagrams in Mermaid: one of each business area, and one of the main streams.

The site and GitHub draw them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from docs.joins import ALL_STREAMS, joins, name_of
from tap_younium.records.columns import PARENT_ID, ROOT_ID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from docs.joins import Join

MAIN: Final = (
    "accounts",
    "quotes",
    "subscriptions",
    "subscription_charges",
    "product_charges",
    "usage",
    "booking_lines",
    "revenue_schedules",
    "invoice_lines",
    "invoices",
    "payment_settlements",
    "journal_vouchers",
)
"""The streams of the overview."""
_KEYS: Final = {name_of(stream): stream.primary_keys for stream in ALL_STREAMS}


def diagram(title: str, names: Collection[str], schemas: Mapping[str, Any] | None = None) -> str:
    """Return the diagram of some streams.

    Args:
        title: What a screen reader calls it.
        names: The streams.
        schemas: Their JSON Schemas; without them, the diagram shows no columns.
    """
    head = ("```mermaid", "erDiagram", f"  accTitle: {title}", "  direction LR")
    entities = [_entity(name, schemas[name]) for name in names] if schemas else []
    return "\n".join([*head, *entities, *_relationships(names), "```"])


def _entity(name: str, schema: dict[str, Any]) -> str:
    """Return a stream with its keys. The comment of a foreign key is the stream it refers to."""
    columns = dict.fromkeys(_KEYS[name], ("PK", ""))
    for join in joins():
        if join.stream == name:
            kind = "PK,FK" if join.column in _KEYS[name] else "FK"
            targets = (target if key == "id" else f"{target}.{key}" for target, key in join.targets)
            columns[join.column] = kind, f' "{", ".join(targets)}"'
    lines = (
        f"    {_type(schema, name)} {name} {kind}{comment}"
        for name, (kind, comment) in columns.items()
    )
    return "\n".join([f"  {name} {{", *lines, "  }"])


def _type(schema: dict[str, Any], column: str) -> str:
    for name in column.split("."):
        schema = schema["properties"][name]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return str(schema.get("format", next(kind for kind in kinds if kind != "null")))


def _relationships(names: Collection[str]) -> Iterator[str]:
    """Yield one relationship per pair of streams, except where others lead to the same stream."""
    found: dict[tuple[str, str], Join] = {}
    for join in sorted(joins(), key=lambda join: join.column == ROOT_ID):  # nearest first
        for target, _ in join.targets:
            if target != join.stream and {target, join.stream} <= set(names):
                found.setdefault((join.stream, target), join)
    for (start, end), join in found.items():
        if not any(_reaches(found, via, end) for by, via in found if by == start and via != end):
            one = "||" if join.column in {PARENT_ID, ROOT_ID} and len(join.targets) == 1 else "|o"
            many = "o|" if _is_one_to_one(start, end) else "o{"
            yield f'  {end} {one}--{many} {start} : "{join.column}"'


def _reaches(found: Collection[tuple[str, str]], start: str, end: str) -> bool:
    return start == end or any(_reaches(found, via, end) for by, via in found if by == start)


def _is_one_to_one(start: str, end: str) -> bool:
    return any(
        join.stream == start and (join.column,) == _KEYS[start] and (end, "id") in join.targets
        for join in joins()
    )
