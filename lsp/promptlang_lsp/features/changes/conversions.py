"""A statement in another dialect; the title says what the other cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from promptlang.diagnostics import Edit
from promptlang.dialects.convert import Conversion, convert
from promptlang.fixes import applied
from promptlang.meaning.settings import decided
from promptlang.source import Span
from promptlang.statements.scan import scan_for
from promptlang.statements.wording import as_text
from promptlang.syntax.nodes import Statement
from promptlang.tables.commands import command
from promptlang.tables.dialects import dialect_row
from promptlang.tables.options.table import DECIDING
from promptlang_lsp.features.changes.rewrites import Rewrite, first_plan, in_file, joined, same_words
from promptlang_lsp.features.names.places import body, local
from promptlang_lsp.protocol.legend import REWRITE
from promptlang_lsp.texts.page import Page

_LONG_NUMBER = re.compile(r"(?<=[:),])\d+\.\d{7,}")


def conversion(page: Page, span: Span, target: str) -> Iterator[Rewrite]:
    """The statement at a place in the dialect `target`."""
    index, _ = local(page, span.start)
    statement = page.statement(index)
    row = command(statement.command_name)
    if (
        row is None
        or not row.draws
        or statement.prompt.dialect == target
        or statement.recipes
        or not statement.positive.text
        or decided(page.meaning(index).settings, "variants")
    ):
        return
    name = f"conversion to {target}"
    piece = page.snapshot.pieces[index]
    found = piece.remembered(name, page.context(index), lambda: _converted(page, index, target))
    if found is not None:
        title, edits = found
        yield title, REWRITE, in_file(page, index, edits)


def _converted(page: Page, index: int, target: str) -> tuple[str, tuple[Edit, ...]] | None:
    """The title and the edits; None where the words would turn into options or comments."""
    statement = page.statement(index)
    found = convert(statement.prompt, target, statement.negative_prompt)
    edits = _written(statement, found, target)
    if edits is None:
        return None
    edits = _shorter(page, index, found, target, edits)
    losses = list(dict.fromkeys(loss.message for loss in found.losses))
    if not losses and not _keeps_meaning(page, index, applied(statement.text, edits)):
        losses = ["the picture may change"]
    more = f", and {len(losses) - 1} more" if len(losses) > 1 else ""
    return f"Convert to `/parser:{target}`" + (f" ({losses[0]}{more})" if losses else ""), edits


def _shorter(page: Page, index: int, found: Conversion, target: str, exact: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """The edits with weights such as 1.21 instead of 1.2100000000000002, where that is all that changes."""
    statement = page.statement(index)
    plain = replace(found, positive=_short(found.positive), negative=_short(found.negative))
    if plain == found or (edits := _written(statement, plain, target)) is None:
        return exact
    before, after = (first_plan(page, index, applied(statement.text, each)) for each in (exact, edits))
    return edits if same_words([before], [after]) else exact


def _short(text: str) -> str:
    return _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.6g}", text)


def _written(statement: Statement, found: Conversion, target: str) -> tuple[Edit, ...] | None:
    """The edits that put a conversion into the statement; None where its words would not be read as words."""
    shown = replace(found, positive=as_text(found.positive), negative=as_text(found.negative))
    edits = _in_place(statement, shown, target) or _anew(statement, shown, target)
    read = scan_for(applied(statement.text, edits), dialect_row(target))
    if not edits or (read.positive.text, read.negative.text) != (found.positive, found.negative):
        return None
    return edits


def _keeps_meaning(page: Page, index: int, new: str) -> bool:
    """Whether the same is asked for; of a sweep one point is looked at, for its options stay."""
    texts = (page.snapshot.pieces[index].text, new)
    before, after = (first_plan(page, index, text) for text in texts)
    return same_words([before], [after])


def _in_place(statement: Statement, found: Conversion, target: str) -> tuple[Edit, ...]:
    """Edits of the words alone, where nothing else stands between them; none otherwise."""
    text, passages = statement.text, ((statement.positive, found.positive), (statement.negative, found.negative))
    edits: list[Edit] = []
    parser = statement.option(DECIDING["dialect"].name)
    if parser is not None:
        edits.append(Edit(parser.value_span, target))
    else:
        at = statement.command.span.end if statement.command else body(statement).start
        option = f"/{DECIDING['dialect'].name}:{target}"
        edits.append(Edit(Span(at, at), f" {option}" if statement.command else f"{option} "))
    for passage, new in passages:
        span = passage.span(0, len(passage.text))
        if text[span.start : span.end] != passage.text:
            return ()
        if passage.text:
            edits.append(Edit(span, new))
    if found.negative and not statement.negative.text:
        section = DECIDING["side"].name
        mark = "" if statement.option(section) else f" /{section}"
        end = body(statement).end
        edits.append(Edit(Span(end, end), f"{mark} {found.negative}"))
    return joined(edits)


def _anew(statement: Statement, found: Conversion, target: str) -> tuple[Edit, ...]:
    """The statement written anew, its options first; comments in it stand in the way."""
    text, whole = statement.text, body(statement)
    if any(whole.contains(comment.span) for comment in statement.comments):
        return ()
    options = [text[use.span.start : use.span.end] for use in statement.options]
    parser, section = DECIDING["dialect"].name, DECIDING["side"].name
    kept = [each for use, each in zip(statement.options, options, strict=True) if use.name not in (parser, section)]
    head = " ".join((f"/{statement.command_name}", f"/{parser}:{target}", *kept))
    below = f" /{section} {found.negative}" if found.negative else ""
    return (Edit(whole, f"{head} {found.positive}{below}"),)
