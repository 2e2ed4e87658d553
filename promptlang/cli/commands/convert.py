"""`promptlang convert`: a prompt of one dialect as text of another, and a word on everything that does not fit."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given, UsageError
from promptlang.cli.inputs import CONFIG, SUFFIX, Input, file_or_words, projects
from promptlang.cli.terminal import complain, hand_out, paint, print_json, say
from promptlang.files import visible
from promptlang.source import Source
from promptlang.tables.dialects import DIALECTS
from promptlang.values import dataclass

if TYPE_CHECKING:
    from promptlang.dialects.convert import Conversion
    from promptlang.dialects.formulas import Note
    from promptlang.dialects.readback import Loss
    from promptlang.tables.options.schema import Json

_NAMES = tuple(DIALECTS)
_ALIASES = {alias: row.name for row in DIALECTS.values() for alias in row.aliases}
NEGATIVE = "Negative prompt: "  # as webui and those that follow it write it

COMMAND = Command(
    name="convert",
    summary="Write a prompt in the dialect of another program.",
    arguments=(
        Argument(
            names=("text",),
            value="TEXT|FILE",
            help="A prompt, a file that holds one, a .prompt file, or - for standard input.",
            many=True,
            needed=True,
        ),
        Argument(
            names=("--from",),
            value="DIALECT",
            choices=(*_NAMES, *_ALIASES),
            help="The dialect of the text; of a .prompt file, whose statements say theirs, those in this one alone.",
        ),
        Argument(names=("--to",), value="DIALECT", choices=(*_NAMES, *_ALIASES), help="The dialect to write."),
        Argument(names=("--negative",), value="TEXT", help="The negative prompt that belongs to the text."),
        Argument(
            names=("--recompute",),
            help="Where a number acts otherwise in the other program, write the one that comes nearest.",
        ),
        Argument(names=("--lines",), help="Take every line of the text for a prompt of its own."),
        Argument(names=("--json",), help="Print plain data: texts, losses and notes."),
        *CONFIG,
    ),
    details=(
        "Every word counts what it did before. What the other dialect cannot say is named on standard error, with what "
        "is written instead; what no finding names is said as before.",
        "Exit code: 0, 1 where something is lost, 2 where the command could not do its work.",
    ),
    examples=(
        'promptlang convert --from a1111 --to comfy "a ((red:1.3) hat) [cow:horse:5]"',
        "promptlang convert --from comfy --to compel --recompute --json - < prompt.txt",
        "promptlang convert --to comfy cow.prompt > cow.comfy.prompt",
    ),
)


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of one text: the text that spans point into, the dialect that it was in, and the conversion."""

    source: Source
    dialect: str
    found: Conversion


def run(arguments: Given) -> int:
    """Convert what is named; 1 where something is lost."""
    target = _dialect(arguments, "to")
    if target is None:
        raise UsageError("name the dialect to write", f"write `--to` and one of {', '.join(_NAMES)}")
    help = "name a file, or write the prompt in quotes"
    given = file_or_words(arguments.texts("text"), piped="<stdin>", where="<text>", help=help)
    if given.file.problem:
        complain(f"`{given.file.source.name}` is {given.file.problem.message}", given.file.problem.help)
        return FAILED
    if given.where.endswith(SUFFIX) and not arguments.flag("lines"):
        return _file(arguments, given, target)
    lost = False
    for each in _bare(arguments, given, target):
        lost |= bool(each.found.losses)
        if arguments.flag("json"):
            print_json(_record(each, target), indent=None if arguments.flag("lines") else 2)
            continue
        _show(each.source, each.found.losses, each.found.notes, recompute=arguments.flag("recompute"))
        hand_out(f"{each.found.positive}\n")
        if each.found.negative:
            hand_out(f"{NEGATIVE}{each.found.negative}\n")
    return FOUND if lost else CLEAN


def _dialect(arguments: Given, key: str) -> str | None:
    name = arguments.text(key)
    return _ALIASES.get(name, name) if name else None


