"""The simulator's rows against the published description of the API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from simulator.catalog import COLLECTIONS
from simulator.shapes import CHOICES, SHAPES
from upkeep.facts import published

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulated.younium_client import Client

PUBLISHED = published()

JSON_TYPES = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


def served(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of a row with its value, except for custom fields, which are the tenant's own."""
    if isinstance(value, list):
        for each in value:
            yield from served(each, prefix)
    elif isinstance(value, dict) and not prefix.endswith("customFields"):
        for name, inner in value.items():
            path = f"{prefix}.{name}" if prefix else name
            yield path, inner
            yield from served(inner, path)


def test_every_published_collection_is_served() -> None:
    assert {each.path for each in COLLECTIONS.values()} == PUBLISHED.lists()


def test_every_choice_is_a_published_enum() -> None:
    values = sorted(map(sorted, PUBLISHED.enums.values()))
    assert [name for name, choice in CHOICES.items() if sorted(choice) not in values] == []


def compare(template: str, rows: list[Any]) -> None:
    """Each field of the rows is published and has its type; each published field is in some row."""
    fields = PUBLISHED.fields(re.sub(r"{\w+}", "{}", template))
    expected = {
        name.replace(".[]", ""): kind.partition(":")[0]
        for name, kind in fields.items()
        if not name.endswith("[]")
    }
    found: set[str] = set()
    for row in rows:
        for name, value in served(row):
            assert name in expected, f"{template} has no field {name}"
            right = isinstance(value, JSON_TYPES[expected[name]])
            assert right, f"{template}: {name} is {value!r}"
            assert not isinstance(value, bool) or expected[name] == "boolean", name
            found.add(name)
    assert found == set(expected)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_simulator_knows_which_fields_may_be_null(name: str) -> None:
    fields = PUBLISHED.record(f"/{name}")
    nullable = {it for it, kind in fields.items() if it[-1] == "?" and not isinstance(kind, list)}
    shape = SHAPES[COLLECTIONS[name].shape]
    assert {f"{it}?" for it, kind in shape.items() if kind[-1] == "?"} == nullable


@pytest.mark.parametrize("path", [each.path for each in COLLECTIONS.values()])
def test_rows_have_the_published_fields_and_types(path: str, client: Client) -> None:
    compare(path, client.all(path))


def invoice_lines(client: Client) -> list[str]:
    return [line["id"] for row in client.all("/Invoices") for line in row["invoiceLines"]]


def charge_numbers(client: Client) -> list[str]:
    return [
        charge["chargeNumber"]
        for order in client.all("/Subscriptions")
        for product in order["products"]
        for charge in product["charges"]
    ]


def values(collection: str, field: str) -> Callable[[Client], list[str]]:
    return lambda client: [row[field] for row in client.all(collection)]


PARENTS = {
    "/Accounts/{id}/Summary": values("/Accounts", "id"),
    "/Invoices/{id}/Attachments": values("/Invoices", "id"),
    "/Invoices/{id}/OnlinePaymentLogs": values("/Invoices", "id"),
    "/Invoices/{id}/RelatedInvoices": values("/Invoices", "id"),
    "/Journals/AccountingTransactions/{year}": lambda _: ["2022", "2023"],
    "/RevenueSchedule/Charge/{chargeNumber}": charge_numbers,
    "/RevenueSchedule/InvoiceLine/{id}": invoice_lines,
    "/SalesOrders/{orderNumber}/versions": values("/SalesOrders", "orderNumber"),
    "/Subscriptions/{orderNumber}/versions": values("/Subscriptions", "orderNumber"),
}


@pytest.mark.parametrize("template", PARENTS)
def test_answers_for_one_parent_have_the_published_fields_too(
    template: str, start: Callable[..., Client]
) -> None:
    client = start(accounts=20)
    rows: list[Any] = []
    for value in PARENTS[template](client):
        answer = client.get(re.sub(r"{\w+}", value, template), PageSize=100)
        if answer.status_code == 200:
            body = answer.json()
            rows += body if isinstance(body, list) else body.get("data", [body])
    compare(template, rows)


@pytest.mark.parametrize("path", [each.path for each in COLLECTIONS.values()])
def test_change_windows_consider_the_published_levels(path: str) -> None:
    names = {
        "orderProducts": "products",
        "orderCharges": "charges",
        "chargeDetails": "priceDetails",
    }
    covers = PUBLISHED.paths[path].get("covers", [])
    known = COLLECTIONS[path[1:]].covers or frozenset()
    assert {names.get(level, level) for level in covers} <= known | {"writeOffs"}
