"""What the tests of faults, moving records and resumed runs have in common."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from singer import Clock, catalog, metadata_of

from tap_younium import streams

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from singer import Output, Row

    from simulator import Simulator

_CLOCK = re.compile(r',?"(?:time_extracted|_read_at)":"[^"]*"|,?"version":\d+')


def exhaustive(*values: Any) -> Any:
    """A case of a test that takes too long for each run."""
    return pytest.param(*values, marks=pytest.mark.exhaustive)


def choose(tables: Iterable[str], entities: Sequence[str] = ()) -> Row:
    """A catalog with only these streams selected, nested and child streams too.

    It has no columns of the others, as reading them would only take time.
    """
    wanted = set(tables)
    found = catalog(None, entities)
    names = {stream["tap_stream_id"] for stream in found["streams"]}
    assert wanted <= names, wanted - names
    for stream in found["streams"]:
        chosen = stream["tap_stream_id"] in wanted
        metadata_of(stream)["selected"] = chosen
        if not chosen:
            stream["schema"] = {"type": "object", "properties": {}}
            stream["metadata"] = [each for each in stream["metadata"] if not each["breadcrumb"]]
    return found


@contextmanager
def only(tables: Iterable[str], entities: Sequence[str] = ()) -> Iterator[None]:
    """Have the tap create only these streams, which takes most of the time of a short run.

    The catalogs of all streams are made before, as other tests use them too.
    """
    catalog(None)
    catalog(None, entities)
    wanted = set(tables)
    few = tuple(stream for stream in streams.STREAMS if stream.name in wanted)
    assert len(few) == len(wanted)
    with mock.patch.object(streams, "STREAMS", few):
        yield


def record_lines(lines: Iterable[str]) -> list[str]:
    """The RECORD lines, without the times of the run and without the version."""
    return [_CLOCK.sub("", line) for line in lines if '"type":"RECORD"' in line]


def by_key(lines: Iterable[str], schemas: dict[str, Row]) -> dict[tuple[Any, ...], Row]:
    """The last row of each primary key, as a target keeps it, without the time of the read.

    `_position` is kept if it is part of the key; in a list without an order it differs each time.
    """
    kept = {}
    for message in map(json.loads, lines):
        if message["type"] == "RECORD":
            table, row = message["stream"], message["record"]
            keys = schemas[table]["key_properties"]
            row = {name: row[name] for name in row.keys() - {"_position", "_read_at"} | {*keys}}
            kept[table, *(row[key] for key in keys)] = row
    return kept


def cuts(output: Output) -> Iterator[tuple[list[str], Row]]:
    """What a target has if a run is killed right after a STATE: the lines, and that state."""
    for number, line in enumerate(output.lines, 1):
        if '"type":"STATE"' in line:
            yield output.lines[:number], json.loads(line)["value"]


def secrets_of(simulator: Simulator) -> set[str]:
    """The credentials, and each token that was issued, as found in the requests."""
    sent = {seen.headers.get("authorization", "") for seen in simulator.requests}
    tokens = {header.removeprefix("Bearer ") for header in sent if header}
    return tokens | {simulator.client_id, simulator.client_secret}


@contextmanager
def no_waits() -> Iterator[None]:
    """Skip the tap's waits, in threads that outlive their run too."""
    with Clock().ticking():
        yield
