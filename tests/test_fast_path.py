"""The fast path writes what the slow path writes, byte for byte."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, cast
from unittest import mock

import msgspec
import pytest
from faults.tools import exhaustive
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect
from singer import Digits, exactly

from tap_younium.api.page import Page
from tap_younium.catalog import InputCatalog
from tap_younium.child import ChildStream
from tap_younium.custom_fields import CustomFields
from tap_younium.exceptions import YouniumError
from tap_younium.records.converter import RecordConverter
from tap_younium.records.definition import type_info
from tap_younium.records.json_schema import CUSTOM_FIELDS, custom_object, unwrap
from tap_younium.streams import STREAMS
from tap_younium.tap import TapYounium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_younium.client import YouniumStream
    from tap_younium.records.writer import LineWriter

Json = Any

ASKED = datetime(2026, 1, 1, tzinfo=UTC)

CUSTOM = {
    "segment": "string",
    "ünits": "integer",
    "rate": "number",
    "vip": "boolean",
    "since": "date-time",
    "class": "string",
}
OWNERS = [
    "Account",
    "Charge",
    "ChargePlan",
    "Country",
    "Invoice",
    "InvoiceLine",
    "Measurement",
    "Order",
    "OrderProduct",
    "OrderProductCharge",
    "Posting",
    "Product",
    "Quote",
    "QuoteProduct",
    "QuoteProductCharge",
    "Usage",
]


class Canned:
    """Pages made by a test instead of a run."""

    def __init__(self) -> None:
        self.pages: list[Page] = []

    def read(self, _: object) -> Iterator[Page]:
        yield from self.pages

    def is_complete(self, _: object) -> bool:
        return True


@cache
def tap() -> TapYounium:
    return tap_with(CUSTOM)


def tap_with(custom: dict[str, str], *only: str) -> TapYounium:
    """A tap of a tenant whose objects all have these custom fields, with all streams or these."""
    made = TapYounium(config={"client_id": "i", "client_secret": "s"})
    if only:
        made.run.catalog = mock.Mock(wraps=InputCatalog(), may_select=only.__contains__)
    made.run.__dict__.update(
        reader=Canned(), custom_fields=CustomFields(dict.fromkeys(OWNERS, custom))
    )
    for stream in made.streams.values():
        stream.metadata.root.selected = True
    return made


@cache
def tables() -> dict[str, YouniumStream]:
    streams = cast("dict[str, YouniumStream]", tap().streams)
    return {name: stream for name, stream in streams.items() if not isinstance(stream, ChildStream)}


NAMES = [stream.name for stream in STREAMS if not issubclass(stream, ChildStream)]


def lines(
    table: str, records: list[bytes], *, fast: bool, made: TapYounium | None = None
) -> list[bytes]:
    """The RECORD lines of a page of records, without the time at which they were read."""
    made = made or tap()
    stream = cast("YouniumStream", made.streams[table])
    pages = cast("Canned", made.run.reader)
    pages.pages = [Page(1, [msgspec.Raw(each) for each in records], ASKED)]
    stream.__dict__.pop("_fast_path", None)
    if not fast:
        stream.__dict__["_fast_path"] = None
    made.state.pop("bookmarks", None)
    out = io.StringIO()
    with redirect_stdout(out):
        try:
            stream.sync()
        except YouniumError as error:  # both paths must also fail alike
            failure = [str(error).encode()]
        else:
            failure = []
        cast("LineWriter", made.message_writer).flush()
    found = [line for line in out.getvalue().encode().split(b"\n") if b'"type":"RECORD"' in line]
    return [re.sub(rb',"time_extracted":"[^"]*"}$', b"}", line) for line in found] + failure


# Records


@dataclass
class Chance:
    """How often something happens in a record.

    Attributes:
        draw: Where chance comes from.
        odd: How often a value is an odd one, in percent.
        absent: How often a field is missing, in percent.
        null: How often it is null, in percent.
        customs: Which custom fields there are.
    """

    draw: Random
    odd: int = 0
    absent: int = 20
    null: int = 5
    customs: list[str] = field(default_factory=lambda: list(CUSTOM))

    def happens(self, share: int) -> bool:
        return self.draw.randrange(100) < share


PLAIN_TIMES = [
    "2024-02-29T00:00:00",
    "2022-09-26T18:30:58.612435",
    "2022-09-26T18:30:58.6124358",
    "2022-09-26T18:30:58.9999999",
    "2022-09-26T18:30:58.5",
    "2022-09-26T18:30:58.000000",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59.999999",
]
ODD_TIMES = [
    "9999-12-31T23:59:59.9999999",
    "2022-09-26T00:30:00+02:00",
    "2022-09-26T00:30:00.1234567Z",
    "2022-09-26T00:30:00z",
    "2022-09-26 18:30:58",
    "2022-09-26t18:30:58",
    "2022-09-26",
    "2022-09-26T18:30",
    "2022-09-26T18:30:58,5",
    "2022-09-26T18:30:58.",
    "2022-09-26T18:30:58.12345678901",
    "2022-09-26T24:00:00",
    "2022-09-26T18:30:60",
    "2023-02-29T00:00:00",
    "2022-09-26T18:30:58.6124358 ",
    " 2022-09-26T18:30:58",
    "0001-01-01T00:00:00+02:00",
    "20220926T183058",
    "2022-09-26T1:30:58",
    "",
    "soon",
]
TEXTS = [
    "",
    "Plain",
    "Łódź 🥪 日本",
    "\u2028\x00\x1f\x7f",
    'He said "modified":"2029-01-01T00:00:00" once',
    '"created":"2029-01-01T00:00:00"',
    'x","modified":"2029-01-01T00:00:00',
    "back\\slash\\",
    "T00:00:00",
    "created",
    "@",
    '"@"',
    "null",
    "{}",
    "]}",
    "\n",
    *PLAIN_TIMES,
    *ODD_TIMES,
]
PLAIN_TEXTS = [text for text in TEXTS if not re.search(r"-\d\d[t ]\d\d:", text)]
"""Texts for the fast path: a text that may be an unusual time takes the slow path."""
NUMBERS = [
    Digits(text)
    for text in [
        "0",
        "1.10",
        "0.0",
        "-0.0",
        "1e5",
        "1E+5",
        "2.50e-7",
        "3701.403",
        "12345678901234567890.123456789",
        "0.1000000000000000055511151231257827",
        "99999999999999999999.0",
    ]
]
INTEGERS = [
    Digits(text) for text in ["0", "1", "-1", "42", "9007199254740993", "9223372036854775807"]
]
KEYS = ["no uuid", "0B7B1A52-6C0F-4A4E-9D8F-3F1F2C3D4E5F", "0b7b1a526c0f4a4e9d8f3f1f2c3d4e5f"]
ODD = [
    None,
    True,
    False,
    Digits("0"),
    Digits("1.0"),
    Digits("1e2"),
    Digits("1.5"),
    Digits("1e400"),
    Digits("18446744073709551615"),
    Digits("18446744073709551616"),
    Digits("123456789012345678901234567890"),
    "true",
    "12",
    "1.10",
    "none",
    "0b7b1a52-6c0f-4a4e-9d8f-3f1f2c3d4e5f",
    "0B7B1A52-6C0F-4A4E-9D8F-3F1F2C3D4E5F",
    "0b7b1a526c0f4a4e9d8f3f1f2c3d4e5f",
    [],
    {},
    [None],
    ["here", Digits("7")],
    {"modified": "2031-01-01T00:00:00"},
    {"a": {"created": "2031-01-01T00:00:00"}},
    [{"modified": "2031-01-01T00:00:00.1234567"}],
]


def value_of(node: inspect.Type, chance: Chance) -> Json:  # noqa: C901, PLR0911 - one per type
    draw = chance.draw
    node = unwrap(node)
    if chance.happens(chance.null):
        return None
    if chance.happens(chance.odd):
        return draw.choice([*ODD, *ODD_TIMES, *PLAIN_TIMES])
    if isinstance(node, inspect.StructType):
        return object_of(node, chance)
    if isinstance(node, inspect.ListType):
        return [value_of(node.item_type, chance) for _ in range(draw.randrange(3))]
    if isinstance(node, inspect.Metadata | inspect.StrType):
        return draw.choice(TEXTS if chance.odd else PLAIN_TEXTS)
    if isinstance(node, inspect.DateTimeType):
        return draw.choice(PLAIN_TIMES)
    if isinstance(node, inspect.BoolType):
        return draw.choice([True, False])
    if isinstance(node, inspect.IntType):
        return draw.choice(INTEGERS)
    if isinstance(node, inspect.FloatType):
        return draw.choice([*NUMBERS, *INTEGERS])
    if isinstance(node, inspect.UUIDType):
        return uuid_of(draw)
    assert isinstance(node, inspect.DictType), node
    return {draw.choice(TEXTS): draw.choice(ODD) for _ in range(draw.randrange(3))}


def uuid_of(draw: Random) -> str:
    digits = f"{draw.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def object_of(node: inspect.StructType, chance: Chance) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for each in node.fields:
        if each.encode_name == "id":  # a row without it is an error on both paths
            odd = chance.happens(chance.odd)
            found["id"] = chance.draw.choice(KEYS) if odd else uuid_of(chance.draw)
            continue
        if chance.happens(chance.absent):
            continue
        if each.encode_name == CUSTOM_FIELDS:
            found[CUSTOM_FIELDS] = customs_of(node, chance)
        else:
            found[each.encode_name] = value_of(each.type, chance)
    if chance.happens(chance.odd):
        name = chance.draw.choice(["brandNew", "Modified", "xcreated", "modified ", "_extra", "é"])
        found[name] = chance.draw.choice([*ODD, *PLAIN_TIMES])
    return found


def customs_of(node: inspect.StructType, chance: Chance) -> Json:
    if chance.happens(chance.odd):
        return chance.draw.choice([*ODD, {"modified": "2031-01-01T00:00:00"}])
    if custom_object(node) not in OWNERS:
        return {}
    kinds: dict[str, list[Json]] = {
        "string": PLAIN_TEXTS,
        "integer": INTEGERS,
        "number": NUMBERS,
        "boolean": [True, False],
        "date-time": PLAIN_TIMES,
    }
    found = {name: chance.draw.choice(kinds[CUSTOM[name]]) for name in chance.customs}
    if chance.happens(chance.odd):
        found |= {name: chance.draw.choice([*ODD, *ODD_TIMES]) for name in chance.customs[:2]}
    return found


def record_of(table: str, chance: Chance) -> dict[str, Json]:
    stream = tables()[table]
    node = unwrap(type_info(stream.model))
    assert isinstance(node, inspect.StructType)
    found = object_of(node, chance)
    if not stream.has_parent_columns:
        (key, *_) = stream.converter.primary_keys
        found = {key: uuid_of(chance.draw)} | found
        found[key] = found[key] if isinstance(found[key], str) and found[key] else "A"
    return found


# How records are written


def written(value: Json, text: Callable[[str], str], comma: str, colon: str) -> str:
    """JSON with the digits of `Digits`."""
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, list):
        return f"[{comma.join(written(item, text, comma, colon) for item in value)}]"
    if isinstance(value, dict):
        items = (
            f"{text(name)}{colon}{written(item, text, comma, colon)}"
            for name, item in value.items()
        )
        return f"{{{comma.join(items)}}}"
    return text(value) if isinstance(value, str) else json.dumps(value)


def plain_text(text: str) -> str:
    """As msgspec writes it: like .NET, except for rare escapes."""
    return msgspec.json.encode(text).decode()


def compact(record: Json) -> bytes:
    return written(record, plain_text, ",", ":").encode()


def _escaped(text: str) -> str:
    """As ASCII, with an escape that is not needed."""
    return '"' + "".join(map(_ESCAPES.get, text, map(_ascii, text))) + '"'


def _ascii(letter: str) -> str:
    return json.dumps(letter)[1:-1]


_ESCAPES = {"T": "\\u0054", "d": "\\u0064"}


FORMS: list[Callable[[Json], bytes]] = [
    lambda record: written(record, plain_text, ", ", ": ").encode(),
    lambda record: written(record, plain_text, ",\n  ", ": ").encode(),
    lambda record: written(record, plain_text, ",", " : ").encode(),
    lambda record: written(record, plain_text, " ,", ":").encode(),
    lambda record: written(record, plain_text, ",\r\n\t", ":").encode(),
    lambda record: written(record, json.dumps, ",", ":").encode(),
]


def as_dotnet(text: str) -> str:
    """As System.Text.Json writes it by default: in ASCII, with escapes that protect HTML."""
    return '"' + "".join(map(_dotnet, text)) + '"'


def _dotnet(letter: str) -> str:
    short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\\": "\\\\"}
    if letter in short:
        return short[letter]
    if " " <= letter < "\x7f" and letter not in "\"&'+<>`":
        return letter
    units = letter.encode("utf-16-be").hex().upper()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


FORMS.append(lambda record: written(record, as_dotnet, ",", ":").encode())
CHANCES = st.builds(
    Chance,
    draw=st.integers(0, 2**32).map(Random),
    odd=st.sampled_from([0, 0, 1, 3, 20]),
    absent=st.sampled_from([0, 20, 60, 90]),
    null=st.sampled_from([0, 5, 40]),
    customs=st.lists(st.sampled_from(list(CUSTOM)), unique=True),
)
QUICKLY = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def records_of(table: str, chances: list[Chance]) -> list[Json]:
    return [record_of(table, chance) for chance in chances]


@pytest.mark.parametrize("examples", [8, exhaustive(40)])
@pytest.mark.parametrize("table", NAMES)
def test_both_paths_give_the_same_bytes(table: str, examples: int) -> None:
    """For compact JSON, as Younium sends it. An edited row has its fields in the model's order."""

    @settings(QUICKLY, max_examples=examples)
    @given(st.lists(CHANCES, min_size=1, max_size=4))
    def check(chances: list[Chance]) -> None:
        records = [compact(record) for record in records_of(table, chances)]
        fast, slow = (lines(table, records, fast=which) for which in (True, False))
        for one, other in zip(fast, slow, strict=True):
            assert exactly(one) == exactly(other)
            assert one == other or any(chance.odd for chance in chances)

    check()


