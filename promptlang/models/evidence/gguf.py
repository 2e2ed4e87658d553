"""The header of a GGUF file, as llama.cpp defines it: names, types and shapes. No tensor is ever read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from struct import Struct, unpack
from types import MappingProxyType
from typing import BinaryIO

from promptlang.models.evidence.header import RANK_LIMIT, SIDE_LIMIT, Header, Tensor
from promptlang.models.evidence.records import BadHeader, quoted

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST = 1_000_000  # tensors, or entries of metadata
LONGEST = 65_536  # bytes of a name; of a value, what is longer is passed over
DEEPEST = 4  # lists in lists
ALIGNMENT = "general.alignment"

# Numbers of a type, and the bytes that so many take together; a type that is not here has none known.
TYPES: Mapping[int, tuple[str, int, int]] = MappingProxyType(
    {
        0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
        7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
        12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 30: ("BF16", 1, 2),
    }
)  # fmt: skip
PACKED = frozenset(name for name, block, _ in TYPES.values() if block > 1)
"""The types that keep numbers in few bits, by the block."""

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # bytes of a value, by its type
_TEXT, _LIST = 8, 9
_COUNT, _KIND, _COUNTS = Struct("<Q"), Struct("<I"), Struct("<IQQ")


def read_gguf(path: Path) -> Header:
    """The header of a GGUF file; raises `BadHeader`, and `OSError` as the system does."""
    size = path.stat().st_size
    if size == 0:
        raise BadHeader("the file is empty")
    with path.open("rb") as file:
        return _header(_Cursor(file, size))


class _Cursor:
    """A file that is read to its end at most."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left, self.size = file, size, size

    @property
    def place(self) -> int:
        return self.size - self._left

    def take(self, count: int) -> bytes:
        self._pass(count)
        return self._file.read(count)

    def skip(self, count: int) -> None:
        self._pass(count)
        self._file.seek(count, 1)

    def count(self) -> int:
        return _COUNT.unpack(self.take(8))[0]

    def kind(self) -> int:
        return _KIND.unpack(self.take(4))[0]

    def text(self) -> str:
        length = self.count()
        if length > LONGEST:
            raise BadHeader(f"the header holds a name of {length:,} bytes")
        return self.take(length).decode("utf-8", "replace")

    def _pass(self, count: int) -> None:
        if count > self._left:
            raise BadHeader(f"cut off: the header needs more than the {self.size:,} bytes of the file")
        self._left -= count


def _header(cursor: _Cursor) -> Header:
    if cursor.take(4) != MAGIC:
        raise BadHeader("the file does not begin with `GGUF`: this is not a GGUF file")
    version, tensors, entries = _COUNTS.unpack(cursor.take(20))
    if version not in VERSIONS:
        raise BadHeader(f"its version of GGUF is {version}, known are {' and '.join(map(str, VERSIONS))}")
    if max(tensors, entries) > MOST:
        raise BadHeader(f"the header speaks of {max(tensors, entries):,} entries")
    metadata = dict(_entry(cursor) for _ in range(entries))
    found = [_tensor(cursor) for _ in range(tensors)]
    alignment = int(metadata.get(ALIGNMENT, "32")) or 32
    start = -(-cursor.place // alignment) * alignment
    for name, tensor in found:
        if start + tensor.end > cursor.size:
            raise BadHeader(f"cut off: {quoted(name)} ends at byte {start + tensor.end:,}, the file at {cursor.size:,}")
    return Header(dict(found), {key: value for key, value in metadata.items() if value})


def _entry(cursor: _Cursor) -> tuple[str, str]:
    """A name of the metadata and its value, where that is a text or the alignment."""
    key, kind = cursor.text(), cursor.kind()
    if kind == _TEXT:
        return key, "".join(_texts(cursor, 1))
    if key == ALIGNMENT and kind == 4:
        return key, str(cursor.kind())
    _pass_over(cursor, kind, 1, 0)
    return key, ""


def _texts(cursor: _Cursor, count: int) -> Iterator[str]:
    """So many texts; long ones are passed over."""
    for _ in range(count):
        length = cursor.count()
        if length > LONGEST:
            cursor.skip(length)
        else:
            yield cursor.take(length).decode("utf-8", "replace")


def _pass_over(cursor: _Cursor, kind: int, count: int, depth: int) -> None:
    """So many values of a type."""
    if kind in _SIZES:
        cursor.skip(_SIZES[kind] * count)
    elif kind == _TEXT:
        for _ in range(count):
            cursor.skip(cursor.count())
    elif kind == _LIST and depth < DEEPEST:
        for _ in range(count):
            inner, length = cursor.kind(), cursor.count()
            _pass_over(cursor, inner, length, depth + 1)
    else:
        raise BadHeader(f"the metadata holds a value of the unknown type {kind}")


def _tensor(cursor: _Cursor) -> tuple[str, Tensor]:
    name, rank = cursor.text(), cursor.kind()
    if rank > RANK_LIMIT:
        raise BadHeader(f"{quoted(name)} has {rank} dimensions")
    shape = unpack(f"<{rank}Q", cursor.take(8 * rank))[::-1]  # the side that changes fastest stands first
    kind, offset = cursor.kind(), cursor.count()
    dtype, block, size = TYPES.get(kind, (f"type {kind} of GGUF", 1, 0))
    if any(side >= SIDE_LIMIT for side in shape):
        raise BadHeader(f"the shape of {quoted(name)} is not a short list of whole numbers")
    return name, Tensor(dtype, shape, offset, offset + -(-prod(shape) // block) * size)
