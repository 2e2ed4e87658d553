"""Edits as the protocol writes them, alone and as code actions."""

from __future__ import annotations

from collections.abc import Sequence

from promptlang.diagnostics import Edit
from promptlang.fixes import with_line_ends
from promptlang.source import line_end
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page

Action = dict[str, Json]


def action(page: Page, title: str, kind: str, edits: Sequence[Edit]) -> Action:
    """A code action that edits one text."""
    return {"title": title, "kind": kind, "edit": workspace_edit(page, edits)}


def workspace_edit(page: Page, edits: Sequence[Edit]) -> Json:
    """Edits of one text, for its present version where the client can tell versions."""
    changes = text_edits(page, edits)
    if page.client.edits_documents:
        document = {"uri": page.snapshot.uri, "version": page.snapshot.version}
        return {"documentChanges": [{"textDocument": document, "edits": changes}]}
    return {"changes": {page.snapshot.uri: changes}}


def text_edits(page: Page, edits: Sequence[Edit]) -> list[Json]:
    """Edits as the protocol writes them, with the line ends of the text."""
    otherwise = line_end(page.snapshot.pieces[0].text) or "\n"

    def written(edit: Edit) -> Edit:
        if "\n" not in edit.text:
            return edit
        replaced = page.snapshot.text[edit.span.start : edit.span.end]
        return Edit(edit.span, with_line_ends(edit.text, replaced, otherwise))

    return plain_edits(page, [written(edit) for edit in edits])


def plain_edits(page: Page, edits: Sequence[Edit]) -> list[Json]:
    """Edits as the protocol writes them, to the letter."""
    return [{"range": page.snapshot.file_range(edit.span), "newText": edit.text} for edit in dict.fromkeys(edits)]
