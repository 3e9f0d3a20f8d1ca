"""The routes of the API and their permissions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from hashlib import blake2b
from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from simulator.catalog import COLLECTIONS, Collection
from simulator.contract import Contract, Parameters, RefusedError, array, page, select
from simulator.store import Table, encode

if TYPE_CHECKING:
    from starlette.requests import Request

    from simulator.filling import Row

#: Fixed and easily recognised: a test can search logs and files for them.
CLIENT_ID: Final = "simulated-client-id"
CLIENT_SECRET: Final = "simulated-client-secret"

#: Set in a request's scope by the answer to the last page of a list.
LAST_PAGE: Final = "simulator.last_page"


@dataclass
class Entity:
    """One legal entity: id, name and a function that gives a collection's table by name."""

    id: str
    name: str
    table: Callable[[str], Table]


@dataclass
class Call:
    """An authorized request."""

    request: Request
    asked: Parameters
    entity: Entity
    tenant: Tenant

    def table(self, collection: str) -> Table:
        """A table of the request's legal entity."""
        return self.entity.table(collection)

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def paged(self, rows: list[Row], table: Table, noun: str, *, single: bool = False) -> Response:
        """One page of rows in Younium's envelope."""
        contract = self.tenant.contract
        host = contract.next_page_host or str(self.request.base_url).rstrip("/")
        url = host + self.request.url.path
        body, last = page(rows, table, url, self.asked, noun, contract, single=single)
        self.request.scope[LAST_PAGE] = last
        return as_json(body)


Handler = Callable[[Call], Response]


def as_json(body: bytes, status: int = 200) -> Response:
    """An answer of JSON bytes."""
    return Response(body, status, media_type="application/json")


class Tenant:
    """A tenant's state: legal entities, valid tokens, permissions and the contract's options."""

    def __init__(
        self,
        entities: list[Entity],
        contract: Contract,
        *,
        seed: int,
        token_lifetime: float,
        forbidden: set[str],
    ) -> None:
        self.entities = entities
        self.contract = contract
        self.token_lifetime = token_lifetime
        self.forbidden = forbidden
        self._seed = seed
        self._expiries: dict[str, float] = {}
        self._issued = 0
        self._listed = 0

    # Tokens

    def issue(self) -> tuple[str, str]:
        """A new access token and its expiry as an HTTP date; earlier ones stay valid."""
        self._issued += 1
        digest = blake2b(f"{self._seed}/{self._issued}".encode(), digest_size=24).hexdigest()
        token = f"eyJzaW11bGF0ZWQ.{digest}"
        self._expiries[token] = time.monotonic() + self.token_lifetime
        return token, formatdate(time.time() + self.token_lifetime, usegmt=True)

    def revoke_tokens(self) -> None:
        """Revokes every token issued so far."""
        self._expiries.clear()

    def admit(self, request: Request) -> Call:
        """Checks token, version, legal entity and permission, in this order.

        Raises:
            RefusedError: with status 401, 400 or 403.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or self._expiries.get(token, 0.0) <= time.monotonic():
            raise RefusedError(401)
        version = request.headers.get("api-version", "2.1")
        if version != "2.1":
            message = f"The HTTP resource does not support the API version '{version}'."
            raise RefusedError(400, {"api-version": [message]})
        entity = self._entity(request.headers.get("legal-entity"))
        path = request.url.path.strip("/") + "/"
        if any(path.startswith(prefix.strip("/") + "/") for prefix in self.forbidden):
            raise RefusedError(
                403, {"message": ["The user lacks the permission for this operation."]}
            )
        return Call(request, Parameters(dict(request.query_params)), entity, self)

    def _entity(self, header: str | None) -> Entity:
        if header is None and len(self.entities) == 1:
            return self.entities[0]
        # Header values arrive as Latin-1 text of what is UTF-8 on the wire.
        asked = header.encode("latin-1") if header is not None else None
        for entity in self.entities:
            if asked in {entity.id.encode(), entity.name.encode()}:
                return entity
        what = "missing" if header is None else "unknown"
        raise RefusedError(403, {"message": [f"The legal-entity header is {what}."]})

    def chance(self) -> Random:
        """A random generator that differs for each request and is the same in every run."""
        self._listed += 1
        return Random(f"{self._seed}/{self._listed}")  # noqa: S311 - shuffles rows


def collection_list(collection: Collection) -> Handler:
    """A collection's list."""

    def handler(call: Call) -> Response:
        table = call.table(collection.name)
        if collection.envelope == "array":
            return as_json(array(table.rows, table))
        if collection.envelope == "wrapped" and not call.tenant.contract.unpaged_cut:
            count = len(table.rows)
            head = {"pageNumber": 1, "pageSize": count, "totalPages": 1, "totalCount": count}
            return as_json(encode(head)[:-1] + b',"data":' + array(table.rows, table) + b"}")
        tenant = call.tenant
        rows = select(table, collection, call.asked, tenant.contract, tenant.chance())
        return call.paged(rows, table, collection.noun, single=collection.single)

    return handler


def by_id(collection: Collection) -> Handler:
    """One row of a collection."""

    def handler(call: Call) -> Response:
        table = call.table(collection.name)
        row = table.find(collection.key, call.path("id"))
        if row is None:
            raise RefusedError(404)
        return as_json(table.bytes_of(row))

    return handler


def build(tenant: Tenant, more: dict[str, Handler]) -> Starlette:
    """The application: log in, the collections, their rows by id, and `more` paths."""

    def admitted(handler: Handler) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            return handler(tenant.admit(request))

        return endpoint

    async def log_in(request: Request) -> Response:
        return await _log_in(request, tenant)

    def refuse(_: Request, error: Exception) -> Response:
        if not isinstance(error, RefusedError):
            raise error
        return as_json(encode(error.body), error.status)

    def unknown(request: Request, _: Exception) -> Response:
        return refuse(request, RefusedError(HTTPStatus.NOT_FOUND))

    routes = [
        Route("/auth/token", log_in, methods=["POST"]),
        Route("/auth/v2/token", log_in, methods=["POST"]),
    ]
    listed = {each.path: collection_list(each) for each in COLLECTIONS.values()}
    single = {f"{each.path}/{{id}}": by_id(each) for each in COLLECTIONS.values() if each.by_id}
    for path, handler in (listed | more | single).items():
        routes.append(Route(path, admitted(handler)))
    app = Starlette(
        routes=routes, exception_handlers={RefusedError: refuse, HTTPStatus.NOT_FOUND: unknown}
    )
    app.router.redirect_slashes = False
    return app


async def _log_in(request: Request, tenant: Tenant) -> Response:
    contract = tenant.contract
    try:
        sent = json.loads(await request.body())
        right = sent["clientId"] == CLIENT_ID and sent["secret"] == CLIENT_SECRET
    except (ValueError, KeyError, TypeError):
        return as_json(encode({"errors": ["clientId and secret are required"]}), 400)
    if not right:
        message = "Invalid client id or secret"
        errors: Any = [message] if contract.login_error_key == "errors" else message
        return as_json(encode({contract.login_error_key: errors}), contract.login_refusal)
    token, expires = tenant.issue()
    snake = request.url.path == "/auth/v2/token"
    answer: Row = {
        "expires": expires,
        "expires_in" if snake else "expiresIn": (
            int(tenant.token_lifetime) if contract.expires_in else None
        ),
        "access_token" if snake else "accessToken": token,
        "refresh_token" if snake else "refreshToken": f"refresh-{token[-12:]}",
    }
    return as_json(encode(answer))
