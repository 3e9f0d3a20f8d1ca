"""What holds for every request: one session, when it is tried again, Younium's words in errors."""

from __future__ import annotations

import json
import logging
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

import backoff
import msgspec
import requests
from requests.adapters import HTTPAdapter

from tap_younium.errors import GaveUpError, PassingError, YouniumError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from backoff.types import Details

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

TRIES = 6
LONGEST_WAIT = 15 * 60.0
"""Seconds. A `Retry-After` beyond it is taken for a mistake and left unheeded."""
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
    """The run's one session: connections are kept, proxies and `REQUESTS_CA_BUNDLE` hold.

    Args:
        connections: How many requests may be under way at once.
        user_agent: What the tap calls itself.
        timeout: Seconds of silence after which a request has failed.

    Attributes:
        secrets: What must never be shown; whoever learns a secret adds it.
    """

    def __init__(self, *, connections: int, user_agent: str, timeout: float) -> None:
        super().__init__()
        self.mount("https://", HTTPAdapter(pool_maxsize=connections))
        self.mount("http://", HTTPAdapter(pool_maxsize=connections))
        self.headers["User-Agent"] = user_agent
        self.timeout = timeout
        self.secrets: set[str] = set()

    def ask(self, method: str, url: str, asked: str, **options: Any) -> Answer:
        """Send one request and return its answer.

        Args:
            method: The HTTP method.
            url: The address.
            asked: What is asked, for errors: `GET /Accounts, page 3`.
            options: As `requests` takes them.

        Raises:
            PassingError: If no answer came, or one that may be better next time.
            YouniumError: If no later try can go better.
        """
        try:
            answer = self._answer(method, url, **options)
        except requests.Timeout as error:
            raise PassingError(
                f"{asked}: no answer within {self.timeout:g} s (request_timeout).", reached=False
            ) from error
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise YouniumError(
                    f"{asked}: the certificate of {urlsplit(url).netloc} is not trusted. "
                    "Behind a proxy that opens TLS, set REQUESTS_CA_BUNDLE to its certificate."
                ) from error
            raise PassingError(
                f"{asked}: the connection failed ({_cause(error)}).", reached=False
            ) from error
        except requests.RequestException as error:
            raise YouniumError(f"{asked}: the request can't be made ({_cause(error)}).") from error
        status = answer.status
        if status in _TEMPORARY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PassingError(
                f"{asked}: {status} ({self.words(answer)}).",
                retry_after=_retry_after(answer),
                overloaded=status in _BUSY,
            )
        return answer

    def _answer(self, method: str, url: str, **options: Any) -> Answer:
        """Read an answer in large pieces: `Response.content` reads 10 kB at a time, at a cost."""
        with self.request(method, url, timeout=self.timeout, stream=True, **options) as response:
            return Answer(
                response.status_code,
                response.reason or "no reason",
                response.headers,
                b"".join(response.iter_content(_PIECE)),
                _date(response.headers) - response.elapsed,
                response.request,
            )

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where an answer redirects to: the token is for one host alone.

        Raises:
            YouniumError: If it is another host.
        """
        target = super().get_redirect_target(resp)
        if target is not None:
            here, there = urlsplit(resp.url), urlsplit(urljoin(resp.url, target))
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
        for secret in self.secrets:
            for form in (secret, _escaped(secret), _escaped(secret, ensure_ascii=False)):
                text = text.replace(form, "***")
        text = " ".join(text.split())
        return text if len(text) <= _LONGEST_WORDS else f"{text[:_LONGEST_WORDS]}…"


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


def retrying(
    ask: Callable[[], _T],
    on_failure: Callable[[PassingError], None] | None = None,
    tries: int = TRIES,
) -> _T:
    """Return what `ask` gives, tried several times, later each time or when Younium said.

    Args:
        ask: Sends one request.
        on_failure: Told of each failed try before the wait.
        tries: How often to try.

    Raises:
        GaveUpError: If no try went well.
    """

    def failed(details: Details) -> None:
        error = details["exception"]
        assert isinstance(error, PassingError)  # noqa: S101 - nothing else is caught
        _log.warning("%s Trying again in %.1f s.", error, details["wait"])
        if on_failure:
            on_failure(error)

    persistent = backoff.on_exception(
        _waits, PassingError, max_tries=tries, jitter=None, on_backoff=failed, logger=None
    )(ask)
    try:
        return persistent()
    except PassingError as error:
        raise GaveUpError(
            f"{error} Given up after {tries} tries: run again later.", reached=error.reached
        ) from error


def _waits() -> Generator[float, PassingError, None]:
    """Take each failure and give the seconds to wait: 1, 2, 4 … with chance, or as Younium says."""
    error = yield 0.0
    for tries in count():
        wait = min(60, 2**tries) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, no secret
        error = yield wait if error.retry_after is None else error.retry_after


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
    return seconds if 0 <= seconds <= LONGEST_WAIT else None


def _date(headers: Mapping[str, str]) -> datetime:
    """Return the server's clock when it answered; else this machine's."""
    try:
        return _aware(parsedate_to_datetime(headers["Date"])).astimezone(UTC)
    except (KeyError, OverflowError, TypeError, ValueError):
        return datetime.now(UTC)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _cause(error: BaseException) -> str:
    """Return the innermost reason of a failed connection."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return " ".join(f"{type(error).__name__}: {error}".split())
