"""A checkpoint in parts: what its family needs, which files give that, and what lies beside it in ComfyUI's folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from promptlang.files import read_bytes, reason
from promptlang.models.discover import reading
from promptlang.models.evidence.parts import LATENT_USERS
from promptlang.models.fitting.tokenizers import WHOLE as TOKENIZER
from promptlang.models.fitting.tokenizers import broken_tokenizer
from promptlang.tables.endings import SAFETENSORS
from promptlang.tables.models.encoders import Encoder, encoder_names
from promptlang.tables.models.families import UNKNOWN, family, variants
from promptlang.tables.models.family import Family
from promptlang.tables.models.known import PART_TITLES, KnownConcept, Part
from promptlang.values import replace

COMPARED = frozenset(name for users in LATENT_USERS.values() for name in users)


def read_with(row: Family, variant: str) -> tuple[str, ...]:
    """The names of the text encoders that a model of the family has weights of."""
    return tuple(unremarked(each) for each in encoders_of(row, variant) if each.width)


def encoders_of(row: Family, variant: str) -> tuple[Encoder, ...]:
    """The text encoders that a model of the family reads with."""
    return next((each.encoders for each in variants(row, variant) if each.encoders), row.encoders)


def unremarked(encoder: Encoder) -> str:
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
    foreign = row is not UNKNOWN and any(not {*encoder_names(each)} & {*wanted} for each in held(path))
    return f"{row.title} reads with {' and '.join(wanted)}, {name} is {' and '.join(held(path))}" if foreign else ""


def unmet(row: Family, variant: str, paths: Iterable[Path]) -> tuple[str, ...]:
    """The text encoders of the family that none of the files holds; a file whose header says nothing may hold any."""
    files = tuple(paths)
    if any((read := reading(path).identity) and read.kind == "unknown" for path in files):
        return ()
    found = {name for path in files for each in held(path) for name in encoder_names(each)}
    found |= {unremarked(each) for each in row.spared}
    return tuple(each for each in read_with(row, variant) if each not in found)


def quantized(paths: Iterable[Path]) -> str:
    """In which bits the files of a model keep their numbers, where they are fewer than sixteen."""
    found = (identity.quantization for path in paths if (identity := reading(path).identity))
    return "; ".join(dict.fromkeys(filter(None, found)))


def tokenizer_beside(path: Path) -> Path | None:
    """The file beside a text encoder's that says how texts are divided: one that is called like it, or the only one."""
    places = (path.with_suffix(f".{TOKENIZER}"), path.parent / TOKENIZER)
    return next((each for each in places if each.is_file()), None)


def untold(path: Path, encoder: Encoder) -> str:
    """Why nothing says how the encoder in that file divides texts, in one clause; empty where something does."""
    place = tokenizer_beside(path) if encoder.end else None
    if place:
        return _not_of(place, encoder, place.stat().st_mtime_ns)
    return f"no `{TOKENIZER}` lies beside `{path.name}`, to say how {encoder.name} divides texts" if encoder.end else ""


@lru_cache(maxsize=100)
def _not_of(place: Path, encoder: Encoder, changed: int) -> str:
    """Why that is not the encoder's tokenizer, whose marks would stand in it; `changed` is when the file was."""
    del changed
    try:
        data = read_bytes(place)
    except OSError as error:
        return f"`{place}` cannot be read: {reason(error)}"
    if why := broken_tokenizer(data):
        return f"`{place}` divides no text: {why}"
    missing = next((each for each in (encoder.fill, encoder.end) if f'"{each}"'.encode() not in data), "")
    return f"`{place}` is not the tokenizer of {encoder.name}: it does not know `{missing}`" if missing else ""


# --- the folders of ComfyUI -------------------------------------------------------------------------------------------

DENOISERS = ("diffusion_models", "unet")
BESIDE: Mapping[Part, tuple[str, ...]] = {"text-encoder": ("text_encoders", "clip"), "vae": ("vae",)}
MOST = 500  # files of a folder


def layout(path: Path) -> Path | None:
    """The folder that holds those of denoisers, text encoders and VAEs, of a file among the denoisers."""
    return next((each.parent for each in path.parents if each.name in DENOISERS), None)


def files_beside(path: Path, part: Part) -> tuple[Path, ...]:
    """The files for that part in the folders beside the denoiser's; one that two names lead to counts once."""
    root = layout(path)
    if root is None:
        return ()
    found: dict[Path, Path] = {}
    for name in BESIDE[part]:
        for here, folders, names in os.walk(root / name):
            folders.sort()
            for each in sorted(names):
                if each.endswith(SAFETENSORS) and len(found) < MOST:
                    found.setdefault(Path(here, each).resolve(), Path(here, each))
    return tuple(found.values())


def encoders_beside(path: Path, name: str) -> tuple[Path, ...]:
    """The files beside a denoiser that may hold the text encoder of that name."""
    return tuple(
        each for each in files_beside(path, "text-encoder") if any(name in encoder_names(found) for found in held(each))
    )


def vaes_beside(path: Path, row: Family) -> tuple[Path, ...]:
    """The files beside a denoiser that are VAEs for its family."""
    found = ((each, reading(each).identity) for each in files_beside(path, "vae"))
    return tuple(each for each, read in found if read and read.kind == "vae" and row.name in read.alike)


def with_parts_beside(known: KnownConcept, folders: Iterable[Path]) -> KnownConcept:
    """The denoiser with the parts that its entry leaves open and of which exactly one file lies beside it."""
    root = layout(known.path) if known.path and reading(known.path).known.kind == "denoiser" else None
    if known.path is None or root is None or not any(root.is_relative_to(folder) for folder in folders):
        return known
    row, path = family(known.family), known.path
    wanted = unmet(row, known.variant, known.text_encoders)
    single = [found[0] for name in wanted if len(found := encoders_beside(path, name)) == 1]
    encoders = tuple(dict.fromkeys((*known.text_encoders, *single)))
    vaes = vaes_beside(path, row) if known.vae is None else ()
    return replace(known, text_encoders=encoders, vae=vaes[0] if len(vaes) == 1 else known.vae)
