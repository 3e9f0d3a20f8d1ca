"""What an OpenAPI file of Younium's has that the tap lacks, and the other way round.

`python -m upkeep.spec FILE` prints a line for each difference.
It exits with 1 if there are any, and with 2 if the file is not an OpenAPI file.
"""

from __future__ import annotations

import argparse
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tap_younium.child import ChildStream
from tap_younium.client import NestedStream
from tap_younium.records.definition import type_info
from tap_younium.records.json_schema import is_secret
from tap_younium.tap import TapYounium
from upkeep.facts import facts_of, fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msgspec.inspect import StructType

    from tap_younium.client import YouniumStream
    from upkeep.facts import Facts


@cache
def tables() -> dict[str, YouniumStream]:
    """Return the tap's tables that have a path of their own, by that path."""
    return {
        stream.child_path if isinstance(stream, ChildStream) else stream.path: stream
        for stream in TapYounium(config={}, validate_config=False).discover_streams()
        if not isinstance(stream, NestedStream)
    }


def differences(facts: Facts) -> Iterator[str]:
    """Yield what the file has that the tap lacks, has with another type, or has alone."""
    known = tables()
    for path in sorted(facts.lists() - known.keys()):
        yield f"{path}: a collection that is no table, of {len(facts.fields(path))} fields"
    for path, table in sorted(known.items()):
        if path not in facts.paths:
            yield f"{table.name}: the file has no {path}"
            continue
        model = cast("StructType", type_info(table.model))
        secret = {field.encode_name for field in model.fields if is_secret(field.type)}
        there = {name: kind for name, kind in facts.fields(path).items() if name not in secret}
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
        found = list(differences(facts_of(file.read_bytes())))
    except (OSError, ValueError) as error:
        parser.error(f"{file}: {error}")
    print(*found, sep="\n", end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
