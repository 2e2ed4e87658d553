"""Whole prompts in the forms of other programs: lines with flags, commands, code, records and tables.

Each form is told by a sign that costs next to nothing, and only then read by its importer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from promptlang.checks.pasted.fixing import comments_of, each_in_place, in_place
from promptlang.checks.pasted.rule import RULE
from promptlang.diagnostics import Diagnostic, Fix, Severity, finding
from promptlang.lints.places import beginning
from promptlang.sentences import counted
from promptlang.source import Passage, Span
from promptlang.syntax.nodes import Statement
from promptlang.tables.options.elsewhere import DRAWING
from promptlang.values import dataclass, replace

if TYPE_CHECKING:
    from promptlang.importers.imported import Imported

_YAML = re.compile(r"\s*(?:-[ \t]+)?prompts?:(?=\s)")
_BARS = re.compile(r"[|\t].*\n")  # in the first line of a table with more than one
_JSON = re.compile(r"\{\s*\"")
_BELOW = re.compile(r"[\r\n][ \t]*(?=\{\s*\"|(?:\$[ \t]+)?curl[ \t])")  # a line that others may follow
_STYLES = re.compile(r"\s*\"?name\"?,\"?prompt\"?(?:,|[ \t]*\r?\n)")
_CALLS = (
    "pipe(",
    "pipeline(",
    "prompt=",
    "pipe =",
    'prompt":',
    "prompt':",
    "to_image(",
)  # one of them is in every program that draws
_TRAINED = re.compile(r"[ \t]--[dlnh][ \t]")


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its sign, the finding on a statement for a model, and whether all of the statement is part of it."""

    sign: Callable[[Statement], object]
    read: Callable[[Statement, str], Diagnostic | None]
    is_all: bool = False


def _of_midjourney(statement: Statement, model: str) -> Diagnostic | None:
    """Lines for Midjourney, the first one with its command, which is none here, so that nothing is drawn; beside others
    of ours no statement is offered.
    """
    from promptlang.importers.programs.midjourney import begins, imported, is_for_bot, prompts

    begin, first = beginning(statement), statement.options[0]
    if first.name.lower() not in DRAWING or first.span.start != begin or not begins(statement.text[begin:]):
        return None
    lines = prompts(statement.text[begin:].rstrip())
    notes = [each for each in statement.comments if each.span.start > begin]
    is_alone = not (notes or statement.recipes or any(use.name.lower() not in DRAWING for use in statement.options))
    what = _these_are(len(lines), "line") if is_alone or len(lines) == 1 else "these are lines"
    found = finding(
        RULE,
        f"{what} for {'a bot' if all(map(is_for_bot, lines)) else 'Midjourney'}",
        first.span,
        "no command here",
        help="write `/render`, the prompt itself, and options such as `/seed:1`",
        fixes=each_in_place(statement, [imported(line) for line in lines], model) if is_alone else (),
    )
    return replace(found, severity=Severity.ERROR)


def _may_be_of_midjourney(statement: Statement) -> bool:
    """Whether there are words with flags behind them, and nothing of this language."""
    is_alone = not (statement.command or statement.options or statement.recipes)
    return is_alone and any(f" {sign}" in statement.positive.text for sign in ("--", "—", "–"))


def _of_midjourney_alone(statement: Statement, model: str) -> Diagnostic | None:
    """Lines for Midjourney without its command."""
    from promptlang.importers.programs.midjourney import flags_alone, imported, prompts

    text = statement.positive.text
    if not (flags := flags_alone(text)):
        return None
    lines = prompts(text)
    return finding(
        RULE,
        f"{_these_are(len(lines), 'line')} for Midjourney",
        statement.positive.span(*flags[0]),
        "plain words here",
        help="write the prompt itself, and options such as `/seed:1`",
        fixes=each_in_place(statement, [imported(line) for line in lines], model, comments_of(statement)),
    )


