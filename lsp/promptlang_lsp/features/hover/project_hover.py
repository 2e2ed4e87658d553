"""Words about a key of `promptlang.toml`, from the table of keys."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.config.places import places_if_read
from promptlang.source import Span
from promptlang_lsp.features.hover.documentation import key_lines
from promptlang_lsp.features.names.places import touches
from promptlang_lsp.texts.page import Page


def key_at(page: Page, offset: int) -> tuple[Span, Iterator[str]] | None:
    """The key at an offset, and what it means; of an option or a rule what that is."""
    for path, place in places_if_read(page.snapshot.text).items():
        names = tuple(each for each in path if isinstance(each, str))
        if len(names) == len(path) and touches(place.key, offset):
            return place.key, key_lines(names)
    return None
