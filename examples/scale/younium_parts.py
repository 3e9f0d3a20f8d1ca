"""The parts of a load, and the functions that run one."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

#: Shared by the workers: catalogs and states.
FOLDER: Final = Path(os.environ.get("YOUNIUM_FOLDER", "/srv/younium/parts"))
TARGET: Final = os.environ.get(
    "YOUNIUM_TARGET", "target-postgres --config /srv/younium/target.json"
)
#: A run of a part that takes longer is stopped, and retried from where it stopped.
TIMEOUT: Final = os.environ.get("YOUNIUM_TIMEOUT", "6h")

#: A nested stream is read from the pages of its collection, so both are in one group.
GROUPS: Final = {
    "orders": ("subscription*", "sales_order*", "quote*", "booking*", "revenue_schedules"),
    "billing": ("invoice*", "related_invoices", "payment*", "journal*", "accounting_transactions"),
    "others": ("*",),  # everything else
}


#: The tap's exit code if a retry does not help.
_PERMANENT: Final = 2


class PermanentError(Exception):
    """The settings, credentials, catalog or state are wrong: a retry does not help."""


class Part(NamedTuple):
    """The streams that one run reads. Each part has its own state."""

    entity: str
    group: str

    @property
    def name(self) -> str:
        """A valid file name for any legal entity."""
        return f"{quote(self.entity, safe='')}.{self.group}"


def entities() -> list[str]:
    """Return the legal entities to read."""
    found: list[str] = json.loads(os.environ["TAP_YOUNIUM_LEGAL_ENTITIES"])
    return found


def group_of(stream: str) -> str:
    """Return the group of a stream."""
    return next(
        group
        for group, patterns in GROUPS.items()
        if any(fnmatch(stream, pattern) for pattern in patterns)
    )


def prepare() -> list[Part]:
    """Write a catalog for each group, create the tables, and return the parts.

    Discovery runs once for all legal entities, because all parts must agree on the type of a custom
    field. The target creates the tables before the parts run, because parts that run at the same
    time would create them at the same time, which PostgreSQL refuses.

    Raises:
        PermanentError: If a retry does not help.
        subprocess.CalledProcessError: If the tap or the target failed for another reason.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    every = FOLDER / "catalog.json"
    _run(f"tap-younium --config=ENV --discover > {shlex.quote(str(every))}")
    found = json.loads(every.read_text())
    for group in GROUPS:
        streams = [each for each in found["streams"] if group_of(each["tap_stream_id"]) == group]
        (FOLDER / f"{group}.catalog.json").write_text(json.dumps({"streams": streams}))
    tap = ["tap-younium", "--config=ENV", "--catalog", str(every), "--test=schema"]
    _run(f"{shlex.join(tap)} | {TARGET}")
    return [Part(entity, group) for entity in entities() for group in GROUPS]


def load(part: Part) -> None:
    """Load a part, from where its last run stopped. The settings come from the environment.

    Raises:
        PermanentError: If a retry does not help.
        subprocess.CalledProcessError: If the tap or the target failed for another reason.
    """
    catalog, state, states = (
        FOLDER / name
        for name in (
            f"{part.group}.catalog.json",
            f"{part.name}.state.json",
            f"{part.name}.states.jsonl",
        )
    )
    tap = ["tap-younium", "--config=ENV", "--catalog", str(catalog)]
    if state.exists():
        tap += ["--state", str(state)]
    try:
        _run(f"{shlex.join(tap)} | {TARGET} > {shlex.quote(str(states))}", [part.entity])
    finally:
        # The target prints a state after it has stored the rows before it.
        if lines := states.read_text().splitlines():
            states.write_text(lines[-1])
            states.replace(state)


def _run(command: str, of: list[str] | None = None) -> None:
    """Run a pipeline, for all legal entities or for some of them."""
    environment = os.environ | {
        "PGTZ": "UTC",  # target-postgres stores times in the time zone of its session
        "TAP_YOUNIUM_LEGAL_ENTITIES": json.dumps(of or entities()),
    }
    try:
        bash = ["timeout", TIMEOUT, "bash", "-o", "pipefail", "-c", command]
        subprocess.run(bash, env=environment, check=True)
    except subprocess.CalledProcessError as failed:
        if failed.returncode == _PERMANENT:
            raise PermanentError("Fix what the last lines of the log name.") from failed
        raise
