"""Names that a file gives and uses: recipes, concepts and wildcards, with every place they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from promptlang.source import Span
from promptlang.statements.recipes import SharedRecipe
from promptlang.syntax.nodes import Concept, Statement
from promptlang.variants.nodes import WildcardUse
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.variants import variants, written_name

NameKind = Literal["recipe", "concept", "wildcard"]


_MARKS: dict[NameKind, tuple[int, int]] = {"recipe": (1, 0), "concept": (0, 0), "wildcard": (2, 2)}  # letters around


@dataclass(frozen=True, slots=True)
class NameUse:
    """A name at a place of a file: `span` is the name alone, counted from the start of the file.

    A wildcard has the whole name of what is called, also where only its end is written.
    """

    kind: NameKind
    name: str
    span: Span
    defines: bool = False


def recipes(page: Page) -> dict[str, int]:
    """The recipes that count in a file, each by its lower-case name with the number of its piece."""
    declarations = page.snapshot.declarations
    return {name: declarations[number] for name, number in page.surroundings.recipes.numbers.items()}


def shared(page: Page, name: str) -> SharedRecipe | None:
    """The recipe of another file that a lower-case name means here."""
    return None if not page.project.recipes or name in recipes(page) else page.project.shared.by_name.get(name)


def home(page: Page, name: str) -> Path | None:
    """The file whose recipe a lower-case name means here."""
    if name in recipes(page):
        return page.path
    found = shared(page, name)
    return found.path if found else None


def is_shared(page: Page, name: str) -> bool:
    """Whether other files may mean the same recipe by a lower-case name."""
    whole, file = page.project.whole or page.project, home(page, name)
    return file is not None and any(each.path == file for each in whole.recipes)


def meaning_it(pages: Iterable[Page], page: Page, name: str) -> list[Page]:
    """The pages that mean the same recipe as this one by a lower-case name, itself first."""
    whole, file = page.project.whole or page.project, home(page, name)
    others = (other for other in pages if other.snapshot.uri != page.snapshot.uri and other.snapshot.is_read)
    same = (other for other in others if (other.project.whole or other.project) is whole)
    return [page, *(other for other in same if file is not None and home(other, name) == file)]


def names_in(page: Page, index: int) -> Iterator[NameUse]:
    """The names in one statement, in order of place within each kind."""
    start, statement = page.snapshot.starts[index], page.statement(index)
    for use in page.snapshot.pieces[index].remembered("names", statement, lambda: tuple(_written(statement))):
        yield NameUse(use.kind, use.name, use.span.moved(start), use.defines)
    if page.project.wildcards and "__" in statement.text:
        yield from _wildcards(page, index)


def _written(statement: Statement) -> Iterator[NameUse]:
    """Recipes and concepts, with spans that count from the start of the statement."""
    if statement.label:
        yield NameUse("recipe", statement.label.name, _after_mark(statement.label.span), defines=True)
    for use in statement.recipes:
        yield NameUse("recipe", use.name, _after_mark(use.span))
    for node in statement.nodes():
        if isinstance(node, Concept):
            yield from (NameUse("concept", name, span) for name, span in node.calls)


def _wildcards(page: Page, index: int) -> Iterator[NameUse]:
    from promptlang_lsp.texts.wildcards import wildcard_called

    for chunk in variants(page, index):
        written = written_name(chunk) if isinstance(chunk, WildcardUse) else ""
        if isinstance(chunk, WildcardUse) and (name := wildcard_called(page.project.wildcards, written)):
            yield NameUse("wildcard", name, chunk.path[0].span.moved(page.snapshot.starts[index]))


def _after_mark(span: Span) -> Span:
    return Span(span.start + 1, span.end)


def name_at(page: Page, offset: int) -> NameUse | None:
    """The name that the cursor stands in or next to, in a prompt or in the project file."""
    if page.snapshot.is_project_file:
        return _project_name_at(page, offset)
    index = page.snapshot.index_at(offset)
    for use in names_in(page, index):
        before, behind = _MARKS[use.kind]
        if use.span.start - before <= offset <= use.span.end + behind:
            return use
    return None


def project_names(text: str) -> Iterator[tuple[str, Span]]:
    """The concepts that a project file names, and where."""
    from promptlang.config.keys import key
    from promptlang.config.places import places_if_read

    for path, place in places_if_read(text).items():
        row = key(tuple(map(str, path)))
        if row and row.shape in ("concept", "concept table"):
            name = str(path[-1])
            yield name, _within(text, place.key, name)


def _within(text: str, key: Span, name: str) -> Span:
    """Where the name stands in a key such as `concepts.names."big cow"`; all of it where it is escaped."""
    start = text.rfind(name, key.start, key.end)
    return Span(start, start + len(name)) if start >= 0 else key


def _project_name_at(page: Page, offset: int) -> NameUse | None:
    for name, span in project_names(page.snapshot.text):
        if span.start <= offset <= span.end:
            return NameUse("concept", name, span, defines=True)
    return None


def places(page: Page, wanted: NameUse) -> list[NameUse]:
    """Every place of a name in one file; names are compared without case."""
    name = wanted.name.lower()
    if page.snapshot.is_project_file:
        found = project_names(page.snapshot.text)
        return [NameUse("concept", each, span, defines=True) for each, span in found if each.lower() == name]
    return [
        use
        for index, piece in enumerate(page.snapshot.pieces)
        if name.rpartition("/")[2] in piece.text.lower()
        for use in names_in(page, index)
        if use.kind == wanted.kind and use.name.lower() == name
    ]