@pytest.mark.exhaustive
@pytest.mark.parametrize("table", NAMES)
def test_both_paths_give_the_same_values(table: str) -> None:
    """For JSON in any other form: with spaces, line breaks or escapes."""

    @QUICKLY
    @given(st.lists(CHANCES, min_size=1, max_size=3), st.sampled_from(FORMS))
    def check(chances: list[Chance], form: Callable[[Json], bytes]) -> None:
        records = [form(record) for record in records_of(table, chances)]
        fast, slow = (lines(table, records, fast=which) for which in (True, False))
        for one, other in zip(fast, slow, strict=True):
            assert one == other or exactly(one) == exactly(other)

    check()


@pytest.mark.parametrize("table", ["accounts", "subscriptions", "journal_vouchers"])
def test_unneeded_escapes_make_no_difference(table: str) -> None:
    """In names and in times: no server is known to send them, but they are valid."""

    @QUICKLY
    @given(CHANCES)
    def check(chance: Chance) -> None:
        record = written(record_of(table, chance), _escaped, ",", ":").encode()
        fast, slow = (lines(table, [record], fast=which) for which in (True, False))
        for one, other in zip(fast, slow, strict=True):
            assert one == other or exactly(one) == exactly(other)

    check()


@pytest.mark.parametrize("text", [*PLAIN_TIMES, *ODD_TIMES])
def test_every_form_of_a_time_is_the_same(text: str) -> None:
    """Alone, so that no other value of the record keeps it off the fast path."""
    for name in ("created", "modified", "lastUpdated"):
        record = compact({"id": uuid_of(Random(1)), name: text, "remarks": "Acme"})  # noqa: S311
        for table in ("accounts", "products", "subscriptions"):
            (fast,), (slow,) = (lines(table, [record], fast=it) for it in (True, False))
            assert exactly(fast) == exactly(slow)


