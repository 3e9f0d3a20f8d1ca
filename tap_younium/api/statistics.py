"""What the requests of a run cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class RequestStatistics:
    """Counts requests per path, logins excluded. It can be used from any thread.

    Amounts are `requests`, including failed ones; `retries`, those of them that repeat a failed
    one; `responses`; their `bytes`, decompressed; and the `nanoseconds` spent waiting for them.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_path: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, path: str, **amounts: int) -> None:
        """Add amounts to a path."""
        with self._lock:
            self._by_path[path].update(amounts)

    def total(self, paths: Iterable[str] | None = None, *, reset: bool = False) -> Counter[str]:
        """Return the sum of some paths, or of all.

        Args:
            paths: The paths; None for all.
            reset: Whether to remove them afterwards.
        """
        with self._lock:
            chosen = list(self._by_path) if paths is None else paths
            found = sum((self._by_path[path] for path in chosen), Counter[str]())
            if reset:
                for path in chosen:
                    del self._by_path[path]
            return found
