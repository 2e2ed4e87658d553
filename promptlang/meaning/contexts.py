"""What the project, `/set` and recipes mean for the statements of a file: THE law, and its form for a whole document.

`promptlang.meaning.surroundings` follows a text that is being edited with the functions that stand here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from promptlang.diagnostics import OURS, Diagnostic, Label, Rule, Severity, finding
from promptlang.meaning.project import Project, place
from promptlang.meaning.settings import read_points
from promptlang.source import Span
from promptlang.statements.inheritance import OfRecipe, Read, called_dialect, dialect_below, given_dialect
from promptlang.statements.parsing import parse
from promptlang.statements.recipes import Recipes, reachable
from promptlang.syntax.nodes import Concept, Document, Statement
from promptlang.tables.dialects import CALLED_KINDS, DEFAULT, NETWORK_PREFIXES
from promptlang.tables.options.table import DECIDING, OPTIONS
from promptlang.values import dataclass, replace

REPEATED_RECIPE = Rule(
    name="recipe/repeated",
    severity=Severity.WARNING,
    summary="two recipes have the same name",
    why="The last one in the file counts. One of a file is stronger there than those that the project shares; of two "
    "shared ones that of the last file counts elsewhere.",
    example="/recipe #a /steps:20\n/recipe #a /steps:30\n/render a cow #a",
    source=OURS,
)
RULES = (REPEATED_RECIPE,)


@dataclass(frozen=True, slots=True)
class Default:
    """An option that `/set` above gives."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything outside a statement that its meaning depends on.

    Contexts are made here alone, one object for equal values: so they are compared by identity, and key caches cheaply.
    """

    project: Project
    edition: str
    parser: str  # the dialect of a statement that names none
    defaults: tuple[Default, ...] = ()
    concept: str = ""  # called by `/set` above: the last checkpoint, or else the last name
    networks: tuple[Concept, ...] = ()  # called by `/set` above, on top of the model
    recipes: Recipes = ()
    recipe_names: frozenset[str] = frozenset()

    __eq__ = object.__eq__
    __hash__ = object.__hash__


@lru_cache(maxsize=64)
def project_parser(project: Project) -> str:
    """The dialect of statements that name none."""
    named = next((each.value for each in project.options if each.name == DECIDING["dialect"].name), None)
    return named or DEFAULT


def parsed(text: str, project: Project) -> Document:
    """The document of a text of the project."""
    shared = project.shared.dialects if project.recipes else None
    return parse(text, parser=project_parser(project), shared=shared)


@lru_cache(maxsize=4096)
def _holding(
    project: Project,
    edition: str,
    parser: str,
    defaults: tuple[Default, ...],
    concept: str,
    networks: tuple[Concept, ...] = (),
) -> Context:
    return Context(
        project=project, edition=edition, parser=parser, defaults=defaults, concept=concept, networks=networks
    )


@lru_cache(maxsize=4096)
def _calling(here: Context, parser: str, recipes: Recipes, names: frozenset[str]) -> Context:
    return replace(here, parser=parser, recipes=recipes, recipe_names=names)


def beginning(project: Project) -> Context:
    """What holds before the first statement."""
    return _holding(project, project.edition, project_parser(project), (), "")


def below(here: Context, statement: Statement) -> Context:
    """What holds below a statement."""
    if statement.command_name != "set":
        return here
    given = {each.name: each for each in here.defaults}
    edition = here.edition
    for use in statement.options:
        row = OPTIONS.get(use.name)
        if row is None:
            continue
        value = read_points(row.name, use.value).value
        if row.decides == "edition" and isinstance(value, str):
            edition = value
        given[row.name] = Default(row.name, use.value)
    parser = dialect_below(statement, here.parser)
    concept, networks = _concept_below(here, statement), _networks_below(here, statement)
    return _holding(here.project, edition, parser, tuple(given.values()), concept, networks)


def _concept_below(here: Context, statement: Statement) -> str:
    """The model for statements below that call none: a checkpoint is not replaced by what is known not to draw."""
    nodes = [node for node in statement.nodes() if isinstance(node, Concept)]
    names = [node.name for node in nodes if not node.kind and node.weight is None]
    checkpoints = [node.name for node in nodes if _is_checkpoint(here.project, node.name)]
    if not checkpoints and _is_checkpoint(here.project, here.concept):
        names = [name for name in names if here.project.known(name) is None]
    return (checkpoints or names or [here.concept])[-1]


def _networks_below(here: Context, statement: Statement) -> tuple[Concept, ...]:
    """The networks for statements below: those called last, and none where a model is named without any."""
    nodes = [node for node in statement.nodes() if isinstance(node, Concept)]
    calls = [node for node in nodes if node.loads and _is_network(here.project, node)]
    if not nodes or (not calls and not any(not node.kind and node.weight is None for node in nodes)):
        return here.networks
    return tuple(replace(node, span=Span(0, 0), name_span=Span(0, 0), number=None) for node in calls)


def _is_network(project: Project, node: Concept) -> bool:
    """Whether a call means a LoRA: by its file, else by what is written before or behind the name."""
    known = project.known(node.name, CALLED_KINDS.get(node.kind, ""))
    return known.kind == "lora" if known else node.kind in NETWORK_PREFIXES or node.weight is not None


def _is_checkpoint(project: Project, name: str) -> bool:
    """Whether the project knows a checkpoint of that name."""
    known = project.known(name) if name else None
    return known is not None and known.kind == "checkpoint"


def around(
    read: Read, here: Context, recipes: Mapping[str, str], names: frozenset[str], of_recipe: OfRecipe
) -> Context:
    """The context of a statement where `here` holds.

    `recipes` are the texts of the recipes that may be called and `names` their names, all in lower case.
    """
    if not read.recipes:
        return here
    return _calling(here, called_dialect(read, of_recipe) or here.parser, reachable(read.recipes, recipes), names)


def contexts(document: Document, project: Project) -> Iterator[Context]:
    """The context of every statement, in order."""
    recipes = {each.label.name.lower(): each.text for each in document.statements if each.label}
    dialects: dict[str, str] = {}
    if project.recipes:
        dialects |= {name: each for name, each in project.shared.dialects.items() if name not in recipes}
        recipes = {**project.shared.texts, **recipes}
    names = frozenset(recipes)
    here = beginning(project)
    for statement in document.statements:
        yield around(statement, here, recipes, names, dialects.get)
        here = below(here, statement)
        if given := given_dialect(statement):
            dialects[given[0]] = given[1]


def repeated_recipes(placed: Iterable[tuple[int, Read]], project: Project) -> Iterator[tuple[int, Diagnostic]]:
    """The recipes whose name another one above or a shared one has, each by its place in the row of statements.

    Spans count from the start of the statement, so that of the one above lies before it.
    """
    first: dict[str, Span] = {}
    for number, (start, read) in enumerate(placed):
        if read.label is None:
            continue
        name, span = read.label.name, read.label.span
        if (earlier := first.get(name.lower())) is not None:
            message = f"the recipe `#{name}` is defined again, and this one counts"
            related = (Label(earlier.moved(-start), "defined first here"),)
            yield number, finding(REPEATED_RECIPE, message, span, related=related)
        elif project.recipes and (shared := project.shared.by_name.get(name.lower())):
            message = f"`{place(shared.path, project.root)}` shares a recipe `#{name}` too, and this one counts here"
            yield number, finding(REPEATED_RECIPE, message, span, help="give one of them another name")
        first[name.lower()] = span.moved(start)
