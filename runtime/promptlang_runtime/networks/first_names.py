"""Which rows of a trained layer belong to which layer, where diffusers' loader does not know the layer's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch

from promptlang.models.fitting.first_names import named_first
from promptlang_runtime.networks.layers import Layer


def rows_by_first_name(written: str, known: Mapping[str, Layer]) -> Mapping[str, torch.Tensor]:
    """The layers of the model that a first publication calls so, with the rows that each has of it; else none."""
    names = next((each for each in named_first(written) if all(name in known for name in each)), ())
    return dict(_shared(names, known))


def _shared(names: tuple[str, ...], known: Mapping[str, Layer]) -> Iterator[tuple[str, torch.Tensor]]:
    start = 0
    for name in names:
        count, reads = known[name].module.weight.shape[:2]
        rows = torch.arange(start, start + count)
        # The last context block only leads out: diffusers has its scale before its shift.
        swapped = name.endswith("norm1_context_linear") and count == 2 * reads
        yield name, torch.cat(rows.chunk(2)[::-1]) if swapped else rows
        start += count
