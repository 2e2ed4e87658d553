"""What the variants of a prompt have to say, where they are switched on."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.diagnostics import Diagnostic, Rule, Severity, finding
from promptlang.meaning.settings import decided
from promptlang.meaning.spread import chosen_from, surveyed
from promptlang.meaning.view import View
from promptlang.source import Passage, Span
from promptlang.tables.options.table import VARIANTS
from promptlang.values import replace
from promptlang.variants.rules import CIRCLE, ENDLESS, LIGHT, MISSING, NOTHING, STRAY

UNREADABLE = Rule(
    name="variants/unreadable-wildcard",
    severity=Severity.WARNING,
    summary="a wildcard file cannot be read",
    why="The file is left out, and its names are missing.",
    example="/render /variants:all NEEDS a wildcard file that cannot be read",
    source="promptlang reads `.txt`, `.json` and `.yaml`",
)
RULES = (UNREADABLE,)
ABOUT = frozenset({VARIANTS.name})


def check(seen: View) -> Iterator[Diagnostic]:
    """Marks that begin nothing, wildcards and variables that do not exist, picks that leave no prompt."""
    if (way := decided(seen.settings, "variants")) is None:
        return
    from promptlang.variants.parsing import parse
    from promptlang.variants.wildcards import current

    wildcards = current(seen.context.project.wildcards)
    template = parse(chosen_from(seen.statement.positive, seen), wildcards)
    names = [each.node.name_span for each in seen.called]
    for each in template.diagnostics:
        # `my__lora__v2` is the name of a network; one that is a wildcard from end to end is meant as such
        is_named = each.rule in (MISSING, STRAY) and any(
            name.contains(each.label.span) and name != each.label.span for name in names
        )
        if is_named or (each.rule is LIGHT and way.value != "all"):
            continue
        if each.rule is MISSING and not each.fixes and wildcards.unreadable:
            path, _ = wildcards.unreadable[0]
            what = "name a smaller folder than" if path in wildcards.folders else "mend"
            each = replace(each, help=f"{what} `{path.name}`, in which it may stand, or add the file of the wildcard")
        yield each
    found = surveyed(seen)
    if found is None:
        from promptlang.variants.count import LONGEST

        message = f"the variants lead to one another too often, or make a text of more than {LONGEST:,} letters"
        help = "let fewer of them call the others, or shorten what they stand for"
        yield finding(ENDLESS, message, template.span, help=help)
    if (
        found
        and found.count.exact
        and not found.count.number
        and not any(each.rule is NOTHING for each in template.diagnostics)
    ):
        message = "the options come out the same where different ones have to be picked"
        yield finding(NOTHING, message, template.span, "no prompt is left", help="write different options")
    for name in sorted(found.circles if found else ()):
        message = f"the wildcard `{name}` leads back to itself"
        help = f"take `__{name}__` out of its own values, or out of the wildcards that they call"
        yield finding(CIRCLE, message, _called(seen.statement.positive, name), "text where it comes again", help=help)
    if "__" in seen.statement.positive.text:
        for path, why in wildcards.unreadable:
            is_folder = path in wildcards.folders
            said = "read in part" if is_folder else "left out"
            help = "name a smaller folder" if is_folder else "mend it, or take it out of the folder"
            yield finding(UNREADABLE, f"`{path.name}` is {said}: {why}", template.span, help=help)


def _called(passage: Passage, name: str) -> Span:
    """Where the prompt calls the wildcard; all of it where another one does."""
    written = f"__{name}__"
    at = passage.text.find(written)
    return passage.span(at, at + len(written)) if at >= 0 else passage.span(0, len(passage.text))
