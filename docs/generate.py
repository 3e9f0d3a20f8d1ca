"""`python docs/generate.py`: write the pages and pictures that follow from the tap itself.

A page for each table, the list of them, the settings and the pictures of how tables join are made
of the streams, the models and the settings. A test holds what is committed to what this writes.
"""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import inspect

from docs.areas import AREAS, area_of
from docs.diagram import MAIN, diagram
from docs.joins import TABLES, Join, joins, name_of, nested_in
from docs.keys import reasons
from tap_younium import config
from tap_younium.child import ChildStream
from tap_younium.client import NestedStream
from tap_younium.records.columns import LAST_MODIFIED, LEGAL_ENTITY, PARENT_ID, POSITION, ROOT_ID
from tap_younium.records.definition import type_at
from tap_younium.records.json_schema import CUSTOM_FIELDS, custom_object, is_secret, unwrap
from tap_younium.tap import TapYounium

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_younium.client import YouniumStream

DOCS = Path(__file__).parent
_MADE = "% Made by docs/generate.py.\n\n"
COLUMNS = (DOCS / "columns.md").read_text(encoding="utf-8")
_STREAMS = """\
Younium's API has {} streams. A tenant can add its own:
[reports, data export and Insights](../recipes/reports.md).

- A **collection** is one list of Younium's API. Four are not selected by default, because they hold
  personal data or links: `invoice_document_attachments`, `user_roles`, `users` and `webhooks`.
- A **nested stream** has the objects in an array of a collection's records. It costs no extra
  request if its collection is read in the same run, and is as incremental as its collection.
- A **detail stream** costs one request per record of a collection, or per part of one. It is not
  selected by default. Each run requests the details of the records that have changed.

An **incremental** stream reads what has changed; a **full table** stream reads everything in each
run. All streams have [the tap's own columns](../columns.md)."""
_JOINS = """\
Each diagram shows the primary keys (PK) and foreign keys (FK) of its streams. A foreign key names
the streams that it joins; a dot leads into an object. A line ends in a crow's foot where many rows
join one row.

- A nested row joins the row above it by `_parent_id` and its record by `_root_id`.
- If `legal_entities` is set, join on `_legal_entity` as well.
- A database can also contain nested rows that were removed from their record, and superseded
  versions of orders. [These views](recipes/sql.md#what-is-current) leave them out."""
_KEYS = """\
A row that comes again takes the place of the one with the same key. `_legal_entity` is part of each
key where `legal_entities` is set. "Never absent" is what Younium's published OpenAPI file says; the
tests compare it. Streams of reports, data export and Insights are not here: Younium publishes
nothing of their rows.

To see which rows are still there, compare `_read_at`: [what the tap cannot see](changes.md)."""
_SETTINGS = """\
They come from a file (`--config config.json`) or, with `--config=ENV`, from the environment;
Meltano hands them on. A setting that is `null` is not set."""


def pages() -> dict[str, str]:
    """Return the text of each file that is made, by its path in `docs`."""
    tap = TapYounium(validate_config=False)
    streams = {name_of(stream): stream for stream in TABLES}
    found = {
        f"tables/{name}.md": _MADE + table_page(streams[name], tap.streams[name].schema)
        for name in streams
    }
    found["tables/index.md"] = _MADE + tables_page()
    found["settings.md"] = _MADE + settings_page()
    schemas = {name: stream.schema for name, stream in tap.streams.items()}
    found["joins.md"] = _MADE + joins_page(schemas)
    found["keys.md"] = _MADE + keys_page()
    return found


def main() -> None:
    """Write what is made, and take away what no longer is."""
    made = pages()
    for file in (DOCS / "tables").glob("*"):
        if f"tables/{file.name}" not in made:
            file.unlink()
    for name, text in made.items():
        file = DOCS / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")


# Tables


def table_page(stream: type[YouniumStream], schema: dict[str, Any]) -> str:
    """Return the page of one table."""
    facts = "\n".join(f":{name}: {value}" for name, value in _facts(stream))
    parts = [
        f"# {name_of(stream)}",
        _sentence(stream),
        facts,
        "## Columns",
        _table(("column", "type", "meaning"), _columns(stream, schema)),
        *_joins(stream),
    ]
    return "\n\n".join(parts) + "\n"


def _sentence(stream: type[YouniumStream]) -> str:
    return (stream.__doc__ or "").strip()


