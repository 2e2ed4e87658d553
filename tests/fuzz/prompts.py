"""What holds for a prompt text in every dialect, and for a template of variants."""

from __future__ import annotations

import re
from itertools import islice
from zlib import crc32

from promptlang.dialects.convert import convert
from promptlang.dialects.dialect import dialect
from promptlang.lowering.explaining import explain
from promptlang.source import Passage
from promptlang.syntax.nodes import Prompt
from promptlang.tables.dialects import DIALECTS
from promptlang.variants.context import Mode
from promptlang.variants.count import count
from promptlang.variants.expand import expand
from promptlang.variants.nodes import Template
from promptlang.variants.parsing import parse
from tests.dialects.properties import assert_spans_nest, said, said_below
from tests.fuzz.broken import hold

# A text that its dialect reads and has no other spelling for: a call with `<` in it, which is not looked for where a
# number ends words; signs of words that change at steps, which SwarmUI hides by backslashes that then stay.
UNWRITABLE = {
    "a1111": re.compile(r"<\w+:[^>]*<"),
    "swarm": re.compile(r"<(?:alt|fromto)[^>]*[()\\:|\[\]<]|\[[^\]]*[()\\:|<]|<macro", re.IGNORECASE),
}
MOST = 300  # texts of a template that are made


def prompt(name: str, text: str) -> Prompt:
    """The text as the dialect of that name reads it."""
    return dialect(name).parse(Passage(text))


def spans_nest(read: Prompt) -> None:
    """Every node lies inside its parent, and every finding inside the text."""
    length = len(read.passage.text)
    assert_spans_nest(read, length)
    for each in read.diagnostics:
        span = each.label.span
        hold(f"{each.rule.name} lies inside the text", seen=span, is_true=0 <= span.start <= span.end <= length)


def is_written_back(read: Prompt) -> None:
    """What the dialect writes of a tree says what the text said."""
    owner = dialect(read.dialect)
    if read.dialect in UNWRITABLE and UNWRITABLE[read.dialect].search(read.passage.text):
        return
    written = owner.write(read.parts)
    back = owner.parse(Passage(written))
    hold("what is written back says the same", seen=(written, said(back)), is_true=said(back) == said(read))


def is_explained(read: Prompt) -> None:
    """The owner's weights, and chunks of 77 ids that hold every token there is."""
    told = explain(read.passage.text, parser=read.dialect)
    for chunk in (*told.chunks, *told.negative_chunks):
        sizes = (len(chunk.ids), len(chunk.multipliers), len(chunk.pieces))
        hold("a chunk has 77 ids and multipliers", seen=sizes, is_true=sizes == (77, 77, 77))


def is_converted(read: Prompt) -> None:
    """A conversion without a loss says the same words with the same weights, and losses point into the text.

    The text decides to which of the other dialects.
    """
    text = read.passage.text
    others = [name for name in DIALECTS if name != read.dialect]
    target = others[crc32(text.encode("utf-8", "surrogatepass")) % len(others)]
    found = convert(read, target)
    for loss in found.losses:
        inside = 0 <= loss.span.start <= loss.span.end <= len(text)
        hold("a loss lies inside the text", seen=(loss.message, loss.span), is_true=inside)
    if not found.losses:
        back, owner = prompt(target, found.positive), dialect(target)
        below = owner.read(Passage(found.negative), is_negative=True)
        words, called = said(back)
        there = (words, sorted(called + said(below)[1]), said_below(back, below))
        meant = (said(read)[0], sorted(said(read)[1]), said_below(read))
        hold("a conversion without a loss says the same", seen=(target, found), is_true=there == meant)


def template(text: str) -> Template:
    """The text as `/variants` reads it."""
    return parse(Passage(text))


def is_counted(read: Template) -> None:
    """The count is that of the texts which are made, or at least as large where it is no exact one."""
    known = count(read)
    made = len(list(islice(expand(read), MOST)))
    fits = made == min(known.number, MOST) if known.exact else made <= known.number
    hold("variants are counted as they are made", seen=(known, made), is_true=fits)


def is_drawn(read: Template) -> None:
    """The same seed draws the same texts."""
    first, again = (list(islice(expand(read, mode=Mode.RANDOM, seed=7), 3)) for _ in range(2))
    hold("the same seed draws the same texts", seen=(first, again), is_true=first == again)
