"""`python -m upkeep.spec` reports each difference to a newer OpenAPI file, and nothing else."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from upkeep import facts
from upkeep.spec import differences as differences_of
from upkeep.spec import main, streams_by_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from singer import Row

    Doctor = Callable[[Row], object]

FILE = Path(__file__).parents[2] / "shared" / "younium" / "openapi-2.1.json"
TEXT = {"type": "string", "nullable": True}


@pytest.fixture(scope="module")
def file_of_the_tap_s_own() -> Row:
    """An OpenAPI file with the paths and fields of the tap's streams."""
    schemas = {}
    paths = {}
    for path, table in streams_by_path().items():
        own = {name for name in table.schema["properties"] if name.startswith("_")}
        fields = {
            name: field for name, field in table.schema["properties"].items() if name not in own
        }
        schemas[table.name] = {"type": "object", "properties": copy.deepcopy(fields)}
        paths[path.replace("{}", "{anything}")] = answer(table.name)
    return {"openapi": "3.0.1", "paths": paths, "components": {"schemas": schemas}}


def answer(name: str) -> Row:
    data = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    page = {"type": "object", "properties": {"totalCount": {"type": "integer"}, "data": data}}
    return {"get": {"responses": {"200": {"content": {"application/json": {"schema": page}}}}}}


def fields_of(document: Row, table: str, *path: str) -> Row:
    """The fields of a stream's records, or of an array in them."""
    found: Row = document["components"]["schemas"][table]["properties"]
    for name in path:
        found = found[name]["items"]["properties"]
    return found


def add(table: str, *path: str, **more: Any) -> Doctor:
    return lambda document: fields_of(document, table, *path).update(more)


def drop(table: str, name: str) -> Doctor:
    return lambda document: fields_of(document, table).pop(name)


def contracts(document: Row) -> None:
    document["paths"]["/Contracts"] = answer("currencies")
    document["paths"]["/Contracts/{id}"] = answer("currencies")
    document["paths"]["/ContractsToPost"] = {"post": {}}


DIFFERENT: dict[str, tuple[Doctor, list[str]]] = {
    "a collection": (contracts, ["/Contracts: a collection without a stream, 3 fields"]),
    "a field": (add("currencies", sign=TEXT), ["currencies: sign is new, of type string"]),
    "a field in arrays": (
        add("subscriptions", "products", "charges", risk={"type": "integer"}),
        ["subscriptions: products.[].charges.[].risk is new, of type integer"],
    ),
    "a field of a table by parent": (
        add("related_invoices", reason=TEXT),
        ["related_invoices: reason is new, of type string"],
    ),
    "an object": (
        add("webhooks", owner={"type": "object", "properties": {"name": TEXT}}),
        ["webhooks: owner is new, of type object", "webhooks: owner.name is new, of type string"],
    ),
    "an object that holds its like": (
        add("accounts", parent={"$ref": "#/components/schemas/accounts"}),
        ["accounts: parent is new, of type object"],
    ),
    "a type": (
        add("currencies", code={"type": "integer"}),
        ["currencies: code is integer in the file, string in the tap"],
    ),
    "types": (
        add("currencies", code={"type": ["string", "integer", "null"]}),
        ["currencies: code is string|integer in the file, string in the tap"],
    ),
    "a format": (
        add("exchange_rates", effectiveToDate=TEXT),
        ["exchange_rates: effectiveToDate is string in the file, string:date-time in the tap"],
    ),
    "an array": (
        add("reports", fields=TEXT),
        [
            "reports: fields is string in the file, array in the tap",
            "reports: fields.[] is not in the file",
        ],
    ),
    "a field that went": (drop("currencies", "code"), ["currencies: code is not in the file"]),
    "a path that went": (
        lambda document: document["paths"].pop("/Currency"),
        ["currencies: the file has no /Currency"],
    ),
    "an answer that went": (
        lambda document: document["paths"].update({"/Currency": {"get": {}}}),
        [f"currencies: {name} is not in the file" for name in ("code", "description", "id")],
    ),
}

SAME: dict[str, Doctor] = {
    "nothing": lambda _: None,
    "one of several types, or null": add(
        "currencies", code={"anyOf": [{"type": "null"}, {"type": "string"}]}
    ),
    "an enum in a reference": lambda document: (
        document["components"]["schemas"].update(Code={"type": "string", "enum": ["SEK"]}),
        add("currencies", code={"allOf": [{"$ref": "#/components/schemas/Code"}]})(document),
    ),
    "a record of two parts": lambda document: document["components"]["schemas"].update(
        Base={"properties": {"code": fields_of(document, "currencies").pop("code")}},
        currencies={
            "allOf": [
                {"$ref": "#/components/schemas/Base"},
                document["components"]["schemas"]["currencies"],
            ]
        },
    ),
    "the secret that the tap leaves out": add("webhooks", token=TEXT),
    "a format that no column has": add("currencies", code=TEXT | {"format": "uri"}),
    "a path that only takes": lambda document: document["paths"].update({"/X": {"post": {}}}),
    "the base currency, which /Currency lists": lambda document: document["paths"].update(
        {"/Currency/BaseCurrency": answer("currencies")}
    ),
}


