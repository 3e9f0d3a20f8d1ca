"""A temporary PostgreSQL server, Meltano project and webhook for the tests."""

from __future__ import annotations

import json
import os
import shutil
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, NoReturn

import pytest

from e2e.places import PostgreSQL, Project
from upkeep import postgres as postgres_server

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
SERVER = {"timezone": "Asia/Kathmandu"}  # far from UTC; times must still arrive in UTC


def missing(what: str) -> NoReturn:
    """Skip the tests, or fail if they must not be skipped."""
    if os.environ.get("REQUIRE_E2E"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A server on a free port of the loopback, in its own folder."""
    try:
        with postgres_server.serving(SERVER) as server:
            yield PostgreSQL(server.binaries / "psql", server.port, server.password)
    except postgres_server.NotInstalledError as error:
        missing(str(error))


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


class Webhook:
    """A server, and the texts that were posted to it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.texts: list[str] = []


@pytest.fixture(scope="module")
def webhook() -> Iterator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.texts.append(json.loads(body)["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Webhook(server.server_port)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def alerts(webhook: Webhook) -> list[str]:
    """The alerts of one test."""
    webhook.texts.clear()
    return webhook.texts
