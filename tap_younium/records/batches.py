"""Writes rows to compressed files, which BATCH messages name, for targets that read files."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

# Private in the SDK, whose public modules have no BATCH message and no storage.
from singer_sdk.helpers._batch import BaseBatchFileEncoding, SDKBatchMessage, StorageTarget
from singer_sdk.singerlib.messages import RecordMessage

from tap_younium.config import BATCH_COMPRESSION, BATCH_FORMAT, BATCH_SIZE
from tap_younium.exceptions import RunError
from tap_younium.records.writer import LineWriter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from singer_sdk.singerlib.messages import Message

_MAX_BYTES = 64 * 1024 * 1024
"""A file is complete at this size, even if it has fewer rows: it is in memory until then."""


class _RecordLine(msgspec.Struct):
    stream: str
    record: msgspec.Raw
    version: int | None = None


_decode_line = msgspec.json.Decoder(_RecordLine).decode


@dataclass
class _File:
    """The compressed rows of a stream that are not in storage yet."""

    version: int | None
    rows: int = 0
    size: int = 0
    _pieces: list[bytes] = field(default_factory=list)
    _compressor: Any = field(default_factory=lambda: zlib.compressobj(wbits=zlib.MAX_WBITS | 16))

    def add(self, row: bytes) -> None:
        self._pieces.append(self._compressor.compress(row + b"\n"))
        self.size += len(self._pieces[-1])
        self.rows += 1

    @property
    def is_full(self) -> bool:
        return self.size >= _MAX_BYTES

    @property
    def content(self) -> bytes:
        return b"".join([*self._pieces, self._compressor.copy().flush()])


class BatchWriter(LineWriter):
    """Writes BATCH instead of RECORD messages: the same rows, as JSON lines in files.

    A BATCH message follows when its file is complete, or before the next STATE or other message
    that counts on its rows.

    Args:
        config: The setting `batch_config`.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        storage = config["storage"]
        self._storage = StorageTarget(storage["root"])
        self._prefix = f"{storage.get('prefix', '')}{uuid4()}"
        self._max_rows = config.get("batch_size", BATCH_SIZE)
        self._files: dict[str, _File] = {}
        self._count = 0

    def write_message(self, message: Message) -> None:
        """Write a message after the rows before it; add the row of a RECORD to its file."""
        if isinstance(message, RecordMessage):
            self.write_records([self.format_message(message)])
            return
        for stream in list(self._files):
            self._write_batch(stream)
        super().write_message(message)
        self.is_collecting = True

    def write_records(self, lines: Sequence[bytes]) -> None:
        """Add the rows of RECORD lines to the files of their streams."""
        for line in lines:
            row = _decode_line(line)
            with self.uninterrupted():
                file = self._files.get(row.stream)
                if file is None:
                    file = self._files[row.stream] = _File(row.version)
                file.add(bytes(row.record))
                self.needs_state = True
            if file.is_full or file.rows == self._max_rows:
                self._write_batch(row.stream)
                self.is_collecting = False

    def _write_batch(self, stream: str) -> None:
        """Store the file of a stream and write its BATCH message.

        Raises:
            RunError: If it cannot be stored. Its rows are kept, so that no STATE counts them.
        """
        file, self._count = self._files[stream], self._count + 1
        name = f"{self._prefix}-{self._count:06}-{stream}.{BATCH_FORMAT}.gz"
        try:
            with self._storage.open(name, "wb") as stored:
                stored.write(file.content)
            url = self._storage.get_url(name)
        except Exception as error:  # each kind of storage raises its own
            raise RunError(
                f"Cannot write {name} to batch_config.storage.root: {error}. Check the address, "
                "its credentials and its free space."
            ) from error
        encoding = BaseBatchFileEncoding(BATCH_FORMAT, BATCH_COMPRESSION)
        super().write_message(SDKBatchMessage(stream, encoding, [url], file.version))
        del self._files[stream]
