"""Prompts and their settings in YAML, as people keep them for scripts of their own: a list below `prompts:`, a list of
records, or one record. Only what stands on one line is read; a text with anything else in it is none of these."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptlang.importers.imported import Entry, Imported
from promptlang.importers.infotext import as_signs, schedule
from promptlang.importers.json_text import parsed, size
from promptlang.models.evidence.records import Record
from promptlang.tables.options.table import ELSEWHERE, OPTIONS, SCHEDULE, SIZE

_LIST = "prompts"
_SIDES = frozenset({_LIST, "prompt", "negative_prompt", "model"})
_FEWEST = 2  # keys that tell a record from a prompt with a label
_LINE = re.compile(r"(?P<indent>[ \t]*)(?P<dash>-[ \t]+)?(?:(?P<key>[a-z][a-z0-9_]*):(?=[ \t]|\Z))?[ \t]*(?P<value>.*)")
_BEGINS_A_BLOCK = (">", "|", "&", "*", "!")  # a value of several lines, or one that stands elsewhere
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\'\'|[^\'])*\'')


def imported(text: str) -> tuple[Imported, ...]:
    """What the text says, a prompt each; nothing where it is no such YAML."""
    shared, records = Record(), list[Record]()
    current, is_list = shared, False
    for line in filter(str.strip, text.splitlines()):
        found = _LINE.fullmatch(line.rstrip())
        if found is None or found["value"].startswith(_BEGINS_A_BLOCK):
            return ()
        key, value = found["key"], found["value"]
        if found["dash"] and is_list and not is_known(key):
            records.append(Record(prompt=_plain(line.strip()[len(found["dash"]) :])))
            continue
        if found["dash"]:
            current = Record()
            records.append(current)
        elif not found["indent"]:
            current, is_list = shared, key == _LIST
        if not key or key in current or (key == _LIST) == bool(value) or (found["indent"] and current is shared):
            return ()
        current[key] = _plain(value)
    shared.pop(_LIST, None)
    if not records and len(shared) < _FEWEST:
        return ()
    whole = [Record(shared | each) for each in records] or [shared]
    return tuple(map(of_record, whole)) if all(each.text("prompt") for each in whole) else ()


def is_known(key: str | None) -> bool:
    """Whether a setting is called so, or a side of the prompt."""
    return key in _SIDES or key in OPTIONS or key in ELSEWHERE


def _plain(value: str) -> str:
    """A value without its quotes, and without the comment behind it."""
    quoted = _QUOTED.match(value)
    if quoted is None or value[quoted.end() :].strip()[:1] not in ("", "#"):
        return value
    if value[0] == "'":
        return quoted[0][1:-1].replace("''", "'")
    read = parsed(quoted[0])  # whose escapes are those of YAML that anybody writes
    return read if isinstance(read, str) else value


def of_record(record: Record) -> Imported:
    """What a record says that has a prompt, under the names that settings have."""
    whole = dict(size(record))
    options = {name: entry for name, entry in _options(record) if name != SIZE.name or not whole} | whole
    said = (*(entry.name for entry in options.values()), *(("width", "height") if whole else ()))
    return Imported(
        positive=as_signs(record.text("prompt")),
        negative=as_signs(record.text("negative_prompt")),
        model=record.text("model"),
        options=tuple(options.items()),
        rest=tuple(Entry(key, record.text(key)) for key in record if key not in _SIDES and key not in said),
    )


def _options(record: Record) -> Iterator[tuple[str, Entry]]:
    """The settings that options may say; what names a file is left to the writer, whose files they are."""
    for key in reversed(record):
        row = OPTIONS.get(key) or ELSEWHERE.get(key)
        if row and not row.is_path and not row.decides and (value := record.text(key)):
            yield row.name, Entry(key, schedule(value) if row is SCHEDULE else value)