def _of_json(statement: Statement, model: str) -> Diagnostic | None:
    """A record or a graph of another program; beside options and comments, no statement is offered in its place."""
    from promptlang.importers.reading import of_text
    from promptlang.importers.retold import as_prompt

    reading = of_text(statement.positive.text, name="pasted.json")
    found = [*map(as_prompt, reading.found)]
    if not found or not reading.program:
        return None
    return finding(
        RULE,
        f"this is JSON of {reading.program}, and plain words here",
        statement.positive.span(0, 1),
        "drawn as words",
        help="write the prompt itself, and options such as `/steps:20`",
        fixes=_if_alone(statement, found, model),
    )


def below(statement: Statement, model: str) -> Diagnostic | None:
    """A record or a request below a prompt; a statement is offered where nothing else stands there."""
    text = statement.positive.text
    begun = _BELOW.search(text) if "{" in text or "curl" in text else None
    if begun is None or not text[: begun.start()].strip():
        return None
    from promptlang.importers.reading import of_command, of_text
    from promptlang.importers.retold import as_prompt

    written = text[begun.end() :]
    read = of_text(written, name="pasted.json").found if written.startswith("{") else of_command(written)
    if not (found := [*map(as_prompt, read)]):
        return None
    span = _word_at(statement.positive, begun.end())
    place = Span(span.start, len(statement.text.rstrip()))
    beside = (*statement.options, *statement.recipes, *statement.comments)
    is_below_another = _BELOW.match(f"\n{text.lstrip()}") is not None  # which would be found then
    is_alone = not (is_below_another or statement.negative.text) and all(
        each.span.end <= place.start for each in beside
    )
    return finding(
        RULE,
        "what another program is told, pasted below a prompt, is drawn as part of it",
        span,
        "drawn as words",
        help="write `/render` and the prompt itself, and options such as `/steps:20`",
        fixes=in_place(statement, found, model, place=place) if is_alone else (),
    )


def _of_script(statement: Statement, model: str) -> Diagnostic | None:
    """Lines for a script of webui; beside options, no statement is offered in their place."""
    from promptlang.importers.programs.flags import of_script

    found = [of_script(line) for line in statement.positive.text.splitlines() if line.strip()]
    if not found[0]:
        return None
    return finding(
        RULE,
        "this is a line for the script “Prompts from file” of stable-diffusion-webui, and plain words here",
        statement.positive.span(0, len("--prompt")),
        help="write the prompt itself, and options such as `/steps:20`",
        fixes=_if_alone(statement, found, model),
    )


def _of_shell(statement: Statement, model: str) -> Diagnostic | None:
    """A command of a program, as a shell takes it; beside options, no statement is offered in its place."""
    from promptlang.importers.programs.flags import begins

    text = statement.positive.text
    if not begins(text):
        return None
    from promptlang.importers.reading import of_command
    from promptlang.importers.retold import as_prompt

    if not (found := [*map(as_prompt, of_command(text))]):
        return None
    begin = len(text) - len(text.lstrip())
    return finding(
        RULE,
        "this is a command of another program, and plain words here",
        _word_at(statement.positive, begin),
        help="write the prompt itself, and options such as `/steps:20`",
        fixes=_if_alone(statement, found, model),
    )


def _of_trainer(statement: Statement, model: str) -> Diagnostic | None:
    """Lines for the samples of a trainer; beside options, no statement is offered in their place."""
    text = statement.positive.text
    if not _TRAINED.search(text):
        return None
    from promptlang.importers.programs.sd_scripts import imported

    lines = [line for line in text.splitlines() if line.strip()]
    told = any(map(imported, lines))  # by one line; in the others a flag is enough
    found = [imported(line, fewest=1) for line in lines]
    if None in found or not told:
        return None
    return finding(
        RULE,
        f"{_these_are(len(found), 'line')} for the trainers of sd-scripts, and plain words here",
        _first_line(statement.positive),
        help="write the prompt itself, and options such as `/steps:20`",
        fixes=_if_alone(statement, found, model, keeps_comments=True),
    )


