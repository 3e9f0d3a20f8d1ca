"""What of a stream's records does not fit its columns: counted, and said at the stream's end."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger(__name__)

_NAMED = 20
"""Fields without a column that are named at the most."""


class Leftovers:
    """Counts what goes to `_extra`, and what was replaced.

    Args:
        stream: The stream's name.

    Attributes:
        halves: Lone surrogates that were replaced.
    """

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._misfits: Counter[str] = Counter()
        self._unknown: dict[str, None] = {}
        self.halves = 0

    def note(self, kept: Any, extra: Mapping[str, Any], above: str = "") -> None:
        """Note what does not fit.

        Args:
            kept: A row, or an object or array in it.
            extra: What did not fit there, shaped alike, with arrays as objects by place.
            above: The fields that lead there.
        """
        is_array = isinstance(kept, list)
        items = {str(place): item for place, item in enumerate(kept)} if is_array else kept
        for name, value in extra.items():
            path = above if is_array else f"{above}.{name}" if above else name
            if name not in items:
                self._unknown[path] = None
            elif items[name] is None:
                self._misfits[path] += 1
            else:
                self.note(items[name], value, path)

    def say(self) -> None:
        """Warn of what was counted, and count from the beginning."""
        for path, number in self._misfits.items():
            _log.warning(
                "%s: %d value(s) of %s do not fit the column's type: they are in _extra.",
                self._stream,
                number,
                path,
            )
        if self.halves:
            _log.warning(
                "%s: %d half character(s) (lone surrogates) in what Younium sent arrive as U+FFFD.",
                self._stream,
                self.halves,
            )
        if self._unknown:
            _log.info(
                "%s: fields without a column are in _extra: %s. A new catalog (--discover) has "
                "columns for those that the tap knows.",
                self._stream,
                ", ".join([*self._unknown][:_NAMED]),
            )
        self.__init__(self._stream)  # type: ignore[misc]
