"""A temporary PostgreSQL server and Meltano project for the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from e2e.places import PostgreSQL, Project

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PROJECT = (
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "loaders",
    "meltano.yml",
    "plugins",
    "pyproject.toml",
    "tap_younium",
)
"""What a Meltano project that installs the tap from its checkout needs of it."""
SERVER = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "timezone": "Asia/Kathmandu",  # far from UTC; times must still arrive in UTC
}


def missing(what: str) -> NoReturn:
    """Skip the tests, or fail if they must not be skipped."""
    if os.environ.get("REQUIRE_E2E"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A server on a free port of the loopback, in its own folder."""
    # Debian keeps all but psql off the PATH, by version.
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    initdb = max(found, key=lambda path: float(path.parts[4]), default=shutil.which("initdb"))
    if initdb is None:
        missing("PostgreSQL is not installed: apt-get install postgresql")
    binaries = Path(initdb).parent
    with TemporaryDirectory(prefix="tap-younium-e2e-") as folder:
        data, password = Path(folder, "data"), Path(folder, "password")
        password.write_text(token_hex())
        ours: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            names = {entry.pw_name for entry in pwd.getpwall()}
            user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
            ours |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            for path in (folder, password):
                os.chown(path, user.pw_uid, user.pw_gid)

        def call(program: str, *arguments: str) -> None:
            command = [str(binaries / program), f"--pgdata={data}", *arguments]
            subprocess.run(command, check=True, **ours)

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = PostgreSQL(binaries / "psql", port, password.read_text())
        options = f"-p {port} " + " ".join(f"-c {name}='{it}'" for name, it in SERVER.items())
        login = (f"--username={server.user}", f"--pwfile={password}", "--auth=scram-sha-256")
        call("initdb", *login, "--encoding=UTF8", "--no-locale", "--no-sync")
        call("pg_ctl", "start", "--wait", "--log", f"{folder}/log", "--options", options)
        try:
            yield server
        finally:
            call("pg_ctl", "stop", "--mode=immediate")


@pytest.fixture(scope="session")
def project(postgres: PostgreSQL) -> Iterator[Project]:
    """The repository's Meltano project in its own folder, with its plugins installed."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        missing("Meltano is run through uv, which is not there: pip install uv")
    with TemporaryDirectory(prefix="tap-younium-e2e-") as folder:
        for name in PROJECT:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(folder, name))
        meltano = [uv, "tool", "run", "--python", sys.executable, "--from", "meltano>=4,<5"]
        installed = Project(Path(folder), [*meltano, "meltano"], postgres)
        installed.install()
        yield installed
