"""The rest of the word that is being typed, as an editor shows it behind the cursor."""

from __future__ import annotations

from promptlang_lsp.features.completion.completion import completion
from promptlang_lsp.protocol import boundary, wire
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page

FEWEST_LETTERS = 3  # before a guess is more help than trouble
SNIPPET = 2


def inline_completion(page: Page, offset: int) -> Json:
    """The best item of completion, where it goes on from what stands before the cursor, to the letter."""
    found: Json = completion(page, offset, invoked=False)
    first = next(iter(wire.array(found, "items")), None)
    edit = wire.part(first, "textEdit") or wire.part(found, "itemDefaults", "editRange")
    place = wire.part(edit, "insert") or wire.part(edit, "range") or edit
    if first is None or place is None or wire.part(first, "insertTextFormat") == SNIPPET:
        return None
    texts = (wire.part(edit, "newText"), wire.part(first, "textEditText"), wire.part(first, "label"))
    text = next(each for each in texts if isinstance(each, str))
    start, _ = wire.range_({"range": place}, "range")
    typed = page.snapshot.text[page.snapshot.offset(start) : offset]
    if len(typed.strip()) < FEWEST_LETTERS or not text.startswith(typed) or len(text) == len(typed):
        return None
    return {"items": [{"insertText": text, "range": boundary.wire_range(start, page.snapshot.position(offset))}]}
