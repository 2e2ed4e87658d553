"""Explanations on a terminal: the prompt, its tree, weights, chunks of tokens, the layer and the options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import isfinite
from typing import TextIO, assert_never

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from promptlang.diagnostics import Diagnostic
from promptlang.lowering.explaining import Explanation
from promptlang.reports.cells import visible
from promptlang.source import LINE_END, Source
from promptlang.syntax import nodes
from promptlang.syntax.nodes import Branch, Part, Parts
from promptlang.tables.dialects import dialect_row
from promptlang.tables.models.known import PART_TITLES
from promptlang.tables.options.table import ORDER
from promptlang.tokens.chunks import CHUNK_TOKENS, Chunk
from promptlang.tokens.vocabulary import BYTE_LETTERS, WORD_END, vocabulary

WIDEST = 100
VECTOR = f"<vector>{WORD_END}"
BAR = 15  # cells of a chunk's bar: five tokens each
DEEPEST = 12  # levels of the tree that are drawn
FEW = 12  # rows of a schedule
MOST = 40  # rows of a table, branches of a node
LONGEST = 160  # code points of a text in a table or the tree

_NEW_LINE = re.compile(r"[ \t]*[\r\n]\s*")  # which an encoder reads as a blank
TOGETHER = {"and": "together", "blend": "mixed", "concatenate": "one after another"}
LIGHT, STRONG, WEAK = "dim", "bold yellow", "cyan"


def show(
    explanations: Sequence[Explanation],
    source: Source,
    findings: Iterable[Diagnostic],
    *,
    colour: bool,
    width: int,
    stream: TextIO,
) -> None:
    """Print every explanation, then what there is to complain about."""
    from promptlang.reports.text import coloured, concise, plain

    console = Console(
        file=stream, width=min(width, WIDEST), force_terminal=colour, no_color=not colour, highlight=False, emoji=False
    )
    for each in explanations:
        console.print(Panel(Group(*_sections(each)), title=_title(each), title_align="left", box=box.ROUNDED))
    for finding in findings:
        print(concise(source, finding, paint=coloured if colour else plain), file=stream)


def _title(each: Explanation) -> Text:
    row = dialect_row(each.parser)
    dialect = f"parser {each.parser}" if row.is_written else row.title.removeprefix("the ")
    if not each.command:
        return Text(dialect, "bold")
    return Text.assemble((f"/{each.command}", "bold"), f" · {dialect} · ", (each.model or "no model", "bold"))


def _sections(each: Explanation) -> Iterator[RenderableType]:
    """The parts of an explanation that have something to say."""
    yield Text("\n".join(map(visible, LINE_END.split(each.text.strip()))) or "no prompt")
    if each.variants:
        yield _headed("variants", _variants(each))
    if each.tree:
        yield _headed("tree", _tree(each.tree))
    if each.weights:
        yield _headed("weights", _weights(each.weights))
    if each.negative:
        yield _headed("negative", _weights(each.negative))
    if len(each.schedule) > 1:
        yield _headed("schedule", _pairs((f"to step {until}", text) for until, text in each.schedule))
    if len(each.conjunction) > 1:
        yield _headed(TOGETHER[each.combine], _pairs((f"× {weight:g}", text) for text, weight in each.conjunction))
    if each.networks:
        rows = ((call.kind, f"{call.name} × {call.weight:g}") for call in each.networks)
        yield _headed("concepts", _pairs(rows))
    yield _headed("chunks", _chunks(each.chunks, each.token_count))
    if each.negative:
        yield _headed("negative chunks", _chunks(each.negative_chunks, each.negative_token_count))
    if each.command:
        evidence = (("known by", each.evidence),) if each.evidence else ()
        parts = ((PART_TITLES[part], path.name) for part, path in each.parts)
        yield _headed(
            "model",
            _pairs((("family", each.family), *evidence, *parts, ("layer", each.layer))),
        )
        if each.effects:
            rows = ((row.feature.title.replace("`", ""), row.words) for row in each.effects)
            yield _headed("what it does there", _pairs(rows))
        yield _headed("options", _options(each))


def _headed(title: str, body: RenderableType) -> RenderableType:
    return Padding(Group(Text(title, "bold"), Padding(body, (0, 0, 0, 2))), (1, 0, 0, 0))


# --- the tree ---------------------------------------------------------------------------------------------------------


def _tree(parts: Parts) -> Tree:
    """The parts of a prompt; no recursion, since prompts may nest as deep as they like."""
    root = Tree("", hide_root=True, guide_style=LIGHT)
    waiting: list[tuple[Tree, Part | Branch, int]] = [(root, part, 1) for part in reversed(_said(parts)[:MOST])]
    while waiting:
        above, node, depth = waiting.pop()
        here = above.add(_node(node))
        inside = _said(nodes.inner(node))
        if inside and depth == DEEPEST:
            here.add(Text("…", LIGHT))
        elif inside:
            if len(inside) > MOST:
                here.add(Text(f"… {len(inside) - MOST} more before", LIGHT))
            waiting.extend((here, part, depth + 1) for part in reversed(inside[:MOST]))
    return root


def _said(parts: Sequence[Part | Branch]) -> Sequence[Part | Branch]:
    """The parts without the blanks between them."""
    return [part for part in parts if not isinstance(part, nodes.Text) or part.text.strip()]


def _node(node: Part | Branch) -> Text:
    """One node in a few words."""
    match node:
        case nodes.Text(text=text):
            return Text.assemble("“", _words(text), "”")
        case nodes.Weight(factor=factor):
            return Text(f"weight × {factor:g}", _weight_style(factor))
        case nodes.Negative():
            return Text("negative prompt", "red")
        case nodes.Concept(name=name, weight=weight, kind=kind):
            factor = f" × {weight:g}" if weight is not None else ""
            return Text(f"{kind or 'concept'} {visible(name)}{factor}", "green")
        case nodes.Break():
            return Text("end of chunk", "magenta")
        case nodes.Schedule(when=when):
            return Text(f"changes at {when}", "magenta")
        case nodes.Alternation(choices=choices):
            return Text(f"{len(choices)} in turn, step by step", "magenta")
        case nodes.Branch(weight=weight):
            return Text(f"branch × {weight:g}", _weight_style(weight))
        case nodes.Conjunction(branches=branches):
            return Text(f"{len(branches)} prompts together", "magenta")
        case nodes.Blend(branches=branches):
            return Text(f"blend of {len(branches)}", "magenta")
        case nodes.Swap():
            return Text("swap", "magenta")
        case _:
            assert_never(node)


def _weight_style(weight: float) -> str:
    return STRONG if weight > 1 else WEAK if weight < 1 else ""


# --- tables -----------------------------------------------------------------------------------------------------------


def _weights(pairs: Sequence[tuple[str, float]]) -> RenderableType:
    """Each stretch of words with its weight, and a bar to compare them by."""
    table = _grid(3)
    most = max([2.0, *(abs(weight) for _, weight in pairs[:MOST] if isfinite(weight))])
    for text, weight in pairs[:MOST]:
        style = _weight_style(weight)
        full = max(0, min(BAR, round(weight / most * BAR))) if isfinite(weight) else 0
        bar = Text.assemble(("█" * full, style), ("░" * (BAR - full), LIGHT))
        table.add_row(Text(f"{weight:.4g}", style, justify="right"), bar, _words(text))
    return _with_rest(table, len(pairs))


def _pairs(pairs: Iterable[tuple[str, str]]) -> RenderableType:
    rows = list(pairs)
    table = _grid(2)
    for name, text in rows[:FEW]:
        table.add_row(Text(visible(name), LIGHT), _words(text))
    return _with_rest(table, len(rows), FEW)


def _variants(each: Explanation) -> RenderableType:
    """The texts that are drawn; what follows is about the first."""
    total = len(each.variants)
    return _pairs(
        (f"{number} of {total}{', explained below' if number == 1 and total > 1 else ''}", text)
        for number, text in enumerate(each.variants, 1)
    )


def _options(each: Explanation) -> RenderableType:
    table = _grid(3, fixed=1)
    for row in sorted(each.options, key=lambda row: ORDER.get(row.name, len(ORDER))):
        table.add_row(
            Text(f"/{row.name}", "bold"),
            Text(visible(row.value), overflow="fold"),
            Text("from `/set`" if row.origin == "set" else f"from the {row.origin}", LIGHT),
        )
    table.add_row(Text("pictures", LIGHT), Text(str(each.images)), Text(_batches(each), LIGHT))
    return table


def _batches(each: Explanation) -> str:
    match len(each.plans):
        case 0:
            return "no plan: see the errors"
        case 1:
            return "in one plan"
        case number:
            return f"in {number} plans"


def _chunks(chunks: Sequence[Chunk], count: int) -> RenderableType:
    """How full every chunk is, and the words in it."""
    table = _grid(3)
    for chunk in chunks[:MOST]:
        ids = chunk.words
        bar = "█" * -(-len(ids) * BAR // CHUNK_TOKENS)
        table.add_row(
            Text(f"{len(ids)} of {CHUNK_TOKENS}", justify="right"),
            Text.assemble((bar, "green"), ("░" * (BAR - len(bar)), LIGHT)),
            _words(_text_of(ids)),
        )
    if len(chunks) > 1:
        table.add_row(Text(str(count), "bold", justify="right"), Text(f"tokens, {len(chunks)} chunks", LIGHT), Text(""))
    return _with_rest(table, len(chunks))


def _text_of(ids: Iterable[int]) -> str:
    """The words that token ids stand for; ids behind the vocabulary are vectors of textual inversions."""
    tokens, bytes_of = _tokens(), {letter: byte for byte, letter in BYTE_LETTERS.items()}
    pieces = (tokens[number] if number < len(tokens) else VECTOR for number in ids)
    words = b"".join(
        bytes(bytes_of[letter] for letter in piece.removesuffix(WORD_END)) + b" " * piece.endswith(WORD_END)
        for piece in pieces
    )
    return words.decode("utf-8", "replace")


@cache
def _tokens() -> tuple[str, ...]:
    """Every token at the place of its id."""
    return tuple(vocabulary())


def _words(text: str) -> Text:
    """Words as they are, in one line; of many only the first and the last."""
    text = _NEW_LINE.sub(" ", text.strip())
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2].rsplit(' ', 1)[0]} … {text[-LONGEST // 3 :].split(' ', 1)[-1]}"
    return Text(visible(text), overflow="fold")


def _grid(columns: int, fixed: int = -1) -> Table:
    """A table without lines; its first columns, `fixed` of them or all but the last, never give way."""
    table = Table.grid(padding=(0, 2))
    for number in range(columns):
        table.add_column(no_wrap=number < fixed % columns, overflow="fold")
    return table


def _with_rest(table: Table, number: int, most: int = MOST) -> RenderableType:
    """The table, with a line about the rows that were left out."""
    return Group(table, Text(f"… and {number - most} more", LIGHT)) if number > most else table
