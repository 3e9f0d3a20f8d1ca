"""`python examples/scale/sums.py`: what reading many rows takes, from the benchmark's figures."""

from __future__ import annotations

from typing import Final

ROWS: Final = 10_000_000
PAGE: Final = 100

# benchmarks/README.md: CPU and peak memory with 4 in flight, the size of a row, and what the marks
# of a table take while they are sorted at its end.
CPU_A_ROW: Final = 126e-6
PEAK: Final = 100e6
BYTES_A_ROW: Final = 8.4e3
SORTED_BYTES: Final = 40e6
SORTED_ROWS: Final = 670_000


def hours(rows: int, latency: float, in_flight: int, processes: int = 1) -> float:
    """Hours until rows are read: waiting for their pages, then making rows of them."""
    waiting = rows / PAGE * latency / in_flight
    return (waiting + rows * CPU_A_ROW) / processes / 3600


def memory(rows: int) -> float:
    """Bytes that a process takes at the most, for a table of so many rows."""
    return PEAK + rows * SORTED_BYTES / SORTED_ROWS


def tables() -> str:
    """The tables of docs/scale.md, in Markdown."""
    lines = [
        "| 10 million rows | |",
        "| --- | --: |",
        f"| requests, of {PAGE} rows each | {ROWS // PAGE:,} |",
        f"| answers, decompressed | {ROWS * BYTES_A_ROW / 1e9:.0f} GB |",
        f"| CPU | {ROWS * CPU_A_ROW / 3600:.2f} h |",
        f"| memory, all of them in one table of one legal entity | {memory(ROWS) / 1e6:.0f} MB |",
        f"| memory, a tenth of them in the largest | {memory(ROWS // 10) / 1e6:.0f} MB |",
        "",
        "| hours, an answer taking | 1 in flight | 4 in flight | 8 in flight |",
        "| --- | --: | --: | --: |",
        *(
            f"| {latency} ms | "
            + " | ".join(f"{hours(ROWS, latency / 1000, flying):.1f}" for flying in (1, 4, 8))
            + " |"
            for latency in (50, 200, 1000)
        ),
        "",
        "| hours, 200 ms an answer, 4 in flight in each | 1 process | 2 | 4 | 8 |",
        "| --- | --: | --: | --: | --: |",
        "| equal parts, a core for each | "
        + " | ".join(f"{hours(ROWS, 0.2, 4, processes):.1f}" for processes in (1, 2, 4, 8))
        + " |",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables())
