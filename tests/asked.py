"""What a text can ask for: every kind of node in the dialects that have it, and every option, each in small examples.

An example is a text and the same with one thing else. Whatever makes plans and pictures of both must tell them apart,
or say why it does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from promptlang.syntax.nodes import (
    Alternation,
    Blend,
    Branch,
    Break,
    Command,
    Comment,
    Concept,
    Conjunction,
    Negative,
    OptionUse,
    RecipeUse,
    Schedule,
    Swap,
    Text,
    Weight,
)
from promptlang.tables.dialects import DEFAULT
from promptlang.tables.options.kinds import (
    Choice,
    FilePath,
    Flag,
    Integer,
    Name,
    Number,
    Numbers,
    Size,
    Words,
    examples,
    written,
)
from promptlang.tables.options.row import Option

WORD, OTHER_WORD = "cow", "hen"  # the first is where another example may stand
RECIPES = "/recipe #sky dark clouds\n/recipe #sea high waves\n"


@dataclass(frozen=True)
class Example:
    """A text in a dialect, and another that differs in one field of a node of that kind; `field` "" is the node itself.

    What is `alone` has no words around it.
    """

    kind: type
    field: str
    dialect: str
    text: str
    other: str
    alone: bool = False

    @property
    def id(self) -> str:
        """`a1111 Schedule.when [cow:fog:0.5]`."""
        return f"{self.dialect} {self.kind.__name__}.{self.field} {self.text}"

    @property
    def statements(self) -> tuple[str, str]:
        """Both texts as the prompt of a statement."""
        parser = "" if self.dialect == DEFAULT else f"/parser:{self.dialect} "
        words = "{}" if self.alone else "a red {} at dusk"
        return (f"/render {parser}{words.format(self.text)}", f"/render {parser}{words.format(self.other)}")


def _of(dialect: str, *rows: tuple[type, str, str, str]) -> Iterator[Example]:
    for kind, field, text, other in rows:
        yield Example(kind, field, dialect, text, other, alone=text.endswith(JOINED))


JOINED = (".and()", ".and(1, 2)", ".blend(1, 2)")

IN_TEXT: tuple[Example, ...] = (
    *_of(
        "old",
        (Text, "text", "cow", "hen"),
        (Weight, "", "(cow)", "cow"),
        (Negative, "", "[cow]", "cow"),
        (Concept, "", "<ink>", ""),
        (Concept, "name", "<ink>", "<oak>"),
        (Concept, "name", "<zorb>", "<wide>"),
        (Concept, "weight", "<ink:0.5>", "<ink:0.8>"),
    ),
    *_of(
        "new",
        (Text, "text", "cow", "hen"),
        (Weight, "", "(cow)", "cow"),
        (Weight, "factor", "(cow:1.3)", "(cow:0.6)"),
        (Negative, "", "[cow]", "cow"),
        (Concept, "", "<ink>", ""),
        (Concept, "name", "<zorb>", "<wide>"),
        (Concept, "weight", "<ink:0.5>", "<ink:0.8>"),
        (Concept, "weight", "<zorb:0.5>", "<zorb:0.8>"),
        (Concept, "moments", "<ink:0.2@0,1@0.5>", "<ink:0.2@0,1@0.8>"),
        (Concept, "strengths", "<ink:0.2|0.6>", "<ink:0.2|0.8>"),
        (Concept, "weight", "<demo:0.5>", "<demo>"),
        (Concept, "kind", "<lora:ink:0.5>", "<hypernet:ink:0.5>"),
    ),
    *_of(
        "a1111",
        (Text, "text", "cow", "hen"),
        (Weight, "", "(cow)", "cow"),
        (Weight, "", "[cow]", "cow"),
        (Weight, "factor", "(cow:1.3)", "(cow:0.6)"),
        (Concept, "", "<lora:ink:1>", ""),
        (Concept, "name", "zorb", "wide"),
        (Concept, "name", "<lora:ink:1>", "<lora:oak:1>"),
        (Concept, "weight", "<lora:ink:0.5>", "<lora:ink:0.8>"),
        (Concept, "kind", "<lora:ink:1>", "<hypernet:ink:1>"),
        (Concept, "arguments", "<lora:ink:te=0.5:unet=0.4>", "<lora:ink:te=0.9:unet=0.4>"),
        (Concept, "loads", "<lora:ink:1>", "<lora:ink:x>"),
        (Break, "", "cow BREAK fog", "cow fog"),
        (Schedule, "when", "[cow:fog:0.5]", "[cow:fog:0.3]"),
        (Schedule, "before", "[cow::0.5]", "[hen::0.5]"),
        (Schedule, "after", "[cow:0.5]", "[hen:0.5]"),
        (Schedule, "after", "[fog:cow:0.5]", "[fog:hen:0.5]"),
        (Alternation, "choices", "[cow|fog]", "[hen|fog]"),
        (Alternation, "choices", "[fog|cow]", "[fog|hen]"),
        (Conjunction, "", "cow AND fog", "cow fog"),
        (Branch, "weight", "cow:0.7 AND fog", "cow:0.4 AND fog"),
        (Branch, "parts", "fog AND cow", "fog AND hen"),
    ),
    *_of(
        "comfy",
        (Text, "text", "cow", "hen"),
        (Weight, "", "(cow)", "cow"),
        (Weight, "factor", "(cow:1.3)", "(cow:0.6)"),
        (Weight, "absolute", "(red (cow:1.1))", "(red (cow))"),
        (Concept, "", "embedding:zorb", ""),
        (Concept, "name", "embedding:zorb", "embedding:wide"),
    ),
    *_of(
        "compel",
        (Text, "text", "cow", "hen"),
        (Weight, "factor", "(cow)+", "(cow)"),
        (Weight, "factor", "(cow)1.3", "(cow)0.6"),
        (Concept, "", "withLora(ink)", ""),
        (Concept, "name", "withLora(ink)", "withLora(oak)"),
        (Concept, "weight", "withLora(ink, 0.5)", "withLora(ink, 0.8)"),
        (Swap, "before", "(cow).swap(fog)", "(hen).swap(fog)"),
        (Swap, "after", "(fog).swap(cow)", "(fog).swap(hen)"),
        (Swap, "settings", "(cow).swap(fog, t_start=0.1)", "(cow).swap(fog, t_start=0.2)"),
        (Conjunction, "branches", '("cow", "fog").and()', '("cow", "hen").and()'),
        (Branch, "weight", '("cow", "fog").and(1, 2)', '("cow", "fog").and(1, 3)'),
        (Blend, "", '("cow", "fog").blend(1, 2)', '("cow", "fog").and(1, 2)'),
        (Blend, "normalized", '("cow", "fog").blend(1, 2)', '("cow", "fog").blend(1, 2, no_normalize)'),
        (Branch, "parts", '("fog", "cow").blend(1, 2)', '("fog", "hen").blend(1, 2)'),
    ),
    *_of(
        "novelai",
        (Text, "text", "cow", "hen"),
        (Weight, "", "{cow}", "cow"),
        (Weight, "factor", "1.3::cow::", "0.6::cow::"),
    ),
    *_of(
        "swarm",
        (Text, "text", "cow", "hen"),
        (Weight, "", "(cow)", "cow"),
        (Weight, "factor", "(cow:1.3)", "(cow:0.6)"),
        (Weight, "absolute", "(red (cow:1.1))", "(red (cow))"),
        (Concept, "", "<embed:zorb>", ""),
        (Concept, "name", "<embed:zorb>", "<embed:wide>"),
        (Concept, "name", "<lora:ink>", "<lora:oak>"),
        (Concept, "weight", "<lora:ink:0.5>", "<lora:ink:0.8>"),
        (Concept, "arguments", "<lora:ink:0.5:0.2>", "<lora:ink:0.5:0.9>"),
        (Break, "", "cow <break> fog", "cow fog"),
        (Schedule, "when", "<fromto[0.5]:cow, fog>", "<fromto[0.8]:cow, fog>"),
        (Schedule, "before", "<fromto[5]:cow, fog>", "<fromto[5]:hen, fog>"),
        (Schedule, "after", "<fromto[5]:fog, cow>", "<fromto[5]:fog, hen>"),
        (Alternation, "choices", "<alternate:cow, fog>", "<alternate:hen, fog>"),
    ),
)
"""Every kind of node that stands in a text, for every dialect whose reader makes it."""

AROUND: tuple[Example, ...] = (
    Example(Command, "name", DEFAULT, "/render a cow", "/remix /image:start.png a cow"),
    Example(OptionUse, "name", DEFAULT, "/render /tall a cow", "/render /wide a cow"),
    Example(OptionUse, "value", DEFAULT, "/render /steps:4 a cow", "/render /steps:5 a cow"),
    Example(RecipeUse, "name", DEFAULT, "/render #sky a cow", "/render #sea a cow"),
    Example(Comment, "text", DEFAULT, "/render a cow\n# a note", "/render a cow\n# another"),
)
"""The kinds that stand around a text, in whole statements."""

ASKS_NOTHING = frozenset({Comment})
"""What changes no picture by its very meaning."""


SPOKEN: dict[str, tuple[tuple[str, str], ...]] = {
    "parser": (
        ("/render /parser:new /steps:4 a (red:1.9) cow", "/render /steps:4 a (red:1.9) cow"),
        ("/render /parser:novelai /steps:4 a {red} cow", "/render /parser:new /steps:4 a {red} cow"),
    ),
    "karras": (("/render /sampler:k_euler /steps:4 /karras a cow", "/render /sampler:k_euler /steps:4 a cow"),),
    "variants": (("/render /steps:4 /variants:all a {red|blue} cow", "/render /steps:4 a {red|blue} cow"),),
    "swap": (("/render /steps:4 /swap:hen|cow a hen", "/render /steps:4 /swap:fog|cow a fog"),),
    "edition": (
        ("/set /edition:guide\n/render /clipskip:4 /steps:4 a cow", "/set /edition:early\n/render /steps:4 a cow"),
    ),
    "negative": (("/render /parser:a1111 /steps:4 a cow /negative hen", "/render /parser:a1111 /steps:4 a cow hen"),),
}
"""Statements that differ in an option which fills no field of its own, and says what others do."""


def every_value(row: Option) -> tuple[str, ...]:
    """Each name that a choice offers, as it is written after the option; of other kinds the values that are tried."""
    if isinstance(row.kind, Choice):
        return tuple(f"/{row.name}:{item.name}" for item in row.kind.items)
    return tuple(values(row))


def values(row: Option) -> Iterator[str]:
    """Some texts that are right for an option, different from what holds without it."""
    match row.kind:
        case Flag():
            yield f"/{row.name}"
        case Integer() | Number() | Choice() | Size():
            yield from (f"/{row.name}:{each}" for each in examples(row.kind))
        case Numbers(count=count, high=high):
            yield f"/{row.name}:{','.join([written(high)] * count)}"
        case Name():
            yield f"/{row.name}:somebody__something"
        case Words():
            yield f"/{row.name}:cow|hen"
        case FilePath():
            yield f"/{row.name}:other.png"
