"""What can go wrong, in words for the person at 3 a.m.: what was asked, what came, what to do."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from singer_sdk.exceptions import (
    ConfigValidationError,
    FatalAPIError,
    RetriableAPIError,
    SingerSDKError,
)

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator


INCOMPLETE = 1
"""The exit code of a run that failed or is incomplete: retry later, it goes on from there."""
DO_NOT_RETRY = 2
"""The exit code where settings, credentials, a catalog or a state must be corrected first."""


class YouniumError(FatalAPIError):
    """A non-retriable error. It concerns one stream, unless it is a `RunError`.

    Its message is one line without secrets.
    """

    exit_code = INCOMPLETE


class RunError(YouniumError):
    """An error that concerns every stream, so that the run ends."""


class ConfigurationError(RunError):
    """Wrong settings, credentials, catalog or state: a retry does not help."""

    exit_code = DO_NOT_RETRY


class ForbiddenError(YouniumError):
    """Younium answered 403: a wrong or missing legal entity, or a permission that is lacking."""


class GaveUpError(YouniumError):
    """A request failed and is no longer retried.

    Attributes:
        reached: Whether there was an answer at all.
    """

    def __init__(self, message: str, *, reached: bool) -> None:
        super().__init__(message)
        self.reached = reached


class UnavailableError(GaveUpError, RunError):
    """The same for the whole run: the host does not answer, or there is no token."""


class PassingError(RetriableAPIError):
    """A failure that a retry can resolve: 429, 5xx, or no answer that can be read.

    Attributes:
        reached: Whether there was an answer at all.
        retry_after: Seconds that Younium asked to wait; None where it did not say.
        unavailable: Whether the host as a whole is: 429, 503 or no answer. All requests pause.
    """

    def __init__(
        self,
        message: str,
        *,
        reached: bool = True,
        retry_after: float | None = None,
        unavailable: bool = False,
    ) -> None:
        super().__init__(message)
        self.reached = reached
        self.retry_after = retry_after
        self.unavailable = unavailable or not reached


@contextmanager
def told_in_one_line(logger: logging.Logger) -> Iterator[None]:
    """Log an error in one line and exit with its code; its stack trace is for DEBUG alone."""
    try:
        yield
    except click.exceptions.Exit:
        raise
    except Exception as error:
        for line in describe(error):
            logger.critical(line)
        logger.debug("Where it happened:", exc_info=True)
        wrong = isinstance(error, ConfigValidationError)
        sys.exit(DO_NOT_RETRY if wrong else getattr(error, "exit_code", INCOMPLETE))


def describe(error: Exception) -> list[str]:
    """Return an error in words, without a stack trace: a line for each thing that is wrong."""
    if isinstance(error, ConfigValidationError):
        return error.errors
    if isinstance(error, SingerSDKError):
        return [str(error)]
    if isinstance(error, RecursionError):
        return [
            "What was read is nested too deeply to be a record of Younium's: report it to them."
        ]
    if isinstance(error, BrokenPipeError):
        return ["The reader of the output (the target) closed the pipe. Check its own error."]
    if isinstance(error, (OSError, ValueError)):
        return [f"{type(error).__name__}: {error}"]
    hint = "Please report it with the stack trace that TAP_YOUNIUM_LOGLEVEL=DEBUG shows."
    return [f"A defect of the tap, {type(error).__name__}: {error}. {hint}"]
