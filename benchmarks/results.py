"""What the benchmark has measured."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.measuring import Took


@dataclass
class Way:
    """A way to read subscriptions, and what its runs took.

    Attributes:
        title: What the table calls it.
        command: Gives its command line.
        sizes: Rows of its two sizes: the slope between them leaves start-up out.
        slopes: CPU seconds a row, for each round.
        whole: CPU seconds a row of the larger run with start-up, for each round.
        walls: Seconds for 100 pages, by latency, for each round.
        peaks: Bytes at the most, by rows.
        in_flight: The most requests in flight.
    """

    title: str
    command: Callable[[str], Any]
    sizes: tuple[int, int]
    slopes: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    walls: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    peaks: dict[int, int] = field(default_factory=dict)
    in_flight: int = 0


@dataclass
class Results:
    """All that was measured."""

    ways: dict[str, Way]
    checked: int = 0
    walls: dict[tuple[int, int], list[float]] = field(default_factory=dict)
    """Seconds of this tap for 100 pages, by latency and requests in flight."""
    in_flight: dict[tuple[int, int], int] = field(default_factory=dict)
    quiet: dict[int, list[float]] = field(default_factory=dict)
    """Seconds over all tables of a quiet tenant, by requests in flight."""
    quiet_requests: int = 0
    versions: dict[str, list[Took]] = field(default_factory=lambda: {"tap": [], "bare": []})
    serving: float = 0.0
    """CPU seconds of the server a row."""
