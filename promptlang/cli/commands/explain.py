"""`promptlang explain`: what each part of a prompt will do."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from promptlang.cli.arguments import CLEAN, FOUND, Argument, Command, Given, UsageError
from promptlang.cli.inputs import CONFIG, SUFFIX, Input, file_or_words, projects
from promptlang.cli.terminal import COLOUR, has_colour, print_json, width
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.sentences import counted
from promptlang.source import Source, Span
from promptlang.tables.dialects import DIALECTS

if TYPE_CHECKING:
    from promptlang.lowering.explaining import Explanation
    from promptlang.meaning.project import Project
    from promptlang.tables.options.schema import Json
    from promptlang.tokens.chunks import Chunk

STEPS = 20

COMMAND = Command(
    name="explain",
    summary="Show what each part of a prompt will do.",
    arguments=(
        Argument(
            names=("text",),
            value="TEXT|FILE",
            help="A prompt, a .prompt file, FILE:LINE for the statement on a line, or - for standard input.",
            many=True,
            needed=True,
            known="prompt",
        ),
        Argument(names=("--line",), value="N", help="Only the statement on this line of the file."),
        Argument(
            names=("--parser",),
            value="NAME",
            choices=tuple(DIALECTS),
            help="Read the text as a bare prompt of this dialect.",
        ),
        Argument(
            names=("--steps",), value="N", help="Steps to lay the schedule of a bare prompt out for.", default="20"
        ),
        Argument(
            names=("--json",),
            help="Print plain data; of a bare prompt, what the dialect's owner answers to the text as it stands.",
        ),
        *CONFIG,
        COLOUR,
    ),
    details=(
        "Tree, weights, schedule, concepts, chunks, text-encoder layer, what the model's family makes of what is asked "
        "for, and every option with where it comes from.",
        "Tokens are those of CLIP; 75 of them fill one chunk, which the text encoder reads at once.",
    ),
    examples=(
        'promptlang explain --parser new "a (red:1.3) cow in a [blurry] field"',
        'promptlang explain --parser a1111 --steps 30 "a [cow:horse:0.5]"',
        "promptlang explain cow.prompt:4",
    ),
)


def run(arguments: Given) -> int:
    """Explain every statement of a text, or one bare prompt; 1 where a statement has an error."""
    steps = arguments.number("steps") or STEPS
    given, line = _text(arguments)
    explanations, source, findings = _explained(given, arguments, steps, line)
    if arguments.flag("json"):
        from promptlang.reports import data as reports

        data: Json = [record(each) for each in explanations]
        print_json({"explanations": data, "diagnostics": [reports.record(source, each) for each in findings]})
    else:
        from promptlang.reports.explanation import show

        colour = has_colour(arguments.text("color") or "auto", sys.stdout)
        show(explanations, source, findings, colour=colour, width=width(sys.stdout), stream=sys.stdout)
    return FOUND if any(each.severity is Severity.ERROR for each in findings) else CLEAN


def _text(arguments: Given) -> tuple[Input, int | None]:
    """The text named, and the line that is asked for: a file where one has that name, else the words themselves."""
    words, line = arguments.texts("text"), arguments.number("line")
    name, colon, number = words[0].rpartition(":")
    help = "name a .prompt file, or write the prompt in quotes"
    names_line = len(words) == 1 and colon and number.isdecimal() and not os.path.isfile(words[0])
    if names_line and (name.endswith(SUFFIX) or os.path.isfile(name)):
        return file_or_words((name,), piped=None, where=name, help=help), line or int(number[:10])
    return file_or_words(words, piped=None, where="text.prompt", help=help), line


def _explained(
    given: Input, arguments: Given, steps: int, line: int | None
) -> tuple[tuple[Explanation, ...], Source, tuple[Diagnostic, ...]]:
    """The explanations, the text that findings point into, and the findings."""
    from promptlang.checks.review import review
    from promptlang.lowering.explaining import explain, explain_drawn, explain_file

    source = given.file.source
    if given.file.problem:
        return (), source, (given.file.problem,)
    if parser := arguments.text("parser"):
        if line is not None:
            raise UsageError("`--parser` reads the whole text as one prompt, so no line can be chosen")
        exact = arguments.flag("json")
        bare = (
            explain(source.text, parser=parser, steps=steps)
            if exact
            else explain_drawn(source.text, parser, steps=steps)
        )
        return (bare,), source, bare.diagnostics
    project = projects(arguments).of(given.path)
    within = _statement_on(line, source, project) if line is not None else None
    found = explain_file(source.text, project=project, within=within)
    if within and not found:
        raise UsageError(f"what stands on line {line} of `{source.name}` draws nothing", "name a line of a `/render`")
    findings = review(source.text, project=project, path=given.path)
    return found, source, tuple(each for each in findings if not within or within.contains(each.label.span))


def _statement_on(line: int, source: Source, project: Project | None) -> Span:
    """Where the statement stands that a line belongs to; raises UsageError for a line that the text has not."""
    from promptlang.meaning.contexts import parsed
    from promptlang.meaning.project import EMPTY_PROJECT

    lines = len(source.line_starts)
    if line > lines:
        raise UsageError(f"`{source.name}` has {counted(lines, 'line')}, so there is no line {line}")
    begin = source.line_starts[line - 1]
    placed = parsed(source.text, project or EMPTY_PROJECT).placed()
    extents = [Span(start, start + len(statement.text)) for start, statement in placed]
    return next((each for each in reversed(extents) if each.start <= begin), Span(0, 0))


def record(each: Explanation) -> dict[str, Json]:
    """An explanation as plain data; the tree is left out, its meaning is in the other fields."""
    return {
        "command": each.command,
        "text": each.text,
        "parser": each.parser,
        "weights": [[text, weight] for text, weight in each.weights],
        "negative": [[text, weight] for text, weight in each.negative],
        "schedule": [[until, text] for until, text in each.schedule],
        "conjunction": [[text, weight] for text, weight in each.conjunction],
        "networks": [{"kind": call.kind, "name": call.name, "weight": call.weight} for call in each.networks],
        "chunks": _chunks(each.chunks),
        "token_count": each.token_count,
        "negative_chunks": _chunks(each.negative_chunks),
        "negative_token_count": each.negative_token_count,
        "model": each.model,
        "family": each.family,
        "evidence": each.evidence,
        "parts": [{"part": part, "path": str(path)} for part, path in each.parts],
        "layer": each.layer,
        "effects": [{"feature": row.feature.name, "acts": row.found.acts, "words": row.words} for row in each.effects],
        "options": [{"name": row.name, "value": row.value, "origin": row.origin} for row in each.options],
        "images": each.images,
        "combine": each.combine,
        "variants": list(each.variants),
        "plans": len(each.plans),
    }


def _chunks(chunks: list[Chunk]) -> Json:
    return [{"ids": list(chunk.ids), "multipliers": list(chunk.multipliers)} for chunk in chunks]
