"""README, .env.example and the definitions for Meltano and its Hub agree with the tap."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pages import blocks
from singer import run

from upkeep import regenerate

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@cache
def about() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(None, "--about", "--format=json").well().stdout)
    return found


def settings() -> list[str]:
    return list(about()["settings"]["properties"])


def locked() -> dict[str, Any]:
    """The definition that Meltano uses, at the path where it looks for it."""
    (plugin,) = yaml.safe_load((ROOT / "meltano.yml").read_text("utf-8"))["plugins"]["extractors"]
    file = ROOT / f"plugins/extractors/{plugin['name']}--{plugin['variant']}.lock"
    found = json.loads(file.read_text("utf-8"))
    assert (found["name"], found["variant"]) == (plugin["name"], plugin["variant"])
    assert isinstance(found, dict)
    return found


def definition() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "docs/hub/tap-younium.yml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def as_meltano_has_it(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A setting as Meltano describes one; the labels of options are Meltano's own."""
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if "enum" in schema:
        kind = "options"
    elif schema.get("format") == "date-time":
        kind = "date_iso8601"
    elif kind == "number":
        kind = "string"  # Meltano 4.4.1 fails at a `decimal` that comes from the environment
    found = {
        "name": name,
        "label": schema["title"],
        "kind": kind,
        "description": schema["description"],
    }
    if schema.get("secret"):
        found["sensitive"] = True
    if "default" in schema:
        found["value"] = schema["default"]
    if "enum" in schema:
        found["options"] = schema["enum"]
    return found


def streams() -> dict[str, dict[str, Any]]:
    found = json.loads(run(None, "--discover").well().stdout)["streams"]
    return {stream["tap_stream_id"]: stream for stream in found}


def is_selected(stream: dict[str, Any]) -> bool:
    (root,) = (entry["metadata"] for entry in stream["metadata"] if not entry["breadcrumb"])
    return bool(root.get("selected-by-default"))


def test_generated_parts_are_up_to_date() -> None:
    """Otherwise: `python -m upkeep.regenerate`."""
    for name, text in regenerate.files().items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, name


def test_the_readme_describes_the_main_settings_as_the_tap_does() -> None:
    section = README.partition("## Settings")[2].partition("\n## ")[0]
    written = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE))
    properties = about()["settings"]["properties"]
    assert written.keys() >= set(about()["settings"]["required"])
    assert written == {name: properties[name]["description"] for name in written}


def test_the_site_lists_each_stream_with_its_primary_key() -> None:
    text = (ROOT / "docs/keys.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[`(\w+)`\]\S+ \| (.*?) \|", text, re.MULTILINE)
    keys = {name: re.findall(r"`(\w+)`", key) for name, key in rows}
    assert keys == {name: stream["key_properties"] for name, stream in streams().items()}


def test_the_readme_counts_the_streams() -> None:
    assert f"There are {len(streams())} streams" in README


def test_meltano_s_definition_has_the_same_settings_and_capabilities() -> None:
    found = locked()
    assert found["capabilities"] == sorted(about()["capabilities"])
    for setting in found["settings"]:
        if "options" in setting:
            setting["options"] = [option["value"] for option in setting["options"]]
    properties = about()["settings"]["properties"]
    assert found["settings"] == [as_meltano_has_it(*each) for each in properties.items()]
    assert found["settings_group_validation"] == [about()["settings"]["required"]]


def test_meltano_s_definition_deselects_what_is_not_selected_by_default() -> None:
    left_out = {rule[1:].partition(".")[0] for rule in locked()["select"] if rule[0] == "!"}
    assert left_out == {name for name, stream in streams().items() if not is_selected(stream)}


def test_the_recipe_has_the_same_selection() -> None:
    rules = [
        extractor["select"]
        for block in blocks("yaml")
        if block.page.name == "meltano.md"
        for extractor in yaml.safe_load(block.text).get("plugins", {}).get("extractors", [])
    ]
    assert locked()["select"] in rules


def test_env_example_has_each_setting() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^#? ?(\w+)=", text, re.MULTILINE)
    assert named == [f"TAP_YOUNIUM_{name.upper()}" for name in settings()]


HUB_ALONE = {"domain_url", "keywords", "maintenance_status", "quality"}
"""What the Hub's schema has and that of Meltano does not."""


def test_the_hub_s_definition_agrees_with_meltano_s() -> None:
    found, known = definition(), locked()
    known["settings"].sort(key=lambda setting: setting["name"])
    assert known.pop("plugin_type") == "extractors"
    del known["variant"]
    assert {name: found.get(name) for name in known} == known
    assert found.keys() - known.keys() == HUB_ALONE | {"logo_url", "repo", "variant"}
    assert found["supported_python_versions"] == about()["supported_python_versions"]


def test_the_hub_s_definition_is_valid_for_meltano_and_the_hub() -> None:
    found = definition()
    assert found["maintenance_status"] in {"active", "beta", "development", "inactive", "unknown"}
    assert found["quality"] in {"gold", "silver", "bronze", "unknown"}

    def is_sorted(node: Any) -> bool:
        if isinstance(node, dict):
            return list(node) == sorted(node) and all(map(is_sorted, node.values()))
        return not isinstance(node, list) or all(map(is_sorted, node))

    assert is_sorted(found)

    plugin = {name: value for name, value in found.items() if name not in HUB_ALONE}
    project = json.dumps({"plugins": {"extractors": [plugin]}})
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.meltano", "-"]
    done = subprocess.run(check, input=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
