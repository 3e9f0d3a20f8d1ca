"""`python -m upkeep.regenerate`: write all files generated from the streams and the settings.

These are the generated pages of `docs`, the definitions for Meltano and Meltano Hub, the settings
in README.md and `.env.example`, the tables of dbt's source, the views in `examples/figures.sql` and
the snapshot of the catalog.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from docs import generate
from tap_younium import config
from tap_younium.child import ChildStream
from tap_younium.streams import STREAMS
from tap_younium.tap import TapYounium
from upkeep import figures

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]


def files() -> dict[str, str]:
    """Return the text of each file outside of the docs that has generated parts."""
    hub, readme, env, sources = (
        (ROOT / name).read_text(encoding="utf-8") for name in (HUB, "README.md", ENV, SOURCES)
    )
    return {
        HUB: _hub(hub),
        LOCK: _lock(hub),
        "README.md": _readme(readme),
        ENV: _env(env),
        SOURCES: _sources(sources),
    }


def main() -> None:
    """Write the files, then the snapshot of the catalog."""
    generate.main()
    figures.main()
    for name, text in files().items():
        (ROOT / name).write_text(text, encoding="utf-8")
    update = ("-q", "-n0", "tests/test_catalog.py", "--snapshot-update")
    subprocess.run([sys.executable, "-m", "pytest", *update], cwd=ROOT, check=True)


HUB, ENV = "docs/hub/tap-younium.yml", ".env.example"
SOURCES = "examples/dbt/models/sources.yml"
VARIANT = "community"
LOCK = f"plugins/extractors/tap-younium--{VARIANT}.lock"
_HUB_ONLY = ("domain_url", "keywords", "logo_url", "maintenance_status", "quality", "repo")


def _hub(text: str) -> str:
    """Return the definition for Meltano Hub, with sorted entries."""
    comment = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    known = yaml.safe_load(text) | {
        "select": list(_select()),
        "settings": sorted(_settings(), key=lambda setting: str(setting["name"])),
    }
    return comment + yaml.safe_dump(known, allow_unicode=True, width=10_000)


def _lock(hub: str) -> str:
    """Return the definition in the format of Meltano's lock files.

    Unlike `meltano add --from-ref`, a lock file keeps `select`, and so the streams with personal
    data off.
    """
    known = {name: it for name, it in yaml.safe_load(hub).items() if name not in _HUB_ONLY}
    first = {name: known.pop(name) for name in ("name", "namespace")}
    own = {"variant": VARIANT, "settings": list(_settings()), "select": list(_select())}
    definition = {"plugin_type": "extractors", **first, **known, **own}
    return json.dumps(definition, indent=2, ensure_ascii=False) + "\n"


def _settings() -> Iterator[dict[str, Any]]:
    """Yield the settings as Meltano describes them."""
    for name, schema in TapYounium(validate_config=False).config_jsonschema["properties"].items():
        kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
        if "enum" in schema:
            kind = "options"
        elif schema.get("format") == "date-time":
            kind = "date_iso8601"
        elif kind == "number":
            kind = "string"  # Meltano 4.4.1 fails on a `decimal` from the environment
        found = {"name": name, "label": schema["title"], "kind": kind}
        if schema.get("secret"):
            found["sensitive"] = True
        if "enum" in schema:
            found["options"] = [{"label": _label(it), "value": it} for it in schema["enum"]]
        if "default" in schema:
            found["value"] = schema["default"]
        yield found | {"description": schema["description"]}


def _label(value: str) -> str:
    words = (word.upper() if word == "us" else word for word in value.split("_"))
    text = " ".join(words)
    return text if re.fullmatch(r"v\d", text) else text[:1].upper() + text[1:]


def _select() -> Iterator[str]:
    """Yield Meltano's selection rules: all streams except those that are deselected by default.

    Streams with personal data or links come first, then those with a request per record.
    """
    yield "*.*"
    deselected = [stream for stream in STREAMS if not stream.selected_by_default]
    for stream in sorted(deselected, key=lambda it: (issubclass(it, ChildStream), it.name)):
        yield f"!{stream.name}.*"


def _readme(text: str) -> str:
    """Return README.md with the descriptions of the settings and the number of streams."""
    text = re.sub(r"There are \d+ streams", f"There are {len(STREAMS)} streams", text)

    def row(match: re.Match[str]) -> str:
        schema = config.SCHEMA["properties"].get(match[1])
        return f"| `{match[1]}` | {schema['description']} |" if schema else match[0]

    return re.sub(r"^\| `(\w+)` \| .* \|$", row, text, flags=re.MULTILINE)


def _env(text: str) -> str:
    """Return .env.example: a variable for each setting, below its description."""
    head, *_ = text.split("\n\n")
    blocks = [head]
    variables = dict(re.findall(r"^(?:# )?TAP_YOUNIUM_(\w+)=(.*)$", text, re.MULTILINE))
    for name, schema in TapYounium(validate_config=False).config_jsonschema["properties"].items():
        lines = textwrap.wrap(schema["description"], 110)
        if "enum" in schema:
            lines.append(f"One of: {', '.join(schema['enum'])}")
        value = variables.get(name.upper(), json.dumps(schema.get("default", "")).strip('"'))
        mark = "" if name in config.SCHEMA["required"] else "# "
        comments = "".join(f"# {line}\n" for line in lines)
        blocks.append(f"{comments}{mark}TAP_YOUNIUM_{name.upper()}={value}")
    return "\n\n".join(blocks) + "\n"


def _sources(text: str) -> str:
    """Return dbt's sources: below its head, each table and column with its description."""
    head, tables, _ = text.partition("    tables:\n")
    found = [
        {
            "name": name,
            "description": (type(stream).__doc__ or "").strip(),
            "columns": [
                {"name": column, "description": schema["description"]}
                for column, schema in stream.schema["properties"].items()
            ],
        }
        for name, stream in sorted(TapYounium(validate_config=False).streams.items())
    ]
    listed = yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=90)
    return head + tables + textwrap.indent(listed, "      ")


if __name__ == "__main__":
    main()
