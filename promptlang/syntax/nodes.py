"""The syntax tree: frozen nodes, each with a span counted from the start of its statement.

A statement's nodes do not know where in the file it stands, so that work on a statement can be cached by its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from promptlang.diagnostics import Diagnostic
from promptlang.source import Passage, Span
from promptlang.tables.options.table import OPTIONS
from promptlang.values import dataclass

# --- prompt text: one tree for every dialect -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words, with the dialect's escapes resolved."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Weight:
    """A group whose parts count `factor` times as much; `absolute` where the number replaces outer ones (ComfyUI)."""

    span: Span
    parts: Parts
    factor: float
    number: Span | None = None
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Negative:
    """Parts that belong to the negative prompt; inside another `Negative` they count 1.1 times as much."""

    span: Span
    parts: Parts


def names_several(name: str) -> bool:
    """Whether bars part it into concepts to compare, each of which could stand alone; those of `{a|b}` are signs of
    variants.
    """
    if "|" not in name or "{" in name:
        return False
    return all((call := each.strip()) and call[0] != "/" for each in name.split("|"))


@dataclass(frozen=True, slots=True)
class Concept:
    """A checkpoint, LoRA, embedding or other network called by name; `kind` is the written prefix (`lora`) or empty.

    `loads` is false where the dialect's owner cuts the call out of the text and loads nothing for it. `moments` are
    steps as written and the strengths there, where the strength changes, `strengths` several of them to compare, as
    written; `weight` is then the one written first.
    """

    span: Span
    name: str
    name_span: Span
    weight: float | None = None
    number: Span | None = None
    kind: str = ""
    arguments: tuple[str, ...] = ()
    loads: bool = True
    moments: tuple[tuple[str, float], ...] = ()
    strengths: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Its name, or those of several concepts to compare."""
        return tuple([name for name, _ in self.calls])

    @property
    def calls(self) -> tuple[tuple[str, Span], ...]:
        """The same, each with its place."""
        if not names_several(self.name):
            return ((self.name, self.name_span),)
        found: list[tuple[str, Span]] = []
        at = 0
        for piece in self.name.split("|"):
            start = at + len(piece) - len(piece.lstrip())
            found.append((piece.strip(), self.name_span.part(start, start + len(piece.strip()), len(self.name))))
            at += len(piece) + 1
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Break:
    """The end of a 75-token chunk, asked for by hand."""

    span: Span


@dataclass(frozen=True, slots=True)
class Schedule:
    """`before` until `when`, `after` from then on; `when` is the number as written."""

    span: Span
    before: Parts
    after: Parts
    when: str
    number: Span


