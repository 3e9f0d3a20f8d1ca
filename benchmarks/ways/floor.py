"""The floor: requests and msgspec, page by page, without an SDK.

It decodes every page to dicts with exact decimals and encodes each as a RECORD line, without
checks, normalized times, state or retries. `--pieces` reads responses in larger pieces than
requests does by default.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import requests

_PIECE = 1024 * 1024


def main(address: str, *options: str) -> None:
    """Write the RECORD lines of all subscriptions to stdout."""
    decode = msgspec.json.Decoder(float_hook=Decimal).decode
    encode = msgspec.json.Encoder(decimal_format="number").encode
    pieces = "--pieces" in options
    with requests.Session() as session:
        page, pages = 1, 1
        while page <= pages:
            query = {"PageNumber": str(page), "PageSize": "100", "OrderBy": "id asc"}
            response = session.get(
                f"{address}/Subscriptions", params=query, timeout=300, stream=pieces
            )
            response.raise_for_status()
            body = b"".join(response.iter_content(_PIECE)) if pieces else response.content
            content = decode(body)
            pages = content["totalPages"]
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
                for record in content["data"]
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
