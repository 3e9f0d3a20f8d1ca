"""Exceptions of the tap. Each message is one line: the request, the response, what to do."""

from __future__ import annotations

from singer_sdk.exceptions import (
    ConfigValidationError,
    FatalAPIError,
    RetriableAPIError,
    SingerSDKError,
)

EXIT_INCOMPLETE = 1
"""Exit code of a run that failed or is incomplete: retry later, it resumes from the state."""
EXIT_CONFIGURATION = 2
"""Exit code if settings, credentials, catalog or state must be corrected before a retry."""


class YouniumError(FatalAPIError):
    """A non-retriable error. It affects one stream, unless it is a `RunError`.

    Its message is one line without secrets.
    """

    exit_code = EXIT_INCOMPLETE


class RunError(YouniumError):
    """An error that affects every stream, so the run ends."""


class ConfigurationError(RunError):
    """Wrong settings, credentials, catalog or state: a retry does not help."""

    exit_code = EXIT_CONFIGURATION


class ForbiddenError(YouniumError):
    """Younium answered 403: the legal entity is wrong or missing, or a permission is missing."""


class RetriesExhaustedError(YouniumError):
    """A request failed and is no longer retried.

    Attributes:
        responded: Whether the host sent any response.
    """

    def __init__(self, message: str, *, responded: bool) -> None:
        super().__init__(message)
        self.responded = responded


class UnavailableError(RetriesExhaustedError, RunError):
    """The host does not respond, or issues no token: no stream can be read."""


class RetriableError(RetriableAPIError):
    """A failure that a retry can resolve: 429, 5xx, no response, or an unreadable one.

    Attributes:
        responded: Whether the host sent any response.
        retry_after: Seconds that Younium asked to wait; None if it did not.
        unavailable: Whether the whole host is unavailable (429, 503, no response), so that all
            requests pause.
    """

    def __init__(
        self,
        message: str,
        *,
        responded: bool = True,
        retry_after: float | None = None,
        unavailable: bool = False,
    ) -> None:
        super().__init__(message)
        self.responded = responded
        self.retry_after = retry_after
        self.unavailable = unavailable or not responded


def exit_code(error: Exception) -> int:
    """Return the exit code of a run that an error ended."""
    if isinstance(error, ConfigValidationError):
        return EXIT_CONFIGURATION
    return getattr(error, "exit_code", EXIT_INCOMPLETE)


def describe(error: Exception) -> list[str]:
    """Return an error as text without a stack trace, one line per problem."""
    if isinstance(error, ConfigValidationError):
        return error.errors
    if isinstance(error, SingerSDKError):
        return [str(error)]
    if isinstance(error, RecursionError):
        return ["A record is nested too deeply to be one of Younium's. Report it to Younium."]
    if isinstance(error, BrokenPipeError):
        return ["The target closed the pipe. See the target's own error."]
    if isinstance(error, (OSError, ValueError)):
        return [f"{type(error).__name__}: {error}"]
    hint = "Please report it with the stack trace that TAP_YOUNIUM_LOGLEVEL=DEBUG logs."
    return [f"Bug in the tap: {type(error).__name__}: {error}. {hint}"]


def label(stream: str, legal_entity: str | None) -> str:
    """Return the name of a stream in a legal entity, for messages."""
    return f"{stream} of {legal_entity}" if legal_entity else stream
