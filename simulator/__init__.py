"""A local Younium with made-up companies, for people, tests, the demo and benchmarks.

It keeps the contract of Younium's API 2.1 by its own reading of it and shares no code with the tap.
"""

from __future__ import annotations

from simulator.contract import Contract
from simulator.faults import Fault
from simulator.server import Seen, Simulator

__all__ = ["Contract", "Fault", "Seen", "Simulator"]
