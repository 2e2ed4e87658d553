"""What `config.json` says of a network: the numbers at its keys, and values that no network of its class has."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from json import dumps
from math import prod

from promptlang.models.evidence.records import Record, is_list, is_number, is_whole, quoted
from promptlang.sentences import listed
from promptlang.tables.configurations.row import Described
from promptlang.tables.configurations.words import ROPES

SAID = "of `config.json`"
TURNING, SEEING = "rope_parameters", "vision_config"
"""Where a language model says how places turn its numbers, and what the half is that sees."""
_COUNTED = re.compile(
    r"depth|dropout|.+_(?:size|dim|layers|heads|channels|position_embeddings|groups|eps|epsilon|range|dropout|theta|factor"
    r"|token_id|token_index|softcapping|window|pre_attn_scalar|per_second|distance|rate|ratio|per_block|res_blocks)"
)
"""Keys at which configurations have numbers, whatever the class."""
_SHARE = re.compile(r"(?:.+_)?dropout(?:_rate)?")
_DIVIDING = re.compile(r".*(?:scale_factor|scaling_factor|theta|pre_attn_scalar|ratio|max_distance)\w*")
_LARGEST = 1e30


# --- what stands there, or holds where nothing does -------------------------------------------------------------------


def size_of(row: Described, said: Record, keys: Collection[str]) -> int:
    """The product of the numbers there, less those that divide it; 0 where one of them is none."""
    by = prod(number(row, said, key[1:]) for key in keys if key[0] == "/")
    whole = prod(_amount(row, said, key) for key in keys if key[0] != "/")
    return int(whole / by) if by else 0


def _amount(row: Described, said: Record, key: str) -> float:
    """A number that need not be whole."""
    value = said.get(key, row.numbers.get(key))
    return value if key in row.numbers and isinstance(value, float) else number(row, said, key)


def number(row: Described, said: Record, key: str) -> int:
    """The whole number at a key as the table writes it; 0 where none is known."""
    name, _, place = _used(row, said, key).partition("[")
    counts = numbers(row, said, name)
    return counts[int(place.rstrip("]") or 0) if place else 0] if counts else 0


def numbers(row: Described, said: Record, name: str) -> Sequence[int]:
    """What stands at a key, or holds where nothing does; none where that is no number."""
    usual = row.unsaid.get(name, row.numbers.get(name))
    if name not in said:
        return usual if isinstance(usual, tuple) else (usual,) if is_whole(usual) else ()
    found = said.whole(name)
    return said.counts(name) if found is None else (found,)


def named(row: Described, said: Record, keys: Collection[str]) -> str:
    """The keys in words, and where it is read what nobody has written there."""
    plain = [(each[0] == "/", _used(row, said, each.lstrip("/")).partition("[")[0]) for each in dict.fromkeys(keys)]
    words = "".join(f"{' divided by ' if divides else ' times '}`{key}`" for divides, key in plain)
    words = words.removeprefix(" times ")
    unsaid = [f"`{key}`" for _, key in plain if key not in said]
    return f"{words} {SAID}, which has no {listed(unsaid, 'or')}," if unsaid else f"{words} {SAID}"


def _used(row: Described, said: Record, key: str) -> str:
    """The key that counts, of two where the second does as long as nothing stands at the first."""
    first, _, second = key.partition("|")
    return second if second and said.get(first, row.unsaid.get(first)) is None else first


# --- what no network has ----------------------------------------------------------------------------------------------


def misspoken(row: Described, said: Record) -> Iterator[str]:
    """Values that no network has, one clause each: unknown words, numbers that are none, or that do not go together."""
    yield from _of_words(row, said)
    for each, part in ((row, said), (row.seeing, said.record(SEEING))):
        if each:
            yield from _of_numbers(each, part)
    yield from _of_any_class(said)
    yield from _apart(row, said)


def _of_words(row: Described, said: Record) -> Iterator[str]:
    for part in (said, said.record(SEEING)):
        for key in (key for key in row.words if key in part):
            if odd := next(_unknown(part[key], row.words[key], is_open=key in row.open), ""):
                yield f"`{key}` {SAID} is {odd}, and none of the names that are known there"


def _unknown(value: object, known: Collection[str], *, is_open: bool) -> Iterator[str]:
    if value is None and is_open:
        return
    for each in value if is_list(value) else [value]:
        if not (isinstance(each, str) and (each in known or each.lower() in known)):
            yield shown(each)


def _of_numbers(row: Described, said: Record) -> Iterator[str]:
    for key in row.unsaid:
        if key in said and key not in row.words and not _is_number(said[key], row, key):
            yield f"`{key}` {SAID} is {shown(said[key])}, and no {_wanted(row, key)}"
        elif key in said and _is_beyond(said[key]):
            yield f"`{key}` {SAID} is {shown(said[key])}, more than any network has"
    for key in row.numbers:
        value = said.get(key, 1)
        least, most = _bounds(key)
        if not is_number(value) or not least <= value <= most:
            yield f"`{key}` {SAID} is {shown(value)}, and no {_kind(key)}"
    for key in row.counted:
        value = said.get(key, [])
        if not is_list(value) or None in value:
            yield f"`{key}` {SAID} is {shown(value)}, and no list{' of numbers' if is_list(value) else ''}"
    for key in row.closed:
        if said.get(key):
            yield f"`{key}` {SAID} is {shown(said[key])}, and nothing may stand there"


def _is_number(value: object, row: Described, key: str) -> bool:
    """Whether the value is what the library counts by: a whole number above 0, or a list of such."""
    usual = row.unsaid[key]
    if value is None:
        return usual is None or key in row.open
    if is_list(value):
        least = 0 if key in _counts(row) else 1
        return (isinstance(usual, tuple) or key in row.listed) and bool(value) and _are_counts(value, least)
    return is_whole(value) and value >= (0 if key in _counts(row) else 1) and not isinstance(usual, tuple)


def _are_counts(value: Sequence[object], least: int) -> bool:
    """Whether all are such numbers, or lists of such."""
    return all(_are_counts(each, least) if is_list(each) else is_whole(each) and each >= least for each in value)


def _is_beyond(value: object) -> bool:
    """Whether a number of a value is larger than anything is, and may be larger than what can be counted by."""
    return any(map(_is_beyond, value)) if is_list(value) else is_whole(value) and value > _LARGEST


def _counts(row: Described) -> Collection[str]:
    return {each.key for each in row.blocks}


def _wanted(row: Described, key: str) -> str:
    return "list of numbers above 0" if isinstance(row.unsaid[key], tuple) else "whole number above 0"


def _bounds(key: str) -> tuple[float, float]:
    """What a number there is at least, and at most."""
    return 1e-30 if _DIVIDING.fullmatch(key) else 0, 1 if _SHARE.fullmatch(key) else _LARGEST


def _kind(key: str) -> str:
    if _SHARE.fullmatch(key):
        return "number from 0 to 1"
    return "number above 0" if _DIVIDING.fullmatch(key) else "number from 0 up"


def _of_any_class(said: Record) -> Iterator[str]:
    """What no class takes."""
    for part in (said, said.record(SEEING)):
        for key, value in (*part.items(), *part.record(TURNING).items()):
            if isinstance(value, str) and _COUNTED.fullmatch(key):
                yield f"{quoted(key)} {SAID} is {shown(value)}, and no number"
        if (turns := part.record(TURNING).text("rope_type")) and turns not in ROPES:
            yield f"`rope_type` {SAID} is {shown(turns)}, and none of the names that are known there"


def _apart(row: Described, said: Record) -> Iterator[str]:
    """Numbers and lists that do not go together."""
    kinds, layers = said.get("layer_types"), said.whole("num_hidden_layers")
    if is_list(kinds) and layers is not None and len(kinds) != layers:
        yield f"`layer_types` {SAID} are {len(kinds)}, where `num_hidden_layers` is {layers}"
    for first, *others in row.lists:
        for key, less in ((each.removesuffix("-1"), each.endswith("-1")) for each in others):
            found, wanted = _length(row, said, key), (_length(row, said, first) or number(row, said, first)) - less
            if found and wanted > 0 and found != wanted:
                yield f"{named(row, said, (key,))} are {found}, where {named(row, said, (first,))} asks for {wanted}"
    for key in row.fixed:
        value, usual = said.get(key), row.unsaid[key]
        if is_list(value) and isinstance(usual, tuple) and len(value) != len(usual):
            yield f"`{key}` {SAID} are {len(value)}, where {len(usual)} are needed"
    yield from chain(_of_axes(row, said), _undivided(row, said))


def _length(row: Described, said: Record, key: str) -> int:
    """How long the list at a key is, or the library's own; 0 where there is none."""
    value, usual = said.get(key), row.unsaid.get(key)
    if key in said:
        return len(value) if is_list(value) else 0
    if key in row.words and is_whole(usual):
        return usual
    return len(usual) if isinstance(usual, tuple) else row.counted.get(key, 0)


def _of_axes(row: Described, said: Record) -> Iterator[str]:
    if row.axes is None:
        return
    key, keys = row.axes[0], row.axes[1].split("*")
    whole, size = sum(numbers(row, said, key)), size_of(row, said, keys)
    if whole and size and whole != size:
        yield f"{named(row, said, (key,))} adds up to {whole}, where {named(row, said, keys)} is {size}"


def _undivided(row: Described, said: Record) -> Iterator[str]:
    for whole, part in row.divided:
        widths, parts = numbers(row, said, whole), numbers(row, said, part)
        for at, width in enumerate(widths):
            heads = parts[at] if len(parts) == len(widths) else next(iter(parts), 0)
            if heads and width % heads:
                yield f"`{whole}` {SAID} is {width}, which its `{part}` {heads} does not divide"


def shown(value: object) -> str:
    """What stands there, as a sentence has it."""
    return quoted(value if isinstance(value, str) else dumps(value))
