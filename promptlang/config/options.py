"""Option values in a project file: defaults for every prompt, and a concept's recommendations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promptlang.config.keys import KeyPath
from promptlang.config.rules import BAD_VALUE, GLOBAL_CLIPSKIP, NO_EFFECT, UNKNOWN_KEY
from promptlang.config.values import Reader, Toml
from promptlang.meaning.project import DefaultOption
from promptlang.suggest import nearest

if TYPE_CHECKING:
    from promptlang.tables.options.kinds import Value
    from promptlang.tables.options.row import Option


def default_option(path: KeyPath, value: Toml, reader: Reader) -> DefaultOption | None:
    """An entry of `[options]`."""
    read = option_text(path, value, reader)
    if read is None:
        return None
    name, text = read
    span = reader.span(path, of_key=True)
    from promptlang.tables.options.fills import Layer
    from promptlang.tables.options.table import OPTIONS

    if isinstance(OPTIONS[name].fills, Layer):
        message = f"clip skip {text} becomes the default of every prompt of this project"
        help = "write it in the prompts that want it, or in a concept's own `options`"
        reader.complain(GLOBAL_CLIPSKIP, message, span, help=help)
    return DefaultOption(name, text, reader.source.position(span.start)[0])


def option_text(path: KeyPath, value: Toml, reader: Reader) -> tuple[str, str | None] | None:
    """The option's own name and its value as a prompt would write it (None: a flag); None where it does not fit."""
    from promptlang.tables.options.table import OPTIONS, option

    row = option(path[-1])
    if not row or row.decides == "side":  # it divides a text and has no meaning outside one
        close = nearest(path[-1].lower(), OPTIONS)
        help = (
            f"write `{close}`"
            if close
            else "`options.md` lists the options; `promptlang doctor` says where that page lies"
        )
        span = reader.span(path, of_key=True)
        reader.complain(UNKNOWN_KEY, f"no option is called `{path[-1]}`", span, "unknown", help=help, write=close or "")
        return None
    read = _flag(row, path, value, reader) if row.is_flag else _written(row, path, value, reader)
    if read and (remark := row.remark_on(_value(row, read[1]))):
        reader.complain(NO_EFFECT, remark, reader.span(path, of_key=True), help="remove it")
    return read


def _flag(row: Option, path: KeyPath, value: Toml, reader: Reader) -> tuple[str, None] | None:
    if not isinstance(value, bool):
        return reader.wrong(path, "`true` or `false`", value)
    return (row.name, None) if value else None


def _written(row: Option, path: KeyPath, value: Toml, reader: Reader) -> tuple[str, str] | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        return reader.wrong(path, "a text or a number", value)
    return (row.name, str(value)) if _is_legal(path, value, reader) else None


def _value(row: Option, text: str | None) -> Value | None:
    """The value of a text that is right for the option."""
    from promptlang.tables.options.reading import read

    return read(row.kind, row.words, text).value if text else None


def _is_legal(path: KeyPath, value: str | float, reader: Reader) -> bool:
    """Whether a plan can be made with the value; the option table says what is wrong with it."""
    from promptlang.tables.options.reading import read
    from promptlang.tables.options.table import OPTIONS

    row = OPTIONS[path[-1].lower()]
    reading = read(row.kind, row.words, str(value))
    if reading.value is not None:
        return True
    for problem in reading.problems:
        instead = next(iter(problem.instead), "")
        write = f'"{instead}"' if instead and isinstance(value, str) else instead
        help = f"write `{write}`" if write else ""
        reader.complain(BAD_VALUE, problem.message, reader.span(path), problem.label, help=help, write=write)
    return False
