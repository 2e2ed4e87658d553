"""Textual inversions: the words that call them, with ids from the end of CLIP's vocabulary on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from promptlang.plans.plan import Network
from promptlang.tokens.chunks import words_for
from promptlang_runtime.conditioning.clip import vocabulary_size, width
from promptlang_runtime.conditioning.encode import Inversions
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.inversions import vectors_of


def inversions(
    model: str, encoders: Mapping[str, nn.Module], keys: Mapping[str, str], networks: Sequence[Network]
) -> Inversions:
    """The words `<name>` and their rows for every encoder of a model; the same name on both sides counts once.

    `encoders` are named by their part, `keys` says under which key files have the rows of each part. Raises
    RenderError for rows of another width.
    """
    rows: dict[str, Mapping[str, Tensor]] = {}
    for network in networks:
        if network.name.lower() not in rows:
            found = vectors_of(Path(network.path or ""), keys)
            _check(network.name, model, found, encoders)
            rows[network.name.lower()] = found
    if not rows:
        return Inversions()
    first = next(iter(encoders))
    sizes = ((name, len(each[first])) for name, each in rows.items())
    return Inversions(
        ids=words_for(sizes, vocabulary_size(encoders[first])),
        vectors={part: torch.cat([each[part] for each in rows.values()]) for part in encoders},
    )


def _check(name: str, model: str, found: Mapping[str, Tensor], encoders: Mapping[str, nn.Module]) -> None:
    for part, encoder in encoders.items():
        if found[part].shape[1] != width(encoder):
            raise RenderError(
                f"the textual inversion <{name}> is for text encoders of width {found[part].shape[1]}, "
                f"and <{model}> has one of width {width(encoder)}"
            )
