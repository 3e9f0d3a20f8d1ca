"""The columns that the tap adds to Younium's, and the nested objects that become rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = dict[str, Any]

LEGAL_ENTITY = "_legal_entity"
LAST_MODIFIED = "_last_modified"
READ_AT = "_read_at"
EXTRA = "_extra"
ROOT_ID, PARENT_ID, POSITION = "_root_id", "_parent_id", "_position"


def nested_objects(
    value: Row, array_path: Sequence[str], columns: Row | None = None
) -> Iterator[tuple[Row, Row]]:
    """Yield the objects at the end of a path through arrays, with their `_root_id` and so on.

    Args:
        value: A record, or an object in one.
        array_path: The names of the arrays. If it is empty, the record itself is the object.
        columns: The columns of the object itself; None for a record.
    """
    if not array_path:
        yield value, columns or {}
        return
    items = value.get(array_path[0])
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):  # the collection's own row keeps other items in `_extra`
            own_id = value.get("id")
            above = columns or {ROOT_ID: own_id, POSITION: ""}
            position = f"{above[POSITION]}.{number}".lstrip(".")
            here = {ROOT_ID: above[ROOT_ID], PARENT_ID: own_id, POSITION: position}
            yield from nested_objects(item, array_path[1:], here)
