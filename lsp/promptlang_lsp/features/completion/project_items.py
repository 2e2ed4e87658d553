"""Completion in `promptlang.toml`: tables, keys and values, from the table of keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from promptlang.config.keys import KEYS, Key, KeyPath, below, key
from promptlang.diagnostics import Severity
from promptlang.source import Span, line_start
from promptlang.tables.editions import EDITIONS
from promptlang.tables.options.kinds import Flag, examples
from promptlang.tables.options.table import OPTIONS
from promptlang_lsp.features.completion.offers import MODULE, NEVER, PROPERTY, VALUE, Item, fit
from promptlang_lsp.protocol.words import Json
from promptlang_lsp.texts.page import Page

_HEADER = re.compile(r"^[ \t]*\[(?P<path>[^\[\]\r\n]*)\]", re.MULTILINE)
_LINE = re.compile(
    r"[ \t]*(?:(?P<header>\[)(?P<table>[\w.\-]*)|(?P<key>[\"\w./*\-]*)"
    r"|(?P<name>[\"\w./*\-]+)[ \t]*=[ \t]*(?P<value>[\"\w.\-/]*))"
)
_PART = re.compile(r'"[^"]*"|[^."]+')
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def project_completion(page: Page, offset: int) -> dict[str, Json]:
    """What may be written at an offset of a project file, ranked."""
    text = page.snapshot.text
    start = line_start(text, offset)
    here = _LINE.fullmatch(text, start, offset)
    if here is None:
        return {"isIncomplete": False, "items": []}
    group = "table" if here["header"] else "value" if here["name"] else "key"
    typed, begin = here[group], here.start(group)
    found = _items(page, group, _table(text[:start]), here["name"] or "")
    ranked = ((fit(typed.strip('"'), str(item["label"])), item) for item in found)
    fitting = [item for rank, item in sorted(ranked, key=lambda each: each[0]) if rank < NEVER][
        : page.configuration.completion.limit
    ]
    closed = typed.startswith('"') and text.startswith('"', offset)  # an editor writes both quotes at once
    end = offset + closed
    place = page.snapshot.file_range(Span(begin, end))
    items: list[Json] = []
    for number, item in enumerate(fitting):
        written = str(item.pop("insertText", item["label"]))
        edit: Json = {"range": place, "newText": written}
        items.append({**item, "sortText": f"{number:04}", "filterText": typed or item["label"], "textEdit": edit})
    return {"isIncomplete": True, "items": items}


def _table(text: str) -> KeyPath:
    """The table that lines behind a text belong to."""
    headers = list(_HEADER.finditer(text))
    return _parts(headers[-1]["path"]) if headers else ()


def _parts(written: str) -> KeyPath:
    return tuple(part.strip().strip('"') for part in _PART.findall(written))


def _items(page: Page, group: str, table: KeyPath, name: str) -> Iterator[Item]:
    match group:
        case "table":
            tables = dict.fromkeys(".".join(row.path[:-1]) for row in KEYS if len(row.path) > 1)
            for each in filter(None, tables):
                yield {"label": each, "kind": MODULE}
        case "key":
            yield from _keys(table)
        case _:
            row = key((*table, *_parts(name)))
            yield from _values(page, row, _parts(name)[-1]) if row else ()


def _keys(table: KeyPath) -> Iterator[Item]:
    """Keys of a table; those that stand for names of options and rules are these."""
    from promptlang.checks.rules import RULES

    names = below(table)
    for name in names:
        if name != "*":
            row = key((*table, name))
            is_table = row is None or bool(below((*table, name)))
            text: Item = {} if is_table else {"insertText": f"{name} = "}
            yield {"label": name, "kind": PROPERTY, "data": ["key", ".".join((*table, name))], **text}
    if table == ("rules",):
        for name, rule in RULES.items():
            item: Item = {"label": name, "kind": PROPERTY, "detail": rule.summary, "data": ["rule", name]}
            yield item | {"insertText": f'"{name}" = '}
    elif table == ("options",):
        for name in OPTIONS:
            yield {"label": name, "kind": PROPERTY, "insertText": f"{_key(name)} = ", "data": ["option", name]}


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else f'"{name}"'


def _values(page: Page, row: Key, name: str) -> Iterator[Item]:
    for value in _texts(page, row, name):
        yield {"label": value.strip('"'), "kind": VALUE, "insertText": value}


def _texts(page: Page, row: Key, name: str) -> Iterator[str]:
    """Values as TOML writes them."""
    match row.shape:
        case "flag":
            yield from ("true", "false")
        case "severity":
            yield from ('"off"', *(f'"{each.word}"' for each in reversed(Severity)))
        case "edition":
            yield from (f'"{each}"' for each in EDITIONS)
        case "text":
            yield from (f'"{each.name}"' for each in page.project.concepts if each.kind == "checkpoint")
        case "option":
            option = OPTIONS.get(name)
            if option is not None:
                is_flag = isinstance(option.kind, Flag)
                yield from ("true",) if is_flag else (_toml(each) for each in examples(option.kind))
        case (
            "inside"
            | "texts"
            | "path"
            | "folders"
            | "files"
            | "patterns"
            | "count"
            | "limit"
            | "concept"
            | "concept table"
        ):
            yield row.example.partition("=")[2].strip()
        case _:
            assert_never(row.shape)


def _toml(value: str) -> str:
    return value if re.fullmatch(r"-?\d+(?:\.\d+)?", value) else f'"{value}"'
