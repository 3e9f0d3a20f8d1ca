"""Rows from batch files give the same tables as RECORD messages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from e2e.test_targets import ENTITIES, EVERYTHING, NOT_HELD, TABLES, change
from simulator import Simulator

if TYPE_CHECKING:
    from singer import Row

    from e2e.places import PostgreSQL, Project


def test_batch_files_give_the_same_tables(project: Project, postgres: PostgreSQL) -> None:
    batches = {"batch_config": {"storage": {"root": (project.folder / "files").as_uri()}}}
    with Simulator(accounts=5, entities=ENTITIES) as younium:
        for _ in range(2):
            for schema, settings in (("records", {}), ("batches", batches)):
                project.load(younium, "postgres", schema, **EVERYTHING, **settings)
            change(younium)
    assert len(list((project.folder / "files").iterdir())) > len(TABLES)
    for table in sorted(TABLES):
        found = rows_of(replace(postgres, schema="batches"), table)
        assert found, table
        assert found == rows_of(replace(postgres, schema="records"), table), table


def rows_of(database: PostgreSQL, table: str) -> list[str]:
    """The rows of a table, without the columns that differ from read to read."""
    differing = {"_read_at"} | {column for name, column in NOT_HELD if name == table}

    def plain(row: Row) -> str:
        kept = {name: row[name] for name in row.keys() - differing if not name.startswith("_sdc_")}
        return str(sorted(kept.items()))

    return sorted(plain(row) for row in database.rows(f'SELECT * FROM "{table}"'))
