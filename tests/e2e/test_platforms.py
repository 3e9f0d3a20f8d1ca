"""Airflow, Dagster and Meltano run what the pages say, and load what one plain run loads."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from pages import ROOT, blocks
from singer import config_of, ends

from simulator import Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from e2e.conftest import Webhook
    from e2e.places import PostgreSQL, Project, Tables

ENTITIES = ("Nordic AB", "Läkarö & Söner")
RECIPES, SCALE = ROOT / "docs/recipes", ROOT / "examples/scale"
DAG, ASSET = (
    next(block.text for block in blocks("python") if block.page == RECIPES / name)
    for name in ("airflow.md", "dagster.md")
)
(INSTANCE,) = (it.text for it in blocks("yaml") if it.page == RECIPES / "dagster.md")
PLAIN, THROUGH_MELTANO = (
    next(it.text for it in blocks("sh") if it.page == RECIPES / name and it.text.startswith("#!"))
    for name in ("singer.md", "meltano.md")
)
COMMANDS = {
    it.page.stem: shlex.split(it.text) for it in blocks("text") if it.page.parent == RECIPES
}
TABLES, PARTITION, IN_PARALLEL = (
    shlex.split(line)
    for block in blocks("text")
    if block.page == ROOT / "docs/scale.md"
    for line in block.text.splitlines()
)
"""The commands of the page about scale."""


def edited(text: str, replaced: dict[str, str]) -> str:
    """A page's example with other values in place of some."""
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return text


def installed(name: str, package: str, folder: Path) -> str:
    """Install the version that a product's page names; return a PATH with its commands."""
    page = (RECIPES / f"{name.lower()}.md").read_text(encoding="utf-8")
    (version,) = re.findall(rf"{name} (\d+\.\d+\.\d+)", page)
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", f"{folder}/bin/python"]
    subprocess.run([*install, f"{package}=={version}"], check=True)
    return f"{folder}/bin"


@pytest.fixture(scope="module")
def younium() -> Iterator[Simulator]:
    with Simulator(accounts=4, entities=ENTITIES) as found:
        yield found


