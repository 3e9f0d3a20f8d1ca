"""README's own project works in an empty folder, and reads what `meltano select` names."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import yaml
from pages import ROOT, blocks
from singer import COLLECTIONS, NOT_BY_DEFAULT, config_of, run

from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.places import PostgreSQL

MELTANO = "uvx --from 'meltano>=4' meltano"
LOAD = f"{MELTANO} run tap-younium target-postgres"
SECTION = (ROOT / "README.md").read_text("utf-8").partition("## Use with Meltano")[2]
YAML, SETTINGS, COMMANDS = re.findall(r"^```\w+\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)[:3]
ADDRESS = "git+<address of this repository>@<tag>"
ENTITIES = ("Nordic AB", "Läkarö & Söner")


@dataclass(frozen=True)
class Own:
    """The folder of the project, what it reads, and where it loads it."""

    folder: Path
    younium: Simulator
    postgres: PostgreSQL
    yaml: str

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
            ADDRESS: str(ROOT),
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
        project = Own(folder, younium, postgres, texts["meltano.yml"])
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


def test_dbt_connects_with_the_parts_of_the_url(own: Own) -> None:
    """As docs/analytics.md splits it."""
    page = (ROOT / "docs/analytics.md").read_text("utf-8")
    (whole,) = re.findall(r"part of `(postgresql\+psycopg://\S+)`", page)
    pattern = re.sub(r"([A-Z]+)", r"(?P<\1>[^:/]+)", re.escape(whole))
    (url,) = re.findall(r"^POSTGRES_URL=(.*)$", (own.folder / ".env").read_text(), re.MULTILINE)
    parts = re.fullmatch(pattern, url)
    assert parts
    named = re.findall(r"^\| `(TARGET_POSTGRES_\w+)` \| `([A-Z]+)`", page, re.MULTILINE)
    exports = "".join(f"export {name}={parts[part]}; " for name, part in named)
    own.run(
        f"{exports} cd {ROOT}; uvx --python '>=3.11,<3.14' --from dbt-core"
        " --with-requirements examples/dbt/requirements.txt dbt run --target postgres"
        " --project-dir examples/dbt --profiles-dir examples/dbt --select +younium__customers"
        f" --target-path {own.folder} --log-path {own.folder}"
        f" --vars 'younium_schema: {own.folder.name}'"
    )
    assert own.postgres.rows("SELECT count(*) FROM analytics.younium__customers") == [{"count": 8}]


def test_meltano_select_reads_what_it_names(own: Own) -> None:
    """The parents of the named stream are read too."""
    select = f"{MELTANO} select tap-younium"
    own.run(f"{select} revenue_schedules '*'; {select} countries '*'; {LOAD}")
    assert own.tables["revenue_schedules"]
    assert own.read == {"countries", "sales_orders", "subscriptions"}
    own.run(f"{select} --clear")
    assert "select:" not in (own.folder / "meltano.yml").read_text()


def test_personal_data_can_be_left_out(own: Own) -> None:
    (block,) = (it.text for it in blocks("yaml") if it.page.name == "personal-data.md")
    (default,) = (it.text for it in blocks("yaml") if '"!users.*"' in it.text)
    with_select(own, default + block.partition("      select:\n")[2])
    dumped = own.run(f"{MELTANO} invoke --dump=catalog tap-younium 2> dump.log")
    output = run(config_of(own.younium), catalog=json.loads(dumped)).well()
    assert "payment_settlements" in output.records
    assert not re.findall(r'@|"(?:your|our|buyer)Reference"', output.stdout)


def test_the_recipe_reads_more_than_the_default(own: Own) -> None:
    (block,) = (it.text for it in blocks("yaml") if '"!users.*"' in it.text)
    with_select(own, block.replace('        - "!users.*"\n', ""))
    own.run(LOAD)
    assert own.read == COLLECTIONS.keys() - NOT_BY_DEFAULT | {"users"}
    assert own.tables["users"]


def with_select(own: Own, block: str) -> None:
    """Have the project select what a page's extractor selects."""
    project, page = yaml.safe_load(own.yaml), yaml.safe_load(block)
    (extractor,) = page["plugins"]["extractors"]
    project["plugins"]["extractors"][0]["select"] = extractor["select"]
    (own.folder / "meltano.yml").write_text(yaml.safe_dump(project))


def test_a_second_tenant_has_its_own_schema_and_state(own: Own) -> None:
    (block,) = (it.text for it in blocks("yaml") if it.page.name == "tenants.md")
    project = yaml.safe_load(own.yaml)
    project["plugins"] = yaml.safe_load(block.replace(ADDRESS, str(ROOT)))["plugins"]
    (own.folder / "meltano.yml").write_text(yaml.safe_dump(project))
    with Simulator(accounts=2, entities=["US Inc"]) as other:
        url = f"export TAP_YOUNIUM_US_API_URL={other.url}"
        entities = "export TAP_YOUNIUM_US_LEGAL_ENTITIES='[\"US Inc\"]'"
        own.run(f"{url}; {entities}; {LOAD.replace('tap-younium', 'tap-younium-us')}")
    assert not own.younium.requests
    rows = own.postgres.rows("SELECT DISTINCT _legal_entity FROM tap_younium_us.accounts")
    assert rows == [{"_legal_entity": "US Inc"}]


def test_the_loader_with_copy_can_be_used_too(own: Own) -> None:
    """As the page on targets shows."""
    (block,) = (it.text for it in blocks("yaml") if "target-postgres-copy" in it.text)
    (loader,) = yaml.safe_load(block)["plugins"]["loaders"]
    address, _, folder = loader["pip_url"].partition("#subdirectory=")
    assert address == f"target-postgres-copy@{ADDRESS}"
    loader["pip_url"] = str(ROOT / folder)
    loader["config"]["default_target_schema"] = "own_copy"
    project = yaml.safe_load(own.yaml)
    project["plugins"]["loaders"] = [loader]
    (own.folder / "meltano.yml").write_text(yaml.safe_dump(project))
    own.run(f"{MELTANO} install; {LOAD.replace('run', 'run --full-refresh')}")
    assert own.postgres.rows("SELECT count(*) FROM own_copy.accounts") == [{"count": 8}]
