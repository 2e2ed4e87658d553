"""Recipes: named pieces of options and text, put into the statements that call them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from promptlang.source import Span
from promptlang.statements.cutting import declares, is_foreign, starts
from promptlang.statements.inheritance import given_dialect
from promptlang.statements.scan import scan
from promptlang.syntax.nodes import RecipeUse, Statement
from promptlang.values import dataclass, field

SLOT = "$prompt"
"""Where the words of a statement go among those of a recipe that it calls."""
PLACE = "{prompt}"
"""The same among the words of a style, as webui writes it."""
MOST_OPTIONS = 1_000  # of a statement
MOST_RECIPES = 200  # that a statement leads to
DEEPEST = 20  # recipes that call one another


@dataclass(frozen=True, slots=True)
class RecipeText:
    """A recipe by its lower-case name, and the text of the statement that defines it."""

    name: str
    text: str


Recipes = tuple[RecipeText, ...]


def reachable(uses: tuple[RecipeUse, ...], known: Mapping[str, str]) -> Recipes:
    """The recipes that calls lead to, directly or through other recipes, so that nothing else enters a cache key.

    Past the limits there is one more of them, or one deeper one, and no others.
    """
    found: dict[str, str] = {}
    names = [use.name.lower() for use in uses]
    for _ in range(DEEPEST + 1):
        called: list[str] = []
        for name in names:
            if name in known and name not in found and len(found) <= MOST_RECIPES:
                found[name] = known[name]
                called += (use.name.lower() for use in scan(known[name]).recipes)
        names = called
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


def untold(statement: Statement, expanded: str) -> tuple[str, ...]:
    """The calls, `#name`, whose words no plan of a statement holds: it has them `expanded` above, and never below."""
    calls = (f"#{each.name}" for each in statement.recipes)
    return tuple(call for call in calls if not expanded or call in statement.negative.text)


def _calls(text: str) -> Iterator[str]:
    return (use.name.lower() for use in scan(text).recipes) if "#" in text else iter(())


def inner_first(texts: Mapping[str, str]) -> Iterator[str]:
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


# --- those that a project shares --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SharedRecipe:
    """A recipe of another file: its name, its text, and where its name stands in the file."""

    name: str
    text: str
    path: Path
    span: Span

    @property
    def dialect(self) -> str | None:
        """The dialect that it brings to the statements that call it."""
        given = given_dialect(scan(self.text))
        return given[1] if given else None


@dataclass(frozen=True, slots=True)
class SharedRecipes:
    """Those that count, by lower-case name: of two of one name the last one."""

    by_name: Mapping[str, SharedRecipe] = field(default_factory=dict[str, SharedRecipe])
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    dialects: Mapping[str, str] = field(default_factory=dict[str, str])


NONE = SharedRecipes()


def recipes_in(text: str, path: Path) -> Iterator[SharedRecipe]:
    """The recipes that a file makes, in order of place; none of one that belongs to another program."""
    if is_foreign(text):
        return
    at = starts(text)
    for start, end in zip(at, (*at[1:], len(text)), strict=True):
        piece = text[start:end]
        if declares(piece) and (label := scan(piece).label):
            yield SharedRecipe(label.name, piece, path, label.span.moved(start))


def by_their_names(recipes: tuple[SharedRecipe, ...]) -> SharedRecipes:
    """The recipes of several files, as they are called."""
    if not recipes:
        return NONE
    by_name = {each.name.lower(): each for each in recipes}
    texts = {name: each.text for name, each in by_name.items()}
    dialects = {name: dialect for name, each in by_name.items() if (dialect := each.dialect)}
    return SharedRecipes(by_name, texts, dialects)
