"""Whether the tensors of a network are those of its layout: none missing, and each as large as the others tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from promptlang.models.evidence.gguf import PACKED
from promptlang.models.evidence.header import Tensor
from promptlang.models.evidence.identity import shaped
from promptlang.models.evidence.packing import EIGHT_BITS, PLAIN, no_weights
from promptlang.sentences import counted
from promptlang.tables.layouts.row import Groups, Layout, Line, Side, layout
from promptlang.values import dataclass

JUDGED = PLAIN | EIGHT_BITS.keys() | PACKED
Tensors = Mapping[str, Tensor]
Letter = tuple[str, str]
"""A letter with the block that it stands for a size in; none for the whole network."""
Values = Mapping[Letter, int]


@dataclass(frozen=True, slots=True)
class _Found:
    """A tensor that has a line, and the block that it lies in: how its name begins, and which beginning that is."""

    name: str
    tensor: Tensor
    line: Line
    block: str
    place: int


def mislaid(
    tensors: Tensors, layouts: Sequence[Groups], *, begin: str = "", lack: str = "its files lack", of: str = ""
) -> str:
    """In one clause what is wrong with a network in one of the layouts; empty where nothing is.

    The layout is that of which most is there. Of files that hold less than half of each, or no block at all, nothing is
    said: they are others than those that are known. Names are said with what they `begin` with in the file; `lack`
    begins a sentence about what is not there, and `of` names the file of a tensor.
    """
    known = [(each, [*_matched(tensors, each)]) for each in map(layout, layouts)]
    if not known:
        return ""
    whole, found = max(known, key=lambda each: len(each[1]))
    values = _values(found)
    lost = [*_lost(found, whole, values)]
    if len(lost) >= len(found) or all(each.place < 0 for each in found):
        return ""
    if lost:
        more = f" and {counted(len(lost) - 1, 'more tensor')}" if len(lost) > 1 else ""
        return f"{lack} `{begin}{lost[0]}`{more}"
    for each in found:
        if odd := no_weights(each.tensor.dtype):
            return f"`{begin}{each.name}`{of} {odd}"
        if each.tensor.dtype in JUDGED and (wanted := _other(each, values)):
            return f"`{begin}{each.name}`{of} is {shaped(each.tensor.shape)}, where {wanted} is needed"
    return ""


def _matched(tensors: Tensors, known: Layout) -> Iterator[_Found]:
    for name, tensor in tensors.items():
        if line := known.alone.get(name):
            yield _Found(name, tensor, line, "", -1)
        elif match := known.blocks.match(name):
            place = (match.lastindex or 0) - 1
            if line := known.lines[place].get(name[match.end() :]):
                yield _Found(name, tensor, line, match[0], place)


def _lost(found: Sequence[_Found], known: Layout, values: Values) -> Iterator[str]:
    """The tensors that are not there of blocks that are, and the blocks that are not of lists that are."""
    there: dict[tuple[str, int], set[Line]] = {("", -1): set()}
    for each in found:
        there.setdefault((each.block, each.place), set()).add(each.line)
    for (block, place), lines in there.items():
        every = known.lines[place] if place >= 0 else known.alone
        for line in dict.fromkeys(every.values()):
            if line not in lines and (line.is_needed or (line.where_unlike and _are_unlike(line, block, values))):
                yield block + line.names[0]
    numbers: dict[str, set[int]] = {}
    for block, place in there:
        if place in known.lists:
            begin, _, number = block.rstrip(".").rpartition(".")
            numbers.setdefault(begin, set()).add(int(number))
    for begin, own in numbers.items():
        yield from (f"{begin}.{number}" for number in range(max(own)) if number not in own)


def _are_unlike(line: Line, block: str, values: Values) -> bool:
    """Whether the two sizes are known, and others."""
    letters = (term[1] for side in line.shapes[0][:2] if not isinstance(side, int) for term in side)
    sizes = {values.get((letter, block)) for letter in letters}
    return len(sizes) > 1 and None not in sizes


def _values(found: Sequence[_Found]) -> Values:
    """What each letter stands for: the size that most of the sides have where it stands alone."""
    counted: dict[Letter, Counter[int]] = {}
    for each in found:
        if each.tensor.dtype not in JUDGED:
            continue
        fitting = [sides for sides in each.line.shapes if len(sides) == len(each.tensor.shape)]
        for side, size in zip(fitting[0], each.tensor.shape, strict=True) if len(fitting) == 1 else ():
            if not isinstance(side, int) and len(side) == 1:
                ((count, letter),) = side
                if size % count == 0:
                    counted.setdefault(_letter(letter, each), Counter())[size // count] += 1
    return {letter: sizes.most_common(1)[0][0] for letter, sizes in counted.items()}


def _letter(letter: str, found: _Found) -> Letter:
    return (letter, "" if letter.isupper() else found.block)


def _other(found: _Found, values: Values) -> str:
    """The shape that a tensor would have; empty where it has it, or one that is not known."""
    own = found.tensor.shape
    shapes = [[_size(side, found, values) for side in sides] for sides in found.line.shapes]
    if any(_fits(own, each) for each in shapes):
        return ""
    wanted = next((each for each in shapes if len(each) == len(own)), shapes[0])
    if len(wanted) == len(own):
        return shaped(tuple(have if size is None else size for size, have in zip(wanted, own, strict=True)))
    return "×".join("…" if size is None else str(size) for size in wanted)


def _fits(own: Sequence[int], wanted: Sequence[int | None]) -> bool:
    """Whether a shape is the wanted one, or what GGUF leaves of it, which drops sides of 1 that stand first."""
    dropped = len(wanted) - len(own)
    if dropped < 0 or (dropped and not own) or any(side != 1 for side in wanted[:dropped]):
        return False
    return all(size in (None, have) for size, have in zip(wanted[dropped:], own, strict=True))


def _size(side: Side, found: _Found, values: Values) -> int | None:
    if isinstance(side, int):
        return side
    sizes = [(count, values.get(_letter(letter, found))) for count, letter in side]
    known = [count * size for count, size in sizes if size is not None]
    return sum(known) if sizes and len(known) == len(sizes) else None
