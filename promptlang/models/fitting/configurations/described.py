"""Whether the files of a part hold the network that its `config.json` describes, by names and shapes of tensors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import chain

from promptlang.models.evidence.header import Tensor, below
from promptlang.models.evidence.identity import shaped
from promptlang.models.evidence.packing import PLAIN
from promptlang.models.evidence.records import Record, is_list, is_whole, quoted
from promptlang.models.fitting.configurations.mistyped import mistyped
from promptlang.models.fitting.configurations.said import SAID, misspoken, named, number, numbers, size_of
from promptlang.models.fitting.tensors.agreeing import disagreeing
from promptlang.models.fitting.tensors.laid_out import mislaid
from promptlang.tables.configurations.encoders import ENCODERS
from promptlang.tables.configurations.row import Blocks, Described
from promptlang.tables.configurations.table import DESCRIBED
from promptlang.tables.layouts.table import layouts_in_folders

Tensors = Mapping[str, Tensor]
_BEGINS = ("", "text_model.", "model.", "language_model.", "model.language_model.", "language_model.model.")
"""How names may begin where a network stands in another one."""
_SEEING = ("visual.", "model.visual.", "vision_tower.", "model.vision_tower.")
"""How names may begin of the half of a language model that sees."""
_FEWEST = 3  # blocks, of which one lacks what all others have


def undescribed(kind: str, config: Record, tensors: Tensors) -> str:
    """In one clause what the files of a part have otherwise than its configuration says; empty where nothing is."""
    row = DESCRIBED.get(kind)
    if row is None or "quantization_config" in config:
        return ""
    said = _told(row, config)
    if odd := next(chain(misspoken(row, said), mistyped(config) if kind in ENCODERS else ()), ""):
        return odd
    begin = max(_BEGINS, key=lambda each: sum(each + side.tensor in tensors for side in row.sides))
    if not any(begin + side.tensor in tensors for side in row.sides):
        return f"its files hold no tensor of a {quoted(kind)}" if tensors else ""
    own = {name.removeprefix(begin): each for name, each in tensors.items()}
    return next(
        chain(
            _faults(row, said, own),
            _of_seeing(row, config, tensors),
            filter(None, [mislaid(own, layouts_in_folders(kind))]),
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
    return number(row, _told(row, config), key) if row else 0


def _told(row: Described, config: Record) -> Record:
    return Record(config | config.record(row.inside))


# --- what the files have otherwise ------------------------------------------------------------------------------------


def _faults(row: Described, said: Record, own: Tensors) -> Iterator[str]:
    for side in row.sides:
        size, found = size_of(row, said, side.keys), own.get(side.tensor)
        if size and found is None and row.whole and side.needed:
            yield f"its files lack `{side.tensor}`"
        if size and found and found.dtype in PLAIN and found.shape[side.axis : side.axis + 1] != (size,):
            yield f"`{side.tensor}` is {shaped(found.shape)}, where {named(row, said, side.keys)} is {size}"
    if row.grid:
        yield from _of_grid(*row.grid, row, said, own)
    for key, inside, usual in row.switches:
        if said.get(key, usual) and not any(inside in name for name in own):
            asks = f"which `{key}` {SAID} asks for" if key in said else f"as `config.json` has no `{key}`"
            yield f"its files lack `{inside.strip('.')}`, {asks}"
    for key, begin in row.asked:
        if not said.get(key) and (name := next((name for name in own if name.startswith(begin)), "")):
            yield f"its files hold `{name}`, which `{key}` {SAID} does not ask for"
    if row.flat:
        yield from _of_flat(*row.flat, row, said, own)
    for each in row.blocks:
        yield from _of_blocks(each, row, said, own, beyond=row.beyond)
    even = [(each.name, each.uneven) for each in row.blocks if not each.levels] + [(name, ()) for name in row.besides]
    widths = numbers(row, said, "block_out_channels")
    yield from disagreeing(own, even, {"down": widths, "up": said.counts("decoder_block_out_channels") or widths})


def _of_flat(key: str, end: str, row: Described, said: Record, own: Tensors) -> Iterator[str]:
    """Layers that are a matrix by the key, and otherwise a convolution."""
    is_flat = bool(said.get(key))
    for name, each in own.items():
        if name.endswith(end) and each.dtype in PLAIN and len(each.shape) != (2 if is_flat else 4):
            is_so = "asks for a matrix" if is_flat else "asks for none"
            yield f"`{name}` is {shaped(each.shape)}, where {named(row, said, (key,))} {is_so}"


def _of_grid(tensor: str, whole: str, part: str, row: Described, said: Record, own: Tensors) -> Iterator[str]:
    """A row for each place of a square picture, and one for the whole of it."""
    side, place, found = number(row, said, whole), number(row, said, part), own.get(tensor)
    if side and place and found and found.shape[:1] != ((side // place) ** 2 + 1,):
        yield f"`{tensor}` is {shaped(found.shape)}, where `{whole}` {SAID} is {side}, and `{part}` is {place}"


def _of_blocks(each: Blocks, row: Described, said: Record, own: Tensors, *, beyond: bool) -> Iterator[str]:
    wanted = _wanted(each, row, said)
    found = numbered(own, each.name)
    if wanted is None or not found:
        return
    asks = f"where `{each.key}` {SAID} asks for {wanted}"
    wanted += each.more
    lost = next((number for number in range(wanted) if number not in found), None)
    if lost is not None:
        yield f"its files lack `{each.name}.{lost}`, {asks}"
    elif beyond and max(found) >= wanted:
        yield f"its files hold `{each.name}.{max(found)}`, {asks}"
    elif each.alike and (name := lost_of(found)):
        yield f"its files lack `{each.name}.{name}`"


def _wanted(each: Blocks, row: Described, said: Record) -> int | None:
    """How many blocks are asked for; None where that is said in a way of its own."""
    value = said.get(each.key)
    if not is_list(value):
        return number(row, said, each.key)
    if each.listed or all(isinstance(name, str) for name in value):
        return len(value)
    return value[0] if value and is_whole(value[0]) else None


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
