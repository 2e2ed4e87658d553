"""The tree of a template: what `{a|b}`, `__name__`, `${x}` and `%{…}` stand for before a dialect reads the prompt."""

from __future__ import annotations

from enum import Enum

from promptlang.diagnostics import Diagnostic
from promptlang.source import Passage, Span
from promptlang.values import dataclass, field


class Sampling(Enum):
    """How values are taken: each once, at random, or in turn; the value is the mark in the template."""

    ALL = "!"
    RANDOM = "~"
    CYCLE = "@"


# Spans do not take part in comparisons: equal options count as one, wherever they stand.
@dataclass(frozen=True, slots=True)
class Literal:
    """Text that is kept."""

    span: Span = field(compare=False)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values between bars."""

    span: Span = field(compare=False)
    chunks: Chunks = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Choice:
    """`{a|b}`: from `low` to `high` different options, joined by `separator`."""

    span: Span = field(compare=False)
    options: tuple[Option, ...] = ()
    low: int = 1
    high: int = 1
    separator: str = ","
    sampling: Sampling | None = None


@dataclass(frozen=True, slots=True)
class WildcardUse:
    """`__name__`: a value of the wildcards whose name fits; `variables` are set while a value is read."""

    span: Span = field(compare=False)
    path: Chunks = ()
    variables: tuple[tuple[str, Chunks], ...] = ()
    sampling: Sampling | None = None


@dataclass(frozen=True, slots=True)
class Define:
    """`${x=a}`; `immediate` draws the value once, `preserving` keeps a value that is there."""

    span: Span = field(compare=False)
    name: str = ""
    value: Chunks = ()
    immediate: bool = False
    preserving: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """`${x}` or `${x:default}`."""

    span: Span = field(compare=False)
    name: str = ""
    default: Chunks | None = None


@dataclass(frozen=True, slots=True)
class Wrap:
    """`%{a ... b$$c}`: the wrapper around the inner text, where its first ellipsis stands."""

    span: Span = field(compare=False)
    wrapper: Chunks = ()
    wrapped: Chunks = ()


Chunk = Literal | Choice | WildcardUse | Define | Use | Wrap
Chunks = tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A text whose variants are read but not yet expanded."""

    span: Span
    passage: Passage
    chunks: Chunks
    diagnostics: tuple[Diagnostic, ...] = ()
