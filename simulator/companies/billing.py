"""Invoices and payments: amounts add up from lines to invoices to payments."""

# ruff: noqa: PLR2004 - made-up data is full of made-up numbers

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Final

from simulator.companies.base import BASE, RATES, ZERO
from simulator.companies.orders import Orders, charge_ref, charges
from simulator.filling import Filler, Row, after, moment, picked

_QUARTER: Final = 3


class Billing(Orders):
    """Invoices, batches, attachments and payments."""

    @cached_property
    def _invoices(self) -> list[Row]:
        return [self._invoice(number) for number in range(self._size("Invoices"))]

    def _is_credit(self, number: int) -> bool:
        return number % 4 == 3

    def _invoiced_order(self, number: int) -> Row:
        """The order of an invoice; a credit has that of the previous invoice."""
        debit = number - 1 if self._is_credit(number) else number
        return self._subscriptions[debit % len(self._subscriptions)]

    def _period(self, number: int) -> tuple[str, str]:
        """The first and last day that an invoice is for: an order's next quarter."""
        debit = number - 1 if self._is_credit(number) else number
        nth = debit // len(self._subscriptions)
        first = after(self._invoiced_order(number)["effectiveStartDate"], _QUARTER * nth)
        return first, after(first, _QUARTER, days=-1)

    def _invoice(self, number: int) -> Row:
        fill = self._filler("invoice", number)
        order = self._invoiced_order(number)
        currency, rate = order["currency"], RATES[order["currency"]]
        lines = [
            self._line(number, place, order, product, charge, fill)
            for place, (product, charge) in enumerate(charges(order))
        ]
        subtotal, tax, total = (
            sum((line[name] for line in lines), Decimal(0)) for name in ("subtotal", "tax", "total")
        )
        settled = total if self._payments_of(number) else ZERO
        headline = {"total": total, "totalRounding": ZERO, "settled": settled}
        headline["balanced"] = total - settled
        money = _with_base({"subtotal": subtotal, "tax": tax}, rate)
        for name, amount in headline.items():
            money |= {f"{name}Amount": amount or ZERO, f"{name}BaseAmount": amount * rate or ZERO}
        invoiced, _ = self._period(number)
        term = self._payment_term(number)
        return fill(
            "Invoice",
            id=self._id("invoice", number),
            invoiceNumber=f"I-{number + 1:06d}",
            status="Settled" if settled else ("Posted", "Posted", "Draft")[number % 3],
            account=order["account"],
            invoiceDate=invoiced,
            dueDate=after(invoiced, days=term["days"]),
            paymentTerm=term,
            currency=currency,
            exchangeRate=rate,
            invoiceBatchId=self._id("batch", number % self._size("InvoiceBatches")),
            invoiceLines=lines,
            invoiceType="Credit" if self._is_credit(number) else "Invoice",
            accountsReceivable=self._ledger("1510"),
            **money,
        )

    def _line(
        self, invoice: int, place: int, order: Row, product: Row, charge: Row, fill: Filler
    ) -> Row:
        """One charge invoiced for a quarter, or once."""
        currency, rate = order["currency"], RATES[order["currency"]]
        rate_of_tax = Decimal(25) if currency == BASE else Decimal(0)
        recurs = charge["chargeType"] == "Recurring"
        subtotal = (
            charge["cmrr"]["amount"] * _QUARTER
            if recurs
            else charge["displayPrice"] * charge["quantity"]
        )
        first, last = self._period(invoice) if recurs else (None, None)
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

    def _payments_of(self, invoice: int) -> range:
        """The numbers of the payments that settle an invoice."""
        return range(invoice, self._size("Payments"), self._size("Invoices"))

    @cached_property
    def _payments(self) -> list[Row]:
        return [self._payment(number) for number in range(self._size("Payments"))]

    def _payment(self, number: int) -> Row:
        fill = self._filler("payment", number)
        invoice_number = number % self._size("Invoices")
        invoice = self._invoices[invoice_number]
        theirs = self._payments_of(invoice_number)
        tenth = invoice["totalAmount"] / 10
        earlier = tenth * (len(theirs) - 1)
        share = tenth if number != theirs[-1] else invoice["totalAmount"] - earlier
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


def _invoice_ref(invoice: Row) -> Row:
    names = "invoiceNumber status invoiceDate currency subtotal totalAmount id"
    return picked(invoice, names + " externalERPId externalCRMId")


def _with_base(amounts: dict[str, Decimal], rate: Decimal) -> dict[str, Decimal]:
    """The amounts, each followed by the same in the entity's own currency."""
    both: dict[str, Decimal] = {}
    for name, amount in amounts.items():
        both |= {name: amount or ZERO, f"{name}BaseAmount": amount * rate or ZERO}
    return both
