"""Hover: what the thing under the cursor is, where its value comes from, and how much it counts."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.nodes import Concept, Negative, Text, Weight
from promptlang.options import option
from promptlang.source import Span
from promptlang_lsp.features.documentation import (
    ORIGINS,
    command_lines,
    concept_lines,
    option_lines,
    value_lines,
)
from promptlang_lsp.features.names import recipes
from promptlang_lsp.features.pictures import last_picture
from promptlang_lsp.features.places import local, nodes_at, option_at
from promptlang_lsp.features.strength import chain, counted
from promptlang_lsp.page import Page
from promptlang_lsp.protocol import Json

LONGEST_RECIPE = 1500


def hover(page: Page, offset: int) -> Json:
    """Markdown for the most specific thing at an offset, None where there is nothing to say."""
    index, at = local(page, offset)
    for place in (_command, _option, _recipe, _node):
        found = place(page, index, at)
        if found:
            span, lines = found
            text = "\n\n".join(lines)
            if not page.client.markdown:
                text = text.replace("**", "").replace("`", "")
            kind = "markdown" if page.client.markdown else "plaintext"
            return {"contents": {"kind": kind, "value": text}, "range": page.snapshot.range(index, span)}
    return None


Found = tuple[Span, Iterator[str]] | None


def _command(page: Page, index: int, at: int) -> Found:
    command = page.statement(index).command
    if command is None or not command.span.start <= at <= command.span.end:
        return None
    return command.span, _command_lines(page, index, command.name)


def _command_lines(page: Page, index: int, name: str) -> Iterator[str]:
    yield from command_lines(name)
    count = counted(page, index)
    if count:
        yield count
    picture = last_picture(page, index)
    if picture:
        yield picture


def _option(page: Page, index: int, at: int) -> Found:
    use = option_at(page, index, at)
    row = option(use.name) if use else None
    if use is None or row is None:
        return None
    on_value = use.value is not None and at > use.name_span.end
    return (use.value_span if on_value else use.name_span), _option_lines(page, index, row.name, use.value)


def _option_lines(page: Page, index: int, name: str, value: str | None) -> Iterator[str]:
    row = option(name)
    assert row is not None
    if value:
        yield from value_lines(row, value)
    yield from option_lines(row)
    setting = page.meaning(index).settings.get(row.name)
    if setting and setting.written is not None:
        yield f"Here `{setting.written}`, from {ORIGINS.get(setting.origin, setting.origin)}."


def _recipe(page: Page, index: int, at: int) -> Found:
    statement = page.statement(index)
    for use in (*((statement.label,) if statement.label else ()), *statement.recipes):
        if use.span.start <= at <= use.span.end:
            for name, _, text in recipes(page):
                if name.lower() == use.name.lower():
                    return use.span, iter((f"**`#{name}`**", _fenced(text)))
            return use.span, iter((f"`#{use.name}`: no recipe of this file has that name",))
    return None


def _fenced(text: str) -> str:
    body = text.strip()
    shown = body if len(body) <= LONGEST_RECIPE else f"{body[:LONGEST_RECIPE]}…"
    return f"````promptlang\n{shown}\n````"


def _node(page: Page, index: int, at: int) -> Found:
    nodes = list(nodes_at(page, index, at))
    for node in reversed(nodes):
        if isinstance(node, Concept):
            return node.span, _concept(page, node)
    inside = [node for node in nodes if isinstance(node, Weight | Negative)]
    if inside:
        return inside[-1].span, chain(page, index, nodes)
    text = nodes[-1] if nodes and isinstance(nodes[-1], Text) else None
    count = counted(page, index)
    return (text.span, iter((count,))) if text and count else None


def _concept(page: Page, node: Concept) -> Iterator[str]:
    known = page.project.known(node.name)
    if known:
        yield from concept_lines(known)
    else:
        yield f"**`<{node.name}>`** · the project does not know this name"
        yield "Its family is never guessed from the name; `promptlang.toml` can say it."
    if node.weight is not None:
        yield f"Strength: {node.weight:g}"
