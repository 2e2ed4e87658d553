"""What webui tells model files apart by, for those who look for the models of a picture: it is read once of each file.

A hash is kept under the mark of its file, which is another one as soon as size, time of change or header are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from promptlang.exporters.infotext import vae_of
from promptlang.models.evidence.header import BadHeader, read_header
from promptlang.models.marks import mark
from promptlang.models.names import SAFETENSORS
from promptlang.plans.plan import Plan
from promptlang_runtime.remembered import keep, place, recalled

FORMAT = "promptlang hashes 1"
KEPT = 10_000  # the last files that were drawn with
READ = 1024**2
STATED = "sshs_model_hash"  # trainers leave the hash of a network in its metadata, and webui believes them

_HASH = re.compile(r"[0-9a-f]{12,64}")


def hashes_of(plan: Plan) -> Mapping[str, str]:
    """The hashes of the files that a picture is drawn from, by their paths; a model in a folder has none."""
    found: dict[str, str] = {}
    for path, digest in _wanted(plan):
        if path and os.path.isfile(path):
            try:
                found[path] = _known(path, mark((path,)), digest)
            except OSError:
                continue  # what draws is another machine, or had it open before it was gone
    return found


def _wanted(plan: Plan) -> Iterator[tuple[str | None, Callable[[str], str]]]:
    yield plan.model.path, whole
    yield vae_of(plan), whole
    if plan.refiner:
        yield plan.refiner.path, whole
    for each in plan.networks:
        yield each.path, tensors if each.kind == "lora" else whole


def whole(path: str) -> str:
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        return _digest(file)


def tensors(path: str) -> str:
    """That of a network: what its metadata says, else of what follows the header, which may be edited."""
    if not path.lower().endswith(SAFETENSORS):
        return whole(path)
    try:
        stated = read_header(Path(path)).metadata.get(STATED, "")
        if _HASH.fullmatch(stated):
            return stated
    except BadHeader:
        return whole(path)
    with open(path, "rb") as file:
        file.seek(int.from_bytes(file.read(8), "little") + 8)
        return _digest(file)


def _digest(file: BinaryIO) -> str:
    found = sha256()
    while block := file.read(READ):
        found.update(block)
    return found.hexdigest()


@lru_cache(1024)
def _known(path: str, state: str, digest: Callable[[str], str]) -> str:
    """The hash of a file in this state, as an earlier run kept it or as it is worked out now."""
    file, key = place("hashes"), f"{digest.__name__} {state}"
    known = {key: value for key, value in recalled(file, FORMAT, "hashes").items() if isinstance(value, str)}
    if key not in known:
        known[key] = digest(path)
        keep(file, FORMAT, "hashes", dict([*known.items()][-KEPT:]))
    return known[key]
