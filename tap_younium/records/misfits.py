"""Counts values without a column or of another type, and logs them for each legal entity."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from tap_younium.exceptions import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_log = logging.getLogger(__name__)

_MAX_NAMED = 20
"""Fields without a column that the log names."""
_MAX_KEPT = 1000
"""Fields without a column that are remembered: names that differ in each row have no end."""


class Misfits:
    """Counts what goes to `_extra`, and the characters that were replaced.

    Args:
        stream: The stream's name.

    Attributes:
        without_column: Fields without a column.
        lone_surrogates: The number of lone surrogates that were replaced.
    """

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._wrong_type: Counter[str] = Counter()
        self.without_column: set[str] = set()
        self.lone_surrogates = 0

    def count(self, kept: Any, extra: Mapping[str, Any], path_above: str = "") -> None:
        """Count what did not fit in a row.

        Args:
            kept: The row, or an object or array in it.
            extra: What did not fit, in the same shape, with arrays as objects by position.
            path_above: The fields that lead there.
        """
        is_array = isinstance(kept, list)
        items = {str(position): item for position, item in enumerate(kept)} if is_array else kept
        for name, value in extra.items():
            path = path_above if is_array else f"{path_above}.{name}" if path_above else name
            if name not in items:
                self.add_without_column([path])
            elif items[name] is None:
                self._wrong_type[path] += 1
            else:
                self.count(items[name], value, path)

    def add_without_column(self, paths: Sequence[str]) -> None:
        """Note fields without a column."""
        if not self.without_column.issuperset(paths):
            room = _MAX_KEPT - len(self.without_column)
            self.without_column.update(paths[:room])

    def report(self, legal_entity: str | None) -> None:
        """Log what was counted in a legal entity, and start again from zero."""
        name = label(self._stream, legal_entity)
        for path, number in self._wrong_type.items():
            _log.warning(
                "%s: %d value(s) of %s do not match the column's type; moved to _extra.",
                name,
                number,
                path,
            )
        if self.lone_surrogates:
            _log.warning(
                "%s: %d lone surrogate(s), halves of a character, were replaced by U+FFFD.",
                name,
                self.lone_surrogates,
            )
        if self.without_column:
            _log.info(
                "%s: moved fields without a column to _extra: %s. A new catalog (--discover) has "
                "columns for those that the tap knows.",
                name,
                ", ".join(sorted(self.without_column)[:_MAX_NAMED]),
            )
        self.__init__(self._stream)  # type: ignore[misc]
