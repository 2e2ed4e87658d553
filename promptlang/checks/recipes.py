"""Recipes: names that are missing, unknown or taken, and recipes that use themselves."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import OURS, Diagnostic, Rule, Severity, finding, replacement
from promptlang.meaning.view import Context
from promptlang.statements.recipes import LONGEST, MOST_OPTIONS, endless, expanded, has_cycle
from promptlang.suggest import nearest
from promptlang.syntax.nodes import Statement

UNNAMED_RECIPE = Rule(
    name="recipe/unnamed",
    severity=Severity.ERROR,
    summary="a recipe has no name",
    why="`#name` in a prompt uses a recipe, so a recipe needs one.",
    example="/recipe /steps:30 $prompt",
    source=OURS,
)
UNKNOWN_RECIPE = Rule(
    name="recipe/unknown",
    severity=Severity.ERROR,
    summary="no recipe has this name",
    why="`#name` at the start of a word calls a recipe of this file.",
    example="/render a cow #quick",
    source="pages of the hosted service",
)
RECIPE_CYCLE = Rule(
    name="recipe/cycle",
    severity=Severity.ERROR,
    summary="a recipe uses itself",
    why="Its text would never end.",
    example="/recipe #a #a\n/render #a",
    source=OURS,
)
TOO_LONG = Rule(
    name="recipe/too-long",
    severity=Severity.ERROR,
    summary="a recipe grows too long when it is written out",
    why=f"Recipes that use others twice double with every step. A statement may grow to {LONGEST:,} characters and "
    f"{MOST_OPTIONS:,} options.",
    example="".join(f"/recipe #r{n} #r{n + 1} #r{n + 1}\n" for n in range(20)) + "/recipe #r20 cow\n/render #r0",
    source=OURS,
)
RULES = (UNNAMED_RECIPE, UNKNOWN_RECIPE, RECIPE_CYCLE, TOO_LONG)


def check(statement: Statement, context: Context) -> Iterator[Diagnostic]:
    """What is wrong with the recipes that a statement calls, and with the name of one that it makes."""
    if statement.command_name == "recipe" and statement.label is None and statement.command:
        help_text = "write `/recipe #name` and its text"
        yield finding(UNNAMED_RECIPE, "a recipe needs a name", statement.command.span, help=help_text)
    known = {recipe.name for recipe in context.recipes}
    if statement.command_name != "recipe" and statement.recipes:
        for use in expanded(statement, context.recipes).too_long:
            message = f"the recipe `#{use.name}` makes this statement longer than {LONGEST:,} characters"
            yield finding(TOO_LONG, message, use.span, "left out", help="call fewer recipes, or shorter ones")
    for use in statement.recipes:
        name = use.name.lower()
        if name in known:
            if statement.command_name != "recipe" and name in endless(context.recipes):
                does = "uses itself" if has_cycle(name, context.recipes) else "leads to one that uses itself"
                yield finding(RECIPE_CYCLE, f"the recipe `#{use.name}` {does}", use.span, "left out")
            continue
        guess = nearest(name, sorted(context.recipe_names))
        fixes = (replacement(f"Write `#{guess}`", use.span, f"#{guess}"),) if guess else ()
        help_text = (
            f"write `#{guess}`"
            if guess
            else f"define it with `/recipe #{use.name} …`, or write `\\#{use.name}` for the word"
        )
        yield finding(UNKNOWN_RECIPE, f"no recipe is called `#{use.name}`", use.span, help=help_text, fixes=fixes)
