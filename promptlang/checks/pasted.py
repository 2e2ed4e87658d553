"""The parameters of a picture, pasted with its prompt: settings and negative prompt would be drawn as words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from promptlang.diagnostics import Diagnostic, Edit, Fix, Rule, Severity, finding
from promptlang.lints.places import beginning
from promptlang.source import Passage, Span
from promptlang.statements.cutting import BLANKS, starts
from promptlang.statements.scan import is_section_mark, scan
from promptlang.syntax.nodes import Command, Comment, OptionUse, RecipeUse, Statement
from promptlang.tables.options.table import OPTIONS
from promptlang.values import dataclass, replace

if TYPE_CHECKING:
    from promptlang.importers.imported import Imported
    from promptlang.importers.typed.blocks import Block

RULE = Rule(
    name="text/pasted-parameters",
    severity=Severity.WARNING,
    summary="the parameters of a picture of another program are read as its prompt",
    why="stable-diffusion-webui, Civitai and others give a prompt, a line `Negative prompt: …` and a line "
    "`Steps: 20, Sampler: …` in one piece. As it stands all of it is the prompt: the negative prompt asks for what it "
    "should keep away, and the settings are words. So it is with lines for webui's script “Prompts from file”, for the "
    "trainers of sd-scripts, for Midjourney and for bots, with commands of a shell, with Python that draws, and with "
    "prompts in YAML or in the rows of a table. The fix names another model by `/set`, and by a second one behind the "
    "statement that which the statements below had; it keeps what this language has no word for as a comment.",
    example="a cow\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512",
    source="infotext of stable-diffusion-webui",
)
RULES = (RULE,)

_SIGNS = (
    *("gativ", "gatif", "EGATIV", "Neg:", "eg prompt", "eg Prompt", "ndesired", "UC:"),
    *("teps", "Seed", "ampler", "CFG", "uidance"),
)
_FOREIGN_SIGNS = (*_SIGNS, "提示", "プロンプト", "프롬프트", "промт", "промпт", "步", "ステップ", "스텝")
"""One of them is in every block."""
_YAML = re.compile(r"\s*(?:-[ \t]+)?prompts?:(?=\s)")
_BARS = re.compile(r"[|\t].*\n")  # in the first line of a table with more than one
_JSON = re.compile(r"\{\s*\"")
_STYLES = re.compile(r"\s*\"?name\"?,\"?prompt\"?(?:,|[ \t]*\r?\n)")
_CALLS = ("pipe(", "pipeline(", "prompt=", "pipe =")  # one of them is in every program that draws
_TRAINED = re.compile(r"[ \t]--[dlnh][ \t]")
_HOLE = "\0"  # stands where an option was, so that offsets stay
_HOLES = re.compile(r"(?<![ \t])[ \t]*\0[\0 \t]*")  # a run of blanks is looked through once


@dataclass(frozen=True, slots=True)
class Pasted:
    """The finding, and the options of the statement that are no part of what was pasted."""

    found: Diagnostic
    own: tuple[Span, ...]


def check(statement: Statement, model: str) -> Pasted | None:
    """What was pasted into a statement that `model` draws; nothing else is to be said about its words then."""
    if statement.positive.text.startswith("--prompt") and (line := _of_script(statement, model)):
        return Pasted(line, tuple(_own(statement)))
    if " -" in statement.positive.text and (command := _of_shell(statement, model)):
        return Pasted(command, tuple(_own(statement)))
    if " --" in statement.positive.text and (lines := _of_trainer(statement, model)):
        return Pasted(lines, tuple(_own(statement)))
    if _YAML.match(statement.positive.text) and (listed := _of_yaml(statement, model)):
        return Pasted(listed, tuple(_own(statement)))
    if "\n" in statement.positive.text and (rows := _of_table(statement, model)):
        return Pasted(rows, tuple(_own(statement)))
    if any(sign in statement.positive.text for sign in _CALLS) and (code := _of_python(statement, model)):
        return Pasted(code, tuple(_own(statement)))
    if _STYLES.match(statement.positive.text):
        return Pasted(_of_styles(statement), tuple(_own(statement)))
    if statement.command is None and statement.options and (chat := _of_midjourney(statement, model)):
        return Pasted(chat, ())
    if _may_be_of_midjourney(statement) and (line := _of_midjourney_alone(statement, model)):
        return Pasted(line, ())
    if _JSON.match(statement.positive.text) and (record := _of_json(statement, model)):
        return Pasted(record, tuple(_own(statement)))
    if not _has_sign(statement):
        return None
    from promptlang.importers.typed.blocks import blocks  # few statements have what it reads

    own = tuple(_own(statement))
    comments = tuple(each.span for each in statement.comments)
    command = (statement.command.span,) if statement.command else ()
    text = _without(statement.text, (*own, *comments, *command))
    marks = dict.fromkeys(use.span for use in statement.options if is_section_mark(use))
    mark = next(iter(marks), None)
    found = tuple(map(_filled, blocks(text[: mark.start] if mark else text)))
    if mark:
        found = _joined(found, tuple(_moved(_filled(each), mark.end) for each in blocks(text[mark.end :])))
    found = tuple(each for each in found if each.sign or each.positive)
    sign = next((each.sign for each in found if each.sign), None)
    kept = tuple(span for span in own if span not in marks)
    return Pasted(_finding(statement, found, sign, kept, model), own) if sign else None


def _has_sign(statement: Statement) -> bool:
    """Whether a sign stands somewhere else than in the names and values of options, as in `/steps:20`."""
    text = statement.text
    if not (signs := list(filter(text.__contains__, _SIGNS if text.isascii() else _FOREIGN_SIGNS))):
        return False
    known = {use.span for use in statement.options if use.name in OPTIONS}
    return any(text.count(each) > sum(text.count(each, span.start, span.end) for span in known) for each in signs)


def _own(statement: Statement) -> Iterator[Span]:
    """What was not pasted: options and recipes before the first word, and behind it options with a name known here."""
    command = (statement.command,) if statement.command else ()
    pieces = (*statement.options, *statement.recipes, *statement.comments, *command)
    at = 0
    for each in sorted(pieces, key=lambda piece: piece.span):
        leads = not statement.text[at : each.span.start].strip(BLANKS)
        if _is_own(each, leads=leads, typed=bool(command)):
            yield each.span
        at = each.span.end if leads else at


def _is_own(piece: OptionUse | RecipeUse | Comment | Command, *, leads: bool, typed: bool) -> bool:
    match piece:
        case OptionUse():
            return piece.name in OPTIONS or (leads and (typed or piece.value is not None))
        case RecipeUse():
            return leads and typed  # a prompt may begin with `#tag`
        case _:
            return False


def _without(text: str, spans: Sequence[Span]) -> str:
    """The text with holes where the spans are."""
    parts: list[str] = []
    at = 0
    for span in sorted(spans):
        parts += (text[at : span.start], _HOLE * (span.end - span.start))
        at = span.end
    left = "".join((*parts, text[at:])).replace("\ufeff", " ")
    words = left.lstrip(f"{_HOLE}{BLANKS}")  # which may begin with a label
    return words.rjust(len(left))


def _filled(block: Block) -> Block:
    """The block without holes."""
    positive, negative = (_HOLES.sub(" ", side).strip() for side in (block.positive, block.negative))
    settings = tuple(replace(each, value=_HOLES.sub(" ", each.value).strip()) for each in block.settings)
    return replace(block, positive=positive, negative=negative, settings=settings)


def _moved(block: Block, distance: int) -> Block:
    return replace(block, sign=block.sign.moved(distance)) if block.sign else block


def _joined(before: tuple[Block, ...], after: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks of a text with `/negative` in it: what follows the mark belongs to the prompt before it."""
    if not before or not after or before[-1].settings:
        return (*before, *after)
    *above, last = before
    first, *below = after
    negative = "\n".join(filter(None, (last.negative, first.positive, first.negative)))
    whole = replace(last, negative=negative, settings=first.settings, sign=last.sign or first.sign)
    return (*above, whole, *below)


