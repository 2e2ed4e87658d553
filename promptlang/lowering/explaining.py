"""What a prompt will do, as data: tree, weights, schedule, chunks of 75 tokens, and every option with its origin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from promptlang.checks.checking import check
from promptlang.diagnostics import Diagnostic
from promptlang.dialects.dialect import NetworkCall, Report, dialect
from promptlang.lowering.laying import laid_side, starts, words_of
from promptlang.lowering.lower import is_blank, lower_statement
from promptlang.meaning.contexts import contexts, parsed
from promptlang.meaning.effects import Effect, effects
from promptlang.meaning.project import EMPTY_PROJECT, Project
from promptlang.meaning.spread import has_variants, images, spread
from promptlang.meaning.view import View, view
from promptlang.plans.plan import Combine, Conditioning, Plan, Run
from promptlang.source import Passage, Span
from promptlang.statements.cutting import declares
from promptlang.statements.parsing import read_prompt
from promptlang.syntax.nodes import Parts, Prompt
from promptlang.syntax.weighing import sides
from promptlang.tables.dialects import DEFAULT, dialect_row
from promptlang.tables.models.known import Part
from promptlang.tables.options.kinds import Value, written
from promptlang.tokens.chunks import NO_WORDS, Chunk, Chunks, Words
from promptlang.tokens.layouts import LAYOUTS
from promptlang.values import dataclass, replace


@dataclass(frozen=True, slots=True)
class ExplainedOption:
    """An option that holds, its value as the language writes it, and where it comes from."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What each part of a prompt will do.

    `weights` is what the dialect's owner reports for the text: (text, weight) in order, weights as exact doubles.
    `schedule` is (last step, text), `conjunction` (text, weight) of each branch, `chunks` the 77 token ids and 77
    multipliers of each chunk of the positive side, `token_count` the tokens in them as the owner counts them, and
    `negative_chunks` and `negative_token_count` the same for the negative side. The ids of a textual inversion are
    those that follow the vocabulary.
    The fields from `command` on are for a whole statement, and empty for a bare prompt text. Where an owner takes out
    networks and lays out schedules before weighing words, a statement's weights are those that its first step draws.
    `combine` says how the branches of `conjunction` come together, `effects` what the family makes of each feature that
    is asked for. `variants` are the texts that `/variants` makes of a statement; tree, weights and chunks are those of
    the first.
    """

    text: str
    parser: str
    tree: Parts
    weights: list[tuple[str, float]]
    negative: list[tuple[str, float]]
    schedule: list[tuple[int, str]]
    conjunction: list[tuple[str, float]]
    networks: list[NetworkCall]
    chunks: list[Chunk]
    token_count: int
    negative_chunks: list[Chunk]
    negative_token_count: int
    diagnostics: tuple[Diagnostic, ...]
    command: str = ""
    model: str = ""
    family: str = ""
    evidence: str = ""
    parts: tuple[tuple[Part, Path], ...] = ()
    layer: str = ""
    effects: tuple[Effect, ...] = ()
    options: tuple[ExplainedOption, ...] = ()
    images: int = 0
    combine: Combine = "and"
    variants: tuple[str, ...] = ()
    plans: tuple[Plan, ...] = ()


FEW = 20  # values of a sweep that are shown


def explain(text: str, *, parser: str | None = None, steps: int = 20, project: Project | None = None) -> Explanation:
    """What a prompt will do.

    With `parser` the text is a bare prompt of that dialect, exactly as its owner would be given it. Without it the text
    is a statement of a `.prompt` file (its first one that draws).

    Example: `explain("a (cow:1.2)", parser="new").weights` is `[("a ", 1.0), ("cow", 1.2)]`.
    """
    if parser is not None:
        return _explained(read_prompt(Passage(text), parser), steps)
    return explain_file(text, project=project)[0]


def explain_file(text: str, *, project: Project | None = None, within: Span | None = None) -> tuple[Explanation, ...]:
    """One explanation for every statement that draws; a text without one is explained as a bare prompt.

    With `within`, only the statements that begin in that part of the text, of which there may be none.
    """
    project = project or EMPTY_PROJECT
    document = parsed(text, project)
    found: list[Explanation] = []
    for (start, statement), context in zip(document.placed(), contexts(document, project), strict=True):
        if within and not within.start <= start < within.end:
            continue
        if declares(statement.text) or is_blank(statement):
            continue
        found.append(_statement(view(statement, context)))
    if within:
        return tuple(found)
    return tuple(found) or (_explained(read_prompt(Passage(text), DEFAULT), 20),)


def explain_drawn(text: str, parser: str, *, steps: int = 20) -> Explanation:
    """A bare prompt as its owner draws it: networks taken out, schedules at their first step, branches apart.

    `explain` gives the owner's answer to the text as it stands instead, tags and all.
    """
    prompt = read_prompt(Passage(text), parser)
    whole, condition = _explained(prompt, steps), dialect(prompt.dialect).condition
    if condition is None:
        return whole
    drawn = _explained(_without_networks(prompt), steps)
    full = replace(whole, schedule=drawn.schedule, conjunction=drawn.conjunction)
    return _as_conditioned(full, condition(prompt.passage, steps))


def _statement(seen: View) -> Explanation:
    statement = seen.statement
    plans = lower_statement(statement, seen.context)
    variants = tuple(spread(seen)) if plans and has_variants(seen) else ()
    drawn = variants[0] if variants else seen
    full = _of_view(drawn, plans[0].steps if plans else 20)
    if plans:
        full = _as_conditioned(full, plans[0].positive, plans[0].negative, words_of(drawn.called))
    known = seen.checkpoint
    return Explanation(
        text=statement.positive.text,
        parser=full.parser,
        tree=drawn.parts,
        weights=full.weights,
        negative=full.negative,
        schedule=full.schedule,
        conjunction=full.conjunction,
        networks=[NetworkCall(each.kind, each.node.name, each.weight, each.node.arguments) for each in drawn.called],
        chunks=full.chunks,
        token_count=full.token_count,
        negative_chunks=full.negative_chunks,
        negative_token_count=full.negative_token_count,
        diagnostics=check(statement.text, project=seen.project),
        command=statement.command_name,
        model=seen.model_name,
        family=seen.family.name,
        evidence=known.evidence if known else "",
        parts=known.parts if known else (),
        layer=_layer(plans),
        effects=tuple(effects(seen)),
        options=tuple(
            ExplainedOption(name, _values(setting.points.values or ()), setting.origin)
            for name, setting in seen.settings.items()
        ),
        combine=full.combine,
        images=sum(each.images for each in plans) or images(seen).number,
        variants=tuple(each.positive.text for each in variants),
        plans=plans,
    )


def _of_view(seen: View, steps: int) -> Explanation:
    """The texts of a statement, recipes filled in, as bare prompts of its dialect."""
    parser = seen.statement.prompt.dialect
    below = _drawn_negative(seen.negative, parser) if seen.negative.text else None
    full = _explained(_without_networks(read_prompt(seen.positive, parser)), steps, negative=below)
    if dialect(parser).report is not None:
        return full
    return replace(full, weights=_pairs(seen.sides.positive), negative=_pairs(seen.sides.negative))


def _drawn_negative(passage: Passage, parser: str) -> Prompt:
    prompt = read_prompt(passage, parser, is_negative=True)
    return prompt if dialect(parser).parse_negative else _without_networks(prompt)


def _without_networks(prompt: Prompt) -> Prompt:
    """What is left to encode once the owner of the dialect has taken out the networks that the prompt calls."""
    report = dialect(prompt.dialect).report
    return read_prompt(Passage(report(prompt, 1).rest), prompt.dialect) if report else prompt


def _as_conditioned(
    full: Explanation, positive: Conditioning, negative: Conditioning | None = None, words: Words = NO_WORDS
) -> Explanation:
    """The weights and chunks that the drawing starts with: schedules at their first step, every branch on its own."""
    owner, branches = dialect(full.parser), starts(positive)
    chunks, count = _in_a_row(laid_side(positive, owner.weighting, words))
    drawn = replace(
        full,
        weights=_said(branches),
        conjunction=_branches(branches) if owner.report is None else full.conjunction,
        combine=positive.combine,
        chunks=chunks,
        token_count=count,
    )
    if negative is None:
        return drawn
    below, count_below = _in_a_row(laid_side(negative, owner.weighting, words))
    return replace(drawn, negative=_said(starts(negative)), negative_chunks=below, negative_token_count=count_below)


def _in_a_row(branches: tuple[Chunks, ...]) -> tuple[list[Chunk], int]:
    """The chunks of all branches, and their tokens together."""
    return [chunk for each in branches for chunk in each.chunks], sum(each.token_count for each in branches)


def _said(starts: list[tuple[tuple[Run, ...], float]]) -> list[tuple[str, float]]:
    return [pair for runs, _ in starts for pair in _pairs(runs) if pair[0].strip()]


def _branches(starts: list[tuple[tuple[Run, ...], float]]) -> list[tuple[str, float]]:
    return [("".join(run.text for run in runs), weight) for runs, weight in starts]


def _values(values: Sequence[Value]) -> str:
    """The values of an option, the first ones where it has very many."""
    shown = [written(value) for value in values[:FEW]]
    return " | ".join((*shown, "…") if len(values) > FEW else shown)


def _layer(plans: tuple[Plan, ...]) -> str:
    """Which hidden state of the text encoder conditions the picture, in words."""
    numbers = sorted({plan.clip_skip for plan in plans if plan.clip_skip is not None})
    if not numbers:
        return "the family's own"
    return ", ".join(f"hidden state −{number}" for number in numbers)


def _explained(prompt: Prompt, steps: int, *, negative: Prompt | None = None) -> Explanation:
    owner = dialect(prompt.dialect)
    read = owner.report or _report
    report = read(prompt, steps)
    below, below_runs = report.negative, tuple(Run(*pair) for pair in report.negative)
    if negative:
        said = read(negative, steps)
        below, below_runs = said.weights or below, said.runs
    layout = LAYOUTS[owner.weighting]
    chunked, chunked_below = layout.chunks(report.runs, NO_WORDS), layout.chunks(below_runs, NO_WORDS)
    return Explanation(
        text=prompt.passage.text,
        parser=prompt.dialect,
        tree=prompt.parts,
        weights=list(report.weights),
        negative=list(below),
        schedule=list(report.schedule),
        conjunction=list(report.conjunction),
        networks=list(report.networks),
        chunks=list(chunked.chunks),
        token_count=chunked.token_count,
        negative_chunks=list(chunked_below.chunks),
        negative_token_count=chunked_below.token_count,
        diagnostics=prompt.diagnostics,
    )


def _report(prompt: Prompt, steps: int) -> Report:
    """The report of a dialect that only weighs words."""
    owner = dialect(prompt.dialect)
    both, weights = sides(prompt.parts, joins=dialect_row(prompt.dialect).joins), owner.weights(prompt)
    text = "".join(run.text for run in both.positive)
    return Report(
        weights=weights,
        negative=tuple((run.text, run.weight) for run in both.negative),
        schedule=((steps, text),),
        conjunction=((text, 1.0),),
        networks=tuple(
            NetworkCall(each.node.kind, each.node.name, each.weight, each.node.arguments) for each in both.concepts
        ),
        rest=text,
        runs=tuple(Run(*pair) for pair in weights) if owner.condition else both.positive,
    )


def _pairs(runs: tuple[Run, ...]) -> list[tuple[str, float]]:
    return [(run.text, run.weight) for run in runs]
