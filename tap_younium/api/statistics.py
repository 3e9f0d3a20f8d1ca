"""What the requests of a run cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container


class RequestStatistics:
    """Counts requests per path and legal entity, without logins. Any thread can use it.

    Amounts are `requests`, including failed ones; `retries`, those of them that repeat a failed
    one; `responses`; their `bytes`, decompressed; and the `nanoseconds` spent waiting for them.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: defaultdict[tuple[str, str | None], Counter[str]] = defaultdict(Counter)

    def add(self, path: str, legal_entity: str | None, **amounts: int) -> None:
        """Add amounts to a path of a legal entity."""
        with self._lock:
            self._counts[path, legal_entity].update(amounts)

    def total(
        self,
        paths: Container[str] | None = None,
        legal_entities: Container[str | None] | None = None,
        *,
        reset: bool = False,
    ) -> Counter[str]:
        """Return the sum of some paths, or of all.

        Args:
            paths: The paths; None for all.
            legal_entities: The legal entities; None for all.
            reset: Whether to remove them afterwards.
        """
        with self._lock:
            chosen = [
                (path, entity)
                for path, entity in self._counts
                if (paths is None or path in paths)
                and (legal_entities is None or entity in legal_entities)
            ]
            found = sum((self._counts[key] for key in chosen), Counter[str]())
            if reset:
                for key in chosen:
                    del self._counts[key]
            return found
