"""The proxies that the environment sets: their passwords are secrets."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from requests.utils import select_proxy

from tap_younium.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, MutableMapping

_SHORTEST = 4
"""Letters of a password below which it is a secret only together with its user."""


def secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what must not be shown of each proxy: user with password, and the password alone.

    They come as they are set, decoded, encoded, and as the header that they are sent in.
    """
    for name, value in environment.items():
        given = _user_info(value) if name.lower().endswith("_proxy") else ""
        for info in {given, unquote(given), quote(unquote(given), safe=":")} - {""}:
            user, _, password = info.partition(":")
            yield info
            yield b64encode(info.encode()).decode()
            if len(password or user) >= _SHORTEST:
                yield password or user


def check(url: str, proxies: MutableMapping[str, str]) -> None:
    """Check the proxy for an address.

    Raises:
        ConfigurationError: If its own address would be cut within the password: the libraries would
            take a part of that for the host, resolve it and show it.
    """
    proxy = select_proxy(url, proxies)
    if proxy and re.search(r"[/?#\\\[\]]", _user_info(proxy)):
        raise ConfigurationError(
            f"{urlsplit(url).scheme.upper()}_PROXY or ALL_PROXY can't be used: user or password "
            "has one of / ? # \\ [ ] in it. Percent-encode them: / is %2F, ? is %3F, # is %23, "
            "\\ is %5C, [ is %5B, ] is %5D."
        )


def _user_info(proxy: str) -> str:
    """Return user and password in a proxy's address, whatever letters they have."""
    return re.sub(r"^\w+://", "", proxy).rpartition("@")[0]
