"""What applies to every request: one session, when it is retried, Younium's words in errors."""

from __future__ import annotations

import json
import logging
import math
import os
import random
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

import backoff
import msgspec
import requests
from requests.adapters import HTTPAdapter

from tap_younium import proxies
from tap_younium.errors import (
    ConfigurationError,
    GaveUpError,
    PassingError,
    UnavailableError,
    YouniumError,
)
from tap_younium.workers import Outage

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from backoff.types import Details

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

TRIES = 6
"""How often a request is sent where the host is there, but its answers are broken."""
_LONGEST_WAIT = 60.0
"""Seconds between two tries, where Younium does not ask for more."""
_LONGEST_CONNECT = 30.0
"""Seconds until a host accepts a connection."""
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
_TEMPORARY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_LONGEST_WORDS = 400
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read to its end.

    Attributes:
        status: The HTTP status.
        reason: What the server calls it.
        headers: The headers.
        body: The body, decompressed.
        asked: Younium's clock when the request was sent, from the `Date` header; else this
            machine's.
        request: What was asked, as it was sent.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    asked: datetime
    request: requests.PreparedRequest


class Session(requests.Session):
    """The run's one session: connections are kept, proxies and `REQUESTS_CA_BUNDLE` apply.

    Args:
        host: The API's address.
        connections: How many requests can be under way at once.
        user_agent: What the tap calls itself.
        timeout: Seconds of silence after which a request has failed.
        retry_timeout: Seconds for which requests are retried while the host is unavailable.

    Attributes:
        secrets: What must never be shown; whoever learns a secret adds it.
    """

    def __init__(
        self, host: str, *, connections: int, user_agent: str, timeout: float, retry_timeout: float
    ) -> None:
        super().__init__()
        self.mount("https://", HTTPAdapter(pool_maxsize=connections))
        self.mount("http://", HTTPAdapter(pool_maxsize=connections))
        self.headers["User-Agent"] = user_agent
        self.timeout = timeout
        self.secrets = set(proxies.secrets(os.environ))
        self._host = host
        self._outage = Outage(retry_timeout)

    def ask(self, method: str, url: str, asked: str, **options: Any) -> Answer:
        """Send one request and return its answer.

        Args:
            method: The HTTP method.
            url: The address.
            asked: What is asked, for errors: `GET /Accounts, page 3`.
            options: As `requests` takes them.

        Raises:
            PassingError: If no answer came, or one that a retry can improve.
            YouniumError: If the answer redirects to another host, or in a circle.
            RunError: If the host can't be asked at all.
        """
        # `from None`: what the libraries say can hold a proxy's password.
        try:
            answer = self._answer(method, url, asked, **options)
        except requests.ReadTimeout:
            raise PassingError(
                f"{asked}: no answer within {self.timeout:g} s (request_timeout).", reached=False
            ) from None
        except requests.ConnectionError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise ConfigurationError(
                    f"{asked}: the certificate of {urlsplit(url).netloc} is not trusted. "
                    "Behind a proxy that opens TLS, set REQUESTS_CA_BUNDLE to its certificate."
                ) from None
            raise PassingError(
                f"{asked}: the connection failed ({self._cause(error)}).", reached=False
            ) from None
        except requests.TooManyRedirects:
            raise YouniumError(f"{asked}: too many redirects. Check any proxy between.") from None
        except (requests.RequestException, ValueError) as error:
            raise ConfigurationError(
                f"{asked}: the request can't be made ({self._cause(error)}). Check api_url and "
                "the proxy variables."
            ) from None
        status = answer.status
        if status in _TEMPORARY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PassingError(
                f"{asked}: {status} ({self.words(answer)}).",
                retry_after=_retry_after(answer),
                unavailable=status in _BUSY,
            )
        self._outage.over()
        return answer

    def _answer(self, method: str, url: str, asked: str, **options: Any) -> Answer:
        """Read an answer in large pieces: `Response.content` reads 10 kB at a time, at a cost."""
        timeout = (min(_LONGEST_CONNECT, self.timeout), self.timeout)
        with self.request(method, url, timeout=timeout, stream=True, **options) as response:
            try:
                body = b"".join(response.iter_content(_PIECE))
            except (OSError, zlib.error) as error:  # all of `requests` are OSErrors
                raise PassingError(
                    f"{asked}: the answer is cut or corrupt ({self._cause(error)})."
                ) from None
            return Answer(
                response.status_code,
                response.reason or "no reason",
                response.headers,
                body,
                _date(response.headers) - response.elapsed,
                response.request,
            )

    def retrying(
        self,
        ask: Callable[[], _T],
        on_failure: Callable[[PassingError, float], None] | None = None,
        tries: int | None = None,
    ) -> _T:
        """Return what `ask` gives; if it fails, retry it after growing waits, or as Younium says.

        While the host is unavailable, this goes on until the run's outage has lasted for
        `retry_timeout`: a request that comes later is sent once. Broken answers get `TRIES` tries.

        Args:
            ask: Sends one request.
            on_failure: Called with each failure and the seconds until the retry.
            tries: How often to try at most, whatever fails.

        Raises:
            GaveUpError: If no try went well; an `UnavailableError`, if the host does not answer.
        """

        def failed(details: Details) -> None:
            error = details["exception"]
            assert isinstance(error, PassingError)  # noqa: S101 - nothing else is caught
            _log.warning("%s Trying again in %.1f s.", error, details["wait"])
            if on_failure:
                on_failure(error, details["wait"])

        persistent = backoff.on_exception(
            partial(self._waits, tries),
            PassingError,
            jitter=None,
            on_backoff=failed,
            logger=None,
        )(ask)
        return persistent()

    def _waits(self, tries: int | None) -> Generator[float, PassingError, None]:
        """Take each failure and give the seconds until the retry.

        Raises:
            GaveUpError: If there is none; an `UnavailableError`, if the host does not answer.
        """
        broken, began = 0, math.inf
        error = yield 0.0
        for number in count(1):
            wait, left = self._wait(error, number), math.inf
            if error.unavailable:
                began = min(began, self._outage.failed())
                left = self._outage.left(began)
            else:
                broken += 1
            if left <= 0:
                raise self._outlasted(error, self._outage.limit - left) from error
            if number == tries or broken == TRIES:
                raise GaveUpError(
                    f"{error} Given up after {number} {'try' if number == 1 else 'tries'}: "
                    "run again later.",
                    reached=error.reached,
                ) from error
            error = yield min(wait, left)

    def _wait(self, error: PassingError, number: int) -> float:
        """Return the seconds to wait after so many tries: as Younium asks, else ever more.

        Raises:
            GaveUpError: If Younium asks for more than `retry_timeout`.
        """
        share = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, no secret
        if error.retry_after is None:
            return min(_LONGEST_WAIT, 2.0 ** min(number - 1, 6)) * share
        limit = self._outage.limit
        if error.retry_after > limit:
            raise GaveUpError(
                f"{str(error).rstrip('.')}, Younium asks to wait {error.retry_after:,.0f} s, "
                f"longer than retry_timeout ({limit:g} s). Run again after that time, or raise "
                "retry_timeout.",
                reached=True,
            ) from error
        return max(error.retry_after, share if number > 1 else 0)

    def _outlasted(self, error: PassingError, seconds: float) -> GaveUpError:
        """Return the error for an outage that lasted too long; of the run, if nobody answers."""
        if error.reached or self._host_answers():
            return GaveUpError(
                f"{error} Given up: no good answer for {seconds:,.0f} s (retry_timeout is "
                f"{self._outage.limit:g}). Run again later.",
                reached=True,
            )
        return UnavailableError(
            f"{error} {urlsplit(self._host).netloc} has not answered for {seconds:,.0f} s "
            f"(retry_timeout is {self._outage.limit:g}). Check network and proxies, run again "
            "later.",
            reached=False,
        )

    def _host_answers(self) -> bool:
        """Say whether the host answers any request: then just what was asked is out of order."""
        try:
            self.ask("HEAD", self._host, f"HEAD {self._host}", allow_redirects=False)
        except PassingError as error:
            return error.reached
        return True

    def merge_environment_settings(self, url: Any, *others: Any) -> Any:
        """Return what the environment sets for a request.

        Raises:
            ConfigurationError: If its proxy can't be used.
        """
        merged = super().merge_environment_settings(url, *others)
        proxies.check(url, merged["proxies"])
        return merged

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where an answer redirects to: the token is for one host alone.

        Raises:
            YouniumError: If it is another host, or no address.
        """
        target = super().get_redirect_target(resp)
        if target is not None:
            here = urlsplit(resp.url)
            try:
                there = urlsplit(urljoin(resp.url, target))
            except ValueError:
                resp.close()
                raise YouniumError(
                    f"{resp.request.method} {here.path}: the redirect's address is invalid. Check "
                    "any proxy between."
                ) from None
            if (here.scheme, here.netloc) != (there.scheme, there.netloc):
                resp.close()
                raise YouniumError(
                    f"{resp.request.method} {here.path}: {here.netloc} redirects to another host, "
                    f"{there.netloc}. The tap does not follow: check environment or api_url, and "
                    "any proxy between."
                )
        return target

    def words(self, answer: Answer) -> str:
        """Return what an answer says of an error, in one line and without secrets."""
        text = "; ".join(messages(answer))
        if not text:
            kind = answer.headers.get("Content-Type", "nothing").partition(";")[0]
            text = f"{answer.reason}: {len(answer.body)} bytes of {kind}"
        text = self._redacted(text)
        return text if len(text) <= _LONGEST_WORDS else f"{text[:_LONGEST_WORDS]}…"

    def _cause(self, error: BaseException) -> str:
        """Return the innermost reason of a failed connection, in one line and without secrets."""
        while inner := error.__cause__ or error.__context__:
            error = inner
        return self._redacted(f"{type(error).__name__}: {error}")

    def _redacted(self, text: str) -> str:
        """Return a text in one line and without secrets, of which one can be part of another."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            for form in (secret, _escaped(secret), _escaped(secret, ensure_ascii=False)):
                text = text.replace(form, "***")
        return " ".join(text.split())


