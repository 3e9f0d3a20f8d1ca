"""A local Younium with fictional companies, for developers, tests, the demo and benchmarks.

It implements Younium's API 2.1 independently and shares no code with the tap.
"""

from __future__ import annotations

from simulator.contract import Contract
from simulator.faults import Fault
from simulator.server import Seen, Simulator

__all__ = ["Contract", "Fault", "Seen", "Simulator"]
