"""The manual page `promptlang(1)`, from the tables of the commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.cli.arguments import HELP, Argument, Command
from promptlang.cli.help import described
from promptlang.reference.pages import command_tables
from promptlang.version import VERSION

_CODE = re.compile(r"`([^`]+)`")
_SIGNS = str.maketrans({"\\": r"\e", "-": r"\-", "’": r"\(cq", "“": r"\(lq", "”": r"\(rq"})


def man_page() -> str:
    """The page as roff, with the macros of man(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield r".\" Written by `make docs` from the tables; change those."
    yield f'.TH PROMPTLANG 1 "" "promptlang {VERSION}" "promptlang"'
    yield from (".SH NAME", r"promptlang \- compiler, language server and runtime for diffusion prompts")
    yield from (".SH SYNOPSIS", r".B promptlang", r"\fICOMMAND\fR [\fIOPTIONS\fR]")
    yield from (".SH COMMANDS",)
    for row in command_tables():
        yield from _command(row)
    yield from (".SH EXIT STATUS",)
    for code, means in (
        ("0", "nothing worse than information was found"),
        ("1", "errors or warnings in the prompts"),
        ("2", "the command could not do its work"),
        ("130", "interrupted"),
    ):
        yield from (".TP", rf".B {code}", _roff(means))
    yield from (".SH FILES", ".TP", ".I promptlang.toml", _roff("What the prompts around it are read against."))
    yield from (".SH ENVIRONMENT", ".TP", '.BR NO_COLOR , " " FORCE_COLOR , " " TERM', "Whether output is coloured.")


def _command(row: Command) -> Iterator[str]:
    yield from (f'.SS "{_roff(row.usage)}"', _roff(row.summary))
    for argument in (*row.arguments, HELP):
        yield from (".TP", _written(argument), _roff(described(argument)))
    for paragraph in row.details:
        yield from (".PP", _roff(paragraph))
    if row.examples:
        yield from (".PP", "Examples:", ".PP", ".nf", ".RS 4", *map(_roff, row.examples), ".RE", ".fi")


def _written(argument: Argument) -> str:
    if not argument.is_option:
        return rf"\fI{_plain(argument.value)}\fR"
    names = ", ".join(rf"\fB{_plain(name)}\fR" for name in argument.names)
    value = rf"\fI{_plain(argument.value)}\fR"
    return names + (f" {f'[{value}]' if argument.alone else value}" if argument.value else "")


def _roff(text: str) -> str:
    """Text with code in bold; a line that begins like a request is kept from being one."""
    plain = _CODE.sub(lambda found: rf"\fB{found[1]}\fR", _plain(text))
    return rf"\&{plain}" if plain.startswith((".", "'")) else plain


def _plain(text: str) -> str:
    return text.translate(_SIGNS)
