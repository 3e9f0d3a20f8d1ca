"""A server whose answers a test writes itself, byte for byte."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKEN = "t0k3n-of-a-stub"


class Stub:
    """A running server, whose answers can be changed.

    Attributes:
        url: Its address.
        log_in: Returns the status and the body of the answer to a login.
        listing: The same for all other requests; a body other than bytes is sent as JSON.
        seen: `login`, or the `Authorization` of each other request.
        date: What the `Date` header says; None for the clock's time.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.log_in: Callable[[], tuple[int, Any]] = lambda: (200, {"accessToken": TOKEN})
        self.listing: Callable[[], tuple[int, Any]] = lambda: (200, {"data": [], "totalCount": 0})
        self.seen: list[str] = []
        self.date: str | None = None

    @property
    def config(self) -> dict[str, Any]:
        """Settings to read it."""
        return {"client_id": "id-of-acme", "client_secret": "pa55word", "api_url": self.url}


@contextmanager
def serving() -> Iterator[Stub]:
    """Start a stub on a free port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            stub.seen.append("login")
            self._answer(*stub.log_in())

        def do_GET(self) -> None:
            stub.seen.append(self.headers["Authorization"])
            self._answer(*stub.listing())

        def _answer(self, status: int, body: Any) -> None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return stub.date or super().date_time_string(timestamp)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stub = Stub(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield stub
        finally:
            server.shutdown()
            thread.join()
