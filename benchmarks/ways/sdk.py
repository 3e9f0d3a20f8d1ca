"""The SDK defaults: a plain REST stream with JSONPath, simplejson and recursive conformance.

The setting `schema` is the path of its schema: this tap's, without the tap's own columns.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Tap
from singer_sdk import typing as th
from singer_sdk.pagination import PageNumberPaginator
from singer_sdk.streams import RESTStream

if TYPE_CHECKING:
    import requests
    from singer_sdk.streams.rest import HTTPRequest, PageContext


class _Pages(PageNumberPaginator):
    def has_more(self, response: requests.Response) -> bool:
        return bool(response.json()["totalPages"] > self.current_value)


class SubscriptionsStream(RESTStream[int]):
    """Subscriptions."""

    name = "subscriptions"
    path = "/Subscriptions"
    primary_keys = ("id",)
    records_jsonpath = "$.data[*]"

    @property
    def url_base(self) -> str:
        """The address of the API."""
        return str(self.config["api_url"])

    def get_new_paginator(self) -> _Pages:
        """Return the paginator."""
        return _Pages(1)

    def get_http_request(self, *, page: PageContext[int]) -> HTTPRequest:
        """Return the request for a page."""
        request = super().get_http_request(page=page)
        request.params = {
            "PageNumber": str(page.next_page_token or 1),
            "PageSize": "100",
            "OrderBy": "id asc",
        }
        return request


class MinimalTap(Tap):
    """A minimal tap, as in the SDK's guide."""

    name = "tap-minimal"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("api_url", th.StringType), th.Property("schema", th.StringType)
    ).to_dict()

    def discover_streams(self) -> list[SubscriptionsStream]:
        """Return the only stream."""
        schema = json.loads(Path(self.config["schema"]).read_text(encoding="utf-8"))
        return [SubscriptionsStream(self, schema=schema)]


if __name__ == "__main__":
    MinimalTap.cli()
