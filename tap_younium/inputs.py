"""What the tap is given in files, checked before anything is asked; what they hold is not shown."""

from __future__ import annotations

import json
from contextlib import contextmanager
from io import StringIO
from typing import IO, TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib import Catalog

from tap_younium.errors import YouniumError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _Table(msgspec.Struct):
    """What the SDK takes from a table's entry in a catalog without looking at it."""

    tap_stream_id: str
    stream: str | None = None
    key_properties: list[str] | None = None
    replication_key: str | None = None
    replication_method: str | None = None


class _Tables(msgspec.Struct):
    streams: list[_Table]


def json_object(name: str, read: Callable[[], str]) -> IO[str]:
    """Return a file's text, to be read again.

    Raises:
        YouniumError: If it is no JSON object.
    """
    try:
        text = read()
        value = json.loads(text, parse_constant=int)  # NaN is no JSON, and no whole number
        if name != "config":  # whose settings are told by name
            json.dumps(value, ensure_ascii=False).encode()  # half of a letter can't be written
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise YouniumError(f"The {name} file holds no JSON object: mend it, or make it anew.")
    return StringIO(text)


@contextmanager
def suits() -> Iterator[None]:
    """Tell of a catalog that does not suit the tap, in whatever way it does not.

    Raises:
        YouniumError: If it does not.
    """
    try:
        yield
    except (AttributeError, KeyError, TypeError, msgspec.ValidationError) as error:
        raise YouniumError(
            f"The catalog does not suit the tap ({type(error).__name__}: {error}). Make a new one "
            "with --discover."
        ) from error


def catalog(value: Any) -> Catalog | None:
    """Return the catalog that a value holds, if any.

    Raises:
        YouniumError: If it holds none.
    """
    if value is None or isinstance(value, Catalog):
        return value
    with suits():
        msgspec.convert(value, _Tables)
        found = Catalog.from_dict(value)
    for entry in found.streams:
        if entry.stream not in (None, entry.tap_stream_id):
            raise YouniumError(
                f"The catalog calls the table {entry.tap_stream_id} {entry.stream!r}: to give it "
                "another name, use a stream map."
            )
    return found
