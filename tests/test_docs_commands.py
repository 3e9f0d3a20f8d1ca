"""Every command in README, CONTRIBUTING and the site is run, here or by CI."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pages import ROOT, Block, blocks, commands
from singer import Younium, catalog, config_of, run

from simulator import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TESTS_OF_MELTANO = "tests/e2e/test_commands.py"
BUILD = "uv run --group docs sphinx-build -W --keep-going -b html docs output/site"
BENCHMARK = "uv run --group benchmark python -m benchmarks"
WHOLE = ("docs/analytics.md", "docs/scale.md")
"""Pages whose commands .ci/run takes from the page."""
IN_CI = {
    "pip install uv": (".ci/run", "^pip install uv &&"),
    "pip install uv && uv run pytest": (".ci/run", "readme_command 'pytest'"),
    "pip install uv && uv run python -m simulator demo": (
        ".ci/run",
        "readme_command 'python -m simulator demo'",
    ),
    "uv run python -m simulator serve": (
        "tests/simulated/test_command.py",
        '"-m", "simulator", "serve"',
    ),
    "uv run pytest": (".github/workflows/test.yml", "- run: uv run pytest\n"),
    "uv run pytest -m exhaustive": (".ci/run", "uv run pytest -m exhaustive\n"),
    "uv tool install .": ("tests/test_package.py", '"tool", "install"'),
    "pip install .": ("tests/test_package.py", '"pip", "install"'),
    "uvx pre-commit install": (".github/workflows/lint.yml", "uvx pre-commit run --all-files"),
    "bash .ci/run": (".ci/run", "any machine with Python 3.11+ and pip: `bash .ci/run`"),
    "uv run python -m upkeep.spec openapi.json": ("tests/test_spec.py", '"-m", "upkeep.spec"'),
    "uv run python -m upkeep.facts openapi.json": (
        "tests/test_spec.py",
        'facts.main([str(tmp_path / "openapi.json")])',
    ),
    BUILD: (".ci/run", BUILD),
    f"{BENCHMARK} --quick": (".ci/run", f"{BENCHMARK} --quick"),
    BENCHMARK: (".github/workflows/benchmark.yml", f"{BENCHMARK}\n"),
    **{
        f"{BENCHMARK}.{name}": (".github/workflows/benchmark.yml", f"{BENCHMARK}.{name}\n")
        for name in ("cliff", "loading", "soak", "soak --growing")
    },
    **{
        line: ("tests/e2e/test_own_project.py", '"<address of the files>"')
        for line in commands(meltano=False)
        if line.startswith("curl ")
    },
    **dict.fromkeys(commands(meltano=True), (TESTS_OF_MELTANO, "commands(meltano=True)")),
    **{
        line: (".ci/run", f"page_commands {page.relative_to(ROOT)}")
        for block in blocks("sh")
        if str((page := block.page).relative_to(ROOT)) in WHOLE
        for line in block.text.splitlines()
    },
}
"""Where CI runs what takes too long here or changes the machine: a file, and a line in it."""

TARGET = """\
import json, sys
for message in map(json.loads, sys.stdin):
    if message["type"] == "STATE":
        print(json.dumps(message["value"]), flush=True)