@pytest.mark.parametrize("number", ["-0", "1e400", "18446744073709551616", "-0.0", "1E+5"])
def test_every_form_of_a_number_is_the_same(number: str) -> None:
    for fields in ({"acv": {"amount": Digits(number)}}, {CUSTOM_FIELDS: {"ünits": Digits(number)}}):
        record = compact({"id": uuid_of(Random(1)), **fields})  # noqa: S311
        assert lines("accounts", [record], fast=True) == lines("accounts", [record], fast=False)
    record = compact({"id": uuid_of(Random(1)), "term": Digits(number)})  # noqa: S311
    fast, slow = (lines("subscriptions", [record], fast=it) for it in (True, False))
    assert fast == slow


@pytest.mark.parametrize("table", NAMES)
def test_plain_records_take_the_fast_path(table: str) -> None:
    """Otherwise the tests above would compare the slow path with itself."""
    chance = Chance(Random(7), absent=0, null=0)  # noqa: S311 - makes rows, no secret
    records = [compact(record) for record in records_of(table, [chance] * 20)]
    with mock.patch.object(
        RecordConverter, "row", side_effect=RecordConverter.row, autospec=True
    ) as slow_row:
        found = lines(table, records, fast=True)
    assert found
    assert not slow_row.called


def test_an_environment_variable_turns_the_fast_path_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAP_YOUNIUM_FAST_PATH", "off")
    made = tap_with(CUSTOM, "accounts")
    record = compact({"id": uuid_of(Random(1))})  # noqa: S311
    with mock.patch.object(
        RecordConverter, "row", side_effect=RecordConverter.row, autospec=True
    ) as slow_row:
        assert len(lines("accounts", [record], fast=True, made=made)) == 1
    assert slow_row.called


