"""Calculate what many rows take, from the benchmark: `python examples/scale/sums.py`."""

from __future__ import annotations

from typing import Final

ROWS: Final = 10_000_000
PAGE: Final = 100

# From benchmarks/README.md: CPU and peak memory with 4 concurrent requests, the size of a row, and
# the memory for sorting at the end of a stream.
CPU_A_ROW: Final = 126e-6
PEAK: Final = 100e6
BYTES_A_ROW: Final = 8.4e3
MARK_A_ROW: Final = 16

#: CPU of the loader and of PostgreSQL, measured with the benchmark's rows.
PLAIN: Final = (2.9e-3, 1.1e-3)
COPY: Final = (0.14e-3, 0.79e-3)


def requests(rows: int, inserts: int = 0, passes: int = 1) -> int:
    """Return the number of requests for rows.

    Args:
        rows: The number of rows of one stream.
        inserts: The number of rows that are inserted meanwhile. They are read where they are, and
            once more in the list of the newest rows, which costs three requests without them.
        passes: 2 if a row is deleted meanwhile.
    """
    return -(-rows * passes // PAGE) + -(-2 * inserts // PAGE) + 3


def hours(rows: int, latency: float, in_flight: int, processes: int = 1) -> float:
    """Return the hours to read rows: waiting for the pages, then building the rows."""
    waiting = rows / PAGE * latency / in_flight
    return (waiting + rows * CPU_A_ROW) / processes / 3600


def hours_loaded(rows: int, processes: int = 1, loader: tuple[float, float] = PLAIN) -> float:
    """Return the hours to read and load rows: the tap and the target work at the same time."""
    return max(hours(rows, 0.2, 4, processes), rows * sum(loader) / processes / 3600)


def memory(rows: int) -> float:
    """Return the peak memory of a process in bytes, for a stream with this many rows."""
    return PEAK + rows * MARK_A_ROW


def tables() -> str:
    """Return the tables of docs/scale.md in Markdown."""
    inserts = round(hours_loaded(ROWS) * 3600)
    lines = [
        "| 10 million rows | |",
        "| --- | --: |",
        f"| requests, {PAGE} rows each | {requests(ROWS):,} |",
        f"| — an insert per second meanwhile | {requests(ROWS, inserts):,} |",
        f"| — a delete as well, which causes another pass | {requests(ROWS, inserts, 2):,} |",
        f"| responses, decompressed | {ROWS * BYTES_A_ROW / 1e9:.0f} GB |",
        f"| CPU of the tap | {ROWS * CPU_A_ROW / 3600:.2f} h |",
        f"| CPU of target-postgres | {ROWS * PLAIN[0] / 3600:.1f} h |",
        f"| — of PostgreSQL | {ROWS * PLAIN[1] / 3600:.1f} h |",
        f"| CPU of target-postgres-copy | {ROWS * COPY[0] / 3600:.1f} h |",
        f"| — of PostgreSQL | {ROWS * COPY[1] / 3600:.1f} h |",
        f"| memory of the tap, one stream of one legal entity | {memory(ROWS) / 1e6:.0f} MB |",
        f"| — a tenth of the rows in the largest stream | {memory(ROWS // 10) / 1e6:.0f} MB |",
        "",
        "| hours of the tap, by response time | 1 request at a time | 4 | 8 |",
        "| --- | --: | --: | --: |",
        *(
            _row(f"{latency} ms", [hours(ROWS, latency / 1000, flying) for flying in (1, 4, 8)])
            for latency in (50, 200, 1000)
        ),
        "",
        "| hours, 200 ms per response, 4 requests at a time | 1 process | 2 | 4 | 8 |",
        "| --- | --: | --: | --: | --: |",
        _row("the tap, equal parts", [hours(ROWS, 0.2, 4, number) for number in _PROCESSES]),
        _row("— with another pass", [hours(2 * ROWS, 0.2, 4, number) for number in _PROCESSES]),
        _row("with target-postgres", [hours_loaded(ROWS, number) for number in _PROCESSES]),
        _row(
            "with target-postgres-copy", [hours_loaded(ROWS, number, COPY) for number in _PROCESSES]
        ),
    ]
    return "\n".join(lines)


_PROCESSES: Final = (1, 2, 4, 8)


def _row(title: str, figures: list[float]) -> str:
    return f"| {title} | " + " | ".join(f"{figure:.1f}" for figure in figures) + " |"


if __name__ == "__main__":
    print(tables())
