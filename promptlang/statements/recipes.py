"""Recipes: named pieces of options and text, put into the statements that call them."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import itemgetter

from promptlang.source import Passage
from promptlang.statements.scan import Scan, scan, scan_for
from promptlang.syntax.nodes import OptionUse, RecipeUse, Statement
from promptlang.tables.dialects import dialect_row
from promptlang.values import dataclass

SLOT = "$prompt"
LONGEST = 200_000  # characters of a statement with its recipes written out
MOST_OPTIONS = 1_000


@dataclass(frozen=True, slots=True)
class RecipeText:
    """A recipe by its lower-case name, and the text of the statement that defines it."""

    name: str
    text: str


Recipes = tuple[RecipeText, ...]


@dataclass(frozen=True, slots=True)
class Expanded:
    """A statement's two passages with its recipes put in, and the options the recipes bring (weaker ones first).

    `own_options` are those that stand in the statement itself, `too_long` the calls that were left out because the
    statement would grow over a limit.
    """

    positive: Passage
    negative: Passage
    options: tuple[OptionUse, ...]
    own_options: tuple[OptionUse, ...] = ()
    too_long: tuple[RecipeUse, ...] = ()


def reachable(uses: tuple[RecipeUse, ...], known: Mapping[str, str]) -> Recipes:
    """The recipes that calls lead to, directly or through other recipes, so that nothing else enters a cache key."""
    found: dict[str, str] = {}
    waiting = [use.name.lower() for use in uses]
    while waiting:
        name = waiting.pop()
        if name in known and name not in found:
            found[name] = known[name]
            waiting += (use.name.lower() for use in scan(known[name]).recipes)
    return tuple(RecipeText(name, text) for name, text in sorted(found.items()))


def has_cycle(name: str, recipes: Recipes) -> bool:
    """Whether the recipe of that name leads back to itself."""
    texts = {recipe.name: recipe.text for recipe in recipes}
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        here = waiting.pop()
        for called in _calls(texts.get(here, "")):
            if called == name:
                return True
            if called not in seen:
                seen.add(called)
                waiting.append(called)
    return False


@lru_cache(maxsize=256)
def endless(recipes: Recipes) -> frozenset[str]:
    """The recipes that use themselves or lead to one that does: their text would never end."""
    called_by: dict[str, list[str]] = {}
    open_calls: dict[str, int] = {}
    texts = {recipe.name: recipe.text for recipe in recipes}
    for name, text in texts.items():
        calls = {called for called in _calls(text) if called in texts}
        open_calls[name] = len(calls)
        for called in calls:
            called_by.setdefault(called, []).append(name)
    waiting = [name for name, count in open_calls.items() if not count]
    while waiting:
        for caller in called_by.get(waiting.pop(), ()):
            open_calls[caller] -= 1
            if not open_calls[caller]:
                waiting.append(caller)
    return frozenset(name for name, count in open_calls.items() if count)


def _calls(text: str) -> Iterator[str]:
    return (use.name.lower() for use in scan(text).recipes) if "#" in text else iter(())


def expanded(statement: Statement, recipes: Recipes) -> Expanded:
    """The statement with its recipes put in; text of a recipe points at the `#name` that called it."""
    if not statement.recipes:
        return Expanded(statement.positive, statement.negative, ())
    row = dialect_row(statement.prompt.dialect)
    without = endless(recipes)
    texts = {recipe.name: recipe.text for recipe in recipes if recipe.name not in without}
    written: dict[str, Expanded] = {}
    for name in _inner_first(texts):
        written[name] = _expanded(scan_for(texts[name], row), written)
    return _expanded(statement, written)


def _inner_first(texts: Mapping[str, str]) -> Iterator[str]:
    """The names of recipes without circles, each after those it calls."""
    done: set[str] = set()
    waiting = list(texts)
    while waiting:
        name = waiting[-1]
        ahead = [called for called in _calls(texts[name]) if called in texts and called not in done]
        if ahead and name not in done:
            waiting += ahead
            continue
        waiting.pop()
        if name not in done:
            done.add(name)
            yield name


@dataclasses.dataclass(eq=False)
class _Growing:
    """A passage that recipes are put into. Texts wait for the whole to be put together, once for all calls."""

    passage: Passage
    length: int
    waiting: list[tuple[int, int, Passage]] = dataclasses.field(default_factory=list[tuple[int, int, Passage]])
    is_as_read: bool = True  # and no text of a slot yet, which brings its origins out of order

    def place(self, use: RecipeUse) -> int | None:
        """Where the call stands in the passage, or None."""
        if self.is_as_read:
            return _place_of(self.passage, use)
        return _searched(self.whole(), use)

    def put(self, at: int, use: RecipeUse, body: str) -> None:
        """Replace a call by the recipe's text; with a `$prompt` slot the text goes around the rest."""
        end = at + len(use.name) + 1
        if SLOT not in body:
            self._replace(at, end, _called(use, body))
            return
        self._replace(at, end, Passage(""))
        head, _, tail = body.partition(SLOT)
        rest = _stripped(self.whole())
        self.passage = _joined(_called(use, head), rest, _called(use, tail.replace(SLOT, rest.text)))
        self.length, self.is_as_read = len(self.passage.text), False

    def append(self, use: RecipeUse, body: str) -> None:
        """Add a recipe's text at the end."""
        end = len(self.passage.text)
        self._replace(end, end, _called(use, f", {body}" if self.length else body))

    def length_with(self, body: str) -> int:
        """How long it gets with a recipe's text put in; every slot but the first repeats the rest of it."""
        return self.length * max(1, body.count(SLOT)) + len(body)

    def whole(self) -> Passage:
        """The passage with everything put in."""
        if self.waiting:
            self.waiting.sort(key=itemgetter(0))
            ends = (0, *(end for _, end, _ in self.waiting))
            parts = [
                part
                for last, (start, _, text) in zip(ends, self.waiting, strict=False)
                for part in (_part(self.passage, last, start), text)
            ]
            self.passage = _joined(*parts, _part(self.passage, ends[-1], len(self.passage.text)))
            self.waiting = []
            self.is_as_read = False
        return self.passage

    def _replace(self, start: int, end: int, text: Passage) -> None:
        self.waiting.append((start, end, text))
        self.length += len(text.text) - (end - start)


