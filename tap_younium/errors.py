"""What can go wrong, in words for the person at 3 a.m.: what was asked, what came, what to do."""

from singer_sdk.exceptions import FatalAPIError, RetriableAPIError


class YouniumError(FatalAPIError):
    """An error that asking again does not mend. Its message is one line without secrets."""


class ForbiddenError(YouniumError):
    """Younium answered 403: a wrong or missing legal entity, or a permission that is lacking."""


class PassingError(RetriableAPIError):
    """An answer that may be better next time: 429, 5xx, or no answer that can be read.

    Attributes:
        retry_after: Seconds that Younium asked to wait; None where it did not say.
        overloaded: Whether all requests should hold back, not just this one.
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, overloaded: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.overloaded = overloaded
