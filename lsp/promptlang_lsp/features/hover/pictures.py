"""The pictures that a statement made, found by what the renderer wrote beside them."""

from __future__ import annotations

from pathlib import Path

from promptlang_lsp.protocol.boundary import uri_of
from promptlang_lsp.texts.page import Page

_latest: dict[tuple[str, str], Path] = {}


def remember(uri: str, statement: str, picture: Path) -> None:
    """Note the picture that a statement's text has just made."""
    _latest[uri, statement.strip()] = picture
    while len(_latest) > 500:
        del _latest[next(iter(_latest))]


def last_picture(page: Page, index: int) -> str:
    """The last picture of a statement as Markdown, empty where there is none in this session."""
    path = _latest.get((page.snapshot.uri, page.snapshot.pieces[index].text.strip()))
    return f"![last picture]({uri_of(path.resolve())})" if path and path.is_file() else ""
