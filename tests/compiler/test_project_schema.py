"""The schema of project files takes what the loader takes, and refuses keys that no row has."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from promptlang.cli.commands.init import files
from promptlang.config.chain import load
from promptlang.config.keys import KEYS, Key
from promptlang.reference.project_schema import project_schema

ROOT = Path(__file__).parents[2]
SCHEMA = project_schema()


def as_file(path: tuple[str, ...], example: str) -> str:
    table = ".".join(path[:-1])
    return f"[{table}]\n{example}\n" if table else f"{example}\n"


def test_the_written_schema_is_current() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads((ROOT / "docs" / "promptlang.schema.json").read_text(encoding="utf-8")) == SCHEMA, (
        "run `make docs`"
    )


@pytest.mark.parametrize("row", KEYS, ids=[row.dotted for row in KEYS])
def test_the_example_of_every_key_is_taken(row: Key) -> None:
    jsonschema.validate(tomllib.loads(as_file(row.path, row.example)), SCHEMA, Draft202012Validator)


@pytest.mark.parametrize(
    "text", [files()["promptlang.toml"], *(path.read_text() for path in ROOT.glob("examples/**/promptlang.toml"))]
)
def test_project_files_are_taken(text: str) -> None:
    jsonschema.validate(tomllib.loads(text), SCHEMA, Draft202012Validator)


@pytest.mark.parametrize(
    "text",
    [
        "colour = 1",
        "edition = 'newest'",
        "[limits]\nimages = 0",
        "[limits]\nimages = false",
        "[rules]\n'clipskip/high' = 'loud'",
        "[options]\nnofix = 3",
        "[options]\nno-such-option = 3",
        "[options]\nclipskip = 14",
        "[concepts]\nzimage = 'a.safetensors'",
        "[concepts.names]\ncow = { paht = 'x' }",
    ],
)
def test_what_the_loader_complains_about_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "promptlang.toml"
    file.write_text(text)
    assert load(file).reports
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), SCHEMA, Draft202012Validator)
