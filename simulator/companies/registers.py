"""The registers that other records refer to, and the users."""

# ruff: noqa: PLR2004 - made-up data is full of made-up numbers

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Final

from simulator.companies.base import BASE, CURRENCIES, RATES, Base

if TYPE_CHECKING:
    from simulator.filling import Row

_COUNTRIES: Final = (
    ("Sweden", "SE", "SWE"),
    ("Åland Islands", "AX", "ALA"),
    ("Poland", "PL", "POL"),
    ("Japan", "JP", "JPN"),
    ("Côte d'Ivoire", "CI", "CIV"),
    ("Curaçao", "CW", "CUW"),
    ("Türkiye", "TR", "TUR"),
    ("United States of America", "US", "USA"),
)
_LEDGER: Final = (
    ("1510", "Accounts receivable"),
    ("1930", "Bank"),
    ("2611", "Output tax 25 %"),
    ("2970", "Deferred revenue"),
    ("3000", "Revenue"),
    ("3740", "Öresavrundning"),
    ("6570", "Bank fees"),
)
_REPORTS: Final = (
    (
        "Customers",
        "Account",
        ("id", "accountNumber", "name", "currencyCode", "inactive", "created"),
    ),
    ("Öppna fakturor", "Invoice", ("invoiceNumber", "invoiceDate", "totalAmount", "daysPastDue")),
    ("MRR by customer", "Subscription", ("id", "orderNumber", "version", "cmrr", "modified")),
    ("Usage / month", "Usage", ("id", "quantity", "fromDate", "processed")),
    ("Payments", "Payment", ("id", "paymentDate", "amount", "reference")),
)