def _finding(
    statement: Statement, found: tuple[Block, ...], sign: Span, own: tuple[Span, ...], model: str
) -> Diagnostic:
    from promptlang.importers.infotext import imported

    text = statement.text
    options = [text[span.start : span.end] for span in own]
    title = "Make a statement of it" if len(found) == 1 else f"Make {len(found)} statements of it"
    has_settings = any(each.settings for each in found)
    what, instead = (["settings"], ["the settings as options, such as `/steps:20`"]) if has_settings else ([], [])
    if any(
        each.negative or (each.sign and "egativ" in text[each.sign.start : each.sign.end].lower()) for each in found
    ):
        what.insert(0, "a negative prompt")
        instead.insert(0, "`/negative` before the negative prompt")
    return finding(
        RULE,
        f"{' and '.join(what)}, pasted with a prompt, {'are' if has_settings else 'is'} drawn as part of it",
        sign,
        "drawn as words",
        help=f"write {' and '.join(instead)}",
        fixes=_fix(statement, title, [*map(imported, found)], model, comments=_comments(statement), own=options),
    )


def _is_pasted(written: str) -> bool:
    """Whether a statement that was made would be found as well, as where something was pasted twice."""
    from promptlang.importers.programs.flags import of_script
    from promptlang.importers.typed.blocks import blocks

    for start, end in pairwise((*starts(written), len(written))):
        read = scan(written[start:end])
        first, _, _ = read.positive.text.partition("\n")
        sides = (read.positive.text, read.negative.text)
        if of_script(first) is not None or any(block.sign for side in sides for block in blocks(side)):
            return True
    return False


