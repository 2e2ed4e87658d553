"""The documentation of options, values, commands and concepts as Markdown, from their rows alone."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang import handbook
from promptlang.sentences import few
from promptlang.tables.commands import command
from promptlang.tables.models.abilities import only_in
from promptlang.tables.models.families import family
from promptlang.tables.models.known import PART_TITLES, KnownConcept
from promptlang.tables.options.kinds import Choice, Flag, Integer, Kind, Name, Number, Size, Words, describe, examples
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import option
from promptlang_lsp.features.hover.markdown import code, picture, plain

FEW = 6
ORIGINS = {
    "statement": "this statement",
    "recipe": "a recipe in it",
    "set": "`/set` above",
    "project": "the project file",
    "concept": "the model's own recommendation",
    "family": "the family's default",
    "language": "the language's default",
}


def option_lines(row: Option, here: str = "") -> Iterator[str]:
    """What an option is, what it takes, what holds `here` and without it, and who says so."""
    yield f"**`/{row.name}`** · {form(row.kind)}"
    yield row.docs
    if row.remark:
        yield f"*{row.remark[:1].upper()}{row.remark[1:]}.*"
    facts = [here] if here else []
    if row.default:
        facts.append(f"Without it: {row.default}")
    if acting := only_in(row.name):
        facts.append(f"Families: {', '.join(sorted(each.name for each in acting))}")
    if row.sweeps:
        facts.append(f"Several values: {_sweep(row.kind)}")
    facts.append(f"Source: {row.source}")
    if address := handbook.address(handbook.OPTIONS, row.name):
        facts.append(f"[More about `/{row.name}`]({address})")
    yield "\n".join(f"- {fact}" for fact in facts)


def form(kind: Kind) -> str:
    """What a value looks like; of many names only the first."""
    if isinstance(kind, Choice) and len(kind.items) > FEW:
        return few([f"`{item.name}`" for item in kind.items], FEW)
    return "a flag" if isinstance(kind, Flag) else describe(kind)


def _sweep(kind: Kind) -> str:
    """How several values are written: ranges are for numbers."""
    match kind:
        case Integer():
            return "`1..4`, `10..50..10`, `1|2|4`"
        case Number():
            return "`5..10`, `5..10..0.5`, `5|7.5|10`"
        case Size():
            return "`512x512|512x768`"
        case Words() | Name():
            return "`one|another`"
        case _:
            return f"`{'|'.join(examples(kind)[:2])}`"


def value_lines(row: Option, value: str) -> Iterator[str]:
    """What one value means, and its other names; nothing where the value says it all."""
    for name, words in value_words(row):
        if name == value.lower():
            yield f"**`/{row.name}:{name}`** · {words}"
    if isinstance(row.kind, Choice):
        for item in row.kind.items:
            if value.lower() in (item.name, *(alias.lower() for alias in item.aliases)):
                yield f"**`/{row.name}:{item.name}`** · {item.docs}"
                if item.aliases:
                    yield f"Also written {', '.join(f'`{alias}`' for alias in item.aliases)}."


def value_words(row: Option) -> Iterator[tuple[str, str]]:
    """Values that the tables say something about: the words of an option, and numbers with a rule of their own."""
    if isinstance(row.kind, Integer):
        for word in row.kind.words:
            others = "".join(f", {number} {name}" for name, number in word.sets)
            yield word.name, f"{word.number} {row.name}{others}"
    for band in row.bands:
        if band.low == band.high:
            yield f"{band.low:g}", band.message.format(value=f"{band.low:g}")


def rule_lines(name: str) -> Iterator[str]:
    """What a rule finds, why, and how grave that is; `group/*` is every rule of a group."""
    from promptlang.checks.rules import RULES

    rule = RULES.get(name)
    if rule is None:
        return
    yield f"**`{rule.name}`** · {rule.severity.name.lower()}"
    yield f"{rule.summary[:1].upper()}{rule.summary[1:]}."
    yield rule.why
    if address := handbook.address(handbook.RULES, rule.name):
        yield f"[More about this rule]({address})"


def command_lines(name: str) -> Iterator[str]:
    """What a command does."""
    row = command(name)
    if row:
        yield f"**`/{row.name}`**"
        yield row.docs
        if row.hosted:
            yield "*A command of the hosted service: it draws nothing here.*"


def concept_lines(known: KnownConcept) -> Iterator[str]:
    """What a concept is, how that is known, the words that call it, and its picture."""
    row = family(known.family)
    variant = f", {plain(known.variant)}" if known.variant else ""
    yield f"**{code(f'<{known.name}>')}** · {plain(known.kind)} · {row.title}{variant}"
    yield f"Known from: {plain(known.evidence)}."
    if known.parts:
        files = (f"{PART_TITLES[part]} {code(path.name)}" for part, path in known.parts)
        yield f"In parts: {', '.join(files)}"
    if known.triggers:
        yield f"Trigger words: {', '.join(map(code, known.triggers[:20]))}"
    if known.options:
        yield f"Recommended: {' '.join(code(f'/{name}:{value}') for name, value in known.options)}"
    if known.tags:
        yield f"Tags: {', '.join(map(plain, known.tags))}"
    if known.preview and (shown := picture("preview", known.preview)):
        yield shown


def key_lines(path: tuple[str, ...]) -> Iterator[str]:
    """The documentation of a key, by its whole path."""
    from promptlang.config.keys import key  # few ask about a project file

    row = key(path)
    if row is None:
        return
    if row.path == ("rules", "*"):
        yield from rule_lines(path[-1])
    elif row.path == ("options", "*") and (known := option(path[-1])):
        yield from option_lines(known)
    yield f"**`{row.dotted}`** · {row.shape}"
    yield row.docs
    facts = [f"Without it: {row.default}", f"Example: `{row.example}`"]
    if address := handbook.address(handbook.CONFIGURATION, "keys"):
        facts.append(f"[More about `{row.dotted}`]({address})")
    yield "\n".join(f"- {fact}" for fact in facts)


def lines_of(kind: str, name: str, value: str = "") -> Iterator[str]:
    """The documentation of an option, value or command by name."""
    if kind == "command":
        yield from command_lines(name)
    elif kind == "rule":
        yield from rule_lines(name)
    elif kind == "key":
        yield from key_lines(tuple(name.split(".")))
    elif row := option(name):
        lines = tuple(value_lines(row, value)) if kind == "value" else ()
        yield from lines or option_lines(row)
