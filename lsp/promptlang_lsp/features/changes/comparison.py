"""A `/compare` of clip skip 1 to 4 below a statement, with everything else as it is and locked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from promptlang.diagnostics import Edit
from promptlang.dialects.convert import convert
from promptlang.filling.plans import planned
from promptlang.lints.options.compare_unlocked import ALSO_LOCKED, LOCKED, unlocked
from promptlang.lowering.lower import lower_statement
from promptlang.plans.plan import Plan
from promptlang.source import Span
from promptlang.statements.extent import body
from promptlang.tables.dialects import dialect_row, fuller
from promptlang.tables.models.clip_skip import effective_clip_skip
from promptlang.tables.models.family import ASPECTS
from promptlang.tables.options.fills import Nothing, Spoken
from promptlang.tables.options.kinds import written
from promptlang.tables.options.table import CLIP_SKIP, DECIDING, OPTIONS
from promptlang_lsp.features.changes.rewrites import Rewrite, reading, same_words, without
from promptlang_lsp.features.names.places import local
from promptlang_lsp.protocol.legend import REWRITE
from promptlang_lsp.texts.page import Page

SEED = 1
POINTS = range(1, 5)


def comparison(page: Page, span: Span) -> Iterator[Rewrite]:
    """The comparison of a `/render` that makes one plan; only where it draws what the statement draws."""
    index, _ = local(page, span.start)
    statement, meaning = page.statement(index), page.meaning(index)
    if statement.command_name != "render" or meaning.family.clip_skip_default is None or not statement.positive.text:
        return
    piece = page.snapshot.pieces[index]
    found = piece.remembered("comparison", page.context(index), lambda: _compared(page, index))
    if found is None:
        return
    end = page.snapshot.starts[index] + body(statement).end
    yield "Compare clip skip 1 to 4", REWRITE, (Edit(Span(end, end), f"\n{found}"),)


def _compared(page: Page, index: int) -> str | None:
    """The text of the comparison, None where none would be fair."""
    plans = lower_statement(page.statement(index), page.context(index))
    if len(plans) != 1:
        return None
    for text in _candidates(page, index, plans[0]):
        if _is_fair(page, index, plans[0], text):
            return text
    return None


def _candidates(page: Page, index: int, plan: Plan) -> Iterator[str]:
    statement, meaning = page.statement(index), page.meaning(index)
    whole = body(statement)
    text = statement.text[whole.start : whole.end]
    parser = plan.dialect
    dialect, locked = DECIDING["dialect"].name, [row.name for row in (*LOCKED, *ALSO_LOCKED)]
    words = without(text, (dialect, CLIP_SKIP.name, *locked, *ASPECTS))
    if parser != fuller(parser) and CLIP_SKIP.name in meaning.edition.needs_new_parser:
        parser = fuller(parser)
        words = _converted(page, index, words, parser)
    options = {
        dialect: parser,
        CLIP_SKIP.name: f"{POINTS[0]}..{POINTS[-1]}",
        **{name: _held(plan, name) for name in locked},
    }
    row = dialect_row(parser)
    if not row.is_written:
        del options[dialect]
    head = "/compare " + " ".join(f"/{name}:{value}" for name, value in options.items())
    yield f"{head} {words}"
    if row.model:
        yield f"{head} {row.model.format(name=plan.model.name)} {words}"


def _held(plan: Plan, name: str) -> str:
    """What a plan holds of an option, as the language writes it; of its own accord only the seed is open."""
    fills = OPTIONS[name].fills
    assert not isinstance(fills, Spoken | Nothing)
    value = getattr(plan, fills.field)
    return written(SEED if value is None else value)


def _converted(page: Page, index: int, words: str, parser: str) -> str:
    """Words as another dialect writes them, where they are all that is left of the statement."""
    statement = page.statement(index)
    return convert(statement.prompt, parser).positive if words == statement.positive.text else words


def _is_fair(page: Page, index: int, plan: Plan, text: str) -> bool:
    """Whether the comparison is locked and draws the statement's own picture, but for the layer."""
    seen = reading(page, index, text)
    if unlocked(seen):
        return False
    layers = [effective_clip_skip(seen.family, each) for each in POINTS]
    seed = SEED if plan.seed is None else plan.seed
    wanted = [replace(plan, command="compare", clip_skip=layer, seed=seed) for layer in layers]
    return same_words(wanted, islice(planned(seen), len(wanted) + 1))