def _facts(stream: type[YouniumStream]) -> Iterator[tuple[str, str]]:
    yield "Younium's path", f"`{_path(stream)}`"
    keys = ", ".join(map(_code, stream.primary_keys))
    yield "Key", f"{keys}; also {_code(LEGAL_ENTITY)} where `legal_entities` is set"
    yield "Read", _reading(stream)
    yield "By default", "yes" if stream.selected_by_default else "no: select it"
    if issubclass(stream, NestedStream):
        yield (
            "Nested in",
            f"{_link(name_of(stream.collection))}: {_code('.'.join(stream.array_path))}",
        )
    if issubclass(stream, ChildStream):
        yield "Asked for each", _asked_for(stream)
    yield "Requests", _cost(stream)
    if stream.permission:
        yield "Permission", f"`{stream.permission}`"
    area = area_of(name_of(stream))
    yield "Picture", f"[{area.title}](../joins.md#{_anchor(area.title)})"


def _path(stream: type[YouniumStream]) -> str:
    return stream.child_path if issubclass(stream, ChildStream) else stream.path


def _reading(stream: type[YouniumStream]) -> str:
    if stream.replication_key is None:
        return "full: everything in each run"
    if issubclass(stream, ChildStream):
        return f"incremental: for the records that have changed, by their {_code(LAST_MODIFIED)}"
    incremental = f"incremental: what has changed, by {_code(LAST_MODIFIED)}"
    if not stream.shows_changes:
        return f"{incremental}, which is Younium's clock here"
    return incremental


def _asked_for(stream: type[ChildStream]) -> str:
    tables = " and ".join(_link(name_of(collection)) for collection in stream.collections)
    if stream.many_records_per_parent:
        return f"fiscal year that {tables} name"
    if stream.parent_array_path:
        array = _code(".".join(stream.parent_array_path))
        return f"of the {array} of {tables}, by {_code(stream.parent_field)}"
    return f"record of {tables}, by {_code(stream.parent_field)}"


def _cost(stream: type[YouniumStream]) -> str:
    if issubclass(stream, NestedStream):
        return f"none of its own where {_link(name_of(stream.collection))} is read in the same run"
    if issubclass(stream, ChildStream):
        more = "at least one" if stream.child_paged else "one"
        tables = " and ".join(_link(name_of(collection)) for collection in stream.collections)
        return f"{more} for each of these, and the pages of {tables} where these are not read"
    if not stream.paged:
        return "one"
    page = f"one for each page of `page_size` records, {config.MAX_PAGE_SIZE} at the most"
    again = "one more" if stream.replication_key else "as many again"
    return f"{page}; {again} to see what changed meanwhile, where there are several pages"


