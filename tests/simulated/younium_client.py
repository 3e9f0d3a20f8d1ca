"""A minimal HTTP client, written only from the API's description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from simulator import Simulator

Row = dict[str, Any]
ENTITIES = ("Nordic AB", "Läkarö & Söner")


class Client:
    """A client of a simulator for one legal entity."""

    def __init__(self, simulator: Simulator, entity: str | None = None) -> None:
        self.simulator = simulator
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.log_in()['accessToken']}"
        if entity is not None:
            # Bytes: requests would write a text as Latin-1, and Younium reads UTF-8.
            self.session.headers["legal-entity"] = entity.encode()

    def log_in(self, path: str = "/auth/token", **other: str) -> Row:
        """The answer of the token endpoint."""
        body = {"clientId": self.simulator.client_id, "secret": self.simulator.client_secret}
        answer = requests.post(self.simulator.url + path, json=body | other, timeout=5)
        found: Row = answer.json()
        return found

    def get(self, path: str, **asked: Any) -> requests.Response:
        """One answer; redirects are not followed."""
        url = self.simulator.url + path
        headers = asked.pop("headers", {})
        timeout = asked.pop("timeout", 5)
        return self.session.get(
            url, params=asked, headers=headers, timeout=timeout, allow_redirects=False
        )

    def rows(self, path: str, **asked: Any) -> list[Row]:
        """The rows of one page."""
        answer = self.get(path, **asked)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found: list[Row] = body if isinstance(body, list) else body["data"]
        return found

    def all(self, path: str, **asked: Any) -> list[Row]:
        """The rows of all pages, in the order of their key."""
        key = "code" if path.endswith("productFeatures") else "id"
        asked = {"OrderBy": f"{key} asc", "PageSize": 100} | asked
        body = self.get(path, **asked).json()
        if isinstance(body, list):
            return body
        rows: list[Row] = body["data"]
        for number in range(2, body["totalPages"] + 1):
            rows += self.rows(path, PageNumber=number, **asked)
        return rows
