"""Finds the command that the words name, loads only that one, and turns what happens into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from io import TextIOWrapper

from promptlang.cli.arguments import CLEAN, FAILED, HELP, INTERRUPTED, PIPE_CLOSED, Command, Given, UsageError, given
from promptlang.cli.table import COMMANDS, EXTRAS, MEANT

VERSION_NAMES = ("--version", "-V")


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    words = sys.argv[1:] if words is None else words
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to stop
    try:
        code = _run(words)
        sys.stdout.flush()
        return code
    except UsageError as error:
        from promptlang.cli.terminal import complain

        complain(str(error), error.help)
        return FAILED
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to flush at exit
            return PIPE_CLOSED
        from promptlang.cli.terminal import complain
        from promptlang.files import reason

        complain(f"{reason(error)}{f': `{error.filename}`' if error.filename else ''}")
        return FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception:  # ours to mend; a code of 1 would say that the prompts are at fault
        from traceback import print_exc

        print_exc()
        print("internal error: this is a mistake in promptlang, not in your prompt", file=sys.stderr)
        return FAILED


def carry_out(command: Command, run: Callable[[Given], int], words: Sequence[str] | None) -> int:
    """Run a command with the words after its name, or print its page or the version where they ask for that; its exit
    code.
    """
    words = sys.argv[1:] if words is None else words
    options = words[: words.index("--")] if "--" in words else words
    if any(word in HELP.names for word in options):
        from promptlang.cli.help import command_page

        print(command_page(command))
        return CLEAN
    return _version() if any(word in VERSION_NAMES for word in options) else run(given(command, words))


def _version() -> int:
    from promptlang.version import VERSION

    print(f"promptlang {VERSION}")
    return CLEAN


def _run(words: Sequence[str]) -> int:
    name, rest = (words[0], words[1:]) if words else ("", ())
    if name in COMMANDS:
        module = import_module(COMMANDS[name])
        command: Command = module.COMMAND
        run: Callable[[Given], int] = module.run
        return carry_out(command, run, rest)
    if name in EXTRAS:
        from promptlang.cli.extras import run_extra

        return run_extra(name, rest)
    return _without_command(name, rest)


def _without_command(name: str, rest: Sequence[str]) -> int:
    """`promptlang` alone, `--version`, `--help`, `help NAME`, or a word that is no command."""
    from promptlang.cli.help import overview

    match name:
        case "":
            print(overview())
            return FAILED
        case _ if name in VERSION_NAMES:
            return _version()
        case "help" if rest:
            return _run([rest[0], "--help"])
        case "--help" | "-h" | "help":
            print(overview())
            return CLEAN
        case _:
            raise _no_command(name)


def _no_command(name: str) -> UsageError:
    from promptlang.suggest import nearest

    what = "option" if name.startswith("-") else "command"
    if what == "command" and os.path.exists(name):
        return UsageError(f"there is no command `{name}`, but a file of that name", f"write `promptlang check {name}`")
    known = nearest(name.lower(), (*COMMANDS, *EXTRAS, *MEANT, "--version", "--help"))
    close = MEANT.get(known, known) if known else None
    help = f"write `promptlang {close}`" if close else "`promptlang --help` lists the commands"
    return UsageError(f"there is no {what} `{name}`", help)
