"""What may stand for the last word of a command line: commands, options, their values, rules, words of a prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module

from promptlang.cli.arguments import HELP, Argument, Command
from promptlang.cli.help import command
from promptlang.cli.table import COMMANDS, EXTRAS
from promptlang.values import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """One word, and a few words about it."""

    word: str
    docs: str = ""


def offers(words: Sequence[str]) -> Iterator[Offer]:
    """What may stand for the last of the words after `promptlang`; nothing where the shell should offer files."""
    *before, typed = words
    if not before:
        yield from _beginning(typed, _commands())
        return
    row = _command(before[0])
    if row is None:
        return
    name, equals, value = typed.partition("=")
    asked = _named(row, before[-1]) if len(before) > 1 else None
    if asked and asked.value:
        yield from _values(asked, typed)
    elif equals and (asked := _named(row, name)):
        yield from (Offer(f"{name}={each.word}", each.docs) for each in _values(asked, value))
    elif typed.startswith("-"):
        given = set(before)
        rows = (each for each in (*row.arguments, HELP) if each.is_option and (each.many or not given & {*each.names}))
        yield from _beginning(typed, (Offer(each.names[0], each.help) for each in rows))
    elif place := _place(row, before[1:]):
        yield from _values(place, typed)


def _commands() -> Iterator[Offer]:
    yield from (Offer(name, command(name).summary) for name in COMMANDS)
    yield from (Offer(name, summary) for name, (summary, _) in EXTRAS.items())
    yield Offer("--help", "Print all commands.")
    yield Offer("--version", "Print the version.")


def _command(name: str) -> Command | None:
    """The table of a command; None for a word that is none, or whose package has no table or is not installed."""
    if name in COMMANDS:
        return command(name)
    from importlib.metadata import entry_points

    from promptlang.cli.extras import GROUP

    for point in entry_points(group=GROUP, name=name):
        try:
            found = getattr(import_module(point.module), "COMMAND", None)
        except ModuleNotFoundError:
            continue
        return found if isinstance(found, Command) else None
    return None


def _named(row: Command, name: str) -> Argument | None:
    return next((each for each in row.arguments if each.is_option and name in each.names), None)


def _place(row: Command, before: Sequence[str]) -> Argument | None:
    """The argument without a dash that comes next."""
    places = [each for each in row.arguments if not each.is_option]
    loose = 0
    is_value = False
    for word in before:
        asked = None if is_value else _named(row, word)
        loose += not is_value and not word.startswith("-")
        is_value = bool(asked and asked.value)
    last = places[-1:] if places and places[-1].many else []
    return next(iter([*places[loose:], *last]), None)


def _values(argument: Argument, typed: str) -> Iterator[Offer]:
    """The values of an argument; of several joined by commas, those of the last one."""
    if argument.many and argument.is_option:
        before, comma, typed = typed.rpartition(",")
        given = set(before.split(","))
        found = (each for each in _known(argument, typed) if each.word not in given)
        yield from (Offer(f"{before}{comma}{each.word}", each.docs) for each in _beginning(typed, found))
    else:
        yield from _beginning(typed, _known(argument, typed))


def _known(argument: Argument, typed: str) -> Iterator[Offer]:
    match argument.known:
        case "commands":
            yield from _commands()
        case "rules":
            yield from _rules()
        case "prompt":
            from promptlang.cli.shell.prompt_words import prompt_words

            yield from (Offer(word, docs) for word, docs in prompt_words(typed))
        case "":
            yield from map(Offer, argument.choices)


def _rules() -> Iterator[Offer]:
    from promptlang.checks.rules import RULES

    yield from (Offer(name, RULES[name].summary) for name in sorted(RULES))


def _beginning(typed: str, found: Iterable[Offer]) -> Iterator[Offer]:
    return (each for each in found if each.word.startswith(typed))
