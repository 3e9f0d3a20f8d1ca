"""The books: journals with vouchers whose debits equal their credits."""

# ruff: noqa: PLR2004 - made-up data is full of made-up numbers

from __future__ import annotations

from calendar import monthrange
from functools import cached_property
from typing import Final

from simulator.companies.base import ZERO
from simulator.companies.billing import Billing
from simulator.filling import Filler, Row, moment

_KINDS: Final = ("Invoice", "Payment", "RevenueRecognition", "Payout", "Order")


class Books(Billing):
    """Journals and journal details."""

    @cached_property
    def _journals(self) -> list[Row]:
        return [self._journal(number) for number in range(self._size("Journals"))]

    def _journal(self, number: int) -> Row:
        size = self._size("Journals")
        kind = _KINDS[number % len(_KINDS)]
        fill = self._filler("journal", number)
        sources = (
            self._payments[number::size]
            if kind in {"Payment", "Payout"}
            else self._invoices[number::size]
        )
        vouchers = [
            self._voucher(f"{number + 1}-{place + 1}", kind, source, fill)
            for place, source in enumerate(sources)
        ]
        return fill("Journal", **self._journal_head(number), vouchers=vouchers)

    def _journal_head(self, number: int) -> Row:
        """The fields that a journal and its details row share."""
        fill = self._filler("journal head", number)
        year, month = 2022 + number // 12 % 5, number % 12 + 1
        period = fill(
            "AccountingPeriod",
            fiscalYear=year,
            fiscalPeriod=month,
            fiscalQuarter=(month + 2) // 3,
            calendarYear=year,
            calendarMonth=month,
            startDate=f"{year}-{month:02d}-01T00:00:00",
            endDate=f"{year}-{month:02d}-{monthrange(year, month)[1]}T00:00:00",
        )
        created = moment(fill.draw)
        return {
            "id": self._id("journal", number),
            "journalNumber": f"J-{number + 1:05d}",
            "accountingPeriod": period,
            "journalType": _KINDS[number % len(_KINDS)],
            "posted": number % 4 != 3,
            "created": created,
            "modified": moment(fill.draw, created),
        }

    @cached_property
    def _journal_details(self) -> list[Row]:
        return [
            self._filler("journal details", number)(
                "JournalDetails",
                **self._journal_head(number),
            )
            for number in range(self._size("Journals/JournalDetails"))
        ]

    def _voucher(self, number: str, kind: str, source: Row, fill: Filler) -> Row:
        rate = source["exchangeRate"]
        known: Row = {"transactionNumber": f"V-{number}"}
        if kind in {"Payment", "Payout"}:
            paid = source["amount"]["amount"]
            invoice = source["paymentSettlements"][0]["invoice"]
            entries = [("1930", paid), ("1510", -paid)]
            known |= {
                "effectiveDate": source["paymentDate"],
                "paymentId": source["id"],
                "source": kind,
            }
        else:
            invoice = source
            line = invoice["invoiceLines"][0]
            known |= {
                "effectiveDate": invoice["invoiceDate"],
                "source": {"Invoice": "Invoicing"}.get(kind, kind),
                "orderChargeNumber": line["chargeNumber"],
                "orderChargeId": line["orderChargeId"],
                "invoiceLineId": line["id"],
            }
            entries = [
                ("1510", invoice["totalAmount"]),
                ("2970", -invoice["subtotal"]),
                ("2611", -invoice["tax"]),
            ]
            if kind == "RevenueRecognition":
                entries = [("2970", invoice["subtotal"]), ("3000", -invoice["subtotal"])]
        transactions = [
            fill(
                "Transaction",
                account=account,
                debitAmount=max(amount * rate, ZERO),
                creditAmount=max(-amount * rate, ZERO),
                salesCurrencyDebitAmount=max(amount, ZERO),
                salesCurrencyCreditAmount=max(-amount, ZERO),
                salesCurrency=invoice["currency"],
                exchangeRate=rate,
            )
            for account, amount in entries
        ]
        return fill(
            "Voucher",
            invoiceNumber=invoice["invoiceNumber"],
            invoiceId=invoice["id"],
            invoiceAccountId=invoice["account"]["id"],
            transactions=transactions,
            **known,
        )
