"""The figures of docs/scale.md, and one part of a load; tests/e2e/test_platforms.py loads all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sums
import younium_parts
from pages import blocks
from singer import Younium, catalog, config_of, ends
from test_child_streams import DETAILS
from test_docs_commands import TARGET
from test_drift import Event, moving
from test_nested import NESTED

from simulator import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTITIES = ("Nordic AB", "Läkarö & Söner")
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
    assert f"at most {sums.MARK_A_ROW} bytes" in " ".join(BENCHMARK.split())


def test_the_page_compares_the_target_with_the_tap() -> None:
    text = " ".join(PAGE.split())
    loader, server = (f"{cpu * 1e3:.2g} ms" for cpu in sums.PLAIN)
    assert f"target-postgres 0.8.1 takes {loader} of CPU per row" in text
    assert f"{sums.PLAIN[0] / sums.CPU_A_ROW:.0f} times as much as the tap" in text
    assert f"PostgreSQL takes {server}" in text
    loader, server = (f"{cpu * 1e3:.2g} ms" for cpu in sums.COPY)
    assert (
        f"[target-postgres-copy](targets.md#postgresql) takes {loader}, and PostgreSQL {server}"
        in text
    )


def test_inserts_under_way_cost_as_many_requests_as_calculated() -> None:
    """One request at a time: pages that are answered out of order can be read again."""
    inserts = [Event(number, "insert", number * 70 % 2000) for number in range(40)]
    with moving("accounts", *inserts, size=2050) as subject:
        subject.page_size = sums.PAGE
        subject.read(1)
        inserted = len(subject.rows) - 2050
        assert inserted > 20
        assert abs(subject.requests - sums.requests(2050, inserted)) <= 1


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
        assert younium_parts.group_of(table) == younium_parts.group_of(nested.collection), table
    for table, detail in DETAILS.items():
        assert {younium_parts.group_of(table)} == {
            younium_parts.group_of(each) for each in detail.collections
        }


@pytest.fixture
def younium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Younium]:
    """A Younium that the parts read."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    monkeypatch.setenv("PATH", path)
    monkeypatch.setattr(younium_parts, "FOLDER", tmp_path)
    with Younium(accounts=2, entities=ENTITIES) as found:
        for name, value in config_of(found).items():
            text = value if isinstance(value, str) else json.dumps(value)
            monkeypatch.setenv(f"TAP_YOUNIUM_{name.upper()}", text)
        yield found


@pytest.mark.exhaustive
@pytest.mark.usefixtures("younium")
def test_the_target_creates_all_tables_before_the_parts_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(younium_parts, "TARGET", f"cat > {tmp_path}/sent")
    assert len(younium_parts.prepare()) == 6
    sent = [json.loads(line) for line in (tmp_path / "sent").read_text().splitlines()]
    assert {message["type"] for message in sent} == {"SCHEMA"}
    selected = set()
    for group in younium_parts.GROUPS:
        for stream in json.loads((tmp_path / f"{group}.catalog.json").read_text())["streams"]:
            (own,) = (it["metadata"] for it in stream["metadata"] if not it["breadcrumb"])
            if own.get("selected-by-default"):
                selected.add(stream["tap_stream_id"])
    assert {message["stream"] for message in sent} == selected


def test_the_defaults_do_not_depend_on_the_folder_in_which_a_worker_runs() -> None:
    assert younium_parts.FOLDER.is_absolute()
    assert Path(younium_parts.TARGET.split()[-1]).is_absolute()
    for default in (younium_parts.FOLDER, younium_parts.TARGET, younium_parts.TIMEOUT):
        assert f", by default `{default}`" in PAGE


def test_a_run_that_takes_too_long_is_stopped_with_all_its_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAP_YOUNIUM_LEGAL_ENTITIES", "[]")
    monkeypatch.setattr(younium_parts, "TIMEOUT", "2")
    target = (
        f"{sys.executable} -c 'import os, time; print(os.getpid(), flush=True); time.sleep(99)'"
    )
    with pytest.raises(subprocess.CalledProcessError):
        younium_parts._run(f"sleep 99 | {target} > {tmp_path}/pid")
    assert ends(int((tmp_path / "pid").read_text()))


@pytest.mark.exhaustive
def test_a_part_continues_where_its_last_run_stopped(
    younium: Younium, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if that run failed, and tells errors apart that a retry cannot correct."""
    part = younium_parts.Part("Läkarö & Söner", "billing")
    found = catalog(["invoices", "journals"], ENTITIES)
    (tmp_path / "billing.catalog.json").write_text(json.dumps(found))
    (tmp_path / "target.py").write_text(TARGET)
    monkeypatch.setattr(younium_parts, "TARGET", f"{sys.executable} {tmp_path}/target.py")
    younium.faults[:] = [Fault("status", "/Journals", status=400)]
    with pytest.raises(subprocess.CalledProcessError):
        younium_parts.load(part)
    younium.clear()
    younium_parts.load(part)
    changed = {seen.path: "ModifiedAfter" in seen.query for seen in reversed(younium.requests)}
    assert changed.items() >= {"/Invoices": True, "/Journals": False}.items()
    monkeypatch.setenv("TAP_YOUNIUM_CLIENT_SECRET", "wrong")
    with pytest.raises(younium_parts.PermanentError):
        younium_parts.load(part)
    state = json.loads((tmp_path / f"{part.name}.state.json").read_text())
    assert state["bookmarks"].keys() == {"invoices", "journals"}
    for bookmark in state["bookmarks"].values():
        (partition,) = bookmark["partitions"]
        assert partition["context"] == {"_legal_entity": part.entity}


def test_the_page_s_commands_are_run() -> None:
    assert len([block for block in blocks("sh") if block.page.name == "scale.md"]) == 1
    for runner in (".ci/run", ".github/workflows/test.yml"):
        assert "docs/scale.md" in (ROOT / runner).read_text(encoding="utf-8")
