"""Loads the grammars: from generated tables where they are current, else from the `.lark` file itself.

Building the tables takes longer than checking a file, so `python -m promptlang.reference` writes them beside the
grammars and a test holds them current. The grammar stays the source of truth: the tables carry its hash.
"""

from __future__ import annotations

import re
import sys
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Protocol

import lark
from lark import Lark
from lark.lark import PostLex

from promptlang.tables.dialects import DIALECTS, Lexer

GRAMMARS: dict[str, Lexer] = {
    "document": "contextual",
    **{row.name: row.lexer for row in DIALECTS.values() if row.lexer},
}
"""Every grammar kept as tables, with the lexer it is written for: a pass over all tokens needs the basic one."""

FOLDER = Path(__file__).parents[1]


class Reader(Protocol):
    """A Lark transformer: one method per rule of a grammar."""

    def transform(self, tree: lark.Tree[lark.Token]) -> object: ...


def load(name: str, reader: Reader, *, postlex: PostLex | None = None) -> Lark:
    """The parser of `grammars/name.lark`, calling `reader` while it parses and `postlex` between lexer and parser."""
    tables = _folder() / "tables" / f"{name}.tables"
    try:
        head, _, body = tables.read_bytes().partition(b"\n")
    except OSError:
        return _build(name, reader, postlex)
    if head.decode("ascii", "replace") != stamp(name):
        return _build(name, reader, postlex)
    parser: Lark = Lark.__new__(Lark)
    options = {"transformer": reader, "postlex": postlex}
    parser._load(BytesIO(body), **options)  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType, reportArgumentType]
    return parser


def stamp(name: str) -> str:
    """What a table must begin with to be current: the library's version and the hash of the grammar's text."""
    return f"lark {lark.__version__} {sha256(_text(name).encode()).hexdigest()}"


def tables(name: str) -> bytes:
    """The generated tables of a grammar."""
    body = BytesIO()
    _build(name, None, None).save(body)  # pyright: ignore[reportUnknownMemberType]
    return stamp(name).encode() + b"\n" + body.getvalue()


def _build(name: str, reader: Reader | None, postlex: PostLex | None) -> Lark:
    return Lark.open_from_package(  # pyright: ignore[reportUnknownMemberType]
        "promptlang.grammars",
        f"{name}.lark",
        parser="lalr",
        lexer=GRAMMARS[name],
        transformer=reader,
        postlex=postlex,
        maybe_placeholders=True,
    )


def _text(name: str) -> str:
    """A grammar with the ones it imports, line ends made alike."""
    text = (_folder() / f"{name}.lark").read_text(encoding="utf-8")
    imports = dict.fromkeys(re.findall(r"^%import \.(\w+)", text, re.MULTILINE))
    return text + "".join(_text(each) for each in imports)


def _folder() -> Path:
    """Where the grammars lie: beside this package in an installation, one folder up in the source tree."""
    installed = FOLDER / "grammars"
    return installed if installed.is_dir() else FOLDER.parent / "grammars"


def write_tables() -> None:
    """Write the tables of every grammar that has changed, beside the grammars."""
    folder = _folder() / "tables"
    folder.mkdir(exist_ok=True)
    for name in GRAMMARS:
        path = folder / f"{name}.tables"
        if path.exists() and path.read_bytes().partition(b"\n")[0] == stamp(name).encode():
            continue
        path.write_bytes(tables(name))
        sys.stdout.write(f"wrote tables/{name}.tables\n")
