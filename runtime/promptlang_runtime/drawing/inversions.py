"""Textual inversions: the words that call them, with ids from the end of CLIP's vocabulary on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from promptlang.models.fitting.misfits import inversion_misfit
from promptlang.plans.plan import Network
from promptlang.tables.models.unet_files import TextPart
from promptlang.tokens.chunks import words_for
from promptlang_runtime.conditioning.clip import vocabulary_size, width
from promptlang_runtime.conditioning.encode import Inversions
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.inversions import vectors_of
from promptlang_runtime.models.libraries import text_encoder_of
from promptlang_runtime.models.pipelines import Pipeline


def inversions(model: str, pipeline: Pipeline, texts: Sequence[TextPart], networks: Sequence[Network]) -> Inversions:
    """The words `<name>` and their rows for every encoder of a model; the same name on both sides counts once.

    Raises RenderError for rows of another width.
    """
    encoders: dict[str, nn.Module] = {each.part: text_encoder_of(pipeline, each.part) for each in texts}
    keys = {each.part: each.vectors for each in texts}
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
    widths = {part: width(encoder) for part, encoder in encoders.items()}
    if why := inversion_misfit(name, model, {part: rows.shape[1] for part, rows in found.items()}, widths):
        raise RenderError(why)
