"""Settings, states, catalogs and answers that are wrong: a clear error or a kept value."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from faults.tools import choose, only
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from singer import Output, Row, Younium, config_of, metadata_of, run, table_of
from stub import TOKEN, Stub, serving

from tap_younium.tap import TapYounium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INPUTS = int(os.environ.get("INPUTS", "20"))
"""The number of inputs that each property tries; set it to try more."""
FUZZ = settings(
    max_examples=INPUTS,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
KEY = "546d9cb7-2259-d770-d00f-2a24855fc32d"
TEXT = st.text(st.characters(codec=None), max_size=8)  # lone surrogates and NUL too
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**20, 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module", autouse=True)
def few_tables() -> Iterator[None]:
    with only(["accounts", "custom_field_configurations", "payments"]):
        yield


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def fresh(stub: Stub) -> None:
    stub.seen.clear()
    stub.date = None
    stub.log_in = lambda: (200, {"accessToken": TOKEN})
    stub.listing = lambda: (200, {"data": [], "totalCount": 0})


@pytest.fixture(scope="module")
def younium() -> Iterator[Younium]:
    with Younium(rows=3) as simulator:
        yield simulator


def clear(output: Output) -> Output:
    """A run that succeeded, or failed with clear messages of one line each."""
    assert "Traceback" not in output.stderr
    assert "Logging error" not in output.stderr
    assert "Bug in the tap" not in output.stderr
    assert output.exit_code in {0, 1, 2}
    for line in output.lines:
        json.loads(line)
    if output.exit_code:
        assert output.complaints
    return output


def answered(stub: Stub, body: Any, status: int = 200, table: str = "accounts") -> Output:
    """A run whose requests all get this answer, except for the types of custom fields."""
    at_most(stub, 200, status, body)
    output = clear(run(stub.config, select=[table]))
    assert len(stub.seen) < 200, "it asks and asks"
    stub.seen.clear()
    for secret in (TOKEN, "pa55word", "id-of-acme"):
        assert secret not in output.stdout + output.stderr
    return output


def at_most(stub: Stub, times: int, status: int, body: Any) -> None:
    """Give all requests this answer, but end a run that sends too many."""
    stub.seen.clear()
    stub.listing = lambda: (status, body) if len(stub.seen) < times else (404, {})


def page(*records: bytes, pages: int = 1) -> bytes:
    head = b'{"pageNumber":1,"pageSize":100,"totalPages":%d,"totalCount":%d,"data":[%b]}'
    return head % (pages, len(records), b",".join(records))


def record(field: bytes) -> bytes:
    return b'{"id":"%b",%b}' % (KEY.encode(), field)


def found(row: Any, value: Any) -> bool:
    """Whether a value is somewhere in a row or in its `_extra`, digit for digit."""
    if row == value and type(row) is type(value):
        return True
    if isinstance(row, dict):
        return any(found(item, value) for item in row.values())
    return isinstance(row, list) and any(found(item, value) for item in row)


# Answers


@FUZZ
@given(body=JSON, status=st.sampled_from([200, 200, 400, 403, 404, 500]))
def test_any_json_at_all_as_an_answer(body: Any, status: int, stub: Stub) -> None:
    """An answer without a page is an error; a page of rows gives each of them."""
    output = answered(stub, json.dumps(body).encode(), status)
    if output.exit_code == 0:
        assert len(output.records.get("accounts", [])) == 0


@FUZZ
@given(body=st.binary(max_size=60))
def test_any_bytes_at_all_as_an_answer(body: bytes, stub: Stub) -> None:
    output = answered(stub, body)
    assert not output.records


FIELDS = (
    "name",
    "inactive",
    "addresses",
    "defaultInvoiceAddress",
    "customFields",
    "cmrr",
    "created",
    "modified",
    "something new",
)


@FUZZ
@given(name=st.sampled_from(FIELDS), value=JSON)
def test_any_value_in_any_field_is_kept(name: str, value: Any, stub: Stub) -> None:
    """In its column or in `_extra`: nothing that Younium sends is lost."""
    body = {"totalPages": 1, "totalCount": 1, "data": [{"id": KEY, name: value}]}
    text = json.dumps(body, ensure_ascii=True)
    output = answered(stub, text.encode())
    (row,) = output.well().exact["accounts"]
    text = re.sub(r"[\ud800-\udfff]", "\ufffd", json.dumps(body, ensure_ascii=False))
    whole = row.get(name), row["_extra"]
    for leaf in leaves(json.loads(text, parse_int=str, parse_float=str)["data"][0][name]):
        assert held(whole, leaf), (leaf, whole)


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    elif value is not None:
        yield value


def held(value: Any, leaf: Any) -> bool:
    """Whether a leaf is in there; a time can have got its zone."""
    if isinstance(value, dict):
        return any(held(item, leaf) for item in value.values())
    if isinstance(value, list | tuple):
        return any(held(item, leaf) for item in value)
    return bool(value == leaf) or (isinstance(leaf, str) and str(value).startswith(leaf[:10]))


DEEP = 1000
ODD: dict[str, bytes] = {
    "a lone surrogate": record(b'"name":"a\\ud800b"'),
    "a NUL": record(b'"name":"a\\u0000b"'),
    "arrays a thousand deep": record(b'"name":' + b"[" * DEEP + b"1" + b"]" * DEEP),
    "objects a thousand deep": record(b'"x":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "a custom field a thousand deep": record(
        b'"customFields":{"x":' + b"[" * DEEP + b"1" + b"]" * DEEP + b"}"
    ),
    "an exponent of a million": record(b'"cmrr":{"amount":1e1000000}'),
    "an integer of 400 digits": record(b'"cmrr":{"amount":' + b"9" * 400 + b"}"),
    "an integer of 6000 digits": record(b'"cmrr":{"amount":' + b"9" * 6000 + b"}"),
    "an unknown integer of 6000 digits": record(b'"x":' + b"9" * 6000),
    "a fraction of 6000 digits": record(b'"cmrr":{"amount":0.' + b"9" * 6000 + b"}"),
    "a text of 10 MB": record(b'"name":"' + b"x" * 10_000_000 + b'"'),
    "a key twice": record(b'"name":"first","name":"second"'),
    "the id twice": record(b'"id":"' + KEY.encode() + b'"'),
    "no id": b'{"name":"nobody"}',
    "an id of null": b'{"id":null,"name":"nobody"}',
    "an empty id": b'{"id":"","name":"nobody"}',
    "an id that is an object": b'{"id":{"a":1}}',
    "an id that is a number": b'{"id":7}',
    "an id that is not a UUID": b'{"id":"A-1\\"2"}',
    "null for a record": b"null",
    "a text for a record": b'"record"',
    "an array for a record": b"[1]",
    "times that are numbers": record(b'"modified":5,"created":{}'),
    "a time of the year 0": record(b'"modified":"0000-00-00T00:00:00"'),
    "a time of the year 9999": record(b'"modified":"9999-12-31T23:59:59.9999999"'),
    "an escape that is none": record(b'"name":"a\\xb"'),
    "a control character": record(b'"name":"a\x01b"'),
    "a broken byte": record(b'"name":"a\xffb"'),
    "NaN": record(b'"cmrr":{"amount":NaN}'),
}
NO_JSON = {"an escape that is none", "a control character", "a broken byte", "NaN"}
"""A page with one of these is a broken answer."""
KEPT: dict[str, Any] = {
    "a lone surrogate": "a\ufffdb",
    "a NUL": "a\0b",
    "an integer of 400 digits": int("9" * 400),
    "a text of 10 MB": "x" * 10_000_000,
    "a key twice": "second",
    "an id that is not a UUID": 'A-1"2',
    "a time of the year 9999": "9999-12-31T23:59:59.999999Z",
    "times that are numbers": 5,
}
"""The expected values; for the others a clear error is enough."""


@pytest.mark.product
@pytest.mark.parametrize("pages", [1, 2])
@pytest.mark.parametrize("case", ODD)
def test_an_odd_record_is_kept_or_reported(case: str, pages: int, stub: Stub) -> None:
    """With two pages the tap also looks for records that move."""
    output = answered(stub, page(ODD[case], pages=pages))
    rows = output.records.get("accounts", [])
    assert case not in KEPT or output.exit_code == 0
    if output.exit_code == 0:
        assert len(rows) == 1
        assert case not in KEPT or found(rows[0], KEPT[case])
    else:
        assert not rows
        assert "accounts" in output.complaint
        assert "Error:" not in output.complaint  # Python's messages do not help users


@pytest.mark.parametrize("case", ODD)
def test_an_odd_record_next_to_a_good_one_causes_no_silent_loss(case: str, stub: Stub) -> None:
    good = b'{"id":"00000000-2259-d770-d00f-2a24855fc32d","name":"good"}'
    output = answered(stub, page(good, ODD[case]))
    rows = output.records.get("accounts", [])
    assert len(rows) == 2 or output.exit_code == 1
    assert case in NO_JSON or "good" in {row.get("name") for row in rows}


@pytest.mark.parametrize("case", ODD)
def test_an_odd_type_of_a_custom_field_does_not_crash_the_run(case: str, stub: Stub) -> None:
    output = answered(stub, page(ODD[case]), table="custom_field_configurations")
    assert output.exit_code == 1 or len(output.records["custom_field_configurations"]) == 1


@pytest.mark.parametrize("case", [case for case in ODD if case != "a text of 10 MB"])
def test_an_odd_row_of_a_sampled_stream_is_kept_or_reported(case: str, stub: Stub) -> None:
    body = b'{"items":[%b]}' % ODD[case]
    at_most(stub, 200, 200, body)
    output = clear(run({**stub.config, "data_export": ["Things"]}, select=None))
    stub.seen.clear()
    if output.exit_code == 0:
        assert len(output.records["export_things"]) == 1
    else:
        assert output.complaints


ODD_PAGES: dict[str, bytes] = {
    "arrays 100,000 deep": b"[" * 100_000,
    "objects 100,000 deep": b'{"a":' * 100_000,
    "a count of 400 digits": b'{"totalPages":1,"totalCount":' + b"9" * 400 + b',"data":[]}',
    "pages of 400 digits": b'{"totalPages":' + b"9" * 400 + b',"totalCount":1,"data":[]}',
    "a billion pages": b'{"totalPages":1000000000,"totalCount":1,"data":[]}',
    "counts below zero": b'{"totalPages":-1,"totalCount":-1,"data":[]}',
    "pages of no records": b'{"pageSize":0,"totalCount":5,"data":[]}',
    "pages of less than none": b'{"pageSize":-1,"totalCount":5,"data":[]}',
    "a text for a count": b'{"totalPages":"x","totalCount":1,"data":[]}',
    "a text for the records": b'{"totalPages":1,"totalCount":1,"data":"soon"}',
    "a mark at the beginning": b'\xef\xbb\xbf{"totalPages":1,"totalCount":0,"data":[]}',
    "UTF-16": '{"totalPages":1,"totalCount":0,"data":[]}'.encode("utf-16"),
    "two documents": b'{"totalPages":1,"totalCount":0,"data":[]}{}',
    "the records twice": b'{"totalPages":1,"totalCount":0,"data":[],"data":[]}',
}


@pytest.mark.product
@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("case", ODD_PAGES)
def test_an_odd_page_is_reported_or_empty(case: str, status: int, stub: Stub) -> None:
    output = answered(stub, ODD_PAGES[case], status)
    assert not output.records
    assert output.exit_code == 1 or status == 200


LOGINS: dict[str, bytes] = {
    "a life of 400 digits": b'{"accessToken":"a","expiresIn":' + b"9" * 400 + b"}",
    "a life without end": b'{"accessToken":"a","expiresIn":"inf"}',
    "a life of no number": b'{"accessToken":"a","expiresIn":"nan"}',
    "a life that is over": b'{"accessToken":"a","expiresIn":-5}',
    "a life until a year of twenty digits": (
        b'{"accessToken":"a","expires":"Thu, 01 Jan 99999999999999999999 00:00:00 GMT"}'
    ),
    "a life of another type": b'{"accessToken":"a","expiresIn":{},"expires":[]}',
    "a token of two lines": b'{"accessToken":"a\\r\\nX: y"}',
    "a token of no ASCII": b'{"accessToken":"\\u00e5"}',
    "a token that is a number": b'{"accessToken":7}',
    "a lone surrogate": b'{"accessToken":"a\\ud800"}',
    "arrays 100,000 deep": b"[" * 100_000,
    "objects 100,000 deep": b'{"a":' * 100_000,
    "nothing": b"",
    "an array": b"[]",
}


@pytest.mark.product
@pytest.mark.parametrize("status", [200, 401, 500])
@pytest.mark.parametrize("case", LOGINS)
def test_an_odd_login_is_reported_or_accepted(case: str, status: int, stub: Stub) -> None:
    stub.log_in = lambda: (status, LOGINS[case])
    output = clear(run(stub.config, select=["accounts"]))
    assert output.exit_code in {200: {0, 1}, 401: {2}, 500: {1}}[status]


@pytest.mark.parametrize(
    "date",
    [
        "",
        "garbage",
        "Thu, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Thu, 01 Jan 0001 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2300",
    ],
)
def test_an_odd_date_header_does_no_harm(date: str, stub: Stub) -> None:
    stub.date = date
    stub.listing = lambda: (200, page(record(b'"name":"x"'), pages=2))
    output = clear(run(stub.config, select=["accounts", "payments"]))
    assert output.exit_code == 0
    assert len(output.records["accounts"]) == 1


@pytest.mark.product
@pytest.mark.parametrize("status", [400, 403, 404, 500, 200])
@pytest.mark.parametrize("place", ["errors", "title", "field", "data"])
def test_an_answer_that_echoes_the_credentials_shows_none(
    place: str, status: int, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy might repeat what it was sent; also at DEBUG level."""
    monkeypatch.setenv("TAP_YOUNIUM_LOGLEVEL", "DEBUG")
    for answer in ("log_in", "listing"):
        text = "a request of id-of-acme with pa55word"
        text += f" and {TOKEN}" if answer == "listing" else ""
        bodies: dict[str, Any] = {
            "errors": {"errors": {"message": [text]}},
            "title": {"title": text},
            "field": {"errors": {text: ["bad"]}},
            "data": {"data": text, "totalCount": text},
        }
        fresh_answers = {"log_in": (200, {"accessToken": TOKEN}), "listing": (200, [])}
        fresh_answers[answer] = (status, bodies[place])
        monkeypatch.setattr(stub, "log_in", lambda given=fresh_answers["log_in"]: given)
        monkeypatch.setattr(stub, "listing", lambda given=fresh_answers["listing"]: given)
        output = run(stub.config, select=["accounts"])
        stub.seen.clear()
        assert "DEBUG" in output.stderr
        for secret in (TOKEN, "id-of-acme", "pa55word"):
            assert secret not in output.stdout + output.stderr, answer