def _escaped(text: str, *, ensure_ascii: bool = True) -> str:
    """Return a text as it stands in JSON: an answer may hold JSON in its words."""
    return json.dumps(text, ensure_ascii=ensure_ascii)[1:-1]


def messages(answer: Answer) -> list[str]:
    """Return Younium's messages from an error's body: a list, an object of lists, or plain text.

    Seen: `{"errors": ["…"]}`, `{"errors": {"message": ["…"]}}`, `{"errors": {"Filter": ["…"]}}`,
    `{"errors": {"message": "…"}}`, `{"error": "…"}`.
    """
    try:
        body = msgspec.json.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []
    if not isinstance(body, dict):
        return []
    found = list(_texts(body.get("errors") or body.get("error")))
    return found or list(_texts(body.get("detail") or body.get("title")))


def _texts(value: object, name: str = "message") -> Iterator[str]:
    if isinstance(value, str):
        yield value if name == "message" else f"{name}: {value}"
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, key)


def _retry_after(answer: Answer) -> float | None:
    """Return the seconds that `Retry-After` asks for: a number, or an HTTP date."""
    value = answer.headers.get("Retry-After", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
            seconds = (_aware(until) - _date(answer.headers)).total_seconds()
        except (OverflowError, TypeError, ValueError):
            return None
    return seconds if 0 <= seconds < math.inf else None


def _date(headers: Mapping[str, str]) -> datetime:
    """Return the server's clock when it answered; else this machine's."""
    try:
        return _aware(parsedate_to_datetime(headers["Date"])).astimezone(UTC)
    except (KeyError, OverflowError, TypeError, ValueError):
        return datetime.now(UTC)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
