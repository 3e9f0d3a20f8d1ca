"""Writes Singer messages to stdout, in complete lines even when a signal arrives."""

from __future__ import annotations

import datetime as dt
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.messages import Message, RecordMessage, SchemaMessage, StateMessage

from tap_younium.records.decoding import ExactDecimal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_BUFFER_SIZE = 256 * 1024


def _encode_other(value: Any) -> Any:
    if isinstance(value, ExactDecimal):
        return msgspec.Raw(value.text)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return str(value)


encode = msgspec.json.Encoder(enc_hook=_encode_other, decimal_format="number").encode


class LineWriter(GenericSingerWriter[bytes, Message]):
    """Buffers RECORD lines and writes complete lines only.

    A signal that arrives during a write is handled after it, so that a slow target still receives
    complete lines.

    Attributes:
        is_collecting: Whether a STATE is better written later, see `BatchWriter`.
        needs_state: Whether lines were written after the last STATE.
        writing: Whether a write is in progress.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_collecting = False
        self.needs_state = False
        self._buffer = bytearray()
        self.writing = False
        self._after_write: Callable[[], None] | None = None

    def serialize_message(self, message: Message) -> bytes:
        """Return a message as one line of JSON."""
        if isinstance(message, SchemaMessage):
            message.key_properties = message.key_properties or []  # some targets require it
        return encode(message.to_dict()) + b"\n"

    def write_message(self, message: Message) -> None:
        """Write a message; a RECORD can stay in the buffer."""
        self.write_lines([self.format_message(message)])
        self.needs_state = not isinstance(message, StateMessage)
        if not isinstance(message, RecordMessage):
            self.flush()

    def write_records(self, lines: Sequence[bytes]) -> None:
        """Write RECORD messages, as encoded lines."""
        self.write_lines(lines)

    def write_lines(self, lines: Sequence[bytes]) -> None:
        """Add encoded lines, including their line breaks, to the buffer."""
        self.needs_state |= bool(lines)
        for line in lines:
            self._buffer += line
        if len(self._buffer) >= _BUFFER_SIZE:
            self.flush()

    def flush(self) -> None:
        """Write the whole buffer."""
        with self.uninterrupted():
            lines, self._buffer = self._buffer, bytearray()
            _write(lines)

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """Do what must be complete before a signal is handled."""
        self.writing = True
        try:
            yield
        finally:
            self.writing = False
        if self._after_write:
            action, self._after_write = self._after_write, None
            action()

    def call_between_writes(self, action: Callable[[], None]) -> None:
        """Call `action` now, or after the write in progress."""
        if self.writing:
            self._after_write = action
        else:
            action()


def _write(lines: bytearray) -> None:
    """Write all bytes. One call may write only some, if a pipe is full or a signal arrives."""
    try:
        descriptor = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):  # a stdout without a file, as in tests
        sys.stdout.write(lines.decode())
        sys.stdout.flush()
        return
    sys.stdout.flush()
    rest = memoryview(lines)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
