"""`python -m benchmarks.cliff`: what a row costs that cannot be copied as it is.

Each way reads the same subscriptions with one difference, and takes turns with the plain way.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measuring import serving
from benchmarks.results import ratio

if TYPE_CHECKING:
    from benchmarks.measuring import Bench


@dataclass
class Case:
    """A difference, and its CPU seconds per subscription in each round.

    Attributes:
        title: What differs.
        bound: The most that it may cost, relative to the plain way.
        edit: The edit of the subscriptions, from `benchmarks.data`.
        selection: The catalog.
        settings: More settings of the tap.
        slopes: The CPU seconds per subscription, without start-up, in each round.
    """

    title: str
    bound: float
    edit: str = "plain"
    selection: str = "subscriptions"
    settings: dict[str, Any] = field(default_factory=dict)
    slopes: list[float] = field(default_factory=list)


_MAPS: Final = {"subscriptions": {"orderNumber": "md5(orderNumber)"}}


def cases() -> list[Case]:
    """Return the plain way, and all others."""
    return [
        Case("plain", 1),
        Case("one column deselected", 1.5, selection="deselected"),
        Case("custom field newer than the catalog", 1.5, "newCustomField"),
        Case("new field at the top level", 1.5, "newField"),
        Case("new field in every object", 1.5, "newFieldEverywhere"),
        Case("custom Date by day, Integer as text, List as array", 1.5, "datesByDay", "datesByDay"),
        Case("custom Text named like a time, Date not in ASCII", 1.5, "namedLikeTimes", "named"),
        Case("blanks between JSON tokens", 1.5, "blanks"),
        Case("stream map", 3, settings={"stream_maps": _MAPS}),
        Case("flattening", 3, settings={"flattening_enabled": True, "flattening_max_depth": 3}),
        Case("with the five nested streams", 2.5, selection="nested"),
        Case("with the five nested streams, arrays deselected", 2.5, selection="apart"),
    ]


def measure(bench: Bench, sizes: tuple[int, int], rounds: int) -> list[Case]:
    """Measure all cases in turn, in rounds."""
    few, many = sizes
    for name, edit in (("datesByDay", "datesByDay"), ("named", "namedLikeTimes")):
        bench.select(name, bench.discover(edit), {"subscriptions"})
    deselected = {"subscriptions.ourReference"}
    bench.select("deselected", bench.discover(), {"subscriptions"}, without=deselected)
    measured = cases()
    for number in range(rounds):
        sys.stderr.write(f"round {number + 1} of {rounds}\n")
        for case in measured:
            small, large = (
                bench.run(
                    bench.tap(
                        bench.address(rows, edit=case.edit), None, case.selection, **case.settings
                    )
                )
                for rows in (few, many)
            )
            case.slopes.append((large.cpu - small.cpu) / (many - few))
    return measured


def main(arguments: list[str]) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cliff", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="default 5")
    parser.add_argument("--quick", action="store_true", help="only check that all works")
    options = parser.parse_args(arguments)
    sizes, rounds = ((200, 400), 1) if options.quick else ((1_000, 6_000), options.rounds)
    with serving() as bench:
        plain, *others = measure(bench, sizes, rounds)
    sys.stdout.write(
        "| rows | CPU, µs per subscription | relative to plain | at most |\n"
        "| --- | --: | --: | --: |\n"
        f"| plain | {median(plain.slopes) * 1e6:.0f} | 1 | |\n"
    )
    for case in others:
        sys.stdout.write(
            f"| {case.title} | {median(case.slopes) * 1e6:.0f} | "
            f"{ratio(case.slopes, plain.slopes):.2f} | {case.bound:g} |\n"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
