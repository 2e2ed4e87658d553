"""Recipes: named pieces of options and text, put into the statements that call them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from promptlang.source import Passage
from promptlang.statements.scan import Scan, scan
from promptlang.syntax.nodes import OptionUse, RecipeUse, Statement
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


def expanded(read: Scan | Statement, recipes: Recipes) -> Expanded:
    """The statement with its recipes put in; text of a recipe points at the `#name` that called it."""
    if not read.recipes:
        return Expanded(read.positive, read.negative, ())
    without = endless(recipes)
    texts = {recipe.name: recipe.text for recipe in recipes if recipe.name not in without}
    written: dict[str, Expanded] = {}
    for name in _inner_first(texts):
        written[name] = _expanded(scan(texts[name]), written)
    return _expanded(read, written)


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


def _expanded(read: Scan | Statement, written: Mapping[str, Expanded]) -> Expanded:
    """A statement with recipes put in that are written out themselves; what would grow too long is left out."""
    positive, negative = read.positive, read.negative
    options: tuple[OptionUse, ...] = ()
    too_long: list[RecipeUse] = []
    for use in read.recipes:
        inner = written.get(use.name.lower())
        if inner is None:
            continue
        is_positive = _origin_of(positive, use) is not None
        length = _length_with(positive if is_positive else negative, inner.positive.text) + len(inner.negative.text)
        gained = len(options) + len(inner.options) + len(inner.own_options)
        if inner.too_long or length > LONGEST or gained > MOST_OPTIONS:
            too_long.append(use)
            continue
        options = (*options, *inner.options, *inner.own_options)
        if is_positive:
            positive = _put(positive, use, inner.positive.text)
        else:
            negative = _put(negative, use, inner.positive.text)
        if inner.negative.text:
            negative = _appended(negative, use, inner.negative.text)
    return Expanded(positive, negative, options, read.options, tuple(too_long))


def _length_with(passage: Passage, body: str) -> int:
    """How long a passage gets with a recipe's text put in; every slot but the first repeats the rest of it."""
    return len(passage.text) * max(1, body.count(SLOT)) + len(body)


def _origin_of(passage: Passage, use: RecipeUse) -> int | None:
    """Where the call stands in a passage, or None."""
    written = f"#{use.name}"
    at = passage.text.find(written)
    while at >= 0:
        if passage.at(at) == use.span.start:
            return at
        at = passage.text.find(written, at + 1)
    return None


def _put(passage: Passage, use: RecipeUse, body: str) -> Passage:
    """The passage with a call replaced by the recipe's text; with a `$prompt` slot the text goes around the rest."""
    at = _origin_of(passage, use)
    if at is None:
        return passage
    end = at + len(use.name) + 1
    before, after = _part(passage, 0, at), _part(passage, end, len(passage.text))
    if SLOT not in body:
        return _joined(before, _called(use, body), after)
    head, _, tail = body.partition(SLOT)
    rest = _stripped(_joined(before, after))
    tail = tail.replace(SLOT, rest.text)
    return _joined(_called(use, head), rest, _called(use, tail))


def _appended(passage: Passage, use: RecipeUse, body: str) -> Passage:
    return _joined(passage, _called(use, f", {body}" if passage.text else body))


def _called(use: RecipeUse, text: str) -> Passage:
    """Text of a recipe: every character points at the start of the call."""
    return Passage(text, tuple(range(len(text))) or (0,), (use.span.start,) * max(1, len(text)))


def _part(passage: Passage, start: int, end: int) -> Passage:
    text = passage.text[start:end]
    marks = {0: passage.at(start)}
    for at, origin in zip(passage.starts, passage.origins, strict=True):
        if start < at < end:
            marks[at - start] = origin
    return Passage(text, tuple(marks), tuple(marks.values()))


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