# Settings


@FUZZ
@given(
    name=st.sampled_from(
        [
            "client_id",
            "client_secret",
            "environment",
            "auth_version",
            "legal_entities",
            "start_date",
            "lookback_hours",
            "page_size",
            "max_parallel_requests",
            "request_timeout",
            "skip_forbidden_streams",
            "user_agent",
            "stream_maps",
            "flattening_enabled",
            "flattening_max_depth",
        ]
    ),
    value=JSON,
)
def test_any_value_of_any_setting_is_accepted_or_reported(
    name: str, value: Any, stub: Stub
) -> None:
    output = clear(run({**stub.config, name: value}, catalog=choose(["accounts"])))
    if output.exit_code == 2 and len(stub.seen) == 0:
        assert any(name in line for line in output.complaints), output.complaints
    stub.seen.clear()


TapYounium.append_builtin_config(TapYounium.config_jsonschema)  # the SDK's settings too
OPTIONAL = sorted(set(TapYounium.config_jsonschema["properties"]) - {"client_id", "client_secret"})


@pytest.mark.parametrize("name", [name for name in OPTIONAL if name != "api_url"])
def test_null_means_that_a_setting_is_not_set(name: str, stub: Stub) -> None:
    clear(run({**stub.config, name: None}, select=["accounts"])).well()


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
def test_null_for_a_required_setting_is_reported(name: str, stub: Stub) -> None:
    output = clear(run({**stub.config, name: None}, select=["accounts"]))
    assert output.exit_code == 2
    assert f"{name} is missing" in output.complaint


