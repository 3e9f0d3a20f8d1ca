"""An Airflow 3 DAG: one mapped task for each part, four at a time.

Needs `TAP_YOUNIUM_LEGAL_ENTITIES` and the tap's other settings in the workers' environment, and a
folder that all workers share, for catalogs and states.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from airflow.sdk import dag, task

from examples.scale import parts

FOLDER = Path(os.environ.get("YOUNIUM_FOLDER", "output/parts"))
TARGET = os.environ.get("YOUNIUM_TARGET", "target-postgres --config target.json")


@dag(
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # two runs of one part at once would both begin at the old state
)
def younium() -> None:
    """Loads Younium part by part; a part that fails is tried again alone."""

    @task
    def discover() -> list[list[str]]:
        parts.discover(FOLDER)
        entities = json.loads(os.environ["TAP_YOUNIUM_LEGAL_ENTITIES"])
        return [list(part) for part in parts.parts(entities)]

    @task(retries=2, max_active_tis_per_dag=4)
    def load(part: list[str]) -> None:
        parts.load(parts.Part(*part), FOLDER, TARGET)

    load.expand(part=discover())


younium()
