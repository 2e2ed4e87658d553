"""Whether a file of weights holds every tensor of its networks, each as large as it must be, by its header alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from promptlang.models.discover import state_of
from promptlang.models.evidence.denoisers import CONTROL, DENOISER_BEGINS
from promptlang.models.evidence.header import Header, Tensor, below
from promptlang.models.evidence.packing import REMARKS, no_weights
from promptlang.models.evidence.parts import VAES
from promptlang.models.evidence.records import BadHeader
from promptlang.models.evidence.text_encoders import text_encoders
from promptlang.models.files import header_of
from promptlang.models.fitting.tensors.laid_out import mislaid
from promptlang.models.names import SHARD
from promptlang.tables.configurations.encoders import ENCODERS
from promptlang.tables.layouts.table import CLASSES, layouts_of
from promptlang.tables.models.encoders import EncoderKind
from promptlang.tables.models.folders import Folder, folder_of
from promptlang.tables.models.unet_files import TEXT_PARTS

Tensors = Mapping[str, Tensor]
_AS_THEY_ARE = frozenset(
    kind
    for kind in CLASSES
    if kind.endswith("Transformer2DModel") or (kind in ENCODERS and not kind.startswith("CLIP"))
)
"""Networks that are opened with the numbers of their files in the type that these have."""
_BLOCK = re.compile(
    r"(?:^|.*?\.)(?:(?:double|single|joint|transformer|single_transformer|res|input|output)_?blocks"
    r"|layers|blocks?|(?:noise|context)_refiner)\.(?=(\d{1,4})\.)"
)
"""The blocks of a network: lists of layers where nothing but weights is counted."""
_FEWEST = 4  # blocks, for two or three numbers may count layers without weights between them
_OPEN_LAYER = re.compile(r"transformer\.resblocks\.(\d{1,4})\.")
_INSIDE = ("text_model.", "model.")
"""How the names of an encoder's tensors may go on."""
_READERS: Mapping[EncoderKind, frozenset[str]] = {
    EncoderKind.CLIP: frozenset({"CLIPTextModel", "CLIPTextModelWithProjection"}),
    EncoderKind.T5: frozenset({"T5EncoderModel"}),
}


def gap(path: Path) -> str:
    """In one clause which block a file lacks, or that it is one of several; empty where it looks whole."""
    return _gap(path, state_of(path)) if path.is_file() else ""


@lru_cache(maxsize=64)
def _gap(path: Path, state: tuple[int, int]) -> str:
    if (match := SHARD.fullmatch(path.name)) and int(match[1]) > 1:
        return f"`{path.name}` is one of the {int(match[1])} files of a divided network"
    found: dict[str, set[int]] = {}
    for name in _header(path, state).tensors:
        if match := _BLOCK.match(name):
            found.setdefault(match[0], set()).add(int(match[1]))
    for begin, numbers in found.items():
        lost = min({*range(max(numbers))} - numbers, default=None)
        if len(numbers) >= _FEWEST and lost is not None:
            return f"`{path.name}` lacks `{begin}{lost}`, and has `{begin}{max(numbers)}`"
    return ""


@lru_cache(maxsize=4)
def _header(path: Path, state: tuple[int, int]) -> Header:
    """The header, which several questions are asked about; empty where other refusals tell of it."""
    try:
        return header_of(path)
    except (BadHeader, OSError):
        return Header({}, {})


def misshapen(path: Path, family_name: str, variant: str, parts: frozenset[str]) -> str:
    """In one clause which tensor of a file is missing or of another shape than the others tell; empty where none is.

    `parts` of it are looked at: `denoiser`, `vae`, `text-encoder`, `control`. A layout that is not written down is
    passed over.
    """
    row = folder_of(family_name, variant)
    return _misshapen(path, family_name, row, parts, state_of(path)) if row and path.is_file() else ""


@lru_cache(maxsize=64)
def _misshapen(path: Path, family_name: str, row: Folder, parts: frozenset[str], state: tuple[int, int]) -> str:
    header = _header(path, state)
    found = (
        *(_of_part(header, (*DENOISER_BEGINS, ""), row.classes(row.denoiser)) if "denoiser" in parts else ()),
        *(_of_part(header, VAES, row.classes("vae")) if "vae" in parts else ()),
        *(_of_part(header, (CONTROL, ""), frozenset({row.control})) if "control" in parts and row.control else ()),
        *(_of_encoders(header, family_name, row) if "text-encoder" in parts else ()),
    )
    for begin, own, kinds in found:
        lack, of = f"`{path.name}` lacks", f" of `{path.name}`"
        if kinds & _AS_THEY_ARE and (odd := next(_unweighing(own), None)):
            name, why = odd
            return f"`{begin}{name}`{of} {why}"
        if fault := mislaid(own, layouts_of(kinds), begin=begin, lack=lack, of=of):
            return fault
    return ""


def _unweighing(own: Tensors) -> Iterator[tuple[str, str]]:
    """The tensors that hold no weights, each with what it holds; remarks for other programs are left out."""
    found = ((name, no_weights(each.dtype)) for name, each in own.items() if not name.endswith(REMARKS))
    yield from ((name, why) for name, why in found if why)


Part = tuple[str, Tensors, frozenset[str]]
"""How the names of a network's tensors begin in a file, the tensors, and the classes that it may be of."""


def _of_part(header: Header, begins: tuple[str, ...], kinds: frozenset[str]) -> Iterator[Part]:
    for begin in begins:
        if own := below(header.tensors, begin):
            yield begin, own, kinds
            return


def _of_encoders(header: Header, family_name: str, row: Folder) -> Iterator[Part]:
    """The text encoders that the family reads with, each as far as it is read."""
    known = row.classes(*row.text_encoders)
    most = {each.begin: each.layers for each in TEXT_PARTS.get(family_name, ())}
    for each in text_encoders(header):
        kinds = known & _READERS[each.kind] if each.kind in _READERS else known - frozenset().union(*_READERS.values())
        inner = below(header.tensors, each.root)
        begin = next((begin for begin in _INSIDE if any(name.startswith(begin) for name in inner)), "")
        own = below(inner, begin)
        layers = most.get(each.root, 1000)
        read = {
            name: tensor
            for name, tensor in own.items()
            if not (match := _OPEN_LAYER.match(name)) or int(match[1]) < layers
        }
        yield each.root + begin, read, kinds
