"""A checkpoint in parts: which text encoders its family reads with, and whether a file is a part of such a model."""

from __future__ import annotations

from pathlib import Path

from promptlang.models.discover import reading
from promptlang.models.evidence.parts import LATENT_USERS
from promptlang.tables.encoders import Encoder
from promptlang.tables.families import UNKNOWN, variants
from promptlang.tables.family import Family
from promptlang.tables.known import PART_TITLES, Part

COMPARED = frozenset(name for users in LATENT_USERS.values() for name in users)


def read_with(row: Family, variant: str) -> tuple[str, ...]:
    """The names of the text encoders that a model of the family has weights of."""
    own = next((each.encoders for each in variants(row, variant) if each.encoders), row.encoders)
    return tuple(_plain(each) for each in own if each.width)


def _plain(encoder: Encoder) -> str:
    """The encoder's name without a remark on how it is used."""
    return encoder.name.removesuffix(" (pooled)")


def held(path: Path) -> tuple[str, ...]:
    """The names of the text encoders in a file; one of them may be several, as in `Qwen3 4B or Qwen3-VL 4B`."""
    identity = reading(path).identity
    return tuple(name for name, _ in identity.encoders) if identity else ()


def misfit(part: Part, path: Path, row: Family, variant: str = "") -> str:
    """Why a file is no such part of a model of the family, in one clause; empty where its header does not say so."""
    read, name = reading(path), f"`{path.name}`"
    if read.identity is None:
        return read.known.evidence
    if read.identity.kind == "unknown":
        return ""
    if read.identity.kind != part:
        return f"{name} is a file of the kind {read.identity.kind}, and no {PART_TITLES[part]}"
    if part == "vae":
        users = read.identity.alike
        foreign = row.name in COMPARED and row.name not in users
        return (
            f"{name} is a VAE for {', '.join(users) or 'no known family'}, and not for {row.title}" if foreign else ""
        )
    wanted = read_with(row, variant)
    foreign = row is not UNKNOWN and any(not set(each.split(" or ")) & {*wanted} for each in held(path))
    return f"{row.title} reads with {' and '.join(wanted)}, {name} is {' and '.join(held(path))}" if foreign else ""
