"""The parts that a load is split into, and the command that loads one."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

#: Nested tables share the pages of their collection, so both are in one group.
GROUPS: Final = {
    "orders": ("subscription*", "sales_order*", "quote*", "booking*", "revenue_schedules"),
    "billing": ("invoice*", "related_invoices", "payment*", "journal*", "accounting_transactions"),
    "others": ("*",),  # what is in none before it
}


class Part(NamedTuple):
    """What one run reads, with a state of its own."""

    entity: str
    group: str

    @property
    def name(self) -> str:
        """A name that a file can have, whatever the legal entity is called."""
        return f"{quote(self.entity, safe='')}.{self.group}"


def parts(entities: list[str]) -> list[Part]:
    """All parts of these legal entities."""
    return [Part(entity, group) for entity in entities for group in GROUPS]


def group_of(table: str) -> str:
    """The group that a table is in."""
    return next(
        group
        for group, patterns in GROUPS.items()
        if any(fnmatch(table, pattern) for pattern in patterns)
    )


def discover(folder: Path) -> None:
    """Writes a catalog for each group.

    It is discovered once, for all legal entities: where they type a custom field differently, all
    runs must agree on its column.
    """
    command = ["tap-younium", "--config=ENV", "--discover"]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    folder.mkdir(parents=True, exist_ok=True)
    for group in GROUPS:
        streams = [each for each in found["streams"] if group_of(each["tap_stream_id"]) == group]
        (folder / f"{group}.catalog.json").write_text(json.dumps({"streams": streams}))


def pipeline(part: Part, folder: Path, target: str) -> str:
    """The shell's line that loads a part and keeps its state."""
    catalog, state = folder / f"{part.group}.catalog.json", folder / f"{part.name}.state.json"
    tap = ["tap-younium", "--config=ENV", "--catalog", str(catalog)]
    if state.exists():
        tap += ["--state", str(state)]
    # The target says what it has stored; the last of it is where the next run begins.
    kept, new = shlex.quote(str(state)), shlex.quote(f"{state}.new")
    return f"{shlex.join(tap)} | {target} | tail -n 1 > {new} && mv {new} {kept}"


def load(part: Part, folder: Path, target: str) -> None:
    """Loads a part; the tap's other settings come from the environment.

    Raises:
        subprocess.CalledProcessError: the tap or the target failed. The state is the old one.
    """
    environment = {"TAP_YOUNIUM_LEGAL_ENTITIES": json.dumps([part.entity])}
    subprocess.run(
        ["bash", "-o", "pipefail", "-c", pipeline(part, folder, target)],
        env=os.environ | environment,
        check=True,
    )
