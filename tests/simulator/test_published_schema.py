"""The simulator's rows against the published description of the API, where it is at hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from simulator.catalog import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from younium_client import Client

FILE = Path(__file__).parents[3] / "shared" / "younium" / "openapi-2.1.json"

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the published file is not here")

JSON_TYPES = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


class Published:
    """The published file."""

    def __init__(self) -> None:
        document = json.loads(FILE.read_bytes())
        self.paths: dict[str, Any] = document["paths"]
        self._schemas: dict[str, Any] = document["components"]["schemas"]

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A schema without the indirections."""
        if "allOf" in schema:
            schema = schema["allOf"][0]
        if "$ref" in schema:
            found: dict[str, Any] = self._schemas[schema["$ref"].rsplit("/", 1)[-1]]
            return found
        return schema

    def row(self, path: str) -> dict[str, Any]:
        """The schema of one row of the answer at `path`."""
        content = self.paths[path]["get"]["responses"]["200"]["content"]
        schema = self.resolve(next(iter(content.values()))["schema"])
        if "properties" in schema and "data" not in schema["properties"]:
            return schema
        data = schema["properties"]["data"] if "properties" in schema else schema
        data = self.resolve(data)
        return self.resolve(data["items"]) if data.get("type") == "array" else data

    def fields(self, schema: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
        """Every field path below a schema with its JSON type."""
        schema = self.resolve(schema)
        if schema.get("type") == "array":
            yield from self.fields(schema["items"], prefix)
        for name, inner in schema.get("properties", {}).items():
            path = f"{prefix}.{name}" if prefix else name
            yield path, self.resolve(inner).get("type", "object")
            yield from self.fields(inner, path)


def served(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every field path of a row with its value; custom fields are the tenant's own affair."""
    if isinstance(value, list):
        for each in value:
            yield from served(each, prefix)
    elif isinstance(value, dict) and not prefix.endswith("customFields"):
        for name, inner in value.items():
            path = f"{prefix}.{name}" if prefix else name
            yield path, inner
            yield from served(inner, path)


@pytest.fixture(scope="module")
def published() -> Published:
    return Published()


def test_every_published_collection_is_served(published: Published) -> None:
    lists = {
        path
        for path, operations in published.paths.items()
        if "{" not in path and path != "/Currency/BaseCurrency" and "get" in operations
    }
    assert {each.path for each in COLLECTIONS.values()} == lists


def compare(template: str, rows: list[Any], published: Published) -> None:
    """Every row's fields are published ones, of their type, and no published one is in no row."""
    expected = dict(published.fields(published.row(template)))
    found: set[str] = set()
    for row in rows:
        for name, value in served(row):
            assert name in expected, f"{template} has no field {name}"
            right = isinstance(value, JSON_TYPES[expected[name]])
            assert right, f"{template}: {name} is {value!r}"
            assert not isinstance(value, bool) or expected[name] == "boolean", name
            found.add(name)
    assert found == set(expected)


@pytest.mark.parametrize("path", [each.path for each in COLLECTIONS.values()])
def test_rows_have_the_published_fields_and_types(
    path: str, published: Published, client: Client
) -> None:
    compare(path, client.all(path), published)


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
def test_answers_for_one_parent_have_them_too(
    template: str, published: Published, start: Callable[..., Client]
) -> None:
    client = start(accounts=20)
    rows: list[Any] = []
    for value in PARENTS[template](client):
        answer = client.get(re.sub(r"{\w+}", value, template), PageSize=100)
        if answer.status_code == 200:
            body = answer.json()
            rows += body if isinstance(body, list) else body.get("data", [body])
    compare(template, rows, published)


@pytest.mark.parametrize("path", [each.path for each in COLLECTIONS.values()])
def test_change_windows_look_where_the_file_says(path: str, published: Published) -> None:
    names = {
        "orderProducts": "products",
        "orderCharges": "charges",
        "chargeDetails": "priceDetails",
    }
    covers = published.paths[path]["get"].get("x-modified-after-covers", [])
    known = COLLECTIONS[path[1:]].covers or frozenset()
    assert {names.get(level, level) for level in covers} <= known | {"writeOffs"}