@pytest.fixture
def differences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file_of_the_tap_s_own: Row
) -> Callable[[Doctor], tuple[int, list[str]]]:
    def run(doctor: Doctor) -> tuple[int, list[str]]:
        document = copy.deepcopy(file_of_the_tap_s_own)
        doctor(document)
        file = tmp_path / "openapi.json"
        file.write_text(json.dumps(document))
        return main([str(file)]), capsys.readouterr().out.splitlines()

    return run


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_difference_is_reported(name: str, differences: Callable[[Doctor], Any]) -> None:
    doctor, lines = DIFFERENT[name]
    assert differences(doctor) == (1, lines)


@pytest.mark.parametrize("name", SAME)
def test_another_notation_is_not_a_difference(
    name: str, differences: Callable[[Doctor], Any]
) -> None:
    assert differences(SAME[name]) == (0, [])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"paths": []}', '{"paths": {"/X": 1}}', '{"swagger": "2.0"}']
)
def test_a_file_that_is_not_openapi_is_reported_in_one_line(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(text)
    with pytest.raises(SystemExit, match="2"):
        main([str(file)])
    *_, line = capsys.readouterr().err.splitlines()
    assert f"{file}: not an OpenAPI file in JSON" in line


def test_a_reference_to_a_missing_schema_is_reported(
    differences: Callable[[Doctor], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        differences(add("currencies", code={"$ref": "#/components/schemas/Gone"}))
    assert "#/components/schemas/Gone does not exist" in capsys.readouterr().err


def test_the_command_reports_differences(tmp_path: Path, file_of_the_tap_s_own: Row) -> None:
    document = copy.deepcopy(file_of_the_tap_s_own)
    add("currencies", sign=TEXT)(document)
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document))
    command = [sys.executable, "-m", "upkeep.spec", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "currencies: sign is new, of type string\n",
        "",
    )


# The facts that the project keeps


PAGE = """{
 "enums": {
  "Code": ["SEK", "EUR"]
 },
 "objects": {
  "Base": {
   "code": "Code",
   "parent?": "Base"
  },
  "Currency": {
   "base": "Base",
   "id": "string:uuid",
   "rates?": ["number:double"]
  }
 },
 "paths": {
  "/Currency/{}": {
   "covers": ["rates"],
   "query": ["PageSize"],
   "record": "Currency"
  }
 }
}
"""


def test_the_facts_are_names_types_and_enums_without_descriptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = answer("Currency")["get"] | {
        "summary": "Lists currencies.",
        "parameters": [{"name": "PageSize", "in": "query"}, {"name": "id", "in": "path"}],
        "x-modified-after-covers": ["rates"],
    }
    base = {"$ref": "#/components/schemas/Base"}
    currency = {
        "id": {"type": "string", "format": "uuid", "description": "The id."},
        "rates": {
            "type": "array",
            "nullable": True,
            "items": {"type": "number", "format": "double"},
        },
        "base": {"allOf": [base]},
    }
    schemas = {
        "Base": {
            "type": "object",
            "properties": {
                "code": {"$ref": "#/components/schemas/Code"},
                "parent": {"nullable": True, "allOf": [base]},
            },
        },
        "Code": {"type": "string", "enum": ["SEK", "EUR"]},
        "Currency": {"description": "A currency.", "properties": currency},
        "Unused": {"type": "object", "properties": {"id": TEXT}},
    }
    document = {"paths": {"/Currency/{id}": {"get": operation}}, "components": {"schemas": schemas}}
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    monkeypatch.setattr(facts, "FILE", tmp_path / "facts.json")
    facts.main([str(tmp_path / "openapi.json")])
    assert (tmp_path / "facts.json").read_text() == PAGE


def test_the_tap_lacks_nothing_of_the_published_api() -> None:
    """Also in streams that cost a request for each record."""
    assert list(differences_of(facts.published())) == []


@pytest.mark.skipif(not FILE.exists(), reason=f"the published file, {FILE.name}, is not here")
def test_the_facts_are_those_of_the_published_file() -> None:
    """Otherwise: `python -m upkeep.facts` with the file's path."""
    assert facts.FILE.read_text(encoding="utf-8") == facts.facts_of(FILE.read_bytes()).text()
