"""Every lint, in the order of reading a statement. A lint is a module with `check`, and `RULES` for what it fires.

`ABOUT` of such a module are options, kinds of nodes and what `about.py` names: a statement with none of them gives it
nothing to say.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from promptlang.diagnostics import Diagnostic
from promptlang.lints import about
from promptlang.lints.clipskip import detail_lost, in_prose, needs_new_parser, suggested, with_networks
from promptlang.lints.clipskip import family as clipskip_family
from promptlang.lints.copied import html_escapes, marked_lines, several_prompts, two_sides
from promptlang.lints.models import (
    beyond_family,
    calls_as_text,
    concept_as_text,
    concepts,
    family_abilities,
    not_drawn,
    not_finite,
    steps_no_effect,
    variant_unknown,
)
from promptlang.lints.options import (
    alone,
    compare_unlocked,
    compared,
    incomplete,
    nofix,
    not_read,
    remix_image,
    schedules,
    sizes,
    steps_over_limit,
    sweeps,
    switch_out_of_reach,
)
from promptlang.lints.options import family as option_family
from promptlang.lints.prompts import (
    comments,
    other_dialect,
    other_program,
    swap_not_drawn,
    tags,
    too_long,
    variants_off,
    variants_read,
    weight_without_words,
    weights,
    weights_as_text,
)
from promptlang.meaning.remarks import without_remarks
from promptlang.meaning.view import View

_MODULES = (
    needs_new_parser,
    clipskip_family,
    with_networks,
    detail_lost,
    suggested,
    in_prose,
    compare_unlocked,
    compared,
    sweeps,
    calls_as_text,
    concept_as_text,
    concepts,
    steps_no_effect,
    family_abilities,
    beyond_family,
    variant_unknown,
    not_drawn,
    not_finite,
    weights,
    weight_without_words,
    weights_as_text,
    sizes,
    schedules,
    steps_over_limit,
    swap_not_drawn,
    switch_out_of_reach,
    option_family,
    alone,
    incomplete,
    nofix,
    not_read,
    remix_image,
    variants_off,
    variants_read,
    several_prompts,
    two_sides,
    marked_lines,
    html_escapes,
    comments,
    tags,
    too_long,
    other_dialect,
    other_program,
)

Lint = Callable[[View], Iterator[Diagnostic]]

LINTS: tuple[Lint, ...] = tuple(module.check for module in _MODULES)
_ABOUT: tuple[frozenset[str | type], ...] = tuple(getattr(module, "ABOUT", frozenset()) for module in _MODULES)
_OF_COMMENTS: tuple[Lint, ...] = (comments.check, two_sides.check)
RULES = tuple(rule for module in _MODULES for rule in module.RULES)


def lints(seen: View) -> Sequence[Lint]:
    """Those that may have something to say about a statement: of what a rule is about, most have nothing."""
    return _asked(about.given(seen.settings, seen.statement.command_name), seen.kinds)


def said(seen: View) -> Iterator[Diagnostic]:
    """What they say of it. Nobody draws a comment, so only those about comments look into them."""
    words = without_remarks(seen)
    for lint in lints(seen):
        yield from lint(seen if lint in _OF_COMMENTS else words)


@lru_cache(maxsize=256)
def _asked(given: frozenset[str], kinds: frozenset[type]) -> tuple[Lint, ...]:
    there = given | kinds
    return tuple(lint for lint, named in zip(LINTS, _ABOUT, strict=True) if not named or not named.isdisjoint(there))
