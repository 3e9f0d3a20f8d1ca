"""dlt's `rest_api` source: extract only, into a folder."""

from __future__ import annotations

import os
import sys

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"
os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"  # the other ways do not compress

import dlt
from dlt.sources.rest_api import rest_api_source


def main(address: str, folder: str) -> None:
    """Extract the subscriptions."""
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
    pipeline = dlt.pipeline("benchmark", pipelines_dir=folder, destination="filesystem")
    pipeline.extract(source)


if __name__ == "__main__":
    main(*sys.argv[1:])