@FUZZ
@given(value=JSON.filter(lambda value: value is not None))  # none means Younium itself
def test_any_address_is_accepted_or_reported(value: Any, stub: Stub) -> None:
    output = clear(run({**stub.config, "api_url": value}, select=["accounts"]))
    assert output.exit_code == 2
    assert any("api_url" in line for line in output.complaints), output.complaints


ADDRESSES = ["http://[::1", "http://127.0.0.1:99999", "http://127.0.0.1:abc", "https://a..b"]
ADDRESSES += ["https://" + "a" * 300 + ".com", "https://\ud800.com", "https://", "http://\x00"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_invalid_address_is_reported_with_its_setting(address: str, stub: Stub) -> None:
    output = clear(run({**stub.config, "api_url": address}, select=["accounts"]))
    assert output.exit_code == 2
    assert "api_url" in output.complaint
    assert not stub.seen


@pytest.mark.parametrize("name", ["lookback_hours", "request_timeout"])
@pytest.mark.parametrize("value", [0.5, 1, 1.5, "2.5"])
def test_a_fraction_of_an_hour_or_a_second_is_a_number(name: str, value: Any, stub: Stub) -> None:
    clear(run({**stub.config, name: value}, select=["accounts"])).well()


@pytest.mark.parametrize("name", ["user_agent", "client_id", "client_secret", "legal_entities"])
@pytest.mark.parametrize("evil", ["a\r\nX-Evil: 1", "a\nb", "a\0b", "a\x7fb"])
def test_no_setting_can_inject_a_header(name: str, evil: str, younium: Younium) -> None:
    younium.clear()
    value: Any = [evil] if name == "legal_entities" else evil
    output = clear(run(config_of(younium) | {name: value}, catalog=choose(["accounts"])))
    assert output.exit_code == 2
    assert all("x-evil" not in seen.headers for seen in younium.requests)


def test_a_legal_entity_that_no_header_can_carry_is_reported_with_its_setting(stub: Stub) -> None:
    output = clear(run({**stub.config, "legal_entities": ["\ud800"]}))
    assert output.exit_code == 2
    assert "legal_entities" in output.complaint


@pytest.mark.parametrize("kind", ["config", "catalog", "state"])
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"5", b"null", b"\xff", b"[" * 100_000, b'{"a":NaN}', b"{}{}"]
)
def test_a_file_with_wrong_content_is_reported(
    kind: str, content: bytes, stub: Stub, tmp_path: Path
) -> None:
    file = tmp_path / f"the-{kind}.json"
    file.write_bytes(content)
    given_settings = None if kind == "config" else stub.config
    output = clear(run(given_settings, f"--{kind}", str(file)))
    if kind == "config":
        assert output.exit_code == 2
    if output.exit_code:
        assert output.exit_code == 2
        assert any(kind in line or "client_id" in line for line in output.complaints)


