"""An Airflow 3 DAG: one mapped task per part, four at a time.

The workers need `TAP_YOUNIUM_LEGAL_ENTITIES` and the tap's other settings in their environment, and
a shared folder for catalogs and states.
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
    max_active_runs=1,  # two runs of a part would start from the same state
)
def younium() -> None:
    """Load Younium part by part. A failed part is retried alone."""

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
