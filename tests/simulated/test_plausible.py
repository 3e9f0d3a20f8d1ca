"""The fictional companies' figures look like those of companies."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from measures import ENTITIES, LAST, MONTHS, Figures, day

from simulator.companies import Company, counts
from simulator.companies.base import AS_OF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LATER = MONTHS[12:]
"""When there are enough customers for the law of large numbers."""


@pytest.fixture(scope="module", params=ENTITIES)
def figures(request: pytest.FixtureRequest) -> Iterator[Figures]:
    with localcontext(prec=60):
        yield Figures(request.param, 50)


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(prec=60):
        yield


def share(rows: list[Any], counts_: Callable[[Any], bool]) -> float:
    return sum(map(counts_, rows)) / len(rows)


def test_the_books_end_on_the_last_day_of_a_year() -> None:
    assert day(AS_OF) == LAST


def test_revenue_grows(figures: Figures) -> None:
    for earlier, later in pairwise(MONTHS[11::12]):
        assert 1.2 < figures.total(later) / figures.total(earlier) < 4


def test_recognized_revenue_follows_mrr(figures: Figures) -> None:
    for before, month in pairwise([MONTHS[11], *LATER]):
        # A charge that starts within the month is in its MRR, but not for all days.
        mean = (figures.total(before) + figures.total(month)) / 2
        assert float(figures.recognized(before, month) / mean) == pytest.approx(1, abs=0.15)
    year = figures.recognized(MONTHS[-13], LAST)
    assert float(year / sum(map(figures.total, MONTHS[-12:]))) == pytest.approx(1, abs=0.05)


def test_deferred_revenue_stays_a_few_months_of_mrr(figures: Figures) -> None:
    assert all(2 < figures.deferred(month) / figures.total(month) < 9 for month in LATER)


def test_each_charge_is_invoiced_for_each_day_once(figures: Figures) -> None:
    """A credit takes back the days after the end of a charge."""
    billed: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for invoice in figures.posted:
        for line in invoice["invoiceLines"]:
            if "servicePeriodStartDate" in line:
                first, last = (day(line[f"servicePeriod{it}Date"]) for it in ("Start", "End"))
                theirs = billed[line["orderChargeId"]]
                if invoice["invoiceType"] == "Credit":
                    assert theirs[-1][1] == last
                    theirs[-1] = (theirs[-1][0], first - timedelta(1))
                else:
                    theirs.append((first, last))
    started = 0
    for _, charge in figures.charges:
        if day(charge["effectiveStartDate"]) <= LAST:
            periods = sorted(billed[charge["id"]])
            assert periods[0][0] == day(charge["effectiveStartDate"])
            assert all(a[1] + timedelta(1) == b[0] for a, b in pairwise(periods))
            assert periods[-1][1] + timedelta(1) == day(charge["chargedThroughDate"])
            assert periods[-1][1] >= min(LAST, day(charge.get("effectiveEndDate", AS_OF)))
            started += 1
    assert started > 100


def test_a_service_period_is_invoiced_in_advance(figures: Figures) -> None:
    advance = [first >= on for on, first, _, _ in figures.invoiced]
    assert sum(advance) / len(advance) > 0.85  # the others are for usage


def test_credit_notes_are_few_and_follow_what_they_credit(figures: Figures) -> None:
    credits_ = [it for it in figures.posted if it["invoiceType"] == "Credit"]
    assert 0.01 < len(credits_) / len(figures.posted) < 0.04
    by_id = {it["id"]: it for it in figures.debits}
    for credit in credits_:
        debit = by_id[credit["_credits"]]
        assert 0 < -credit["totalAmount"] <= debit["totalAmount"]
        assert credit["invoiceDate"] > debit["invoiceDate"]
        assert credit["account"] == debit["account"]


def days_late(invoice: dict[str, Any]) -> int:
    return (day(invoice["paymentDate"]) - day(invoice["dueDate"])).days


def test_most_invoices_are_paid_on_time(figures: Figures) -> None:
    paid = [it for it in figures.debits if it["status"] == "Settled"]
    assert 0.7 < share(paid, lambda it: days_late(it) <= 0) < 0.95
    assert share(paid, lambda it: days_late(it) > 30) < 0.1
    assert all(it["invoiceDate"] <= it["paymentDate"] <= AS_OF for it in paid)


def test_what_is_open_is_mostly_not_due(figures: Figures) -> None:
    is_open = [it for it in figures.posted if it["balancedAmount"]]
    assert all(it["status"] == "Posted" for it in is_open)
    total = sum(amount for _, amount in figures.open)
    assert sum(amount for days, amount in figures.open if days <= 0) > total * Decimal("0.6")
    assert sum(amount for days, amount in figures.open if days > 90) < total * Decimal("0.1")
    assert 0.3 < total / figures.total(LAST) < 3


def test_drafts_are_of_the_next_months(figures: Figures) -> None:
    drafts = [it for it in figures.rows["Invoices"] if it["status"] == "Draft"]
    assert 0 < len(drafts) < 0.1 * len(figures.posted)
    assert all(AS_OF < it["invoiceDate"] < "2026-07" for it in drafts)


def test_revenue_moves_in_all_ways(figures: Figures) -> None:
    last = figures.movements[LAST.year]
    before = figures.total(MONTHS[-13])
    assert set(last) == {"new", "expansion", "reactivation", "contraction", "churn"}
    assert all(0.01 < abs(amount) / before < 0.7 for amount in last.values())
    every = (amount for year in figures.movements.values() for amount in year.values())
    assert sum(every) == figures.total(LAST)


def test_bookings_sum_up_to_mrr(figures: Figures) -> None:
    bookings = figures.rows["Bookings"]
    assert sum(it["cmrr"]["amountInBaseCurrency"] for it in bookings) == figures.total(LAST)
    assert {it["bookingType"] for it in bookings} == {"New", "Change", "Churn"}
    assert all(it["effectiveDate"] <= AS_OF for it in bookings)


def test_a_cancellation_is_registered_before_the_last_day(figures: Figures) -> None:
    cancelled = [it for it in figures.rows["Subscriptions"] if it["status"] == "Cancelled"]
    assert all(it["cancellationDate"] < it["effectiveEndDate"] for it in cancelled)
    assert cancelled


def test_a_customer_has_one_name_in_all_legal_entities() -> None:
    names = [
        {
            row["accountNumber"]: row["name"]
            for row in Company(1, name, 0, counts(50)).rows("Accounts")
        }
        for name in ENTITIES
    ]
    assert names[0] == names[1]
    assert len(set(names[0].values())) == 50
