"""dlt's `rest_api` source: extract only, into a folder, or a whole run into a database.

A run appends, which is dlt's default and its fastest way. It makes a table of each nested array.
"""

from __future__ import annotations

import os
import sys

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"
os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"  # the other ways do not compress

import dlt
from dlt.sources.rest_api import rest_api_source


def main(address: str, folder: str, destination: str = "", target: str = "") -> None:
    """Extract the subscriptions, or load them.

    Args:
        address: The API's address.
        folder: For dlt's files.
        destination: `duckdb` or `postgres`; empty to extract only.
        target: The file or the address of the database.
    """
    source = rest_api_source(
        {
            "client": {
                "base_url": address,
                "paginator": {
                    "type": "page_number",
                    "base_page": 1,
                    "page_param": "PageNumber",
                    "total_path": "totalPages",
                },
            },
            "resources": [
                {
                    "name": "subscriptions",
                    "primary_key": "id",
                    "endpoint": {
                        "path": "/Subscriptions",
                        "params": {"PageSize": "100", "OrderBy": "id asc"},
                        "data_selector": "data",
                    },
                }
            ],
        }
    )
    into = {"duckdb": dlt.destinations.duckdb, "postgres": dlt.destinations.postgres}
    pipeline = dlt.pipeline(
        "benchmark",
        pipelines_dir=folder,
        destination=into[destination](target) if destination else "filesystem",
        dataset_name="dlt",
    )
    if destination:
        pipeline.run(source).raise_on_failed_jobs()
    else:
        pipeline.extract(source)


if __name__ == "__main__":
    main(*sys.argv[1:])
