"""The catalog: every change of a stream shows in a diff, and what a target relies on is stated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from singer import ALL, COLLECTIONS, INCREMENTAL, NOT_BY_DEFAULT, catalog, metadata_of, table_of
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


class JSONFile(SingleFileSnapshotExtension):
    """A snapshot as a JSON file."""

    file_extension = "json"
    _write_mode = WriteMode.TEXT
    write_mode = WriteMode.TEXT


def test_the_catalog_has_not_changed(snapshot: SnapshotAssertion) -> None:
    """If you change it on purpose, run pytest with --snapshot-update and read the diff."""
    text = json.dumps(catalog(), indent=1, ensure_ascii=False, sort_keys=True)
    assert text == snapshot(extension_class=JSONFile)


def test_each_collection_is_one_stream() -> None:
    names = [each["tap_stream_id"] for each in catalog()["streams"]]
    assert set(ALL) <= set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("table", COLLECTIONS)
def test_the_legal_entity_is_part_of_the_primary_key_if_one_is_set(table: str) -> None:
    """A currency can have the same id in two entities: one must not overwrite the other."""
    own = ["code"] if table == "product_features" else ["id"]
    for entities, keys in (((), own), (("One",), [*own, "_legal_entity"])):
        entry = table_of(catalog(entities=entities), table)
        assert entry["key_properties"] == keys
        assert metadata_of(entry)["table-key-properties"] == keys
        for key in keys:
            assert metadata_of(entry, "properties", key)["inclusion"] == "automatic"
        types = entry["schema"]["properties"]["_legal_entity"]["type"]
        assert types == ("string" if entities else ["string", "null"])


@pytest.mark.parametrize("table", COLLECTIONS)
def test_people_s_data_and_links_are_not_selected_by_default(table: str) -> None:
    selected = metadata_of(table_of(catalog(), table)).get("selected", True)
    assert selected is (table not in NOT_BY_DEFAULT)


@pytest.mark.parametrize("table", COLLECTIONS)
def test_a_stream_states_its_replication_method(table: str) -> None:
    entry = table_of(catalog(), table)
    if table in INCREMENTAL:
        assert entry["replication_method"] == "INCREMENTAL"
        assert entry["replication_key"] == "_last_modified"
        assert metadata_of(entry, "properties", "_last_modified")["inclusion"] == "automatic"
        assert metadata_of(entry)["valid-replication-keys"] == ["_last_modified"]
    else:
        assert entry["replication_method"] == "FULL_TABLE"
        assert not entry.get("replication_key")
