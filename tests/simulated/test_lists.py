"""Pages, order, filter, change windows."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from simulator.catalog import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulated.younium_client import Client

LONG_AGO, IN_BETWEEN, LATE = "2001-01-01T00:00:00", "2030-06-01T12:00:00", "2031-01-01T00:00:00"
PAGED = [each.path for each in COLLECTIONS.values() if each.envelope == "paged"]


# Pages


@pytest.mark.parametrize("path", [each.path for each in COLLECTIONS.values()])
def test_every_collection_has_the_requested_number_of_rows(client: Client, path: str) -> None:
    rows = client.all(path)
    key = "code" if path.endswith("productFeatures") else "id"
    assert len(rows) == len({row[key] for row in rows}) == 230


def test_the_envelope(client: Client) -> None:
    body = client.get("/Accounts", PageNumber=2, PageSize=100, OrderBy="id asc").json()
    here = f"{client.simulator.url}/Accounts?PageSize=100&OrderBy=id+asc&PageNumber="
    del body["data"]
    assert body == {
        "pageNumber": 2,
        "pageSize": 100,
        "totalPages": 3,
        "totalCount": 230,
        "nextPage": here + "3",
        "previousPage": here + "1",
        "firstPage": here + "1",
        "lastPage": here + "3",
    }
    assert "nextPage" not in client.get("/Accounts", PageNumber=3, PageSize=100).json()


def test_page_size_has_a_default_and_a_limit(client: Client) -> None:
    assert len(client.rows("/Accounts")) == 20
    assert len(client.rows("/Accounts", PageSize=5000)) == 100


def test_a_larger_page_can_be_refused(start: Callable[..., Client]) -> None:
    assert start(page_size_over="refuse").get("/Accounts", PageSize=101).status_code == 400


@pytest.mark.parametrize("wrong", [{"PageNumber": 0}, {"PageNumber": "x"}, {"PageSize": -1}])
def test_pages_are_numbers_from_one(client: Client, wrong: dict[str, Any]) -> None:
    answer = client.get("/Accounts", **wrong)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(wrong)


@pytest.mark.parametrize("asked", [{"PageNumber": 4}, {"ModifiedAfter": "2031-01-01"}])
def test_no_records_found_is_an_error(client: Client, asked: dict[str, Any]) -> None:
    answer = client.get("/Accounts", PageSize=100, **asked)
    body = answer.json()
    assert answer.status_code == body["status"] == 400
    assert body["errors"] == {"message": ["No accounts could be found"]}
    assert body["title"] == "One or more validation errors occurred."


def test_the_answer_for_no_records_has_several_forms(start: Callable[..., Client]) -> None:
    client = start(message_list=False)
    client.simulator.rows("Subscriptions").clear()
    message = "No subscriptions of latest version could be found"
    assert client.get("/Subscriptions").json()["errors"] == {"message": message}
    client.simulator.contract.empty_lists = True
    assert client.get("/Subscriptions").json()["data"] == []


def test_one_row_can_be_an_object(start: Callable[..., Client]) -> None:
    client = start(rows=1, single_object=True)
    assert isinstance(client.get("/Products/productFeatures").json()["data"], dict)
    assert isinstance(client.get("/Products").json()["data"], list)


def test_next_page_can_name_another_host(start: Callable[..., Client]) -> None:
    client = start(next_page_host="https://elsewhere.example", next_page_query=False)
    body = client.get("/Accounts", PageSize=5).json()
    assert body["nextPage"] == "https://elsewhere.example/Accounts?PageNumber=2"


def test_users_and_webhooks_have_no_pages(client: Client) -> None:
    for path in ("/Users", "/Users/roles"):
        assert len(client.rows(path, PageNumber=3, PageSize=2)) == 230
    assert isinstance(client.get("/Webhooks").json(), list)
    assert all(hook["token"] for hook in client.rows("/Webhooks"))


def test_unknown_parameters_are_ignored(client: Client) -> None:
    assert len(client.rows("/Accounts", Colour="blue")) == 20


@pytest.mark.parametrize("path", ["/Nothing", "/Accounts/nobody", "/Accounts/", "/v3/Nothing"])
def test_unknown_paths_and_ids(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == answer.json()["status"] == 404


def test_rows_by_id(client: Client) -> None:
    for row in client.rows("/Invoices", PageSize=3):
        assert client.get(f"/Invoices/{row['id']}").json() == row


# Order


def test_without_order_pages_lose_rows(client: Client) -> None:
    pages = [client.rows("/Accounts", PageNumber=number, PageSize=100) for number in (1, 2, 3)]
    assert len({row["id"] for page in pages for row in page}) < 230


def test_ids_sort_as_text(client: Client) -> None:
    ids = [row["id"] for row in client.all("/Invoices")]
    assert ids == sorted(ids)
    down = [row["id"] for row in client.all("/Invoices", OrderBy="id desc")]
    assert down == ids[::-1]


def test_order_by_several_fields(client: Client) -> None:
    rows = client.all("/Invoices", OrderBy="currency desc, totalAmount asc")
    keys = [(row["currency"], row["totalAmount"]) for row in rows]
    assert [currency for currency, _ in keys] == sorted((key[0] for key in keys), reverse=True)
    assert all(one[1] <= two[1] for one, two in pairwise(keys) if one[0] == two[0])


@pytest.mark.parametrize(
    "order", ["nothing", "cmrr asc", "addresses", "customFields", "id sideways", "id,", ""]
)
def test_orders_that_are_refused(client: Client, order: str) -> None:
    answer = client.get("/Accounts", OrderBy=order)
    if order:
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == ["OrderBy"]
    else:
        assert answer.status_code == 200


def test_calculated_fields_do_not_sort(client: Client) -> None:
    assert client.get("/Invoices", OrderBy="daysPastDue").status_code == 400


def test_any_order_can_be_refused(start: Callable[..., Client]) -> None:
    assert start(refuse_order=True).get("/Accounts", OrderBy="id asc").status_code == 400


# Filter


def test_filter(client: Client) -> None:
    everything = client.all("/Invoices")
    text = "currency eq 'SEK' and (totalAmount gt 1000 or account.accountNumber eq A-000001)"
    found = client.all("/Invoices", Filter=text)
    assert found == [
        row
        for row in everything
        if row["currency"] == "SEK"
        and (row["totalAmount"] > 1000 or row["account"]["accountNumber"] == "A-000001")
    ]
    assert 0 < len(found) < 230


@pytest.mark.parametrize("text", ["nothing eq 1", "id like 'x'", "id eq", "(id eq 1", "id eq 1 )"])
def test_filters_that_are_refused(client: Client, text: str) -> None:
    answer = client.get("/Accounts", Filter=text)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["Filter"]


# Change windows

LEVELS = {
    "Accounts": [["addresses"], ["customFields"]],
    "Bookings": [["bookingLines"]],
    "Invoices": [["invoiceLines"], ["customFields"]],
    "Journals": [["vouchers"], ["vouchers", "transactions"]],
    "Payments": [
        ["paymentSettlements"],
        ["paymentSettlements", "writeOffs"],
        ["paymentWriteOffs"],
    ],
    "Products": [
        ["chargePlans"],
        ["chargePlans", "charges"],
        ["chargePlans", "charges", "priceDetails"],
    ],
    "Quotes": [["products"], ["products", "charges"], ["products", "charges", "priceDetails"]],
    "Subscriptions": [
        [],
        ["products"],
        ["products", "charges"],
        ["products", "charges", "priceDetails"],
        ["milestones"],
        ["orderDiscounts"],
    ],
}
CASES = [(name, path) for name, paths in LEVELS.items() for path in paths]


@pytest.mark.parametrize(("name", "path"), CASES)
def test_a_change_at_any_covered_level_returns_the_row(
    start: Callable[..., Client], name: str, path: list[str]
) -> None:
    client = start(rows=4)
    row = part = client.simulator.rows(name)[0]
    for level in path:
        part = part[level][-1] if isinstance(part[level], list) else part[level]
    part["modified" if "modified" in part else "_modified"] = LATE
    assert [found["id"] for found in client.rows(f"/{name}", ModifiedAfter=IN_BETWEEN)] == [
        row["id"]
    ]
    assert "_modified" not in client.get(f"/{name}/{row['id']}").text


def test_other_levels_do_not_count(start: Callable[..., Client]) -> None:
    client = start()
    client.simulator.rows("InvoiceBatches")[0]["batchLog"][0]["modified"] = LATE
    assert client.get("/InvoiceBatches", ModifiedAfter=IN_BETWEEN).status_code == 400


@pytest.mark.parametrize(
    "path", ["/Countries", "/Currency", "/Reports", "/SimpleProducts", "/Users", "/ExchangeRate"]
)
def test_collections_without_times_ignore_the_window(client: Client, path: str) -> None:
    assert client.rows(path, ModifiedAfter=LATE)


@pytest.mark.parametrize(
    ("inclusive", "after", "found"),
    [
        (False, "2030-06-01T12:00:00.1234567", 0),
        (True, "2030-06-01T12:00:00.1234567", 1),
        (False, "2030-06-01T12:00:00.1234566", 1),
        (False, "2030-06-01T12:00:00.1234566Z", 1),
        (False, "2030-06-01T14:00:00.1234566+02:00", 1),
        (False, "2030-06-01T14:00:00.1234567+02:00", 0),
        (False, "2030-06-01", 1),
        (False, "06/01/2030 00:00:00", 1),
        (False, "06/02/2030 00:00:00", 0),
    ],
)
def test_forms_and_edges_of_the_window(
    start: Callable[..., Client], *, inclusive: bool, after: str, found: int
) -> None:
    client = start(accounts=3, window_inclusive=inclusive, empty_lists=True)
    client.simulator.rows("Accounts")[0]["modified"] = "2030-06-01T12:00:00.1234567"
    assert len(client.rows("/Accounts", ModifiedAfter=after)) == found


@pytest.mark.parametrize(
    ("reading", "after", "found"),
    [
        ("ignore", "2030-06-01T13:59:59Z", 1),
        ("ignore", "2030-06-01T14:00:01Z", 0),
        ("convert", "2030-06-01T11:59:59Z", 1),
        ("convert", "2030-06-01T12:00:01Z", 0),
        ("convert", "2030-06-01T13:59:59", 1),
        ("convert", "2030-06-01T14:00:01", 0),
    ],
)
def test_a_clock_of_another_zone(
    start: Callable[..., Client], reading: str, after: str, found: int
) -> None:
    """It is two hours ahead of UTC and shows no zone."""
    client = start(accounts=3, window_zone=reading, clock_offset=2, empty_lists=True)
    noon = datetime(2030, 6, 1, 12, tzinfo=UTC)
    changed = client.simulator.stamp(noon)
    assert changed == "2030-06-01T14:00:00.0000000"
    client.simulator.rows("Accounts")[0]["modified"] = changed
    assert len(client.rows("/Accounts", ModifiedAfter=after)) == found


def test_the_window_closes(client: Client) -> None:
    everything = client.all("/Accounts")
    times = sorted(row["modified"] for row in everything)
    low, high = times[50], times[150]
    found = client.all("/Accounts", ModifiedAfter=low, ModifiedBefore=high)
    assert found == [row for row in everything if low < row["modified"] < high]


@pytest.mark.parametrize("value", ["yesterday", "2030-13-01", "2030-06-01T25:00:00", "20300601"])
@pytest.mark.parametrize("name", ["ModifiedAfter", "ModifiedBefore"])
def test_times_that_are_refused(client: Client, name: str, value: str) -> None:
    answer = client.get("/Accounts", **{name: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]
