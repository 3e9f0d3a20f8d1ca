"""The answers for one parent, and those without a published schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from simulator.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulated.younium_client import Client


def known_fields(row: dict[str, Any], shape: str) -> bool:
    return set(row) <= set(SHAPES[shape])


@pytest.mark.parametrize("name", ["Subscriptions", "SalesOrders"])
def test_versions(client: Client, name: str) -> None:
    for order in client.rows(f"/{name}", PageSize=10):
        path = f"/{name}/{order['orderNumber']}/versions"
        versions = client.rows(path, OrderBy="version asc")
        assert [row["version"] for row in versions] == list(range(1, order["version"] + 1))
        assert versions[-1] == order
        assert len({row["id"] for row in versions}) == len(versions)
        for row in versions[:-1]:
            assert not row["isLastVersion"]
            assert row["account"] == order["account"]
            charge = row["products"][0]["charges"][0]
            assert charge["orderId"] == row["id"]
            assert charge["chargeNumber"] == order["products"][0]["charges"][0]["chargeNumber"]
        assert client.get(f"{path}/1").json() == versions[0]
    assert client.get(f"/{name}/nothing/versions").status_code == 404


def test_milestones(client: Client) -> None:
    for order in client.rows("/Subscriptions", PageSize=10):
        assert client.rows(f"/Subscriptions/{order['id']}/milestones") == order["milestones"]


def test_summaries(client: Client) -> None:
    statuses = set()
    for account in client.rows("/Accounts", PageSize=50):
        answer = client.get(f"/Accounts/{account['id']}/Summary")
        statuses.add(answer.status_code)
        if answer.status_code == 200:
            assert known_fields(answer.json(), "AccountSummary")
            assert answer.json()["cmrr"] == account["cmrr"]
    assert statuses == {200, 404}


@pytest.mark.parametrize(
    ("part", "shape", "noun"),
    [
        ("OnlinePaymentLogs", "OnlinePaymentLog", "online payment logs"),
        ("Attachments", "InvoiceAttachment", "invoice attachments"),
        ("RelatedInvoices", "RelatedInvoice", "related invoices"),
    ],
)
def test_parts_of_invoices(start: Callable[..., Client], part: str, shape: str, noun: str) -> None:
    client = start(accounts=20)
    found, empty = 0, 0
    for invoice in client.rows("/Invoices", PageSize=100, OrderBy="id"):
        answer = client.get(f"/Invoices/{invoice['id']}/{part}")
        if answer.status_code == 200:
            assert all(known_fields(row, shape) for row in answer.json()["data"])
            found += 1
        else:
            assert answer.json()["errors"] == {"message": [f"No {noun} could be found"]}
            empty += 1
    assert found
    assert empty
    assert client.get(f"/Invoices/nobody/{part}").status_code == 404


def test_related_invoices_refer_to_each_other(start: Callable[..., Client]) -> None:
    client = start(accounts=20)
    for invoice in client.all("/Invoices"):
        answer = client.get(f"/Invoices/{invoice['id']}/RelatedInvoices")
        for row in answer.json()["data"] if answer.status_code == 200 else []:
            assert invoice["id"] in {row["debitInvoiceId"], row["creditInvoiceId"]}
            back = client.rows(f"/Invoices/{row['id']}/RelatedInvoices")
            assert invoice["id"] in {each["id"] for each in back}


def test_revenue_schedules_add_up(client: Client) -> None:
    for order in client.rows("/Subscriptions", PageSize=10):
        for product in order["products"]:
            for charge in product["charges"]:
                answer = client.get(f"/RevenueSchedule/Charge/{charge['chargeNumber']}")
                recurring = charge["chargeType"] == "Recurring"
                assert answer.status_code == (200 if recurring else 400)
                if recurring:
                    rows = answer.json()["data"]
                    assert all(known_fields(row, "RevenueScheduleItem") for row in rows)
                    total = sum(row["recognizedRevenue"]["amount"] for row in rows)
                    assert total == pytest.approx(charge["acv"]["amount"])
    assert client.get("/RevenueSchedule/Charge/nothing").status_code == 404


def test_revenue_schedules_of_invoice_lines(start: Callable[..., Client]) -> None:
    client = start()
    statuses = {
        client.get(f"/RevenueSchedule/InvoiceLine/{line['id']}").status_code
        for invoice in client.all("/Invoices")
        for line in invoice["invoiceLines"]
    }
    assert statuses == {200, 400}


def test_accounting_transactions_are_the_vouchers_of_a_year(client: Client) -> None:
    journals = client.all("/Journals")
    for year in {journal["accountingPeriod"]["fiscalYear"] for journal in journals}:
        rows = client.all(
            f"/Journals/AccountingTransactions/{year}", OrderBy="transactionNumber asc"
        )
        assert all(known_fields(row, "AccountingTransaction") for row in rows)
        vouchers = {
            (journal["id"], voucher["transactionNumber"])
            for journal in journals
            if journal["accountingPeriod"]["fiscalYear"] == year
            for voucher in journal["vouchers"]
        }
        assert {(row["journalId"], row["transactionNumber"]) for row in rows} == vouchers
    assert client.get("/Journals/AccountingTransactions/1999").status_code == 400


def test_report_data(start: Callable[..., Client]) -> None:
    client = start()
    for report in client.rows("/Reports"):
        path, field = f"/Reports/{report['id']}/Data", report["fields"][0]
        pages = [
            client.rows(path, PageNumber=number, PageSize=4, SortByField=field) for number in (1, 2)
        ]
        values = [row[field] for page in pages for row in page]
        assert values == sorted(values)
        assert set(pages[0][0]) <= set(report["fields"])
        assert client.get(path, SortByField="nothing").status_code == 400


def test_data_export_counts_its_own_pages(client: Client) -> None:
    path, ids, number = "/v3/Subscription-product-charges", [], 0
    while True:
        number += 1
        body = client.get(path, pageNumber=number, pageSize=150).json()
        ids += [row["id"] for row in body["items"]]
        if "nextPage" not in body:
            break
    orders = client.all("/Subscriptions")
    charges = [
        charge for order in orders for product in order["products"] for charge in product["charges"]
    ]
    assert ids == sorted(charge["id"] for charge in charges)
    assert len(client.get(path).json()["items"]) == 100
    items = client.get(path, pageSize=9000).json()["items"]
    assert not any(isinstance(value, list) for row in items for value in row.values())


def test_insights(client: Client) -> None:
    path = "/insights/Odata/allmetrics"
    first = client.get(path, **{"$top": 500, "$count": "true"}).json()
    total, rows = first["@odata.count"], first["value"]
    while len(rows) < total:
        rows += client.get(path, **{"$top": 500, "$skip": len(rows)}).json()["value"]
    assert len(rows) == total
    assert {row["YearMonth"] for row in rows} >= {202401, 202512}
    plain = client.get(path, **{"$format": "application/json;odata.metadata=none", "$top": 1})
    assert list(plain.json()) == ["value"]
    assert len(client.get(path, **{"$top": 100_000}).json()["value"]) == 1000
    assert client.get("/insights/Odata/nothing").status_code == 404
