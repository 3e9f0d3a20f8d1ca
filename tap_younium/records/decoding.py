"""Decodes records so that each number keeps its digits."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Self

import msgspec

from tap_younium.api.sanitize import MAX_DEPTH, nesting_depth


class ExactDecimal(Decimal):
    """A number with the text it was read from."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Read a number.

        Raises:
            ValueError: If its exponent has too many digits.
        """
        try:
            number = super().__new__(cls, text)
        except InvalidOperation as error:
            raise ValueError("a number's exponent has too many digits") from error
        number.text = text
        return number

    def __str__(self) -> str:
        """Return the original text: the SDK writes it into JSON text when it flattens."""
        return self.text


_decode = msgspec.json.Decoder(float_hook=ExactDecimal).decode
_has_negative_zero = re.compile(rb"-0(?<![^:,\[\s]-0)(?![.\deE])").search


def decode(text: bytes | msgspec.Raw) -> Any:
    """Return the value of a JSON text; its numbers keep the text they were read from.

    Raises:
        RecursionError: If it is nested too deeply.
        ValueError: If a number has more digits than Python reads.
        MsgspecError: If it is not JSON, or contains a number that msgspec cannot read.
    """
    if nesting_depth(text) > MAX_DEPTH:
        raise RecursionError(f"nested more than {MAX_DEPTH} levels deep")
    if _has_negative_zero(text):  # Python's integers have no negative zero
        return json.loads(bytes(text), parse_float=ExactDecimal, parse_int=_parse_integer)
    return _decode(text)


def _parse_integer(text: str) -> int | ExactDecimal:
    return ExactDecimal(text) if text == "-0" else int(text)
