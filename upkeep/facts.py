"""Extracts the facts about Younium's API from its OpenAPI file.

`python -m upkeep.facts FILE` writes `tests/facts/younium-2.1.json`: the query parameters and the
record of each path, the fields of each object with their types, and the enums.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema = dict[str, Any]
FILE = Path(__file__).parents[1] / "tests" / "facts" / "younium-2.1.json"
NOT_A_LIST = {"/Currency/BaseCurrency"}
"""Returns one record, which is also in `/Currency`."""


@dataclass
class Facts:
    """The facts of an OpenAPI file.

    A type is `string`, or `string:date-time` with a format, or the name of an object or an enum. An
    array is a list with the type of its items, and an unnamed object is a dictionary of its fields.
    The name of a nullable field ends with `?`.

    Attributes:
        paths: For each path with a GET: its `query` parameters, the type of its `record`, and, if
            the file has them, the levels whose changes `ModifiedAfter` returns as `covers`. Path
            parameters are `{}`.
        objects: The fields of each object.
        enums: The values of each enum.
    """

    paths: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    enums: dict[str, list[str]] = field(default_factory=dict)

    def lists(self) -> set[str]:
        """Return the paths of all collections."""
        return {path for path in self.paths if "{" not in path} - NOT_A_LIST

    def record(self, path: str, *arrays: str) -> dict[str, Any]:
        """Return the fields of a record at a path, or of an item of an array within it."""
        found = self._fields_of(self.paths[path]["record"])
        for name in arrays:
            (item,) = found.get(name) or found[f"{name}?"]
            found = self._fields_of(item)
        return found

    def fields(self, path: str) -> dict[str, str]:
        """Return every field of a record at a path, such as `lines.[].amount`, and its type."""
        return dict(self.walk(self.paths[path]["record"]))

    def walk(self, kind: Any, prefix: str = "", above: tuple[Any, ...] = ()) -> Iterator[Any]:
        """Yield every field below a type, with the type of the field.

        Only the formats of dates and UUIDs are included, because targets use them.
        """
        if kind in above:  # a recursive object
            return
        for name, inner in self._fields_of(kind).items():
            path = prefix + name.removesuffix("?")
            while isinstance(inner, list):
                yield path, "array"
                path, (inner,) = f"{path}.[]", inner  # noqa: PLW2901
            yield path, self._plain(inner)
            yield from self.walk(inner, f"{path}.", (*above, kind))

    def _fields_of(self, kind: Any) -> dict[str, Any]:
        return kind if isinstance(kind, dict) else self.objects.get(kind, {})

    def _plain(self, kind: Any) -> str:
        if isinstance(kind, dict) or kind in self.objects:
            return "object"
        if kind in self.enums:
            return "string"
        return str(kind) if kind in {"string:date-time", "string:uuid"} else kind.partition(":")[0]

    def text(self) -> str:
        """Return the facts as JSON, with a line for each field and enum."""
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        return re.sub(r"\[[^\[\]{}]*\]", lambda it: json.dumps(json.loads(it[0])), text) + "\n"


def facts_of(text: str | bytes) -> Facts:
    """Return the facts of an OpenAPI file in JSON.

    Raises:
        ValueError: If the text is not an OpenAPI file in JSON.
    """
    try:
        document = json.loads(text)
        reader = Reader(document.get("components", {}).get("schemas", {}))
        for path, operations in document["paths"].items():
            if "get" in operations:
                reader.read(re.sub(r"{[^}]*}", "{}", path), operations["get"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an OpenAPI file in JSON: {error}") from error
    return reader.facts


class Reader:
    """Collects the facts of an OpenAPI file.

    Args:
        schemas: The file's schemas by name.
    """

    def __init__(self, schemas: Schema) -> None:
        self.facts = Facts()
        self._schemas = schemas

    def read(self, path: str, operation: Schema) -> None:
        """Add the facts of a path."""
        content: Schema = operation.get("responses", {}).get("200", {}).get("content", {})
        media: Schema = next(iter(content.values()), {})
        response: Schema = media.get("schema", {})
        response = self._whole(response).get("properties", {}).get("data", response)
        found: Schema = {
            "query": [it["name"] for it in operation.get("parameters", ()) if it["in"] == "query"],
            "record": self.kind(self._whole(response).get("items", response)),
        }
        if "x-modified-after-covers" in operation:
            found["covers"] = operation["x-modified-after-covers"]
        self.facts.paths[path] = found

    def kind(self, schema: Schema) -> Any:
        """Return the type of a schema, and collect its named objects and enums."""
        whole, name = self._whole(schema), _name(schema)
        types = whole.get("type", "object")
        found = "|".join(
            it for it in ([types] if isinstance(types, str) else types) if it != "null"
        )
        if found == "array":
            return [self.kind(whole.get("items", {}))]
        if name and "enum" in whole:
            self.facts.enums[name] = whole["enum"]
            return name
        if fields := whole.get("properties"):
            if not name:
                return self._fields(fields)
            if name not in self.facts.objects:
                self.facts.objects[name] = {}  # it can be recursive
                self.facts.objects[name] = self._fields(fields)
            return name
        return f"{found}:{whole['format']}" if "format" in whole else found

    def _fields(self, fields: Schema) -> Schema:
        return {
            f"{name}?" if _nullable(schema) or _nullable(self._whole(schema)) else name: self.kind(
                schema
            )
            for name, schema in fields.items()
        }

    def _whole(self, schema: Schema) -> Schema:
        """Return a schema with references resolved and parts merged."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if name not in self._schemas:
                raise ValueError(f"{schema['$ref']} does not exist")
            return self._whole(self._schemas[name])
        whole = {name: value for name, value in schema.items() if name not in PARTS}
        for part in map(self._whole, _parts(schema)):
            properties = whole.get("properties", {}) | part.get("properties", {})
            whole |= part | ({"properties": properties} if properties else {})
        return whole


PARTS = ("allOf", "anyOf", "oneOf")


def _parts(schema: Schema) -> list[Schema]:
    """Return the parts of a schema. Of several choices, return the first."""
    choices = schema.get("anyOf", []) + schema.get("oneOf", [])
    one = [choice for choice in choices if choice.get("type") != "null"][:1]
    return [*schema.get("allOf", []), *one]


def _name(schema: Schema) -> str | None:
    """Return the name of a schema, if it is only a reference."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    parts = _parts(schema)
    return _name(parts[0]) if len(parts) == 1 and "properties" not in schema else None


def _nullable(schema: Schema) -> bool:
    choices = schema.get("anyOf", []) + schema.get("oneOf", [])
    return bool(
        schema.get("nullable")
        or "null" in schema.get("type", ())
        or any(choice.get("type") == "null" for choice in choices)
    )


def fields(schema: Schema) -> dict[str, str]:
    """Return every field of a JSON Schema without references, like `Facts.fields`."""
    return dict(Facts().walk(Reader({}).kind(schema)))


def published() -> Facts:
    """Return the facts that are stored in the project."""
    return Facts(**json.loads(FILE.read_text(encoding="utf-8")))


def main(arguments: list[str] | None = None) -> None:
    """Write the facts of an OpenAPI file."""
    parser = argparse.ArgumentParser(prog="python -m upkeep.facts", description=__doc__)
    parser.add_argument("file", type=Path, help="Younium's OpenAPI file, in JSON")
    file = parser.parse_args(arguments).file
    try:
        FILE.write_text(facts_of(file.read_bytes()).text(), encoding="utf-8")
    except (OSError, ValueError) as error:
        parser.error(f"{file}: {error}")


if __name__ == "__main__":
    main()
