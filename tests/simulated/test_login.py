"""Tokens, headers and permissions."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
import requests

from simulated.younium_client import ENTITIES, Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator import Simulator


def test_v1_answers_in_camel_case(client: Client) -> None:
    answer = client.log_in("/auth/token")
    assert set(answer) == {"accessToken", "refreshToken", "expires", "expiresIn"}
    assert parsedate_to_datetime(answer["expires"]).timestamp() > time.time() + 86000


def test_v2_answers_in_snake_case(client: Client) -> None:
    answer = client.log_in("/auth/v2/token")
    assert set(answer) == {"access_token", "refresh_token", "expires", "expires_in"}


def test_expires_in_can_be_left_out(start: Callable[..., Client]) -> None:
    assert "expiresIn" not in start(expires_in=False).log_in()


@pytest.mark.parametrize("wrong", [{"clientId": "other"}, {"secret": "other"}])
def test_bad_credentials(client: Client, wrong: dict[str, str]) -> None:
    body = {"clientId": client.simulator.client_id, "secret": client.simulator.client_secret}
    answer = requests.post(client.simulator.url + "/auth/token", json=body | wrong, timeout=5)
    assert answer.status_code == 401
    assert answer.json() == {"errors": ["Invalid client id or secret"]}


def test_a_login_without_credentials(client: Client) -> None:
    answer = requests.post(client.simulator.url + "/auth/token", data=b"hello", timeout=5)
    assert answer.status_code == 400


def test_tokens_expire(start: Callable[..., Client]) -> None:
    client = start(token_lifetime=0)
    assert client.get("/Accounts").status_code == 401


def test_several_tokens_are_valid_until_revoked(start: Callable[..., Client]) -> None:
    first = start()
    second = Client(first.simulator)
    assert [each.get("/Accounts").status_code for each in (first, second)] == [200, 200]
    first.simulator.revoke_tokens()
    assert [each.get("/Accounts").status_code for each in (first, second)] == [401, 401]
    second.session.close()


@pytest.mark.parametrize("value", [None, "Bearer unknown", "Basic abc"])
def test_a_request_without_a_token_is_refused(client: Client, value: str | None) -> None:
    assert client.get("/Accounts", headers={"Authorization": value}).status_code == 401


@pytest.mark.parametrize(("version", "status"), [(None, 200), ("2.1", 200), ("2.0", 400)])
def test_api_version(client: Client, version: str | None, status: int) -> None:
    assert client.get("/Accounts", headers={"api-version": version}).status_code == status


def test_entities_by_id_and_by_name_in_utf_8(shared: Simulator, client: Client) -> None:
    first, second = shared.entities
    assert [name for _, name in shared.entities] == list(ENTITIES)
    for entity_id, name in (first, second):
        ids = [
            client.rows("/Accounts", OrderBy="id", headers={"legal-entity": value})[0]["id"]
            for value in (entity_id, name.encode())
        ]
        assert ids[0] == ids[1]


def test_entities_share_no_id(shared: Simulator) -> None:
    for name in ("Subscriptions", "Invoices", "Users"):
        first, second = ({row["id"] for row in shared.rows(name, each)} for each in ENTITIES)
        assert not first & second


@pytest.mark.parametrize("value", [None, "Nobody AB", "Läkarö & Söner".encode("latin-1")])
def test_a_missing_or_unknown_entity_is_forbidden(client: Client, value: str | None) -> None:
    assert client.get("/Accounts", headers={"legal-entity": value}).status_code == 403


def test_one_entity_needs_no_header(start: Callable[..., Client]) -> None:
    assert start().get("/Accounts").status_code == 200


def test_permissions(start: Callable[..., Client]) -> None:
    client = start(forbidden={"Users"})
    answers = {path: client.get(path).status_code for path in ("/Users", "/Users/roles", "/Usage")}
    assert answers == {"/Users": 403, "/Users/roles": 403, "/Usage": 200}
    assert client.get("/Users").json()["title"] == "Forbidden"
