"""The pages lead somewhere: their links and anchors are there, and the site and `llms.txt` list all of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest

from promptlang.reference.contents import LLMS, contents, listed
from tests.thorough import is_thorough

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"])
FENCE = re.compile(r"^(`{3,})[^`\n]*\n.*?^\1$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
LARGEST = 300_000  # bytes of a page, before its pictures


@cache
def prose(path: Path) -> str:
    """A page without its code."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


@cache
def anchors(path: Path) -> frozenset[str]:
    """What a link may lead to on a page: its headings, as GitHub and the site call them, and its own anchors."""
    text = prose(path)
    slugs = (re.sub(r"[^\w\- ]", "", LINK.sub("", title).lower()).strip() for title in HEADING.findall(text))
    own = re.findall(r'<a id="([^"]+)">', text)
    return frozenset([*own, *(re.sub(r" ", "-", slug) for slug in slugs)])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    dead: list[str] = []
    for target in LINK.findall(prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        found = (path.parent / name).resolve() if name else path
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in anchors(found)):
            dead.append(target)
    assert dead == []


def test_pages_link_to_nothing_outside_of_the_pages() -> None:
    """They are shipped alone, and stand on the site alone."""
    out = [(path.name, target) for path in DOCS.glob("*.md") for target in LINK.findall(prose(path)) if "../" in target]
    assert out == []


def test_the_site_lists_every_page_once() -> None:
    names = [*listed()]
    assert sorted(names) == sorted(path.name for path in DOCS.glob("*.md")), "name the page in `nav` of zensical.toml"


def test_the_list_of_pages_is_current() -> None:
    assert (DOCS / LLMS).read_text(encoding="utf-8") == contents(DOCS), "run `make docs`"
    assert (DOCS / LLMS).read_text(encoding="utf-8").count("](") == len([*listed()])


def test_the_site_is_built_from_pages_that_are_not_large(tmp_path: Path) -> None:
    """Zensical itself finds no dead link, no page is heavy, and none asks another computer for anything."""
    if not is_thorough() or find_spec("zensical") is None:
        pytest.skip("builds the site: `pip install --group site`, and --thorough")
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = sorted((tmp_path / "build" / "site").glob("*.html"))
    assert {page.stem for page in pages} >= {Path(name).stem for name in listed()}
    assert [page.name for page in pages if page.stat().st_size > LARGEST] == []
    assert [
        page.name for page in pages if re.search(r"<code>[^<]*\\\|[^<]*</code>", page.read_text(encoding="utf-8"))
    ] == []
    outside = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=[\"']?(?:https?:)?//[^>]*>")
    assert [found for page in pages for found in outside.findall(page.read_text(encoding="utf-8"))] == []
