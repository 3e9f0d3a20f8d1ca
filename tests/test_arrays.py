"""The documented selection without the arrays that have streams of their own."""

from __future__ import annotations

import yaml
from pages import blocks
from singer import Row, Younium, catalog, config_of, metadata_of, run, table_of
from test_nested import NESTED, ROOTS

ENTITIES = ("Nordic AB", "Läkarö & Söner")
(RECIPE,) = (block.text for block in blocks("yaml") if block.page.name == "arrays.md")
(EXTRACTOR,) = yaml.safe_load(RECIPE)["plugins"]["extractors"]
RULES: list[str] = EXTRACTOR["select"]
ARRAYS = {(table, column) for table, _, column in (rule[1:].partition(".") for rule in RULES)}


def test_there_is_a_rule_for_each_nested_stream() -> None:
    assert all(rule.startswith("!") for rule in RULES)
    assert {(nested.above, nested.arrays[-1]) for nested in NESTED.values()} == ARRAYS
    assert len(RULES) == len(NESTED)


def test_rows_lack_only_the_arrays_and_no_row_is_missing() -> None:
    chosen = catalog([*ROOTS, *NESTED], entities=ENTITIES)
    with Younium(accounts=6, entities=ENTITIES) as younium:
        config = config_of(younium, page_size=20)
        whole = run(config, catalog=chosen).well()
        for table, column in ARRAYS:
            metadata_of(table_of(chosen, table), "properties", column)["selected"] = False
        fewer = run(config, catalog=chosen).well()
    for table, rows in whole.exact.items():
        gone = {column for other, column in ARRAYS if other == table}
        columns = whole.schemas[table]["schema"]["properties"]
        assert fewer.schemas[table]["schema"]["properties"] == without(gone, columns), table
        times = {"_read_at", "_last_modified"} if table.startswith("payment") else {"_read_at"}
        came = [without(times, row) for row in fewer.exact[table]]
        assert came == [without(times, without_arrays(row, table)) for row in rows], table
    assert len(fewer.stdout) < 0.7 * len(whole.stdout)


def without_arrays(row: Row, table: str) -> Row:
    """A row without the arrays, nor what was moved to `_extra` from them."""
    gone = {column for other, column in ARRAYS if other == table}
    return without(gone, row) | {"_extra": without(gone, row["_extra"] or {}) or None}


def without(names: set[str], row: Row) -> Row:
    return {name: row[name] for name in row if name not in names}
