"""What reads and writes a dialect, loaded when it is first used: a check reads only the grammar it needs.

The facts about a dialect are its row in `tables/dialects.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from itertools import chain

from promptlang.diagnostics import Diagnostic, Rule
from promptlang.plans.plan import Conditioning, Run, Weighting
from promptlang.source import Passage
from promptlang.syntax.nodes import Parts, Prompt
from promptlang.tables.dialects import DIALECTS
from promptlang.values import dataclass

WeightedText = tuple[tuple[str, float], ...]

DEEPEST = 100
"""How many brackets deep a tree goes; the owners' own numbers know no limit."""
LATEST = 10_000
"""Steps beyond which no picture goes."""


@dataclass(frozen=True, slots=True)
class NetworkCall:
    """A LoRA or other concept that a prompt calls: kind as written, name, strength, and the arguments as written."""

    kind: str
    name: str
    weight: float
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the owner of a dialect makes of a prompt text, in the owner's own order and numbers.

    `schedule` is (last step, text), `conjunction` (text, weight), `rest` the text without the networks, `runs` the
    words that its encoder is given, with the chunk ends marked where the dialect has such marks.
    """

    weights: WeightedText
    negative: WeightedText
    schedule: tuple[tuple[int, str], ...]
    conjunction: WeightedText
    networks: tuple[NetworkCall, ...]
    rest: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switching:
    """How the owner of a dialect counts the steps at which words change.

    `last_before` is the last denoiser call, counted from 0, before a switch, for its number as written and the calls of
    a whole picture. `moment` is that number as a share of all steps (below 1), a count of steps or never (infinity);
    `when` writes one.
    """

    last_before: Callable[[str, int], int]
    moment: Callable[[str], float]
    when: Callable[[float], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a dialect gives the rest of the house.

    `parse` never fails: it returns a tree, and diagnostics inside it. `weights` is the reading of the dialect's owner:
    text and weight, in order. `write` prints parts back; reading the result again means the same. `plain` gives the
    spellings of a text that may be read as plain words, the simplest first; `statements/wording.py` chooses one that
    is. `weighting` is how the owner applies weights to embeddings, and names the row of `promptlang.tokens.layouts`
    that says how it lays tokens out. `condition` is there for owners who do more than weigh words: it gives the
    branches and segments of a passage for a number of denoiser calls. `parse_negative` and `condition_negative` are
    there for owners who read a negative prompt by rules of its own, `switching` for those whose words change at steps,
    `choices` for those with choices of their own, which it writes as `/variants` reads them. `drawn` gives words as
    they are read into tokens, for owners who change some before, and `comments` the places of comments that the
    owner cuts out. `unmet` are the rules that say what the owner does with a text and nothing here, so that no
    other dialect has it either.
    """

    name: str
    parse: Callable[[Passage], Prompt]
    weights: Callable[[Prompt], WeightedText]
    write: Callable[[Parts], str]
    plain: Callable[[str], tuple[str, ...]]
    weighting: Weighting
    condition: Callable[[Passage, int], Conditioning] | None = None
    parse_negative: Callable[[Passage], Prompt] | None = None
    condition_negative: Callable[[Passage, int], Conditioning] | None = None
    switching: Switching | None = None
    choices: Callable[[Passage], Passage] | None = None
    drawn: Callable[[str], str] = str
    comments: Callable[[Passage], Iterator[tuple[int, int]]] | None = None
    report: Callable[[Prompt, int], Report] | None = None  # None: what the tree says
    unmet: tuple[Rule, ...] = ()

    def read(self, passage: Passage, *, is_negative: bool) -> Prompt:
        """One side of a prompt as the owner reads it."""
        return self.parse_negative(passage) if is_negative and self.parse_negative else self.parse(passage)


def decimal(number: float) -> str:
    """A number without exponent that reads back as the same double, as most dialects write a weight."""
    from decimal import Decimal  # only printing back needs it

    return f"{Decimal(repr(number)):f}".removesuffix(".0")


@cache
def dialect(name: str) -> Dialect:
    """What reads and writes the dialect of that name."""
    module, _, reader = DIALECTS[name].reader.partition(":")
    return getattr(import_module(module), reader)


def uncommented(text: str, name: str) -> str:
    """The text without what that dialect takes for comments, which nobody draws."""
    comments = dialect(name).comments
    if comments is None:
        return text
    ends = [0, *chain.from_iterable(comments(Passage(text))), len(text)]
    return "".join(text[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True))


def unmet(prompt: Prompt) -> tuple[Diagnostic, ...]:
    """What the owner of the dialect does with the text and nothing here."""
    rules = dialect(prompt.dialect).unmet
    return tuple(each for each in prompt.diagnostics if each.rule in rules)
