"""CONTRIBUTING.md: its steps to add a stream work, and the files that it names exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from singer import catalog, metadata_of, run, table_of, validate
from stub import serving

from tap_younium import streams
from tap_younium.client import YouniumStream
from tap_younium.models import reference as models
from tap_younium.streams import reference

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECORD = {"id": "8c1d3ee0-3a4f-4f4e-9b0a-0d6b1c0f3a55", "name": "Sales", "costCentre": 7}


def test_ten_lines_are_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = PAGE.partition("## Add a stream")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```python\n(.*?)^```", steps, re.MULTILINE | re.DOTALL)
    assert len([line for block in blocks for line in block.splitlines() if line]) == 10

    model, table = blocks
    names: dict[str, Any] = dict(vars(models))
    exec(model, names)  # noqa: S102 - as if it stood in that module
    names = vars(reference) | {"Department": names["Department"]}
    exec(table, names)  # noqa: S102
    monkeypatch.setattr(streams, "STREAMS", (*streams.STREAMS, names["Departments"]))

    with serving() as stub:
        stub.listing = lambda: (200, {"data": [RECORD], "totalCount": 1})
        chosen = catalog(["departments"], config=stub.config | {"legal_entities": ["One"]})
        output = run(stub.config | {"legal_entities": ["One"]}, catalog=chosen).well()

    entry = table_of(chosen, "departments")
    assert entry["key_properties"] == ["id", "_legal_entity"]
    assert metadata_of(entry, "properties", "id")["inclusion"] == "automatic"
    (row,) = output.records["departments"]
    assert output.records == {
        "departments": [
            {
                "id": RECORD["id"],
                "name": "Sales",
                "_read_at": row["_read_at"],
                "_legal_entity": "One",
                "_extra": {"costCentre": 7},
            }
        ]
    }
    assert validate(output) == 1


def test_the_files_and_options_that_it_names_exist() -> None:
    named = set(re.findall(r"[`\s](\.?\w+(?:/[\w.-]+)+)[`\s]", PAGE))
    assert len(named) > 10
    missing = {name for name in named if not (ROOT / name).exists()}
    assert missing <= {"output/site"}  # exists once the site is built
    options = re.findall(r"^\| `(\w+) = ", PAGE, re.MULTILINE)
    assert len(options) > 3
    assert [name for name in options if not hasattr(YouniumStream, name)] == []


def test_the_changelog_has_the_right_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first, *others = re.findall(r"^##+ .*$", text, re.MULTILINE)
    assert first == "## [Unreleased]"
    version = r"## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d"
    kind = r"### (Added|Changed|Deprecated|Removed|Fixed|Security)"
    assert [line for line in others if not re.fullmatch(f"{version}|{kind}", line)] == []


def test_each_supported_python_is_tested_and_the_sdk_s_pre_release_blocks_nothing() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))["jobs"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = re.findall(r":: (3\.\d+)'", str(project["classifiers"]))
    assert jobs["test"]["strategy"]["matrix"]["python"] == listed
    assert jobs["pre-release"]["continue-on-error"] is True
    assert "singer-sdk[msgspec,testing]>=0.55.0a0" in str(jobs["pre-release"]["steps"])
