"""The site's pages: generated ones are up to date, and their facts are true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from e2e.places import PostgreSQL
from loading import TYPES
from messages import templates
from singer import Younium, catalog, config_of, metadata_of, run

from docs.generate import DOCS, pages
from docs.joins import ALL_STREAMS, joins, name_of
from tap_younium import config
from tap_younium.api import retry

if TYPE_CHECKING:
    from singer import Row

ENTITY = "Nordic AB"
MESSAGES = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
JOINS = (DOCS / "joins.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows() -> dict[str, list[Row]]:
    """The rows of all streams."""
    with Younium(accounts=12, entities=(ENTITY,)) as younium:
        config = config_of(younium, legal_entities=[ENTITY])
        chosen = catalog(config=config)
        for stream in chosen["streams"]:
            metadata_of(stream)["selected"] = True
        return run(config, catalog=chosen).well().records


# Generated pages


def test_generated_pages_are_up_to_date() -> None:
    """Otherwise: `python -m upkeep.regenerate`."""
    made = pages()
    there = {str(file.relative_to(DOCS)) for file in (DOCS / "streams").iterdir()}
    assert there <= set(made)
    stale = [name for name in made if (DOCS / name).read_text(encoding="utf-8") != made[name]]
    assert stale == []


def test_each_join_finds_a_row(rows: dict[str, list[Row]]) -> None:
    assert len(list(joins())) > 150
    wrong = []
    for join in joins():
        named = {value for row in rows[join.stream] if (value := at(row, join.column)) is not None}
        there = {at(row, column) for stream, column in join.targets for row in rows[stream]}
        if not named or not named <= there:
            wrong.append(join)
    assert wrong == []


def at(row: Any, column: str) -> Any:
    for name in column.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row


def test_the_lines_of_the_diagrams_count_right(rows: dict[str, list[Row]]) -> None:
    lines = re.findall(r'^  (\w+) (\S\S)--(\S\S) (\w+) : "(\S+)"$', JOINS, re.MULTILINE)
    assert len(lines) > 40
    for _, one, many, stream, column in lines:
        named = [at(row, column) for row in rows[stream]]
        assert (one == "||") <= (None not in named), (stream, column)
        assert (many == "o|") == (stream in {"account_summaries", "journal_details"})
        assert (many == "o|") <= (len(set(named)) == len(named)), (stream, column)


def test_each_stream_is_on_the_page_of_permissions_once() -> None:
    text = (DOCS / "permissions.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?:`([^`]+)`|not published) \| (.*) \|$", text, re.MULTILINE)
    listed = [(name, said) for said, names in rows for name in re.findall(r"\[(\w+)\]", names)]
    assert sorted(listed) == sorted((name_of(it), it.permission or "") for it in ALL_STREAMS)


def table(page: str, head: str) -> list[list[str]]:
    """The cells of the rows of a table."""
    text = (DOCS / page).read_text(encoding="utf-8").partition(f"| {head} |")[2]
    lines = text.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_on_types_has_those_that_the_tests_of_real_targets_find() -> None:
    named = {"timestamp": "timestamp without time zone", "jsonb[]": "ARRAY"}
    rows = [
        [re.findall(r"`([^`]+)`", cell)[0] for cell in row] for row in table("types.md", "type")
    ]
    assert {kind: named.get(it, it) for kind, it, *_ in rows} == PostgreSQL.types
    assert {kind: it for kind, _, it, *_ in rows} == TYPES


def test_the_pages_with_the_number_of_streams_have_the_right_one() -> None:
    for page, words in (("index.md", "{} tables"), ("compare.md", "| Tables | {}, and")):
        text = (DOCS / page).read_text(encoding="utf-8")
        assert words.format(len(ALL_STREAMS)) in text, page


def test_the_page_on_pace_has_the_tap_s_limits() -> None:
    rows = table("pace.md", "limit")
    limits = {re.findall(r"`(\w+)`", setting)[0]: int(it) for _, it, setting in rows if setting}
    assert limits == {name: config.SCHEMA["properties"][name]["default"] for name in limits}
    assert [int(it) for _, it, setting in rows if not setting] == [retry.MAX_TRIES, retry._MAX_WAIT]


def test_no_script_or_stylesheet_fetches_anything() -> None:
    for file in DOCS.glob("static/*"):
        text = file.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?:|url\(|@import|<script", text), file


# Messages


def quoted() -> list[str]:
    """The messages that the page on troubleshooting explains."""
    return re.findall(r"^\| `([^`]+)` \|", MESSAGES, re.MULTILINE)


def test_each_message_that_is_explained_is_in_the_code() -> None:
    assert len(quoted()) > 50
    said = templates()
    assert [quote for quote in quoted() if not any(quote in text for text in said)] == []


def test_each_message_in_the_code_is_explained() -> None:
    left = [text for text in templates() if not any(quote in text for quote in quoted())]
    assert left == []