def _columns(stream: type[YouniumStream], schema: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    node = _node(stream)
    fields = {field.encode_name: unwrap(field.type) for field in node.fields}
    named = {join.column: join for join in joins() if join.table == name_of(stream)}
    own = own_columns()
    for name, column in schema["properties"].items():
        said = []
        if name in stream.primary_keys:
            said.append("Key.")
        if name in own:
            said.append(_own(stream, name, own[name]))
        if name in named:
            said.append(f"Joins {_targets(named[name])}.")
        if name in fields:
            said.extend(_shape(stream, node, name, fields[name]))
        kind = next(it for it in _as_list(column["type"]) if it != "null")
        yield _code(name), _code(column.get("format", kind)), " ".join(said)


def _own(stream: type[YouniumStream], name: str, meaning: str) -> str:
    if issubclass(stream, ChildStream) and stream.many_records_per_parent:
        if name == PARENT_ID:
            return "The fiscal year."
        if name == ROOT_ID:
            return "Null: a year is of many journals."
    if name == POSITION and issubclass(stream, ChildStream):
        return "The place in the answer, from 0."
    return f"{meaning[0].upper()}{meaning[1:]}."


def _shape(
    stream: type[YouniumStream], node: inspect.StructType, name: str, field: inspect.Type
) -> Iterator[str]:
    """Yield what is in a column of objects."""
    item = unwrap(field.item_type) if isinstance(field, inspect.ListType) else field
    if name == CUSTOM_FIELDS:
        yield f"The tenant's fields of the object {_code(custom_object(node))}."
    if not isinstance(item, inspect.StructType):
        return
    yield (item.cls.__doc__ or "").strip()
    names = (each.encode_name for each in item.fields if not is_secret(each.type))
    nested = _nested(stream, name)
    if nested:
        yield f"Also rows of {_link(name_of(nested))}."
    else:
        yield f"Fields: {', '.join(map(_code, names))}."


def _nested(stream: type[YouniumStream], name: str) -> type[NestedStream] | None:
    if issubclass(stream, ChildStream):
        return None
    collection = stream.collection if issubclass(stream, NestedStream) else stream
    return nested_in(collection, (*stream.array_path, name))


def _node(stream: type[YouniumStream]) -> inspect.StructType:
    """Return what the model says of a table's rows."""
    node = type_at(stream.model, stream.array_path)
    assert isinstance(node, inspect.StructType)  # noqa: S101 - rows are objects
    return node


def _joins(stream: type[YouniumStream]) -> Iterator[str]:
    """Yield the joins that no column of the table's own tells: into objects, and from others."""
    inner = [join for join in joins() if join.table == name_of(stream) and "." in join.column]
    others = [
        join
        for join in joins()
        if join.table != name_of(stream)
        and any(name == name_of(stream) for name, _ in join.targets)
    ]
    if inner or others:
        yield "## Joins"
    if inner:
        rows = ((_code(join.column), _targets(join)) for join in inner)
        yield _table(("field", "joins"), rows)
    if others:
        came = sorted(
            (join.table, join.column, column)
            for join in others
            for name, column in join.targets
            if name == name_of(stream)
        )
        names = ((_link(table), _code(column), _code(to)) for table, column, to in came)
        yield "Joined by:"
        yield _table(("table", "its column", "joins"), names)


def _targets(join: Join) -> str:
    return " or ".join(f"{_link(table)} on {_code(column)}" for table, column in join.targets)


def own_columns() -> dict[str, str]:
    """Return the tap's own columns and their meaning, as the page on columns has them."""
    rows = re.findall(r"^\| `(_\w+)` \|[^|]*\| (.*) \|$", COLUMNS, re.MULTILINE)
    return dict(rows)


def tables_page() -> str:
    """Return the list of all streams."""
    parts = [
        "# Streams",
        _STREAMS.format(len(TABLES)),
    ]
    streams = {name_of(stream): stream for stream in TABLES}
    for area in AREAS:
        rows = (
            (
                _link(name),
                _sentence(streams[name]),
                "incremental" if streams[name].replication_key else "full table",
                "yes" if streams[name].selected_by_default else "no",
            )
            for name in area.tables
        )
        parts += [
            f"## {area.title}",
            _table(("stream", "records", "replication", "selected by default"), rows),
        ]
    parts.append("```{toctree}\n:hidden:\n\n" + "\n".join(sorted(streams)) + "\n```")
    return "\n\n".join(parts) + "\n"


# Joins


def joins_page(schemas: Mapping[str, Any]) -> str:
    """Return the page with the diagrams."""
    parts = ["# How tables join", _JOINS, "## Overview", diagram("Overview", MAIN)]
    for area in AREAS:
        links = ", ".join(f"[{name}](tables/{name}.md)" for name in area.tables)
        parts += [f"## {area.title}", links, diagram(area.title, area.tables, schemas)]
    return "\n\n".join(parts) + "\n"


def keys_page() -> str:
    """Return each stream's primary key and why it is one."""
    rows = (
        (f"[`{name}`](tables/{name}.md)", ", ".join(map(_code, keys)), reason)
        for name, keys, reason in reasons()
    )
    table = _table(("stream", "primary key", "why"), rows)
    return f"# Primary keys\n\n{_KEYS}\n\n{table}\n"


# Settings


def settings_page() -> str:
    """Return the page of the settings, as `--about` tells them."""
    schema = TapYounium.config_jsonschema
    TapYounium.append_builtin_config(schema)
    parts = [
        "# Settings",
        _SETTINGS,
    ]
    for title, names in (
        ("The tap's own", config.NAMES),
        ("The SDK's", [name for name in schema["properties"] if name not in config.NAMES]),
    ):
        parts.append(f"## {title}")
        for name in names:
            parts += list(_setting(name, schema["properties"][name], schema["required"]))
    return "\n\n".join(parts) + "\n"


def _setting(name: str, schema: dict[str, Any], required: Iterable[str]) -> Iterator[str]:
    yield f"### {name}"
    yield str(schema.get("description", ""))
    kind = next(it for it in _as_list(schema["type"]) if it != "null")
    facts = [("Type", schema.get("format", kind))]
    if "enum" in schema:
        facts = [("One of", ", ".join(map(_code, schema["enum"])))]
    if kind == "array":
        facts = [("Type", f"array of {_as_list(schema['items']['type'])[0]}s")]
    if name in required:
        facts.append(("Required", "yes"))
    if "default" in schema:
        default = schema["default"]
        facts.append(("Default", _code(str(default).lower() if default is False else default)))
    if schema.get("secret"):
        facts.append(("Secret", "yes: it is in no log, error, state or row"))
    facts.append(("Environment", _code(f"TAP_YOUNIUM_{name.upper()}")))
    yield "\n".join(f":{label}: {value}" for label, value in facts)


# Markdown


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _code(text: object) -> str:
    return f"`{text}`"


def _link(table: str) -> str:
    return f"[{table}]({table}.md)"


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = chain([head, ("---",) * len(head)], rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
