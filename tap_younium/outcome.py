"""What a run could not read: each trouble is logged at once, and named again at the end."""

from __future__ import annotations

import logging
import textwrap

from tap_younium.errors import YouniumError, describe

_log = logging.getLogger(__name__)

_NAMED = 10
"""Requests per stream that are logged when they fail; more of them are only counted."""
_SHORT = 160
"""Characters of a cause in the last line."""


def lacking(permission: str | None) -> str:
    """Say what the user lacks where one stream is forbidden."""
    what = f"the permission {permission!r}" if permission else "a permission for this stream"
    return f"the token's user lacks {what}."


def why(legal_entity: str | None, permission: str | None) -> str:
    """Say what can be the cause where a stream is forbidden."""
    entity = f"{legal_entity!r} is" if legal_entity else "none is"
    return (
        f"Either the legal entity is wrong or missing ({entity} set in legal_entities), or "
        f"{lacking(permission)}"
    )


class Outcome:
    """Remembers which streams a run could not read, or not completely.

    Args:
        skip_forbidden: Whether forbidden streams can be missing from a run that succeeds.

    Attributes:
        readable: The legal entities in which a stream could be read.
        forbidden_entities: Those in which Younium forbids every selected stream.
        skipped: The forbidden streams, each with its legal entity.
    """

    def __init__(self, *, skip_forbidden: bool) -> None:
        self._skip_forbidden = skip_forbidden
        self._failed: dict[str, list[str]] = {}
        self._left_out: dict[tuple[str, str], list[str]] = {}
        self.readable: set[str | None] = set()
        self.forbidden_entities: set[str | None] = set()
        self.skipped: list[str] = []

    @property
    def failed(self) -> list[str]:
        """The streams that failed so far, each with its legal entity."""
        return [name for names in self._failed.values() for name in names]

    def fail(self, stream: str, legal_entity: str | None, error: Exception) -> None:
        """Note that a stream failed; its bookmark and resume point stay for the next run."""
        name, cause = _name(stream, legal_entity), " ".join(describe(error))
        _log.error("%s failed: %s The other streams are read.", name, cause)
        _log.debug("Where it happened:", exc_info=error)
        self._add(name, cause)

    def leave_out(
        self, stream: str, legal_entity: str | None, what: str, cause: str, *, named: int = _NAMED
    ) -> None:
        """Note that a part of a stream is missing.

        Args:
            stream: The stream's name.
            legal_entity: The legal entity that is being read.
            what: The kind of part that is missing, in the singular: `row without primary key`.
            cause: What happened, in one line.
            named: How many of them are logged.
        """
        name = _name(stream, legal_entity)
        causes = self._left_out.setdefault((name, what), [])
        causes.append(cause if len(causes) < named else "")
        if len(causes) <= named:
            _log.error("%s: left out one %s. %s", name, what, cause)
        elif len(causes) == named + 1:
            _log.error("%s: more than %d left out; the rest is only counted.", name, named)

    def forbid(
        self, stream: str, legal_entity: str | None, permission: str | None, error: Exception
    ) -> None:
        """Note that a stream is forbidden, and say why that can be."""
        level = logging.WARNING if self._skip_forbidden else logging.ERROR
        name = _name(stream, legal_entity)
        _log.log(level, "%s is forbidden: %s %s", name, error, why(legal_entity, permission))
        self.skipped.append(name)

    def forbid_entity(self, legal_entity: str | None) -> None:
        """Note that Younium forbids every selected stream of a legal entity."""
        self.forbidden_entities.add(legal_entity)
        if legal_entity is not None:
            _log.error("Legal entity %r is unknown or forbidden.", legal_entity)

    def end(self) -> None:
        """Say what is missing at the end of a run.

        Raises:
            YouniumError: If anything is missing, other than forbidden streams that can be skipped.
        """
        for entity in self.forbidden_entities:
            self._add(
                f"Legal entity {entity!r}", "it is unknown or forbidden, check legal_entities"
            )
        for (name, what), causes in self._left_out.items():
            number = len(causes)
            noun, space, rest = what.partition(" ")
            nouns = f"{noun}s" if number > 1 else noun
            self._add(name, f"left out {number:,} {nouns}{space}{rest}: {causes[0]}")
        if self.skipped and self._skip_forbidden:
            _log.warning("Skipped streams (403 Forbidden): %s.", ", ".join(self.skipped))
        elif self.skipped:
            self._failed["403 Forbidden, grant the permission or set skip_forbidden_streams"] = (
                self.skipped
            )
        if self._failed:
            problems = "; ".join(
                f"{', '.join(names)} ({_short(cause)})" for cause, names in self._failed.items()
            )
            raise YouniumError(
                f"Run incomplete: {problems}. All other streams were read. The next run goes on "
                "from the bookmarks."
            )

    def _add(self, name: str, cause: str) -> None:
        self._failed.setdefault(cause, []).append(name)


def _short(cause: str) -> str:
    """Return the first sentence of a cause, or as much of it as the last line has room for."""
    first = cause.partition(". ")[0].rstrip(".")
    return textwrap.shorten(first, _SHORT, placeholder=" …")


def _name(stream: str, legal_entity: str | None) -> str:
    return f"{stream} of {legal_entity}" if legal_entity else stream
