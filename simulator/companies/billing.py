"""Invoices and payments: amounts add up from lines to invoices to payments."""

# ruff: noqa: PLR2004 - made-up data is full of made-up numbers

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import NamedTuple

from simulator.companies.base import AS_OF, BASE, RATES, ZERO
from simulator.companies.orders import Orders, charge_ref
from simulator.companies.periods import Bill, Part, billing_period, bills
from simulator.filling import Filler, Row, after, moment, picked


class _Paid(NamedTuple):
    """What a payment pays: an invoice, or the last part of it."""

    day: str
    invoice: int
    is_last: bool


class Billing(Orders):
    """Invoices, batches, attachments and payments."""

    @cached_property
    def _bills(self) -> list[Bill]:
        """What is invoiced, by day; the bills after the last day of the books are drafts."""
        orders = [
            bills(order, billing_period(number)[1])
            for number, order in enumerate(self._subscriptions)
            if order["status"] != "Draft"
        ]
        by_day = merge(*orders, key=lambda bill: bill.day)
        return list(islice(by_day, self._size("Invoices")))

    @cached_property
    def _debits(self) -> dict[tuple[str, str], int]:
        """The numbers of the invoices that are not credits, by order and day."""
        return {
            (bill.order["id"], bill.day): number
            for number, bill in enumerate(self._bills)
            if bill.credits is None
        }

    @cached_property
    def _invoices(self) -> list[Row]:
        return [self._invoice(number) for number in range(len(self._bills))]

    def _invoice(self, number: int) -> Row:
        bill = self._bills[number]
        order = bill.order
        # Credits are few, so each has every field.
        fill = self._filler("invoice", number, full=True if bill.credits else None)
        currency, rate = order["currency"], RATES[order["currency"]]
        lines = [
            self._line(number, place, order, part, fill) for place, part in enumerate(bill.parts)
        ]
        subtotal, tax, total = (
            sum((line[name] for line in lines), Decimal(0)) for name in ("subtotal", "tax", "total")
        )
        payments = self._payments_of.get(number, [])
        settled = total if payments else ZERO
        headline = {"total": total, "totalRounding": ZERO, "settled": settled}
        headline["balanced"] = total - settled
        money = _with_base({"subtotal": subtotal, "tax": tax}, rate)
        for name, amount in headline.items():
            money |= {f"{name}Amount": amount or ZERO, f"{name}BaseAmount": amount * rate or ZERO}
        status = "Draft" if bill.day > AS_OF else "Settled" if payments else "Posted"
        due = self._due(bill)
        late = max(_days(due, AS_OF), 0) if status == "Posted" else 0
        paid = self._paid[payments[-1]].day if payments else None
        return fill(
            "Invoice",
            id=self._id("invoice", number),
            invoiceNumber=f"I-{number + 1:06d}",
            status=status,
            account=order["account"],
            invoiceDate=bill.day,
            dueDate=due,
            paymentDate=paid,
            lastPaymentDate=paid,
            daysPastDue=late,
            nrOfReminders=min(late // 15, 3),
            paymentTerm=self._term(bill),
            currency=currency,
            exchangeRate=rate,
            invoiceBatchId=self._id("batch", number % self._size("InvoiceBatches")),
            invoiceLines=lines,
            invoiceType="Credit" if bill.credits else "Invoice",
            accountsReceivable=self._ledger("1510"),
            _credits=self._id("invoice", self._debits[order["id"], bill.credits])
            if bill.credits
            else None,
            **money,
        )

    def _term(self, bill: Bill) -> Row:
        return self._usual_term(int(bill.order["orderNumber"][2:]) - 1)

    def _due(self, bill: Bill) -> str:
        return after(bill.day, days=self._term(bill)["days"])

    def _line(self, invoice: int, place: int, order: Row, part: Part, fill: Filler) -> Row:
        currency, rate = order["currency"], RATES[order["currency"]]
        rate_of_tax = Decimal(25) if currency == BASE else Decimal(0)
        product, charge, subtotal, first, last = part
        tax = subtotal * rate_of_tax / 100
        amounts = {"subtotal": subtotal, "tax": tax, "total": subtotal + tax}
        amounts |= {f"{name}PreDiscount": amount for name, amount in amounts.items()}
        return fill(
            "InvoiceLine",
            id=self._id("invoice line", invoice, place),
            invoiceId=self._id("invoice", invoice),
            invoiceLineNumber=place + 1,
            productNumber=product["productNumber"],
            productName=product["name"],
            chargeDescription=charge["name"],
            chargeNumber=charge["chargeNumber"],
            charge=charge_ref(charge),
            quantity=charge["quantity"],
            unitOfMeasure=self._unit(place) if fill.full or place % 2 else None,
            price=charge["displayPrice"],
            exchangeRate=rate,
            servicePeriodStartDate=first,
            servicePeriodEndDate=last,
            orderChargeId=charge["id"],
            orderId=charge["orderId"],
            accountId=order["account"]["id"],
            chargePlanId=product["chargePlanId"],
            orderProductId=product["id"],
            accountsReceivable=self._ledger("1510"),
            deferredRevenue=self._ledger("2970"),
            recognizedRevenue=self._ledger("3000"),
            taxRate=rate_of_tax,
            **_with_base(amounts, rate),
        )

    @cached_property
    def _paid(self) -> list[_Paid]:
        """What each payment pays. Some invoices are paid in two or more parts."""
        days = (self._paid_on(number) for number in range(len(self._bills)))
        settled = sorted((day, number) for number, day in enumerate(days) if day and day <= AS_OF)
        del settled[self._size("Payments") :]
        each, more = divmod(self._size("Payments"), len(settled) or 1)
        return [
            _Paid(day, number, part == parts - 1)
            for place, (day, number) in enumerate(settled)
            for parts in [each + (place < more)]
            for part in range(parts)
        ]

    def _paid_on(self, number: int) -> str | None:
        """Most customers pay on time, some later, and very few not before the books end."""
        bill, draw = self._bills[number], self._draw("paid", number)
        days, chance = self._term(bill)["days"], self._even("paying", number)
        if bill.credits:
            return after(bill.day, days=14)  # paid back
        if chance < 0.8:
            return after(bill.day, days=draw.randrange(days * 3 // 4, days + 1))
        if chance < 0.92:
            return after(bill.day, days=days + draw.randrange(1, 31))
        if chance < 0.98 or _days(bill.day, AS_OF) > 250:
            return after(bill.day, days=days + draw.randrange(31, 85))
        return None

    @cached_property
    def _payments_of(self) -> dict[int, list[int]]:
        """The numbers of the payments that settle an invoice, by its number."""
        found: dict[int, list[int]] = {}
        for payment, paid in enumerate(self._paid):
            found.setdefault(paid.invoice, []).append(payment)
        return found

    @cached_property
    def _payments(self) -> list[Row]:
        return [self._payment(number) for number in range(len(self._paid))]

    def _payment(self, number: int) -> Row:
        fill = self._filler("payment", number)
        paid = self._paid[number]
        invoice = self._invoices[paid.invoice]
        tenth = invoice["totalAmount"] / 10
        earlier = tenth * (len(self._payments_of[paid.invoice]) - 1)
        share = invoice["totalAmount"] - earlier if paid.is_last else tenth
        parts = [share / 2, share / 2] if number % 4 == 1 else [share]
        settlements = [
            self._settlement(number, place, part, invoice, fill) for place, part in enumerate(parts)
        ]
        written_off = []
        if fill.full or number % 6 == 0:
            written_off = [self._write_off(("payment", number), Decimal("0.5"), invoice, fill)]
        return fill(
            "Payment",
            id=self._id("payment", number),
            payerName=invoice["account"]["name"],
            paymentDate=paid.day,
            amount=self._sum("amount", settlements, invoice["currency"]),
            bankFeeAmount=self._money(Decimal(number % 3), invoice["currency"]),
            exchangeRate=invoice["exchangeRate"],
            paymentAccount=self._ledger("1930"),
            BankFeeAccount=self._ledger("6570") if fill.full or number % 3 else None,
            paymentBatchId=self._id("payment batch", number // 10),
            paymentBatchNumber=f"PB-{number // 10 + 1:04d}",
            paymentSettlements=settlements,
            paymentWriteOffs=written_off,
        )

    def _settlement(
        self, payment: int, place: int, amount: Decimal, invoice: Row, fill: Filler
    ) -> Row:
        off = []
        if fill.full or payment % 5 == 2:
            key = ("settlement", payment, place)
            off = [self._write_off(key, Decimal("0.01"), invoice, fill)]
        shared = "id account invoiceNumber status invoiceDate dueDate currency"
        shared += " subtotal tax totalAmount settledAmount"
        return fill(
            "PaymentSettlement",
            amount=self._money(amount, invoice["currency"]),
            invoice=fill("PaymentSettlementInvoice", **picked(invoice, shared)),
            writeOffs=off,
            _modified=moment(fill.draw),
        )

    def _write_off(
        self, key: tuple[object, ...], amount: Decimal, invoice: Row, fill: Filler
    ) -> Row:
        return fill(
            "WriteOff",
            id=self._id("write off", *key),
            amount=self._money(amount, invoice["currency"]),
            financialAccount=self._ledger("3740"),
            _modified=moment(fill.draw),
        )

    @cached_property
    def _batches(self) -> list[Row]:
        size = self._size("InvoiceBatches")

        def invoices(number: int) -> list[Row]:
            return [_invoice_ref(invoice) for invoice in self._invoices[number::size]]

        def log(number: int) -> list[Row]:
            return [
                self._filler(f"batch log {place}", number)(
                    "InvoiceBatchLog",
                    entityId=invoice["id"],
                    reference=invoice["invoiceNumber"],
                    entityName="Invoice",
                )
                for place, invoice in enumerate(self._invoices[number::size][:2])
            ]

        return self._simple(
            "InvoiceBatches",
            "batch",
            batchNumber=lambda number: f"IB-{number + 1:05d}",
            batchGroups=lambda number: [self._batch_group(number)["code"]],
            invoices=invoices,
            batchLog=log,
        )

    @cached_property
    def _attachments(self) -> list[Row]:
        def invoice(number: int) -> Row:
            return self._invoices[number % len(self._invoices)]

        def url(number: int) -> str:
            return f"https://files.example.com/{self._id('file', number)}?sig=made-up"

        return self._simple(
            "Invoices/PostedInvoiceDocumentAttachments",
            "attachment",
            invoiceId=lambda number: invoice(number)["id"],
            name=lambda number: f"{invoice(number)['invoiceNumber']}.pdf",
            fileURL=lambda number: url(number) if number % 9 != 5 else None,
        )


def _days(first: str, last: str) -> int:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).days


def _invoice_ref(invoice: Row) -> Row:
    names = "invoiceNumber status invoiceDate currency subtotal totalAmount id"
    return picked(invoice, names + " externalERPId externalCRMId")


def _with_base(amounts: dict[str, Decimal], rate: Decimal) -> dict[str, Decimal]:
    """The amounts, each followed by the same in the entity's own currency."""
    both: dict[str, Decimal] = {}
    for name, amount in amounts.items():
        both |= {name: amount or ZERO, f"{name}BaseAmount": amount * rate or ZERO}
    return both
