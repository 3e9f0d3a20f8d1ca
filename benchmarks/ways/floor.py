"""The floor: requests and msgspec, page by page, without an SDK.

Every page is decoded to dicts with exact decimals, and each of them encoded as a RECORD line. It
checks nothing, normalises no time, keeps no state and tries nothing twice. `--pieces` reads answers
in large pieces, which requests does not do of itself.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import requests

_PIECE = 1024 * 1024


def main(host: str, *options: str) -> None:
    """Write the records of a listing to stdout."""
    decode = msgspec.json.Decoder(float_hook=Decimal).decode
    encode = msgspec.json.Encoder(decimal_format="number").encode
    pieces = "--pieces" in options
    with requests.Session() as session:
        page, pages = 1, 1
        while page <= pages:
            query = {"PageNumber": str(page), "PageSize": "100", "OrderBy": "id asc"}
            answer = session.get(f"{host}/Subscriptions", params=query, timeout=300, stream=pieces)
            answer.raise_for_status()
            body = b"".join(answer.iter_content(_PIECE)) if pieces else answer.content
            found = decode(body)
            pages = found["totalPages"]
            now = datetime.now(UTC)
            lines = [
                encode(
                    {
                        "type": "RECORD",
                        "stream": "subscriptions",
                        "record": record,
                        "time_extracted": now,
                    }
                )
                for record in found["data"]
            ]
            lines.append(b"")
            _write(b"\n".join(lines))
            page += 1


def _write(lines: bytes) -> None:
    view = memoryview(lines)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    main(*sys.argv[1:])
