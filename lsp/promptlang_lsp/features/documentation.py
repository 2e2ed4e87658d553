"""The documentation of options, values, commands and concepts as Markdown, from their rows alone."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.commands import command
from promptlang.families import family
from promptlang.kinds import Choice, describe
from promptlang.options import Option, option
from promptlang.project import KnownConcept
from promptlang_lsp.boundary import uri_of

LARGEST_PREVIEW = 4_000_000  # bytes
PREVIEWS = (".png", ".jpg", ".jpeg", ".webp", ".gif")
ORIGINS = {
    "statement": "this statement",
    "recipe": "a recipe in it",
    "set": "`/set` above",
    "project": "the project file",
    "concept": "the model's own recommendation",
    "family": "the family's default",
    "language": "the language's default",
}


def option_lines(row: Option) -> Iterator[str]:
    """What an option is, what it takes, what holds without it and who says so."""
    yield f"**`/{row.name}`** · {describe(row.kind)}"
    yield row.docs
    if row.remark:
        yield f"*{row.remark[:1].upper()}{row.remark[1:]}.*"
    facts: list[str] = []
    if row.default:
        facts.append(f"Default: {row.default}")
    if row.families:
        facts.append(f"Families: {', '.join(sorted(row.families))}")
    if row.sweeps:
        facts.append("Takes several values: `1..4`, `10..50..10`, `5|7.5|10`")
    facts.append(f"Source: {row.source}")
    yield "\n".join(f"- {fact}" for fact in facts)


def value_lines(row: Option, value: str) -> Iterator[str]:
    """What one value of a choice means, and its other names."""
    if isinstance(row.kind, Choice):
        for item in row.kind.items:
            if value.lower() in (item.name, *(alias.lower() for alias in item.aliases)):
                yield f"`{item.name}`: {item.docs}"
                if item.aliases:
                    yield f"Also written {', '.join(f'`{alias}`' for alias in item.aliases)}."


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
    variant = f", {known.variant}" if known.variant else ""
    yield f"**`<{known.name}>`** · {known.kind} · {row.title}{variant}"
    yield f"Known from: {known.evidence}."
    if known.triggers:
        yield f"Trigger words: {', '.join(f'`{word}`' for word in known.triggers[:20])}"
    if known.options:
        wanted = " ".join(f"`/{name}:{value}`" for name, value in known.options)
        yield f"Recommended: {wanted}"
    if known.tags:
        yield f"Tags: {', '.join(known.tags)}"
    preview = known.preview
    if preview and preview.suffix.lower() in PREVIEWS:
        try:
            if preview.is_file() and preview.stat().st_size <= LARGEST_PREVIEW:
                yield f"![preview]({uri_of(preview.resolve())})"
        except OSError:
            return


def lines_of(kind: str, name: str, value: str = "") -> Iterator[str]:
    """The documentation of an option, value or command by name."""
    if kind == "command":
        yield from command_lines(name)
    elif row := option(name):
        if kind == "value":
            yield from value_lines(row, value)
        yield from option_lines(row)
