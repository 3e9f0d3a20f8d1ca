"""Products, their charge plans and charges."""

# ruff: noqa: PLR2004 - made-up data is full of made-up numbers

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final

from simulator.companies.base import BASE, CURRENCIES, RATES
from simulator.companies.registers import Registers

if TYPE_CHECKING:
    from simulator.filling import Filler, Row

#: More digits than a double has: it must be sent digit for digit.
_LONG_PRICE: Final = Decimal("1234567890123.123456789")
_FINE_PRICE: Final = Decimal("149.123456789012345678")
#: What a recurring charge's price is for, and how many months that is.
PERIODS: Final = {"Monthly": 1, "Quarterly": 3, "Annual": 12}


class Products(Registers):
    """Products and simple products."""

    def _plans(self, product: int) -> int:
        return 1 + product % 2

    def _charges_of(self, product: int, plan: int) -> int:
        return 1 + (product + plan) % 2

    def _charge_type(self, product: int, plan: int, place: int) -> str:
        """The first charge of most plans is a subscription fee."""
        if place == 0:
            return "OneOff" if (product + plan) % 7 == 3 else "Recurring"
        return ("OneOff", "Usage", "Recurring", "Measured")[(product + plan) // 2 % 4]

    def _charge_facts(self, product: int, plan: int, place: int) -> Row:
        """The fields that a catalogue charge shares with the order charges made from it."""
        kind = self._charge_type(product, plan, place)
        return {
            "chargeType": kind,
            "pricePeriod": tuple(PERIODS)[product % 3] if kind == "Recurring" else "Monthly",
            "deferredRevenueAccount": "2970",
            "recognizedRevenueAccount": "3000",
        }

    def _list_price(self, product: int, plan: int, place: int, currency: str) -> Decimal:
        facts = self._charge_facts(product, plan, place)
        months = PERIODS[facts["pricePeriod"]]
        if product % 11 == 1:
            return _FINE_PRICE * months
        draw = self._draw("price", product * 100 + plan * 10 + place)
        # A unit of usage costs less than a month.
        most = 50 if facts["chargeType"] in {"Usage", "Measured"} else 5000
        price = Decimal(draw.randrange(most, 100 * most)) / 100 / RATES[currency]
        return price.quantize(Decimal("0.01"), ROUND_UP) * months

    @cached_property
    def _products(self) -> list[Row]:
        return [self._product(number) for number in range(self._size("Products"))]

    def _product(self, number: int) -> Row:
        fill = self._filler("product", number)
        plans = [
            fill(
                "ChargePlan",
                id=self._id("plan", number, plan),
                chargePlanNumber=f"CP-{number + 1:06d}-{plan + 1}",
                name=f"Plan {plan + 1}",
                charges=[
                    self._catalogue_charge(number, plan, place, fill)
                    for place in range(self._charges_of(number, plan))
                ],
            )
            for plan in range(self._plans(number))
        ]
        return fill(
            "Product",
            id=self._id("product", number),
            productNumber=f"P-{number + 1:06d}",
            name=self._product_name(number),
            productType=("Simple", "MultipleChargePlans", "MultipleCharges", "Full")[number % 4],
            chargePlans=plans,
            legalEntityId=self.id,
        )

    def _product_name(self, number: int) -> str:
        names = ("Tjänst", "Support & Care", 'Module "X"', "分析", "Ночь 🌙")
        return f"{names[number % len(names)]} {number + 1}"

    def _catalogue_charge(self, product: int, plan: int, place: int, fill: Filler) -> Row:
        facts = self._charge_facts(product, plan, place)
        # It is too expensive for anyone to buy it at this price.
        is_long = product % 11 == 1 and facts["chargeType"] != "Recurring"
        tiers = [
            fill(
                "PriceDetails",
                currency=currency,
                price=_LONG_PRICE if is_long else self._list_price(product, plan, place, currency),
                tier=tier,
            )
            for tier, currency in enumerate(CURRENCIES[: 1 + product % 3])
        ]
        return fill(
            "Charge",
            id=self._id("charge", product, plan, place),
            chargeNumber=f"C-{product + 1:06d}-{plan + 1}{place + 1}",
            name=f"{self._product_name(product)} fee",
            priceDetails=tiers,
            features=[self._feature(product + place)] if place == 0 else [],
            **facts,
        )

    @cached_property
    def _simple_products(self) -> list[Row]:
        def prices(number: int) -> list[Row]:
            return [
                self._filler("simple price", number)(
                    "PriceDetails",
                    currency=BASE,
                    price=Decimal(number * 50 + 100) / 4,
                )
            ]

        return self._simple(
            "SimpleProducts",
            "simple product",
            productNumber=lambda number: f"SP-{number + 1:06d}",
            name=lambda number: f"Enkel produkt {number + 1}",
            priceDetails=prices,
        )
