"""Authentication: the token exchange, and the headers of a request."""

from __future__ import annotations

import threading
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.authenticators import APIAuthenticatorBase

from tap_younium.exceptions import (
    ConfigurationError,
    RetriableError,
    RetriesExhaustedError,
    RunError,
    UnavailableError,
    YouniumError,
)

if TYPE_CHECKING:
    from datetime import datetime

    import requests

    from tap_younium.api.session import Session

PATHS = {"v1": "/auth/token", "v2": "/auth/v2/token"}
LIFETIME = 24 * 60 * 60.0
"""Seconds that a token is valid if the response does not say: 24 hours, by Younium's guide."""


class AccessToken:
    """The run's only JWT, shared by all streams and threads.

    It is requested when it is first needed, shortly before it expires, and after `invalidate`.

    Args:
        session: The run's session.
        host: The API's URL.
        client_id: A personal token's Client ID.
        client_secret: Its Secret Key.
        version: `v1` or `v2`, see `PATHS`.
    """

    def __init__(
        self, session: Session, host: str, *, client_id: str, client_secret: str, version: str
    ) -> None:
        self._session = session
        self._url = host + PATHS[version]
        self._description = f"POST {PATHS[version]}"
        self._credentials = {"clientId": client_id, "secret": client_secret}
        session.secrets.update((client_id, client_secret))
        self._lock = threading.Lock()
        self._value = ""
        self._renew_at = 0.0

    def get(self, max_tries: int | None = None) -> str:
        """Return a valid token.

        Args:
            max_tries: The maximum number of tries; by default that of any request.

        Raises:
            ConfigurationError: If Younium refuses the credentials.
            UnavailableError: If Younium issues no token: no stream can be read.
            RunError: If the login redirects to another host.
        """
        with self._lock:
            if not self._value or time.monotonic() >= self._renew_at:
                try:
                    exchange = self._session.retries.call(self._exchange, max_tries=max_tries)
                    self._value, lifetime = exchange
                except RetriesExhaustedError as error:
                    raise UnavailableError(str(error), responded=error.responded) from error
                except RunError:
                    raise
                except YouniumError as error:  # without a token, no stream can be read
                    raise RunError(str(error)) from error
                self._session.secrets.add(self._value)
                self._renew_at = time.monotonic() + lifetime - min(60.0, lifetime / 5)
            return self._value

    def invalidate(self, refused: str) -> None:
        """Discard a token that Younium refused, unless another thread has renewed it."""
        with self._lock:
            if self._value == refused:
                self._value = ""

    def _exchange(self) -> tuple[str, float]:
        """Request a token; return it and the seconds that it is valid."""
        response = self._session.fetch("POST", self._url, self._description, json=self._credentials)
        if response.status != HTTPStatus.OK:
            raise ConfigurationError(
                f"{self._description}: {response.status}, Younium refuses the credentials "
                f"({self._session.error_text(response)}). Check client_id, client_secret and "
                "environment (or api_url). To create a new personal token in Younium, go to "
                "Privacy & Security, Personal Tokens."
            )
        try:
            content = msgspec.json.decode(response.body, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            content = {}
        value = content.get("accessToken") or content.get("access_token")
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise RetriableError(
                f"{self._description}: the response contains no token ({len(response.body)} bytes "
                f"of {response.headers.get('Content-Type')}). Check that environment or api_url is "
                "Younium's."
            )
        return value, _lifetime(content, response.requested_at)


def _lifetime(content: dict[str, Any], requested_at: datetime) -> float:
    """Return the seconds that a token is valid, from `expiresIn` or from `expires`, a date."""
    for name in ("expiresIn", "expires_in"):
        try:
            return float(content[name])
        except (KeyError, OverflowError, TypeError, ValueError):
            continue
    try:
        return (parsedate_to_datetime(content["expires"]) - requested_at).total_seconds()
    except (KeyError, OverflowError, TypeError, ValueError):
        return LIFETIME


class YouniumAuthenticator(APIAuthenticatorBase):
    """Adds the run's token and the legal entity to a request.

    Args:
        token: The run's token.
        legal_entity: Its id or name; None if the tenant has only one.
    """

    def __init__(self, token: AccessToken, legal_entity: str | None = None) -> None:
        super().__init__()
        self.token = token
        self.legal_entity = legal_entity

    def authenticate_request(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request with `Authorization` and, if one is set, `legal-entity`.

        A name can contain any character: it is sent as UTF-8 bytes.
        """
        request.headers["Authorization"] = f"Bearer {self.token.get()}"
        if self.legal_entity is not None:
            request.headers["legal-entity"] = self.legal_entity.encode()  # type: ignore[assignment]
        return request

    def invalidate(self, request: requests.PreparedRequest) -> None:
        """Discard the token of a request that was refused."""
        self.token.invalidate(str(request.headers["Authorization"]).split()[-1])
