"""dlt's `rest_api` source: extract only, into the folder that is named."""

from __future__ import annotations

import os
import sys

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"
os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"  # no other way compresses

import dlt
from dlt.sources.rest_api import rest_api_source


def main(host: str, folder: str) -> None:
    """Extract subscriptions."""
    source = rest_api_source(
        {
            "client": {
                "base_url": host,
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
