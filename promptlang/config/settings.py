"""The settings of one project file: every value read by the shape its key wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import assert_never

from promptlang.checks.patterns import instead, matching, nearest_pattern
from promptlang.config.concepts import concept
from promptlang.config.keys import KEYS, Key, KeyPath, below, key
from promptlang.config.options import default_option
from promptlang.config.places import places
from promptlang.config.rules import UNKNOWN_KEY, UNKNOWN_RULE
from promptlang.config.values import Reader, Setting, Toml, Value, inside, one_of, path_of, text, texts
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.meaning.project import FileIgnores
from promptlang.source import Source, Span
from promptlang.suggest import nearest

SEVERITIES: Mapping[str, Severity | None] = {
    "off": None,
    "hint": Severity.HINT,
    "information": Severity.INFORMATION,
    "warning": Severity.WARNING,
    "error": Severity.ERROR,
}


def settings(
    source: Source, table: Mapping[str, Toml], file: Path
) -> tuple[dict[KeyPath, Setting], tuple[Diagnostic, ...]]:
    """The settings of a parsed TOML text by key path, and what is wrong with the rest, in order of place."""
    reader = Reader(source, file.parent, places(source.text))
    found: dict[KeyPath, Setting] = {}
    for row, path, value in _leaves(table, (), reader):
        read = _value(row, path, value, reader)
        if read is not None or (row.shape == "severity" and value == "off"):
            found[path] = Setting(read, reader.span(path))
    return found, tuple(sorted(reader.diagnostics, key=lambda diagnostic: diagnostic.label.span))


def _leaves(table: Mapping[str, Toml], path: KeyPath, reader: Reader) -> Iterator[tuple[Key, KeyPath, Toml]]:
    """Every value whose key has a row; the others are complained about."""
    for name, value in table.items():
        here = (*path, name)
        if row := key(here):
            yield row, here, value
        elif not below(here):
            _unknown_key(here, reader)
        elif isinstance(value, dict):
            yield from _leaves(value, here, reader)
        else:
            reader.wrong(here, "a table", value)


def _unknown_key(path: KeyPath, reader: Reader) -> None:
    """Complain about a key without a row; an option's name at the top belongs further down."""
    from promptlang.tables.options.table import option

    *above, name = path
    place = f"`[{'.'.join(above)}]`" if above else "a project file"
    names = below(tuple(above))
    known = [each for each in names if each != "*"]
    close = nearest(name.lower(), known)
    if not above and option(name):
        close, help = None, f"write it under `[options]` to set `/{name}` for every prompt"
    elif home := next((row.path[0] for row in KEYS if len(row.path) == 2 and row.path[1] == name), None):
        close, help = None, f"write it under `[{home}]`"
    elif close:
        help = f"write `{close}`"
    else:
        tables = [f"tables such as `[{'.'.join(path)}]`"] if len(known) < len(names) else []
        help = f"known here: {', '.join([*(f'`{each}`' for each in known), *tables])}"
    span = reader.span(path, of_key=True)
    reader.complain(UNKNOWN_KEY, f"{place} has no key `{name}`", span, "unknown key", help=help, write=close or "")


def _value(row: Key, path: KeyPath, value: Toml, reader: Reader) -> Value:
    """One value read by the shape of its key; None where it does not fit."""
    match row.shape:
        case "text" | "path":
            return text(path, value, reader)
        case "inside":
            return inside(path, value, reader)
        case "texts":
            rules = texts(path, value, reader)
            return FileIgnores(path[-1], tuple(rule for rule, span in rules if _is_rule(rule, span, reader)))
        case "folders" | "files":
            found = texts(path, value, reader)
            return tuple(path_of(written, span, reader, holds=row.shape) for written, span in found)
        case "patterns":
            from promptlang.config.patterns import files_of  # few projects share recipes

            wanted = (files_of(written, span, reader) for written, span in texts(path, value, reader))
            return tuple(filter(None, wanted))
        case "flag":
            return value if isinstance(value, bool) else reader.wrong(path, "`true` or `false`", value)
        case "count" | "limit":
            return _limit(row, path, value, reader)
        case "edition":
            return _edition(path, value, reader)
        case "severity":
            known = _is_rule(path[-1], reader.span(path, of_key=True), reader)
            name = one_of(path, value, SEVERITIES, reader)
            return SEVERITIES[name] if name and known else None
        case "option":
            return default_option(path, value, reader)
        case "concept":
            return concept(path, value, reader)
        case "concept table":
            return concept(path, value, reader) if isinstance(value, dict) else _unknown_key(path, reader)
        case _:
            assert_never(row.shape)


def _limit(row: Key, path: KeyPath, value: Toml, reader: Reader) -> int | None:
    """A number of at least 1; `false` lifts a limit that allows it."""
    if isinstance(value, int) and ((value is False and row.shape == "limit") or (value is not True and value > 0)):
        return value
    wanted = "a whole number above 0" + (" or `false`" if row.shape == "limit" else "")
    return reader.wrong(path, wanted, value)


def _edition(path: KeyPath, value: Toml, reader: Reader) -> str | None:
    from promptlang.tables.editions import EDITIONS

    return one_of(path, value, EDITIONS, reader)


def _is_rule(pattern: str, span: Span, reader: Reader) -> bool:
    """Whether a pattern means a rule; complains where it does not."""
    from promptlang.checks.rules import RULES

    if matching(pattern, RULES):
        return True
    close = nearest_pattern(pattern, RULES)
    write = f'"{close}"' if close else ""
    reader.complain(
        UNKNOWN_RULE, f"no rule is called `{pattern}`", span, "unknown rule", help=instead(close), write=write
    )
    return False
