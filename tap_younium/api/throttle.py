"""Limits concurrent requests: fewer after a 429, then gradually more."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Throttle:
    """Limits how many requests are sent at the same time.

    Args:
        limit: The maximum number of concurrent requests.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._allowed = float(limit)
        self._active = 0
        self._resume_at = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait until a request may be sent, and count it as active."""
        with self._changed:
            while True:
                pause = self._resume_at - monotonic()
                if pause <= 0 and self._active < max(1, int(self._allowed)):
                    break
                self._changed.wait(pause if pause > 0 else None)
            self._active += 1
            self._changed.notify_all()  # the pause is over for all threads that wait for it
        try:
            yield
        finally:
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    def succeeded(self) -> None:
        """Allow one more request after about `limit` successful ones."""
        with self._changed:
            self._allowed = min(self.limit, self._allowed + 1 / self.limit)

    def pause(self, seconds: float) -> None:
        """Pause all requests, and halve how many may be sent at the same time."""
        with self._changed:
            resume_at = monotonic() + seconds
            if self._resume_at < monotonic():  # halve once for one burst of refusals
                self._allowed = max(1.0, self._allowed / 2)
            self._resume_at = max(self._resume_at, resume_at)
