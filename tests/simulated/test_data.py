"""The fictional companies: coherent, the same for the same seed, with values of every kind."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

import pytest

from simulator.catalog import COLLECTIONS
from simulator.companies import Company, counts
from simulator.store import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulated.younium_client import Client

SIZES = {"50 accounts": counts(50), "230 rows": counts(50, 230), "1 row": counts(1, 1)}


@pytest.fixture(params=list(SIZES.values()), ids=list(SIZES))
def company(request: pytest.FixtureRequest) -> Company:
    return Company(1, "Nordic AB", 0, request.param)


def test_same_seed_same_data_in_any_order() -> None:
    first, second = (Company(7, "Nordic AB", 0, counts(8)) for _ in range(2))
    forward = {name: encode(first.rows(name)) for name in COLLECTIONS}
    backward = {name: encode(second.rows(name)) for name in reversed(COLLECTIONS)}
    assert forward == backward
    other = Company(8, "Nordic AB", 0, counts(8))
    assert encode(other.rows("Accounts")) != forward["Accounts"]


def test_accounts_scale_everything() -> None:
    small, large = (Company(1, "Nordic AB", 0, counts(size)) for size in (10, 100))
    for name in ("Accounts", "Subscriptions", "Invoices", "Payments"):
        assert len(large.rows(name)) == 10 * len(small.rows(name))


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(prec=60):
        yield


def money(rows: list[Any], field: str) -> tuple[Decimal, Decimal]:
    values = [row[field] for row in rows]
    return (
        sum((value["amount"] for value in values), Decimal(0)),
        sum((value["baseCurrencyAmount"] for value in values), Decimal(0)),
    )


@pytest.mark.parametrize("field", ["cmrr", "acv", "emrr", "oneTimeFees", "tcv"])
def test_recurring_revenue_adds_up_from_charges_to_accounts(company: Company, field: str) -> None:
    of_account: dict[str, list[Any]] = defaultdict(list)
    for order in company.rows("Subscriptions"):
        for product in order["products"]:
            assert money([product], field) == money(product["charges"], field)
        assert money([order], field) == money(order["products"], field)
        of_account[order["account"]["id"]].append(order)
    for account in company.rows("Accounts"):
        assert money([account], field) == money(of_account[account["id"]], field)


def test_references_lead_somewhere(company: Company) -> None:
    ids = {name: {row.get("id") for row in company.rows(name)} for name in COLLECTIONS}
    charges = {}
    for order in (*company.rows("Subscriptions"), *company.rows("SalesOrders")):
        assert order["account"]["id"] in ids["Accounts"]
        for product in order["products"]:
            for charge in product["charges"]:
                assert (charge["orderId"], charge["orderProductId"]) == (order["id"], product["id"])
                charges[charge["id"]] = charge
    catalogue = {
        charge["id"]
        for product in company.rows("Products")
        for plan in product["chargePlans"]
        for charge in plan["charges"]
    }
    assert {charge["chargeId"] for charge in charges.values()} <= catalogue
    for invoice in company.rows("Invoices"):
        assert invoice["invoiceBatchId"] in ids["InvoiceBatches"]
        for line in invoice["invoiceLines"]:
            assert line["invoiceId"] == invoice["id"]
            assert line["accountId"] == invoice["account"]["id"]
            charge = charges[line["orderChargeId"]]
            assert (line["orderId"], line["orderProductId"], line["chargeNumber"]) == (
                charge["orderId"],
                charge["orderProductId"],
                charge["chargeNumber"],
            )
    for row in (*company.rows("Usage"), *company.rows("Measurements")):
        assert row["charge"]["id"] in charges
    for attachment in company.rows("Invoices/PostedInvoiceDocumentAttachments"):
        assert attachment["invoiceId"] in ids["Invoices"]
    for booking in company.rows("Bookings"):
        assert booking["order"]["id"] in ids["Subscriptions"]


def test_invoices_add_up_and_are_settled_by_payments(company: Company) -> None:
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for payment in company.rows("Payments"):
        assert money([payment], "amount") == money(payment["paymentSettlements"], "amount")
        for settlement in payment["paymentSettlements"]:
            paid[settlement["invoice"]["id"]] += settlement["amount"]["amount"]
    for invoice in company.rows("Invoices"):
        lines = invoice["invoiceLines"]
        assert invoice["subtotal"] == sum(line["subtotal"] for line in lines)
        assert invoice["totalAmount"] == invoice["subtotal"] + invoice["tax"]
        assert invoice["settledAmount"] == paid[invoice["id"]]
        assert invoice["balancedAmount"] == invoice["totalAmount"] - invoice["settledAmount"]


def test_debits_equal_credits(company: Company) -> None:
    for journal in company.rows("Journals"):
        for voucher in journal["vouchers"]:
            entries = voucher["transactions"]
            debit = sum(entry["debitAmount"] for entry in entries)
            assert debit == sum(entry["creditAmount"] for entry in entries)


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def test_nulls_are_absent(client: Client) -> None:
    for collection in COLLECTIONS.values():
        assert None not in list(leaves(client.rows(collection.path, PageSize=100)))


def test_times_have_no_zone_and_0_6_or_7_digits(client: Client) -> None:
    texts = [leaf for leaf in leaves(client.all("/Subscriptions")) if isinstance(leaf, str)]
    times = [text for text in texts if re.match(r"\d{4}-\d\d-\d\dT", text)]
    forms = {re.sub(r"\d", "9", time) for time in times}
    stem = "9999-99-99T99:99:99"
    assert forms == {stem, f"{stem}.999999", f"{stem}.9999999"}


def test_a_charge_can_change_later_than_its_order(client: Client) -> None:
    later = [
        order
        for order in client.all("/Subscriptions")
        for product in order["products"]
        for charge in product["charges"]
        if charge["modified"] > order["modified"]
    ]
    assert later


def test_amounts_have_more_digits_than_a_double(client: Client) -> None:
    text = client.get("/Products", OrderBy="id", PageSize=100).text
    assert "1234567890123.123456789" in text
    assert str(json.loads("1234567890123.123456789")) != "1234567890123.123456789"


def test_texts_are_of_many_kinds(client: Client) -> None:
    text = "".join(leaf for leaf in leaves(client.all("/Accounts")) if isinstance(leaf, str))
    assert set("åöł日\"'\n🥪") <= set(text)


def test_custom_fields_are_as_configured_except_for_a_few(client: Client) -> None:
    fits: dict[str, Any] = {
        "Text": str,
        "Integer": int,
        "Checkbox": bool,
        "Amount": (int, float),
        "Date": str,
        "Entity": str,
        "Enum": str,
        "List": str,
        "DecimalNumber": (int, float),
    }
    configured = {
        (row["entity"], row["key"]): row["fieldType"]
        for row in client.all("/CustomFieldConfigurations")
    }
    assert set(configured.values()) == set(fits)
    right, wrong, empty = set(), 0, 0
    for order in client.all("/Subscriptions"):
        levels = [("Order", order)]
        for product in order["products"]:
            levels.append(("OrderProduct", product))
            levels += [("OrderProductCharge", charge) for charge in product["charges"]]
        for level, row in levels:
            fields = row.get("customFields", {})
            empty += not fields
            for key, value in fields.items():
                kind = configured[level, key]
                if isinstance(value, fits[kind]) and isinstance(value, bool) == (
                    kind == "Checkbox"
                ):
                    right.add((level, kind))
                else:
                    wrong += 1
    assert len(right) == 3 * len(fits)
    assert wrong
    assert empty


def test_a_key_can_have_different_types_in_two_entities() -> None:
    kinds = [
        {
            row["fieldType"]
            for row in Company(1, "X", position, counts(5)).rows("CustomFieldConfigurations")
            if row["key"] == "weight"
        }
        for position in (0, 1)
    ]
    assert kinds == [{"DecimalNumber"}, {"Text"}]
