"""Models of several files: each part is put where a checkpoint that holds all of them has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from promptlang.files import reason
from promptlang.models.evidence.denoisers import DENOISER_BEGINS
from promptlang.models.evidence.parts import VAES
from promptlang.models.evidence.records import BadHeader
from promptlang.models.evidence.text_encoders import FoundEncoder, text_encoders
from promptlang.models.files import header_of
from promptlang.models.parts import unremarked
from promptlang.plans.plan import Model
from promptlang.sentences import listed
from promptlang.tables.models.encoders import Encoder, encoder_names
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.layouts import below
from promptlang_runtime.models.tensors import absent, load_tensors, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLayout:
    """How the names of a family's parts begin in its checkpoints: the denoiser, the VAE, and each text encoder.

    `tokenizers` are the parts of its pipeline that divide texts, with the text encoder that each is for, and `chat` is
    how these write what is said to them. Without the encoders that are `spared` the family is drawn as well.
    """

    denoiser: str
    vae: str
    encoders: Mapping[str, Encoder]
    tokenizers: Mapping[str, str] = field(default_factory=dict[str, str])
    chat: str | None = None
    spared: frozenset[str] = frozenset()


def assembled(model: Model, place: Path, layout: FileLayout, dtype: torch.dtype) -> Mapping[str, Tensor]:
    """The tensors of a checkpoint, with those of the model's other files in place of its own; none has eight bits.

    Raises RenderError for a file that cannot be read, or that holds no such part.
    """
    tensors = plain(load_tensors(place), dtype)
    if not below(tensors, layout.denoiser):
        tensors = _named(tensors, place, layout)
    for path, found, prefix in _of_files(model.text_encoders, layout):
        tensors = _put(tensors, prefix, below(plain(load_tensors(path), dtype), found.root))
    if model.vae:
        tensors = _put(tensors, layout.vae, _unprefixed(plain(load_tensors(Path(model.vae)), dtype), VAES))
    return tensors


def tokenizers(model: Model, place: Path, layout: FileLayout) -> Mapping[str, Path]:
    """The files of the text encoders that need a tokenizer beside them, by the name of the tokenizer."""
    files = {prefix: path for path, _, prefix in _of_files(model.text_encoders, layout)} if layout.tokenizers else {}
    return {part: files.get(prefix, place) for part, prefix in layout.tokenizers.items()}


def file_of_reader(model: Model, layout: FileLayout, prefix: str) -> Path | None:
    """The file of its own that a text encoder lies in; None where it has none."""
    return next((path for path, _, at in _of_files(model.text_encoders, layout) if at == prefix), None)


def _named(tensors: Mapping[str, Tensor], place: Path, layout: FileLayout) -> Mapping[str, Tensor]:
    """The tensors of a file that names its parts otherwise, or has no part but a denoiser."""
    found = _put({}, layout.denoiser, _unprefixed(tensors, DENOISER_BEGINS))
    for prefix in VAES:
        if vae := below(tensors, prefix):
            found = _put(found, layout.vae, vae)
    placed, _ = _placed([(place, each) for each in text_encoders(header_of(place))], layout)
    for _, encoder, prefix in placed:
        found = _put(found, prefix, below(tensors, encoder.root))
    return found


def _put(tensors: Mapping[str, Tensor], prefix: str, part: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors with a part in the place of what stood there."""
    kept = {name: each for name, each in tensors.items() if not name.startswith(prefix)}
    return kept | {prefix + name: each for name, each in part.items()}


def _unprefixed(tensors: Mapping[str, Tensor], prefixes: Sequence[str]) -> Mapping[str, Tensor]:
    return next((own for prefix in prefixes if (own := below(tensors, prefix))), tensors)


Placed = tuple[Path, FoundEncoder, str]


def _of_files(paths: Sequence[str], layout: FileLayout) -> Sequence[Placed]:
    """Every text encoder of the files with its place in a checkpoint; raises RenderError for one that has none."""
    placed, left = _placed([(Path(path), found) for path in paths for found in _encoders(Path(path))], layout)
    for path, found in left:
        wanted = listed((row.name for row in layout.encoders.values()), "or")
        raise RenderError(f"`{path}` holds {found.name}, which the model does not read with", f"name {wanted}")
    return placed


def _placed(
    files: Iterable[tuple[Path, FoundEncoder]], layout: FileLayout
) -> tuple[Sequence[Placed], Sequence[tuple[Path, FoundEncoder]]]:
    """The text encoders with their places in a checkpoint, and those that no place is left for.

    One that no place has the name of takes the next that is left for its kind, the narrowest first.
    """
    placed: list[Placed] = []
    rest = sorted(files, key=lambda each: each[1].width)
    left = sorted(layout.encoders.items(), key=lambda each: each[1].width)
    for is_named in (True, False):
        for path, found in list(rest):
            fits = [(at, row) for at, row in left if row.kind is found.kind and _is_called(row, found) >= is_named]
            if fits:
                left.remove(fits[0])
                rest.remove((path, found))
                placed.append((path, found, fits[0][0]))
    return placed, rest


def _is_called(row: Encoder, found: FoundEncoder) -> bool:
    return unremarked(row) in encoder_names(found.name)


def _encoders(path: Path) -> Sequence[FoundEncoder]:
    try:
        found = text_encoders(header_of(path))
    except FileNotFoundError:
        raise absent(path) from None
    except (BadHeader, OSError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise RenderError(f"`{path}` cannot be read: {why}", f"replace `{path}`") from None
    if not found:
        raise RenderError(f"`{path}` holds no text encoder", "correct `text-encoder` in `promptlang.toml`")
    return found
