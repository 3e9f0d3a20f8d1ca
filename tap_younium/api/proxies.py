"""Proxies set by environment variables: their passwords are secrets."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from requests.utils import select_proxy

from tap_younium.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping

_MIN_SECRET_LENGTH = 4
"""A shorter password is redacted only together with its user name."""


def proxy_secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what must be redacted for each proxy: user name with password, and the password.

    Each is yielded as it is set, decoded, encoded, and as the header that carries it.
    """
    for name, value in environment.items():
        given = _user_info(value) if name.lower().endswith("_proxy") else ""
        for info in {given, unquote(given), quote(unquote(given), safe=":")} - {""}:
            user, _, password = info.partition(":")
            yield info
            yield b64encode(info.encode()).decode()
            if len(password or user) >= _MIN_SECRET_LENGTH:
                yield password or user


def check_proxy(url: str, proxies: MutableMapping[str, str]) -> None:
    """Check the proxy for a URL.

    Raises:
        ConfigurationError: If the proxy's URL would be split inside its password: the libraries
            would take a part of the password for the host, resolve it and log it.
    """
    proxy = select_proxy(url, proxies)
    if proxy and re.search(r"[/?#\\\[\]]", _user_info(proxy)):
        raise ConfigurationError(
            f"{urlsplit(url).scheme.upper()}_PROXY or ALL_PROXY is not valid: user name or "
            "password contains one of / ? # \\ [ ]. Percent-encode them: / is %2F, ? is %3F, "
            "# is %23, \\ is %5C, [ is %5B, ] is %5D."
        )


def _user_info(proxy: str) -> str:
    """Return user name and password of a proxy's URL, whatever characters they contain."""
    return re.sub(r"^\w+://", "", proxy).rpartition("@")[0]
