"""The data dictionary: what each column means, and that it reaches catalogs, docs and dbt."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import ZipFile

import pytest
import yaml
from msgspec import inspect
from singer import (
    OWN,
    PLACE,
    Output,
    Row,
    Younium,
    catalog,
    config_of,
    metadata_of,
    run,
    run_process,
    table_of,
)

from docs.joins import ALL_STREAMS, name_of
from tap_younium import dictionary, models
from tap_younium.child import ChildStream
from tap_younium.dictionary import BASES, NOT_PUBLISHED, Meaning, meaning_of, meanings_in
from tap_younium.models.accounts import Account
from tap_younium.models.common import Common
from tap_younium.records.definition import type_at, type_info
from tap_younium.records.json_schema import unwrap
from upkeep.facts import published
from upkeep.regenerate import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msgspec import Struct

    from tap_younium.client import YouniumStream

ROOT = Path(__file__).parent.parent
DESCRIBED = 1000
"""Younium's columns whose meaning is known, of 1,043."""
PUBLISHED = published()
MODULES = [f"{models.__name__}.{it.name}" for it in pkgutil.iter_modules(models.__path__)]
DOCSTRINGS = {
    (module, *owner): meaning
    for module in MODULES
    for owner, meaning in meanings_in(
        Path(str(importlib.import_module(module).__file__)).read_text(encoding="utf-8")
    )
    if module != f"{models.__name__}.base"
}


class Field(NamedTuple):
    """A field of a model, and its type in Younium's OpenAPI file."""

    model: type[Struct]
    name: str
    kind: Any

    @property
    def meaning(self) -> Meaning:
        return meaning_of(self.model, self.name)


def fields() -> set[Field]:
    """Each field of each model that a stream uses."""
    paths = {
        it.child_path if issubclass(it, ChildStream) else it.path: it.model for it in ALL_STREAMS
    }
    return {
        field
        for path, model in paths.items()
        for field in walk(type_info(model), PUBLISHED.paths[path]["record"])
    }


def walk(node: inspect.Type, kind: Any) -> Iterator[Field]:
    node = unwrap(node)
    if isinstance(node, inspect.ListType):
        yield from walk(node.item_type, kind[0])
    elif isinstance(node, inspect.StructType):
        kinds = kind if isinstance(kind, dict) else PUBLISHED.objects[kind]
        kinds = {name.removesuffix("?"): it for name, it in kinds.items()}
        for field in node.fields:
            inner = kinds[field.encode_name]
            yield Field(node.cls, field.encode_name, str(inner))
            yield from walk(field.type, inner)


def model_of(stream: type[YouniumStream]) -> type[Struct]:
    """The model of a stream's rows."""
    node = type_at(stream.model, stream.array_path)
    assert isinstance(node, inspect.StructType)
    return node.cls


FIELDS = fields()
KNOWN = [field for field in FIELDS if field.meaning is not NOT_PUBLISHED]


def columns(schema: Row, path: str = "") -> Iterator[tuple[str, Row]]:
    """The path and the schema of each column and field at every level."""
    for name, column in schema.get("properties", {}).items():
        yield path + name, column
        yield from columns(column, f"{path}{name}.")
        yield from columns(column.get("items", {}), f"{path}{name}.")


def descriptions(schema: Row) -> dict[str, str | None]:
    return {path: column.get("description") for path, column in columns(schema)}


# What is described


def test_every_column_at_every_level_has_a_description() -> None:
    for entry in catalog()["streams"]:
        found = descriptions(entry["schema"])
        assert len(found) > 4
        bad = {path for path, text in found.items() if not text or not text.endswith(".")}
        assert not bad, entry["tap_stream_id"]


def test_a_description_says_if_it_is_a_guess() -> None:
    found = catalog()
    guessed = 0
    for stream in ALL_STREAMS:
        for name, column in table_of(found, name_of(stream))["schema"]["properties"].items():
            is_guess = meaning_of(model_of(stream), name).basis == "name"
            assert (
                column["description"].count("Meaning inferred from the field's name.") == is_guess
            ), name
            guessed += is_guess
    assert guessed > 300
    inner = descriptions(table_of(found, "invoices")["schema"])
    assert str(inner["invoiceLines.taxRate"]).endswith("Meaning inferred from the field's name.")


