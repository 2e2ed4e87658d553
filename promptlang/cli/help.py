"""The pages that `--help` prints, written from the tables of the commands."""

from __future__ import annotations

import sys
from importlib import import_module

from promptlang.cli.arguments import HELP, Argument, Command
from promptlang.cli.table import COMMANDS, EXTRAS
from promptlang.cli.terminal import paint, width
from promptlang.reports.cells import wrapped
from promptlang.version import VERSION

WIDEST = 100
NARROWEST = 30  # cells of a help beside its option; with fewer it stands below
BELOW = 6  # cells in front of it there
EXAMPLE = 'promptlang explain --parser new "a (red:1.3) cow"'


def command(name: str) -> Command:
    """The table of a command."""
    found: Command = import_module(COMMANDS[name]).COMMAND
    return found


def overview() -> str:
    """All commands, one line each."""
    style = paint("auto", sys.stdout)
    columns = min(width(sys.stdout), WIDEST)
    size = max(map(len, (*COMMANDS, *EXTRAS)))
    summaries = {name: command(name).summary for name in COMMANDS} | {name: row[0] for name, row in EXTRAS.items()}
    rows: list[str] = []
    for name, summary in summaries.items():
        first, *others = wrapped(summary, columns - size - 4)
        rows += [f"  {style('help', f'{name:<{size}}')}  {first}", *(f"  {'':{size}}  {line}" for line in others)]
    lines = [
        f"{style('heading', f'promptlang {VERSION}')}: compiler for diffusion prompts",
        "",
        f"{style('heading', 'Usage')}: promptlang COMMAND [OPTIONS]",
        "",
        style("heading", "Commands"),
        *rows,
        "",
        f"Start with {style('help', 'promptlang init')}, or look at one prompt:",
        f"  {style('help', EXAMPLE)}",
        f"{style('help', 'promptlang COMMAND --help')} says more.",
    ]
    return "\n".join(lines)


def command_page(command: Command) -> str:
    """What a command is for, takes and returns."""
    style = paint("auto", sys.stdout)
    columns = min(width(sys.stdout), WIDEST)
    lines = [*wrapped(command.summary, columns), "", f"{style('heading', 'Usage')}: {command.usage}"]
    words = [argument for argument in command.arguments if not argument.is_option]
    options = [argument for argument in command.arguments if argument.is_option]
    for title, rows in (("Arguments", words), ("Options", [*options, HELP])):
        if rows:
            size = min(max(len(row.written) for row in rows), 30)
            lines += ["", style("heading", title)]
            for row in rows:
                lines += _row(row, size, columns)
    for paragraph in command.details:
        lines += ["", *wrapped(paragraph, columns)]
    if command.examples:
        lines += ["", style("heading", "Examples"), *(f"  {example}" for example in command.examples)]
    return "\n".join(lines)


def described(argument: Argument) -> str:
    """An argument's help, with its values and its default."""
    choices = f" One of {', '.join(argument.choices)}." if argument.choices else ""
    default = f" Default: {argument.default}." if argument.default else ""
    return f"{argument.help}{choices}{default}"


def _row(argument: Argument, size: int, columns: int) -> list[str]:
    style = paint("auto", sys.stdout)
    is_narrow = columns - size - 4 < NARROWEST
    indent = " " * (BELOW if is_narrow else size + 4)
    first, *rest = wrapped(described(argument), columns - len(indent))
    head = f"  {style('help', argument.written)}"
    if is_narrow or len(argument.written) > size:
        return [head, f"{indent}{first}", *(f"{indent}{line}" for line in rest)]
    return [f"{head}{' ' * (size - len(argument.written))}  {first}", *(f"{indent}{line}" for line in rest)]
