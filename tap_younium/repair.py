"""What of an answer can't be read ─▶ what can, so that it costs no other record.

It works on bytes, before anything is decoded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import msgspec

SHALLOW = 500
"""Levels of nesting that everything can read and write; Python stops at about a thousand."""
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL).finditer
_MAYBE = re.compile(rb"\\u[dD][89a-fA-F]").search
_SURROGATE = re.compile(
    rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL
).sub
"""An escape in a text; a lone surrogate's is in a group."""


def without_halves(body: bytes) -> tuple[bytes, int]:
    """Return a body with U+FFFD for each lone surrogate, and how many there were.

    They are not valid Unicode, so JSON cannot be written with them; .NET lets them pass.
    """
    if not _MAYBE(body):
        return body, 0
    halves = 0

    def replaced(escape: re.Match[bytes]) -> bytes:
        nonlocal halves
        halves += bool(escape[1])
        return b"\\ufffd" if escape[1] else escape[0]

    return _SURROGATE(replaced, body), halves


def depth(text: bytes | msgspec.Raw) -> int:
    """Return how deep a JSON text is nested, at the most."""
    text = bytes(text)
    deepest = text.count(b"[") + text.count(b"{")
    if deepest <= SHALLOW:
        return deepest
    level = deepest = 0
    for token in _TOKEN(text):
        sign = token[0][:1]
        level += (sign in b"[{") - (sign in b"]}")
        deepest = max(deepest, level)
    return deepest


def without_deep(body: bytes) -> bytes:
    """Return a page's body with null in place of each record that is nested very deeply.

    msgspec cannot read a page with one; null is not a record, so it is counted as left out. A
    record that is alone, without an array around it, gets one.
    """
    is_array = body.lstrip()[:1] == b"["
    pieces: list[bytes] = []
    level = unit = deepest = start = end = 0
    for token in _TOKEN(body):
        sign = token[0][:1]
        if sign in b"[{":
            level += 1
            if level == 2:  # noqa: PLR2004 - in the page, or in the array that is the page
                unit = 2 if is_array or sign == b"{" else 3
            if level == unit:
                start, deepest = token.start(), level
            deepest = max(deepest, level)
        elif sign in b"]}":
            if level == unit and deepest > SHALLOW:
                alone = unit == 2 and not is_array  # noqa: PLR2004
                pieces += [body[end:start], b"[null]" if alone else b"null"]
                end = token.end()
            level -= 1
    return b"".join([*pieces, body[end:]])