def test_the_meaning_of_most_columns_is_known() -> None:
    found = catalog()
    bases = [
        meaning_of(model_of(stream), column).basis
        for stream in ALL_STREAMS
        for column in table_of(found, name_of(stream))["schema"]["properties"]
        if not column.startswith("_")
    ]
    assert len(bases) == 1043
    assert len([basis for basis in bases if basis != "none"]) >= DESCRIBED


def test_the_tap_s_own_columns_are_described() -> None:
    assert set(dictionary.TAP_COLUMNS) == {*OWN, *PLACE}
    payments, transactions, summaries = (
        descriptions(table_of(catalog(), name)["schema"])
        for name in ("payment_settlements", "accounting_transactions", "account_summaries")
    )
    assert "clock" in str(payments["_last_modified"])
    assert transactions["_parent_id"] == "The fiscal year."
    assert transactions["_read_at"] == payments["_read_at"] == dictionary.TAP_COLUMNS["_read_at"]
    assert "response" in str(summaries["_position"])


# Docstrings


def test_a_docstring_is_a_sentence_with_its_basis() -> None:
    wrong = []
    for (module, model, field), (text, basis) in DOCSTRINGS.items():
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", field).lower()
        if (
            basis not in BASES
            or not re.fullmatch(r"[A-Z`].*\.", text)
            or (basis == "none") != (text == NOT_PUBLISHED.text)
            or re.sub(r"^(the|an?) |\.$", "", text.lower()) == name
            or field not in getattr(importlib.import_module(module), model).__annotations__
        ):
            wrong.append(f"{model}.{field}: {text} [{basis}]")
    assert wrong == []


def test_a_field_described_for_all_objects_is_in_several() -> None:
    own = {key[1:] for key in DOCSTRINGS}
    shared = {field for model, field in own if model == Common.__name__}
    assert len(shared) > 50
    for name in shared:
        owners = [(it.model.__name__, name) in own for it in FIELDS if it.name == name]
        assert len(owners) > 1, name
        assert not all(owners), f"{name}: all objects have their own docstring"


@pytest.mark.parametrize(
    "docstring", ["No basis.", "Wrong basis. [guess]", "Open. [spec", "No space.[spec]", "[spec]"]
)
def test_a_docstring_without_a_known_basis_is_noticed(docstring: str) -> None:
    source = f'class A:\n    a: int\n    """{docstring}"""'
    ((_, (text, basis)),) = meanings_in(source)
    assert basis not in BASES or not text.endswith(".")


def test_only_a_docstring_directly_below_a_field_describes_it() -> None:
    source = '''
        class A:
            """The object. [spec]"""
            a: int = 1
            """Folded
            text. [spec]"""
            b: int
            c = 1
            """No field. [spec]"""
            def d(self):
                """No field. [spec]"""
        '''
    assert dict(meanings_in(source.replace("\n        ", "\n"))) == {
        ("A", "a"): Meaning("Folded text.", "spec")
    }


def test_a_field_without_a_docstring_is_not_published_and_its_own_comes_first() -> None:
    assert meaning_of(Account, "newField") is NOT_PUBLISHED
    assert meaning_of(Account, "name") == meaning_of(Common, "name")
    assert meaning_of(Account, "cmrr") != meaning_of(Common, "cmrr")


def test_known_values_are_those_of_the_openapi_file() -> None:
    checked = 0
    for field in KNOWN:
        listed = re.findall(r"Known values: (.*?); more may come\.", field.meaning.text)
        values = PUBLISHED.enums.get(field.kind)
        assert bool(values) == bool(listed) == ("Known values" in field.meaning.text), field
        if values:
            assert listed[0].split(", ") == values, field
            checked += 1
    assert checked > 20


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (r"term|renewalTerm|initialTerm|noticePeriod", "months"),
        (r"days|daysPastDue|offsetBillingDays", "[Dd]ays"),
        (r"taxRate|tax\d|percent|.*Percent(age)?", "percent|`tax1`"),
        (r"currency|(from|to)Currency|.*[cC]urrencyCode.*", "ISO 4217"),
        (r".*(?<!price)Base(Amount)?|amountInBase.*|(debit|credit)Amount", "base currency"),
        (r"(sub)?total.*(?<!Percentage)|tax(Pre|Base).*|settledAmount", "currency"),
        (r"subtotal|total|totalAmount|tax", "[Cc]redit"),
        (r"price|displayPrice|ratedPrice", "currency"),
        (r"rate|exchangeRate", "currency|Currency"),
        (r"(effective|servicePeriod)(Start|End)Date", "inclusive|(First|Last) day|time of day"),
    ],
)  # fmt: skip
def test_units_and_conventions_are_explicit(names: str, words: str) -> None:
    assert any(re.fullmatch(names, field.name) for field in FIELDS)
    found = [field for field in KNOWN if re.fullmatch(names, field.name)]
    assert [it for it in found if not re.search(words, it.meaning.text)] == []


