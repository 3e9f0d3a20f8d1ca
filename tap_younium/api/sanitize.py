"""Repairs JSON that cannot be read, so that one bad record does not cost the others.

It works on bytes, before anything is decoded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import msgspec

MAX_DEPTH = 500
"""Levels of nesting that every library here can read and write; Python stops at about 1,000."""
_TOKENS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL).finditer
_MAY_CONTAIN_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]").search
_REPLACE_ESCAPES = re.compile(
    rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL
).sub
"""Matches each escape in a text; a lone surrogate is captured in group 1."""


def replace_lone_surrogates(body: bytes) -> tuple[bytes, int]:
    """Return a body with U+FFFD for each lone surrogate, and the number of replacements.

    A lone surrogate is not valid Unicode and cannot be written as JSON; .NET lets it pass.
    """
    if not _MAY_CONTAIN_SURROGATE(body):
        return body, 0
    count = 0

    def replacement(escape: re.Match[bytes]) -> bytes:
        nonlocal count
        count += bool(escape[1])
        return b"\\ufffd" if escape[1] else escape[0]

    return _REPLACE_ESCAPES(replacement, body), count


def nesting_depth(text: bytes | msgspec.Raw) -> int:
    """Return the nesting depth of a JSON text; an upper bound if it is at most `MAX_DEPTH`."""
    text = bytes(text)
    deepest = text.count(b"[") + text.count(b"{")
    if deepest <= MAX_DEPTH:
        return deepest
    level = deepest = 0
    for token in _TOKENS(text):
        char = token[0][:1]
        level += (char in b"[{") - (char in b"]}")
        deepest = max(deepest, level)
    return deepest


def replace_deep_records(body: bytes) -> bytes:
    """Return a page's body with null in place of each record nested deeper than `MAX_DEPTH`.

    msgspec cannot read a page with such a record. Null is not a record, so it is reported as
    left out. A single record that is not in an array is put into one.
    """
    is_array = body.lstrip()[:1] == b"["
    pieces: list[bytes] = []
    level = record_level = deepest = start = end = 0
    for token in _TOKENS(body):
        char = token[0][:1]
        if char in b"[{":
            level += 1
            if level == 2:  # noqa: PLR2004 - in the page's object, or in the array that is the page
                record_level = 2 if is_array or char == b"{" else 3
            if level == record_level:
                start, deepest = token.start(), level
            deepest = max(deepest, level)
        elif char in b"]}":
            if level == record_level and deepest > MAX_DEPTH:
                single = record_level == 2 and not is_array  # noqa: PLR2004
                pieces += [body[end:start], b"[null]" if single else b"null"]
                end = token.end()
            level -= 1
    return b"".join([*pieces, body[end:]])
