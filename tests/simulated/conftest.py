"""One simulator for all tests that change nothing, and one for each test that does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from simulated.younium_client import ENTITIES, Client
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def shared() -> Iterator[Simulator]:
    """230 rows per collection and two legal entities; tests must not change it."""
    with Simulator(rows=230, entities=ENTITIES) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def client(shared: Simulator) -> Iterator[Client]:
    """A client of the first legal entity of `shared`."""
    found = Client(shared, ENTITIES[0])
    with found.session:
        yield found


@pytest.fixture
def start() -> Iterator[Callable[..., Client]]:
    """Starts a simulator for one test, with one legal entity and a few accounts."""
    running: list[Client] = []

    def starter(**options: Any) -> Client:
        simulator = Simulator(**({"accounts": 8} | options)).__enter__()
        running.append(Client(simulator))
        return running[-1]

    yield starter
    for each in running:
        each.session.close()
        each.simulator.__exit__()