class Registers(Base):
    """Chart of accounts, countries, currencies, terms, templates, units, users, webhooks."""

    def _ledger(self, code: str) -> Row:
        number = [known for known, _ in _LEDGER].index(code)
        return self._filler("ledger", number, full=True)(
            "FinancialAccount",
            id=self._id("ledger", number),
            code=code,
            name=_LEDGER[number][1],
        )

    @cached_property
    def _chart(self) -> list[Row]:
        size = self._size("ChartOfAccounts")
        rows = [self._ledger(code) for code, _ in _LEDGER[:size]]
        for number in range(len(rows), size):
            row_id, code = self._id("ledger", number), str(4000 + number)
            fill = self._filler("ledger", number)
            rows.append(fill("FinancialAccount", id=row_id, code=code, name=f"Konto {code}"))
        return rows

    @cached_property
    def _countries(self) -> list[Row]:
        def country(number: int) -> tuple[str, str, str]:
            if number < len(_COUNTRIES):
                return _COUNTRIES[number]
            first, second = divmod(number, 26)
            code = chr(65 + first % 26) + chr(65 + second)
            return f"Territory {number}", code, f"X{code}"

        return self._simple(
            "Countries",
            "country",
            name=lambda number: country(number)[0],
            twoAlphaCode=lambda number: country(number)[1],
            threeAlphaCode=lambda number: country(number)[2],
        )

    @cached_property
    def _currencies(self) -> list[Row]:
        def code(number: int) -> str:
            return CURRENCIES[number] if number < len(CURRENCIES) else f"X{number:03d}"

        return self._simple("Currency", "currency", code=code)

    @cached_property
    def _exchange_rates(self) -> list[Row]:
        foreign = CURRENCIES[1:]

        def since(number: int) -> str:
            month = number // len(foreign)
            return f"{2022 + month // 12}-{month % 12 + 1:02d}-01T00:00:00"

        return self._simple(
            "ExchangeRate",
            "exchange rate",
            fromCurrency=lambda number: foreign[number % len(foreign)],
            toCurrency=lambda _: BASE,
            rate=lambda number: RATES[foreign[number % len(foreign)]],
            effectiveFromDate=since,
        )

    @cached_property
    def _payment_terms(self) -> list[Row]:
        return self._simple("PaymentTerms", "payment term", **self._term_facts)

    @property
    def _term_facts(self) -> Row:
        days = (30, 14, 10, 45, 60, 90)
        return {
            "days": lambda number: days[number % len(days)],
            "name": lambda number: (
                f"{days[number % len(days)]}" + ("" if number < 6 else f" ({number})")
            ),
        }

    def _payment_term(self, order: int) -> Row:
        number = order % self._size("PaymentTerms")
        facts = {name: make(number) for name, make in self._term_facts.items()}
        return {"id": self._id("payment term", number), **facts}

    def _usual_term(self, order: int) -> Row:
        """The payment term of an order: most have the first, which is 30 days."""
        return self._payment_term((0, 0, 1, 0, 0, 0, 3, 0)[order % 8])

    @cached_property
    def _batch_groups(self) -> list[Row]:
        return [self._batch_group(number) for number in range(self._size("InvoiceBatchGroups"))]

    def _batch_group(self, order: int) -> Row:
        number = order % self._size("InvoiceBatchGroups")
        return {
            "id": self._id("batch group", number),
            "code": f"BG-{number + 1}",
            "description": f"Körning {number + 1}",
        }

    @cached_property
    def _document_templates(self) -> list[Row]:
        return self._simple("DocumentTemplate", "document template")

    @cached_property
    def _tax_templates(self) -> list[Row]:
        def details(number: int) -> list[Row]:
            template = self._id("tax template", number)
            rows = []
            for place in range(1 + number % 3):
                country = self._countries[(number + place) % len(self._countries)]
                category = self._id("tax category", place)
                fill = self._filler(f"tax detail {place}", number)
                rows.append(
                    fill(
                        "TaxTemplateDetails",
                        id=self._id("tax detail", number, place),
                        taxTemplateId=template,
                        country=country,
                        countryId=country["id"],
                        taxCategoryId=category,
                        taxCategory=fill("TaxCategory", id=category),
                        tax1=Decimal("25.0"),
                    )
                )
            return rows

        names = ("Standard", "Export", "Omvänd skattskyldighet")
        return self._simple(
            "TaxTemplates",
            "tax template",
            name=lambda number: names[number] if number < len(names) else f"Template {number}",
            taxAccount=lambda _: self._ledger("2611"),
            taxAccountId=lambda _: self._id("ledger", 2),
            details=details,
        )

    @cached_property
    def _units(self) -> list[Row]:
        return [self._unit(number) for number in range(self._size("UnitOfMeasurements"))]

    def _unit(self, order: int) -> Row:
        number = order % self._size("UnitOfMeasurements")
        known = ("pcs", "h", "GB", "km²", "seat", "個")
        code = known[number] if number < len(known) else f"u{number}"
        return {
            "id": self._id("unit", number),
            "unitCode": code,
            "name": f"Unit {code}",
            "displayName": f"{code}.",
        }

    @cached_property
    def _features(self) -> list[Row]:
        return [self._feature(number) for number in range(self._size("Products/productFeatures"))]

    def _feature(self, order: int) -> Row:
        number = order % self._size("Products/productFeatures")
        feature = {"code": f"F-{number + 1:03d}", "description": f"Funktion №{number + 1}"}
        return feature if number % 5 != 1 else {"code": feature["code"]}

    @cached_property
    def _roles(self) -> list[Row]:
        def permissions(number: int) -> list[Row]:
            areas = ("Account", "Order", "Invoice", "Product", "User")[: 1 + number % 5]
            return [
                {"name": f"{area} View", "description": f"May see {area}", "group": area}
                for area in areas
            ]

        return self._simple(
            "Users/roles", "role", name=lambda number: f"Role {number + 1}", permissions=permissions
        )

    @cached_property
    def _users(self) -> list[Row]:
        def roles(number: int) -> list[Row]:
            role = self._roles[number % len(self._roles)]
            kept = {key: role[key] for key in ("id", "name", "description") if key in role}
            return [
                {"legalEntityId": entity_id, "legalEntityName": name} | kept
                for entity_id, name in self._tenant
            ]

        return self._simple("Users", "user", roles=roles)

    @cached_property
    def _webhooks(self) -> list[Row]:
        events = ("invoice.posted", "subscription.changed", "account.created")
        return self._simple(
            "Webhooks",
            "webhook",
            events=lambda number: list(events[: 1 + number % 3]),
            token=lambda number: f"webhook-token-{self._id('webhook token', number)}",
            url=lambda number: f"https://hooks.example.com/{number}",
        )

    @cached_property
    def _reports(self) -> list[Row]:
        def report(number: int) -> tuple[str, str, tuple[str, ...]]:
            return _REPORTS[number % len(_REPORTS)]

        return self._simple(
            "Reports",
            "report",
            name=lambda number: report(number)[0] + ("" if number < 5 else f" {number}"),
            entityName=lambda number: report(number)[1],
            fields=lambda number: list(report(number)[2]),
        )

    @cached_property
    def _custom_fields(self) -> list[Row]:
        return self._fields.configurations
