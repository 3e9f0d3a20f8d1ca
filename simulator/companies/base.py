"""What all collections of a company use: ids, random values, money."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any, Final

from simulator.catalog import COLLECTIONS
from simulator.custom_fields import CustomFields
from simulator.filling import Filler, Row, identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

BASE: Final = "SEK"
RATES: Final = {
    "SEK": Decimal(1),
    "EUR": Decimal("10.8338"),
    "USD": Decimal("9.87"),
    "GBP": Decimal("12.5104"),
    "PLN": Decimal("2.4971"),
    "JPY": Decimal("0.0689"),
    "NOK": Decimal("0.9312"),
    "DKK": Decimal("1.4527"),
}
CURRENCIES: Final = tuple(RATES)
#: The day on which the companies' books end: what is later is planned, and nothing is paid later.
AS_OF: Final = "2025-12-31T00:00:00"
MONEY: Final = ("cmrr", "acv", "emrr", "oneTimeFees", "tcv")
ZERO: Final = Decimal("0.0")
_GOLDEN: Final = 0.618034  # its multiples spread most evenly


class Base:
    """One legal entity.

    Args:
        seed: of all its data.
        name: its name.
        position: its position among the tenant's legal entities.
        sizes: how many rows each collection has.
        tenant: the names of all the tenant's legal entities, in which its users have roles.
    """

    def __init__(
        self,
        seed: int,
        name: str,
        position: int,
        sizes: dict[str, int],
        tenant: Sequence[str] = (),
    ) -> None:
        self.name = name
        self._seed = seed
        self.id = identifier(seed, "legal entity", position, name)
        self._tenant = [
            (identifier(seed, "legal entity", number, each), each)
            for number, each in enumerate(tenant)
        ] or [(self.id, name)]
        self._sizes = sizes
        self._fields = CustomFields(
            self.id, sizes["CustomFieldConfigurations"], other_types=position % 2 == 1
        )

    def _size(self, collection: str) -> int:
        return self._sizes[collection]

    def _id(self, kind: str, *parts: object) -> str:
        return identifier(self.id, kind, *parts)

    def _draw(self, kind: str, number: int) -> Random:
        return Random(f"{self.id}/{kind}/{number}")  # noqa: S311 - made-up data

    def _draw_for_tenant(self, kind: str, number: int) -> Random:
        """Chance that is the same in each legal entity."""
        return Random(f"{self._seed}/{kind}/{number}")  # noqa: S311 - made-up data

    def _even(self, kind: str, number: int) -> float:
        """A share from 0 to 1 that the numbers spread evenly, however many there are."""
        return (self._draw(kind, 0).random() + number * _GOLDEN) % 1

    def _filler(self, kind: str, number: int, *, full: bool | None = None) -> Filler:
        """Creates the objects of one row; the first row of each kind has every field."""
        full = number == 0 if full is None else full
        return Filler(self._fields.values, self._draw(kind, number), full=full)

    def _simple(self, collection: str, kind: str, **known: Any) -> list[Row]:
        """A collection without sums: `known` maps a field to a function of the number."""
        shape = COLLECTIONS[collection].shape
        rows = []
        for number in range(self._size(collection)):
            decided = {name: make(number) for name, make in known.items()}
            if COLLECTIONS[collection].key == "id":
                decided["id"] = self._id(kind, number)
            rows.append(self._filler(kind, number)(shape, **decided))
        return rows

    # Money

    def _money(self, amount: Decimal, currency: str) -> Row:
        return {
            "amount": amount or ZERO,
            "currencyCode": currency,
            "currencyConversionDate": "2022-01-01T00:00:00",
            "baseCurrencyAmount": amount * RATES[currency] or ZERO,
            "baseCurrencyCode": BASE,
        }

    def _sum(self, field: str, rows: list[Row], currency: str) -> Row:
        amounts = [row[field]["amount"] for row in rows]
        return self._money(sum(amounts, Decimal(0)), currency)

    def _sums(self, rows: list[Row], currency: str, fields: tuple[str, ...] = MONEY) -> Row:
        return {field: self._sum(field, rows, currency) for field in fields}
