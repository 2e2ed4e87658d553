"""Whether the files of a part hold the network that its `config.json` describes, by names and shapes of tensors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from json import dumps
from math import prod

from promptlang.models.evidence.header import Tensor, below
from promptlang.models.evidence.identity import shaped
from promptlang.models.evidence.records import Record, is_list, is_whole, quoted
from promptlang.models.fitting.tensors.agreeing import FLOATS, disagreeing
from promptlang.models.fitting.tensors.laid_out import mislaid
from promptlang.sentences import listed
from promptlang.tables.configurations.row import Blocks, Described, Side
from promptlang.tables.configurations.table import DESCRIBED
from promptlang.tables.configurations.words import ROPES
from promptlang.tables.layouts.table import CLASSES

Tensors = Mapping[str, Tensor]
_BEGINS = ("", "text_model.", "model.", "language_model.", "model.language_model.", "language_model.model.")
"""How names may begin where a network stands in another one."""
_SEEING = ("visual.", "model.visual.", "vision_tower.", "model.vision_tower.")
"""How names may begin of the half of a language model that sees."""
_TURNING = "rope_parameters"
_FEWEST = 3  # blocks, of which one lacks what all others have
_COUNTED = re.compile(
    r"depth|.+_(?:size|dim|layers|heads|channels|position_embeddings|groups|eps|epsilon|range|dropout|theta|factor"
    r"|token_id|token_index|softcapping|window|pre_attn_scalar|per_second|distance|rate)"
)
"""Keys at which configurations have numbers, whatever the class."""
SAID = "of `config.json`"


def undescribed(kind: str, config: Record, tensors: Tensors) -> str:
    """In one clause what the files of a part have otherwise than its configuration says; empty where nothing is."""
    row = DESCRIBED.get(kind)
    if row is None or "quantization_config" in config:
        return ""
    said = _told(row, config)
    if odd := next(_misspoken(row, said), ""):
        return odd
    begin = max(_BEGINS, key=lambda each: sum(each + side.tensor in tensors for side in row.sides))
    if not any(begin + side.tensor in tensors for side in row.sides):
        return f"its files hold no tensor of a {quoted(kind)}" if tensors else ""
    own = {name.removeprefix(begin): each for name, each in tensors.items()}
    return next(
        chain(
            _faults(row, said, own),
            _of_seeing(row, config, tensors),
            filter(None, [mislaid(own, [CLASSES[kind]] if kind in CLASSES else [])]),
        ),
        "",
    )


def _of_seeing(row: Described, config: Record, tensors: Tensors) -> Iterator[str]:
    """What a language model that sees as well says of that half of it."""
    if row.seeing is None:
        return
    for begin in _SEEING:
        if own := below(tensors, begin):
            yield from _faults(row.seeing, config.record(row.seeing.inside), own)
            return


def number_of(kind: str, config: Record, key: str) -> int:
    """What stands at a key of the configuration of a part of that class, or holds there; 0 where no number is known."""
    row = DESCRIBED.get(kind)
    return _number(row, _told(row, config), key) if row else 0


def _told(row: Described, config: Record) -> Record:
    return Record(config | config.record(row.inside))


# --- what a configuration says that is nothing ------------------------------------------------------------------------


def _misspoken(row: Described, said: Record) -> Iterator[str]:
    """Values that no network has: words that nobody knows, and numbers that are none."""
    seeing = said.record("vision_config")
    for part in (said, seeing):
        for key in (key for key in row.words if key in part):
            if odd := next(_unknown(part[key], row.words[key], is_open=key in row.open), ""):
                yield f"`{key}` {SAID} is {odd}, and none of the names that are known there"
    for each, part in ((row, said), (row.seeing, seeing)):
        for key in each.unsaid if each else ():
            if each and key in part and key not in each.words and not _is_number(part[key], each, key):
                yield f"`{key}` {SAID} is {_shown(part[key])}, and no {_wanted(each, key)}"
    for part in (said, seeing):
        for key, value in (*part.items(), *part.record(_TURNING).items()):
            if isinstance(value, str) and _COUNTED.fullmatch(key):
                yield f"`{key}` {SAID} is {_shown(value)}, and no number"
        if (turns := part.record(_TURNING).text("rope_type")) and turns not in ROPES:
            yield f"`rope_type` {SAID} is {_shown(turns)}, and none of the names that are known there"
    kinds, layers = said.get("layer_types"), said.whole("num_hidden_layers")
    if is_list(kinds) and layers is not None and len(kinds) != layers:
        yield f"`layer_types` {SAID} are {len(kinds)}, where `num_hidden_layers` is {layers}"


def _unknown(value: object, known: Collection[str], *, is_open: bool) -> Iterator[str]:
    if value is None and is_open:
        return
    for each in value if is_list(value) else [value]:
        if not (isinstance(each, str) and (each in known or each.lower() in known)):
            yield _shown(each)


def _is_number(value: object, row: Described, key: str) -> bool:
    """Whether the value is what the library counts by: a whole number above 0, or a list of such."""
    usual = row.unsaid[key]
    if value is None:
        return usual is None or key in row.open
    if is_list(value):
        is_one = not isinstance(usual, tuple) and key not in _LISTS
        return not is_one and bool(value) and all(is_whole(each) and each > 0 for each in value)
    return is_whole(value) and value >= (0 if key in _counts(row) else 1) and not isinstance(usual, tuple)


_LISTS = frozenset({"layers_per_block", "cross_attention_dim"})
"""Keys at which a number may stand for each level."""


def _counts(row: Described) -> Collection[str]:
    return {each.key for each in row.blocks}


def _wanted(row: Described, key: str) -> str:
    return "list of numbers above 0" if isinstance(row.unsaid[key], tuple) else "whole number above 0"


def _shown(value: object) -> str:
    return quoted(value if isinstance(value, str) else dumps(value))


# --- what the files have otherwise ------------------------------------------------------------------------------------


def _faults(row: Described, said: Record, own: Tensors) -> Iterator[str]:
    for side in row.sides:
        size, found = _size(row, said, side.keys), own.get(side.tensor)
        if size and found is None and row.whole and side.needed:
            yield f"its files lack `{side.tensor}`"
        if size and found and found.dtype in FLOATS and found.shape[side.axis : side.axis + 1] != (size,):
            yield f"`{side.tensor}` is {shaped(found.shape)}, where {_named(side, said)} is {size}"
    if row.grid:
        yield from _of_grid(*row.grid, row, said, own)
    for each in row.blocks:
        yield from _of_blocks(each, row, said, own, beyond=row.beyond)
    for whole, part in row.divided:
        heads = _number(row, said, part)
        for width in _numbers(row, said, whole):
            if heads and width % heads:
                yield f"`{whole}` {SAID} is {width}, which its `{part}` {heads} does not divide"
    even = [(each.name, each.uneven) for each in row.blocks if not each.levels] + [(name, ()) for name in row.besides]
    widths = _numbers(row, said, "block_out_channels")
    yield from disagreeing(own, even, {"down": widths, "up": said.counts("decoder_block_out_channels") or widths})


def _of_grid(tensor: str, whole: str, part: str, row: Described, said: Record, own: Tensors) -> Iterator[str]:
    """A row for each place of a square picture, and one for the whole of it."""
    side, place, found = _number(row, said, whole), _number(row, said, part), own.get(tensor)
    if side and place and found and found.shape[:1] != ((side // place) ** 2 + 1,):
        yield f"`{tensor}` is {shaped(found.shape)}, where `{whole}` {SAID} is {side}, and `{part}` is {place}"


def _named(side: Side, said: Record) -> str:
    """The keys in words, and where it is read what nobody has written there."""
    plain = [_used(said, key).partition("[")[0] for key in dict.fromkeys(side.keys)]
    words = " times ".join(f"`{key}`" for key in plain)
    unsaid = [f"`{key}`" for key in plain if key not in said]
    return f"{words} {SAID}, which has no {listed(unsaid, 'or')}," if unsaid else f"{words} {SAID}"


def _size(row: Described, said: Record, keys: Collection[str]) -> int:
    """The product of the numbers there; 0 where one of them is none."""
    return prod(_number(row, said, key) for key in keys)


def _used(said: Record, key: str) -> str:
    """The key that counts, of two where the second does as long as nothing stands at the first."""
    first, _, second = key.partition("|")
    return second if second and said.get(first) is None else first


def _number(row: Described, said: Record, key: str) -> int:
    name, _, place = _used(said, key).partition("[")
    counts = _numbers(row, said, name)
    return counts[int(place.rstrip("]") or 0) if place else 0] if counts else 0


def _numbers(row: Described, said: Record, name: str) -> Sequence[int]:
    """What stands at a key, or holds where nothing does; none where that is no number."""
    usual = row.unsaid.get(name)
    if name not in said:
        return usual if isinstance(usual, tuple) else () if usual is None else (usual,)
    number = said.whole(name)
    return said.counts(name) if number is None else (number,)


def _of_blocks(each: Blocks, row: Described, said: Record, own: Tensors, *, beyond: bool) -> Iterator[str]:
    value = said.get(each.key)
    is_named = is_list(value) and not any(map(is_whole, value))
    wanted = len(value) if is_list(value) and is_named else _number(row, said, each.key)
    found = numbered(own, each.name)
    if not found:
        return
    asks = f"where `{each.key}` {SAID} asks for {wanted}"
    lost = next((number for number in range(wanted) if number not in found), None)
    if lost is not None:
        yield f"its files lack `{each.name}.{lost}`, {asks}"
    elif beyond and max(found) >= wanted:
        yield f"its files hold `{each.name}.{max(found)}`, {asks}"
    elif each.alike and (name := lost_of(found)):
        yield f"its files lack `{each.name}.{name}`"


def numbered(names: Collection[str], begin: str) -> Mapping[int, frozenset[str]]:
    """The blocks of that name by their number, each with the names of its tensors inside it."""
    place = re.compile(rf"{re.escape(begin)}\.(\d{{1,4}})\.(.+)")
    found: dict[int, set[str]] = {}
    for name in names:
        if match := place.match(name):
            found.setdefault(int(match[1]), set()).add(match[2])
    return {number: frozenset(inside) for number, inside in found.items()}


def lost_of(blocks: Mapping[int, frozenset[str]]) -> str:
    """The first tensor that one of the blocks lacks and all others have; empty where there is none."""
    if len(blocks) < _FEWEST:
        return ""
    counted = Counter(name for inside in blocks.values() for name in inside)
    common = {name for name, count in counted.items() if count == len(blocks) - 1}
    return min((f"{number}.{min(lost)}" for number, inside in blocks.items() if (lost := common - inside)), default="")
