"""README, meltano.yml and .env.example say what the tap says of itself."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from singer import run

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@cache
def about() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(None, "--about", "--format=json").well().stdout)
    return found


def settings() -> list[str]:
    return list(about()["settings"]["properties"])


def extractor() -> dict[str, Any]:
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    (found,) = project["plugins"]["extractors"]
    assert isinstance(found, dict)
    return found


def streams() -> dict[str, dict[str, Any]]:
    found = json.loads(run(None, "--discover").well().stdout)["streams"]
    return {stream["tap_stream_id"]: stream for stream in found}


def is_selected(stream: dict[str, Any]) -> bool:
    (root,) = (entry["metadata"] for entry in stream["metadata"] if not entry["breadcrumb"])
    return bool(root.get("selected-by-default"))


def test_the_readme_lists_each_setting_with_its_meaning() -> None:
    section = README.partition("## Settings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|[^|]*\| (.*) \|$", section, re.MULTILINE)
    written = dict(rows)
    assert list(written) == settings()
    own = {name: about()["settings"]["properties"][name].get("description") for name in written}
    assert written == own


def test_the_readme_lists_each_table_with_its_key() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|.*?((?:`\w+`(?:, )?)+)(?: \|[^`|]*)* ?\|$", README, re.MULTILINE
    )
    keys = {name: re.findall(r"`(\w+)`", key) for name, key in rows}
    for name, stream in streams().items():
        assert keys.get(name) == stream["key_properties"], name


def test_meltano_knows_the_same_settings_and_capabilities() -> None:
    assert [setting["name"] for setting in extractor()["settings"]] == settings()
    assert extractor()["capabilities"] == about()["capabilities"]
    secrets = {setting["name"] for setting in extractor()["settings"] if setting.get("sensitive")}
    properties = about()["settings"]["properties"]
    assert secrets == {name for name in properties if properties[name].get("secret")}


def test_meltano_leaves_out_what_is_not_selected_by_default() -> None:
    left_out = {rule[1:].partition(".")[0] for rule in extractor()["select"] if rule[0] == "!"}
    assert left_out == {name for name, stream in streams().items() if not is_selected(stream)}


def test_the_example_of_an_environment_names_each_setting() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^#? ?TAP_YOUNIUM_(\w+)=", text, re.MULTILINE)
    assert [name.lower() for name in named] == settings()
