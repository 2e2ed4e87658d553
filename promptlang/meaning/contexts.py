"""What the project, `/set` and recipes mean for the statements of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from promptlang.diagnostics import OURS, Diagnostic, Label, Rule, Severity, finding
from promptlang.meaning.project import Project
from promptlang.meaning.settings import read_points
from promptlang.meaning.view import Context, Default, view
from promptlang.source import Span
from promptlang.statements.recipes import reachable
from promptlang.syntax.nodes import Document, Statement
from promptlang.tables.dialects import DEFAULT
from promptlang.tables.options import OPTIONS

REPEATED_RECIPE = Rule(
    name="recipe/repeated",
    severity=Severity.WARNING,
    summary="two recipes have the same name",
    why="The last one in the file counts.",
    example="/recipe #a /steps:20\n/recipe #a /steps:30\n/render a cow #a",
    source=OURS,
)
RULES = (REPEATED_RECIPE,)

EMPTY_PROJECT = Project()


def project_parser(project: Project) -> str:
    """The dialect of statements that name none."""
    named = next((each.value for each in project.options if each.name == "parser"), None)
    return named or DEFAULT


def contexts(document: Document, project: Project) -> Iterator[Context]:
    """The context of every statement, in order."""
    recipes = {
        statement.label.name.lower(): statement.text
        for statement in document.statements
        if statement.command_name == "recipe" and statement.label
    }
    names = frozenset(recipes)
    here = Context(project=project, edition=project.edition, parser=project_parser(project))
    for statement in document.statements:
        if statement.recipes:
            yield replace(here, recipes=reachable(statement.recipes, recipes), recipe_names=names)
        else:
            yield here
        if statement.command_name == "set":
            here = _after_set(here, statement)


def _after_set(here: Context, statement: Statement) -> Context:
    given = {each.name: each for each in here.defaults}
    edition_name = here.edition
    for use in statement.options:
        row = OPTIONS.get(use.name)
        if row is None:
            continue
        value = read_points(row.name, use.value).value
        if row.name == "edition" and isinstance(value, str):
            edition_name = value
        given[row.name] = Default(row.name, use.value)
    concepts = tuple((each.node.name, each.node.weight) for each in view(statement, here).called)
    return replace(
        here,
        edition=edition_name,
        defaults=tuple(given.values()),
        concepts=(*here.concepts, *concepts),
    )


def repeated_recipes(document: Document) -> Iterator[Diagnostic]:
    """Names that two recipes of the file share."""
    first: dict[str, Span] = {}
    for start, statement in document.placed():
        if statement.command_name != "recipe" or statement.label is None:
            continue
        name, span = statement.label.name, statement.label.span.moved(start)
        if (earlier := first.get(name.lower())) is not None:
            message = f"the recipe `#{name}` is defined again, and this one counts"
            yield finding(REPEATED_RECIPE, message, span, related=(Label(earlier, "defined first here"),))
        first[name.lower()] = span
