"""Runs target-snowflake with an emulator in place of Snowflake's client; then prints its columns.

The first argument is the folder of the emulator's databases, the others are the target's.
"""

from __future__ import annotations

import json
import sys

import fakesnow
import snowflake.connector
from singer_sdk import target_base
from target_snowflake.target import TargetSnowflake

COLUMNS = """
    SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'YOUNIUM' ORDER BY table_name, ordinal_position
"""

target_base._MAX_PARALLELISM = 1  # the emulator has one connection
with fakesnow.patch(db_path=sys.argv.pop(1)):
    TargetSnowflake.cli(standalone_mode=False)
    connection = snowflake.connector.connect(database="WAREHOUSE", schema="YOUNIUM")
    rows = connection.cursor().execute(COLUMNS).fetchall()
    json.dump(rows, sys.stdout)
