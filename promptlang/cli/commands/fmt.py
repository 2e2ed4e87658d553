"""`promptlang fmt`: write prompts in one way."""

from __future__ import annotations

import sys
from pathlib import Path

from promptlang.cli.arguments import CLEAN, FAILED, FOUND, Argument, Command, Given
from promptlang.cli.inputs import PROMPTS_OR_HERE, Input, several
from promptlang.cli.mistakes import DEBUG, spared
from promptlang.cli.outputs import written_back
from promptlang.cli.terminal import NOTHING_FOUND, complain, hand_out, quiet
from promptlang.files import visible
from promptlang.sentences import counted, plural
from promptlang.writing import sweep

COMMAND = Command(
    name="fmt",
    summary="Write prompts in one way; what they mean stays the same.",
    arguments=(
        PROMPTS_OR_HERE,
        Argument(names=("--check",), help="Only say which files would change."),
        Argument(names=("--diff",), help="Show what would change, and change nothing."),
        Argument(names=("--stdin-filename",), value="NAME", help="The name of standard input."),
        quiet("summary"),
        DEBUG,
    ),
    details=(
        "Exit code: 0, 1 where --check or --diff find something to change, 2 where a file cannot be read or written.",
    ),
    examples=("promptlang fmt", "promptlang fmt --check prompts/", "promptlang fmt - < cow.prompt"),
)


def run(arguments: Given) -> int:
    """Format everything named."""
    only_look = arguments.flag("check") or arguments.flag("diff")
    failed: list[str] = []
    changed = same = 0
    folders: list[Path] = []
    for each in several(arguments, unread=failed.append):
        folders.append(each.path.parent)
        with spared(each.file.source.name, arguments, failed):
            outcome = _formatted(each, arguments, only_look=only_look)
            if outcome is None:
                failed.append(each.file.source.name)
            changed += outcome is True
            same += outcome is False
    if not only_look:
        sweep(folders)
    if (changed or same or not failed) and not arguments.flag("quiet"):
        print(_summary(changed, same, only_look=only_look), file=sys.stderr)
    if failed:
        return FAILED
    return FOUND if only_look and changed else CLEAN


def _formatted(given: Input, arguments: Given, *, only_look: bool) -> bool | None:
    """Whether a text changes; None where it cannot be read as text, or not be written."""
    from promptlang.fixes import unified_diff
    from promptlang.statements.format import format_text

    source = given.file.source
    if given.file.problem:
        complain(f"`{source.name}` is {given.file.problem.message}", given.file.problem.help)
        return None
    after = format_text(source.text)
    if arguments.flag("diff"):
        hand_out(unified_diff(source.text, after, source.name))
    elif given.is_standard_input and not only_look:
        hand_out(after)
    elif after != source.text and only_look:
        print(visible(f"would format {source.name}"))
    elif after != source.text and not written_back(given, after):
        return None
    return after != source.text


def _summary(changed: int, same: int, *, only_look: bool) -> str:
    """`2 files formatted, 3 as they were`."""
    if not changed and not same:
        return NOTHING_FOUND
    done = "would change" if only_look else "formatted"
    return f"{counted(changed, 'file')} {done}, {same} as {plural(same, 'it was', 'they were')}"
