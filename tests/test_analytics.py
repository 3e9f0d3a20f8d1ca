"""docs/analytics.md lists what examples/dbt has, and CI runs its commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pages import blocks

from simulator import demo

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent
DBT = ROOT / "examples/dbt"
PAGE = (ROOT / "docs/analytics.md").read_text(encoding="utf-8")


def test_the_page_lists_each_model() -> None:
    models = {file.stem for file in DBT.glob("models/*.sql")}
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == models
    described = yaml.safe_load((DBT / "models/models.yml").read_text(encoding="utf-8"))
    assert {model["name"] for model in described["models"]} == models


def test_models_read_only_tables_that_are_read_by_default() -> None:
    (source,) = yaml.safe_load((DBT / "models/sources.yml").read_text(encoding="utf-8"))["sources"]
    named = {
        name
        for file in DBT.glob("*/*.sql")
        for name in re.findall(r"source\('younium', '(\w+)'\)", file.read_text(encoding="utf-8"))
    }
    assert named <= {table["name"] for table in source["tables"]}
    (lock,) = (ROOT / "plugins/extractors").iterdir()
    text = lock.read_text(encoding="utf-8")
    assert not [name for name in named if f'"!{name}.*"' in text]


def test_the_page_s_commands_are_run() -> None:
    text = "\n".join(block.text for block in blocks("sh") if block.page.name == "analytics.md")
    assert "python -m simulator demo --chart " in text
    assert "--from dbt-core \\\n    dbt --warn-error build --project-dir examples/dbt" in text
    for runner in (".ci/run", ".github/workflows/test.yml"):
        assert "docs/analytics.md" in (ROOT / runner).read_text(encoding="utf-8")


def test_dbt_sends_no_usage_statistics() -> None:
    project = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["flags"]["send_anonymous_usage_stats"] is False


def test_a_chart_without_matplotlib_fails_at_once_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda _: None)
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))  # or the demo would continue and take a minute
    assert demo.main(["--output", str(tmp_path), "--chart", str(tmp_path / "mrr.png")]) == 1
    out, error = capsys.readouterr()
    assert not out
    assert error.splitlines() == ["--chart needs matplotlib: start with uv run --group chart"]
    assert not list(tmp_path.iterdir())
