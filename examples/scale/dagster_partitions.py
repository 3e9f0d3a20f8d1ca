"""A Dagster asset with a partition per legal entity and group of streams.

The runs need `TAP_YOUNIUM_LEGAL_ENTITIES` and the tap's other settings in their environment, and a
shared folder for catalogs and states.
"""

import json
import os
from pathlib import Path

import dagster as dg

from examples.scale import parts

FOLDER = Path(os.environ.get("YOUNIUM_FOLDER", "output/parts"))
TARGET = os.environ.get("YOUNIUM_TARGET", "target-postgres --config target.json")
PARTS = dg.MultiPartitionsDefinition(
    {
        "entity": dg.StaticPartitionsDefinition(
            json.loads(os.environ["TAP_YOUNIUM_LEGAL_ENTITIES"])
        ),
        "group": dg.StaticPartitionsDefinition(list(parts.GROUPS)),
    }
)


@dg.asset
def younium_catalogs() -> None:
    """The catalog of each group. Materialize it when streams or custom fields have changed."""
    parts.discover(FOLDER)


@dg.asset(partitions_def=PARTS, deps=[younium_catalogs], retry_policy=dg.RetryPolicy(max_retries=2))
def younium(context: dg.AssetExecutionContext) -> None:
    """The rows of one legal entity and group of streams."""
    keys = context.multi_partition_key.keys_by_dimension
    parts.load(parts.Part(keys["entity"], keys["group"]), FOLDER, TARGET)


defs = dg.Definitions(assets=[younium_catalogs, younium])
