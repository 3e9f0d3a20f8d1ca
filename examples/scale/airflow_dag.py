"""An Airflow 3 DAG: one mapped task per part, four at a time.

The workers need `TAP_YOUNIUM_LEGAL_ENTITIES` and the tap's other settings in their environment, and
a shared folder for catalogs and states. Copy this file and younium_parts.py into the DAGs folder.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException

sys.path.append(str(Path(__file__).parent))  # Airflow adds only the DAGs folder, not those in it

import younium_parts


@dag(
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,  # two runs of a part would start from the same state
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
)
def younium_parallel() -> None:
    """Load Younium part by part. A failed part is retried alone."""

    @task
    def prepare() -> list[list[str]]:
        try:
            return [list(part) for part in younium_parts.prepare()]
        except younium_parts.PermanentError as error:
            raise AirflowFailException(str(error)) from error  # without a retry

    @task(max_active_tis_per_dag=4)
    def load(part: list[str]) -> None:
        try:
            younium_parts.load(younium_parts.Part(*part))
        except younium_parts.PermanentError as error:
            raise AirflowFailException(str(error)) from error

    load.expand(part=prepare())


younium_parallel()
