"""Keeps the pages of a query for the next stream that reads it."""

from __future__ import annotations

from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING
from zlib import compress, decompress

import msgspec

from tap_younium.api.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_BYTES_IN_MEMORY = 1024 * 1024


class PageCache:
    """Compressed pages, in a temporary file if there are many.

    The file has no name, so it is gone when the process ends. `tempfile.SpooledTemporaryFile`
    loses its content if the disk is full when it moves to a file; here memory takes the rest.
    """

    def __init__(self) -> None:
        self._in_memory: list[bytes] = []
        self._free_bytes = _MAX_BYTES_IN_MEMORY
        self._file: IO[bytes] | None = None
        self._sizes: list[int] = []
        self._after_file: list[bytes] = []

    def add(self, page: Page) -> None:
        """Keep a page."""
        packed = compress(msgspec.json.encode(page), 1)
        if self._after_file:
            self._after_file.append(packed)
            return
        self._free_bytes -= len(packed)
        if self._free_bytes < 0 and self._file is None:
            with suppress(OSError):  # no writable folder: everything stays in memory
                self._file = TemporaryFile(prefix="tap-younium-")  # noqa: SIM115 - see close
        if self._file is None:
            self._in_memory.append(packed)
            return
        try:
            self._file.write(packed)
            self._file.flush()
            self._sizes.append(len(packed))
        except OSError:  # the disk is full
            self._after_file.append(packed)

    def __iter__(self) -> Iterator[Page]:
        for packed in self._in_memory:
            yield _decode_page(decompress(packed))
        if self._file is not None:
            self._file.seek(0)
            for size in self._sizes:
                yield _decode_page(decompress(self._file.read(size)))
        for packed in self._after_file:
            yield _decode_page(decompress(packed))

    def close(self) -> None:
        """Discard the pages."""
        self._in_memory.clear()
        self._after_file.clear()
        if self._file is not None:
            self._file.close()


_decode_page = msgspec.json.Decoder(Page).decode