# Catalogs


def broken_catalogs() -> dict[str, Row]:
    def of(entry: Any) -> Row:
        return {"streams": [entry]}

    chosen = [{"breadcrumb": [], "metadata": {"selected": True}}]
    base: Row = {"tap_stream_id": "accounts", "metadata": chosen}
    key = {"id": {"type": "string"}}
    return {
        "no streams": {},
        "a number for streams": {"streams": 5},
        "a number for a stream": of(5),
        "a stream without a name": of({}),
        "no schema": of({"tap_stream_id": "accounts"}),
        "a number for a schema": of(base | {"schema": 5}),
        "a number for metadata": of(base | {"schema": {}, "metadata": 5}),
        "numbers for metadata": of(base | {"schema": {}, "metadata": [5]}),
        "metadata of nothing": of(base | {"schema": {}, "metadata": [{}]}),
        "null for columns": of(base | {"schema": {"properties": None}}),
        "a number for a column": of(base | {"schema": {"properties": {"id": 5}}}),
        "a type that is none": of(base | {"schema": {"properties": {"id": {"type": "odd"}}}}),
        "a replication key of nowhere": of(
            base | {"schema": {"properties": key}, "replication_key": "nowhere"}
        ),
        "a key of nowhere": of(base | {"schema": {"properties": key}, "key_properties": ["no"]}),
        "a number for custom fields": of(base | {"schema": {"properties": {"customFields": 5}}}),
        "a number for a custom field": of(
            base | {"schema": {"properties": {"customFields": {"properties": {"a": 5}}}}}
        ),
        "a method that is none": of(
            base | {"schema": {"properties": key}, "replication_method": "LOG_BASED"}
        ),
    }


