"""A response of Younium: its body, its clock, and what it says of an error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests


@dataclass(frozen=True, slots=True)
class Response:
    """A response, read completely.

    Attributes:
        status: The HTTP status.
        reason: The reason phrase.
        headers: The headers.
        body: The body, decompressed.
        requested_at: Younium's clock when the request was sent, from the `Date` header; without
            one, this machine's.
        request: The request, as it was sent.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    requested_at: datetime
    request: requests.PreparedRequest

    @property
    def is_html(self) -> bool:
        """Whether it comes from a proxy or a web server instead of the API."""
        return self.body.lstrip()[:1] == b"<"

    @property
    def error_messages(self) -> list[str]:
        """Younium's messages in the body of an error: a list, an object of lists, or a text.

        Seen: `{"errors": ["…"]}`, `{"errors": {"message": ["…"]}}`,
        `{"errors": {"Filter": ["…"]}}`, `{"errors": {"message": "…"}}`, `{"error": "…"}`.
        """
        try:
            body = msgspec.json.decode(self.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return []
        if not isinstance(body, dict):
            return []
        found = list(_texts(body.get("errors") or body.get("error")))
        return found or list(_texts(body.get("detail") or body.get("title")))

    @property
    def retry_after(self) -> float | None:
        """The seconds of `Retry-After`, which is a number or an HTTP date; None without one."""
        value = self.headers.get("Retry-After", "")
        try:
            seconds = float(value)
        except ValueError:
            try:
                until = _aware(parsedate_to_datetime(value))
                seconds = (until - server_time(self.headers)).total_seconds()
            except (OverflowError, TypeError, ValueError):
                return None
        return seconds if 0 <= seconds < math.inf else None


def server_time(headers: Mapping[str, str]) -> datetime:
    """Return the server's clock when it responded; this machine's if the headers lack it."""
    try:
        return _aware(parsedate_to_datetime(headers["Date"])).astimezone(UTC)
    except (KeyError, OverflowError, TypeError, ValueError):
        return datetime.now(UTC)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _texts(value: object, name: str = "message") -> Iterator[str]:
    if isinstance(value, str):
        yield value if name == "message" else f"{name}: {value}"
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, key)