# Where descriptions go


@pytest.fixture(scope="module")
def younium() -> Iterator[Younium]:
    with Younium(accounts=2) as found:
        yield found


SOME = ("accounts", "journal_transactions", "subscriptions")


@pytest.fixture(scope="module")
def chosen(younium: Younium) -> Row:
    return catalog(SOME, config=config_of(younium))


def described(output: Output) -> dict[str, dict[str, str | None]]:
    return {name: descriptions(it["schema"]) for name, it in output.schemas.items()}


def test_a_sync_with_a_catalog_passes_its_descriptions_on(younium: Younium, chosen: Row) -> None:
    there = {name: descriptions(table_of(chosen, name)["schema"]) for name in SOME}
    assert described(run(config_of(younium), catalog=chosen).well()) == there

    edited = json.loads(json.dumps(chosen))
    table_of(edited, "accounts")["schema"]["properties"]["name"]["description"] = "Ours."
    output = run(config_of(younium), catalog=edited).well()
    assert described(output)["accounts"] == there["accounts"] | {"name": "Ours."}


def test_a_sync_without_a_catalog_has_the_same_descriptions(younium: Younium, chosen: Row) -> None:
    found = described(run(config_of(younium)).well())
    assert {name: found[name] for name in SOME} == {
        name: descriptions(table_of(chosen, name)["schema"]) for name in SOME
    }


def test_a_catalog_without_descriptions_gives_the_same_rows(younium: Younium, chosen: Row) -> None:
    bare = json.loads(json.dumps(chosen))
    for entry in bare["streams"]:
        for _, column in columns(entry["schema"]):
            column.pop("description")
    before, after = (run(config_of(younium), catalog=it).well() for it in (chosen, bare))
    assert {text for found in described(after).values() for text in found.values()} == {None}
    assert without_times(before) == without_times(after)


def without_times(output: Output) -> dict[str, list[Row]]:
    return {
        name: [{**row, "_read_at": None} for row in rows] for name, rows in output.records.items()
    }


@pytest.mark.parametrize(
    ("more", "stream", "same"),
    [
        ({"stream_maps": {"accounts": {"__alias__": "a", "n": "name"}}}, "a", ["acv.amount"]),
        ({"flattening_enabled": True, "flattening_max_depth": 2}, "accounts", ["acv__amount"]),
    ],
    ids=["stream map", "flattening"],
)
def test_descriptions_survive_a_stream_map_and_flattening(
    more: Row, stream: str, same: list[str], younium: Younium, chosen: Row
) -> None:
    output = run(config_of(younium, **more), catalog=chosen).well()
    there = descriptions(table_of(chosen, "accounts")["schema"])
    here = described(output)[stream]
    assert {path: here[path] for path in ("name", *same)} == {
        path: there[path.replace("__", ".")] for path in ("name", *same)
    }
    assert len(output.records[stream]) == 2


def test_only_discovery_and_runs_without_a_catalog_read_docstrings(
    younium: Younium, chosen: Row
) -> None:
    """Python logs each import."""
    imports = {"env": {"PYTHONPROFILEIMPORTTIME": "1"}}
    config = config_of(younium)
    for arguments, options, expected in (
        (("--version",), {}, False),
        ((), {"catalog": chosen}, False),
        (("--discover",), {}, True),
    ):
        output = run_process(config, *arguments, **options, **imports)
        assert output.exit_code == 0
        assert "tap_younium.tap\n" in output.stderr
        assert ("tap_younium.dictionary\n" in output.stderr) is expected, arguments