# Any key of a custom field

ODD_KEYS = [
    "",
    "R&D",
    "Q&A date",
    'a"b',
    "a\\b",
    "\n",
    "\x00",
    "modified",
    "é",
    "xé9",
    "e9",
    "🎉",
    "DF89",
    "__init__",
    "__slots__",
    "__dict__",
    "class",
    "id",
    "_extra",
    "a.b",
    "created",
    "Created",
    "x" * 300,
]
ANY_KEY = st.sampled_from(ODD_KEYS) | st.text(max_size=6)
VALUES: list[Json] = ["Text", "2024-01-31T00:00:00", "2024-01-31T10:20:30.1234567", None, True]
VALUES += [Digits("5"), Digits("1.50"), "12", ["2024-01-31T00:00:00"]]
WRITERS: list[Callable[[str], str]] = [plain_text, json.dumps, as_dotnet]


@pytest.mark.parametrize("table", ["accounts", "invoice_lines"])
def test_both_paths_give_the_same_for_any_key_of_a_custom_field(table: str) -> None:
    """However the server escapes it: `R&D` can be sent as `R\\u0026D`."""

    @settings(QUICKLY, max_examples=60)
    @given(
        custom=st.dictionaries(ANY_KEY, st.sampled_from(sorted({*CUSTOM.values()})), max_size=5),
        sent=st.lists(st.dictionaries(ANY_KEY, st.sampled_from(VALUES), max_size=4), max_size=3),
        text=st.sampled_from(WRITERS),
    )
    def check(custom: dict[str, str], sent: list[Json], text: Callable[[str], str]) -> None:
        made = tap_with(custom, table)
        fields = [dict.fromkeys(custom, value) for value in VALUES[:3]]
        objects = [{"id": uuid_of(Random(1)), CUSTOM_FIELDS: it} for it in [*fields, *sent]]  # noqa: S311
        if table != "accounts":
            objects = [{"id": uuid_of(Random(2)), "invoiceLines": objects}]  # noqa: S311
        records = [written(it, text, ",", ":").encode() for it in objects]
        fast, slow = (lines(table, records, fast=it, made=made) for it in (True, False))
        assert len(fast) == len(fields) + len(sent)
        for one, other in zip(fast, slow, strict=True):
            assert one == other or exactly(one) == exactly(other)

    check()