@dataclass(frozen=True, slots=True)
class Alternation:
    """One of several parts in turn, step by step."""

    span: Span
    choices: tuple[Parts, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """One side of a conjunction or blend, with its weight."""

    span: Span
    parts: Parts
    weight: float = 1.0
    number: Span | None = None


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Several prompts that steer the picture together."""

    span: Span
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Blend:
    """Several prompts mixed into one conditioning."""

    span: Span
    branches: tuple[Branch, ...]
    normalized: bool = True


@dataclass(frozen=True, slots=True)
class Swap:
    """`before` drawn with the attention map of `after` (Compel); `settings` are the written name and value pairs."""

    span: Span
    before: Parts
    after: Parts
    settings: tuple[tuple[str, str], ...] = ()


Part = Text | Weight | Negative | Concept | Break | Schedule | Alternation | Conjunction | Blend | Swap
Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A parsed prompt text: the passage it was read from, its parts, and what the dialect has to say."""

    span: Span
    passage: Passage
    parts: Parts
    dialect: str
    diagnostics: tuple[Diagnostic, ...] = ()


# --- statements -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Command:
    """`/render` at the start of a line; `name` is lower case."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class OptionUse:
    """`/name:value` or `/name`; `value` is the text without quotes, None for a flag."""

    span: Span
    name: str
    name_span: Span
    value: str | None
    value_span: Span

    def __hash__(self) -> int:
        return hash((self.span, self.name, self.value))  # where the parts of one stand follows from these


@dataclass(frozen=True, slots=True)
class RecipeUse:
    """`#name` in a prompt."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment line, from `#` to the end of the line."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A command with its options and text; `command` is None for text before the first command.

    `text` is everything the statement was read from. `positive` and `negative` are the passages before and after
    `/negative`; `prompt` and `negative_prompt` are the same passages read by the statement's dialect.
    """

    span: Span
    text: str
    command: Command | None
    label: RecipeUse | None  # the name that `/recipe #name` gives
    options: tuple[OptionUse, ...]
    recipes: tuple[RecipeUse, ...]
    comments: tuple[Comment, ...]
    positive: Passage
    negative: Passage
    prompt: Prompt
    negative_prompt: Prompt | None
    diagnostics: tuple[Diagnostic, ...]

    __eq__ = object.__eq__  # there is one object for a text (`parsing.parse_statement`), and it keys caches
    __hash__ = object.__hash__

    def uses(self, name: str) -> Iterator[OptionUse]:
        """The uses of an option in their order, by whichever of its names they are written."""
        return (use for use in self.options if (row := OPTIONS.get(use.name)) and row.name == name)

    def option(self, name: str) -> OptionUse | None:
        """The last use of an option, which is the one that counts."""
        uses = tuple(self.uses(name))
        return uses[-1] if uses else None

    @property
    def command_name(self) -> str:
        """The command's name; text without a command is an implicit render."""
        return self.command.name if self.command else "render"

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The text, and the text after `/negative` where there is any."""
        return (self.prompt,) if self.negative_prompt is None else (self.prompt, self.negative_prompt)

    def nodes(self) -> Iterator[Part | Branch]:
        """Every node of both texts, a node before those inside it."""
        behind = self.negative_prompt.parts if self.negative_prompt else ()
        return walk((*self.prompt.parts, *behind))


@dataclass(frozen=True, slots=True)
class Document:
    """A file: statements and the offsets where they start."""

    text: str
    statements: tuple[Statement, ...]
    starts: tuple[int, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    def placed(self) -> Iterator[tuple[int, Statement]]:
        """Every statement with its offset in the file."""
        return zip(self.starts, self.statements, strict=True)


Node = Part | Branch | Command | OptionUse | RecipeUse | Comment


def inner(node: Part | Branch) -> tuple[Part | Branch, ...]:
    """The nodes directly below a node, in source order."""
    match node:
        case Weight(parts=parts) | Negative(parts=parts) | Branch(parts=parts):
            return parts
        case Schedule(before=before, after=after) | Swap(before=before, after=after):
            return (*before, *after)
        case Alternation(choices=choices):
            return tuple(part for choice in choices for part in choice)
        case Conjunction(branches=branches) | Blend(branches=branches):
            return branches
        case _:
            return ()


def walk(parts: Parts) -> Iterator[Part | Branch]:
    """Every node of a prompt, outer before inner, in source order; needs no recursion."""
    waiting: list[Part | Branch] = list(reversed(parts))
    while waiting:
        node = waiting.pop()
        yield node
        if node.__class__ is not Text and (below := inner(node)):  # most nodes are words
            waiting += reversed(below)


def joined(parts: Iterable[Part]) -> Parts:
    """The parts with neighbouring texts as one."""
    merged: list[Part] = []
    texts: list[Text] = []
    for part in parts:
        if isinstance(part, Text):
            texts.append(part)
            continue
        if texts:
            merged.append(_one(texts))
            texts.clear()
        merged.append(part)
    if texts:
        merged.append(_one(texts))
    return tuple(merged)


def _one(texts: list[Text]) -> Text:
    if len(texts) == 1:
        return texts[0]
    return Text(Span(texts[0].span.start, texts[-1].span.end), "".join(text.text for text in texts))
