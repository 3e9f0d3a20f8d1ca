"""README's own project works in an empty folder, and reads what `meltano select` names."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pages import ROOT, blocks
from singer import COLLECTIONS, NOT_BY_DEFAULT

from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.places import PostgreSQL

MELTANO = "uvx --from 'meltano>=4' meltano"
LOAD = f"{MELTANO} run tap-younium target-postgres"
SECTION = (ROOT / "README.md").read_text("utf-8").partition("## Use with Meltano")[2]
YAML, SETTINGS, COMMANDS = re.findall(r"^```\w+\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)[:3]
ENTITIES = ("Nordic AB", "Läkarö & Söner")


@dataclass(frozen=True)
class Own:
    """The folder of the project, what it reads, and where it loads it."""

    folder: Path
    younium: Simulator
    postgres: PostgreSQL

    def run(self, commands: str) -> str:
        """Run command lines without settings other than those of the folder's `.env`."""
        others = ("MELTANO_", "PG", "TAP_", "TARGET_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        self.younium.clear()
        done = subprocess.run(
            ["/bin/bash", "-euc", commands],
            cwd=self.folder,
            env=kept | {"MELTANO_CLI_DISABLE_VERSION_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-5000:]
        return done.stdout

    @property
    def read(self) -> set[str]:
        """The collections that the last commands read."""
        asked = {seen.path.strip("/") for seen in self.younium.requests}
        return {name for name, path in COLLECTIONS.items() if path in asked}

    @property
    def tables(self) -> dict[str, int]:
        """The number of rows of each table."""
        sql = f"SELECT relname FROM pg_stat_user_tables WHERE schemaname = '{self.folder.name}'"
        names = [str(row["relname"]) for row in self.postgres.rows(sql)]
        counts = (f"SELECT count(*) FROM {self.folder.name}.{name}" for name in names)
        return {
            name: self.postgres.rows(count)[0]["count"]
            for name, count in zip(names, counts, strict=True)
        }


@pytest.fixture(scope="module")
def own(postgres: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    """The project after README's commands."""
    folder = tmp_path_factory.mktemp("own_project", numbered=False)
    url = f"{postgres.user}:{postgres.password}@localhost:{postgres.port}/postgres"
    with Simulator(accounts=4, entities=ENTITIES) as younium:
        replaced = {
            "git+<address of this repository>@<tag>": str(ROOT),
            "target_schema: younium": f"target_schema: {folder.name}",
            "CLIENT_ID=…": f"CLIENT_ID={younium.client_id}",
            "CLIENT_SECRET=…": f"CLIENT_SECRET={younium.client_secret}",
            "user:password@localhost:5432/database": url,
            "<address of the files>": ROOT.as_uri(),
        }
        texts = {"meltano.yml": YAML, ".env": SETTINGS, "commands": COMMANDS}
        for old, new in replaced.items():
            (name,) = (name for name, text in texts.items() if old in text)
            texts[name] = texts[name].replace(old, new)
        (folder / "meltano.yml").write_text(texts["meltano.yml"])
        (folder / ".env").write_text(f"{texts['.env']}TAP_YOUNIUM_API_URL={younium.url}\n")
        project = Own(folder, younium, postgres)
        project.run(texts["commands"])
        yield project


def test_it_has_ten_lines_and_three_commands() -> None:
    assert len(YAML.splitlines()) <= 10
    assert len(COMMANDS.splitlines()) == 3


def test_rows_arrive_without_streams_with_personal_data(own: Own) -> None:
    found = own.tables
    assert found["accounts"] == 8
    assert found["subscription_charges"] > 8
    assert not found.keys() & (NOT_BY_DEFAULT | {"revenue_schedules"})
    assert found.keys() >= COLLECTIONS.keys() - NOT_BY_DEFAULT


def test_meltano_select_reads_what_it_names(own: Own) -> None:
    """The parents of the named stream are read too."""
    text = (own.folder / "meltano.yml").read_text()
    select = f"{MELTANO} select tap-younium"
    own.run(f"{select} revenue_schedules '*'; {select} countries '*'; {LOAD}")
    assert own.tables["revenue_schedules"]
    assert own.read == {"countries", "sales_orders", "subscriptions"}
    own.run(f"{select} --clear")
    assert "select:" not in (own.folder / "meltano.yml").read_text()
    (own.folder / "meltano.yml").write_text(text)


def test_the_recipe_reads_more_than_the_default(own: Own) -> None:
    (block,) = (it.text for it in blocks("yaml") if '"!users.*"' in it.text)
    rules = block.partition("      select:\n")[2].replace('        - "!users.*"\n', "")
    file = own.folder / "meltano.yml"
    text = file.read_text()
    file.write_text(text.replace("  loaders:\n", f"    select:\n{rules}  loaders:\n"))
    own.run(LOAD)
    file.write_text(text)
    assert own.read == COLLECTIONS.keys() - NOT_BY_DEFAULT | {"users"}
    assert own.tables["users"]
