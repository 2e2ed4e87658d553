"""The shape of a file: symbols, folding, and selection that grows from the word to the statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from promptlang.source import Span
from promptlang.statements.extent import body, trimmed
from promptlang.syntax.nodes import Branch, Part, Statement, Text, inner
from promptlang_lsp.features.names.names import names_in
from promptlang_lsp.features.names.places import local, nodes_at, says_something, touches
from promptlang_lsp.features.names.tags import rows
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page

FUNCTION, CONSTANT, OBJECT, EVENT, PROPERTY = 12, 14, 19, 24, 7  # kinds of symbols, as the protocol counts them
KINDS = {"recipe": FUNCTION, "set": PROPERTY, "compare": EVENT}
LONGEST_TITLE = 60


def symbols(page: Page, index: int) -> Iterator[dict[str, Json]]:
    """A statement as an entry of the outline, its concepts below it; comments alone are none."""
    snapshot = page.snapshot
    statement = page.statement(index)
    if not says_something(statement):
        return
    whole = body(statement)
    head = statement.label.span if statement.label else statement.command.span if statement.command else whole
    start = snapshot.starts[index]
    entry: dict[str, Json] = {
        "name": title(statement),
        "detail": " ".join(f"/{use.name}" + (f":{use.value}" if use.value else "") for use in statement.options)[:120],
        "kind": KINDS.get(statement.command_name, OBJECT),
        "range": snapshot.range(index, whole),
        "selectionRange": snapshot.range(index, head),
    }
    children: list[Json] = []
    for use in names_in(page, index):
        if use.kind == "concept":
            place = snapshot.range(index, use.span.moved(-start))
            children.append({"name": f"<{use.name}>", "kind": CONSTANT, "range": place, "selectionRange": place})
    if children:
        entry["children"] = children
    yield entry


def title(statement: Statement) -> str:
    """The name of a recipe, or command and first words of a prompt."""
    if statement.label:
        return f"#{statement.label.name}"
    words = " ".join(statement.positive.text.split())
    short = words if len(words) <= LONGEST_TITLE else f"{words[:LONGEST_TITLE]}…"
    return f"/{statement.command_name} {short}".strip()


def workspace_symbols(pages: Iterable[Page], query: str) -> Iterator[Json]:
    """Statements of all files whose title holds the letters of the query in order."""
    wanted = query.lower()
    for page in pages:
        if not page.snapshot.is_read:
            continue
        for index, piece in enumerate(page.snapshot.pieces):
            if not holds(piece.text.lower(), wanted):
                continue
            statement = page.statement(index)
            name = title(statement)
            if holds(name.lower(), wanted) and says_something(statement):
                place = page.snapshot.range(index, body(statement))
                kind = KINDS.get(statement.command_name, OBJECT)
                yield {"name": name, "kind": kind, "location": {"uri": page.snapshot.uri, "range": place}}


def holds(text: str, letters: str) -> bool:
    """Whether a text has the letters in this order."""
    at = -1
    for letter in letters:
        at = text.find(letter, at + 1)
        if at < 0:
            return False
    return True


def folds(page: Page, index: int) -> Iterator[dict[str, Json]]:
    """Statements, runs of comments and brackets that take more than one line."""
    piece = page.snapshot.pieces[index]
    if len(piece.line_starts) < 2:
        return
    yield from _fold(page, index, body(page.statement(index)), None)
    for span in _comment_runs(page, index):
        yield from _fold(page, index, span, "comment")
    for prompt in page.statement(index).prompts:
        waiting: list[Part | Branch] = list(prompt.parts)
        while waiting:
            node = waiting.pop()
            written = piece.text[node.span.start : node.span.end]
            if "\n" in written or "\r" in written:
                if not isinstance(node, Text):
                    yield from _fold(page, index, trimmed(piece.text, node.span), None)
                waiting.extend(inner(node))


def _fold(page: Page, index: int, span: Span, kind: str | None) -> Iterator[dict[str, Json]]:
    start, end = page.snapshot.positions(index, (span.start, span.end))
    if end[0] > start[0]:
        fold: dict[str, Json] = {"startLine": start[0], "endLine": end[0]}
        if not page.client.folds_lines:
            fold |= {"startCharacter": start[1], "endCharacter": end[1]}
        if kind:
            fold["kind"] = kind
        yield fold


def _comment_runs(page: Page, index: int) -> Iterator[Span]:
    """Comments on neighbouring lines as one span."""
    text = page.snapshot.pieces[index].text
    comments = page.statement(index).comments
    begin = None
    for at, comment in enumerate(comments):
        begin = comment.span.start if begin is None else begin
        after = comments[at + 1].span.start if at + 1 < len(comments) else None
        if after is None or text[comment.span.end : after].strip():
            yield Span(begin, comment.span.end)
            begin = None


def selection(page: Page, offset: int) -> Json:
    """Ranges around an offset, each inside the next: word, phrase, groups, tag, prompt, statement, file."""
    index, at = local(page, offset)
    statement = page.statement(index)
    spans = [*_words_around(statement.text, at)]
    spans += (trimmed(statement.text, node.span) for node in reversed(list(nodes_at(page, index, at))))
    spans += (tag.span for row in rows(page, index) for tag in row.tags)
    spans += (use.span for use in statement.options if touches(use.span, at))
    spans += (trimmed(statement.text, prompt.span) for prompt in statement.prompts)
    spans += (body(statement), Span(0, len(statement.text)))
    chain: dict[str, Json] = {"range": page.snapshot.file_range(Span(0, len(page.snapshot)))}
    kept: list[Span] = []
    for span in sorted(set(spans), key=lambda span: span.end - span.start):
        inside = not kept or (span.contains(kept[-1]) and span != kept[-1])
        if inside and span.start <= at <= span.end and span.end > span.start:
            kept.append(span)
    for span in reversed(kept):
        place = page.snapshot.range(index, span)
        if place != chain["range"]:
            chain = {"range": place, "parent": chain}
    return chain


def _words_around(text: str, at: int) -> Iterator[Span]:
    """The word and the phrase between commas or brackets."""
    for stops in (" \t\r\n,()[]{}<>|:", ",()[]{}<>|\r\n"):
        start = end = at
        while start and text[start - 1] not in stops:
            start -= 1
        while end < len(text) and text[end] not in stops:
            end += 1
        body = text[start:end]
        if body.strip():
            yield Span(start + len(body) - len(body.lstrip()), end - len(body) + len(body.rstrip()))
