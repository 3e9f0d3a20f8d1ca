"""A row deleted in Younium is deleted in PostgreSQL after a complete read of its stream."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from simulator import Fault, Simulator

if TYPE_CHECKING:
    from singer import Row

    from e2e.places import PostgreSQL, Project

ENTITIES = ("Nordic AB", "Läkarö & Söner")
SETTINGS: Row = {
    "_select": ["accounts.*", "exchange_rates.*", "report_öppna_fakturor.*"],
    "emit_activate_version_messages": True,
    "page_size": 20,
    "reports": ["Öppna fakturor"],
}


def test_deleted_rows_are_deleted_but_not_by_an_interrupted_run(
    project: Project, postgres: PostgreSQL
) -> None:
    def found() -> Row:
        """The number of rows of each table."""
        (counts,) = postgres.rows(
            "SELECT (SELECT count(*) FROM deletes.accounts) AS accounts,"
            " (SELECT count(*) FROM deletes.exchange_rates) AS rates,"
            ' (SELECT count(*) FROM deletes."report_öppna_fakturor") AS report'
        )
        return counts

    def versions() -> int:
        """The number of runs that loaded exchange rates."""
        query = "SELECT count(DISTINCT _sdc_table_version) AS runs FROM deletes.exchange_rates"
        runs: int = postgres.rows(query)[0]["runs"]
        return runs

    with Simulator(accounts=8, entities=ENTITIES) as younium:
        project.load(younium, "postgres", "deletes", **SETTINGS)
        invoices = sum(len(younium.rows("Invoices", entity)) for entity in ENTITIES)
        before = {"accounts": 16, "rates": 2 * 84, "report": invoices}
        assert found() == before
        gone = [row["id"] for row in younium.rows("ExchangeRate", ENTITIES[1])[30:37]]
        del younium.rows("ExchangeRate", ENTITIES[1])[30:37]
        del younium.rows("Accounts", ENTITIES[1])[3:5]
        del younium.rows("Invoices", ENTITIES[0])[:5]

        # In the middle of the second legal entity, with an error and with a kill.
        younium.faults[:] = [Fault("status", "/ExchangeRate", page=3, skip=1, status=400)]
        with project.loading(younium, "postgres", "deletes", **SETTINGS) as process:
            log, _ = process.communicate()
        assert process.returncode == 1, log[-5000:]
        assert "/ExchangeRate" in log
        assert versions() == 2
        before["report"] -= 5  # a stream of its own, read to its end by the run that fails
        assert found() == before
        younium.faults[:] = [Fault("silent", "/ExchangeRate", page=3, times=None)]
        with project.loading(younium, "postgres", "deletes", **SETTINGS) as process:
            while not younium.faults[0].struck:
                assert process.poll() is None
                time.sleep(0.1)
            os.killpg(process.pid, signal.SIGKILL)
        assert versions() == 2
        assert found() == before

        younium.faults.clear()
        project.load(younium, "postgres", "deletes", **SETTINGS)
        assert versions() == 1
        # Accounts are incremental: README says that what is gone of them stays. A table without
        # a key is replaced, where without versions each read would be added to it.
        assert found() == before | {"rates": before["rates"] - 7}
        ids = ", ".join(f"'{each}'" for each in gone)
        assert not postgres.rows(f"SELECT 1 FROM deletes.exchange_rates WHERE id IN ({ids})")
