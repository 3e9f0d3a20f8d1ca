"""A fast API server with Younium's endpoints: `python -m benchmarks.server`.

The path of a request starts with `/<rows>/<latency in ms>/<run>`, followed by Younium's path. The
number of rows can be followed by a minus and the name of an edit in `benchmarks.data`, or by
`-growing`: then usage records are inserted while they are read.
`/statistics/<run>` returns the statistics of a run.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from functools import cache, partial
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from benchmarks import data

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "
_REQUESTS_PER_INSERT: Final = 50
_LOGIN: Final = b'{"accessToken":"t","expiresIn":86400}'
_NO_ROWS: Final = b'{"errors":{"message":["No rows could be found"]}}'


@dataclass
class _Statistics:
    """The requests of one run."""

    requests: int = 0
    in_flight: int = 0
    max_in_flight: int = 0
    paths: Counter[str] = field(default_factory=Counter)
    inserted: list[str] = field(default_factory=list)
    """When each usage record was inserted."""


@cache
def _records(path: str, edit: str) -> Callable[[int], bytes] | None:
    """Return what renders a record of a path by its number."""
    if path == "/Subscriptions":
        tails = data.tails(data.EDITS[edit])
        return lambda number: data.subscription(number, tails[number % len(tails)])
    return {"/Usage": data.usage, "/TaxTemplates": data.tax_template}.get(path)


def _usage(
    all_inserted: list[str], inserted: list[str], rows: int, *, newest_first: bool
) -> Callable[[int], bytes]:
    """Return what renders usage records by their place: those inserted come first.

    Args:
        all_inserted: When each was inserted.
        inserted: The last ones of these, which are in the list.
        rows: The number of other records.
        newest_first: Whether the list is sorted by `created`, in descending order.
    """
    skipped = len(all_inserted) - len(inserted)

    def record(place: int) -> bytes:
        if place >= len(inserted):
            number = place - len(inserted)
            return data.usage(rows - 1 - number if newest_first else number)
        number = len(all_inserted) - 1 - place if newest_first else skipped + place
        return data.inserted_usage(number, all_inserted[number])

    return record


class _Younium:
    """The responses."""

    def __init__(self) -> None:
        self.statistics: dict[str, _Statistics] = {}

    def response(
        self, target: str, rows: int, edit: str, run: _Statistics
    ) -> tuple[int, list[bytes]]:
        """Return the status and the parts of the body, for a path without the run's prefix."""
        url = urlsplit(target)
        query = parse_qs(url.query)
        size = int(query.get("PageSize", ["100"])[0])
        page = int(query.get("PageNumber", ["1"])[0])
        if url.path.startswith("/auth/"):
            return 200, [_LOGIN]
        if url.path == "/CustomFieldConfigurations":
            custom_fields = data.custom_fields(data.TYPES.get(edit, {}))
            count = 1 + custom_fields.count(b'},{"')
            return 200, [
                b'{"pageNumber":1,"pageSize":1000,"totalPages":1,"totalCount":%d,"data":[' % count,
                custom_fields,
                b"]}",
            ]
        record = _records(url.path, edit)
        since = query.get("ModifiedAfter", [""])[0]
        if edit == "growing" and url.path == "/Usage":
            if run.requests % _REQUESTS_PER_INSERT == 0:
                run.inserted.append(datetime.now(UTC).isoformat()[:19])
            inserted = (
                [time for time in run.inserted if time >= since[:19]] if since else run.inserted
            )
            newest_first = "created desc" in query["OrderBy"][0]
            record = _usage(run.inserted, inserted, rows, newest_first=newest_first)
            rows = len(inserted) + (0 if since else rows)
        elif since:
            record = None
        first, end = (page - 1) * size, min(page * size, rows)
        if record is None or first >= end:
            return 400, [_NO_ROWS]
        pages = -(-rows // size)
        return 200, [
            b'{"pageNumber":%d,"pageSize":%d,"totalPages":%d,"totalCount":%d,"data":['
            % (page, size, pages, rows),
            b",".join(map(record, range(first, end))),
            b"]}",
        ]

    def report(self, run: str) -> bytes:
        """Return the statistics of a run, and the CPU seconds of this process so far."""
        statistics = self.statistics.get(run, _Statistics())
        used = resource.getrusage(resource.RUSAGE_SELF)
        return json.dumps(
            {
                "requests": statistics.requests,
                "in_flight": statistics.max_in_flight,
                "paths": statistics.paths,
                "cpu": used.ru_utime + used.ru_stime,
            }
        ).encode()


class _Connection(asyncio.Protocol):
    """A minimal HTTP/1.1 server, which expects well-formed requests."""

    def __init__(self, younium: _Younium) -> None:
        self._younium = younium
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - always so with TCP
        transport.set_write_buffer_limits(high=64 * 1024 * 1024)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(_HEAD)
        if not found:
            return
        _, _, length = head.lower().partition(_LENGTH)
        if len(rest) < int(length.partition(b"\r\n")[0] or 0):
            return
        self._received = b""
        target = head.split(b" ", 2)[1].decode()
        _, rows, latency, run, path = [*target.split("/", 4), "", "", ""][:5]
        if rows == "statistics":
            self._send(200, [self._younium.report(latency)])
            return
        statistics = self._younium.statistics.setdefault(run, _Statistics())
        statistics.requests += 1
        statistics.paths[path.partition("?")[0]] += 1
        statistics.in_flight += 1
        statistics.max_in_flight = max(statistics.max_in_flight, statistics.in_flight)
        number, _, edit = rows.partition("-")
        respond = partial(self._respond, statistics, f"/{path}", int(number), edit or "plain")
        if int(latency):
            asyncio.get_running_loop().call_later(int(latency) / 1000, respond)
        else:
            respond()

    def _respond(self, statistics: _Statistics, path: str, rows: int, edit: str) -> None:
        statistics.in_flight -= 1
        self._send(*self._younium.response(path, rows, edit, statistics))

    def _send(self, status: int, parts: list[bytes]) -> None:
        head = (
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
            f"Date: {formatdate(usegmt=True)}\r\nContent-Length: {sum(map(len, parts))}\r\n\r\n"
        )
        self._transport.writelines([head.encode(), *parts])


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
