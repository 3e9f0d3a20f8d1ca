"""Who asks, and for which legal entity: the JWT exchange and the headers that follow from it."""

from __future__ import annotations

import threading
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.authenticators import APIAuthenticatorBase

from tap_younium.errors import (
    ConfigurationError,
    GaveUpError,
    PassingError,
    RunError,
    UnavailableError,
    YouniumError,
)

if TYPE_CHECKING:
    from datetime import datetime

    import requests

    from tap_younium.http import Session

PATHS = {"v1": "/auth/token", "v2": "/auth/v2/token"}
LIFETIME = 24 * 60 * 60.0
"""Seconds that a token lives where the answer does not say: 24 hours, by Younium's guide."""


class Token:
    """One JWT for the whole run, shared by all streams and threads.

    It is asked for when first needed, shortly before it expires, and when it was dropped.

    Args:
        session: The run's session.
        host: The API's address.
        client_id: A personal token's Client ID.
        client_secret: Its Secret Key.
        version: `v1` or `v2`, see `PATHS`.
    """

    def __init__(
        self, session: Session, host: str, *, client_id: str, client_secret: str, version: str
    ) -> None:
        self._session = session
        self._url = host + PATHS[version]
        self._asked = f"POST {PATHS[version]}"
        self._credentials = {"clientId": client_id, "secret": client_secret}
        session.secrets.update((client_id, client_secret))
        self._lock = threading.Lock()
        self._value = ""
        self._renew_at = 0.0

    def get(self, tries: int | None = None) -> str:
        """Return a token that is good for now.

        Args:
            tries: How often to try at most; by default as often as any request.

        Raises:
            ConfigurationError: If Younium refuses the credentials.
            UnavailableError: If Younium gives no token: no stream can be read.
            RunError: If the login redirects to another host.
        """
        with self._lock:
            if not self._value or time.monotonic() >= self._renew_at:
                try:
                    self._value, lifetime = self._session.retrying(self._exchange, tries=tries)
                except GaveUpError as error:
                    raise UnavailableError(str(error), reached=error.reached) from error
                except RunError:
                    raise
                except YouniumError as error:  # without a token, no stream can be read
                    raise RunError(str(error)) from error
                self._session.secrets.add(self._value)
                self._renew_at = time.monotonic() + lifetime - min(60.0, lifetime / 5)
            return self._value

    def drop(self, refused: str) -> None:
        """Forget a token that Younium refused, unless another thread has renewed it already."""
        with self._lock:
            if self._value == refused:
                self._value = ""

    def _exchange(self) -> tuple[str, float]:
        """Ask for a token; return it and the seconds that it lives."""
        answer = self._session.ask("POST", self._url, self._asked, json=self._credentials)
        if answer.status != HTTPStatus.OK:
            raise ConfigurationError(
                f"{self._asked}: {answer.status}, Younium refuses the credentials "
                f"({self._session.words(answer)}). Check client_id, client_secret and "
                "environment (or api_url). A new personal token is made in Younium: Privacy & "
                "Security, Personal Tokens."
            )
        try:
            content = msgspec.json.decode(answer.body, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            content = {}
        value = content.get("accessToken") or content.get("access_token")
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise PassingError(
                f"{self._asked}: the answer holds no token ({len(answer.body)} bytes of "
                f"{answer.headers.get('Content-Type')}). Is it Younium that answers there? "
                "Check environment or api_url."
            )
        return value, _lifetime(content, answer.asked)


def _lifetime(content: dict[str, Any], asked: datetime) -> float:
    """Return the seconds that a token lives: `expiresIn`, else counted from `expires`, a date."""
    for name in ("expiresIn", "expires_in"):
        try:
            return float(content[name])
        except (KeyError, OverflowError, TypeError, ValueError):
            continue
    try:
        return (parsedate_to_datetime(content["expires"]) - asked).total_seconds()
    except (KeyError, OverflowError, TypeError, ValueError):
        return LIFETIME


class YouniumAuthenticator(APIAuthenticatorBase):
    """Gives a request the run's token and the legal entity that it is for.

    Args:
        token: The run's token.
        legal_entity: An id or a name; None where the tenant has one entity only.
    """

    def __init__(self, token: Token, legal_entity: str | None = None) -> None:
        super().__init__()
        self.token = token
        self.legal_entity = legal_entity

    def authenticate_request(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with `Authorization` and, where one is set, `legal-entity`.

        A name may hold any letter: it goes as UTF-8, which a header carries as bytes.
        """
        request.headers["Authorization"] = f"Bearer {self.token.get()}"
        if self.legal_entity is not None:
            request.headers["legal-entity"] = self.legal_entity.encode()  # type: ignore[assignment]
        return request

    def drop(self, request: requests.PreparedRequest) -> None:
        """Forget the token of a request that was refused."""
        self.token.drop(str(request.headers["Authorization"]).split()[-1])