@pytest.mark.parametrize("case", broken_catalogs())
def test_an_invalid_catalog_is_reported(case: str, younium: Younium) -> None:
    output = clear(run(config_of(younium), catalog=broken_catalogs()[case]))
    if output.exit_code:
        assert "catalog" in output.complaint.lower() or "accounts" in output.complaint


@FUZZ
@example(where="replication_key", value=[None])
@given(
    where=st.sampled_from(["schema", "metadata", "key_properties", "replication_key", "stream"]),
    value=JSON,
)
def test_any_value_anywhere_in_a_catalog_is_accepted_or_reported(
    where: str, value: Any, younium: Younium
) -> None:
    chosen = choose(["accounts"])
    table_of(chosen, "accounts")[where] = value
    output = clear(run(config_of(younium), catalog=chosen))
    if output.exit_code == 0 and where not in {"metadata", "schema"}:
        assert len(output.records["accounts"]) == 3


def test_a_selected_stream_that_does_not_exist_is_reported(younium: Younium) -> None:
    """It was renamed, or its report was deleted: without a warning users would expect no rows."""
    chosen = choose(["accounts"])
    gone = json.loads(json.dumps(table_of(chosen, "accounts")))
    gone["tap_stream_id"] = gone["stream"] = "report_of_yesterday"
    chosen["streams"].append(gone)
    assert metadata_of(gone)["selected"]
    output = clear(run(config_of(younium), catalog=chosen))
    assert "report_of_yesterday" in output.stderr
