"""Every value that Younium sends is kept: in its column if it fits, or in `_extra`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from comparing import as_utc, differences
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from singer import Digits, Output, Row, Younium, catalog, config_of, run, table_of, validate
from stub import Stub, serving

from tap_younium.timestamps import to_utc

if TYPE_CHECKING:
    from collections.abc import Iterator

ID = "0b7b1a52-6c0f-4a4e-9d8f-3f1f2c3d4e5f"


@pytest.fixture(scope="module")
def younium() -> Iterator[Stub]:
    with serving() as stub:
        yield stub


def written(value: Any) -> str:
    """JSON with the digits of `Digits`."""
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(map(written, value))}]"
    if isinstance(value, dict):
        items = (f"{json.dumps(name)}:{written(item)}" for name, item in value.items())
        return f"{{{','.join(items)}}}"
    return json.dumps(value)


def through(younium: Stub, table: str, *records: Row) -> Output:
    """Read a page of these records."""
    body = f'{{"totalCount":{len(records)},"data":{written(list(records))}}}'.encode()
    younium.listing = lambda: (200, body)
    return run(younium.config | {"superseded_versions": False}, select=[table]).well()


def only(younium: Stub, table: str, **fields: Any) -> Row:
    """Read one record; return its row."""
    output = through(younium, table, {"id": ID} | fields)
    assert validate(output) == 1
    (row,) = output.exact[table]
    return row


# Any record

NUMBERS = st.one_of(
    st.integers().map(Digits),
    st.integers(-(10**40), 10**40).map(Digits),
    st.decimals(allow_nan=False, allow_infinity=False, places=12).map("{:f}".format).map(Digits),
    st.sampled_from(
        [
            "0.0",
            "-0.0",
            "1.10",
            "1e5",
            "1E+5",
            "2.50e-7",
            "0.1000000000000000055511151231257827",
            "1234567890123.123456789",
            "99999999999999999999.0",
        ]
    ).map(Digits),
)
NAMES = st.text(min_size=1, max_size=8).filter(lambda name: not name.startswith("_"))
TEXTS = st.text(max_size=20) | st.sampled_from(["", " ", "null", "2024", "\u2028", "\x00", "å\n🥪"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).flatmap(  # noqa: DTZ001 - zoneless
    lambda time: st.sampled_from(
        [
            time.isoformat(timespec="seconds"),
            time.isoformat(timespec="microseconds"),
            f"{time.isoformat(timespec='microseconds')}7",
        ]
    )
)


def fitting(schema: Row) -> st.SearchStrategy[Any]:
    """Values that fit a column."""
    types = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
    (kind,) = types - {"null"}
    if kind == "object" and "properties" in schema:
        fields = {name: column(inner) for name, inner in schema["properties"].items()}
        return st.dictionaries(st.sampled_from(sorted(fields)), st.none(), max_size=6).flatmap(
            lambda chosen: st.fixed_dictionaries({name: fields[name] for name in chosen})
        )
    if kind == "array":
        return st.lists(column(schema["items"]), max_size=3)
    found: dict[str, st.SearchStrategy[Any]] = {
        "object": st.dictionaries(NAMES, ANYTHING, max_size=3),
        "boolean": st.booleans(),
        "integer": st.integers(-(2**63), 2**63 - 1).map(Digits),
        "number": NUMBERS,
        "string": {
            "date-time": TIMES,
            "uuid": st.uuids().map(str),
        }.get(schema.get("format", ""), TEXTS),
    }
    return found[kind]


def column(schema: Row) -> st.SearchStrategy[Any]:
    """Values of a column, most of which fit."""
    right = fitting(schema)
    return st.one_of(right, right, right, st.none(), ANYTHING)


def records_of(table: str) -> st.SearchStrategy[list[Row]]:
    """Pages of records of a collection, with unknown fields and wrong types at every level."""
    schema = table_of(catalog(), table)["schema"]
    own = {"id", "_legal_entity", "_last_modified", "_read_at", "_extra"}
    columns = {name: inner for name, inner in schema["properties"].items() if name not in own}
    known = fitting({"type": "object", "properties": columns})
    unknown = st.dictionaries(NAMES.filter(lambda name: name != "id"), ANYTHING, max_size=2)
    record = st.builds(
        lambda left, right, key: left | {n: v for n, v in right.items() if n not in columns} | key,
        known,
        unknown,
        st.uuids().map(lambda key: {"id": str(key)}),
    )
    return st.lists(record, min_size=1, max_size=8, unique_by=lambda row: row["id"])


@pytest.mark.parametrize("table", ["accounts", "subscriptions", "journals"])
def test_nothing_of_any_record_is_lost_and_every_row_fits_its_schema(
    table: str, younium: Stub
) -> None:
    """Text unchanged, numbers digit for digit, unknown fields and wrong types in `_extra`."""

    @settings(
        max_examples=12,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(records_of(table))
    def check(records: list[Row]) -> None:
        output = through(younium, table, *records)
        assert validate(output) == len(records)
        schema = output.schemas[table]["schema"]
        for record, row in zip(records, output.exact[table], strict=True):
            assert not differences(record, row, schema)

    check()


# Wrong types, one by one

EXTRA: list[tuple[str, Any, Any, Any]] = [
    ("name", Digits(5), None, Digits(5)),
    ("name", True, None, True),
    ("name", {"a": "b"}, None, {"a": "b"}),
    ("inactive", "true", None, "true"),
    ("inactive", Digits(1), None, Digits(1)),
    ("parentAccountId", "none", None, "none"),
    ("created", "soon", None, "soon"),
    ("created", Digits(20240131), None, Digits(20240131)),
    ("created", "2024-02-30T00:00:00", None, "2024-02-30T00:00:00"),
    ("addresses", "none", None, "none"),
    ("addresses", {"id": ID}, None, {"id": ID}),
    ("addresses", ["here", {"id": ID}], [None, {"id": ID}], {"0": "here"}),
    ("addresses", [{"city": Digits(7)}], [{"city": None}], {"0": {"city": Digits(7)}}),
    ("addresses", [{"floor": "3"}], [{}], {"0": {"floor": "3"}}),
    ("acv", Digits("1.50"), None, Digits("1.50")),
    ("acv", {"amount": "1.50"}, {"amount": None}, {"amount": "1.50"}),
    (
        "acv",
        {"amount": Digits(1), "vat": Digits("0.10")},
        {"amount": Digits(1)},
        {"vat": Digits("0.10")},
    ),
    ("customFields", [], None, []),
]


@pytest.mark.parametrize(("name", "value", "kept", "extra"), EXTRA)
def test_a_value_that_does_not_fit_is_kept_in_extra_at_its_path(
    name: str, value: Any, kept: Any, extra: Any, younium: Stub
) -> None:
    row = only(younium, "accounts", **{name: value})
    assert row[name] == kept
    assert row["_extra"] == {name: extra}


def test_unknown_fields_are_kept_in_extra(younium: Stub) -> None:
    """Younium adds fields that the tap does not know yet."""
    row = only(younium, "accounts", brandNew={"level": Digits("1.0"), "at": "2024-01-01T00:00:00"})
    assert row["_extra"] == {"brandNew": {"level": Digits("1.0"), "at": "2024-01-01T00:00:00"}}


def test_fields_named_like_the_tap_s_own_columns_do_not_replace_them(younium: Stub) -> None:
    own = ("_extra", "_legal_entity", "_last_modified", "_read_at")
    sent = dict.fromkeys(own, "theirs")
    row = only(younium, "accounts", modified="2024-01-01T00:00:00", **sent)
    assert row["_extra"] == sent
    assert row["_legal_entity"] is None
    assert row["_read_at"][:2] == "20"
    assert row["_last_modified"] == "2024-01-01T00:00:00.000000Z"


def test_nothing_extra_is_null(younium: Stub) -> None:
    assert only(younium, "accounts", name="Acme", accountNumber=None)["_extra"] is None


def test_custom_fields_without_types_are_not_changed(younium: Stub) -> None:
    """Text that looks like a time stays text, numbers keep their digits."""
    fields: Row = {"dué": "2024-01-31T00:00:00", "amount": Digits("1.10"), "list": ["a", None, {}]}
    row = only(younium, "accounts", customFields=fields)
    assert row["customFields"] == fields


def test_the_secret_of_a_webhook_is_in_no_column_and_not_in_extra(younium: Stub) -> None:
    for token in ("hush", {"value": "hush"}, ["hush"]):
        output = through(younium, "webhooks", {"id": ID, "url": "https://x", "token": token})
        assert "hush" not in output.stdout + output.stderr


def test_a_key_can_be_any_text(younium: Stub) -> None:
    """A row without its key would be lost."""
    output = through(younium, "accounts", {"id": "no uuid"}, {"id": "Å"})
    assert [row["id"] for row in output.records["accounts"]] == ["no uuid", "Å"]


def page_of(younium: Stub, *records: bytes, table: str = "accounts") -> Output:
    """Read a page of these records, unchanged."""
    body = b'{"totalCount":%d,"data":[%b]}' % (len(records), b",".join(records))
    younium.listing = lambda: (200, body)
    return run(younium.config, select=[table])


GOOD = b'{"id":"%b","modified":"2024-05-01T00:00:00"}' % ID.encode()


@pytest.mark.parametrize("key", [None, "", Digits(5), {}, []])
def test_a_record_without_a_key_is_left_out_and_counted(key: Any, younium: Stub) -> None:
    """The others are loaded; the run fails at its end, and the log shows no data."""
    odd = written({"id": key, "name": "Secret Customer AB"}).encode()
    output = page_of(younium, odd, GOOD, odd)
    assert "accounts (left out 2 rows without primary key: " in output.complaint
    assert output.stderr.count("A record on page 1 has no 'id'; its fields are id, name.") == 1
    assert "Secret Customer" not in output.stderr
    assert [row["id"] for row in output.records["accounts"]] == [ID]


UNREADABLE = {
    "a text": b'"a person\'s name"',
    "null": b"null",
    "an array": b"[1]",
    "too deep for Python": b'{"id":"x","y":' + b"[" * 2000 + b"]" * 2000 + b"}",
    "too deep for a loader": b'{"id":"x","y":' + b"[" * 700 + b"]" * 700 + b"}",
    "too many digits": b'{"id":"x","y":' + b"9" * 6000 + b"}",
    "too many digits of an exponent": b'{"id":"x","y":1e' + b"9" * 6000 + b"}",
}


@pytest.mark.parametrize("table", ["accounts", "account_addresses"])
@pytest.mark.parametrize("case", UNREADABLE)
def test_an_unreadable_record_is_left_out_and_counted(case: str, table: str, younium: Stub) -> None:
    good = b'{"id":"%b","addresses":[{"city":"Lund"}]}' % ID.encode()
    output = page_of(younium, good, UNREADABLE[case], good, UNREADABLE[case], table=table)
    if table == "accounts" or "too" not in case:  # no need to read its rows to the end
        assert f"{table} (left out 2 records that cannot be read: " in output.complaint
    assert "person" not in output.stderr
    assert len(output.records[table]) == 2


def test_data_nested_too_deeply_is_not_lost_silently(younium: Stub) -> None:
    """In six lists `data` can be one object: values nested too deeply in it are not cut off."""
    deep = b"[" * 2000 + b"]" * 2000
    younium.listing = lambda: (200, b'{"totalCount":1,"data":{"id":"x","y":%b}}' % deep)
    output = run(younium.config, select=["accounts"])
    assert "accounts (left out 1 record that cannot be read: " in output.complaint
    assert not output.records


def test_a_row_that_is_left_out_holds_its_stream_s_bookmark_back(younium: Stub) -> None:
    """The next run reads it once Younium has repaired it."""
    times = [f"2024-0{month}-01T00:00:00" for month in range(1, 6)]
    records = [
        b'{"id":"%b%d","modified":"%b"}' % (ID[:-1].encode(), place, time.encode())
        for place, time in enumerate(times)
    ]
    whole = page_of(younium, *records).well()
    assert whole.bookmark("accounts") == "2024-05-01T00:00:00.000000Z"
    records[2] = b'{"modified":"2024-03-01T00:00:00"}'
    output = page_of(younium, *records)
    assert len(output.records["accounts"]) == 4
    assert "2024-02" < str(output.bookmark("accounts")) <= "2024-03-01T00:00:00.000000Z"
    records[2] = b"null"
    assert page_of(younium, *records).bookmark("accounts") is None


# Text

HALVES = [
    (rb"a\ud800b", "a\ufffdb", 1),
    (rb"\uDBFF", "\ufffd", 1),
    (rb"\udc00\ud800", "\ufffd\ufffd", 2),
    (rb"\ud800\ud83c\udf89\ud800A", "\ufffd🎉\ufffdA", 2),
    (rb"\\ud800", r"\ud800", 0),
    (rb"\\\ud800", "\\\ufffd", 1),
    (rb"\ud83c\udf89", "🎉", 0),
    (rb"\ud800\u0041", "\ufffdA", 1),
]


@pytest.mark.parametrize(("text", "wanted", "count"), HALVES)
def test_a_lone_surrogate_is_replaced(text: bytes, wanted: str, count: int, younium: Stub) -> None:
    """In values, in names and in the rest of the page; the stream warns once."""
    record = b'{"id":"%b","name":"%b","customFields":{"%b":1},"%b":2}' % (ID.encode(), *[text] * 3)
    body = b'{"totalCount":1,"%b":"%b","data":[%b]}' % (text, text, record)
    younium.listing = lambda: (200, body)
    output = run(younium.config, select=["accounts"]).well()
    (row,) = output.records["accounts"]
    assert row["name"] == wanted
    assert row["customFields"] == {wanted: 1}
    assert row["_extra"] == {wanted: 2}
    warned = output.warnings("lone surrogate")
    assert [f"accounts: {5 * count} lone" in line for line in warned] == [True] * bool(count)


@pytest.mark.parametrize("broken", [b"\xff", b"\xed\xa0\x80", b"\xc3"])
def test_bytes_that_are_not_text_are_a_broken_answer(broken: bytes, younium: Stub) -> None:
    output = page_of(younium, b'{"id":"%b","name":"%b"}' % (ID.encode(), broken))
    assert len(output.waits) > 1
    assert "accounts" in output.complaint


def test_values_that_do_not_fit_are_counted_with_one_warning_for_each_column(younium: Stub) -> None:
    """A field without a column is normal as an API grows, so it is not a warning."""
    output = through(
        younium,
        "accounts",
        {"id": ID, "name": Digits(5), "addresses": [{"city": Digits(7)}, "here"], "fresh": "a"},
        {"id": f"{ID[:-1]}0", "name": True, "acv": {"amount": "1", "vat": "2"}, "fresh": "a"},
    )
    said = [line.rpartition("| ")[2] for line in output.warnings("_extra")]
    assert [line.partition(" do not match")[0] for line in said] == [
        "accounts: 2 value(s) of name",
        "accounts: 1 value(s) of addresses.city",
        "accounts: 1 value(s) of addresses",
        "accounts: 1 value(s) of acv.amount",
    ]
    assert output.stderr.count("moved fields without a column to _extra: acv.vat, fresh.") == 1


def test_values_that_do_not_fit_are_counted_for_each_legal_entity() -> None:
    with Younium(rows=2, entities=["Nordic AB", "Läkarö & Söner"]) as younium:
        for row in younium.rows("Countries", "Läkarö & Söner"):
            row["name"] = 7
        output = run(config_of(younium), select=["countries"]).well()
    (line,) = output.warnings("value(s) of name")
    assert "| countries of Läkarö & Söner: 2 value(s) of name do not match" in line


# Times

FORMS = [
    ("2022-09-26T00:00:00", "2022-09-26T00:00:00Z"),
    ("2022-09-26T18:30:58.6124358", "2022-09-26T18:30:58.612435Z"),
    ("2022-09-26T18:30:58.612435", "2022-09-26T18:30:58.612435Z"),
    ("2022-09-26T18:30:58.9999999", "2022-09-26T18:30:58.999999Z"),
    ("2022-09-26T18:30:58.5", "2022-09-26T18:30:58.5Z"),
    ("2022-09-26", "2022-09-26T00:00:00Z"),
    ("2022-09-26T18:30:58Z", "2022-09-26T18:30:58Z"),
    ("2022-09-26T00:30:00+02:00", "2022-09-25T22:30:00Z"),
    ("2022-12-31T23:30:00.25-05:30", "2023-01-01T05:00:00.25Z"),
    ("0001-01-01T00:00:00", "0001-01-01T00:00:00Z"),
    ("9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.999999Z"),
    ("2024-02-29T00:00:00", "2024-02-29T00:00:00Z"),
]
NO_TIMES = [
    "",
    "soon",
    "2022",
    "2022-13-01T00:00:00",
    "2023-02-29",
    "2022-09-26T25:00:00",
    "2022-09-26T18:30:61",
    "0001-01-01T00:00:00+02:00",
    "9999-12-31T23:00:00-02:00",
    " 2022-09-26T00:00:00",
    "2022-09-26T00:00:00 ",
    "2022-09-26T00:00:00\n",
    "26/09/2022",
    "٢٠٢٢-٠٩-٢٦",
]


def test_times_are_written_in_utc_at_every_level(younium: Stub) -> None:
    """With at most six digits, and business dates stay on their day."""
    sent = [
        {
            "id": f"{ID[:-4]}{number:04}",
            "created": form,
            "acv": {"currencyConversionDate": form},
            "onlinePaymentDetails": {"created": form},
        }
        for number, (form, _) in enumerate(FORMS)
    ]
    output = through(younium, "accounts", *sent)
    assert validate(output) == len(FORMS)
    for (_, wanted), row in zip(FORMS, output.records["accounts"], strict=True):
        assert row["created"] == wanted
        assert row["acv"]["currencyConversionDate"] == wanted
        assert row["onlinePaymentDetails"]["created"] == wanted
        assert row["_extra"] is None


def test_a_value_that_is_not_a_time_is_kept_in_extra(younium: Stub) -> None:
    sent = [
        {"id": f"{ID[:-4]}{number:04}", "created": text, "modified": text}
        for number, text in enumerate(NO_TIMES)
    ]
    output = through(younium, "accounts", *sent)
    assert validate(output) == len(NO_TIMES)
    for text, row in zip(NO_TIMES, output.records["accounts"], strict=True):
        assert row["created"] is None
        assert row["_last_modified"] is None
        assert row["_extra"] == {"created": text, "modified": text}


def test_year_one_is_a_valid_time(younium: Stub) -> None:
    """.NET's default, which Younium sends if nothing was set."""
    row = only(younium, "accounts", modified="0001-01-01T00:00:00")
    assert row["_last_modified"] == "0001-01-01T00:00:00.000000Z"


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(TIMES)
def test_a_time_without_zone_is_utc(text: str) -> None:
    assert to_utc(text) == as_utc(text)


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES)  # noqa: DTZ001
)
def test_a_time_with_a_zone_is_the_same_moment_in_utc(moment: datetime) -> None:
    found = to_utc(moment.isoformat())
    assert found is not None
    assert found.endswith("Z")
    assert datetime.fromisoformat(found) == moment
    assert datetime.fromisoformat(found).tzinfo == UTC


@given(st.dates(), st.sampled_from(["", "T00:00:00", "T00:00:00.0000000"]))
def test_a_business_date_stays_on_its_day(date: Any, rest: str) -> None:
    found = to_utc(f"{date.isoformat()}{rest}")
    assert found is not None
    assert found.startswith(f"{date.isoformat()}T00:00:00")


@given(st.text(alphabet="0123456789-:.TZ+ ", max_size=30) | st.text(max_size=30))
def test_any_text_is_a_time_or_null_and_never_an_error(text: str) -> None:
    found = to_utc(text)
    if found is not None:
        datetime.fromisoformat(found)
        assert to_utc(found) == found


# Numbers


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-0",
        "1.0",
        "1.10",
        "0.1000000000000000055511151231257827",
        "1234567890123.123456789",
        "123456789012345678901234567890",
        "1e5",
        "1E+5",
        "2.50e-7",
    ],
)
def test_numbers_are_written_as_they_were_sent(text: str, younium: Stub) -> None:
    row = only(younium, "accounts", acv={"amount": Digits(text)}, customFields={"a": Digits(text)})
    assert row["acv"]["amount"] == Digits(text)
    assert row["customFields"]["a"] == Digits(text)
    assert row["_extra"] is None
