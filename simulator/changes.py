"""What else users of Younium do to an order, apart from `details.replace`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.companies.base import MONEY

if TYPE_CHECKING:
    from simulator.filling import Row


def delete_charge(order: Row, product: Row, charge: Row) -> None:
    """Removes a charge from a product of an order, and its amounts from the sums."""
    product["charges"].remove(charge)
    for field in MONEY:
        for above in (it for it in (product, order) if field in it):
            less = {
                name: above[field][name] - charge[field][name]
                for name in ("amount", "baseCurrencyAmount")
            }
            above[field] = above[field] | less


def undo_version(order: Row, *, modified: str) -> None:
    """Makes an order the version before it again, as reverting does."""
    *older, before = order.pop("_older")
    order.clear()
    order.update(before, isLastVersion=True, modified=modified, _older=older)
