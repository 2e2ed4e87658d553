"""Recipes: named pieces of options and text, put into the statements that call them."""

from __future__ import annotations

from collections.abc import Mapping

from promptlang.source import Passage
from promptlang.statements.scan import Scan, scan
from promptlang.syntax.nodes import OptionUse, RecipeUse, Statement
from promptlang.values import dataclass

SLOT = "$prompt"
_LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class RecipeText:
    """A recipe by its lower-case name, and the text of the statement that defines it."""

    name: str
    text: str


Recipes = tuple[RecipeText, ...]


@dataclass(frozen=True, slots=True)
class Expanded:
    """A statement's two passages with its recipes put in, and the options the recipes bring (weaker ones first)."""

    positive: Passage
    negative: Passage
    options: tuple[OptionUse, ...]


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
        for use in scan(texts[here]).recipes if here in texts else ():
            called = use.name.lower()
            if called == name:
                return True
            if called not in seen:
                seen.add(called)
                waiting.append(called)
    return False


def expanded(read: Scan | Statement, recipes: Recipes) -> Expanded:
    """The statement with its recipes put in; text of a recipe points at the `#name` that called it."""
    if not read.recipes:
        return Expanded(read.positive, read.negative, ())
    texts = {recipe.name: recipe.text for recipe in recipes if not has_cycle(recipe.name, recipes)}
    positive, negative, options = read.positive, read.negative, ()
    for use in read.recipes:
        recipe = texts.get(use.name.lower())
        if recipe is None:
            continue
        inner = expanded(scan(recipe), recipes)
        options = (*options, *inner.options, *scan(recipe).options)
        if _origin_of(positive, use) is not None:
            positive = _put(positive, use, inner.positive.text)
        else:
            negative = _put(negative, use, inner.positive.text)
        if inner.negative.text:
            negative = _appended(negative, use, inner.negative.text)
    return Expanded(positive, negative, options)


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
    if at is None or len(passage.text) + len(body) > _LONGEST:
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
