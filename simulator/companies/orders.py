"""Orders: accounts, subscriptions, sales orders, and what follows from them."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Final

from simulator.companies.base import CURRENCIES, MONEY, RATES, ZERO
from simulator.companies.products import PERIODS, Products
from simulator.filling import Filler, Row, after, company_name, date, picked

# Months from the start of a subscription: to its end, if it was renewed; to each next product that
# it takes; and to the end of its third product, which customers give up.
_RENEWED: Final = 72
_UNTIL_NEXT: Final = 3
_UNTIL_GIVEN_UP: Final = 18


class Orders(Products):
    """Accounts, orders, bookings, quotes, usage and measurements; amounts add up from charges."""

    def _account_number(self, number: int) -> str:
        return f"A-{number + 1:06d}"

    def _account_name(self, number: int) -> str:
        return company_name(self._draw("account name", number), number + 1)

    def _currency(self, account: int) -> str:
        return CURRENCIES[account % len(CURRENCIES)]

    def _account(self, order: int) -> Row:
        """The reference to the account that order or document number `order` belongs to."""
        number = order % self._size("Accounts")
        return {
            "name": self._account_name(number),
            "accountNumber": self._account_number(number),
            "id": self._id("account", number),
            "externalERPId": f"erp-{number}",
            "externalCRMId": f"crm-{number}",
        }

    @cached_property
    def _accounts(self) -> list[Row]:
        theirs: list[list[Row]] = [[] for _ in range(self._size("Accounts"))]
        for number, subscription in enumerate(self._subscriptions):
            theirs[number % len(theirs)].append(subscription)
        rows = []
        for number, subscriptions in enumerate(theirs):
            fill = self._filler("account", number)
            addresses = [
                fill("Address", id=self._id("address", number, place))
                for place in range(1 + number % 3)
            ]
            row = fill(
                "Account",
                id=self._id("account", number),
                accountNumber=self._account_number(number),
                name=self._account_name(number),
                currencyCode=self._currency(number),
                parentAccountId=self._id("account", number // 2) if number % 7 == 0 else None,
                invoiceBatchGroupId=self._batch_group(number)["id"],
                defaultInvoiceAddress=addresses[0],
                defaultDeliveryAddress=addresses[-1],
                addresses=addresses,
                **self._sums(subscriptions, self._currency(number)),
            )
            rows.append(row)
        return rows

    @cached_property
    def _subscriptions(self) -> list[Row]:
        size = self._size("Subscriptions")
        return [self._order("Subscription", number) for number in range(size)]

    @cached_property
    def _sales_orders(self) -> list[Row]:
        return [self._order("SalesOrder", number) for number in range(self._size("SalesOrders"))]

    def _order_facts(self, kind: str, number: int, starts: str, term: int) -> Row:
        """The fields in which the two kinds of orders differ."""
        group = self._batch_group(number)
        if kind == "SalesOrder":
            status = ("OrderDraft", "Order", "Delivered", "Invoiced", "Paid")[number % 5]
            return {
                "status": status,
                "invoiceBatchGroup": group["code"],
                "effectiveEndDate": after(starts, term),
            }
        return {"invoiceBatchGroup": group, **self._life(number, starts, term)}

    def _life(self, number: int, starts: str, term: int) -> Row:
        """The life of a subscription: most are renewed, some end with their first term."""
        status = "Active" if number % 6 else ("Cancelled", "Draft", "Inactive")[number // 6 % 3]
        is_over = status in {"Cancelled", "Inactive"}
        is_evergreen = not is_over and number % 2 == 0
        last = after(starts, term if is_over else _RENEWED, days=-1)
        return {
            "status": status,
            "termType": "Evergreen" if is_evergreen else "Termed",
            "effectiveEndDate": None if is_evergreen else last,
            "cancellationDate": last if status == "Cancelled" else None,
        }

    def _order(self, kind: str, number: int) -> Row:
        fill = self._filler(kind, number)
        prefix = "O" if kind == "Subscription" else "SO"
        order_id, order_number = self._id(kind, number), f"{prefix}-{number + 1:06d}"
        currency = self._currency(number % self._size("Accounts"))
        account = self._account(number)
        known: Row = {
            "id": order_id,
            "orderNumber": order_number,
            "version": 1 + number % 3,
            "currency": currency,
            "effectiveStartDate": date(fill.draw),
            "term": (12, 24, 36)[number % 3],
        }
        known |= self._order_facts(kind, number, known["effectiveStartDate"], known["term"])
        percent = Decimal(number % 4 * 5)
        products = [
            self._order_product(known, number, line, percent, fill)
            for line in range(1 + number % 3)
        ]
        discounted = [
            link
            for product in products
            for charge in product["charges"]
            for link in charge["orderDiscounts"]
        ]
        discount = fill(
            "OrderDiscounts",
            id=self._id("discount", order_id),
            orderId=order_id,
            percent=percent,
            orderProductCharges=discounted,
            onSpecificCharges=True,
        )
        milestones = [
            fill(
                "SubscriptionMilestone",
                id=self._id("milestone", order_id, place),
                orderId=order_id,
            )
            for place in range((number + 1) % 3)
        ]
        return fill(
            kind,
            isLastVersion=True,
            orderType=kind,
            account=account,
            invoiceAccount=account,
            paymentTerm=self._payment_term(number)["name"],
            products=products,
            milestones=milestones,
            orderDiscounts=[discount] if discounted else [],
            externalERPId=f"erp-{order_number}",
            externalCRMId=f"crm-{order_number}",
            **known,
            **self._sums(products, currency),
        )

    def _order_product(
        self, order: Row, number: int, line: int, percent: Decimal, fill: Filler
    ) -> Row:
        product = (number * 3 + line) % self._size("Products")
        plan = line % self._plans(product)
        line_id = self._id("order product", order["id"], line)
        starts, ends = order["effectiveStartDate"], order["effectiveEndDate"]
        is_given_up = line == 2  # noqa: PLR2004 - the third
        if is_given_up:
            given_up = after(starts, _UNTIL_GIVEN_UP, days=-1)
            ends = min(ends or given_up, given_up)
        sold = []
        for place in range(self._charges_of(product, plan)):
            known = {
                "id": self._id("order charge", order["id"], line, place),
                "chargeNumber": f"OPC-{order['orderNumber']}-{line + 1}{place + 1}",
                "version": order["version"],
                "effectiveStartDate": after(starts, _UNTIL_NEXT * line),
                "effectiveEndDate": ends,
                "startOn": "SpecificDate" if line else "AlignToSubscription",
                "endOn": "SpecificDate" if is_given_up else "AlignToSubscription",
                "priceModel": "Quantity",
                "quantity": Decimal(1 + (number + place) % 9),
                "orderProductId": line_id,
                "orderId": order["id"],
                "chargeId": self._id("charge", product, plan, place),
                "name": f"{self._product_name(product)} fee",
                "features": [self._feature(product + place)] if place == 0 else [],
                **self._charge_facts(product, plan, place),
            }
            price = self._list_price(product, plan, place)
            sold.append(self._order_charge(order, known, price, percent, fill))
        return fill(
            "OrderProduct",
            id=line_id,
            productNumber=f"P-{product + 1:06d}",
            chargePlanId=self._id("plan", product, plan),
            chargePlanName=f"Plan {plan + 1}",
            chargePlanNumber=f"CP-{product + 1:06d}-{plan + 1}",
            productLineNumber=line,
            name=self._product_name(product),
            charges=sold,
            **self._sums(sold, order["currency"]),
        )

    def _order_charge(
        self, order: Row, known: Row, list_price: Decimal, percent: Decimal, fill: Filler
    ) -> Row:
        """A charge at its list price less the order's discount, and the figures that follow."""
        currency, quantity = order["currency"], known["quantity"]
        price = list_price * (100 - percent) / 100
        recurs = known["chargeType"] == "Recurring"
        monthly = price * quantity / PERIODS[known["pricePeriod"]] if recurs else ZERO
        once = price * quantity if known["chargeType"] == "OneOff" else ZERO
        figures = {
            "cmrr": monthly,
            "acv": monthly * 12,
            "emrr": monthly,
            "oneTimeFees": once,
            "tcv": monthly * order["term"] + once,
        }
        detail = fill(
            "OrderChargeDetails",
            tier=0,
            price=price,
            listPrice=list_price,
            lineDiscountPercent=percent,
            lineDiscountAmount=list_price - price,
        )
        link = {"orderDiscountId": self._id("discount", order["id"]), "chargeId": known["id"]}
        return fill(
            "OrderProductCharge",
            isLastVersion=True,
            priceDetails=[detail],
            displayPrice=price,
            price=price,
            listPrice=list_price,
            discountAmount=list_price - price,
            discountPercentage=percent,
            totalPrice=price * quantity,
            totalListPrice=list_price * quantity,
            totalDiscountAmount=(list_price - price) * quantity,
            recurringMonthlyAmount=monthly,
            recurringMonthlyAmountBase=monthly * RATES[currency] or ZERO,
            orderDiscounts=[link] if percent or fill.full else [],
            **known,
            **{name: self._money(amount, currency) for name, amount in figures.items()},
        )

    @cached_property
    def _bookings(self) -> list[Row]:
        rows = []
        for number in range(self._size("Bookings")):
            fill = self._filler("booking", number)
            order = self._subscriptions[number % len(self._subscriptions)]
            lines = [
                fill(
                    "BookingLine",
                    charge=charge_ref(charge),
                    **{field: charge[field] for field in MONEY},
                    fmrr=self._money(Decimal(0), order["currency"]),
                )
                for _, charge in charges(order)
            ]
            header = {}
            for field in (*MONEY, "fmrr"):
                total = self._sum(field, lines, order["currency"])
                header[field] = {
                    "amount": total["amount"],
                    "amountInBaseCurrency": total["baseCurrencyAmount"],
                }
            row = fill(
                "Booking",
                id=self._id("booking", number),
                currency=order["currency"],
                bookingLines=lines,
                order=_order_ref(order),
                **header,
            )
            rows.append(row)
        return rows

    @cached_property
    def _quotes(self) -> list[Row]:
        money = ("cmrr", "acv", "tcv", "otf")
        rows = []
        for number in range(self._size("Quotes")):
            fill = self._filler("quote", number)
            order = self._subscriptions[number % len(self._subscriptions)]
            currency = order["currency"]
            products = []
            for line, sold in enumerate(order["products"]):
                quoted = [self._quote_charge(number, charge, fill) for charge in sold["charges"]]
                shared = "name productNumber chargePlanId chargePlanName chargePlanNumber"
                products.append(
                    fill(
                        "QuoteProduct",
                        id=self._id("quote product", number, line),
                        productLineNumber=line,
                        charges=quoted,
                        **picked(sold, shared),
                        **self._sums(quoted, currency, money),
                    )
                )
            won = number % 2 == 0
            row = fill(
                "Quote",
                id=self._id("quote", number),
                number=f"Q-{number + 1:06d}",
                status="ClosedWon" if won else "Open",
                convertedToOrder=_order_ref(order) if won else None,
                customer=order["account"],
                invoiceCustomer=order["account"],
                currency=currency,
                products=products,
                **self._sums(products, currency, money),
            )
            rows.append(row)
        return rows

    def _quote_charge(self, quote: int, sold: Row, fill: Filler) -> Row:
        quoted = self._id("quote charge", quote, sold["id"])
        number = sold["chargeNumber"]
        return fill(
            "QuoteCharge",
            id=quoted,
            quoteProductChargeId=quoted,
            chargeNumber=f"Q{number}",
            name=sold["name"],
            charge=fill("SimpleChargeModel", id=sold["chargeId"], name=sold["name"]),
            originalOrderProductChargeId=sold["id"],
            chargeType=sold["chargeType"],
            quantity=sold["quantity"],
            priceDetails=sold["priceDetails"],
            displayPrice=sold["displayPrice"],
            ppu=sold["displayPrice"],
            cmrr=sold["cmrr"],
            acv=sold["acv"],
            tcv=sold["tcv"],
            otf=sold["oneTimeFees"],
        )

    def _metered(self, kind: str, number: int) -> Row:
        """The references of usage and measurements."""
        order = self._subscriptions[number % len(self._subscriptions)]
        product = order["products"][0]
        charge = product["charges"][-1]
        return {
            "id": self._id(kind, number),
            "account": order["account"],
            "order": _order_ref(order),
            "product": {
                "description": product["name"],
                "productNumber": product["productNumber"],
                "id": product["id"],
                "externalERPId": f"erp-{number}",
                "externalCRMId": f"crm-{number}",
            },
            "charge": charge_ref(charge),
        }

    @cached_property
    def _usages(self) -> list[Row]:
        return [
            self._filler("usage", number)("Usage", **self._metered("usage", number))
            for number in range(self._size("Usage"))
        ]

    @cached_property
    def _measurements(self) -> list[Row]:
        return [
            self._filler("measurement", number)(
                "Measurement",
                **self._metered("measurement", number),
            )
            for number in range(self._size("Measurements"))
        ]


def charges(order: Row) -> list[tuple[Row, Row]]:
    """The products of an order, each with one of its charges."""
    return [(product, charge) for product in order["products"] for charge in product["charges"]]


def charge_ref(charge: Row) -> Row:
    """The reference to an order's charge in other records."""
    return {
        "name": charge["name"],
        "chargeNumber": charge["chargeNumber"],
        "description": charge["name"],
        "id": charge["id"],
        "externalERPId": charge.get("externalERPId", "erp-charge"),
        "externalCRMId": charge.get("externalCRMId", "crm-charge"),
    }


def _order_ref(order: Row) -> Row:
    return picked(order, "orderNumber id externalERPId externalCRMId")
