"""Dagster assets: the tables, and a partition of the rows per legal entity and group of streams.

The runs need `TAP_YOUNIUM_LEGAL_ENTITIES` and the tap's other settings in their environment, and a
shared folder for catalogs and states. Keep this file next to younium_parts.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import younium_parts

PARTS = dg.MultiPartitionsDefinition(
    {
        "entity": dg.StaticPartitionsDefinition(younium_parts.entities()),
        "group": dg.StaticPartitionsDefinition(list(younium_parts.GROUPS)),
    }
)
RETRIES = dg.RetryPolicy(max_retries=2, delay=600)


@contextmanager
def retried_if_useful() -> Iterator[None]:
    """Fail without a retry if a retry does not help."""
    try:
        yield
    except younium_parts.PermanentError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


@dg.asset(retry_policy=RETRIES)
def younium_tables() -> None:
    """Catalogs and tables. Materialize them first, and when streams or custom fields change."""
    with retried_if_useful():
        younium_parts.prepare()


@dg.asset(partitions_def=PARTS, deps=[younium_tables], retry_policy=RETRIES)
def younium_rows(context: dg.AssetExecutionContext) -> None:
    """The rows of one legal entity and group of streams."""
    keys = context.multi_partition_key.keys_by_dimension
    with retried_if_useful():
        younium_parts.load(younium_parts.Part(keys["entity"], keys["group"]))


definitions = dg.Definitions(
    assets=[younium_tables, younium_rows],
    executor=dg.in_process_executor,  # a run has only one step
)
