"""The parts of a load, and the function that loads one."""

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

#: A nested stream is read from the pages of its collection, so both are in one group.
GROUPS: Final = {
    "orders": ("subscription*", "sales_order*", "quote*", "booking*", "revenue_schedules"),
    "billing": ("invoice*", "related_invoices", "payment*", "journal*", "accounting_transactions"),
    "others": ("*",),  # everything else
}


class Part(NamedTuple):
    """The streams that one run reads. Each part has its own state."""

    entity: str
    group: str

    @property
    def name(self) -> str:
        """A valid file name for any legal entity."""
        return f"{quote(self.entity, safe='')}.{self.group}"


def parts(entities: list[str]) -> list[Part]:
    """Return all parts of these legal entities."""
    return [Part(entity, group) for entity in entities for group in GROUPS]


def group_of(stream: str) -> str:
    """Return the group of a stream."""
    return next(
        group
        for group, patterns in GROUPS.items()
        if any(fnmatch(stream, pattern) for pattern in patterns)
    )


def discover(folder: Path) -> None:
    """Write a catalog for each group.

    Discovery runs once for all legal entities, because all runs must agree on the type of a custom
    field.
    """
    command = ["tap-younium", "--config=ENV", "--discover"]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    folder.mkdir(parents=True, exist_ok=True)
    for group in GROUPS:
        streams = [each for each in found["streams"] if group_of(each["tap_stream_id"]) == group]
        (folder / f"{group}.catalog.json").write_text(json.dumps({"streams": streams}))


def pipeline(part: Part, folder: Path, target: str) -> str:
    """Return the shell command that loads a part and stores its state."""
    catalog, state = folder / f"{part.group}.catalog.json", folder / f"{part.name}.state.json"
    tap = ["tap-younium", "--config=ENV", "--catalog", str(catalog)]
    if state.exists():
        tap += ["--state", str(state)]
    # The target prints a state after it has stored the rows; the next run starts from the last.
    kept, new = shlex.quote(str(state)), shlex.quote(f"{state}.new")
    return f"{shlex.join(tap)} | {target} | tail -n 1 > {new} && mv {new} {kept}"


def load(part: Part, folder: Path, target: str) -> None:
    """Load a part. The tap's other settings come from the environment.

    Raises:
        subprocess.CalledProcessError: If the tap or the target failed. The state is unchanged.
    """
    environment = {"TAP_YOUNIUM_LEGAL_ENTITIES": json.dumps([part.entity])}
    subprocess.run(
        ["bash", "-o", "pipefail", "-c", pipeline(part, folder, target)],
        env=os.environ | environment,
        check=True,
    )