def _expanded(read: Scan | Statement, written: Mapping[str, Expanded]) -> Expanded:
    """A statement with recipes put in that are written out themselves; what would grow too long is left out."""
    positive, negative = (_Growing(passage, len(passage.text)) for passage in (read.positive, read.negative))
    options: tuple[OptionUse, ...] = ()
    too_long: list[RecipeUse] = []
    for use in read.recipes:
        inner = written.get(use.name.lower())
        if inner is None:
            continue
        at, side = positive.place(use), positive
        if at is None:
            at, side = negative.place(use), negative
        length = side.length_with(inner.positive.text) + len(inner.negative.text)
        gained = len(options) + len(inner.options) + len(inner.own_options)
        if inner.too_long or length > LONGEST or gained > MOST_OPTIONS:
            too_long.append(use)
            continue
        options = (*options, *inner.options, *inner.own_options)
        if at is not None:
            side.put(at, use, inner.positive.text)
        if inner.negative.text:
            negative.append(use, inner.negative.text)
    return Expanded(positive.whole(), negative.whole(), options, read.options, tuple(too_long))


def _place_of(passage: Passage, use: RecipeUse) -> int | None:
    """Where the call stands in a passage as it was read, whose origins go up."""
    place = bisect_right(passage.origins, use.span.start) - 1
    at = passage.starts[place] + use.span.start - passage.origins[place]
    is_there = place >= 0 and passage.text.startswith(f"#{use.name}", at) and passage.at(at) == use.span.start
    return at if is_there else None


def _searched(passage: Passage, use: RecipeUse) -> int | None:
    """Where the call stands in a passage that recipes were put into, or None."""
    written = f"#{use.name}"
    at = passage.text.find(written)
    while at >= 0:
        if passage.at(at) == use.span.start:
            return at
        at = passage.text.find(written, at + 1)
    return None


def _called(use: RecipeUse, text: str) -> Passage:
    """Text of a recipe: every character points at the start of the call."""
    return Passage(text, tuple(range(len(text))) or (0,), (use.span.start,) * max(1, len(text)))


def _part(passage: Passage, start: int, end: int) -> Passage:
    first, last = bisect_right(passage.starts, start), bisect_left(passage.starts, end)
    starts = (0, *(at - start for at in passage.starts[first:last]))
    return Passage(passage.text[start:end], starts, (passage.at(start), *passage.origins[first:last]))


def _stripped(passage: Passage) -> Passage:
    body = passage.text.strip()
    if not body:
        return Passage("", (0,), (passage.origins[0],))
    start = passage.text.index(body[0])
    return _part(passage, start, start + len(body))


def _joined(*passages: Passage) -> Passage:
    kept = [passage for passage in passages if passage.text] or [passages[0]]
    starts: list[int] = []
    origins: list[int] = []
    length = 0
    for passage in kept:
        starts += (length + at for at in passage.starts)
        origins += passage.origins
        length += len(passage.text)
    return Passage("".join(passage.text for passage in kept), tuple(starts), tuple(origins))