def _bare(arguments: Given, given: Input, target: str) -> Iterator[_Result]:
    """The text as one prompt, or each of its lines."""
    from promptlang.statements.converting import convert_alone

    source, known = given.file.source, projects(arguments)

    def kind_of(name: str) -> str:
        from promptlang.meaning.project import EMPTY_PROJECT  # few prompts call anything

        return (known.of(given.path) or EMPTY_PROJECT).kind_of(name)

    name = _dialect(arguments, "from")
    if name is None:
        raise _no_dialect(source.text)
    beside, recompute = arguments.text("negative") or "", arguments.flag("recompute")
    texts = source.text.splitlines() if arguments.flag("lines") else (source.text,)
    for number, text in enumerate(texts, 1):
        found = convert_alone(text, name, target, beside, recompute=recompute, kind_of=kind_of)
        where = f"{source.name}, line {number}" if arguments.flag("lines") else source.name
        yield _Result(Source(text, where), name, found)


def _no_dialect(text: str) -> UsageError:
    from promptlang.dialects.detect import detect
    from promptlang.source import Passage

    found = detect(Passage(text))
    help = f"write `--from {found.dialect}`: `{found.written}` {found.says}" if found else f"one of {', '.join(_NAMES)}"
    return UsageError("name the dialect that the text is in with `--from`", help)


def _file(arguments: Given, given: Input, target: str) -> int:
    """A file in which every statement says its dialect."""
    from promptlang.lowering.converting import convert_file

    if arguments.text("negative"):
        raise UsageError("a .prompt file has its negative prompts in it", "leave `--negative` out")
    source, recompute = given.file.source, arguments.flag("recompute")
    project = projects(arguments).of(given.path)
    done = convert_file(source.text, target, source=_dialect(arguments, "from"), project=project, recompute=recompute)
    results = [_Result(source, name, found) for name, found in done.conversions]
    if arguments.flag("json"):
        left: Json = [loss_record(source, each) for each in done.left]
        data: Json = {"text": done.text, "conversions": [_record(each, target) for each in results], "left": left}
        print_json(data)
    else:
        _show(source, done.left, (), recompute=recompute)
        for each in results:
            _show(source, each.found.losses, each.found.notes, recompute=recompute)
        hand_out(done.text)
    return FOUND if done.left or any(each.found.losses for each in results) else CLEAN


def _show(source: Source, losses: tuple[Loss, ...], notes: tuple[Note, ...], *, recompute: bool) -> None:
    """Say on standard error what does not fit, in the manner of a diagnostic on one line."""
    style = paint("auto", sys.stderr)
    for loss in losses:
        row, column = source.position(loss.span.start)
        where, message = visible(f"{source.name}:{row}:{column}"), visible(loss.message)
        say(f"{where}: {style('warning', 'warning')}: {message}", sys.stderr)
    for note in notes:
        say(f"{visible(source.name)}: {style('information', 'information')}: {note.message}", sys.stderr)
        pairs = ", ".join(f"{before:g} is about {after:g}" for before, after in note.numbers)
        if pairs and recompute:
            say(f"  {style('gutter', '=')} {style('help', 'written')}: {pairs}", sys.stderr)
        elif pairs:
            help = f"write `--recompute` for the numbers that come nearest: {pairs}"
            say(f"  {style('gutter', '=')} {style('help', 'help')}: {help}", sys.stderr)


def _record(each: _Result, target: str) -> dict[str, Json]:
    """A conversion as plain data."""
    return {
        "from": each.dialect,
        "to": target,
        "positive": each.found.positive,
        "negative": each.found.negative,
        "losses": [loss_record(each.source, loss) for loss in each.found.losses],
        "notes": [note_record(note) for note in each.found.notes],
    }


def note_record(note: Note) -> dict[str, Json]:
    """What acts by another formula than before, as plain data."""
    numbers: list[Json] = [{"number": before, "nearest": after} for before, after in note.numbers]
    return {"message": note.message, "numbers": numbers}


def loss_record(source: Source, loss: Loss) -> dict[str, Json]:
    """What is lost, and where it stood, as plain data."""
    from promptlang.reports.data import location

    return {
        "message": loss.message,
        "part": source.text[loss.span.start : loss.span.end],
        "location": location(source, loss.span.start),
        "end_location": location(source, loss.span.end),
    }
