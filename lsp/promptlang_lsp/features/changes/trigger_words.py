"""The trigger words of the network at the cursor, which its file or the project names, written behind its call."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Edit
from promptlang.source import Span
from promptlang.statements.wording import worded
from promptlang.syntax.nodes import Concept
from promptlang.tables.dialects import CALLED_KINDS
from promptlang_lsp.features.changes.rewrites import Rewrite, in_file
from promptlang_lsp.features.names.places import local, nodes_at
from promptlang_lsp.protocol.legend import REWRITE
from promptlang_lsp.texts.page import Page

MOST = 3  # of a file that lists more the first ones, which it has most often


def triggers(page: Page, span: Span) -> Iterator[Rewrite]:
    """The words that the statement lacks, as its dialect writes them."""
    index, at = local(page, span.start)
    node = next((each for each in nodes_at(page, index, at) if isinstance(each, Concept)), None)
    known = page.project.known(node.name, CALLED_KINDS.get(node.kind, "")) if node else None
    if node is None or known is None or not known.triggers:
        return
    statement = page.statement(index)
    text, there = statement.text, " ".join(statement.text.lower().split())
    phrases = [word for each in known.triggers for word in map(str.strip, each.split(",")) if word]
    lacking = [word for word in dict.fromkeys(phrases) if word.lower() not in there][:MOST]
    written = [said for word in lacking if (said := worded(word, statement.prompt.dialect)) is not None]
    if not written:
        return
    words, behind = ", ".join(written), text[node.span.end :].lstrip(" \t")
    glue = f", {words}" if not behind or behind[0] in ",\r\n" else f" {words},"
    title = "Insert the trigger words" if len(written) > 1 else "Insert the trigger word"
    yield f"{title} `{words}`", REWRITE, in_file(page, index, (Edit(Span(node.span.end, node.span.end), glue),))
