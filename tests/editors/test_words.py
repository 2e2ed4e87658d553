"""The keyword files of the editors are what the tables say."""

from __future__ import annotations

import json

import pytest

from promptlang.reference import editor_words
from promptlang.tables.options.table import OPTIONS, ROWS
from tests.editors.conftest import ROOT


@pytest.mark.parametrize("name", editor_words.files())
def test_generated_files_are_current(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == editor_words.files()[name], "run `make docs`"


def test_every_option_is_coloured_one_way_or_the_other() -> None:
    words = {*editor_words.options(flags=True), *editor_words.options(flags=False)}
    assert words == set(OPTIONS)


def test_values_are_the_rows_own() -> None:
    rows = {row.name: editor_words.values(row) for row in ROWS}
    assert "compel" in rows["parser"]
    assert "wayless" in rows["steps"]
    assert not rows["seed"]


def test_no_scope_lacks_the_name_of_the_language() -> None:
    grammar = json.loads(editor_words.textmate())
    names = _names(grammar["repository"])
    assert names
    assert all(name.endswith(".promptlang") for name in names)


def _names(node: object) -> list[str]:
    match node:
        case dict():
            own = [node["name"]] if isinstance(node.get("name"), str) else []
            return own + [name for each in node.values() for name in _names(each)]
        case list():
            return [name for each in node for name in _names(each)]
        case _:
            return []