def test_keys_without_odd_letters_take_the_fast_path() -> None:
    made = tap_with({"when": "date-time", "R&D": "string", "é": "string", "Säljstart": "date-time"})
    fields = {"when": "2024-01-31T00:00:00", "R&D": "x", "é": "2024-01-31T00:00:00"}
    record = {"id": uuid_of(Random(1)), CUSTOM_FIELDS: fields}  # noqa: S311
    for text in WRITERS:
        with mock.patch.object(
            RecordConverter, "row", side_effect=RecordConverter.row, autospec=True
        ) as slow_row:
            (line,) = lines(
                "accounts", [written(record, text, ",", ":").encode()], fast=True, made=made
            )
        assert not slow_row.called
        came = exactly(line)["record"][CUSTOM_FIELDS]
        assert came == fields | {"when": "2024-01-31T00:00:00Z"}


# Rows that are edited: columns are deselected, fields are unknown, or values do not fit


def with_selection(table: str, custom: dict[str, str] | None, *deselected: str) -> TapYounium:
    """A tap in which columns, written as paths with dots, are deselected.

    Without custom types, their configurations could not be read.
    """
    made = tap_with(custom or {}, table)
    for path in deselected:
        breadcrumb = tuple(part for name in path.split(".") for part in ("properties", name))
        made.streams[table].metadata[breadcrumb].selected = False
    return made


