"""What a sign of the prompt does, in words: weights, schedules, alternations, joined and mixed prompts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path

from promptlang.filling.moments import moment
from promptlang.meaning.effects import effect, model_title, sign_feature
from promptlang.meaning.project import longer_names, place, several_files
from promptlang.sentences import counted
from promptlang.source import Span
from promptlang.syntax.nodes import (
    Alternation,
    Blend,
    Branch,
    Break,
    Concept,
    Conjunction,
    Negative,
    Part,
    Parts,
    Schedule,
    Swap,
    Text,
    Weight,
)
from promptlang.tables.dialects import CALLED_KINDS
from promptlang.variants.nodes import Choice, Chunk, Define, Use, WildcardUse
from promptlang_lsp.features.display.chunks import length_in_words
from promptlang_lsp.features.display.strength import chain
from promptlang_lsp.features.hover.documentation import concept_lines
from promptlang_lsp.features.hover.markdown import code
from promptlang_lsp.features.hover.tag_hover import tag_lines
from promptlang_lsp.features.names.places import touches
from promptlang_lsp.protocol.boundary import uri_of
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.variants import written_name

FEW = 8  # values of a wildcard
NOTHING = "nothing"


def node_lines(page: Page, index: int, nodes: Sequence[Part | Branch], at: int) -> Iterator[str]:
    """What the innermost sign around the cursor does, then how much the words count and how many tokens there are."""
    signs = [node for node in nodes if not isinstance(node, Text)]
    if signs:
        yield from _sign(page, index, signs[-1])
    if isinstance(nodes[-1], Text) and all(isinstance(node, Weight | Negative) for node in signs):
        yield from tag_lines(page, index, at)
    if any(isinstance(node, Weight | Negative) for node in nodes):
        yield from chain(page, index, nodes)
    if signs and (words := effect_words(page, index, _feature(page, index, signs))):
        yield words
    if (not signs or not isinstance(signs[-1], Concept)) and (count := length_in_words(page, index)):
        yield count


def effect_words(page: Page, index: int, feature: str) -> str:
    """What the family of a statement makes of a feature; empty where it is unknown, or no row speaks of the feature."""
    meaning = page.meaning(index)
    found = effect(meaning, feature)
    return f"On {model_title(meaning)} it {found.words}" if found else ""


def _feature(page: Page, index: int, signs: Sequence[Part | Branch]) -> str:
    """The feature that the innermost sign asks for."""
    statement = page.statement(index)
    below = statement.negative_prompt
    is_below = any(isinstance(node, Negative) for node in signs[:-1]) or any(
        touches(part.span, signs[-1].span.start) for part in (below.parts if below else ())
    )
    return sign_feature(page.meaning(index), signs[-1], is_below=is_below)


def _sign(page: Page, index: int, node: Part | Branch) -> Iterator[str]:
    text = page.statement(index).text
    match node:
        case Concept():
            for name in node.names:
                yield from _concept(page, node, name)
            if node.strengths:
                yield f"Strengths: {code(node.strengths)}"
            elif node.weight is not None:
                yield f"Strength: {node.weight:g}"
        case Schedule(before=before, after=after, when=when):
            yield from _schedule(page, index, quoted(text, before), quoted(text, after), when)
        case Alternation(choices=choices):
            yield f"Changes at every step, in turn: {', '.join(quoted(text, each) for each in choices[:FEW])}"
        case Break():
            yield "Ends the chunk of 75 tokens here; what follows begins the next one"
        case Branch(weight=weight):
            yield f"One of the joined prompts, with weight **{weight:g}**"
        case Conjunction(branches=branches):
            yield f"{len(branches)} prompts that steer the picture together: {_branches(text, branches)}"
        case Blend(branches=branches):
            yield f"{len(branches)} prompts mixed into one: {_branches(text, branches)}"
        case Swap(before=before, after=after):
            yield f"Draws {quoted(text, after)} where the attention of {quoted(text, before)} lies"
        case Weight() | Negative() | Text():
            return


def _schedule(page: Page, index: int, first: str, then: str, when: str) -> Iterator[str]:
    if first == NOTHING:
        yield f"{then} from {_moment(when)} on, nothing before"
    elif then == NOTHING:
        yield f"{first} until {_moment(when)}, nothing from then on"
    else:
        yield f"{first} until {_moment(when)}, then {then}"
    yield from _steps(page, index, when, first, then)


def _steps(page: Page, index: int, when: str, first: str, then: str) -> Iterator[str]:
    """The steps that a switch means in the statement, where there is one answer."""
    found = moment(page.meaning(index), when)
    if found is None:
        return
    last, drawn = found.last, found.drawn
    spans = ((first, 1, last), (then, last + 1, drawn))
    shown = [f"{words} in {_range(low, high)}" for words, low, high in spans if low <= high]
    yield f"Here: {', '.join(shown)} of {drawn}"


def _range(low: int, high: int) -> str:
    return f"steps {low} to {high}" if high > low else f"step {low}"


def _moment(when: str) -> str:
    """A place in time as the dialects write it: a fraction of the steps, or the number of a step."""
    try:
        number = float(when)
    except ValueError:
        return f"step {when}"
    if "." in when and isfinite(number):
        return f"{number * 100:g} % of the steps"
    return f"step {when.strip()}"


def _branches(text: str, branches: tuple[Branch, ...]) -> str:
    return ", ".join(f"{quoted(text, each.parts)} × {each.weight:g}" for each in branches[:FEW])


def quoted(text: str, parts: Parts) -> str:
    """The text that parts were read from, as code."""
    if not parts:
        return NOTHING
    return code(text[parts[0].span.start : parts[-1].span.end])


def _concept(page: Page, node: Concept, name: str) -> Iterator[str]:
    known = page.project.known(name, CALLED_KINDS.get(node.kind, ""))
    if known and known.several:
        yield f"**{code(f'<{name}>')}** · {several_files(known, page.project)}"
        yield f"Each alone is called {', '.join(map(code, longer_names(known, page.project)[:FEW]))}"
    elif known:
        yield from concept_lines(known)
        if known.path:
            yield f"File: {code(place(known.path, page.project.root))}"
    else:
        yield f"**{code(f'<{name}>')}** · the project does not know this name"
        yield "Its family is never guessed from the name; `promptlang.toml` can say it."


def variant_lines(page: Page, text: str, chunk: Chunk) -> Iterator[str]:
    """What a variant stands for."""
    match chunk:
        case Choice(options=options, low=low, high=high):
            number = f"{low}" if low == high else f"{low} to {high}"
            weighted = len({option.weight for option in options}) > 1
            yield f"**{number} of {len(options)}**" + (" · the numbers are chances, for `/variants:random`" * weighted)
            yield "\n".join(
                f"- {code(text[option.span.start : option.span.end])}{f' × {option.weight:g}' if weighted else ''}"
                for option in options[:FEW]
            )
        case WildcardUse():
            yield from wildcard_lines(page.project.wildcards, written_name(chunk))
        case Define(name=name):
            yield f"**{code(f'${{{name}}}')}** · a value for the rest of the prompt"
        case Use(name=name):
            yield f"**{code(f'${{{name}}}')}** · the value that was given above"
        case _:
            return


def wildcard_lines(folders: tuple[Path, ...], name: str) -> Iterator[str]:
    """A wildcard: how many values it has, the first of them, and its file."""
    from promptlang_lsp.texts.wildcards import wildcard_files, wildcard_values

    path = wildcard_files(folders).get(name)
    if path is None:
        return
    values = wildcard_values(folders, name)
    yield f"**{code(f'__{name}__')}** · {counted(len(values), 'value')}"
    shown = [f"- {code(value.text)}" for value in values[:FEW]]
    if len(values) > FEW:
        shown.append(f"- … and {len(values) - FEW:,} more")
    if shown:
        yield "\n".join(shown)
    yield f"[{code(path.name)}]({uri_of(path)})"


def span_of(nodes: Sequence[Part | Branch]) -> Span:
    """The span of the sign that is explained: the innermost one, or the words where there is none."""
    return next((node.span for node in reversed(nodes) if not isinstance(node, Text)), nodes[-1].span)
