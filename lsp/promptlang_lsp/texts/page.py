"""One text and what it is read against: all that an answer is a function of."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path

from promptlang.diagnostics import Diagnostic
from promptlang.meaning.project import Project
from promptlang.syntax.nodes import Document, Statement
from promptlang.tables.dialects import DEFAULT, fuller
from promptlang_lsp.protocol import boundary
from promptlang_lsp.protocol.client import Client
from promptlang_lsp.protocol.configuration import Configuration
from promptlang_lsp.texts.snapshot import Piece, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from promptlang.meaning.view import Context, View


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What the declarations of a file (`/set`, `/recipe`) mean for its statements.

    `contexts[k]` holds between the declarations k-1 and k; `findings` are about the declarations among themselves,
    with the number of the declaration that each belongs to.
    """

    contexts: tuple[Context, ...]
    parsers: tuple[str, ...]  # the dialect that statements between the declarations k-1 and k inherit
    recipe_parsers: Mapping[str, tuple[tuple[int, str], ...]]  # declaration and dialect of recipes that name one
    recipes: Mapping[str, str]
    names: frozenset[str]
    findings: tuple[tuple[int, Diagnostic], ...]


@dataclass(frozen=True, eq=False)
class Page:
    """A text, its project and the person's settings; statements are known by their number."""

    snapshot: Snapshot
    project: Project
    configuration: Configuration = field(default_factory=Configuration)
    client: Client = field(default_factory=Client)
    word_files: tuple[Path, ...] = ()
    project_text: str | None = None  # of the project file, where an editor shows it

    @property
    def path(self) -> Path | None:
        """Where the text lies on disk, None for `untitled:` and its kin."""
        return boundary.path_of(self.snapshot.uri)

    @cached_property
    def parser(self) -> str:
        """The dialect of statements that name none."""
        from promptlang.meaning.contexts import project_parser

        return project_parser(self.project)

    @cached_property
    def surroundings(self) -> Surroundings:
        """The meaning of the declarations; shared between versions that do not touch them."""
        pieces = self.snapshot.pieces
        return _surroundings(tuple([pieces[index] for index in self.snapshot.declarations]), self.parser, self.project)

    def parser_of(self, index: int) -> str:
        """The dialect of a statement: its own, that of a recipe it calls, or that of the last `/set` above."""
        piece = self.snapshot.pieces[index]
        if own := piece.own_parser:
            return own
        around = self.surroundings
        number = bisect_left(self.snapshot.declarations, index)
        if piece.declares:
            return _declared(piece, around.parsers[number])
        if "#" in piece.text and around.recipe_parsers:
            for use in piece.scan.recipes:
                above = [each for at, each in around.recipe_parsers.get(use.name.lower(), ()) if at < number]
                if above:
                    return above[-1]
        return around.parsers[number]

    def statement(self, index: int) -> Statement:
        """The parsed statement of that number."""
        return self.snapshot.pieces[index].statement(self.parser_of(index))

    def context(self, index: int) -> Context:
        """What stands around a statement; the same object as long as nothing there changes."""
        around = self.surroundings
        here = around.contexts[bisect_left(self.snapshot.declarations, index)]
        piece = self.snapshot.pieces[index]
        if "#" not in piece.text or not piece.scan.recipes:
            return here
        from promptlang.statements.recipes import reachable

        def with_recipes() -> Context:
            called = reachable(piece.scan.recipes, around.recipes)
            parser = self.parser_of(index)  # a recipe may bring one
            return _one(replace(here, recipes=called, recipe_names=around.names, parser=parser))

        return piece.remembered("context", around, with_recipes)

    def meaning(self, index: int) -> View:
        """The statement with its settings, concepts and weights, as checks and plan see it."""
        from promptlang.meaning.view import view

        context = self.context(index)
        statement = self.statement(index)
        return self.snapshot.pieces[index].remembered("meaning", context, lambda: view(statement, context))

    def findings(self, index: int) -> tuple[Diagnostic, ...]:
        """What there is to say about one statement, before comments silence any of it."""
        from promptlang.checks.checking import check_statement

        piece, context = self.snapshot.pieces[index], self.context(index)

        def checked() -> tuple[Diagnostic, ...]:
            return _judged(check_statement(self.statement(index), context), self.project)

        found = piece.remembered("findings", context, checked)
        if piece.declares and self.surroundings.findings:
            number = bisect_left(self.snapshot.declarations, index)
            found += tuple(each for owner, each in self.surroundings.findings if owner == number)
        return found


