"""A PostgreSQL server for tests and benchmarks, with its data in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, DATABASE = "loader", "postgres"


class NotInstalledError(Exception):
    """PostgreSQL is not installed."""


@dataclass(frozen=True)
class Server:
    """A running server on a port of the loopback.

    Attributes:
        binaries: The folder of its programs.
        port: Its port.
        password: Of `USER`, who owns everything.
    """

    binaries: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """Its address, as most clients take it."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"


@contextmanager
def serving(settings: dict[str, str]) -> Iterator[Server]:
    """Run a server on a free port.

    Args:
        settings: Of the server, in addition to those that keep it local.

    Raises:
        NotInstalledError: If PostgreSQL is not installed.
    """
    # Debian keeps all but psql off the PATH, by version.
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    initdb = max(found, key=lambda path: float(path.parts[4]), default=shutil.which("initdb"))
    if initdb is None:
        raise NotInstalledError("PostgreSQL is not installed: apt-get install postgresql")
    binaries = Path(initdb).parent
    with TemporaryDirectory(prefix="tap-younium-postgres-") as folder:
        data, password = Path(folder, "data"), Path(folder, "password")
        password.write_text(token_hex(), encoding="utf-8")
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
        local = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        options = f"-p {port} " + " ".join(
            f"-c {name}='{it}'" for name, it in (local | settings).items()
        )
        login = (f"--username={USER}", f"--pwfile={password}", "--auth=scram-sha-256")
        call("initdb", *login, "--encoding=UTF8", "--no-locale", "--no-sync")
        call(
            "pg_ctl",
            "start",
            "--wait",
            "--log",
            f"{folder}/log",
            "--options",
            f"-p {port} {options}",
        )
        try:
            yield Server(binaries, port, password.read_text(encoding="utf-8"))
        finally:
            call("pg_ctl", "stop", "--mode=immediate")
