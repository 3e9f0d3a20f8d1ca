"""Fixtures of the tests of faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.tools import no_waits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer import Younium


@pytest.fixture(scope="module")
def swift() -> Iterator[None]:
    """Skip waits, also in a thread that outlives its run and would sleep in the next test."""
    with no_waits():
        yield


@pytest.fixture
def younium(calm: Younium) -> Iterator[Younium]:
    """The simulator that the tests of a module share, without the faults of the test before."""
    calm.clear()
    yield calm
    calm.faults.clear()
    calm.forbidden.clear()
