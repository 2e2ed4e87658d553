r"""Tables on the site: the bar in `[a\|b]` is written as GitHub wants it, and shown there without the backslash.

Zensical loads this extension of Python-Markdown, which leaves the backslash in code, by its name in `zensical.toml`.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from markdown import Markdown  # pyright: ignore[reportMissingModuleSource]
from markdown.extensions import Extension  # pyright: ignore[reportMissingModuleSource]
from markdown.treeprocessors import Treeprocessor  # pyright: ignore[reportMissingModuleSource]
from markdown.util import AtomicString  # pyright: ignore[reportMissingModuleSource]

_AFTER_INLINE = 15  # code is in the tree from 20 on


class _Bars(Treeprocessor):
    def run(self, root: Element) -> None:
        """Take the backslash from every bar in code that stands in a table."""
        for code in root.iterfind(".//table//code"):
            code.text = AtomicString((code.text or "").replace("\\|", "|"))


class SiteTables(Extension):
    """Bars in tables as GitHub shows them."""

    def extendMarkdown(self, md: Markdown) -> None:  # the name that Python-Markdown calls
        """Have every table looked at once its code is there."""
        md.treeprocessors.register(_Bars(md), "site-tables", _AFTER_INLINE)


def makeExtension(**settings: object) -> SiteTables:  # likewise
    """What Python-Markdown asks a module for."""
    return SiteTables()
