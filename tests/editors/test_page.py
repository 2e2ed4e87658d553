"""The page `docs/editors.md` names what there is."""

from __future__ import annotations

import re

from promptlang_lsp.protocol.configuration import settings_rows
from tests.editors.conftest import ROOT

PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")


def test_every_setting_is_listed_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([\w.]+)`[^|]*\| `([^`]*)`", PAGE, re.MULTILINE))
    for name, value in settings_rows():
        short = name.removeprefix("promptlang.")
        written = {True: "true", False: "false", (): "[]"}.get(value, str(value))  # type: ignore[call-overload]
        if short.startswith("hints."):
            assert f".{short.partition('.')[2]}`" in PAGE, short
        else:
            assert rows[short] == written, short


def test_every_path_it_names_is_there() -> None:
    paths = re.findall(r"EDITORS/(\w+(?:/[\w.]+)?)", PAGE)
    assert len(paths) >= 5
    built = {"vscode/promptlang.vsix"}
    assert [path for path in {*paths} - built if not (ROOT / "editors" / path).exists()] == []
