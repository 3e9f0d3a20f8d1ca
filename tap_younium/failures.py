"""What a run could not read: each failure is logged at once, and all are summarized at the end."""

from __future__ import annotations

import logging
import textwrap

from tap_younium.exceptions import YouniumError, describe, label

_log = logging.getLogger(__name__)

_MAX_LOGGED = 10
"""Left-out parts of a stream that are logged; more of them are only counted."""
_MAX_CAUSE_LENGTH = 160
"""Characters of a cause in the summary."""


class Failures:
    """Collects the streams that a run could not read, or not completely.

    Args:
        skip_forbidden: Whether a run without the forbidden streams succeeds.
    """

    def __init__(self, *, skip_forbidden: bool) -> None:
        self._skip_forbidden = skip_forbidden
        self._failed: dict[str, list[str]] = {}
        self._left_out: dict[tuple[str, str], list[str]] = {}
        self._forbidden_entities: set[str | None] = set()
        self._forbidden: list[str] = []

    @property
    def failed(self) -> list[str]:
        """The streams that failed so far, each with its legal entity."""
        return [name for names in self._failed.values() for name in names]

    def fail(self, stream: str, legal_entity: str | None, error: Exception) -> None:
        """Add a stream that failed; its bookmark and resume point stay for the next run."""
        name, cause = label(stream, legal_entity), " ".join(describe(error))
        _log.error("%s failed: %s Other streams continue.", name, cause)
        _log.debug("Where it happened:", exc_info=error)
        self._add(name, cause)

    def leave_out(
        self,
        stream: str,
        legal_entity: str | None,
        kind: str,
        cause: str,
        *,
        max_logged: int = _MAX_LOGGED,
    ) -> None:
        """Add a part that is missing from a stream.

        Args:
            stream: The stream's name.
            legal_entity: The legal entity.
            kind: The kind of part that is missing, in the singular: `row without primary key`.
            cause: The cause, in one line.
            max_logged: How many such parts are logged.
        """
        name = label(stream, legal_entity)
        causes = self._left_out.setdefault((name, kind), [])
        causes.append(cause if len(causes) < max_logged else "")
        if len(causes) <= max_logged:
            _log.error("%s: left out one %s. %s", name, kind, cause)
        elif len(causes) == max_logged + 1:
            _log.error("%s: more than %d left out; the rest is only counted.", name, max_logged)

    def forbid(self, stream: str, legal_entity: str | None, error: Exception, hint: str) -> None:
        """Add a stream that is forbidden.

        Args:
            stream: The stream's name.
            legal_entity: The legal entity.
            error: The error.
            hint: What can be the cause.
        """
        level = logging.WARNING if self._skip_forbidden else logging.ERROR
        name = label(stream, legal_entity)
        _log.log(level, "%s is forbidden: %s %s", name, error, hint)
        self._forbidden.append(name)

    def forbid_entity(self, legal_entity: str | None) -> None:
        """Add a legal entity in which Younium forbids every selected stream."""
        self._forbidden_entities.add(legal_entity)
        if legal_entity is not None:
            _log.error("Legal entity %r is unknown or forbidden.", legal_entity)

    def raise_summary(self) -> None:
        """Summarize what is missing at the end of a run.

        Raises:
            YouniumError: If anything is missing, other than forbidden streams that are skipped.
        """
        for entity in self._forbidden_entities:
            self._add(
                f"Legal entity {entity!r}", "it is unknown or forbidden, check legal_entities"
            )
        for (name, kind), causes in self._left_out.items():
            number = len(causes)
            noun, space, rest = kind.partition(" ")
            nouns = f"{noun}s" if number > 1 else noun
            self._add(name, f"left out {number:,} {nouns}{space}{rest}: {causes[0]}")
        if self._forbidden and self._skip_forbidden:
            _log.warning("Skipped streams (403 Forbidden): %s.", ", ".join(self._forbidden))
        elif self._forbidden:
            self._failed["403 Forbidden, grant the permission or set skip_forbidden_streams"] = (
                self._forbidden
            )
        if self._failed:
            problems = "; ".join(
                f"{', '.join(names)} ({_shorten(cause)})" for cause, names in self._failed.items()
            )
            raise YouniumError(
                f"Run incomplete: {problems}. The next run continues from the bookmarks."
            )

    def _add(self, name: str, cause: str) -> None:
        self._failed.setdefault(cause, []).append(name)


def _shorten(cause: str) -> str:
    """Return the first sentence of a cause, or its beginning."""
    first = cause.partition(". ")[0].rstrip(".")
    return textwrap.shorten(first, _MAX_CAUSE_LENGTH, placeholder=" …")
