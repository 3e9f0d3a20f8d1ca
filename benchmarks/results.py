"""The measurements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.measuring import Measurement


@dataclass
class Way:
    """A way to read subscriptions, and the measurements of its runs.

    Attributes:
        title: Its name in the tables.
        command: Returns its command line for a server address.
        sizes: The numbers of rows of a small and a large run.
        slopes: CPU seconds per row, without start-up, in each round.
        totals: CPU seconds per row of the large run, with start-up, in each round.
        walls: Seconds for 100 pages in each round, by latency.
        peaks: Peak memory in bytes, by number of rows.
        in_flight: The maximum number of concurrent requests.
    """

    title: str
    command: Callable[[str], Any]
    sizes: tuple[int, int]
    slopes: list[float] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)
    walls: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    peaks: dict[int, int] = field(default_factory=dict)
    in_flight: int = 0


@dataclass
class Load:
    """A way into a database, and its runs.

    Attributes:
        title: Its name in the table.
        database: `duckdb` or `postgres`.
        commands: Returns the programs of a run that form a pipe, for an API address.
        walls: Seconds from start to the last row, in each round.
        cpus: CPU seconds of each program, in each round; the database server's are not included.
        peak: Peak memory of the last program in bytes.
    """

    title: str
    database: str
    commands: Callable[[str], list[list[str]]]
    walls: list[float] = field(default_factory=list)
    cpus: list[list[float]] = field(default_factory=list)
    peak: int = 0

    @property
    def total_cpus(self) -> list[float]:
        """CPU seconds of all programs, in each round."""
        return [sum(each) for each in self.cpus]


@dataclass
class Results:
    """All measurements."""

    ways: dict[str, Way]
    checked: int = 0
    walls: dict[tuple[int, int], list[float]] = field(default_factory=dict)
    """Seconds of this tap for 100 pages, by latency and `max_parallel_requests`."""
    in_flight: dict[tuple[int, int], int] = field(default_factory=dict)
    quiet: dict[int, list[float]] = field(default_factory=dict)
    """Seconds for all streams of a tenant without records, by `max_parallel_requests`."""
    quiet_requests: int = 0
    versions: dict[str, list[Measurement]] = field(
        default_factory=lambda: {"tap": [], "minimal": []}
    )
    server_cpu: float = 0.0
    """CPU seconds of the server per row."""


def ratio(ones: Sequence[float], others: Sequence[float]) -> float:
    """Return the median of the ratios, each of two figures of the same round."""
    return median(one / other for one, other in zip(ones, others, strict=True))