@pytest.fixture
def wrong_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Younium expect another secret."""
    monkeypatch.setattr("simulator.app.CLIENT_SECRET", "another")


@pytest.fixture
def failing_once(younium: Simulator) -> Iterator[None]:
    """Have one run fail with exit code 1."""
    younium.faults[:] = [fault := Fault("status", "/Usage", status=400)]
    yield
    assert fault.struck == 1


@dataclass(frozen=True)
class Site:
    """Where a program loads Younium into a schema of its own.

    Attributes:
        folder: Of its files.
        project: The Meltano project.
        environment: What it finds in its environment.
        database: The schema.
    """

    folder: Path
    project: Project
    environment: dict[str, str]
    database: PostgreSQL

    def into(self, schema: str, **environment: str) -> Site:
        """The same with another schema and folder."""
        (folder := self.folder.parent / schema).mkdir()
        shutil.copy(self.folder / "config.json", folder)
        settings: dict[str, Any] = {
            name.removeprefix("TARGET_POSTGRES_").lower(): value
            for name, value in self.database.settings.items()
        }
        settings |= {"port": self.database.port, "default_target_schema": schema}
        (folder / "target.json").write_text(json.dumps(settings))
        ours = {
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": schema,
            "YOUNIUM_FOLDER": f"{folder}/parts",
            "YOUNIUM_TARGET": f"target-postgres --config {folder}/target.json",
        }
        database = replace(self.database, schema=schema)
        return Site(folder, self.project, self.environment | ours | environment, database)

    def script(self, text: str) -> Path:
        """Write load.sh, which notes its attempts, and return its folder."""
        folder = self.folder if text == PLAIN else self.project.folder
        noting = {"env bash\n": f"env bash\necho >> '{self.folder}/attempts'\n"}
        if text == PLAIN:
            noting["target-jsonl"] = "target-postgres --config target.json"
        (folder / "load.sh").write_text(edited(text, noting))
        return folder

    def attempts(self) -> int:
        """How often load.sh was run since the last time."""
        count = len((file := self.folder / "attempts").read_text())
        file.unlink()
        return count

    def run(self, *command: str) -> bool:
        """Run a program, and return whether it succeeded."""
        null = subprocess.DEVNULL
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, stdin=null, check=False
        )
        return done.returncode == 0


@pytest.fixture(scope="module")
def site(
    younium: Simulator,
    project: Project,
    postgres: PostgreSQL,
    webhook: Webhook,
    tmp_path_factory: pytest.TempPathFactory,
) -> Site:
    """The settings, and the programs on the PATH."""
    folder = tmp_path_factory.mktemp("sites") / "programs"
    folder.mkdir()
    plugins = f"{project.folder}/.meltano"
    for name, command in {
        "meltano": shlex.join(project.command),
        "tap-younium": f"{plugins}/extractors/tap-younium/venv/bin/tap-younium",
        "target-postgres": f"{plugins}/loaders/target-postgres/venv/bin/target-postgres",
    }.items():
        (program := folder / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        program.chmod(0o755)
    settings = config_of(younium)
    (folder / "config.json").write_text(json.dumps(settings))
    others = ("AIRFLOW", "DAGSTER", "MELTANO_", "PG", "TAP_", "TARGET_", "YOUNIUM_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    ours = {
        **postgres.settings,
        **{
            f"TAP_YOUNIUM_{name.upper()}": it if isinstance(it, str) else json.dumps(it)
            for name, it in settings.items()
        },
        "ALERT_URL": webhook.url,
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
        "MELTANO_DATABASE_URI": f"sqlite:///{folder}/meltano.db",  # without states of other tests
        "MELTANO_ENVIRONMENT": "prod",
        "PATH": os.pathsep.join([str(folder), os.environ["PATH"]]),
    }
    return Site(folder, project, kept | ours, postgres)


@pytest.fixture(scope="module")
def plain(site: Site) -> Tables:
    """What one run of load.sh loads."""
    here = site.into("plain", PGTZ="UTC")
    here.script(PLAIN)
    assert here.run("bash", "load.sh")
    tables = here.database.tables()
    assert len(tables) > 40
    assert len(tables["accounts"]) == 8
    return tables


def test_runs_of_meltano_in_parallel_load_what_a_plain_run_loads(site: Site, plain: Tables) -> None:
    """One for each legal entity."""
    parts = site.into("by_meltano_in_parts")
    shutil.copy(SCALE / "meltano.sh", site.project.folder)
    assert replace(parts, folder=site.project.folder).run(*IN_PARALLEL)
    assert parts.database.tables() == plain


STUCK = """\
#!/usr/bin/env bash
sleep 999 | cat &
echo $! > pid
wait
"""


def is_left(folder: Path) -> bool:
    """Whether the stuck script left a process."""
    return not ends(int((folder / "pid").read_text()))


# Airflow


@dataclass(frozen=True)
class Airflow:
    """An installation of Airflow.

    Attributes:
        url: The address of its API server.
        site: Where the page's DAG loads.
        parts: Where the example's loads.
    """

    url: str
    site: Site
    parts: Site

    def load(self, dag: str) -> bool:
        """Start a DAG's schedule, and return whether its first run succeeded."""
        path = f"/api/v2/dags/{dag}"
        self.until(lambda: self.ask("PATCH", path, is_paused=False))

        def ended() -> str | None:
            answer = self.ask("GET", f"{path}/dagRuns?run_type=scheduled")
            states = [run["state"] for run in (answer or {}).get("dag_runs", ())]
            return next((state for state in states if state in {"failed", "success"}), None)

        succeeded: bool = self.until(ended) == "success"
        self.ask("PATCH", path, is_paused=True)
        return succeeded

    def until(self, ask: Callable[[], Any]) -> Any:
        """Ask until there is an answer."""
        for _ in range(500):
            if answer := ask():
                return answer
            time.sleep(0.5)
        pytest.fail("Airflow does not answer.")

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """Send a request; the answer is None if Airflow has not started or not parsed the DAG."""
        headers = {"Content-Type": "application/json"}
        try:
            if path.startswith("/api"):
                token = self.ask("GET", "/auth/token")["access_token"]
                headers["Authorization"] = f"Bearer {token}"
            content = json.dumps(body).encode() if body else None
            request = Request(f"{self.url}{path}", content, headers, method=method)  # noqa: S310
            with urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.load(answer)
        except (OSError, TypeError):
            return None


@pytest.fixture(scope="module")
def installed_airflow(site: Site) -> Airflow:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = "http://{}:{}".format(*free.getsockname())
    here, parts = site.into("by_airflow"), site.into("by_airflow_in_parts")
    home = here.folder / "airflow"
    commands = installed("Airflow", "apache-airflow", home / "venv")
    here.environment.update(
        PATH=os.pathsep.join([commands, here.environment["PATH"]]),
        YOUNIUM_FOLDER=parts.environment["YOUNIUM_FOLDER"],
        YOUNIUM_TARGET=parts.environment["YOUNIUM_TARGET"],
        AIRFLOW_HOME=str(home),
        AIRFLOW__API__BASE_URL=url,
        AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"{url}/execution/",
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__PARALLELISM="4",
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS="True",
        AIRFLOW__USAGE_DATA_COLLECTION__ENABLED="False",
    )
    (home / "dags/younium").mkdir(parents=True)
    for name in ("airflow_dag", "younium_parts"):
        shutil.copy(SCALE / f"{name}.py", home / "dags/younium")
    (stuck := here.folder / "stuck").mkdir()
    (stuck / "load.sh").write_text(STUCK)
    limits = {"hours=6": "seconds=5", "retries=2": "retries=0", "/srv/younium": str(stuck)}
    names = {"def younium(": "def stuck(", "\nyounium(": "\nstuck("}
    (home / "dags/stuck.py").write_text(edited(DAG, limits | names))
    for name, script, others in (
        ("younium", PLAIN, {"minutes=10": "seconds=1"}),
        ("through_meltano", THROUGH_MELTANO, {}),
    ):
        own = {"def younium(": f"def {name}(", "\nyounium(": f"\n{name}("}
        text = edited(DAG, {**own, "/srv/younium": str(here.script(script)), **others})
        (home / f"dags/{name}.py").write_text(text)
    assert here.run("airflow", "db", "migrate")
    return Airflow(url, here, parts)


