"""`python -m upkeep.spec FILE`: compare the tap with an OpenAPI file of Younium.

It prints a line for each difference. The exit code is 1 if there are any, and 2 if the file is not
an OpenAPI file.
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
def streams_by_path() -> dict[str, YouniumStream]:
    """Return the tap's streams by path, without nested streams."""
    return {
        stream.child_path if isinstance(stream, ChildStream) else stream.path: stream
        for stream in TapYounium(config={}, validate_config=False).discover_streams()
        if not isinstance(stream, NestedStream)
    }


def differences(facts: Facts) -> Iterator[str]:
    """Yield a line for each path or field that the file or the tap lacks, and each other type."""
    known = streams_by_path()
    for path in sorted(facts.lists() - known.keys()):
        yield f"{path}: a collection without a stream, {len(facts.fields(path))} fields"
    for path, stream in sorted(known.items()):
        if path not in facts.paths:
            yield f"{stream.name}: the file has no {path}"
            continue
        model = cast("StructType", type_info(stream.model))
        secret = {field.encode_name for field in model.fields if is_secret(field.type)}
        file_fields = {
            name: kind for name, kind in facts.fields(path).items() if name not in secret
        }
        tap_fields = {name: kind for name, kind in fields(stream.schema).items() if name[0] != "_"}
        for name in sorted(file_fields.keys() | tap_fields.keys()):
            in_file, in_tap = file_fields.get(name), tap_fields.get(name)
            if in_tap is None:
                yield f"{stream.name}: {name} is new, of type {in_file}"
            elif in_file is None:
                yield f"{stream.name}: {name} is not in the file"
            elif in_file != in_tap:
                yield f"{stream.name}: {name} is {in_file} in the file, {in_tap} in the tap"


def main(arguments: list[str] | None = None) -> int:
    """Print the differences, and return 1 if there are any."""
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
