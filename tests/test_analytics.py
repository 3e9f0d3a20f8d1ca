"""docs/analytics.md lists the models and assumptions of examples/dbt, and CI runs its commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from figures import ENTITIES, FIGURES, MEASURES, SWITCHES, TABLES
from loading import load
from pages import blocks
from singer import Younium, config_of, run

from simulator import demo

if TYPE_CHECKING:
    from typing import Any

    import pytest

ROOT = Path(__file__).parent.parent
DBT = ROOT / "examples/dbt"
PAGE = (ROOT / "docs/analytics.md").read_text(encoding="utf-8")


def properties() -> dict[str, dict[str, Any]]:
    """The models as their properties describe them."""
    files = [yaml.safe_load(it.read_text(encoding="utf-8")) for it in DBT.glob("models/*/*.yml")]
    return {model["name"]: model for file in files for model in file["models"]}


def test_the_page_lists_each_mart() -> None:
    marts = {file.stem for file in DBT.glob("models/marts/*.sql")}
    assert set(re.findall(r"^\| `(younium__\w+)` \|", PAGE, re.MULTILINE)) == marts == set(MEASURES)


def test_each_model_and_column_is_described() -> None:
    assert properties().keys() == {file.stem for file in DBT.glob("models/*/*.sql")}
    for name, model in properties().items():
        assert model["description"], name
        assert [it["name"] for it in model["columns"] if not it.get("description")] == [], name


def test_the_described_columns_are_those_of_the_models() -> None:
    with Younium(accounts=2, entities=ENTITIES) as younium:
        output = run(config_of(younium), select=TABLES).well()
    with load(output) as database:
        database.execute(FIGURES)
        for name, model in properties().items():
            if name != "stg_younium__subscription_discounts":  # only with its assumption
                columns = database.execute(f"SELECT * FROM analytics.{name}").description
                assert [column for column, *_ in columns or ()] == [
                    it["name"] for it in model["columns"]
                ], name


def test_the_page_has_each_variable_with_its_default() -> None:
    project = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))
    others = {"younium_as_of": "today, in UTC", "younium_arrays": "true"}
    defaults = project["vars"]["younium"] | others
    rows = re.findall(r"^\| `(younium_[a-z]\w+)` \| (.*?) \|", PAGE, re.MULTILINE)
    listed = {name: text for name, text in rows if not name.startswith("younium__")}
    assert {name: text.strip("`") for name, text in listed.items()} == {
        name: f"[{', '.join(map(str, it))}]" if isinstance(it, list) else it
        for name, it in defaults.items()
    }
    switched = {name for name, *_ in SWITCHES}
    assert switched == defaults.keys() - {"younium_schema", "younium_as_of", "younium_arrays"}


def test_the_page_names_each_value_of_an_assumption() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in DBT.glob("m*/**/*.sql"))
    known = re.findall(r"assume\(\s*'(\w+)',\s*\[(.*?)\]", code)
    assert len(known) > 10
    for name, values in known:
        (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
        words = set(re.findall(r"'(\w+)'", values))
        assert [value for value in words if f"`{value}`" not in row] == [], name
        given = {value for switch, value, _ in SWITCHES if switch == name}
        (default,) = words - given
        assert row.startswith(f"| `{name}` | `{default}` |")


def test_unit_tests_set_each_assumption() -> None:
    """Otherwise they would fail in a project that switches one, and `dbt build` skip the model."""
    file = DBT / "models/unit_tests.yml"
    for it in yaml.safe_load(file.read_text(encoding="utf-8"))["unit_tests"]:
        assert it["overrides"]["vars"].keys() >= {name for name, *_ in SWITCHES}, it["name"]


def test_models_read_only_tables_that_are_read_by_default() -> None:
    (source,) = yaml.safe_load((DBT / "models/sources.yml").read_text(encoding="utf-8"))["sources"]
    named = {
        name
        for file in DBT.glob("*/**/*.sql")
        for name in re.findall(r"source\('younium', '(\w+)'\)", file.read_text(encoding="utf-8"))
    }
    assert named <= {table["name"] for table in source["tables"]}
    assert source["schema"] == "{{ var('younium_schema') }}"
    (lock,) = (ROOT / "plugins/extractors").iterdir()
    text = lock.read_text(encoding="utf-8")
    assert not [name for name in named if f'"!{name}.*"' in text]


def test_the_page_shows_how_to_install_the_package() -> None:
    (block,) = (it for it in blocks("yaml") if it.page.name == "analytics.md")
    (package,) = yaml.safe_load(block.text)["packages"]
    assert (ROOT / package["subdirectory"] / "dbt_project.yml").exists()


def test_the_page_s_commands_are_run() -> None:
    text = "\n".join(block.text for block in blocks("sh") if block.page.name == "analytics.md")
    assert "python -m simulator demo --charts " in text
    assert "--from dbt-core \\\n    dbt --warn-error build --project-dir examples/dbt" in text
    for runner in (".ci/run", ".github/workflows/test.yml"):
        assert "docs/analytics.md" in (ROOT / runner).read_text(encoding="utf-8")


def test_dbt_s_variables_are_those_of_target_postgres() -> None:
    profile = (DBT / "profiles.yml").read_text(encoding="utf-8")
    read = re.findall(r"env_var\('(TARGET_POSTGRES_\w+)'(?:, '(.*?)')?\)", profile)
    listed = re.findall(
        r"^\| `(TARGET_POSTGRES_\w+)` \| `[A-Z]+`(?:; by default `(.*)`)? \|$", PAGE, re.MULTILINE
    )
    assert sorted(read) == sorted(listed)
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    loaders = {it["name"]: it for it in project["plugins"]["loaders"]}
    settings = {
        f"TARGET_POSTGRES_{it['name'].upper()}": it for it in loaders["target-postgres"]["settings"]
    }
    assert {name: str(settings[name].get("value", "")) for name, _ in read} == dict(read)


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
