"""Whether a file of weights holds every block of its networks, by names alone: one of several files does not."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from promptlang.models.discover import state_of
from promptlang.models.evidence.records import BadHeader
from promptlang.models.files import header_of

_SHARD = re.compile(r".+-\d{5}-of-(\d{5})\.safetensors")
_BLOCK = re.compile(
    r"(?:^|.*?\.)(?:(?:double|single|joint|transformer|single_transformer|res|input|output)_?blocks"
    r"|layers|blocks?|(?:noise|context)_refiner)\.(?=(\d{1,4})\.)"
)
"""The blocks of a network: lists of layers where nothing but weights is counted."""
_FEWEST = 4  # blocks, for two or three numbers may count layers without weights between them


def gap(path: Path) -> str:
    """In one clause which block a file lacks, or that it is one of several; empty where it looks whole."""
    return _gap(path, state_of(path)) if path.is_file() else ""


@lru_cache(maxsize=64)
def _gap(path: Path, state: tuple[int, int]) -> str:
    if (match := _SHARD.fullmatch(path.name)) and int(match[1]) > 1:
        return f"`{path.name}` is one of the {int(match[1])} files of a divided network"
    try:
        names = header_of(path).tensors
    except (BadHeader, OSError):  # of which other refusals tell
        return ""
    found: dict[str, set[int]] = {}
    for name in names:
        if match := _BLOCK.match(name):
            found.setdefault(match[0], set()).add(int(match[1]))
    for begin, numbers in found.items():
        lost = min({*range(max(numbers))} - numbers, default=None)
        if len(numbers) >= _FEWEST and lost is not None:
            return f"`{path.name}` lacks `{begin}{lost}`, and has `{begin}{max(numbers)}`"
    return ""
