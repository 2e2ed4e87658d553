"""Completion of signs: the own words of a dialect, the beginning of a call, and of a comment that silences."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.checks.suppress import HEADS
from promptlang.tables.dialects import dialect_row
from promptlang_lsp.features.completion.cursor import Cursor
from promptlang_lsp.features.completion.offers import KEYWORD, RETRIGGER, Item
from promptlang_lsp.texts.page import Page

FEWEST = 3  # letters of a word in small letters that may be the beginning of a keyword
_ENDS = ",)]}>|:"  # behind which no comma is missing


def keyword_items(page: Page, index: int, here: Cursor) -> Iterator[Item]:
    """The keywords of the dialect (`BREAK`, `.blend(`) and `embedding:`, where the last word begins like one."""
    row = dialect_row(page.statement(index).prompt.dialect)
    begin = len(here.typed) - len(here.typed.split()[-1]) if here.typed[-1:].strip() else len(here.typed)
    before, word = here.typed[:begin], here.typed[begin:]
    for keyword in row.keywords:
        is_method = keyword.startswith(".")
        is_meant = word.startswith(".") if is_method else word.isupper() or len(word) >= FEWEST
        if is_meant and word and keyword.lower().startswith(word.lower()) and keyword.lower() != word.lower():
            yield _item(before, f"{keyword}(" if is_method else keyword)
    call = row.embedding.partition("{name}")[0]
    if call[:1].isalpha() and len(word) >= FEWEST and call.startswith(word.lower()):
        yield _item(before, call) | {"command": RETRIGGER}


def _item(before: str, sign: str) -> Item:
    return {"label": sign, "kind": KEYWORD, "insertText": before + sign, "filterText": before + sign}


def silencing_items(here: Cursor) -> Iterator[Item]:
    """The beginnings of comments that silence rules, while one is written."""
    typed = f"#{here.typed}"
    if here.typed.strip():
        for head in HEADS:
            if head.startswith(typed) and head != typed:
                yield {"label": head, "kind": KEYWORD, "command": RETRIGGER}


def with_comma(page: Page, index: int, end: int, item: Item) -> Item:
    """A word with a comma and a blank behind it, as far as they do not stand there already."""
    after = page.snapshot.pieces[index].text[end : end + 80]
    first = after.lstrip(" \t")[:1]
    if item.get("kind") == KEYWORD or (first and first in _ENDS):
        return item
    comma = "," if after[:1] in (" ", "\t") else ", "
    return item | {"insertText": f"{item.get('insertText', item['label'])}{comma}"}
