"""The header of a safetensors file: names, types and shapes. No tensor is ever read and nothing is executed."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

from promptlang.models.evidence.records import BadHeader, Record, are_counts, parse_record, quoted
from promptlang.tables.models.known import RUNS_CODE
from promptlang.values import dataclass

LENGTH_LIMIT = 100_000_000  # bytes of header, as in the reference reader
RANK_LIMIT = 64
SIDE_LIMIT = 2**63

BITS = {
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
}

# First bytes of files that are often mistaken for safetensors, and what to call them.
PICKLE = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
OTHERS = (
    (b"GGUF", "a GGUF file, not safetensors"),
    (b"version https://git-lfs", "a Git LFS pointer: the model itself was not fetched"),
    (b"<", "a web page or XML, not a model: the download went wrong"),
    (b"\x89PNG", "a PNG picture, not a model"),
    (b"\x1f\x8b", "compressed with gzip, not safetensors"),
)


class PickledModel(BadHeader):
    """A model in Python's pickle format, which runs code when it is loaded; it is recognised and never opened."""

    def __init__(self) -> None:
        super().__init__(RUNS_CODE)


class Tensor(NamedTuple):
    """What the header says about one tensor; `start` and `end` are bytes counted from the end of the header."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Header:
    """The tensors of a file by name, and its metadata."""

    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str]

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor; empty where there is none of that name."""
        found = self.tensors.get(name)
        return found.shape if found else ()


Value = TypeVar("Value")


def below(named: Mapping[str, Value], begin: str) -> Mapping[str, Value]:
    """What stands under names that begin so, by the rest of them."""
    if not begin:
        return named
    return {name.removeprefix(begin): each for name, each in named.items() if name.startswith(begin)}


def read_header(path: Path) -> Header:
    """The checked header of a safetensors file.

    Raises `PickledModel` or another `BadHeader` that says what was found instead, and `OSError` as the system does.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise BadHeader("a folder, where a file is needed")
    if not stat.S_ISREG(status.st_mode):
        raise BadHeader("not a regular file")
    if status.st_size == 0:
        raise BadHeader("the file is empty")
    with path.open("rb") as file:
        data, size = _header_bytes(file, status.st_size)
    return parse_header(data, size)


_LETTERS = bytes(range(32, 256)) + b"\t\n\r"  # a length has zeros in it


def _is_text(first: bytes) -> bool:
    """Whether a file begins with letters; the last one may be cut."""
    whole = first.rstrip(bytes(range(128, 256)))
    try:
        return bool(whole.decode()) and not whole.translate(None, _LETTERS)
    except UnicodeDecodeError:
        return False


def _header_bytes(file: BinaryIO, size: int) -> tuple[bytes, int]:
    """The bytes of the header and the number of data bytes behind it."""
    first = file.read(32)
    _refuse_other_formats(first)
    if size < 8:
        raise BadHeader(f"the file has {size} bytes, too few for a header")
    length = int.from_bytes(first[:8], "little")
    if length > LENGTH_LIMIT and _is_text(first):
        raise BadHeader("a text, not a model")
    if length > LENGTH_LIMIT:
        raise BadHeader(f"this is not a safetensors file: its header would be longer than {LENGTH_LIMIT:,} bytes")
    if 8 + length > size:
        raise BadHeader(f"cut off: the header needs {8 + length:,} bytes, the file has {size:,}")
    file.seek(8)
    data = file.read(length)
    if len(data) < length:
        raise BadHeader(f"cut off: the header needs {length:,} bytes, {len(data):,} could be read")
    return data, size - 8 - length


def _refuse_other_formats(first: bytes) -> None:
    if first[8:9] == b"{":  # a header length may begin with any of the bytes below
        return
    if first.startswith(PICKLE):
        raise PickledModel
    for magic, words in OTHERS:
        if first.startswith(magic):
            raise BadHeader(words)


def parse_header(data: bytes, room: int) -> Header:
    """The header in `data`, for a file with `room` bytes of tensors behind it.

    `BadHeader` where it breaks the format.
    """
    if not data.startswith(b"{"):
        raise BadHeader("the header does not begin with `{`: this is not a safetensors file")
    record = parse_record(data, "the header")
    metadata = _metadata(record.pop("__metadata__", None))
    tensors = {name: _tensor(name, entry) for name, entry in record.items()}
    _check_layout(tensors, room)
    if b"\\u" in data:
        _check_names(tensors, metadata)
    return Header(tensors, metadata)


def _metadata(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Record):
        raise BadHeader("`__metadata__` is not an object")
    texts = {key: text for key, text in value.items() if isinstance(text, str)}
    if len(texts) < len(value):
        odd = next(key for key in value if key not in texts)
        raise BadHeader(f"metadata may hold text only, {quoted(odd)} does not")
    return texts


def _tensor(name: str, entry: object) -> Tensor:
    if not isinstance(entry, Record):
        raise BadHeader(f"the entry {quoted(name)} is not an object")
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    bits = BITS.get(dtype) if isinstance(dtype, str) else None
    if bits is None:
        raise BadHeader(f"{quoted(name)} has the unknown type {quoted(str(dtype))}")
    if not are_counts(shape) or len(shape) > RANK_LIMIT or (shape and max(shape) >= SIDE_LIMIT):
        raise BadHeader(f"the shape of {quoted(name)} is not a short list of whole numbers")
    if not are_counts(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise BadHeader(f"the offsets of {quoted(name)} are not two rising whole numbers")
    start, end = offsets
    if prod(shape) * bits != (end - start) * 8:
        sides = "×".join(map(str, shape)) or "()"
        raise BadHeader(f"{quoted(name)} is {dtype} of shape {sides}, which does not fill its {end - start:,} bytes")
    return Tensor(str(dtype), tuple(shape), start, end)


def _check_layout(tensors: Mapping[str, Tensor], room: int) -> None:
    """The format wants the tensors to cover the data without overlap, gap or rest: a rest could hide another file."""
    covered, before = 0, ""
    for start, end, name in sorted((each.start, each.end, name) for name, each in tensors.items()):
        if start < covered:
            raise BadHeader(f"{quoted(name)} overlaps {quoted(before)} by {covered - start:,} bytes")
        if start > covered:
            raise BadHeader(f"{start - covered:,} bytes before {quoted(name)} belong to no tensor")
        if end > room:
            raise BadHeader(f"cut off: {quoted(name)} ends at data byte {end:,}, the file at {room:,}")
        covered, before = end, name
    if covered < room:
        raise BadHeader(f"{room - covered:,} bytes at the end belong to no tensor")


def _check_names(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Escapes can spell half a character pair, which nobody can print or save."""
    for text in (*tensors, *metadata, *metadata.values()):
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise BadHeader(f"{quoted(text)} holds half of a character pair")