"""
"""A target that stores nothing and prints each state."""
ENTITIES = ("Nordic AB", "Läkarö & Söner")
FEW = ("accounts", "exchange_rates", "invoice_lines", "invoices", "usage")
"""The streams to test with; some commands create a catalog of all streams."""


def run_here(block: Block) -> str:
    """The commands of a block that CI does not run."""
    return "".join(line for line in block.text.splitlines(keepends=True) if line[:-1] not in IN_CI)


HERE = [
    block
    for block in blocks("sh", "console")
    if run_here(block).strip()
    and "meltano run" not in block.text  # tests/e2e/test_platforms.py runs the script
]
SCRIPT = next(block for block in HERE if block.text.startswith("#!"))
SELECTION = next(block for block in HERE if "revenue_schedules" in block.text)
BACKFILL = next(block for block in HERE if block.page.name == "backfill.md")
OTHERS = [block for block in HERE if block not in (SCRIPT, SELECTION, BACKFILL)]


@pytest.fixture(scope="module")
def younium() -> Iterator[Younium]:
    with Younium(accounts=2, entities=ENTITIES) as found:
        yield found


@pytest.fixture(scope="module")
def prepared(younium: Younium, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files and programs that the commands use."""
    folder = tmp_path_factory.mktemp("prepared")
    config, chosen = config_of(younium), catalog(FEW, entities=ENTITIES)
    state = run(config, catalog=chosen).well().state
    for name, content in (("config", config), ("catalog", chosen), ("state", state)):
        (folder / f"{name}.json").write_text(json.dumps(content))
    (folder / "target.py").write_text(TARGET)
    (folder / "bin").mkdir()
    for name, command in {
        "python": f'{sys.executable} "$@"',
        "tap-younium": f'{sys.executable} -m tap_younium "$@"',
        "target-jsonl": f"{sys.executable} {folder}/target.py",
        "uv": '"${@:2}"',  # `uv run` in the current environment
        "pytest": f'{sys.executable} -m pytest -n0 "$@"',
    }.items():
        program = folder / "bin" / name
        program.write_text(f"#!/bin/bash\nexec {command}\n")
        program.chmod(0o755)
    return folder


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    """A copy of it, to work in."""
    return shutil.copytree(prepared, tmp_path / "folder")


def bash(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script without settings of the tap in the environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TAP_")}
    return subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=kept | {"HOME": str(folder), "PATH": f"{folder}/bin:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.exhaustive
@pytest.mark.parametrize("block", OTHERS, ids=str)
def test_a_command_succeeds(block: Block, folder: Path) -> None:
    if block.page.name == "CONTRIBUTING.md":  # its commands are for a checkout
        for name in ("docs", "tests"):
            shutil.copytree(ROOT / name, folder / name)
        for name in ("README.md", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
    done = bash(run_here(block), folder)
    assert done.returncode == 0, done.stdout + done.stderr
    if "state.json" in block.text:
        assert "bookmarks" in json.loads((folder / "state.json").read_text())


def test_ci_runs_the_other_commands() -> None:
    every = {*commands(meltano=True), *commands(meltano=False)}
    assert [line for line in IN_CI if line not in every] == []
    for line, (file, needle) in IN_CI.items():
        text = (ROOT / file).read_text(encoding="utf-8")
        assert needle in text, (line, file)


@pytest.mark.exhaustive
def test_the_script_continues_from_its_state(folder: Path, younium: Younium) -> None:
    """In a first run, after a run that succeeded, and after one that failed halfway."""
    (folder / "load.sh").write_text(SCRIPT.text)
    for name in ("catalog.json", "state.json"):
        (folder / name).unlink()
    assert bash("bash load.sh", folder).returncode == 0
    first = json.loads((folder / "state.json").read_text())
    assert first["bookmarks"]["invoices"]["partitions"][1]["replication_key_value"]

    younium.clear()
    younium.faults[:] = [Fault("status", "/Usage", status=400)]
    assert bash("bash load.sh", folder).returncode == 1
    younium.faults.clear()
    asked = [seen for seen in younium.requests if seen.path == "/Invoices"]
    assert all("ModifiedAfter" in seen.query for seen in asked)
    assert json.loads((folder / "state.json").read_text())["bookmarks"].keys() >= {"invoices"}


def test_selecting_a_table_selects_it(folder: Path) -> None:
    assert bash(SELECTION.text, folder).returncode == 0
    found = json.loads((folder / "catalog.json").read_text())["streams"]
    named = set(re.findall(r"\w+", SELECTION.text.splitlines()[-1]))
    selected = {
        stream["tap_stream_id"]
        for stream in found
        if any(it["metadata"].get("selected") for it in stream["metadata"] if not it["breadcrumb"])
    }
    assert named <= selected


def test_a_backfill_resets_only_the_named_bookmarks(folder: Path, younium: Younium) -> None:
    younium.clear()
    assert bash(run_here(BACKFILL), folder).returncode == 0
    asked = {seen.path: "ModifiedAfter" in seen.query for seen in reversed(younium.requests)}
    assert asked["/Accounts"]
    assert not asked["/Invoices"]
