"""A failing stream does not affect other streams, and a partial read is not a success."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from singer import Output, Row, Younium, config_of, run
from singer import catalog as discovered

from faults.tools import by_key, choose, only
from simulator import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAMS = (
    "countries",
    "bookings",
    "invoices",
    "currencies",
    "booking_lines",
    "invoice_lines",
    "invoice_attachments",
    "subscription_versions",
)
ENTITIES = ("One", "Two")
BOOKINGS = {"bookings", "booking_lines"}
ROWS = 12


def unreadable(body: bytes) -> bytes:
    """The first record of the page is a number."""
    answer = json.loads(body)
    answer["data"][0] = 5
    return json.dumps(answer).encode()


def without_key(body: bytes) -> bytes:
    """The first record of the page has no id."""
    answer = json.loads(body)
    del answer["data"][0]["id"]
    return json.dumps(answer).encode()


TROUBLES: dict[str, tuple[Row, set[str]]] = {
    "500": ({"kind": "status", "path": "/Bookings"}, BOOKINGS),
    "500 on page 2": ({"kind": "status", "path": "/Bookings", "page": 2}, BOOKINGS),
    "500 on the last page": ({"kind": "status", "path": "/Bookings", "page": "last"}, BOOKINGS),
    "an odd 400": ({"kind": "status", "status": 400, "path": "/Bookings"}, BOOKINGS),
    "an odd 404": ({"kind": "status", "status": 404, "path": "/Bookings"}, BOOKINGS),
    "403 on page 2": ({"kind": "status", "status": 403, "path": "/Bookings", "page": 2}, BOOKINGS),
    "HTML": ({"kind": "html", "path": "/Bookings"}, BOOKINGS),
    "a full table's 500": ({"kind": "status", "path": "/Currency", "page": 2}, {"currencies"}),
    "an unreadable record": (
        {"kind": "edited", "path": "/Bookings", "page": 2, "edit": unreadable},
        BOOKINGS,
    ),
    "a record without its primary key": (
        {"kind": "edited", "path": "/Bookings", "page": 2, "edit": without_key},
        BOOKINGS,
    ),
    "one detail's 400": (
        {"kind": "status", "status": 400, "path": "/Invoices/*/Attachments", "skip": 5, "per": 1},
        {"invoice_attachments"},
    ),
    "one detail's 403": (
        {"kind": "status", "status": 403, "path": "/Invoices/*/Attachments", "skip": 5, "per": 1},
        {"invoice_attachments"},
    ),
    "versions 500": (
        {"kind": "status", "path": "/Subscriptions/*/versions"},
        {"subscription_versions"},
    ),
}
"""The failures, and the streams that they affect."""


pytestmark = pytest.mark.usefixtures("swift")


@pytest.fixture(scope="module", autouse=True)
def few_streams() -> Iterator[None]:
    with only(STREAMS, ENTITIES):
        yield


@pytest.fixture(scope="module", params=[1, 2], ids=["one entity", "two entities"])
def calm(request: pytest.FixtureRequest) -> Iterator[Younium]:
    """Shared by all tests, which each remove their fault."""
    with Younium(rows=ROWS, entities=ENTITIES[: request.param]) as simulator:
        yield simulator


def entities_of(younium: Younium) -> list[str]:
    return [name for _, name in younium.entities] if len(younium.entities) > 1 else []


@pytest.fixture(scope="module")
def chosen(calm: Younium) -> Row:
    return choose(STREAMS, entities_of(calm))


def read(younium: Younium, chosen: Row, state: Row | None = None, **more: Any) -> Output:
    settings = config_of(younium, page_size=4, **{"lookback_hours": 0} | more)
    return run(settings, catalog=chosen, state=state)


@pytest.fixture(scope="module")
def undisturbed(calm: Younium, chosen: Row) -> Output:
    return read(calm, chosen).well()


def counts(output: Output) -> Counter[tuple[str, str | None]]:
    """How many rows came of each stream and legal entity."""
    return Counter(
        (stream, row["_legal_entity"]) for stream, rows in output.records.items() for row in rows
    )


@pytest.mark.product
@pytest.mark.parametrize("versions", [False, True])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_failing_stream_does_not_affect_others_and_the_next_run_completes_it(
    trouble: str, younium: Younium, chosen: Row, undisturbed: Output, *, versions: bool
) -> None:
    options, sick = TROUBLES[trouble]
    entity = next(reversed(entities_of(younium)), None)
    times = options.get("per")
    options = {name: value for name, value in options.items() if name != "per"}
    younium.faults[:] = [Fault(**options, times=times, legal_entity=entity)]
    output = read(younium, chosen, emit_activate_version_messages=versions)
    assert younium.faults[0].struck

    assert output.exit_code == 1
    assert "Traceback" not in output.stderr
    assert "unhandled" not in output.stderr
    last = output.stderr.splitlines()[-1]
    assert output.complaint == last
    for stream in sick:
        assert stream in last
        if entity:
            assert f"{stream} of {entity}" in last
    assert not any(stream in last for stream in set(STREAMS) - sick)

    healthy = {key: n for key, n in counts(undisturbed).items() if key not in whole(sick, entity)}
    came = counts(output)
    assert {key: came[key] for key in healthy} == healthy
    if versions:
        activated = {message["stream"] for message in output.of_type("ACTIVATE_VERSION")}
        assert activated == {"countries", "currencies"} - sick

    younium.faults.clear()
    rest = read(younium, chosen, output.state, emit_activate_version_messages=versions).well()
    schemas = undisturbed.schemas
    assert by_key([*output.lines, *rest.lines], schemas) == by_key(undisturbed.lines, schemas)


def whole(streams: set[str], entity: str | None) -> set[tuple[str, str | None]]:
    return {(stream, entity) for stream in streams}


def test_a_failed_listing_is_not_retried_by_other_streams(younium: Younium, chosen: Row) -> None:
    """Not by streams that read the same pages, and hardly in the other legal entity."""
    younium.faults[:] = [Fault("status", path="/Bookings", times=None)]
    output = read(younium, chosen, max_parallel_requests=1)
    assert "bookings" in output.complaint
    requests = [seen for seen in younium.requests if seen.path == "/Bookings"]
    assert len(requests) <= 6 + len(younium.entities) - 1


def test_a_failing_stream_map_does_not_affect_other_streams(
    younium: Younium, chosen: Row, undisturbed: Output
) -> None:
    maps = {"currencies": {"ratio": "1 / len(code[:0])"}}
    output = read(younium, chosen, stream_maps=maps)
    assert "currencies" in output.complaint
    assert "unhandled" not in output.stderr
    came = counts(output)
    assert all(
        came[key] == number for key, number in counts(undisturbed).items() if key[0] != "currencies"
    )


# 403


def test_forbidden_details_are_one_forbidden_stream(younium: Younium, chosen: Row) -> None:
    younium.faults[:] = [Fault("status", status=403, path="/Invoices/*/Attachments", times=None)]
    output = read(younium, chosen, skip_forbidden_streams=True).well()
    (line,) = output.warnings("Skipped streams (403 Forbidden)")
    assert "invoice_attachments" in line
    assert "invoice_attachments" not in output.records
    assert output.records["invoices"]


@pytest.mark.parametrize("trouble", ["403 on page 2", "one detail's 403"])
def test_a_403_in_the_middle_is_an_error_even_if_forbidden_streams_are_skipped(
    trouble: str, younium: Younium, chosen: Row
) -> None:
    options, sick = TROUBLES[trouble]
    times = options.get("per")
    options = {name: value for name, value in options.items() if name != "per"}
    younium.faults[:] = [Fault(**options, times=times)]
    output = read(younium, chosen, skip_forbidden_streams=True)
    assert all(stream in output.complaint for stream in sick)
    assert "invoice_lines" in output.records


@pytest.mark.parametrize("skip", [False, True])
def test_a_wrong_legal_entity_is_reported_once_and_the_others_are_read(*, skip: bool) -> None:
    with Younium(rows=3, entities=ENTITIES) as younium:
        names = ["One", "Lakaro", "Two"]
        output = read(
            younium,
            choose(STREAMS, names),
            legal_entities=names,
            skip_forbidden_streams=skip,
        )
        assert output.exit_code == 1
        said = [
            line for line in output.stderr.splitlines() if "Lakaro" in line and "INFO" not in line
        ]
        assert len(said) == 2, said
        assert "Legal entity 'Lakaro' is unknown or forbidden" in said[0]
        assert said[1] == output.complaint
        assert len(output.complaint) < 400
        assert {entity for _, entity in counts(output)} == {"One", "Two"}


@pytest.mark.parametrize("names", [["Lakaro"], ["Lakaro", "Lakora"]])
def test_only_wrong_legal_entities_end_the_run_with_exit_code_2(names: list[str]) -> None:
    with Younium(rows=3, entities=ENTITIES) as younium:
        output = read(younium, choose(STREAMS, names), legal_entities=names)
        assert output.exit_code == 2
        (line,) = output.complaints
        assert all(name in line for name in names)
        assert not output.records


# Streams of the tenant's own


SAMPLED: Row = {"reports": ["Renamed"], "data_export": ["Accounts"], "insights": ["allmetrics"]}


def test_a_missing_report_affects_only_its_stream_in_discovery_too() -> None:
    with Younium(rows=ROWS) as younium:
        config = config_of(younium, **SAMPLED)
        output = run(config, "--discover")
        assert output.exit_code == 0
        assert "Renamed" in output.stderr
        names = {entry["tap_stream_id"] for entry in json.loads(output.stdout)["streams"]}
        assert {"export_accounts", "insights_allmetrics"} < names
        output = run(config, catalog=discovered({"export_accounts"}, config=config))
        assert "Renamed" in output.complaint
        assert len(output.records["export_accounts"]) == ROWS


@pytest.mark.parametrize("path", ["/v3/Accounts", "/insights/Odata/allmetrics", "/Reports"])
def test_a_failing_export_report_or_insights_entity_affects_only_its_stream(path: str) -> None:
    with Younium(rows=ROWS) as younium:
        config = config_of(younium, **SAMPLED | {"reports": ["*"]})
        before = discovered(config=config)
        wanted = {
            entry["tap_stream_id"]
            for entry in before["streams"]
            if entry["tap_stream_id"].partition("_")[0] in {"export", "insights", "report"}
        }
        chosen = discovered(wanted | {"countries"}, config=config)
        younium.faults[:] = [Fault("status", path=path, times=None)]
        output = run(config, catalog=chosen)
        prefix = {"v": "export_", "i": "insights_", "R": "report_"}[path[1]]
        sick = {stream for stream in wanted if stream.startswith(prefix)}
        assert set(output.records) == (wanted | {"countries"}) - sick
        assert all(stream in output.complaint for stream in sick)
        output = run(config, "--discover")
        assert output.exit_code == 0
        assert prefix in output.stderr
        names = {entry["tap_stream_id"] for entry in json.loads(output.stdout)["streams"]}
        assert wanted - sick <= names


def without_rows(body: bytes) -> bytes:
    """A page without records although more follow."""
    return json.dumps(json.loads(body) | {"data": []}).encode()


@pytest.mark.product
@pytest.mark.parametrize("stream", ["bookings", "currencies"])
def test_an_empty_page_in_the_middle_is_not_the_end(
    stream: str, younium: Younium, chosen: Row, undisturbed: Output
) -> None:
    path = {"bookings": "/Bookings", "currencies": "/Currency"}[stream]
    younium.faults[:] = [Fault("edited", path=path, page=2, times=None, edit=without_rows)]
    output = read(younium, chosen)
    assert stream in output.complaint
    younium.faults.clear()
    rest = read(younium, chosen, output.state).well()
    schemas = undisturbed.schemas
    assert by_key([*output.lines, *rest.lines], schemas) == by_key(undisturbed.lines, schemas)


def test_many_failing_parents_in_a_row_do_not_affect_the_others() -> None:
    with Younium(rows=60) as simulator:
        ids = sorted(str(row["id"]) for row in simulator.rows("Invoices"))
        simulator.faults[:] = [
            Fault("status", status=400, path=f"/Invoices/{each}/Attachments", times=None)
            for each in ids[10:40]
        ]
        output = run(config_of(simulator), catalog=choose(["invoice_attachments"]))
        assert "left out 30 parents" in output.complaint
        read_of = {row["_root_id"] for row in output.records["invoice_attachments"]}
        assert read_of <= {*ids[:10], *ids[40:]}
        asked = {seen.path.split("/")[2] for seen in simulator.requests if "Attach" in seen.path}
        assert asked == {*ids}


@pytest.mark.product
@pytest.mark.parametrize("target", ["http://127.0.0.1:9/login", "/Bookings", "http://[bad"])
def test_a_redirect_affects_only_its_stream(
    target: str, younium: Younium, chosen: Row, undisturbed: Output
) -> None:
    younium.faults[:] = [Fault("redirect", path="/Bookings", times=None, location=target)]
    output = read(younium, chosen)
    assert output.exit_code == 1
    assert "bookings" in output.complaint
    came = counts(output)
    for key, number in counts(undisturbed).items():
        assert came[key] == number or key[0] in BOOKINGS


def test_a_run_error_names_the_streams_that_failed_before(younium: Younium, chosen: Row) -> None:
    younium.faults[:] = [
        Fault("status", path="/Bookings", times=None),
        Fault("status", status=401, path="/Invoices", times=None),
    ]
    output = read(younium, chosen)
    assert output.exit_code == 2
    (line,) = output.complaints
    assert "Streams that failed before" in line
    assert "bookings" in line


def test_a_failing_export_of_one_legal_entity_does_not_affect_the_other() -> None:
    with Younium(rows=4, entities=ENTITIES) as simulator:
        config = config_of(simulator, data_export=["Accounts"])
        simulator.faults[:] = [
            Fault("status", status=400, path="/v3/Accounts", legal_entity="Two", times=None)
        ]
        discovery = run(config, "--discover").well()
        assert "export_accounts" in discovery.stdout
        output = run(config)
        assert "export_accounts of Two" in output.complaint
        assert {row["_legal_entity"] for row in output.records["export_accounts"]} == {"One"}


def test_a_report_that_one_legal_entity_can_not_list_is_not_activated() -> None:
    with Younium(rows=4, entities=ENTITIES) as simulator:
        config = config_of(simulator, reports=["*"], emit_activate_version_messages=True)
        wanted = {
            entry["tap_stream_id"]
            for entry in discovered(config=config)["streams"]
            if entry["tap_stream_id"].startswith("report_")
        }
        chosen = discovered(wanted, config=config)
        simulator.faults[:] = [
            Fault("status", status=400, path="/Reports", legal_entity="One", times=None)
        ]
        output = run(config, catalog=chosen)
        assert output.exit_code == 1
        assert not output.of_type("ACTIVATE_VERSION")
        assert all(f"{stream} of One" in output.complaint for stream in wanted)


def test_a_setting_whose_stream_the_catalog_lacks_is_a_warning() -> None:
    with Younium(rows=2) as simulator:
        output = run(config_of(simulator, data_export=["Accounts"]), catalog=choose(["countries"]))
        assert output.warnings("export_accounts is configured but missing from the catalog")
