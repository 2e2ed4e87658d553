"""The hashes that webui and Civitai tell model files apart by: of all of a file, of its tensors, of a piece of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from promptlang.models.evidence.header import BadHeader, read_header
from promptlang.tables.endings import SAFETENSORS

STATED = "sshs_model_hash"  # trainers leave the hash of a network in its metadata, and webui believes them
READ = 1024**2
PIECE = (0x100000, 0x10000)  # the offset and length, in bytes, of what webui read before 2023

Digest = Callable[[str], str]
"""The hash of the file at a path, in hexadecimal digits; raises OSError."""

_HASH = re.compile(r"[0-9a-f]{12,64}")


def whole(path: str) -> str:
    """The SHA-256 of a file: `Model hash` and `VAE hash` of webui are its first ten digits, as is Civitai's AutoV2."""
    with open(path, "rb") as file:
        return _digest(file)


def tensors(path: str) -> str:
    """That of a network: what its metadata says, else of what follows the header, which may be edited.

    `Lora hashes` of webui are its first twelve digits, as is Civitai's AutoV3.
    """
    if (said := stated(path)) is not None:
        return said or _behind_header(path)
    return whole(path)


def piece(path: str) -> str:
    """That of 64 KiB behind the first MiB, whose first eight digits were webui's `Model hash` before 2023."""
    offset, length = PIECE
    with open(path, "rb") as file:
        file.seek(offset)
        return sha256(file.read(length)).hexdigest()


def stated(path: str) -> str | None:
    """What the metadata of a network says of its hash, empty where that is none; None where there is no such header."""
    if not path.lower().endswith(SAFETENSORS):
        return None
    try:
        said = read_header(Path(path)).metadata.get(STATED, "")
    except BadHeader:
        return None
    return said if _HASH.fullmatch(said) else ""


def cost(path: str, digest: Digest) -> int:
    """How many bytes have to be read for a hash; raises OSError."""
    if digest is piece or (digest is tensors and stated(path)):
        return PIECE[1]
    return os.path.getsize(path)


def _behind_header(path: str) -> str:
    with open(path, "rb") as file:
        file.seek(int.from_bytes(file.read(8), "little") + 8)
        return _digest(file)


def _digest(file: BinaryIO) -> str:
    found = sha256()
    while block := file.read(READ):
        found.update(block)
    return found.hexdigest()
