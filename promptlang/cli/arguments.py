"""What a command takes, as a table, and what it may return; the parser, `--help` and `docs/cli.md` read its rows.

Smaller than argparse and quicker to import, which counts in a command that runs on every keystroke of an editor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from promptlang.values import dataclass, field

# Nothing to complain about; errors or warnings in the texts; the command could not do its work.
CLEAN, FOUND, FAILED = 0, 1, 2
INTERRUPTED, PIPE_CLOSED = 130, 141  # 128 and the signal's number, as shells report them

Known = Literal["", "commands", "prompt", "rules"]


class UsageError(Exception):
    """The command line makes no sense; the message says why, `help` what to type instead."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One row. `names` are the spellings (`--output`, `-o`), or one bare word for the arguments without a dash.

    `value` names what follows (empty: a flag), `choices` are the only values it may have. `many` may be repeated, and
    an option with `many` also takes several values joined by commas. `needed` must be there. `alone` is the value where
    none is written, at the end or before another option. `known` says whose names a shell may offer for it.
    """

    names: tuple[str, ...]
    help: str
    value: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    alone: str = ""
    many: bool = False
    needed: bool = False
    known: Known = ""

    @property
    def key(self) -> str:
        """The name its value is asked for by."""
        return self.names[0].lstrip("-")

    @property
    def is_option(self) -> bool:
        """Whether it is written with a dash."""
        return self.names[0].startswith("-")

    @property
    def written(self) -> str:
        """How help shows it."""
        if not self.is_option:
            return self.value
        value = f"[{self.value}]" if self.alone else self.value
        return ", ".join(self.names) + (f" {value}" if value else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command: its name, one line about it, what it takes, and paragraphs for its help page."""

    name: str
    summary: str
    arguments: tuple[Argument, ...]
    details: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """`promptlang check [OPTIONS] [PATH]...`"""
        options = " [OPTIONS]" if any(argument.is_option for argument in self.arguments) else ""
        words = (
            f" {argument.value if argument.needed else f'[{argument.value}]'}{'...' * argument.many}"
            for argument in self.arguments
            if not argument.is_option
        )
        return f"promptlang {self.name}{options}{''.join(words)}"


HELP = Argument(names=("--help", "-h"), help="Print this page.")


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of one run."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def flag(self, key: str) -> bool:
        """Whether a flag was given."""
        return key in self.values

    def text(self, key: str) -> str | None:
        """The value of an option, the last one where it was repeated."""
        found = self.values.get(key)
        return found[-1] if found else None

    def texts(self, key: str) -> tuple[str, ...]:
        """All values of an option or argument."""
        return tuple(self.values.get(key, ()))

    def number(self, key: str) -> int | None:
        """A whole number above 0."""
        text = self.text(key)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and int(text[:18]) > 0):
            raise UsageError(f"`--{key}` must be a whole number above 0, found `{text}`")
        return int(text[:18])  # more digits than Python reads would say nothing else

    def port(self, key: str) -> int:
        """The number of a port; 0 is any free one."""
        text = self.text(key) or "0"
        if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) < 65536):
            raise UsageError(f"`--{key}` must be a whole number from 0 to 65535, found `{text}`")
        return int(text)


def given(command: Command, words: Sequence[str]) -> Given:
    """Read the words after the command's name; raises UsageError."""
    by_name = {name: argument for argument in (*command.arguments, HELP) for name in argument.names}
    places = [argument for argument in command.arguments if not argument.is_option]
    values: dict[str, list[str]] = {
        argument.key: [argument.default] for argument in command.arguments if argument.default
    }
    loose: list[str] = []
    waiting = list(reversed(words))
    while waiting:
        word = waiting.pop()
        if word == "--":
            loose.extend(reversed(waiting))
            break
        if not word.startswith("-") or word == "-":
            loose.append(word)
            continue
        name, equals, value = word.partition("=")
        argument = by_name.get(name)
        if not argument:
            raise _unknown(name, by_name, command)
        if argument.value and not equals:
            is_alone = not waiting or waiting[-1] in by_name
            if is_alone and not argument.alone:
                raise UsageError(f"`{name}` needs a value", f"write `{name} {argument.value}`")
            value = argument.alone if is_alone else waiting.pop()
        elif equals and not argument.value:
            raise UsageError(f"`{name}` takes no value, found `{value}`", f"write `{name}`")
        _put(values, argument, name, value)
    _place(values, places, loose, command)
    return Given(values)


def _put(values: dict[str, list[str]], argument: Argument, name: str, value: str) -> None:
    """Note one value of an option."""
    _choose(argument, f"`{name}`", value)
    if argument.many:
        values.setdefault(argument.key, []).extend(part.strip() for part in value.split(",") if part.strip())
    else:
        values[argument.key] = [value]


def _place(values: dict[str, list[str]], places: list[Argument], loose: list[str], command: Command) -> None:
    """Give the words without a dash to the arguments that take them, in order."""
    for argument in places:
        taken, loose = (loose, []) if argument.many else (loose[:1], loose[1:])
        if taken:
            for word in taken:
                _choose(argument, argument.value, word)
            values[argument.key] = list(taken)
        elif argument.needed:
            raise UsageError(f"{argument.value} is missing", f"write `{command.usage}`")
    if loose:
        raise UsageError(f"there is no place for `{loose[0]}`", f"write `{command.usage}`")


def _choose(argument: Argument, name: str, value: str) -> None:
    if argument.choices and value not in argument.choices:
        known = ", ".join(f"`{choice}`" for choice in argument.choices)
        raise UsageError(f"{name} must be one of {known}, found `{value}`", _closest(value, argument.choices))


def _unknown(name: str, known: Collection[str], command: Command) -> UsageError:
    return UsageError(f"`promptlang {command.name}` has no option `{name}`", _meant(name, known, command))


def _meant(name: str, known: Collection[str], command: Command) -> str:
    """What to write for an option that nobody knows."""
    from promptlang.cli.table import MEANT_OPTIONS
    from promptlang.tables.options.elsewhere import INSTEAD
    from promptlang.tables.options.kinds import sample
    from promptlang.tables.options.table import ELSEWHERE, option

    word = name.lstrip("-").lower()
    if meant := next((each for each in MEANT_OPTIONS.get(word, ()) if each.partition(" ")[0] in known), ""):
        return f"write `{meant}`"
    is_word = len(word) > 1  # a letter is like every other one, so it says nothing of the option that is meant
    if is_word and name.startswith("--") and (row := option(word) or ELSEWHERE.get(word)):
        written = f"/{row.name}" if row.is_flag else f"/{row.name}:{sample(row.kind)}"
        return f"write `{written}` in the prompt"
    if is_word and name.startswith("--") and (instead := INSTEAD.get(word)):
        return instead
    return (_closest(name, known) if is_word else "") or f"`promptlang {command.name} --help` lists the options"


def _closest(word: str, known: Iterable[str]) -> str:
    from promptlang.suggest import nearest

    close = nearest(word.lower(), known)
    return f"write `{close}`" if close else ""