@pytest.fixture(scope="module")
def airflow(installed_airflow: Airflow) -> Iterator[Airflow]:
    """It runs."""
    site, port = installed_airflow.site, urlsplit(installed_airflow.url).port
    with ExitStack() as stack:
        for arguments in (
            ["scheduler", "--skip-serve-logs"],
            ["dag-processor"],
            ["api-server", "--host=127.0.0.1", f"--port={port}", "--workers=1"],
        ):
            process = subprocess.Popen(
                ["airflow", *arguments],  # noqa: S607 - from this PATH
                cwd=site.folder,
                env=site.environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            stack.callback(process.wait)
            stack.callback(os.killpg, process.pid, signal.SIGKILL)
        yield installed_airflow


def test_the_dag_loads_what_a_plain_run_loads(installed_airflow: Airflow, plain: Tables) -> None:
    site = installed_airflow.site
    assert site.run(*COMMANDS["airflow"])
    assert site.database.tables() == plain
    assert site.attempts() == 1


def test_the_dag_stops_a_load_that_takes_too_long(
    installed_airflow: Airflow, alerts: list[str]
) -> None:
    site = installed_airflow.site
    assert not site.run("airflow", "dags", "test", "stuck")
    assert len(alerts) == 1
    assert not is_left(site.folder / "stuck")


@pytest.mark.usefixtures("failing_once")
def test_the_dag_is_retried_and_then_succeeds(airflow: Airflow, alerts: list[str]) -> None:
    assert airflow.load("younium")
    assert airflow.site.attempts() == 2
    assert alerts == []


@pytest.mark.usefixtures("wrong_secret")
def test_the_dag_alerts_at_once_if_the_secret_is_wrong(airflow: Airflow, alerts: list[str]) -> None:
    """With Meltano."""
    assert not airflow.load("through_meltano")
    assert airflow.site.attempts() == 1
    assert ["Fix what the last lines of the log name." in text for text in alerts] == [True]


def test_mapped_tasks_load_what_a_plain_run_loads(airflow: Airflow, plain: Tables) -> None:
    assert airflow.load("younium_parallel")
    assert airflow.parts.database.tables() == plain


# Dagster


@pytest.fixture(scope="module")
def dagster(site: Site) -> Site:
    here = site.into("dagster")
    (home := here.folder / "home").mkdir()
    (home / "dagster.yaml").write_text(INSTANCE)
    commands = installed("Dagster", "dagster", here.folder / "venv")
    here.environment.update(
        PATH=os.pathsep.join([commands, here.environment["PATH"]]),
        DAGSTER_HOME=str(home),
        DAGSTER_DISABLE_TELEMETRY="yes",
    )
    return here


def materialize(site: Site, script: str, delay: str = "600", limit: str = "6h") -> bool:
    """Run the page's command; return whether it succeeded."""
    replaced = {
        "/srv/younium": str(site.script(script)),
        "delay=600": f"delay={delay}",
        '"6h"': f'"{limit}"',
    }
    (site.folder / "younium.py").write_text(edited(ASSET, replaced))
    return site.run(*COMMANDS["dagster"])


def test_the_asset_loads_what_a_plain_run_loads(dagster: Site, plain: Tables) -> None:
    """With Meltano."""
    assert materialize(dagster, THROUGH_MELTANO)
    assert dagster.database.tables() == plain
    assert dagster.attempts() == 1


@pytest.mark.usefixtures("failing_once")
def test_the_asset_is_retried_and_then_succeeds(dagster: Site, alerts: list[str]) -> None:
    assert materialize(dagster, PLAIN, delay="1")
    assert dagster.attempts() == 2
    assert alerts == []


@pytest.mark.usefixtures("wrong_secret")
def test_the_asset_alerts_at_once_if_the_secret_is_wrong(dagster: Site, alerts: list[str]) -> None:
    assert not materialize(dagster, PLAIN)
    assert dagster.attempts() == 1
    assert ["failed with exit code 2" in text for text in alerts] == [True]


def test_the_asset_stops_a_load_that_takes_too_long(dagster: Site, alerts: list[str]) -> None:
    assert not materialize(dagster, STUCK, delay="1", limit="2s")
    assert dagster.attempts() == 3
    assert len(alerts) == 1
    assert not is_left(dagster.project.folder)


def test_partitions_load_what_a_plain_run_loads(dagster: Site, plain: Tables) -> None:
    """Four at a time."""
    parts = dagster.into("by_dagster_in_parts")
    for name in ("dagster_partitions", "younium_parts"):
        shutil.copy(SCALE / f"{name}.py", parts.folder)
    assert parts.run(*TABLES)
    keys = ["|".join(key) for key in product(ENTITIES, ("billing", "orders", "others"))]
    assert PARTITION.pop() in keys
    with ThreadPoolExecutor(4) as pool:
        done = pool.map(lambda key: parts.run(*PARTITION, key), keys)
    assert all(done)
    assert parts.database.tables() == plain
