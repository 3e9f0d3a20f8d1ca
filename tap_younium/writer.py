"""Singer lines to stdout: whole ones, also when a signal comes."""

from __future__ import annotations

import datetime as dt
import os
import sys
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.messages import Message, RecordMessage, SchemaMessage, StateMessage

from tap_younium.conform import Exact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FULL = 256 * 1024
"""Bytes that are gathered before they are written."""


def _encode_rest(value: Any) -> Any:
    if isinstance(value, Exact):
        return msgspec.Raw(value.text)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return str(value)


encode = msgspec.json.Encoder(enc_hook=_encode_rest, decimal_format="number").encode


class LineWriter(GenericSingerWriter[bytes, Message]):
    """Gathers lines and writes them whole: at every message that is no RECORD, and once many wait.

    A signal that comes in the middle of a write waits for its end: a target that reads slowly gets
    whole lines still.

    Attributes:
        stateless: Whether lines came after the last STATE.
        writing: Whether a write is under way.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stateless = False
        self._lines = bytearray()
        self.writing = False
        self._put_off: Callable[[], None] | None = None

    def serialize_message(self, message: Message) -> bytes:
        """Return a message as one line of JSON."""
        if isinstance(message, SchemaMessage):
            message.key_properties = message.key_properties or []  # a target may insist on it
        return encode(message.to_dict()) + b"\n"

    def write_message(self, message: Message) -> None:
        """Take a message, and write what waits unless it is one of many records."""
        self.write_lines([self.format_message(message)])
        self.stateless = not isinstance(message, StateMessage)
        if not isinstance(message, RecordMessage):
            self.flush()

    def write_lines(self, lines: Sequence[bytes]) -> None:
        """Take lines that are ready, their line breaks included."""
        self.stateless |= bool(lines)
        for line in lines:
            self._lines += line
        if len(self._lines) >= _FULL:
            self.flush()

    def flush(self) -> None:
        """Write all lines that wait, to the last byte."""
        self.writing = True
        try:
            lines, self._lines = self._lines, bytearray()
            _write(lines)
        finally:
            self.writing = False
        if self._put_off:
            act, self._put_off = self._put_off, None
            act()

    def when_whole(self, act: Callable[[], None]) -> None:
        """Call `act` now, or after the write that is under way."""
        if self.writing:
            self._put_off = act
        else:
            act()


def _write(lines: bytearray) -> None:
    """Write all bytes. One call may take a part only, where a pipe is full or a signal comes."""
    try:
        number = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):  # a stdout of Python's own, as tests have
        sys.stdout.write(lines.decode())
        sys.stdout.flush()
        return
    sys.stdout.flush()
    rest = memoryview(lines)
    while rest:
        rest = rest[os.write(number, rest) :]
