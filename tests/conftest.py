"""Keeps the default run short: it tries each value of a product's parameters, not each combination.

`@pytest.mark.product` marks such a test. The combinations that are left are `exhaustive`.
"""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("same in each run", deadline=None, derandomize=True, database=None)
settings.load_profile("same in each run")

# Simulated companies are many objects that stay. Walking through them takes a tenth of the time.
gc.set_threshold(100_000, 50, 1000)

Values = frozenset[tuple[str, str]]


@pytest.hookimpl(tryfirst=True)  # before pytest deselects by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    products: dict[str, dict[pytest.Item, Values]] = defaultdict(dict)
    for item in items:
        if item.get_closest_marker("product") and isinstance(item, pytest.Function):
            values = ((name, repr(value)) for name, value in item.callspec.params.items())
            products[item.nodeid.partition("[")[0]][item] = frozenset(values)
    for cases in products.values():
        for item in cases.keys() - set(covering(cases)):
            item.add_marker("exhaustive")


def covering(cases: dict[pytest.Item, Values]) -> Iterator[pytest.Item]:
    """Yield cases that have each value of each parameter, each value about as often."""
    missing, used = set().union(*cases.values()), Counter[tuple[str, str]]()

    def worth(case: pytest.Item) -> tuple[int, int]:
        return len(cases[case] & missing), -sum(used[value] for value in cases[case])

    while missing:
        case = max(cases, key=worth)
        missing -= cases[case]
        used.update(cases[case])
        yield case
