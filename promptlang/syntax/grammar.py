"""Loads the grammars: from generated machines where they are current, else from the `.lark` file itself.

Importing Lark and building its tables takes longer than checking a file, so `python -m promptlang.reference` writes a
machine beside each grammar and a test holds it current. The grammar stays the source of truth: the machine carries its
checksum.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar
from zlib import crc32  # a quarter of the time that importing a stronger sum takes, and nobody is to be fooled

from promptlang.syntax.driving import Driver, Loop, Process
from promptlang.syntax.machine import Machine, read, written
from promptlang.tables.dialects import DIALECTS

if TYPE_CHECKING:
    from lark import Lark
    from lark.lark import PostLex

Tree = TypeVar("Tree")
Result = TypeVar("Result", covariant=True)

GRAMMARS: dict[str, Literal["basic", "contextual"]] = {
    "document": "contextual",
    **dict.fromkeys((*DIALECTS, "variants"), "basic"),
}
"""Every grammar kept as tables, with the lexer it is written for: a pass over all tokens needs the basic one."""

_FORMAT = "promptlang machine 1"
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Reader(Protocol[Result]):
    """A method for each rule of a grammar; what `start` makes is the tree."""

    @property
    def start(self) -> Callable[..., Result]: ...


def load(name: str, reader: Reader[Tree], *, process: Process | None = None) -> Loop[Tree]:
    """What reads the grammar of that name, calling `reader` meanwhile and `process` between tokens and rules."""
    machine = current(name) or extracted(name)
    if machine is not None:
        return Driver(machine, reader, process)
    from promptlang.syntax.lark_machine import LarkLoop

    return LarkLoop(partial(built, name), reader, process)


def current(name: str) -> Machine | None:
    """The generated machine of a grammar, if it is that of the grammar as it stands."""
    try:
        with open(machine_file(name), encoding="utf-8") as file:
            head, _, body = file.read().rstrip("\n").partition("\n")
    except OSError:
        return None
    return read(body) if head == stamp(name) else None


def extracted(name: str) -> Machine | None:
    """The machine that Lark makes of a grammar; None where Lark's inside is not as `lark_machine` knows it."""
    from promptlang.syntax.lark_machine import machine

    return machine(built(name))


def stamp(name: str) -> str:
    """What a machine must begin with to be current."""
    text = _text(name).encode()
    return f"{_FORMAT} {len(text)} {crc32(text):08x}"


def built(name: str, reader: object = None, between: PostLex | None = None) -> Lark:
    """Lark's own parser of a grammar."""
    from lark import Lark

    return Lark.open_from_package(  # pyright: ignore[reportUnknownMemberType]
        "promptlang.grammars",
        f"{name}.lark",
        parser="lalr",
        lexer=GRAMMARS[name],
        transformer=reader,
        postlex=between,
        maybe_placeholders=True,
    )


def _text(name: str) -> str:
    """A grammar with the ones it imports, line ends made alike."""
    with open(os.path.join(_folder(), f"{name}.lark"), encoding="utf-8") as file:
        text = file.read()
    imports = dict.fromkeys(re.findall(r"^%import \.(\w+)", text, re.MULTILINE))
    return text + "".join(_text(each) for each in imports)


def _folder() -> str:
    """Where the grammars lie: beside this package in an installation, one folder up in the source tree."""
    installed = os.path.join(_PACKAGE, "grammars")
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(_PACKAGE), "grammars")


def machine_file(name: str) -> str:
    """Where the generated machine of a grammar lies."""
    return os.path.join(_folder(), "machines", f"{name}.machine")


def write_machines() -> None:
    """Write the machine of every grammar that has changed, beside the grammars."""
    os.makedirs(os.path.dirname(machine_file("")), exist_ok=True)
    for name in GRAMMARS:
        machine = extracted(name)
        assert machine is not None, "Lark's inside is not as `lark_machine` knows it"
        if current(name) != machine:
            with open(machine_file(name), "w", encoding="utf-8", newline="\n") as file:
                file.write(f"{stamp(name)}\n{written(machine)}\n")
            sys.stdout.write(f"wrote {name}.machine\n")