def test_custom_fields_have_the_tenant_s_name_for_them() -> None:
    with Younium(accounts=1) as younium:
        rows = younium.rows("CustomFieldConfigurations")
        rows[:] = [
            {"key": "a", "name": "Segment", "entity": "Account", "fieldType": "Text"},
            {"key": "a", "name": "Other", "entity": "Account", "fieldType": "Text"},
            {"key": "b", "name": 7, "entity": "Account", "fieldType": "Integer"},
            {"key": "a", "name": "Region", "entity": "Order", "fieldType": "Text"},
        ]
        found = catalog(config=config_of(younium))
    accounts, orders = (
        {path: text for path, text in descriptions(it["schema"]).items() if "customFields." in path}
        for it in (table_of(found, "accounts"), table_of(found, "subscriptions"))
    )
    assert accounts == {
        "customFields.a": "Custom field of the tenant: Segment.",
        "customFields.b": "Custom field of the tenant.",
    }
    assert orders == {"customFields.a": "Custom field of the tenant: Region."}


def test_columns_without_a_published_schema_say_where_they_come_from() -> None:
    with Younium(accounts=1) as younium:
        config = config_of(
            younium, reports=["*"], data_export=["Accounts"], insights=["allmetrics"]
        )
        found = catalog(config=config)
        for entry in found["streams"]:
            name = entry["tap_stream_id"]
            metadata_of(entry)["selected"] = name.startswith(("report_", "export_", "insights_"))
        output = run(config, catalog=found).well()
    assert {name.partition("_")[0] for name in output.schemas} == {"report", "export", "insights"}
    for name, texts in described(output).items():
        assert texts == descriptions(table_of(found, name)["schema"])
        assert (
            dictionary.TAP_COLUMNS.items()
            >= {
                column: texts.pop(column) for column in ("_legal_entity", "_read_at", "_extra")
            }.items()
        )
        (text,) = set(texts.values())
        words = {"report": "report", "export": "data export", "insights": "Insights"}
        assert words[name.partition("_")[0]] in str(text)


def test_dbt_s_sources_have_each_table_and_column() -> None:
    (source,) = yaml.safe_load((ROOT / SOURCES).read_text(encoding="utf-8"))["sources"]
    assert all(table["description"] for table in source["tables"])
    assert {
        table["name"]: {it["name"]: it["description"] for it in table["columns"]}
        for table in source["tables"]
    } == {
        entry["tap_stream_id"]: {
            name: column["description"] for name, column in entry["schema"]["properties"].items()
        }
        for entry in catalog()["streams"]
    }


def test_the_page_of_objects_has_each_field_that_is_no_column() -> None:
    text = (ROOT / "docs/objects.md").read_text(encoding="utf-8")
    rows = {model_of(stream) for stream in ALL_STREAMS}
    inner = [field for field in FIELDS if field.model not in rows]
    assert len(inner) > 100
    for field in inner:
        section = text.partition(f"\n## {field.model.__name__}\n")[2].partition("\n## ")[0]
        (line,) = re.findall(rf"^\| `{field.name}` \| (.*) \|$", section, re.MULTILINE)
        assert field.meaning.text in line


# The package


def test_a_package_in_an_archive_has_descriptions_too(tmp_path: Path) -> None:
    """They come from the source code, which its loader knows."""
    archive = tmp_path / "package.zip"
    with ZipFile(archive, "w") as files:
        for file in (ROOT / "tap_younium").rglob("*.py"):
            files.write(file, file.relative_to(ROOT))
    done = subprocess.run(
        [sys.executable, "-m", "tap_younium", "--discover"],
        env={"PYTHONPATH": str(archive)},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == catalog()


def test_without_source_code_the_catalog_has_no_meaning_rather_than_a_wrong_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dictionary, "_meanings", raising(OSError))
    found = descriptions(
        table_of(json.loads(run({}, "--discover").well().stdout), "countries")["schema"]
    )
    assert found["name"] is None
    assert found["_extra"] == dictionary.TAP_COLUMNS["_extra"]


def raising(error: type[Exception]) -> Any:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_the_example_in_contributing_is_valid() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = page.partition("## Add a field")[2].partition("```python\n")[2].partition("```")[0]
    found = dict(meanings_in(f"class A:\n{indent(block, '    ')}"))
    assert {name: meaning.basis for (_, name), meaning in found.items()} == {
        "term": "text",
        "status": "spec",
    }