def _of_midjourney(statement: Statement, model: str) -> Diagnostic | None:
    """Lines for Midjourney, the first one with its command; beside others of ours no statement is offered."""
    from promptlang.importers.programs.midjourney import COMMANDS, begins, imported, is_for_bot, prompts

    begin, first = beginning(statement), statement.options[0]
    if first.name.lower() not in COMMANDS or first.span.start != begin or not begins(statement.text[begin:]):
        return None
    lines = prompts(statement.text[begin:].rstrip())
    notes = [each for each in statement.comments if each.span.start > begin]
    is_alone = not (notes or statement.recipes or any(use.name.lower() not in COMMANDS for use in statement.options))
    what = "this is a line" if len(lines) == 1 else f"these are {len(lines)} lines" if is_alone else "these are lines"
    return finding(
        RULE,
        f"{what} for {'a bot' if all(map(is_for_bot, lines)) else 'Midjourney'}",
        first.span,
        help="write `/render`, the prompt itself, and options such as `/seed:1`",
        fixes=_as_statements(statement, [imported(line) for line in lines], model) if is_alone else (),
    )


def _may_be_of_midjourney(statement: Statement) -> bool:
    """Whether there are words with flags behind them, and nothing of this language."""
    is_alone = not (statement.command or statement.options or statement.recipes)
    return is_alone and (" --" in statement.positive.text or " —" in statement.positive.text)


def _of_midjourney_alone(statement: Statement, model: str) -> Diagnostic | None:
    """Lines for Midjourney without its command."""
    from promptlang.importers.programs.midjourney import flags_alone, imported, prompts

    text = statement.positive.text
    if not (flags := flags_alone(text)):
        return None
    lines = prompts(text)
    return finding(
        RULE,
        "this is a line for Midjourney" if len(lines) == 1 else f"these are {len(lines)} lines for Midjourney",
        statement.positive.span(*flags[0]),
        "plain words here",
        help="write the prompt itself, and options such as `/seed:1`",
        fixes=_as_statements(statement, [imported(line) for line in lines], model, _comments(statement)),
    )


def _of_json(statement: Statement, model: str) -> Diagnostic | None:
    """A record or a graph of another program; beside options and comments, no statement is offered in its place."""
    from promptlang.importers.reading import of_text
    from promptlang.importers.retold import as_words

    reading = of_text(statement.positive.text, name="pasted.json")
    found = [*map(as_words, reading.found)]
    if not found or not reading.program:
        return None
    is_alone = not (statement.options or statement.recipes or statement.comments)
    return finding(
        RULE,
        f"this is JSON of {reading.program}, and plain words here",
        statement.positive.span(0, 1),
        "drawn as words",
        help="write the prompt itself, and options such as `/steps:20`",
        fixes=_as_statements(statement, found, model) if is_alone else (),
    )


def _of_script(statement: Statement, model: str) -> Diagnostic | None:
    """Lines for a script of webui; beside options, no statement is offered in their place."""
    from promptlang.importers.programs.flags import of_script

    found = [of_script(line) for line in statement.positive.text.splitlines() if line.strip()]
    if not found[0]:
        return None
    is_alone = not (statement.options or statement.recipes or statement.comments)
    return finding(
        RULE,
        "this is a line for the script “Prompts from file” of stable-diffusion-webui, and plain words here",
        statement.positive.span(0, len("--prompt")),
        help="write the prompt itself, and options such as `/steps:20`",
        fixes=_as_statements(statement, found, model) if is_alone else (),
    )


