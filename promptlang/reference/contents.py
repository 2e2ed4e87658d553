"""`docs/llms.txt`: the pages in the order of the site, a line about each, for programs that read documentation."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

SITE = Path(__file__).parents[2] / "zensical.toml"
LLMS = "llms.txt"
_TITLE = re.compile(r"^# .*\n", re.MULTILINE)
_LINK = re.compile(r"\[([^]]+)\]\([^)]*\)")
_SENTENCE = re.compile(r".*?(?:\.(?= )|$)")
_NO_PROSE = ("<!--", "|", "```", "![", "Written by ")


def contents(docs: Path) -> str:
    """The list, from the navigation of the site and the first sentence of each page."""
    site = tomllib.loads(SITE.read_text(encoding="utf-8"))["project"]
    sections = "\n".join(_section(name, pages, docs) for group in site["nav"] for name, pages in group.items())
    return f"# {site['site_name']}\n\n> {site['site_description']}\n\n{sections}"


def listed() -> Iterator[str]:
    """The names of the pages in the navigation."""
    for group in tomllib.loads(SITE.read_text(encoding="utf-8"))["project"]["nav"]:
        for pages in group.values():
            yield from (name for page in pages for name in page.values())


def _section(name: str, pages: list[Mapping[str, str]], docs: Path) -> str:
    rows = (f"- [{title}]({page}): {_about(docs / page)}\n" for each in pages for title, page in each.items())
    return f"## {name}\n\n{''.join(rows)}"


def _about(page: Path) -> str:
    """The first sentence below a page's title."""
    below = _TITLE.split(page.read_text(encoding="utf-8"), maxsplit=1)[-1]
    paragraphs = (" ".join(_LINK.sub(r"\1", each).split()) for each in below.split("\n\n"))
    first = next(each for each in paragraphs if each and not each.startswith(_NO_PROSE))
    return _SENTENCE.match(first)[0].rstrip(":.") + "."  # type: ignore[index]  # it matches at the end at least
