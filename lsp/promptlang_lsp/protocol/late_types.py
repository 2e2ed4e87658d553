"""lsprotocol's types, each of which is finished when somebody first uses it: half of the start of a server is saved.

`import lsprotocol.types` has attrs write and compile the methods of 554 classes, which is most of the time that a
server takes to start; a session of ours, whose messages stay plain JSON, uses three of them. Importing this module
imports the types so; they are what they are otherwise to whoever makes one, or asks attrs or cattrs about one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from threading import RLock
from typing import cast

import attrs

TYPES = "lsprotocol.types"
Define = Callable[..., type]
_MAKING = RLock()


def put_off() -> None:
    """Import the types and have none of them finished yet; those that are imported already stay as they are."""
    if TYPES in sys.modules:
        return
    define = cast(Define, attrs.define)

    def later(plain: type | None = None, **options: object) -> type:
        if plain is None or options or plain.__module__ != TYPES:
            return define(plain, **options)
        _Fields(plain, define)
        return plain

    attrs.define = later
    try:
        import_module(TYPES)
    finally:
        attrs.define = define


class _Fields:
    """The fields by which attrs knows a class of its own, until somebody asks for them or makes an instance."""

    def __init__(self, plain: type, define: Define) -> None:
        def begin(self: object, *values: object, **named: object) -> None:
            finish()
            plain.__init__(self, *values, **named)

        def finish() -> None:
            with _MAKING:
                if vars(plain)["__init__"] is begin:
                    define(plain, slots=False, init=True)

        self.plain, self.finish = plain, finish
        plain.__init__ = begin
        plain.__attrs_attrs__ = self  # type: ignore[attr-defined]

    def __get__(self, instance: object, owner: type) -> object:
        self.finish()
        return vars(self.plain)["__attrs_attrs__"]


put_off()

from lsprotocol import types as types  # noqa: E402 - put off by now
