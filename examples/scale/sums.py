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
SORTED_BYTES: Final = 40e6
SORTED_ROWS: Final = 670_000


def hours(rows: int, latency: float, in_flight: int, processes: int = 1) -> float:
    """Return the hours to read rows: waiting for the pages, then building the rows."""
    waiting = rows / PAGE * latency / in_flight
    return (waiting + rows * CPU_A_ROW) / processes / 3600


def memory(rows: int) -> float:
    """Return the peak memory of a process in bytes, for a stream with this many rows."""
    return PEAK + rows * SORTED_BYTES / SORTED_ROWS


def tables() -> str:
    """Return the tables of docs/scale.md in Markdown."""
    lines = [
        "| 10 million rows | |",
        "| --- | --: |",
        f"| requests, {PAGE} rows each | {ROWS // PAGE:,} |",
        f"| responses, decompressed | {ROWS * BYTES_A_ROW / 1e9:.0f} GB |",
        f"| CPU | {ROWS * CPU_A_ROW / 3600:.2f} h |",
        f"| memory, all rows in one stream of one legal entity | {memory(ROWS) / 1e6:.0f} MB |",
        f"| memory, a tenth of them in the largest stream | {memory(ROWS // 10) / 1e6:.0f} MB |",
        "",
        "| hours, by response time | 1 request at a time | 4 | 8 |",
        "| --- | --: | --: | --: |",
        *(
            f"| {latency} ms | "
            + " | ".join(f"{hours(ROWS, latency / 1000, flying):.1f}" for flying in (1, 4, 8))
            + " |"
            for latency in (50, 200, 1000)
        ),
        "",
        "| hours, 200 ms per response, 4 requests at a time | 1 process | 2 | 4 | 8 |",
        "| --- | --: | --: | --: | --: |",
        "| equal parts, one core each | "
        + " | ".join(f"{hours(ROWS, 0.2, 4, processes):.1f}" for processes in (1, 2, 4, 8))
        + " |",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables())