def _judged(found: tuple[Diagnostic, ...], project: Project) -> tuple[Diagnostic, ...]:
    """The diagnostics as the project wants them, in order of place."""
    from promptlang.checks.checking import with_severity

    kept = (with_severity(diagnostic, project) for diagnostic in found)
    return tuple(sorted((each for each in kept if each), key=lambda each: (each.label.span, each.severity)))


def _declared(piece: Piece, inherited: str) -> str:
    """The dialect of a `/set` or `/recipe` that names none."""
    command = piece.scan.command
    is_recipe = command is not None and command.name == "recipe"
    return fuller(inherited) if is_recipe else inherited


@lru_cache(maxsize=1024)
def _one(context: Context) -> Context:
    """The one object for all equal contexts, so that what was worked out against it is found again."""
    return context


@lru_cache(maxsize=8)
def _surroundings(declarations: tuple[Piece, ...], default: str, project: Project) -> Surroundings:
    from promptlang.meaning.contexts import contexts, repeated_recipes

    if not declarations:
        (bare,) = contexts(_document((_nothing(),)), project)
        return Surroundings((_one(bare),), (default,), {}, {}, frozenset(), ())
    inherited, named = _parsers(declarations, default)
    statements = tuple(
        piece.statement(piece.own_parser or _declared(piece, above))
        for piece, above in zip(declarations, inherited, strict=False)
    )
    # an empty statement before, between and after them receives what holds there
    between: list[Statement] = [_nothing()]
    for statement in statements:
        between += (statement, _nothing())
    recipes = {
        statement.label.name.lower(): statement.text
        for statement in statements
        if statement.command_name == "recipe" and statement.label
    }
    document = _document(statements)
    found = tuple(
        (number, diagnostic.moved(-document.starts[number]))
        for diagnostic in repeated_recipes(document)
        for number in [bisect_left(document.starts, diagnostic.label.span.start + 1) - 1]
    )
    return Surroundings(
        tuple(map(_one, tuple(contexts(_document(tuple(between)), project))[::2])),
        inherited,
        named,
        recipes,
        frozenset(recipes),
        tuple((number, each) for number, diagnostic in found for each in _judged((diagnostic,), project)),
    )


def _parsers(
    declarations: tuple[Piece, ...], default: str
) -> tuple[tuple[str, ...], Mapping[str, tuple[tuple[int, str], ...]]]:
    """The dialect that holds before, between and after declarations, and those of recipes."""
    inherited = [default]
    named: dict[str, tuple[tuple[int, str], ...]] = {}
    for number, piece in enumerate(declarations):
        own, label = piece.own_parser, piece.scan.label
        if own and label:
            name = label.name.lower()
            named[name] = (*named.get(name, ()), (number, own))
        inherited.append(own if own and not label and _is_set(piece) else inherited[-1])
    return tuple(inherited), named


def _is_set(piece: Piece) -> bool:
    return piece.scan.command is not None and piece.scan.command.name == "set"


def _nothing() -> Statement:
    from promptlang.statements.parsing import parse_statement

    return parse_statement("", DEFAULT)


def _document(statements: tuple[Statement, ...]) -> Document:
    starts: list[int] = []
    at = 0
    for statement in statements:
        starts.append(at)
        at += len(statement.text) + 1
    return Document("", statements, tuple(starts))
