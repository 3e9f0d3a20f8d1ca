"""`--check`: which streams can be read and why not, and what a first load will cost."""

from __future__ import annotations

import json
import re
import signal
from collections import Counter
from dataclasses import dataclass
from itertools import takewhile
from threading import Event
from typing import TYPE_CHECKING

import pytest
from singer import COLLECTIONS, NOT_BY_DEFAULT, Output, Younium, config_of, run, started

from simulator import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator import Simulator

ENTITIES = ("Nordic AB", "Läkarö & Söner 日本")
LATENCY = 0.01
EXACT = (
    *COLLECTIONS,
    "account_addresses",
    "account_summaries",
    "invoice_attachments",
    "invoice_lines",
    "journal_vouchers",
    "subscription_products",
)
"""Streams whose requests follow from Younium's counts."""


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal, lines would be cut to its width."""
    monkeypatch.setenv("COLUMNS", "1000")


@dataclass
class Found:
    """What the check says about a stream."""

    readable: str
    rows: str
    pages: str
    requests: str
    time: str


def tables(output: Output, entity: str | None = ENTITIES[0]) -> dict[str, Found]:
    """The table of a legal entity, read by its columns."""
    heading = f"Legal entity {entity}: " if entity else "No legal entity set: "
    lines = iter(output.lines)
    while not next(lines).startswith(heading):
        pass
    assert not next(lines)
    head, *rows = takewhile(bool, lines)
    names = re.findall(r"\w+", head)
    assert names == ["stream", "readable", "rows", "pages", "requests", "time"]
    ends = [head.index("readable"), *(head.index(name) + len(name) for name in names[1:])]
    found = {}
    for row in rows:
        name, *cells = (
            row[start:end].strip() for start, end in zip([0, *ends], ends, strict=False)
        )
        found[name] = Found(*cells)
    return found


@pytest.fixture(scope="module")
def younium() -> Iterator[Simulator]:
    """Two legal entities, and a user who may not see users."""
    with Younium(rows=23, entities=ENTITIES, latency=LATENCY, forbidden={"Users"}) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def checked(younium: Simulator) -> Output:
    """All streams of both legal entities, and of one that does not exist."""
    younium.clear()
    config = config_of(younium, page_size=5, legal_entities=[*ENTITIES, "nobody"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "1000")
        return run(config, "--check").well()


def test_it_says_for_each_stream_whether_it_can_be_read(checked: Output) -> None:
    for entity in ENTITIES:
        found = tables(checked, entity)
        assert len(found) == 64
        assert {name for name in found if found[name].readable == "no"} == {
            "users *",
            "user_roles *",
        }
        assert {name for name in found if name.endswith("*")} >= {f"{n} *" for n in NOT_BY_DEFAULT}
        assert f"Legal entity {entity}: 62 of 64 streams can be read." in checked.lines
        assert found["accounts"].rows == "23"
        assert found["accounts"].pages == found["account_addresses"].pages == "5"
        assert found["account_addresses"].rows == ""  # Younium counts records, not what is in them
        assert found["subscription_versions *"].requests == "23"


def test_a_missing_permission_is_named_once_for_all_its_streams(checked: Output) -> None:
    (why,) = (line for line in checked.lines if "'User View'" in line)
    where = f"in {', '.join(ENTITIES)}: user_roles, users."
    assert why.startswith(f"Most likely the permission 'User View' is missing {where} ")
    assert "GET /Users/roles, page 1: 403 (The user lacks" in why


def test_a_wrong_legal_entity_is_reported_once(checked: Output) -> None:
    assert "Legal entity nobody: 0 of 64 streams can be read." in checked.lines
    (why,) = (line for line in checked.lines if "'nobody'" in line)
    doubt = "or the token's user has no permission in it"
    assert why.startswith(f"Legal entity 'nobody' is wrong, {doubt}. GET /Accounts, page 1: 403")
    assert why.endswith("(The legal-entity header is unknown.).")
    assert checked.lines[-1] == "Not ready: first correct legal_entities in the settings."


def test_requests_count_for_the_stream_that_sends_them(checked: Output) -> None:
    found = tables(checked)
    assert found["subscriptions"].requests == "6"  # 5 pages, and what changes meanwhile
    assert found["subscription_products"].requests == found["subscription_charges"].requests == "0"


def test_it_requests_one_row_of_each_stream_once(checked: Output, younium: Simulator) -> None:
    assert checked.exit_code == 0
    asked = Counter(
        (each.path, each.headers.get("legal-entity"))
        for each in younium.requests
        if each.query.get("PageSize", "1") == "1" and not each.path.startswith("/auth")
    )
    assert set(asked.values()) == {1}
    paths = {path for path, entity in asked if entity == ENTITIES[0]}
    assert {f"/{path}" for path in COLLECTIONS.values()} <= paths
    assert len([path for path in paths if path.endswith("/Summary")]) == 1


@pytest.mark.exhaustive
def test_what_it_expects_is_what_a_first_load_takes(younium: Simulator) -> None:
    """For each stream as the run logs it, and in total as Younium counted it."""
    younium.clear()
    younium.forbidden.clear()
    config = config_of(younium, page_size=5)
    check = run(config, "--check", select=EXACT).well()
    younium.clear()
    load = run(config, select=EXACT).well()
    younium.forbidden.add("Users")
    expected: Counter[str] = Counter()
    for entity in ENTITIES:
        for name, found in tables(check, entity).items():
            expected[name] += int(found.requests.replace(",", ""))
            if found.rows:
                rows = [row["_legal_entity"] for row in load.records[name]]
                assert rows.count(entity) == int(found.rows)
    logged: Counter[str] = Counter()
    for name, requests in re.findall(r"(\w+) of [^:]+: [\d,]+ rows?, ([\d,]+) req", load.stderr):
        logged[name] += int(requests)
    assert logged == expected
    assert expected.total() == len([each for each in younium.requests if each.method == "GET"])
    sums = re.findall(r"A first load takes (\d+) requests, ([\d.]+) s\.", check.stdout)
    assert sum(int(requests) for requests, _ in sums) == expected.total()
    for requests, seconds in sums:  # four of them wait at the same time
        assert float(seconds) >= int(requests) * LATENCY / 4 - 0.05


def test_a_start_date_is_used_and_a_state_is_ignored(younium: Simulator) -> None:
    state = {"bookmarks": {"usage": {"replication_key_value": "2026-01-01T00:00:00Z"}}}
    late = config_of(younium, start_date="2100-01-01T00:00:00Z")
    output = run(late, "--check", select=["usage", "countries"]).well()
    assert tables(output)["usage"] == Found("yes", "0", "1", "1", tables(output)["usage"].time)
    assert tables(output)["countries"].rows == "23"
    output = run(config_of(younium), "--check", select=["usage"], state=state).well()
    assert tables(output)["usage"].rows == "23"


@pytest.mark.parametrize("width", [30, 45, 80])
def test_it_fits_a_terminal(
    width: int, younium: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    chosen = ["subscription_charge_price_details", "users", "accounts"]
    output = run(config_of(younium), "--check", select=chosen).well()
    # names and figures are not cut
    long = [line for line in output.lines if len(line) > max(width, 45)]
    assert not long
    assert "subscription_charge_price_details" in output.stdout
    assert "'User View'" in " ".join(output.stdout.split())


def test_streams_without_a_published_schema_are_checked_too(younium: Simulator) -> None:
    config = config_of(
        younium,
        legal_entities=ENTITIES[:1],
        reports=["Customers"],
        data_export=["Subscription-product-charges"],
        insights=["allmetrics"],
    )
    found = tables(run(config, "--check").well())
    assert found["report_customers"].rows == "23"
    assert found["insights_allmetrics"].readable == "yes"
    assert found["export_subscription_product_charges"].readable == "yes"


def test_a_stream_that_fails_is_reported_and_the_others_are_checked() -> None:
    faults = [Fault("status", "/Usage", times=None), Fault("throttled", "/Countries", times=2)]
    with Younium(rows=2, faults=faults) as younium:
        output = run(config_of(younium), "--check", select=["usage", "countries"]).well()
    found = tables(output, None)
    assert found["usage"] == Found("no", "", "", "", "")
    assert found["countries"].requests == "1"
    why = "Cannot be read: usage. GET /Usage, page 1: 500 (Simulated fault). Gave up after 6"
    assert why in output.stdout
    assert output.lines[-1] == "Not ready: first resolve the errors above, or check again later."
    assert "A first load takes 1 request, " in output.stdout


def test_parents_are_estimated_from_one_record() -> None:
    with Younium(rows=4, entities=ENTITIES[:1]) as younium:
        names = ["revenue_schedules", "accounting_transactions", "invoice_line_revenue_schedules"]
        younium.rows("SalesOrders").clear()
        for invoice in younium.rows("Invoices"):
            invoice["invoiceLines"] = []
        charges = [
            sum(len(product["charges"]) for product in row["products"])
            for row in younium.rows("Subscriptions")
        ]
        output = run(config_of(younium), "--check", select=names).well()
    found = tables(output, None)
    assert found["revenue_schedules"].requests in {f"~{2 + 4 * number}" for number in charges}
    assert found["accounting_transactions"].requests == "~2"
    assert found["invoice_line_revenue_schedules"].readable == "unknown"
    assert "unknown: the record received has no parents to request." in output.stdout


def test_legal_entities_in_users_roles_answer_a_wrong_one() -> None:
    with Younium(rows=2, entities=ENTITIES) as younium:
        ids = {name: key for key, name in younium.entities}
        known = ", ".join(f"{name} ({ids[name]})" for name in ENTITIES)
        config = config_of(younium, legal_entities=[ENTITIES[0], "Nordik AB"])
        output = run(config, "--check", select=["accounts", "users"]).well()
        config["legal_entities"] = [ids[ENTITIES[0]]]
        other = run(config, "--check", select=["accounts"]).well()
    (why,) = (line for line in output.lines if "'Nordik AB'" in line)
    assert why.startswith(f"Legal entity 'Nordik AB' is wrong. Younium lists {known}. GET /")
    lacking = f"Not in legal_entities: {ENTITIES[1]} ({ids[ENTITIES[1]]})."
    assert lacking in output.lines
    assert lacking in other.lines
    assert other.lines[-1] == "Ready: all selected streams can be read (1)."


def test_a_known_legal_entity_is_not_called_wrong() -> None:
    """Its streams lack a permission there."""
    with Younium(rows=2, entities=ENTITIES[:1], forbidden={"Accounts"}) as younium:
        config = config_of(younium, legal_entities=ENTITIES[:1])
        output = run(config, "--check", select=["accounts", "users"]).well()
    assert "is wrong" not in output.stdout
    assert output.lines[-1].startswith(
        "Not ready: first ask an administrator of Younium for the permission 'Account View', "
    )


def test_a_missing_legal_entity_is_asked_for() -> None:
    with Younium(rows=2, entities=ENTITIES) as younium:
        output = run(config_of(younium) | {"legal_entities": []}, "--check", select=["accounts"])
    assert output.exit_code == 2
    (why,) = (line for line in output.lines if line.startswith("Set legal_entities. "))
    assert "GET /Accounts, page 1: 403 (The legal-entity header is missing.)" in why


def test_forbidden_streams_that_a_run_skips_do_not_matter() -> None:
    config = {"skip_forbidden_streams": True}
    with Younium(rows=2, entities=ENTITIES[:1], forbidden={"Accounts"}) as younium:
        output = run(config_of(younium, **config), "--check", select=["accounts", "bookings"])
        alone = run(config_of(younium, **config), "--check", select=["accounts"])
    assert output.well().lines[-1] == (
        "Ready: 1 of 2 selected streams can be read; skip_forbidden_streams skips the others."
    )
    assert alone.lines[-1].startswith("Not ready: ")


def test_streams_that_are_off_by_default_do_not_matter(younium: Simulator) -> None:
    output = run(config_of(younium), "--check").well()
    assert output.lines[-1] == "Ready: all selected streams can be read (51)."
    assert "'User View' is missing" in output.stdout


def test_a_report_that_does_not_exist_is_a_problem(younium: Simulator) -> None:
    config = config_of(younium, reports=["Nonsense"])
    output = run(config, "--check", "--format", "json").well()
    found = json.loads(output.stdout)
    assert [it["streams"] for it in found["problems"] if it["cause"] == "error"] == [
        ["report_nonsense"]
    ]
    assert not found["ready"]


def test_a_program_can_read_the_report(younium: Simulator) -> None:
    config = config_of(younium, legal_entities=[*ENTITIES, "nobody"])
    output = run(config, "--check", "--format", "json", select=["accounts", "users"]).well()
    found = json.loads(output.stdout)
    streams = [each.pop("streams") for each in found["legal_entities"]]
    assert found["legal_entities"] == [{"legal_entity": it} for it in (*ENTITIES, "nobody")]
    seconds = streams[0][0].pop("seconds")
    assert 0 < seconds < 5
    assert streams[0] == [
        {
            "stream": "accounts",
            "selected": True,
            "readable": True,
            "rows": 23,
            "pages": 1,
            "requests": 1,
            "estimated": False,
        },
        {
            "stream": "users",
            "selected": True,
            "readable": False,
            "rows": None,
            "pages": None,
            "requests": None,
            "seconds": None,
            "estimated": False,
        },
    ]
    assert not found["ready"]
    assert found["next_step"] == "Not ready: first correct legal_entities in the settings."
    assert found["absent_legal_entities"] == []
    wrong, forbidden = found["problems"]
    assert (wrong["cause"], wrong["legal_entities"]) == ("legal_entity", ["nobody"])
    del forbidden["message"]
    assert forbidden == {
        "cause": "permission",
        "permission": "User View",
        "legal_entities": [*ENTITIES],
        "streams": ["users"],
    }


def test_it_fails_where_nothing_can_be_read(younium: Simulator) -> None:
    output = run(config_of(younium), "--check", select=["users", "user_roles"])
    assert output.complaint.endswith(f"| {output.lines[-1]}")
    assert output.lines[-1] == "Not ready: first correct legal_entities in the settings."
    assert output.stdout.count("0 of 2 streams can be read.") == 2


def test_what_is_wrong_at_the_start_is_reported_in_one_line(younium: Simulator) -> None:
    for wrong, hint in (
        ({"client_secret": "wr0ng-s3cret"}, "Younium refuses the credentials"),
        ({"page_size": "many"}, "page_size must be of type integer"),
        ({"legal_entities": [""]}, "legal_entities contains an empty entry"),
    ):
        output = run(config_of(younium) | wrong, "--check")
        assert hint in output.complaint
        assert not output.stdout
        assert "wr0ng-s3cret" not in output.stderr
    assert "is not a JSON object" in run(None, "--check", "--config", __file__).complaint


def test_it_shows_no_secret(younium: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAP_YOUNIUM_LOGLEVEL", "DEBUG")
    output = run(config_of(younium), "--check", select=["accounts", "users"]).well()
    assert "DEBUG" in output.stderr
    headers = {each.headers.get("authorization", "Bearer -") for each in younium.requests}
    tokens = {header.removeprefix("Bearer ") for header in headers} - {"-"}
    assert tokens
    for secret in {younium.client_id, younium.client_secret, *tokens}:
        assert secret not in output.stdout + output.stderr


def test_a_stopped_check_writes_nothing(younium: Simulator) -> None:
    """A run would write a STATE message then; a check does not."""
    fault = Fault("silent", path="/Usage", times=None)
    younium.faults.append(fault)
    with started(config_of(younium), "--check", select=["usage"]) as process:
        while not fault.struck:
            Event().wait(0.01)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
    younium.faults.clear()
    assert process.returncode == 128 + signal.SIGTERM
    assert not out


def test_its_option_is_listed_among_the_others() -> None:
    """`--about` takes precedence."""
    assert "--check" in run(None, "--help").well().stdout
    assert run(None, "--about", "--check").well().stdout.startswith("Name: ")
