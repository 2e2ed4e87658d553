"""JSON that other programs leave in pictures, as far as it is JSON, and its values as settings."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping

from promptlang.importers.imported import Entry, is_own_vae, sized
from promptlang.models.evidence.records import Record

_LONGEST = 400  # letters of a value that no option takes


def parsed(text: str) -> object:
    """The value of a JSON text; None where it is none, or nests too deeply to be anybody's settings."""
    try:
        return json.loads(text, object_pairs_hook=Record)
    except (ValueError, RecursionError):
        return None


def said(value: object) -> str:
    """A value as a setting is written; empty where it says nothing."""
    match value:
        case None | "" | [] | {}:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number(value)
        case _:
            return shortened(json.dumps(value, ensure_ascii=False))


def number(value: int | float) -> str:
    """A number as people write it: no point behind a whole one, all digits that tell it from others."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(value)


def strength(value: object) -> float:
    """How strong a network is; 1 where nothing says so."""
    return float(value) if isinstance(value, int | float) else 1.0


def shortened(text: str) -> str:
    """A text in one line, its end left out where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def options(record: Record, names: Mapping[str, str]) -> Iterator[tuple[str, Entry]]:
    """The settings that options may say, each option once; none for a VAE that is the model's own."""
    taken: set[str] = set()
    for key, name in names.items():
        if name not in taken and (value := said(record.get(key))) and not is_own_vae(name, value):
            taken.add(name)
            yield name, Entry(key, value)


def true_cfg(record: Record, embedded: str, key: str) -> Iterator[tuple[str, Entry]]:
    """Classifier-free guidance beside the number that the model takes as an input, where it does anything."""
    if embedded in record and (value := said(record.get(key))) not in ("", "1"):
        yield "true-cfg", Entry(key, value)


def others(record: Record, read: Collection[str]) -> Iterator[Entry]:
    """The settings that were not read, as far as they say anything."""
    for key, value in record.items():
        if key not in read and value is not False and (written := said(value)):
            yield Entry(key, shortened(written))


def size(record: Record, width: str = "width", height: str = "height") -> tuple[tuple[str, Entry], ...]:
    """The option that two numbers are."""
    sides = (width, height)
    return tuple(sized({side: said(record.get(side)) for side in sides}, sides).items())
