"""Custom fields: a tenant's configuration, and values of each type at every level."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from simulator.filling import Row, date, identifier
from simulator.shapes import CHOICES

if TYPE_CHECKING:
    from random import Random

_LEVEL: Final = {
    "Account": "Account",
    "Subscription": "Order",
    "SalesOrder": "Order",
    "OrderProduct": "OrderProduct",
    "OrderProductCharge": "OrderProductCharge",
    "Product": "Product",
    "SimpleProduct": "Product",
    "ChargePlan": "ChargePlan",
    "Charge": "Charge",
    "Quote": "Quote",
    "QuoteProduct": "QuoteProduct",
    "QuoteCharge": "QuoteProductCharge",
    "Invoice": "Invoice",
    "InvoiceLine": "InvoiceLine",
    "Transaction": "Posting",
    "TransactionAccount": "Account",
    "TransactionInvoice": "Invoice",
    "Measurement": "Measurement",
    "Usage": "Usage",
    "Country": "Country",
}
_KEYS: Final = {
    "Text": "segment",
    "Integer": "seats",
    "Checkbox": "strategic",
    "Amount": "budget",
    "Date": "goLive",
    "Entity": "owner",
    "Enum": "tier",
    "List": "regionÅÄÖ",
    "DecimalNumber": "weight",
}
_TEXTS: Final = ("Väst", "enterprise", "日本", 'a "quoted" word', "two\nlines", "🚀")
#: Values that do not fit the configured type, as if it had been changed later.
_MISFITS: Final[dict[str, tuple[Any, ...]]] = {
    "Text": (17, True),
    "Integer": ("12", "about ten", Decimal("2.5")),
    "Checkbox": ("true", "yes", 1),
    "Amount": ("1234.50", "n/a"),
    "Date": ("soon", 20250131),
    "Entity": ("nobody", 5),
    "Enum": (3,),
    "List": (["Väst", "Öst"],),
    "DecimalNumber": ("0.125", "light"),
}

# How often an object has no custom fields, a key is absent, a value does not fit.
_NONE_AT_ALL: Final = 0.5
_ABSENT: Final = 0.3
_MISFIT: Final = 0.04


class CustomFields:
    """The configuration of one legal entity.

    `count` configurations are made: each of the nine types on each of the 17 levels first, then
    further keys. With `other_types` the key `weight` is a Text, as two entities may well differ.
    """

    kinds: ClassVar = len(CHOICES["CustomFieldType"]) * len(CHOICES["CustomFieldEntity"])

    def __init__(self, legal_entity: str, count: int, *, other_types: bool) -> None:
        self.configurations: list[Row] = []
        self._by_level: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        types, levels = CHOICES["CustomFieldType"], CHOICES["CustomFieldEntity"]
        for number in range(count):
            row = self._configure(
                legal_entity,
                number,
                types[number // len(levels) % len(types)],
                levels[number % len(levels)],
                other_types=other_types,
            )
            self.configurations.append(row)
            self._by_level[row["entity"]].append((row["key"], row["fieldType"]))

    def _configure(
        self, legal_entity: str, number: int, kind: str, level: str, *, other_types: bool
    ) -> Row:
        turn = number // self.kinds
        key = _KEYS[kind] + (str(turn + 1) if turn else "")
        if other_types and kind == "DecimalNumber":
            kind = "Text"
        row: Row = {
            "id": identifier(legal_entity, "custom field", number),
            "key": key,
            "name": f"{key.capitalize()} ({level})",
            "fieldType": kind,
            "entity": level,
        }
        if kind in {"Enum", "List"} or number == 0:
            row["list"] = "Väst;Öst;Norr"
            row["defaultValue"] = "Väst"
        if kind == "Entity" or number == 0:
            row["typeEntity"] = "User"
            row["entityObject"] = "User"
        return row

    def values(self, shape: str, draw: Random, *, full: bool) -> Row:
        """`customFields` for an object of `shape`: every key, some, or `{}`."""
        if not full and draw.random() < _NONE_AT_ALL:
            return {}
        return {
            key: self._value(kind, draw)
            for key, kind in self._by_level[_LEVEL[shape]]
            if full or draw.random() > _ABSENT
        }

    def _value(self, kind: str, draw: Random) -> Any:  # noqa: PLR0911 - one line per type
        if draw.random() < _MISFIT:
            return draw.choice(_MISFITS[kind])
        match kind:
            case "Integer":
                return draw.randrange(-5, 10_000)
            case "Checkbox":
                return draw.choice((True, False))
            case "Amount":
                return Decimal(draw.randrange(10**9)) / 100
            case "Date":
                return date(draw)
            case "Entity":
                return identifier("owner", draw.randrange(50))
            case "DecimalNumber":
                return Decimal(draw.randrange(10**20)).scaleb(-19)
            case "Enum" | "List":
                return draw.choice(("Väst", "Öst", "Norr"))
            case _:
                return draw.choice(_TEXTS)
