"""The HTTP session of a run: connections, timeouts, redirects, and secrets kept out of errors."""

from __future__ import annotations

import json
import os
import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from tap_younium.api.proxies import check_proxy, proxy_secrets
from tap_younium.api.response import Response, server_time
from tap_younium.api.retry import RetryPolicy
from tap_younium.exceptions import ConfigurationError, RetriableError, YouniumError

if TYPE_CHECKING:
    from datetime import datetime

_MAX_CONNECT_SECONDS = 30.0
"""Seconds until a host must have accepted a connection."""
_UNAVAILABLE = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_RETRIABLE = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_MAX_ERROR_LENGTH = 400
_CHUNK_SIZE = 1024 * 1024


class Session(requests.Session):
    """The run's only session: it keeps connections, and honors proxies and `REQUESTS_CA_BUNDLE`.

    Args:
        host: The API's URL.
        connections: The maximum number of concurrent requests.
        user_agent: The `User-Agent` header.
        timeout: Seconds without data after which a request has failed.
        retry_timeout: Seconds for which requests are retried while the host is unavailable.

    Attributes:
        retries: The run's retry policy.
        secrets: Texts to redact in messages; whoever learns a secret adds it.
    """

    def __init__(
        self, host: str, *, connections: int, user_agent: str, timeout: float, retry_timeout: float
    ) -> None:
        super().__init__()
        self.mount("https://", HTTPAdapter(pool_maxsize=connections))
        self.mount("http://", HTTPAdapter(pool_maxsize=connections))
        self.headers["User-Agent"] = user_agent
        self.timeout = timeout
        self.secrets = set(proxy_secrets(os.environ))
        self.retries = RetryPolicy(host, retry_timeout, self._host_responds)
        self._host = host

    def fetch(self, method: str, url: str, description: str, **options: Any) -> Response:
        """Send one request and return the response.

        Args:
            method: The HTTP method.
            url: The URL.
            description: The request as error messages name it: `GET /Accounts, page 3`.
            options: Options of `requests`.

        Raises:
            RetriableError: If there is no response, or one that a retry can improve.
            YouniumError: If the response redirects to another host, or in a circle.
            RunError: If no request to the host is possible.
        """
        # `from None`: the libraries' messages can contain a proxy's password.
        try:
            response = self._fetch(method, url, description, **options)
        except requests.ReadTimeout:
            raise RetriableError(
                f"{description}: no response within {self.timeout:g} s (request_timeout).",
                responded=False,
            ) from None
        except requests.ConnectionError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise ConfigurationError(
                    f"{description}: the certificate of {urlsplit(url).netloc} is not trusted. "
                    "If a proxy inspects TLS, set REQUESTS_CA_BUNDLE to its certificate."
                ) from None
            raise RetriableError(
                f"{description}: the connection failed ({self._cause(error)}).", responded=False
            ) from None
        except requests.TooManyRedirects:
            raise YouniumError(f"{description}: too many redirects. Check proxies.") from None
        except (requests.RequestException, ValueError) as error:
            raise ConfigurationError(
                f"{description}: the request cannot be sent ({self._cause(error)}). Check api_url "
                "and the proxy variables."
            ) from None
        status = response.status
        if status in _RETRIABLE or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RetriableError(
                f"{description}: {status} ({self.error_text(response)}).",
                retry_after=response.retry_after,
                unavailable=status in _UNAVAILABLE,
            )
        self.retries.outage.end()
        return response

    def _fetch(self, method: str, url: str, description: str, **options: Any) -> Response:
        """Read a response in large chunks: `Response.content` reads 10 kB at a time, at a cost."""
        timeout = (min(_MAX_CONNECT_SECONDS, self.timeout), self.timeout)
        with self.request(method, url, timeout=timeout, stream=True, **options) as response:
            try:
                body = b"".join(response.iter_content(_CHUNK_SIZE))
            except (OSError, zlib.error) as error:  # every exception of `requests` is an OSError
                raise RetriableError(
                    f"{description}: the response is truncated or corrupt ({self._cause(error)})."
                ) from None
            requested_at: datetime = server_time(response.headers) - response.elapsed
            return Response(
                response.status_code,
                response.reason or "no reason",
                response.headers,
                body,
                requested_at,
                response.request,
            )

    def _host_responds(self) -> bool:
        """Return whether the host responds at all: then only some requests fail."""
        try:
            self.fetch("HEAD", self._host, f"HEAD {self._host}", allow_redirects=False)
        except RetriableError as error:
            return error.responded
        return True

    def merge_environment_settings(self, url: Any, *others: Any) -> Any:
        """Return what the environment sets for a request.

        Raises:
            ConfigurationError: If its proxy cannot be used.
        """
        merged = super().merge_environment_settings(url, *others)
        check_proxy(url, merged["proxies"])
        return merged

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where a response redirects to, within the same host: the token is for it alone.

        Raises:
            YouniumError: If the target is another host, or not a URL.
        """
        target = super().get_redirect_target(resp)
        if target is not None:
            here = urlsplit(resp.url)
            try:
                there = urlsplit(urljoin(resp.url, target))
            except ValueError:
                resp.close()
                raise YouniumError(
                    f"{resp.request.method} {here.path}: redirects to an invalid URL. Check "
                    "proxies."
                ) from None
            if (here.scheme, here.netloc) != (there.scheme, there.netloc):
                resp.close()
                raise YouniumError(
                    f"{resp.request.method} {here.path}: {here.netloc} redirects to another host, "
                    f"{there.netloc}. The tap does not follow: check environment or api_url, and "
                    "proxies."
                )
        return target

    def error_text(self, response: Response) -> str:
        """Return what a response says of an error, in one line and without secrets."""
        text = "; ".join(response.error_messages)
        if not text:
            kind = response.headers.get("Content-Type", "nothing").partition(";")[0]
            text = f"{response.reason}: {len(response.body)} bytes of {kind}"
        text = self._redact(text)
        return text if len(text) <= _MAX_ERROR_LENGTH else f"{text[:_MAX_ERROR_LENGTH]}…"

    def _cause(self, error: BaseException) -> str:
        """Return the root cause of a failed connection, in one line and without secrets."""
        while inner := error.__cause__ or error.__context__:
            error = inner
        return self._redact(f"{type(error).__name__}: {error}")

    def _redact(self, text: str) -> str:
        """Return a text in one line without secrets, the longest first: one can contain another."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            for form in (secret, _escaped(secret), _escaped(secret, ensure_ascii=False)):
                text = text.replace(form, "***")
        return " ".join(text.split())


def _escaped(text: str, *, ensure_ascii: bool = True) -> str:
    """Return a text as it appears in JSON: a message can quote JSON."""
    return json.dumps(text, ensure_ascii=ensure_ascii)[1:-1]
