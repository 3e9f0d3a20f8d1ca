"""Orders: accounts, subscriptions, sales orders, and what follows from them."""

# ruff: noqa: PLR2004 - made-up data is full of made-up numbers

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple

from simulator.companies.base import AS_OF, CURRENCIES, MONEY, RATES, ZERO
from simulator.companies.periods import billed_until, billing_period, charges
from simulator.companies.products import PERIODS, Products
from simulator.filling import Filler, Row, after, company_name, date, picked

# Months: of the companies' life; from the start of a subscription to its end, if it was renewed.
_MONTHS: Final = 48
_RENEWED: Final = 72
#: How the number of units grows with the size of a customer.
_SIZES: Final = (1, 1, 1, 2, 4, 6, 9, 14)
_LATIN: Final = 0x24F  # the last of the Latin letters

#: The type, change, account category and classification of a booking.
_BOOKED_AS: Final = {
    "New": ("New", "None", "New", "NewCustomer"),
    "Another": ("New", "None", "Existing", "Expansion"),
    "Return": ("New", "None", "Existing", "Reactivate"),
    "Upsell": ("Change", "Upsell", "Existing", "Expansion"),
    "Downsell": ("Change", "Downsell", "Existing", "Contraction"),
    "Renewal": ("Change", "Renewal", "Existing", "NoChange"),
    "Churn": ("Churn", "None", "Lost", "CustomerChurn"),
    "OneLess": ("Churn", "None", "Existing", "Contraction"),
}


class _Move(NamedTuple):
    """What happens to an order on a day, and to which of its charges."""

    kind: str
    day: str
    order: Row
    charges: list[Row]
    sign: int


