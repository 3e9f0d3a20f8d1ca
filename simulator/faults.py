"""Answers that fail on purpose."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Send

Kind = Literal[
    "status",
    "revoked",
    "throttled",
    "refused",
    "reset",
    "reset_midway",
    "cut",
    "short",
    "corrupt",
    "html",
    "empty",
    "other_json",
    "silent",
    "redirect",
    "edited",
]


@dataclass
class Fault:
    """A fault of matching requests, instead of their answer.

    Attributes:
        kind: `status`: the answer is `status`, as problem details, or as HTML with `html`;
            `revoked`: 401, and every token is void from now on;
            `throttled`: 429 with `retry_after`;
            `refused`: the server is unreachable: open connections are reset, new ones refused for
            `seconds`;
            `reset`: the connection is reset before the first byte;
            `reset_midway`: reset in mid-body;
            `cut`: the body ends half way, against its Content-Length;
            `short`: half a body whose Content-Length agrees;
            `corrupt`: a body that can't be decompressed as its `encoding` says;
            `html`, `empty`, `other_json`: 200 with a page, nothing, or JSON of another shape;
            `silent`: no answer as long as the client waits;
            `redirect`: 302 to `location`;
            `edited`: the right answer, its body changed by `edit`.
        path: shell pattern of the path, e.g. `/Invoices`, `/Subscriptions/*/versions`, `/auth/*`.
        page: a page number, `last`, or None for any request.
        legal_entity: the `legal-entity` header of the request, or None for any.
        times: how often it occurs; None for always.
        lasts: returns whether it still occurs.
        skip: how many matching requests pass before.
        retry_after: value of `Retry-After`, or None for no such header; `status` may have one too.
        struck: how often it has occurred.
    """

    kind: Kind
    path: str = "*"
    page: int | Literal["last"] | None = None
    legal_entity: str | None = None
    times: int | None = 1
    skip: int = 0
    status: int = 500
    html: bool = False
    retry_after: str | None = None
    seconds: float = 0.3
    location: str = "http://127.0.0.1:9/elsewhere"
    encoding: Literal["gzip", "deflate"] = "gzip"
    edit: Callable[[bytes], bytes] = bytes
    lasts: Callable[[], bool] = lambda: True
    struck: int = field(default=0, init=False)

    def strikes(self, path: str, page: int, legal_entity: str | None, *, last: bool) -> bool:
        """Whether it occurs for this request; counts it."""
        if (self.times is not None and self.struck >= self.times) or not self.lasts():
            return False
        if not fnmatchcase(path, self.path) or self.legal_entity not in (None, legal_entity):
            return False
        if self.page is not None and not (last if self.page == "last" else page == self.page):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.struck += 1
        return True


@dataclass
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @classmethod
    def of(cls, status: int, body: bytes, content_type: str, **headers: str | None) -> Answer:
        """An answer; a header given as None is left out, `_` in a name stands for `-`."""
        pairs = {"content-type": content_type, "content-length": str(len(body)), **headers}
        lines = [
            (name.replace("_", "-").encode(), value.encode())
            for name, value in pairs.items()
            if value is not None
        ]
        return cls(status, lines, body)

    async def deliver(self, send: Send) -> None:
        """Sends all of it."""
        await self._start(send)
        await send({"type": "http.response.body", "body": self.body})

    async def deliver_half(self, send: Send) -> None:
        """Sends the headers and half of the body that they promise."""
        await self._start(send)
        half = self.body[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})

    async def _start(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        await send(start)


_HTML: Final = b"<html><body><h1>Bad Gateway</h1><p>nginx</p></body></html>"
_OTHER: Final = b'{"hello": ["world"], "data": "soon"}'
_JSON: Final = "application/json; charset=utf-8"


def instead(fault: Fault, answer: Answer) -> Answer:  # noqa: PLR0911 - one per kind
    """The whole answer of a fault, instead of the right one."""
    match fault.kind:
        case "status" | "throttled" | "revoked":
            status = {"throttled": 429, "revoked": 401}.get(fault.kind, fault.status)
            body = f'{{"title": "Simulated fault", "status": {status}}}'.encode()
            kind = "text/html" if fault.html else _JSON
            body = _HTML if fault.html else body
            return Answer.of(status, body, kind, retry_after=fault.retry_after)
        case "html":
            return Answer.of(200, _HTML, "text/html")
        case "empty":
            return Answer.of(200, b"", _JSON)
        case "other_json":
            return Answer.of(200, _OTHER, _JSON)
        case "redirect":
            return Answer.of(302, b"", "text/plain", location=fault.location)
        case "edited":
            return Answer.of(answer.status, fault.edit(answer.body), _JSON)
        case "corrupt":
            wbits = {"gzip": 31, "deflate": 15}[fault.encoding]
            damaged = bytearray(zlib.compress(answer.body, wbits=wbits))
            damaged[len(damaged) // 2] ^= 0xFF
            return Answer.of(answer.status, bytes(damaged), _JSON, content_encoding=fault.encoding)
        case "short":
            return Answer.of(answer.status, answer.body[: len(answer.body) // 2], _JSON)
        case _:
            return answer


async def break_off(
    fault: Fault, answer: Answer, transport: asyncio.Transport, receive: Receive, send: Send
) -> None:
    """The faults that leave an answer unfinished: silence, resets and cuts."""
    if fault.kind in {"cut", "reset_midway"}:
        await answer.deliver_half(send)
    if fault.kind == "cut":
        transport.close()
    elif fault.kind == "reset_midway":
        # The client must have read the half before the reset discards it.
        await asyncio.sleep(0.02)
    if fault.kind in {"reset", "reset_midway"}:  # an unreachable server resets all connections
        reset(transport)
    while (await receive())["type"] != "http.disconnect":
        pass


def reset(transport: asyncio.Transport) -> None:
    """Ends a connection with a TCP reset."""
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
