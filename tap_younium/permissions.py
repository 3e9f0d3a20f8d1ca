"""Streams that Younium forbids: a missing permission, or a wrong legal entity?"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from tap_younium.api.query import Query
from tap_younium.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tap_younium.api.page import Page
    from tap_younium.exceptions import ForbiddenError
    from tap_younium.failures import Failures
    from tap_younium.pagination.reader import PageReader


def missing_permission(permission: str | None) -> str:
    """Return what the user lacks if one stream is forbidden."""
    name = f"the permission {permission!r}" if permission else "a permission for this stream"
    return f"the token's user lacks {name}."


def possible_causes(legal_entity: str | None, permission: str | None) -> str:
    """Return what can be the cause if a stream is forbidden."""
    entity = f"{legal_entity!r} is" if legal_entity else "none is"
    return (
        f"Either the legal entity is wrong or missing ({entity} set in legal_entities), or "
        f"{missing_permission(permission)}"
    )


class _Role(msgspec.Struct, rename="camel"):
    legal_entity_id: str | None = None
    legal_entity_name: str | None = None


class _User(msgspec.Struct):
    roles: list[_Role] | None = None


_decode = msgspec.json.Decoder(_User).decode


def read_legal_entities(
    fetch: Callable[[Query, int], Page], legal_entity: str | None
) -> dict[str, str]:
    """Return the names of legal entities by id: those in which a user has a role.

    Younium has no other list of them.

    Args:
        fetch: Fetches a page of a query.
        legal_entity: A legal entity that the token can read; None if none is set.

    Raises:
        YouniumError: If the token cannot read users.
    """
    query, number, found = Query("/Users", legal_entity), 0, dict[str, str]()
    while True:
        number += 1
        page = fetch(query, number)
        for record in page.records:
            with suppress(msgspec.DecodeError, RecursionError):
                for role in _decode(record).roles or []:
                    if role.legal_entity_id:
                        found[role.legal_entity_id] = role.legal_entity_name or ""
        if not page.may_have_next:
            return found


class Permissions:
    """Remembers which legal entities can be read.

    Args:
        legal_entities: The legal entities of the run.
        list_queries: Returns the queries of all selected streams.
        reader: Fetches first pages, to see what else is forbidden.
        failures: Reports what is forbidden.
    """

    def __init__(
        self,
        legal_entities: Sequence[str],
        list_queries: Callable[[], Iterable[Query]],
        reader: PageReader,
        failures: Failures,
    ) -> None:
        self._legal_entities = legal_entities
        self._list_queries = list_queries
        self._reader = reader
        self._failures = failures
        self._readable: set[str | None] = set()
        self._forbidden: set[str | None] = set()

    def allow(self, legal_entity: str | None) -> None:
        """Note that a stream of a legal entity can be read."""
        self._readable.add(legal_entity)

    def is_forbidden(self, legal_entity: str | None) -> bool:
        """Return whether Younium forbids every selected stream of a legal entity."""
        return legal_entity in self._forbidden

    def forbid(
        self, stream: str, legal_entity: str | None, permission: str | None, error: ForbiddenError
    ) -> None:
        """Note that a stream is forbidden, or that its whole legal entity is.

        Raises:
            ConfigurationError: If all legal entities are: there is nothing to read.
        """
        if legal_entity in self._forbidden:
            return
        queries = [query for query in self._list_queries() if query.legal_entity == legal_entity]
        readable = legal_entity in self._readable or not queries
        if readable or not all(map(self._reader.is_forbidden, queries)):
            self._readable.add(legal_entity)
            hint = possible_causes(legal_entity, permission)
            self._failures.forbid(stream, legal_entity, error, hint)
            return
        self._forbidden.add(legal_entity)
        self._failures.forbid_entity(legal_entity)
        if self._forbidden.issuperset(self._legal_entities or [None]):
            entities = ", ".join(map(repr, self._legal_entities)) or "none"
            raise ConfigurationError(
                f"Younium forbids all selected streams: {error} A wrong or missing legal entity "
                f"forbids everything: check legal_entities ({entities} set)."
            ) from error
