"""Names that a file gives and uses: recipes, concepts and wildcards, with every place they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from promptlang.source import Span
from promptlang.syntax.nodes import Concept
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


def names_in(page: Page, index: int) -> Iterator[NameUse]:
    """The names in one statement, in order of place within each kind."""
    start = page.snapshot.starts[index]
    statement = page.statement(index)
    if statement.label:
        yield NameUse("recipe", statement.label.name, _after_mark(statement.label.span, start), defines=True)
    for use in statement.recipes:
        yield NameUse("recipe", use.name, _after_mark(use.span, start))
    for node in statement.nodes():
        if isinstance(node, Concept):
            yield from (NameUse("concept", name, span.moved(start)) for name, span in node.calls)
    if page.project.wildcards and "__" in statement.text:
        yield from _wildcards(page, index)


def _wildcards(page: Page, index: int) -> Iterator[NameUse]:
    from promptlang_lsp.texts.wildcards import wildcard_called

    for chunk in variants(page, index):
        written = written_name(chunk) if isinstance(chunk, WildcardUse) else ""
        if isinstance(chunk, WildcardUse) and (name := wildcard_called(page.project.wildcards, written)):
            yield NameUse("wildcard", name, chunk.path[0].span.moved(page.snapshot.starts[index]))


def _after_mark(span: Span, start: int) -> Span:
    return Span(span.start + 1, span.end).moved(start)


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
