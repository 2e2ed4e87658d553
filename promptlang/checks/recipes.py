"""Recipes: names that are missing, unknown or taken, and recipes that use themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from promptlang.checks.options.uses import WRONG_COMMAND
from promptlang.diagnostics import (
    MOST_MENDED,
    OURS,
    Diagnostic,
    Edit,
    Fix,
    Rule,
    Severity,
    finding,
    further,
    replacement,
)
from promptlang.meaning.contexts import Context
from promptlang.statements.cutting import LONGEST
from promptlang.statements.expanding import Expanded, expanded
from promptlang.statements.recipes import DEEPEST, MOST_OPTIONS, MOST_RECIPES, PLACE, SLOT, endless, has_cycle
from promptlang.suggest import distance, nearest
from promptlang.syntax.nodes import RecipeUse, Statement
from promptlang.tables.commands import command
from promptlang.tables.dialects import dialect_row
from promptlang.tables.options.table import OPTIONS

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
    why="`#name` at the start of a word calls a recipe of this file, or of one whose recipes the project shares.",
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
    f"{MOST_OPTIONS:,} options, and lead to {MOST_RECIPES} recipes, {DEEPEST} of which call one another.",
    example="".join(f"/recipe #r{n} #r{n + 1} #r{n + 1}\n" for n in range(20)) + "/recipe #r20 cow\n/render #r0",
    source=OURS,
)
NOT_FILLED = Rule(
    name="recipe/slot-not-filled",
    severity=Severity.WARNING,
    summary="what looks like the place for the caller's words is drawn as it stands",
    why="`$prompt` among the words of a recipe is where the words go that call it. It has no other name, is filled "
    "before `/negative` alone, and a statement that is no recipe has none.",
    example="/recipe #ink an ink drawing of {prompt}\n/render #ink a cow",
    source=OURS,
)
_MOST_NAMES = 200  # among which the nearest one is looked for
RULES = (UNNAMED_RECIPE, UNKNOWN_RECIPE, RECIPE_CYCLE, TOO_LONG, NOT_FILLED)

_SLOT = r"(?i:\$\{?([A-Za-z]+)\}?|\{(prompt)\})"  # compiled where a text has such a sign
_SLIPS = 2  # in the name of a place


def check(statement: Statement, context: Context) -> Iterator[Diagnostic]:
    """What is wrong with the recipes that a statement calls, and with the name of one that it makes."""
    if statement.command_name == "recipe" and statement.label is None and statement.command:
        help_text = "write `/recipe #name` and its text"
        yield finding(UNNAMED_RECIPE, "a recipe needs a name", statement.command.span, help=help_text)
    if "$" in statement.text or PLACE in statement.text:
        yield from _slots(statement)
    if not statement.recipes:
        return
    own = {statement.label.name.lower()} if statement.label else set[str]()
    if statement.command_name != "recipe":
        yield from _written_out(statement, expanded(statement, context.recipes))
    unknown: list[RecipeUse] = []
    for use in statement.recipes:
        name = use.name.lower()
        if name in context.recipe_names:
            if statement.command_name != "recipe" and name in endless(context.recipes):
                does = "uses itself" if has_cycle(name, context.recipes) else "leads to one that uses itself"
                yield finding(RECIPE_CYCLE, f"the recipe `#{use.name}` {does}", use.span, "left out")
            continue
        are_few = len(context.recipe_names) <= _MOST_NAMES
        guess = nearest(name, sorted(context.recipe_names - own)) if are_few else None
        if guess is None:
            unknown.append(use)
            continue
        fix = replacement(f"Write `#{guess}`", use.span, f"#{guess}", safe=False)
        yield finding(
            UNKNOWN_RECIPE, f"no recipe is called `#{use.name}`", use.span, help=f"write `#{guess}`", fixes=(fix,)
        )
    if unknown:
        yield _unknown(statement, unknown, are_tags=not context.recipe_names)


def _slots(statement: Statement) -> Iterator[Diagnostic]:
    """Places for the caller's words that nothing fills: misspelt, behind `/negative`, or in no recipe."""
    is_recipe = statement.command_name == "recipe"
    for passage in (statement.positive, statement.negative):
        for found in re.finditer(_SLOT, passage.text):
            written, span = found[0], passage.span(*found.span())
            is_slot = written.startswith(SLOT)
            name = (found[1] or found[2]).lower()
            if not is_slot and (not is_recipe or distance(name, SLOT[1:]) > _SLIPS):
                continue
            if not is_recipe:
                help = f"write `/recipe #name` with `{SLOT}` in its text, and call it by `#name`"
                yield finding(NOT_FILLED, f"`{written}` is drawn as it stands: only a recipe has it", span, help=help)
            elif passage is statement.negative:
                message = f"`{written}` is drawn as it stands: nothing fills it behind `/negative`"
                yield finding(NOT_FILLED, message, span, help="take it out")
            elif not is_slot:
                fix = replacement(f"Write `{SLOT}`", span, SLOT, safe=False)
                message = f"`{written}` is drawn as it stands: the words of the caller go to `{SLOT}`"
                yield finding(NOT_FILLED, message, span, help=f"write `{SLOT}`", fixes=(fix,))


def _unknown(statement: Statement, uses: Sequence[RecipeUse], *, are_tags: bool) -> Diagnostic:
    """Names like no recipe's, as hash tags are, said once; where there are no recipes at all they may become words."""
    first, *others = uses
    has_comments = dialect_row(statement.prompt.dialect).comments
    comment = f"`# {first.name}` for a comment, " if has_comments else ""
    title = f"Write `\\#{first.name}`" if not others else f"Write a backslash before each of the {len(uses)} tags"
    edits = tuple(Edit(use.span, f"\\#{use.name}") for use in uses[:MOST_MENDED])
    message = (
        f"`#{first.name}` and {len(others)} more name no recipe" if others else f"no recipe is called `#{first.name}`"
    )
    return finding(
        UNKNOWN_RECIPE,
        message,
        first.span,
        related=further((use.span for use in others), "nor this"),
        help=f"define it with `/recipe #{first.name} …`, or write {comment}`\\#{first.name}` for the word",
        fixes=(Fix(title, edits, safe=False),) if are_tags and not has_comments else (),
    )


def _written_out(statement: Statement, whole: Expanded) -> Iterator[Diagnostic]:
    """What is wrong with a statement and its recipes together."""
    for each in whole.left_out:
        message = f"the recipe `#{each.use.name}` {each.why}"
        yield finding(TOO_LONG, message, each.use.span, "left out", help="call fewer recipes, or shorter ones")
    row = command(statement.command_name)
    brought = {OPTIONS[use.name].name: OPTIONS[use.name] for use in whole.options if use.name in OPTIONS}
    for option in brought.values():
        if row and row.draws and not option.counts_under(row.name):
            message = f"`/{row.name}` does not take `/{option.name}`, which a recipe brings"
            yield finding(WRONG_COMMAND, message, statement.recipes[0].span, "left out")
