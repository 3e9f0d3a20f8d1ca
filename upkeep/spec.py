"""What an OpenAPI file of Younium's has that the tap lacks, and the other way round.

`python -m upkeep.spec FILE` prints a line for each difference.
It exits 1 if there are any, and 2 if the file is none.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tap_younium.child import ChildStream
from tap_younium.client import NestedStream
from tap_younium.records.definition import type_info
from tap_younium.records.json_schema import is_secret
from tap_younium.tap import TapYounium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msgspec.inspect import StructType

    from tap_younium.client import YouniumStream

Schema = dict[str, Any]

NOT_A_LIST = {"/Currency/BaseCurrency"}
"""One record, which `/Currency` lists too."""


class Spec:
    """An OpenAPI file in JSON.

    Attributes:
        paths: What GET gives at each path; parameters are written `{}`, as in the tap's templates.

    Raises:
        ValueError: If the text is none.
    """

    def __init__(self, text: str | bytes) -> None:
        try:
            document = json.loads(text)
            self.paths: Schema = {
                re.sub(r"{[^}]*}", "{}", path): operations["get"]
                for path, operations in document["paths"].items()
                if "get" in operations
            }
            self._schemas: Schema = document.get("components", {}).get("schemas", {})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no OpenAPI file in JSON: {error!r}") from error

    def lists(self) -> set[str]:
        """Return the paths of all collections."""
        return {path for path in self.paths if "{" not in path} - NOT_A_LIST

    def fields(self, path: str) -> dict[str, str]:
        """Return the fields of a record at a path, see `fields`; none where it describes none."""
        answer = self.paths[path].get("responses", {}).get("200", {})
        content: dict[str, Schema] = answer.get("content", {})
        schema = self._followed(next(iter(content.values()), {}).get("schema", {}))
        schema = self._followed(schema.get("properties", {}).get("data", schema))  # the envelope
        return fields(schema.get("items", schema), self._followed)

    def _followed(self, schema: Schema) -> Schema:
        """Return a schema behind its references, its parts put together."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name not in self._schemas:
                raise ValueError(f"no OpenAPI file: {schema['$ref']} leads nowhere")
            return self._followed(self._schemas[name])
        whole = dict(schema)
        choices = whole.pop("anyOf", []) + whole.pop("oneOf", [])
        one = [choice for choice in choices if choice.get("type") != "null"][:1]
        for part in map(self._followed, whole.pop("allOf", []) + one):
            properties = whole.get("properties", {}) | part.get("properties", {})
            whole |= part | {"properties": properties}
        return whole


def fields(schema: Schema, followed: Callable[[Schema], Schema] = lambda it: it) -> dict[str, str]:
    """Return every field path below a schema, such as `lines.[].amount`, and what is there.

    That is a type and, where it means something to a target, its format: `string:date-time`.

    Args:
        schema: The schema of an object.
        followed: Gives a schema behind its references.
    """
    root = followed(schema)
    return dict(_walk(root, followed, (), [root]))


def _walk(
    schema: Schema,
    followed: Callable[[Schema], Schema],
    path: tuple[str, ...],
    above: list[Schema],
) -> Iterator[tuple[str, str]]:
    for name, field in schema.get("properties", {}).items():
        inner, here = followed(field), (*path, name)
        while _kind(inner) == "array":
            yield ".".join(here), "array"
            inner, here = followed(inner.get("items", {})), (*here, "[]")
        yield ".".join(here), _kind(inner)
        if inner not in above:  # an object that may hold its like has no end
            yield from _walk(inner, followed, here, [*above, inner])


def _kind(schema: Schema) -> str:
    types = schema.get("type", "object")
    found = "|".join([types] if isinstance(types, str) else [it for it in types if it != "null"])
    mark = schema.get("format")
    return f"{found}:{mark}" if mark in {"date-time", "uuid"} else found


@cache
def tables() -> dict[str, YouniumStream]:
    """Return the tap's tables that have a path of their own, by that path."""
    return {
        stream.child_path if isinstance(stream, ChildStream) else stream.path: stream
        for stream in TapYounium(config={}, validate_config=False).discover_streams()
        if not isinstance(stream, NestedStream)
    }


def differences(spec: Spec) -> Iterator[str]:
    """Yield what the file has and the tap has not, or otherwise, or alone."""
    known = tables()
    for path in sorted(spec.lists() - known.keys()):
        yield f"{path}: a collection that is no table, of {len(spec.fields(path))} fields"
    for path, table in sorted(known.items()):
        if path not in spec.paths:
            yield f"{table.name}: the file has no {path}"
            continue
        model = cast("StructType", type_info(table.model))
        secret = {field.encode_name for field in model.fields if is_secret(field.type)}
        there = {name: kind for name, kind in spec.fields(path).items() if name not in secret}
        here = {name: kind for name, kind in fields(table.schema).items() if name[0] != "_"}
        for name in sorted(there.keys() | here.keys()):
            if name not in here:
                yield f"{table.name}: {name} is new, of type {there[name]}"
            elif name not in there:
                yield f"{table.name}: {name} is not in the file"
            elif there[name] != here[name]:
                yield f"{table.name}: {name} is of type {there[name]}, here {here[name]}"


def main(arguments: list[str] | None = None) -> int:
    """Print the differences, and say by an exit code whether there are any."""
    parser = argparse.ArgumentParser(prog="python -m upkeep.spec", description=__doc__)
    parser.add_argument("file", type=Path, help="Younium's OpenAPI file, in JSON")
    file = parser.parse_args(arguments).file
    try:
        found = list(differences(Spec(file.read_bytes())))
    except (OSError, ValueError) as error:
        parser.error(f"{file}: {error}")
    print(*found, sep="\n", end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
