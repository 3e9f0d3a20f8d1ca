"""`docs/reliability.md` agrees with the tests: the names exist, and the figures are right."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"
FILES = (
    "e2e",
    "faults",
    "test_everything.py",
    "test_drift.py",
    "test_marks.py",
    "test_page_order.py",
    "test_outages.py",
    "test_secrets.py",
    "test_resume.py",
    "test_figures.py",
    "test_full_refresh.py",
    "test_bad_input.py",
    "test_library.py",
    "test_nested.py",
    "test_child_streams.py",
    "test_read_at.py",
    "test_versions.py",
    "test_nullable.py",
    "test_older_catalog.py",
    "test_fast_path.py",
    "test_rows.py",
    "test_dynamic.py",
    "test_signals.py",
    "test_command_line.py",
    "test_inputs.py",
)
DRAWN = {"test_drift.py": "SCHEDULES", "test_resume.py": "DAMAGES", "test_bad_input.py": "INPUTS"}
"""The names of the number of draws of each property test."""


COLLECT = """
import sys, pytest

class Plugin:
    def pytest_collection_finish(self, session):
        for item in session.items:
            print("exhaustive" if item.get_closest_marker("exhaustive") else "default", item.nodeid)

pytest.main(sys.argv[1:], plugins=[Plugin()])
"""


@pytest.fixture(scope="module")
def collected() -> list[tuple[str, str]]:
    """The part of the suite and the name of each test, once for each case."""
    command = [sys.executable, "-c", COLLECT, "--collect-only", "-qq", "-n0", "-m", ""]
    tests = [str(ROOT / "tests" / name) for name in FILES]
    found = subprocess.run([*command, *tests], cwd=ROOT, capture_output=True, text=True, check=True)
    return re.findall(r"^(default|exhaustive) ([^\[\n]*)", found.stdout, re.MULTILINE)


@pytest.fixture(scope="module")
def cases(collected: list[tuple[str, str]]) -> Counter[str]:
    """How many cases each test has."""
    return Counter(name for _, name in collected)


def promises() -> list[tuple[str, list[str]]]:
    rows = [line.split("|")[1:-1] for line in PAGE.read_text().splitlines() if "`tests/" in line]
    return [
        (row[1].strip(), re.findall(r"`(tests/[^`]*)`", row[2])) for row in rows if len(row) == 3
    ]


@pytest.mark.exhaustive
def test_each_promise_is_tested_by_default(collected: list[tuple[str, str]]) -> None:
    named = [name for _, names in promises() for name in names]
    assert len(named) > 40
    assert set(named) <= {name for part, name in collected if part == "default"}
    assert any(part == "exhaustive" for part, _ in collected)


@pytest.mark.exhaustive
def test_each_figure_is_what_the_tests_try(cases: Counter[str]) -> None:
    """If it is a number of cases; the tests themselves check other figures."""
    counted = 0
    for figure, names in promises():
        number = re.fullmatch(r"(\d+) (\w+)", figure)
        if not number or number[2] in {"tables", "table"} or "many_faults" in names[0]:
            continue
        assert int(number[1]) == sum(cases[name] * drawn(name) for name in names), names
        counted += 1
    assert counted > 30


def drawn(name: str) -> int:
    """How often hypothesis draws each case of a test; one for other tests."""
    path, _, test = name.partition("::")
    text = (ROOT / path).read_text()
    given = re.search(rf"@given\([^@]*?def {test}\(", text)
    if not given:
        return 1
    which = "BETWEEN" if "between" in test else DRAWN[Path(path).name]
    found = re.search(rf'"{which}", "(\d+)"', text)
    assert found
    return int(found[1])
