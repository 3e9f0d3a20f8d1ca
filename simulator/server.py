"""A running simulator: data, application, faults, and the recorded requests."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from decimal import setcontext
from email.utils import formatdate
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import parse_qsl

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from simulator.analytics import ANALYTICS
from simulator.app import CLIENT_ID, CLIENT_SECRET, LAST_PAGE, Entity, Tenant, build
from simulator.catalog import COLLECTIONS
from simulator.companies import Company, counts
from simulator.contract import Contract
from simulator.details import DETAILS
from simulator.faults import Answer, Fault, break_off, instead, reset
from simulator.filling import EXACT, Row, identifier, thin
from simulator.store import Table, read_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from starlette.types import Message, Receive, Scope, Send

_LOG: Final = logging.getLogger(__name__)
_BREAKS: Final = frozenset({"refused", "reset", "reset_midway", "cut", "silent"})


@dataclass
class Seen:
    """A request as the server saw it; times are monotonic seconds.

    `status` is None until it was answered, and for good where a fault broke the answer off.
    Header names are lower case, values UTF-8.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    started: float
    status: int | None = None
    ended: float | None = field(default=None)


class Simulator:
    """A local Younium on a free port of the loopback, as a context manager.

    Args:
        rows: the exact number of rows of every collection of each legal entity.
        accounts: accounts of each entity; other rows grow with them. `rows` takes precedence.
        seed: the same seed gives the same data.
        entities: names of the legal entities.
        records: a folder of JSONL files to serve instead, as one legal entity.
        port: 0 for a free one.
        token_lifetime: seconds that a token is valid.
        latency: seconds that every answer waits; answers wait side by side.
        faults: the faults, by precedence; can be changed while it runs.
        forbidden: path prefixes such as `Users` that answer 403; can be changed while it runs.
        before_answer: called with each request before it is answered, in the server's thread: a
            place to change rows between two pages.
        options: attributes of `Contract`.
    """

    def __init__(  # noqa: PLR0913 - one argument per thing that may differ
        self,
        *,
        rows: int | None = None,
        accounts: int = 50,
        seed: int = 1,
        entities: Iterable[str] = ("Nordic AB",),
        records: Path | str | None = None,
        port: int = 0,
        token_lifetime: float = 86400,
        latency: float = 0.0,
        faults: Iterable[Fault] = (),
        forbidden: Iterable[str] = (),
        before_answer: Callable[[Seen], None] | None = None,
        **options: Any,
    ) -> None:
        self.client_id = CLIENT_ID
        self.client_secret = CLIENT_SECRET
        self.contract = Contract(**options)
        self.faults = list(faults)
        self.latency = latency
        self.before_answer = before_answer
        self.requests: list[Seen] = []
        if records is not None:
            tables = read_records(Path(records))
            name = "Records"
            served = [Entity(identifier(seed, name), name, tables.__getitem__)]
        else:
            sizes = counts(accounts, rows)
            names = [*entities]
            served = [
                _made_up(Company(seed, name, position, sizes, names))
                for position, name in enumerate(names)
            ]
        self._tenant = Tenant(
            served,
            self.contract,
            seed=seed,
            token_lifetime=token_lifetime,
            forbidden=set(forbidden),
        )
        self._app = build(self._tenant, DETAILS | ANALYTICS)
        self._port = port
        self._transports: dict[tuple[str, int], asyncio.Transport] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave = asyncio.Event()
        self._away = 0.0

    @property
    def url(self) -> str:
        """Base of all paths, e.g. `http://127.0.0.1:8765`; known once it runs."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def entities(self) -> list[tuple[str, str]]:
        """Id and name of each legal entity."""
        return [(entity.id, entity.name) for entity in self._tenant.entities]

    @property
    def forbidden(self) -> set[str]:
        """Path prefixes that answer 403."""
        return self._tenant.forbidden

    def rows(self, collection: str, entity: str | None = None) -> list[Row]:
        """The live rows of a collection (`Subscriptions`, `Users/roles`), to be changed in place.

        A value of None leaves the field out of the answer. `entity` is an id or a name and may be
        omitted where there is one.

        Raises:
            KeyError: no such collection or entity.
        """
        for each in self._tenant.entities:
            if entity in {each.id, each.name} or (entity is None and len(self.entities) == 1):
                return each.table(collection).watch()
        raise KeyError(entity)

    def thin(self, share: float, seed: int = 1) -> None:
        """Leave so large a share of the fields that may be null out of all rows, ids included."""
        draw = Random(seed)  # noqa: S311 - leaves fields out, keeps no secret
        for _, entity in self.entities:
            for collection in COLLECTIONS.values():
                for row in self.rows(collection.name, entity):
                    thin(row, collection.shape, draw, share)

    def stamp(self, moment: datetime) -> str:
        """A moment as the server's clock shows it: without zone, `clock_offset` ahead of UTC."""
        local = moment.astimezone(UTC) + timedelta(hours=self.contract.clock_offset)
        return local.replace(tzinfo=None).isoformat(timespec="microseconds") + "0"

    def clear(self) -> None:
        """Clears the recorded requests."""
        self.requests.clear()

    def revoke_tokens(self) -> None:
        """Revokes every token issued so far."""
        self._tenant.revoke_tokens()

    def in_flight(self) -> int:
        """The largest number of requests that were open at one moment."""
        now = time.monotonic()
        edges = [(seen.started, 1) for seen in self.requests]
        edges += [(seen.ended or now, -1) for seen in self.requests]
        most = current = 0
        for _, step in sorted(edges):
            current += step
            most = max(most, current)
        return most

    # Running

    def __enter__(self) -> Self:
        # Listen before the thread starts: a client might connect at once.
        listener = self._listen()
        running = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(listener, running)), name="simulator", daemon=True
        )
        self._thread.start()
        running.wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._leave.set)
            self._thread.join()

    def wait(self) -> None:
        """Blocks as long as the server runs."""
        if self._thread is not None:
            self._thread.join()

    def _listen(self) -> socket.socket:
        # Named as TCP: only then does asyncio switch off the delay of small packets.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(128)
        self._port = listener.getsockname()[1]
        return listener

    async def _run(self, listener: socket.socket, running: threading.Event) -> None:
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            proxy_headers=False,
            ws="none",
            log_config=None,
            log_level="error",
        )
        config.load()
        protocol = partial(_Protocol, config, ServerState(), {}, transports=self._transports)
        setcontext(EXACT.copy())
        self._loop = loop = asyncio.get_running_loop()
        # Creating a large collection takes a while, which a debugging loop should not report.
        loop.slow_callback_duration = 60
        # An event belongs to the loop that first waits for it, and each run has its own loop.
        self._leave = asyncio.Event()
        running.set()
        while True:
            server = await loop.create_server(protocol, sock=listener)
            self._away = 0.0
            await self._leave.wait()
            # A closed server loses the connections that it has accepted but not yet set up.
            loop.remove_reader(listener)
            for _ in range(3):
                await asyncio.sleep(0)
            server.close()
            for transport in list(self._transports.values()):
                reset(transport)
            # The resets are carried out at the loop's next turn.
            await asyncio.sleep(0)
            if not self._away:
                return
            self._leave.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leave.wait(), self._away)
                return
            listener = self._listen()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = _seen(scope)
        self.requests.append(seen)
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            if self.before_answer is not None:
                self.before_answer(seen)
            answer = await self._right_answer(scope, receive)
            fault = self._fault(seen, last=scope.get(LAST_PAGE, False))
            if fault is not None and fault.kind in _BREAKS:
                if fault.kind == "refused":
                    self._away = fault.seconds
                    self._leave.set()
                transport = self._transports[tuple(scope["client"])]
                await break_off(fault, answer, transport, receive, send)
                return
            if fault is not None:
                if fault.kind == "revoked":
                    self.revoke_tokens()
                answer = instead(fault, answer)
            seen.status = answer.status
            answer.headers.append((b"date", formatdate(usegmt=True).encode()))
            # Set before the last byte is sent, or a client could read it too early.
            seen.ended = time.monotonic()
            await answer.deliver(send)
        except asyncio.CancelledError:
            # The simulator stops, and the connection is already closed.
            return
        finally:
            seen.ended = seen.ended or time.monotonic()

    async def _right_answer(self, scope: Scope, receive: Receive) -> Answer:
        answer = Answer(500, [], b"")

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = list(message["headers"])
            else:
                answer.body += message.get("body", b"")

        try:
            await self._app(scope, receive, keep)
        except Exception:  # noqa: BLE001 - whatever it is, the server goes on
            # A bug in the simulator, not a simulated fault: it must be visible.
            _LOG.exception("%s %s failed", scope["method"], scope["path"])
        return answer

    def _fault(self, seen: Seen, *, last: bool) -> Fault | None:
        query = {name.lower(): value for name, value in seen.query.items()}
        number = query.get("pagenumber", "1")
        page = int(number) if number.isdecimal() else 1
        entity = seen.headers.get("legal-entity")
        matching = (it for it in self.faults if it.strikes(seen.path, page, entity, last=last))
        return next(matching, None)


class _Protocol(H11Protocol):
    """Uvicorn's HTTP, which also keeps each connection's transport for the faults that break it."""

    def __init__(
        self, *args: Any, transports: dict[tuple[str, int], asyncio.Transport], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._open = transports

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._open[transport.get_extra_info("peername")] = transport
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            self._open.pop(self.client, None)
        super().connection_lost(exc)


def _made_up(company: Company) -> Entity:
    # Created once, on first use: a collection that is not requested costs nothing.
    return Entity(company.id, company.name, cache(lambda name: Table(company.rows(name))))


def _seen(scope: Scope) -> Seen:
    query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    headers = {
        name.decode("latin-1"): value.decode("utf-8", "replace") for name, value in scope["headers"]
    }
    return Seen(scope["method"], scope["path"], query, headers, time.monotonic())
