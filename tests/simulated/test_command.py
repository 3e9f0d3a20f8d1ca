"""`python -m simulator serve`, and records from files."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulated.younium_client import Client

ROOT = Path(__file__).parents[2]


def test_serve_prints_the_settings_of_the_tap_and_ends_on_ctrl_c() -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", "-m", "simulator", "serve"]
    command += ["--port", "0", "--accounts", "3"]
    command += ["--fault", "status,path=/Accounts,status=503", "--set", "default_page_size=2"]
    environment = {"PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment,
        # A shell lets its background jobs ignore Ctrl-C, and this test may run in one.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        try:
            assert process.stdout is not None
            said = [process.stdout.readline().decode().strip() for _ in range(8)]
            assert [line.split(":")[0] for line in said[1:3]] == [
                "# Legal entity Nordic AB",
                "# Legal entity Läkarö & Söner",
            ]
            settings = exported("\n".join(said))
            assert json.loads(settings["LEGAL_ENTITIES"]) == ["Nordic AB", "Läkarö & Söner"]
            url = settings["API_URL"]
            assert url in said[0]
            body = {"clientId": settings["CLIENT_ID"], "secret": settings["CLIENT_SECRET"]}
            token = requests.post(f"{url}/auth/token", json=body, timeout=5).json()["accessToken"]
            headers = {"Authorization": f"Bearer {token}", "legal-entity": "Nordic AB"}
            answers = [
                requests.get(f"{url}/Accounts", headers=headers, timeout=5) for _ in range(2)
            ]
            assert [answer.status_code for answer in answers] == [503, 200]
            assert len(answers[1].json()["data"]) == 2
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=5)
        finally:
            # The server must not outlive its test, whatever fails.
            process.kill()
    assert process.returncode == 0
    assert rest == b""


def exported(script: str) -> dict[str, str]:
    """The settings of the tap that a shell has after a script."""
    done = subprocess.run(["/bin/sh", "-c", f"{script}\nenv"], stdout=subprocess.PIPE, check=True)
    lines = (line.partition("=") for line in done.stdout.decode().splitlines())
    return {
        name.removeprefix("TAP_YOUNIUM_"): it for name, _, it in lines if "TAP_YOUNIUM_" in name
    }


def test_a_wrong_command_or_option_is_explained() -> None:
    wrong = (["--fault", "earthquake"], ["--set", "colour=blue"], ["--rows", "0"])
    for options in ([], ["load"], *(["serve", *option] for option in wrong)):
        command = [sys.executable, "-m", "simulator", *options]
        done = subprocess.run(command, capture_output=True, cwd=ROOT, check=False, timeout=20)
        assert done.returncode == 2
        assert b"Traceback" not in done.stderr
        assert b"usage: python -m simulator" in done.stderr


def test_records_are_served_digit_for_digit(start: Callable[..., Client], tmp_path: Path) -> None:
    lines = [
        '{"id": "b", "modified": "2024-01-01T00:00:00", "cmrr": {"amount": 3000.0}}',
        '{"id": "a", "name": "Åsa", "tcv": {"amount": 1234567890123.1234567890}}',
    ]
    (tmp_path / "account.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "sales_order.jsonl").write_text('{"id": "s"}', encoding="utf-8")
    client = start(records=tmp_path)
    text = client.get("/Accounts", OrderBy="id asc").text
    assert text.endswith(f'"data":[{lines[1]},{lines[0]}]}}')
    assert client.rows("/SalesOrders") == [{"id": "s"}]
    assert client.get("/Invoices").status_code == 400
    assert len(client.simulator.entities) == 1
    client.simulator.rows("Accounts")[0]["cmrr"]["amount"] = None
    assert client.get("/Accounts/b").json()["cmrr"] == {}


def test_the_real_records_are_served(start: Callable[..., Client]) -> None:
    folder = ROOT.parent / "shared" / "younium" / "records"
    if not folder.exists():
        return
    client = start(records=folder)
    for file in folder.glob("*.jsonl"):
        path = f"/{file.stem.capitalize()}s"
        expected = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        rows = client.all(path)
        assert rows == sorted(expected, key=lambda row: row["id"])
