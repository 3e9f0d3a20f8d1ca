"""examples/scale: the figures of docs/scale.md, and parts that together give what one run gives."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pages import blocks
from singer import Younium, catalog
from test_child_streams import DETAILS
from test_nested import NESTED

from examples.scale import parts, sums, worked

if TYPE_CHECKING:
    from examples.scale.parts import Part

ROOT = Path(__file__).parent.parent
SCALE = ROOT / "examples/scale"
PAGE = (ROOT / "docs/scale.md").read_text(encoding="utf-8")
BENCHMARK = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")


def test_the_page_has_the_tables_that_the_script_prints() -> None:
    command = [sys.executable, str(SCALE / "sums.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert f"```sh\nuv run python examples/scale/sums.py\n```\n\n{printed}\n" in PAGE


def test_the_calculation_uses_the_benchmark_s_figures() -> None:
    (row,) = re.findall(r"^\| this tap \(4 in flight.*$", BENCHMARK, re.MULTILINE)
    _, _, cpu, *_, peak, _ = (cell.strip() for cell in row.split("|"))
    assert (sums.CPU_A_ROW, f"{sums.PEAK / 1e6:.0f} MB") == (float(cpu) / 1e6, peak)
    assert f"({sums.BYTES_A_ROW / 1000} kB and 65 decimals" in BENCHMARK
    marks = f"takes {sums.SORTED_BYTES / 1e6:.0f} MB for {sums.SORTED_ROWS:,} rows"
    assert marks in " ".join(BENCHMARK.split())


def test_waiting_and_work_add_up_to_about_the_measured_time() -> None:
    shares = []
    for flying, cells in re.findall(
        r"^\| this tap, (\d) in flight \| (.* s.*) \|", BENCHMARK, re.MULTILINE
    ):
        still, *others = (float(wall) for wall in re.findall(r"(\d+\.\d+) s", cells))
        for latency, wall in zip((0.05, 0.2), others, strict=True):
            shares.append((still + 100 * latency / int(flying)) / wall)
    assert len(shares) == 6
    low, high = min(shares) - 1, max(shares) - 1
    assert f"{low:.0%} to {high:.0%} over".replace("%", " %") in " ".join(PAGE.split())


def test_streams_are_in_the_group_of_those_whose_pages_they_need() -> None:
    for table, nested in NESTED.items():
        assert parts.group_of(table) == parts.group_of(nested.collection), table
    for table, detail in DETAILS.items():
        assert {parts.group_of(table)} == {parts.group_of(each) for each in detail.collections}


@pytest.fixture
def on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tap's command, and the repository for `python -m`."""
    folders = [str(Path(sys.executable).parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))
    monkeypatch.chdir(ROOT)


@pytest.mark.exhaustive
@pytest.mark.usefixtures("on_the_path")
def test_a_run_for_each_part_gives_what_one_run_gives(capfd: pytest.CaptureFixture[str]) -> None:
    assert worked.main(["--accounts", "2"]) == 0
    *_, tables, states = capfd.readouterr().out.splitlines()
    default = sum(
        bool(each["metadata"].get("selected-by-default"))
        for stream in catalog()["streams"]
        for each in stream["metadata"]
        if not each["breadcrumb"]
    )
    assert tables.startswith(f"{default} streams, ")
    assert tables.endswith("streams that differ: 0")
    assert states == "6 states; bookmarks outside their part: 0"


@pytest.fixture
def part(tmp_path: Path) -> Part:
    found = catalog(["journals"], ["Läkarö & Söner"])
    (tmp_path / "billing.catalog.json").write_text(json.dumps(found))
    return parts.Part("Läkarö & Söner", "billing")


@pytest.mark.exhaustive
@pytest.mark.usefixtures("on_the_path")
def test_a_part_continues_from_its_own_state_and_keeps_it_when_it_fails(
    part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / f"{part.name}.state.json"
    target = f"{sys.executable} -m examples.scale.keep {tmp_path}"
    with Younium(accounts=2, entities=["Nordic AB", "Läkarö & Söner"]) as younium:
        for name in ("client_id", "client_secret"):
            monkeypatch.setenv(f"TAP_YOUNIUM_{name.upper()}", getattr(younium, name))
        monkeypatch.setenv("TAP_YOUNIUM_API_URL", younium.url)
        parts.load(part, tmp_path, target)
        first = state.read_text()
        assert not [seen for seen in younium.requests if "ModifiedAfter" in seen.query]
        with pytest.raises(subprocess.CalledProcessError):
            parts.load(part, tmp_path, "false")
        assert state.read_text() == first
        younium.clear()
        parts.load(part, tmp_path, target)
    assert [seen for seen in younium.requests if "ModifiedAfter" in seen.query]
    assert json.loads(state.read_text())["bookmarks"].keys() == {"journals"}


def test_orchestrators_are_python_and_call_what_is_tested() -> None:
    for name in ("airflow_dag", "dagster_partitions"):
        text = (SCALE / f"{name}.py").read_text(encoding="utf-8")
        compile(text, name, "exec")
        for called in re.findall(r"\bparts\.(\w+)", text):
            assert hasattr(parts, called), called
        assert "parts.load(parts.Part(" in text


def test_the_page_s_commands_are_run() -> None:
    assert len([block for block in blocks("sh") if block.page.name == "scale.md"]) == 2
    for runner in (".ci/run", ".github/workflows/test.yml"):
        assert "docs/scale.md" in (ROOT / runner).read_text(encoding="utf-8")