def everywhere(value: Json, **fields: Json) -> Json:
    """A record in which every object has some fields more."""
    if isinstance(value, list):
        return [everywhere(item, **fields) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {
        name: it if name == CUSTOM_FIELDS else everywhere(it, **fields)
        for name, it in value.items()
    }
    return inner | fields


def with_custom(value: Json, **fields: Json) -> Json:
    """A record in which all objects with custom fields have these more."""
    if isinstance(value, list):
        return [with_custom(item, **fields) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: it | fields if name == CUSTOM_FIELDS else with_custom(it, **fields)
        for name, it in value.items()
    }


WITHOUT = ("_extra", "_legal_entity", "_last_modified")
EDITED: dict[str, tuple[dict[str, str] | None, tuple[str, ...], Callable[[Json], Json]]] = {
    "a column is deselected": (CUSTOM, ("remarks",), lambda it: it),
    "the change is deselected": (CUSTOM, ("modified", "lastUpdated"), lambda it: it),
    "a column in an object is deselected": (CUSTOM, ("account.name",), lambda it: it),
    "an array is deselected": (CUSTOM, ("products", "milestones"), lambda it: it),
    "a custom field is deselected": (CUSTOM, ("customFields.vip",), lambda it: it),
    "the tap's own columns are deselected": (CUSTOM, WITHOUT, lambda it: it),
    "a custom field is new": (CUSTOM, (), lambda it: with_custom(it, new=["a"])),
    "custom fields are untyped": (None, (), lambda it: with_custom(it, modified=PLAIN_TIMES[0])),
    "a field is new": (CUSTOM, (), lambda it: it | {"brandNew": {"modified": PLAIN_TIMES[1]}}),
    "every object has a new field": (CUSTOM, (), lambda it: everywhere(it, brandNew=Digits("1.0"))),
    "the new field has any name": (CUSTOM, (), lambda it: it | {"Ä & b": [None], "_extra": 1}),
    "custom dates have no clock": (CUSTOM, (), lambda it: with_custom(it, since="2026-02-03")),
    "custom times are in UTC": (CUSTOM, (), lambda it: with_custom(it, since=f"{PLAIN_TIMES[0]}Z")),
    "custom numbers are text": (CUSTOM, (), lambda it: with_custom(it, rate="1.10", vip="true")),
    "a custom list is an array": (CUSTOM, (), lambda it: with_custom(it, segment=["a", "b"])),
    "a custom text is named like a time": (
        CUSTOM | {"effectiveStartDate": "string", "modified": "string"},
        (),
        lambda it: with_custom(it, effectiveStartDate=PLAIN_TIMES[0], modified=PLAIN_TIMES[1]),
    ),
    "a custom time is named like a text": (
        CUSTOM | {"remarks": "date-time"},
        (),
        lambda it: with_custom(it | {"remarks": PLAIN_TIMES[0]}, remarks=PLAIN_TIMES[1]),
    ),
    "a custom date has a Swedish name": (
        CUSTOM | {"säljstart": "date-time"},
        (),
        lambda it: with_custom(it, säljstart=PLAIN_TIMES[1]),
    ),
    "a time has a zone": (CUSTOM, (), lambda it: it | {"modified": "2022-09-26T00:30:00+02:00"}),
    "an id is no UUID": (CUSTOM, (), lambda it: it | {"id": f"order {it['id']}"}),
    "an amount is a text": (CUSTOM, (), lambda it: it | {"acv": {"amount": "12"}, "term": "3"}),
    "an object is a text": (CUSTOM, (), lambda it: it | {"account": "A-1"}),
}


@pytest.mark.parametrize("table", ["subscriptions", "subscription_charges"])
@pytest.mark.parametrize("case", EDITED)
def test_an_edited_row_is_that_of_the_slow_path(case: str, table: str) -> None:
    """The slow path is not taken, not even for the first row."""
    custom, deselected, change = EDITED[case]
    if table != "subscriptions":
        deselected = tuple(it for it in deselected if it.startswith(("_", "remarks", "customF")))
    made = with_selection(table, custom, *deselected)
    chance = Chance(Random(5), absent=10)  # noqa: S311 - makes rows, no secret
    records = [compact(change(record)) for record in records_of(table, [chance] * 12)]
    with mock.patch.object(
        RecordConverter, "row", side_effect=RecordConverter.row, autospec=True
    ) as slow_row:
        fast = lines(table, records, fast=True, made=made)
    assert not slow_row.called
    slow = lines(table, records, fast=False, made=made)
    assert [*map(exactly, fast)] == [*map(exactly, slow)]
    assert fast


NEW = ["brandNew", "newest", "name", "a.b"]
NEW_VALUES: list[Json] = [
    Digits("1.50"),
    Digits("-0"),
    None,
    True,
    "",
    'a "\\" }',
    "brandNew",
    PLAIN_TIMES[1],
]
NEW_VALUES += [
    [],
    {},
    {"brandNew": Digits("1")},
    {"a": Digits("1"), "brandNew": "x"},
    [{"newest": 1}],
]


def with_new_fields(value: Json, draw: Random, names: list[str], values: list[Json]) -> Json:
    """A record in which objects, also those in `_extra`, have more fields in any place."""
    if isinstance(value, list):
        return [with_new_fields(item, draw, names, values) for item in value]
    if not isinstance(value, dict):
        return value
    items = [(name, with_new_fields(it, draw, names, values)) for name, it in value.items()]
    for name in names:
        if draw.randrange(4) and name not in value:
            items.insert(draw.randrange(len(items) + 1), (name, draw.choice(values)))
    return dict(items)


@pytest.mark.parametrize("examples", [16, exhaustive(100)])
@pytest.mark.parametrize("table", ["accounts", "subscriptions", "subscription_charges"])
def test_both_paths_give_the_same_wherever_new_fields_are(table: str, examples: int) -> None:
    """A plain value is cut out, unless its field is also in a value that is copied as a whole."""

    @settings(QUICKLY, max_examples=examples)
    @given(
        st.lists(CHANCES, min_size=1, max_size=3),
        st.sampled_from([NEW, [*NEW, ""], NEW[:2], NEW[:1]]),
        st.sampled_from([NEW_VALUES, NEW_VALUES[:6]]),
        st.sampled_from([plain_text, _escaped]),
        st.sets(st.sampled_from(["remarks", "account", "products"])),
    )
    def check(
        chances: list[Chance],
        names: list[str],
        values: list[Json],
        text: Callable[[str], str],
        deselected: set[str],
    ) -> None:
        made = with_selection(table, CUSTOM, *deselected)
        records = [
            written(with_new_fields(it, chance.draw, names, values), text, ",", ":").encode()
            for chance, it in zip(chances, records_of(table, chances), strict=True)
        ] * 2
        fast, slow = (lines(table, records, fast=which, made=made) for which in (True, False))
        assert [*map(exactly, fast)] == [*map(exactly, slow)]

    check()


@pytest.mark.parametrize("form", FORMS[:5], ids=count())
def test_blanks_between_tokens_do_not_need_the_slow_path(form: Callable[[Json], bytes]) -> None:
    chance = Chance(Random(5))  # noqa: S311 - makes rows, no secret
    records = [form(record) for record in records_of("subscriptions", [chance] * 12)]
    with mock.patch.object(
        RecordConverter, "row", side_effect=RecordConverter.row, autospec=True
    ) as slow_row:
        fast = lines("subscriptions", records, fast=True)
    assert not slow_row.called
    assert [*map(exactly, fast)] == [*map(exactly, lines("subscriptions", records, fast=False))]


@pytest.mark.parametrize("table", ["subscriptions", "subscription_charges"])
@pytest.mark.parametrize("blank", [b'"modified": "', b'"modified" :"'])
def test_a_blank_before_a_time_in_one_record_is_noticed(table: str, blank: bytes) -> None:
    """The first record and the first field of each have none, so the page looks compact."""
    chance = Chance(Random(5), absent=0)  # noqa: S311 - makes rows, no secret
    records = [compact(record) for record in records_of(table, [chance] * 4)]
    records[2] = records[2].replace(b'"modified":"', blank)
    assert blank in records[2]
    fast, slow = (lines(table, records, fast=which) for which in (True, False))
    assert [*map(exactly, fast)] == [*map(exactly, slow)]


@pytest.mark.parametrize("table", ["accounts", "invoices", "subscriptions", "subscription_charges"])
def test_both_paths_give_the_same_whatever_is_selected(table: str) -> None:
    """The second half of the records meets what the first half taught."""
    columns = sorted(tables()[table].schema["properties"])

    @QUICKLY
    @given(st.lists(CHANCES, min_size=1, max_size=3), st.sets(st.sampled_from(columns), max_size=5))
    def check(chances: list[Chance], deselected: set[str]) -> None:
        made = with_selection(table, CUSTOM, *deselected)
        records = [compact(record) for record in records_of(table, chances)] * 2
        fast, slow = (lines(table, records, fast=which, made=made) for which in (True, False))
        assert [*map(exactly, fast)] == [*map(exactly, slow)]

    check()


def test_a_fast_path_forgets_no_misfit_it_has_learned() -> None:
    """Each run reports them, in the same words as the slow path."""
    record = {"id": uuid_of(Random(1)), "brandNew": 1, "term": "3"}  # noqa: S311
    reports = []
    for fast in (True, False):
        made = with_selection("subscriptions", CUSTOM)
        misfits = cast("YouniumStream", made.streams["subscriptions"]).converter.misfits
        with mock.patch.object(misfits, "report") as report:
            report.side_effect = lambda _, it=misfits: reports.append(
                (sorted(it.without_column), dict(it._wrong_type))
            )
            lines("subscriptions", [compact(record)] * 3, fast=fast, made=made)
    assert reports == [(["brandNew"], {"term": 3})] * 2


# Stream maps and flattening


MAPS: dict[str, dict[str, Any]] = {
    "flattened": {"flattening_enabled": True, "flattening_max_depth": 1},
    "flattened deeply": {"flattening_enabled": True, "flattening_max_depth": 3},
    "flattened with short names": {
        "flattening_enabled": True,
        "flattening_max_depth": 2,
        "flattening_max_key_length": 12,
        "flattening_separator": "_x_",
    },
    "mapped": {"stream_maps": {"*": {"twice": "_['id'] * 2", "created": "__NULL__"}}},
    "mapped and flattened": {
        "flattening_enabled": True,
        "flattening_max_depth": 1,
        "stream_maps": {"*": {"id": "md5(id)"}},
    },
}


@pytest.mark.parametrize("case", MAPS)
def test_both_paths_give_the_same_if_rows_are_mapped_or_flattened(case: str) -> None:
    made = TapYounium(config={"client_id": "i", "client_secret": "s", **MAPS[case]})
    made.run.__dict__.update(
        reader=Canned(), custom_fields=CustomFields(dict.fromkeys(OWNERS, CUSTOM))
    )
    for table in ("subscriptions", "accounts"):
        made.streams[table].metadata.root.selected = True
        made.streams[table].metadata["properties", "remarks"].selected = False

    def with_extra(line: bytes) -> Any:
        """A message whose `_extra` is decoded: if it is flattened, it is a text in any order."""
        message = exactly(line)
        extra = message["record"]["_extra"]
        message["record"]["_extra"] = exactly(extra) if isinstance(extra, str) else extra
        return message

    @QUICKLY
    @given(
        st.lists(CHANCES, min_size=1, max_size=3), st.sampled_from(["accounts", "subscriptions"])
    )
    def check(chances: list[Chance], table: str) -> None:
        records = [compact(record) for record in records_of(table, chances)] * 2
        fast, slow = (lines(table, records, fast=which, made=made) for which in (True, False))
        assert [*map(with_extra, fast)] == [*map(with_extra, slow)]

    check()


def test_flattened_rows_take_the_fast_path() -> None:
    chance = Chance(Random(5), absent=0, null=0)  # noqa: S311 - makes rows, no secret
    made = TapYounium(config={"client_id": "i", "client_secret": "s", **MAPS["flattened"]})
    made.run.__dict__.update(
        reader=Canned(), custom_fields=CustomFields(dict.fromkeys(OWNERS, CUSTOM))
    )
    made.streams["subscriptions"].metadata.root.selected = True
    records = [compact(record) for record in records_of("subscriptions", [chance] * 4)]
    with mock.patch.object(
        RecordConverter, "row", side_effect=RecordConverter.row, autospec=True
    ) as slow_row:
        found = lines("subscriptions", records, fast=True, made=made)
    assert not slow_row.called
    assert all("account__id" in line["record"] for line in map(exactly, found))