class Orders(Products):
    """Accounts, orders, bookings, quotes, usage and measurements; amounts add up from charges."""

    def _account_number(self, number: int) -> str:
        return f"A-{number + 1:06d}"

    def _account_name(self, number: int) -> str:
        """The name of a company, which is a customer of each legal entity."""
        return company_name(self._draw_for_tenant("account name", number), number + 1)

    def _account_size(self, number: int) -> int:
        """How much a customer buys; large ones stay, and have names that any font can draw."""
        if any(ord(character) > _LATIN for character in self._account_name(number)):
            return 1
        most = _SIZES[-1] if self._months_until_end(number) is None else 2
        return min(self._draw_for_tenant("account size", number).choice(_SIZES), most)

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

    # The life of a subscription. What it depends on is the order's number, so that any number of
    # orders has about the same share of each.

    def _months_until_start(self, number: int) -> int:
        """From the first month of the company; sales grow, and some leave before the books end."""
        first, before = 0, number - self._size("Accounts")
        if before >= 0:
            # The customer's second subscription. Some customers come back after they have left.
            ended = (self._months_until_end(before) or 0) * (1 - number % 2)
            first = self._months_until_start(before) + ended + 2 + number % 5
        least = self._months_until_end(number) or (18 if self._is_credited(number) else 0)
        last = _MONTHS - 1 - least
        share = self._even("growth", number) ** 0.8
        return min(first, last) + int(max(last - first, 0) * share)

    def _months_until_end(self, number: int) -> int | None:
        """From the start of a subscription that ends; None if it is renewed."""
        is_over = self._status(number) in {"Cancelled", "Inactive"}
        return 12 * (1 + number // 18 % 2) if is_over else None

    def _status(self, number: int) -> str:
        if number % 18 in {9, 15}:
            return "Cancelled"
        return "Active" if number % 6 else ("Cancelled", "Draft", "Inactive")[number // 6 % 3]

    def _is_credited(self, number: int) -> bool:
        """Whether a product is given up in the middle of a period that was invoiced."""
        return number % 12 == 2 and number < self._size("Accounts")

    def _start(self, number: int) -> str:
        months, draw = self._months_until_start(number), self._draw("start", number)
        return after(
            "2022-01-01T00:00:00",
            months,
            days=draw.choice((0, draw.randrange(28), draw.randrange(28))),
        )

    def _line_dates(self, order: Row, number: int, line: int) -> tuple[str, str | None]:
        """The first and last day of a product: the second is added later, a third is given up."""
        starts, ends = order["effectiveStartDate"], order["effectiveEndDate"]
        if line == 1:
            return after(starts, (6, 9, 12, 15)[number % 4]), ends
        if line == 2 and number % 2 == 0:
            return starts, after(starts, 18 if self._is_credited(number) else 24, days=-1)
        return starts, ends

    def _order_facts(self, kind: str, number: int) -> Row:
        """The fields in which the two kinds of orders differ."""
        group, term = self._batch_group(number), (12, 24, 36)[number % 3]
        if kind == "SalesOrder":
            starts = date(self._draw("sales order date", number))
            return {
                "term": term,
                "status": ("OrderDraft", "Order", "Delivered", "Invoiced", "Paid")[number % 5],
                "invoiceBatchGroup": group["code"],
                "effectiveStartDate": starts,
                "effectiveEndDate": after(starts, term),
            }
        starts, status = self._start(number), self._status(number)
        months = self._months_until_end(number)
        is_evergreen = months is None and number % 2 == 0
        last = after(starts, months or _RENEWED, days=-1)
        return {
            "term": term,
            "invoiceBatchGroup": group,
            "status": status,
            "termType": "Evergreen" if is_evergreen else "Termed",
            "effectiveStartDate": starts,
            "effectiveEndDate": None if is_evergreen else last,
            # It is registered before the last day, which it does not change.
            "cancellationDate": after(last, days=-30 - number) if status == "Cancelled" else None,
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
        }
        known |= self._order_facts(kind, number)
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
            paymentTerm=self._usual_term(number)["name"],
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
        starts, ends = self._line_dates(order, number, line)
        size = self._account_size(number % self._size("Accounts"))
        most = 2 if line == 2 else 5
        billed = self._billing_facts(order, number, starts, ends)
        sold = []
        for place in range(self._charges_of(product, plan)):
            kind = self._charge_type(product, plan, place)
            known = {
                "id": self._id("order charge", order["id"], line, place),
                "chargeNumber": f"OPC-{order['orderNumber']}-{line + 1}{place + 1}",
                "version": order["version"],
                "effectiveStartDate": starts,
                "effectiveEndDate": ends,
                "billingTiming": "InAdvance" if kind in {"Recurring", "OneOff"} else "InArrears",
                "startOn": _align(starts, order["effectiveStartDate"]),
                "endOn": _align(ends, order["effectiveEndDate"]),
                "priceModel": "Quantity",
                "quantity": Decimal(size * (1 + (number * 4 + number // 9 + place) % most)),
                "orderProductId": line_id,
                "orderId": order["id"],
                "chargeId": self._id("charge", product, plan, place),
                "name": f"{self._product_name(product)} fee",
                "features": [self._feature(product + place)] if place == 0 else [],
                **billed,
                **self._charge_facts(product, plan, place),
            }
            price = self._list_price(product, plan, place, order["currency"])
            sold.append(self._order_charge(order, known, price, percent, fill))
        return fill(
            "OrderProduct",
            id=line_id,
            productNumber=f"OP-{order['orderNumber']}-{line + 1}",  # not the catalogue's
            chargePlanId=self._id("plan", product, plan),
            chargePlanName=f"Plan {plan + 1}",
            chargePlanNumber=f"CP-{product + 1:06d}-{plan + 1}",
            productLineNumber=line,
            name=self._product_name(product),
            charges=sold,
            **self._sums(sold, order["currency"]),
        )

    def _billing_facts(self, order: Row, number: int, starts: str, ends: str | None) -> Row:
        """How a charge is billed, and until when it has been; a sales order has no periods."""
        if order["orderNumber"].startswith("SO"):
            return {}
        name, months = billing_period(number)
        until = billed_until(order["effectiveStartDate"], months, ends, AS_OF)
        is_billed = order["status"] != "Draft" and starts <= AS_OF
        return {
            "billingPeriod": name,
            "periodAlignment": "AlignToOrder",
            "chargedThroughDate": until if is_billed else None,
        }

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
        size = self._size("Bookings")
        moves = [
            move._replace(kind=self._kind(number, move))
            for number, order in enumerate(self._subscriptions)
            for move in _moves(order)
        ]
        # Renewals change nothing, so they come last if there are too many.
        moves = sorted(moves, key=lambda move: (move.kind == "Renewal", move.day))[:size]
        moves.sort(key=lambda move: move.day)
        return [self._booking(number, move) for number, move in enumerate(moves)]

    def _kind(self, number: int, move: _Move) -> str:
        """What a first sale or a cancellation is, given the customer's other subscriptions."""
        others = [
            order
            for order in self._subscriptions[
                number % self._size("Accounts") :: self._size("Accounts")
            ]
            if order is not move.order
            and order["status"] != "Draft"
            and order["effectiveStartDate"] <= move.day
        ]
        goes_on = any(order.get("effectiveEndDate", AS_OF) >= move.day for order in others)
        match move.kind:
            case "New" if others:
                return "Another" if goes_on else "Return"
            case "Churn" if goes_on:
                return "OneLess"
        return move.kind

    def _booking(self, number: int, move: _Move) -> Row:
        fill = self._filler("booking", number)
        currency = move.order["currency"]
        booking, change, category, classification = _BOOKED_AS[move.kind]
        lines = []
        for charge in move.charges:
            amounts = {name: charge[name]["amount"] * move.sign for name in MONEY}
            amounts |= {"fmrr": ZERO} | ({"oneTimeFees": ZERO} if move.sign < 0 else {})
            money = {name: self._money(amount, currency) for name, amount in amounts.items()}
            lines.append(fill("BookingLine", charge=charge_ref(charge), **money))
        header = {}
        for field in (*MONEY, "fmrr"):
            total = self._sum(field, lines, currency)
            header[field] = {
                "amount": total["amount"],
                "amountInBaseCurrency": total["baseCurrencyAmount"],
            }
        return fill(
            "Booking",
            id=self._id("booking", number),
            currency=currency,
            bookingType=booking,
            changeType=change,
            accountCategory=category,
            classification=fill(
                "BookingClassification", name=classification, classificationType=classification
            ),
            effectiveDate=move.day,
            bookingLines=lines,
            order=_order_ref(move.order),
            **header,
        )

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


def _moves(order: Row) -> list[_Move]:
    """What happened to a subscription until the books end; nothing to a draft."""
    if order["status"] == "Draft":
        return []
    start, end = order["effectiveStartDate"], order.get("effectiveEndDate")
    sold = [charge for _, charge in charges(order)]
    moves = []
    for day in sorted({charge["effectiveStartDate"] for charge in sold}):
        theirs = [charge for charge in sold if charge["effectiveStartDate"] == day]
        moves.append(_Move("New" if day == start else "Upsell", day, order, theirs, 1))
    for last in sorted({it["effectiveEndDate"] for it in sold if "effectiveEndDate" in it}):
        theirs = [charge for charge in sold if charge.get("effectiveEndDate") == last]
        day = after(last, days=1)
        moves.append(_Move("Churn" if last == end else "Downsell", day, order, theirs, -1))
    year = after(start, order["term"])
    while year <= min(end or AS_OF, AS_OF):
        moves.append(_Move("Renewal", year, order, [], 1))
        year = after(year, 12)
    return [move for move in moves if move.day <= AS_OF]


def _align(day: str | None, of_order: str | None) -> str:
    return "AlignToSubscription" if day == of_order else "SpecificDate"


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
