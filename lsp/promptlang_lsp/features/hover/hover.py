"""Hover: what the thing under the cursor is, where its value comes from, and how much it counts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.filling.fields import family_values
from promptlang.filling.whose import arithmetic_of
from promptlang.meaning.project import place as file_place
from promptlang.meaning.settings import Setting
from promptlang.meaning.spread import images
from promptlang.source import Span
from promptlang.statements.extent import trimmed
from promptlang.syntax.nodes import Text
from promptlang.tables.arithmetics import DEFAULT
from promptlang.tables.commands import command
from promptlang.tables.options.kinds import written
from promptlang.tables.options.table import ARITHMETIC, option
from promptlang_lsp.features.display.chunks import length_in_words
from promptlang_lsp.features.hover.documentation import ORIGINS, command_lines, option_lines, rule_lines, value_lines
from promptlang_lsp.features.hover.markdown import block, code
from promptlang_lsp.features.hover.node_hover import effect_words, node_lines, span_of, variant_lines
from promptlang_lsp.features.hover.pictures import last_picture
from promptlang_lsp.features.names.names import recipes, shared
from promptlang_lsp.features.names.places import local, nodes_at, option_at, touches
from promptlang_lsp.features.names.tags import tag_at
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.variants import variants

RULE_NAME = re.compile(r"[\w-]+/[\w-]+")

Found = tuple[Span, Iterator[str]] | None


def hover(page: Page, offset: int) -> Json:
    """Markdown for the most specific thing at an offset, None where there is nothing to say."""
    if page.snapshot.is_project_file:
        from promptlang_lsp.features.hover.project_hover import key_at

        found = key_at(page, offset)
        return _said(page, "\n\n".join(found[1]), page.snapshot.file_range(found[0])) if found else None
    index, at = local(page, offset)
    for place in (_rule, _command, _option, _recipe, _variant, _node):
        found = place(page, index, at)
        if found and (text := "\n\n".join(found[1])):
            span = trimmed(page.snapshot.pieces[index].text, found[0])
            return _said(page, text, page.snapshot.range(index, span))
    return None


def _said(page: Page, text: str, place: Json) -> Json:
    kind = "markdown" if page.client.markdown else "plaintext"
    value = text if page.client.markdown else text.replace("**", "").replace("`", "")
    return {"contents": {"kind": kind, "value": value}, "range": place} if text else None


def _rule(page: Page, index: int, at: int) -> Found:
    """A rule that a comment silences."""
    for comment in page.statement(index).comments:
        if touches(comment.span, at) and "promptlang:" in comment.text:
            for name in RULE_NAME.finditer(page.snapshot.pieces[index].text, comment.span.start, comment.span.end):
                if name.start() <= at <= name.end():
                    return Span(*name.span()), rule_lines(name[0])
    return None


# --- commands ---------------------------------------------------------------------------------------------------------


def _command(page: Page, index: int, at: int) -> Found:
    here = page.statement(index).command
    if here is None or not touches(here.span, at):
        return None
    return here.span, _command_lines(page, index, here.name)


def _command_lines(page: Page, index: int, name: str) -> Iterator[str]:
    yield from command_lines(name)
    row = command(name)
    if row is None or not row.draws:
        return
    yield "\n".join(f"- {line}" for line in _what_holds(page, index))
    count, words = images(page.meaning(index)), length_in_words(page, index)
    yield f"{count.words}, {words}" if words else count.words
    picture = last_picture(page, index)
    if picture:
        yield picture


def _what_holds(page: Page, index: int) -> Iterator[str]:
    """The model, then every option that holds, by where it comes from."""
    meaning = page.meaning(index)
    yield f"Model: {code(f'<{meaning.model_name}>')} · {meaning.family.title}"
    groups: dict[str, list[str]] = {}
    for setting in meaning.settings.values():
        groups.setdefault(setting.origin, []).append(_written(setting))
    for name, value in family_values(meaning):
        groups.setdefault("family", []).append(f"`/{name}:{written(value)}`")
    if (whose := arithmetic_of(meaning)) != DEFAULT and ARITHMETIC.name not in meaning.settings:
        groups.setdefault("language", []).append(f"`/{ARITHMETIC.name}:{whose}`")
    for origin, words in ORIGINS.items():
        if origin in groups:
            yield f"{words[:1].upper()}{words[1:]}: {' '.join(groups[origin])}"


def _written(setting: Setting) -> str:
    return code(f"/{setting.row.name}" if setting.row.is_flag else f"/{setting.row.name}:{setting.written}")


# --- options ----------------------------------------------------------------------------------------------------------


def _option(page: Page, index: int, at: int) -> Found:
    use = option_at(page, index, at)
    row = option(use.name) if use else None
    if use is None or row is None:
        return None
    here = "\n- ".join(filter(None, (_here(page, index, row.name), effect_words(page, index, row.name))))
    if use.value and at > use.name_span.end:
        lines = tuple(value_lines(row, use.value))
        return use.value_span, iter((*lines, *((f"- {here}",) if here else ()))) if lines else option_lines(row, here)
    return use.name_span, option_lines(row, here)


def _here(page: Page, index: int, name: str) -> str:
    """The value that holds in a statement, what it acts as, and where it comes from."""
    setting = page.meaning(index).settings.get(name)
    if setting is None or setting.written is None:
        return ""
    values = setting.points.values or ()
    acts = written(values[0]) if len(values) == 1 else ""
    origin = ORIGINS.get(setting.origin, setting.origin)
    number = setting.points.count or len(values)
    as_what = f", which acts as `{acts}`" if acts and acts != setting.written.lower() else ""
    return f"Here {code(setting.written)}{f', {number} values' if setting.points.swept else as_what}, from {origin}"


# --- recipes, variants, words -----------------------------------------------------------------------------------------


def _recipe(page: Page, index: int, at: int) -> Found:
    statement = page.statement(index)
    for use in (*((statement.label,) if statement.label else ()), *statement.recipes):
        if touches(use.span, at):
            return use.span, _recipe_lines(page, index, use.name, is_called=use is not statement.label)
    return None


def _recipe_lines(page: Page, index: int, name: str, *, is_called: bool) -> Iterator[str]:
    index_of, other = recipes(page).get(name.lower()), shared(page, name.lower())
    if index_of is None and other is None:
        yield f"{code(f'#{name}')} · no recipe of this file has that name"
        return
    where = f" · from {code(file_place(other.path, page.project.root))}" if other else ""
    yield f"**{code(f'#{name}')}**{where}"
    yield block(other.text if other else page.snapshot.pieces[index_of or 0].text)
    if is_called:
        yield f"Here it makes {code(page.meaning(index).positive.text)}"


def _variant(page: Page, index: int, at: int) -> Found:
    around = [chunk for chunk in variants(page, index) if chunk.span.start <= at < chunk.span.end]
    if not around:
        return None
    return around[-1].span, variant_lines(page, page.snapshot.pieces[index].text, around[-1])


def _node(page: Page, index: int, at: int) -> Found:
    nodes = list(nodes_at(page, index, at))
    if not nodes:
        return None
    tag = tag_at(page, index, at) if isinstance(nodes[-1], Text) and len(nodes) == 1 else None
    return tag.span if tag else span_of(nodes), node_lines(page, index, nodes, at)
