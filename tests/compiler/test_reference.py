"""The reference pages say what the tables say."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from promptlang.checks.rules import RULES
from promptlang.cli.extras import GROUP
from promptlang.cli.table import COMMANDS, EXTRAS
from promptlang.config.keys import KEYS
from promptlang.reference.man_page import man_page
from promptlang.reference.pages import pages, with_keys, write
from promptlang.tables.options.table import ROWS

if EXTRAS.keys() - {point.name for point in entry_points(group=GROUP)}:
    pytest.skip("commands are newer than what is installed: `pip install -e .`", allow_module_level=True)

DOCS = Path(__file__).parents[2] / "docs"
PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name], "run `make docs`"


def test_the_manual_page_is_current_and_well_formed() -> None:
    page = (DOCS / "promptlang.1").read_text(encoding="utf-8")
    assert page == man_page(), "run `make docs`"
    assert all(f'.SS "promptlang {name}' in page for name in (*COMMANDS, "render", "play"))
    requests = {line.split()[0] for line in page.splitlines()[1:] if line.startswith((".", "'"))}
    assert requests <= {".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".BR", ".I", ".nf", ".fi", ".RS", ".RE"}


def test_the_table_of_keys_is_current() -> None:
    page = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert with_keys(page) == page, "run `make docs`"
    assert all(f"`{key.dotted}`" in page for key in KEYS)


def test_every_row_has_a_place_to_link_to() -> None:
    for name in RULES:
        assert f'<a id="{name}"></a>' in PAGES["rules.md"]
    for row in ROWS:
        assert f'<a id="{row.name}"></a>' in PAGES["options.md"]
    for name in (*COMMANDS, *EXTRAS):
        assert f"\n## {name}\n" in PAGES["cli.md"]


def test_links_inside_the_pages_lead_somewhere() -> None:
    anchors = {name: set(re.findall(r'<a id="([^"]+)">', text)) for name, text in PAGES.items()}
    anchors["cli.md"] = {*COMMANDS, *EXTRAS}
    for page, text in PAGES.items():
        for target, anchor in re.findall(r"\]\(([\w.]*)#([^)]+)\)", text):
            assert anchor in anchors[target or page], f"{page}: {target}#{anchor}"


def test_writing_keeps_the_prose(tmp_path: Path) -> None:
    for page in DOCS.glob("*.md"):
        (tmp_path / page.name).write_bytes(page.read_bytes())
    (tmp_path / "configuration.md").write_text("before\n<!-- keys -->\nstale\n<!-- end -->\nafter\n")
    write(tmp_path)
    page = (tmp_path / "configuration.md").read_text()
    assert page.startswith("before\n<!-- keys -->\n\n| Key |")
    assert page.endswith("<!-- end -->\nafter\n")
    assert "stale" not in page