def _of_python(statement: Statement, model: str) -> Diagnostic | None:
    """A program that draws; beside options, no statement is offered in its place."""
    from promptlang.importers.programs.python.code import imported
    from promptlang.importers.retold import as_prompt

    if not (found := [*map(as_prompt, imported(statement.positive.text))]):
        return None
    return finding(
        RULE,
        "this is Python code, and plain words here",
        _first_line(statement.positive),
        "drawn as words",
        help="write the prompt itself, and options such as `/steps:20`",
        fixes=_if_alone(statement, found, model, keeps_comments=True),
    )


def _of_yaml(statement: Statement, model: str) -> Diagnostic | None:
    """Prompts in YAML."""
    from promptlang.importers.typed.yaml_text import imported

    return _of_records(statement, imported(statement.positive.text), "YAML, a format of other programs", model)


def _of_table(statement: Statement, model: str) -> Diagnostic | None:
    """Prompts in a table."""
    text = statement.positive.text
    if not _BARS.search(text):
        return None
    from promptlang.importers.typed.table_text import begins, imported

    return _of_records(statement, imported(text), "a table", model) if begins(text) else None


def _of_styles(statement: Statement, _model: str) -> Diagnostic:
    """Styles of webui, which become recipes and no prompts."""
    return finding(
        RULE,
        "this is a table of styles, as stable-diffusion-webui keeps them",
        _first_line(statement.positive),
        "drawn as words",
        help="save it as `styles.csv`; `promptlang import styles.csv` makes recipes of it",
    )


def _of_records(statement: Statement, found: tuple[Imported, ...], form: str, model: str) -> Diagnostic | None:
    """Prompts with names before what they say; beside options and comments, no statement is offered in their place."""
    if not found:
        return None
    return finding(
        RULE,
        f"{_these_are(len(found), 'prompt')} in {form}",
        _first_line(statement.positive),
        "drawn as words",
        help="write `/render` before each prompt, and its settings as options, such as `/steps:20`",
        fixes=_if_alone(statement, found, model),
    )


def _these_are(number: int, word: str) -> str:
    return f"this is a {word}" if number == 1 else f"these are {counted(number, word)}"


def _if_alone(
    statement: Statement, found: Sequence[Imported | None], model: str, *, keeps_comments: bool = False
) -> tuple[Fix, ...]:
    """Statements in place of what was pasted, unless options, recipes or comments that would be lost stand beside."""
    if statement.options or statement.recipes or (statement.comments and not keeps_comments):
        return ()
    return each_in_place(statement, found, model, comments_of(statement))


def _word_at(passage: Passage, begin: int) -> Span:
    return passage.span(begin, begin + len(passage.text[begin:].split(maxsplit=1)[0]))


def _first_line(passage: Passage) -> Span:
    """The first line with words in it, without the blanks around it."""
    begin = len(passage.text) - len(passage.text.lstrip())
    return passage.span(begin, begin + len(passage.text[begin:].splitlines()[0].rstrip()))


FORMS = (
    Form(lambda seen: seen.positive.text.startswith("--prompt"), _of_script),
    Form(lambda seen: " -" in seen.positive.text, _of_shell),
    Form(lambda seen: " --" in seen.positive.text, _of_trainer),
    Form(lambda seen: _YAML.match(seen.positive.text), _of_yaml),
    Form(lambda seen: "\n" in seen.positive.text, _of_table),
    Form(lambda seen: any(map(seen.positive.text.__contains__, _CALLS)), _of_python),
    Form(lambda seen: _STYLES.match(seen.positive.text), _of_styles),
    Form(lambda seen: seen.command is None and seen.options, _of_midjourney, is_all=True),
    Form(_may_be_of_midjourney, _of_midjourney_alone, is_all=True),
    Form(lambda seen: _JSON.match(seen.positive.text), _of_json),
)
"""All of them, in the order in which they are asked."""
