"""Retries: which failures are retried, how long to wait, and when to stop."""

from __future__ import annotations

import logging
import math
import random
import threading
from functools import partial
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import backoff

from tap_younium.exceptions import RetriableError, RetriesExhaustedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from backoff.types import Details

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

MAX_TRIES = 6
"""Tries per request if the host responds, but with errors or unreadable bodies."""
_MAX_WAIT = 60.0
"""Seconds between two tries, unless Younium asks for more."""


class Outage:
    """How long the host has been unavailable, shared by all requests of the run.

    Args:
        limit: Seconds until requests are no longer retried.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._began: float | None = None
        self._last_failure = 0.0
        self._lock = threading.Lock()

    def record_failure(self) -> float:
        """Note a failed request; return when the outage began, by `time.monotonic`.

        That is the first failure since the last successful response. A failure before a long time
        without requests, as with a slow target, does not count.
        """
        with self._lock:
            now = monotonic()
            if self._began is None or now - self._last_failure > self.limit:
                self._began = now
            self._last_failure = now
            return self._began

    def end(self) -> None:
        """Note a successful response."""
        with self._lock:
            self._began = None

    def remaining(self, began: float) -> float:
        """Return the seconds left for retries in an outage; 0 or less if there are none."""
        return began + self.limit - monotonic()


class RetryPolicy:
    """Retries requests. While the host is unavailable, all requests share one time limit.

    Args:
        host: The API's URL, for messages.
        retry_timeout: Seconds for which requests are retried while the host is unavailable.
        host_responds: Checks whether the host responds to any request.
    """

    def __init__(self, host: str, retry_timeout: float, host_responds: Callable[[], bool]) -> None:
        self.outage = Outage(retry_timeout)
        self._host = host
        self._host_responds = host_responds

    def call(
        self,
        send: Callable[[], _T],
        on_failure: Callable[[RetriableError, float], None] | None = None,
        max_tries: int | None = None,
    ) -> _T:
        """Return the result of `send`, retried with exponential backoff or as `Retry-After` says.

        While the host is unavailable, retries continue until the outage has lasted for
        `retry_timeout`; later requests are sent once. Other failures get `MAX_TRIES` tries.

        Args:
            send: Sends one request.
            on_failure: Called with each failure and the seconds until the retry.
            max_tries: The maximum number of tries for any failure.

        Raises:
            RetriesExhaustedError: If no try succeeded; an `UnavailableError` if the host does not
                respond.
        """

        def log_retry(details: Details) -> None:
            error = details["exception"]
            assert isinstance(error, RetriableError)  # noqa: S101 - nothing else is caught
            _log.warning("%s Retrying in %.1f s.", error, details["wait"])
            if on_failure:
                on_failure(error, details["wait"])

        retried = backoff.on_exception(
            partial(self._waits, max_tries),
            RetriableError,
            jitter=None,
            on_backoff=log_retry,
            logger=None,
        )(send)
        return retried()

    def _waits(self, max_tries: int | None) -> Generator[float, RetriableError, None]:
        """Receive each failure and yield the seconds until the retry.

        Raises:
            RetriesExhaustedError: If there is no retry; an `UnavailableError` if the host does not
                respond.
        """
        errors, began = 0, math.inf
        error = yield 0.0
        for tries in count(1):
            wait, left = self._wait(error, tries), math.inf
            if error.unavailable:
                began = min(began, self.outage.record_failure())
                left = self.outage.remaining(began)
            else:
                errors += 1
            if left <= 0:
                raise self._outage_error(error, self.outage.limit - left) from error
            if tries == max_tries or errors == MAX_TRIES:
                raise RetriesExhaustedError(
                    f"{error} Gave up after {tries} {'try' if tries == 1 else 'tries'}. "
                    "Run again later.",
                    responded=error.responded,
                ) from error
            error = yield min(wait, left)

    def _wait(self, error: RetriableError, tries: int) -> float:
        """Return the seconds to wait after a number of tries.

        Raises:
            RetriesExhaustedError: If Younium asks to wait for longer than `retry_timeout`.
        """
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, not a secret
        if error.retry_after is None:
            return min(_MAX_WAIT, 2.0 ** min(tries - 1, 6)) * jitter
        limit = self.outage.limit
        if error.retry_after > limit:
            raise RetriesExhaustedError(
                f"{str(error).rstrip('.')}, and Retry-After is {error.retry_after:,.0f} s, longer "
                f"than retry_timeout ({limit:g} s). Run again after that time, or increase "
                "retry_timeout.",
                responded=True,
            ) from error
        return max(error.retry_after, jitter if tries > 1 else 0)

    def _outage_error(self, error: RetriableError, seconds: float) -> RetriesExhaustedError:
        """Return the error for an outage longer than `retry_timeout`.

        It ends the run only if the host responds to nothing at all.
        """
        if error.responded or self._host_responds():
            return RetriesExhaustedError(
                f"{error} Gave up: no successful response for {seconds:,.0f} s (retry_timeout is "
                f"{self.outage.limit:g}). Run again later.",
                responded=True,
            )
        return UnavailableError(
            f"{error} {urlsplit(self._host).netloc} has not responded for {seconds:,.0f} s "
            f"(retry_timeout is {self.outage.limit:g}). Check network and proxies, then run again.",
            responded=False,
        )