def _of_shell(statement: Statement, model: str) -> Diagnostic | None:
    """A command of a program, as a shell takes it; beside options, no statement is offered in its place."""
    from promptlang.importers.programs.flags import begins, of_shell

    text = statement.positive.text
    if not begins(text) or (found := of_shell(text)) is None:
        return None
    begin = len(text) - len(text.lstrip())
    is_alone = not (statement.options or statement.recipes or statement.comments)
    return finding(
        RULE,
        "this is a command of another program, and plain words here",
        statement.positive.span(begin, begin + len(text[begin:].split(maxsplit=1)[0])),
        help="write the prompt itself, and options such as `/steps:20`",
        fixes=_as_statements(statement, [found], model) if is_alone else (),
    )


def _of_trainer(statement: Statement, model: str) -> Diagnostic | None:
    """Lines for the samples of a trainer; beside options, no statement is offered in their place."""
    text = statement.positive.text
    if not _TRAINED.search(text):
        return None
    from promptlang.importers.programs.sd_scripts import imported

    lines = [line for line in text.splitlines() if line.strip()]
    found = [imported(line) for line in lines]
    if None in found:
        return None
    is_alone = not (statement.options or statement.recipes)
    what = "this is a line" if len(found) == 1 else f"these are {len(found)} lines"
    return finding(
        RULE,
        f"{what} for the trainers of sd-scripts, and plain words here",
        _first_line(statement.positive),
        help="write the prompt itself, and options such as `/steps:20`",
        fixes=_as_statements(statement, found, model, _comments(statement)) if is_alone else (),
    )


def _of_python(statement: Statement, model: str) -> Diagnostic | None:
    """A program that draws; beside options, no statement is offered in its place."""
    from promptlang.importers.programs.python_code import imported
    from promptlang.importers.retold import as_words

    if not (found := [*map(as_words, imported(statement.positive.text))]):
        return None
    is_alone = not (statement.options or statement.recipes)
    return finding(
        RULE,
        "this is Python code, and plain words here",
        _first_line(statement.positive),
        "drawn as words",
        help="write the prompt itself, and options such as `/steps:20`",
        fixes=_as_statements(statement, found, model, _comments(statement)) if is_alone else (),
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


def _of_styles(statement: Statement) -> Diagnostic:
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
    is_alone = not (statement.options or statement.recipes or statement.comments)
    what = "this is a prompt" if len(found) == 1 else f"these are {len(found)} prompts"
    return finding(
        RULE,
        f"{what} in {form}",
        _first_line(statement.positive),
        "drawn as words",
        help="write `/render` before each prompt, and its settings as options, such as `/steps:20`",
        fixes=_as_statements(statement, found, model) if is_alone else (),
    )


def _first_line(passage: Passage) -> Span:
    """The first line with words in it, without the blanks around it."""
    begin = len(passage.text) - len(passage.text.lstrip())
    return passage.span(begin, begin + len(passage.text[begin:].splitlines()[0].rstrip()))


def _comments(statement: Statement) -> list[str]:
    """What stands in comments between the words."""
    return [each.text.strip() for each in statement.comments if each.span.start >= beginning(statement)]


def _as_statements(
    statement: Statement, found: Sequence[Imported | None], model: str, comments: Sequence[str] = ()
) -> tuple[Fix, ...]:
    """A statement for each line, in place of the one; nothing where one of them cannot be written."""
    title = "Make a statement of it" if len(found) == 1 else f"Make {len(found)} statements of them"
    whole = [each for each in found if each]
    return _fix(statement, title, whole, model, comments=comments) if len(whole) == len(found) else ()


def _fix(
    statement: Statement,
    title: str,
    found: Sequence[Imported],
    model: str,
    *,
    comments: Sequence[str] = (),
    own: Sequence[str] = (),
) -> tuple[Fix, ...]:
    """What was found as statements, in place of the one; behind them the `/set` that the statements below need."""
    from promptlang.importers.statement import as_statements

    made = as_statements(found, statement.command_name, own, model)
    if made is None or any(map(_is_pasted, made.statements)):
        return ()
    span = Span(beginning(statement), len(statement.text.rstrip()))
    edits = [Edit(span, "\n".join((*comments, "\n\n".join(made.statements))))]
    if made.restoring:
        edits.append(Edit(Span(span.end, span.end), f"\n\n{made.restoring}"))
    return (Fix(title, tuple(edits), safe=False),)


def at_the_end(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The findings on the last statement of a file: below it nothing needs the model that held before."""
    return tuple(
        replace(each, fixes=tuple(replace(fix, edits=fix.edits[:1]) for fix in each.fixes))
        if each.rule is RULE
        else each
        for each in found
    )
