"""A Younium that costs next to nothing: `python -m benchmarks.server`, a process of its own.

One server answers for all measurements. The address says what is asked for, and keeps what was seen
apart: `/<rows>/<latency in ms>/<run>` and then Younium's path. `/seen/<run>` tells of a run.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from benchmarks import data

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "
_LOGIN: Final = b'{"accessToken":"t","expiresIn":86400}'
_NOTHING: Final = b'{"errors":{"message":["No rows could be found"]}}'


@dataclass
class _Seen:
    """What was seen of one run."""

    requests: int = 0
    flying: int = 0
    most: int = 0
    paths: Counter[str] = field(default_factory=Counter)


class _Younium:
    """What is answered."""

    def __init__(self) -> None:
        self.tails = data.tails()
        self.custom_fields = data.custom_fields()
        self.seen: dict[str, _Seen] = {}
        self._kinds: dict[str, Callable[[int], bytes]] = {
            "/Subscriptions": self._subscription,
            "/Usage": data.small,
            "/TaxTemplates": data.nested,
        }

    def _subscription(self, number: int) -> bytes:
        return data.head(number) + self.tails[number % len(self.tails)]

    def answer(self, target: str, rows: int) -> tuple[int, list[bytes]]:
        """Return the status and the body's pieces, given the path behind the run's prefix."""
        url = urlsplit(target)
        query = parse_qs(url.query)
        size = int(query.get("PageSize", ["100"])[0])
        page = int(query.get("PageNumber", ["1"])[0])
        if url.path.startswith("/auth/"):
            return 200, [_LOGIN]
        if url.path == "/CustomFieldConfigurations":
            count = 1 + self.custom_fields.count(b'},{"')
            return 200, [
                b'{"pageNumber":1,"pageSize":1000,"totalPages":1,"totalCount":%d,"data":[' % count,
                self.custom_fields,
                b"]}",
            ]
        record = self._kinds.get(url.path)
        first, end = (page - 1) * size, min(page * size, rows)
        if record is None or first >= end or "ModifiedAfter" in query:
            return 400, [_NOTHING]
        pages = -(-rows // size)
        return 200, [
            b'{"pageNumber":%d,"pageSize":%d,"totalPages":%d,"totalCount":%d,"data":['
            % (page, size, pages, rows),
            b",".join(map(record, range(first, end))),
            b"]}",
        ]

    def report(self, run: str) -> bytes:
        """Return what was seen of a run, and the CPU seconds of this process so far."""
        seen = self.seen.get(run, _Seen())
        used = resource.getrusage(resource.RUSAGE_SELF)
        return json.dumps(
            {
                "requests": seen.requests,
                "in_flight": seen.most,
                "paths": seen.paths,
                "cpu": used.ru_utime + used.ru_stime,
            }
        ).encode()


class _Connection(asyncio.Protocol):
    """HTTP/1.1, as much of it as clients need who are not out to break it."""

    def __init__(self, younium: _Younium) -> None:
        self._younium = younium
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP has no other
        transport.set_write_buffer_limits(high=64 * 1024 * 1024)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, found, rest = self._heard.partition(_HEAD)
        if not found:
            return
        _, _, length = head.lower().partition(_LENGTH)
        if len(rest) < int(length.partition(b"\r\n")[0] or 0):
            return
        self._heard = b""
        target = head.split(b" ", 2)[1].decode()
        _, rows, latency, run, path = [*target.split("/", 4), "", "", ""][:5]
        if rows == "seen":
            self._send(200, [self._younium.report(latency)])
            return
        seen = self._younium.seen.setdefault(run, _Seen())
        seen.requests += 1
        seen.paths[path.partition("?")[0]] += 1
        seen.flying += 1
        seen.most = max(seen.most, seen.flying)
        answer = partial(self._answer, seen, f"/{path}", int(rows))
        if int(latency):
            asyncio.get_running_loop().call_later(int(latency) / 1000, answer)
        else:
            answer()

    def _answer(self, seen: _Seen, path: str, rows: int) -> None:
        seen.flying -= 1
        self._send(*self._younium.answer(path, rows))

    def _send(self, status: int, pieces: list[bytes]) -> None:
        head = (
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
            f"Date: {formatdate(usegmt=True)}\r\nContent-Length: {sum(map(len, pieces))}\r\n\r\n"
        )
        self._transport.writelines([head.encode(), *pieces])


async def _serve() -> None:
    younium = _Younium()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(younium), "127.0.0.1", 0
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
