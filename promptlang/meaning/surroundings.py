"""What the declarations of a text that is being edited mean for its statements.

The functions are those for a whole document (`promptlang.meaning.contexts`), asked again where a declaration changed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Protocol

from promptlang.diagnostics import Diagnostic
from promptlang.meaning.contexts import Context, around, beginning, below, repeated_recipes
from promptlang.meaning.project import Project
from promptlang.statements.inheritance import Read, dialect_of, given_dialect
from promptlang.statements.scan import Scan
from promptlang.syntax.nodes import Statement
from promptlang.values import dataclass, field


class Piece(Protocol):
    """The text of one statement, with what is read from it at hand; one object for as long as the text stays."""

    @property
    def text(self) -> str:
        """The text as it stands."""
        ...

    @property
    def scan(self) -> Scan:
        """What in the text is an option, a recipe, a comment or words."""
        ...

    def statement(self, parser: str) -> Statement:
        """The statement, its prompt read by that dialect."""
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class Recipes:
    """The recipes that a text may call by their lower-case names."""

    texts: Mapping[str, str]
    numbers: Mapping[str, int]  # of the declarations that these are the texts of, but for those that are shared
    names: frozenset[str]
    dialects: Mapping[str, tuple[tuple[int, str], ...]]  # number and dialect of the declarations that name one
    shared: Mapping[str, str]  # dialects that those of other files bring along

    def dialect(self, number: int, name: str) -> str | None:
        """The dialect that the last recipe of a name before that declaration names."""
        given = self.dialects.get(name, ())
        at = bisect_left(given, (number, ""))
        if at:
            return given[at - 1][1]
        return None if name in self.numbers else self.shared.get(name)


@dataclass(frozen=True, eq=False, kw_only=True)
class Surroundings:
    """What holds before, between and below the declarations of a text: `places[k]` below the first k of them."""

    project: Project
    declarations: tuple[Piece, ...]
    places: tuple[Context, ...]
    recipes: Recipes = field(repr=False)

    def context(self, piece: Piece, number: int) -> Context:
        """The context of a statement that stands below that many declarations."""
        if "#" not in piece.text:
            return self.places[number]  # whether or not anybody has read the text yet
        return _around(piece.scan, self.places[number], self.recipes, number)

    @cached_property
    def findings(self) -> Mapping[int, Diagnostic]:
        """What there is to say about declarations among themselves, by their numbers.

        Spans count from the start of the declaration, as if the declarations alone stood in the text.
        """
        return dict(repeated_recipes(_in_a_row(self.declarations), self.project))


def surroundings(declarations: Sequence[Piece], project: Project, before: Surroundings | None = None) -> Surroundings:
    """The surroundings that declarations make, `before` being those of an older version of the text.

    What stands above the first declaration that changed stays, and so does what stands below the last one from where
    the same holds as before.
    """
    if before is None or before.project is not project:
        start = beginning(project)
        before = Surroundings(project=project, declarations=(), places=(start,), recipes=_recipes((), project))
    new, old = tuple(declarations), before.declarations
    head, tail = _shared(old, new)
    if head == len(old) == len(new):
        return before
    changed = (*old[head : len(old) - tail], *new[head : len(new) - tail])
    recipes = before.recipes
    if any(each.scan.label for each in changed) or (recipes.texts and len(old) != len(new)):
        recipes = _recipes(new, project)
    places = list(before.places[: head + 1])
    for number in range(head, len(new)):
        was = number + len(old) - len(new)
        is_same = number >= len(new) - tail and places[-1] is before.places[was]
        if is_same and recipes is before.recipes:
            places += before.places[was + 1 :]
            break
        kept = before.places[was + 1] if is_same and not new[number].scan.recipes else None
        places.append(kept or _below(new[number], places[-1], recipes, number))
    return Surroundings(project=project, declarations=new, places=tuple(places), recipes=recipes)


def _below(piece: Piece, here: Context, recipes: Recipes, number: int) -> Context:
    read = piece.scan
    if read.command is None or read.command.name != "set":
        return here
    return below(here, piece.statement(dialect_of(read, _around(read, here, recipes, number).parser)))


def _around(read: Read, here: Context, recipes: Recipes, number: int) -> Context:
    return around(read, here, recipes.texts, recipes.names, partial(recipes.dialect, number))


def _recipes(declarations: Iterable[Piece], project: Project) -> Recipes:
    texts: dict[str, str] = dict(project.shared.texts) if project.recipes else {}
    numbers: dict[str, int] = {}
    dialects: dict[str, list[tuple[int, str]]] = {}
    for number, piece in enumerate(declarations):
        if label := piece.scan.label:
            name = label.name.lower()
            texts[name], numbers[name] = piece.text, number
            if given := given_dialect(piece.scan):
                dialects.setdefault(given[0], []).append((number, given[1]))
    shared = project.shared.dialects if project.recipes else dict[str, str]()
    named = {name: tuple(given) for name, given in dialects.items()}
    return Recipes(texts=texts, numbers=numbers, names=frozenset(texts), dialects=named, shared=shared)


def _shared(old: tuple[Piece, ...], new: tuple[Piece, ...]) -> tuple[int, int]:
    """How many declarations at the start and at the end are the same ones."""
    shortest = min(len(old), len(new))
    head = next((number for number in range(shortest) if old[number] is not new[number]), shortest)
    rest = range(1, shortest - head + 1)
    return head, next((number - 1 for number in rest if old[-number] is not new[-number]), shortest - head)


def _in_a_row(declarations: tuple[Piece, ...]) -> Iterator[tuple[int, Scan]]:
    at = 0
    for piece in declarations:
        yield at, piece.scan
        at += len(piece.text) + 1
