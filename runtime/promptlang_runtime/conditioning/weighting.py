"""How a weight acts on a text encoder's output, once for every tool that people write prompts for.

An encoder is a function from token ids and an attention mask, both of shape (1, tokens), to states of shape
(1, tokens, width). `nothing` are the ids of a chunk without words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from promptlang.plans.plan import Weighting
from promptlang.tokens.chunks import Chunk, Ids
from promptlang.tokens.compel import absences

Encode = Callable[[Tensor, Tensor | None], Tensor]

LEAST_MEAN = 1e-6
"""Below this fraction of the mean size, a mean counts as zero and is not restored."""

LEAST_WEIGHT = 1e-5
"""What compel takes a fragment's weight of zero or less for; its tangent would be infinite."""


def scaled(states: Tensor, multipliers: Tensor) -> Tensor:
    """Every token's state times its multiplier, as webui does without normalisation; (b, t, w) and (b, t)."""
    return states * multipliers.unsqueeze(-1)


def mean_restored(states: Tensor, multipliers: Tensor) -> Tensor:
    """Scaled, and then the mean over the whole tensor brought back to what it was: webui's original emphasis.

    Where the mean after scaling is next to nothing, webui divides by it all the same and gets noise or NaN; here the
    scaled states stay as they are.
    """
    weighted = scaled(states, multipliers)
    after = weighted.mean()
    if after.abs() <= LEAST_MEAN * weighted.abs().mean():
        return weighted
    return weighted * (states.mean() / after)


def interpolated(states: Tensor, multipliers: Tensor, empty: Tensor) -> Tensor:
    """Every token moved along the line from the empty prompt's state at its place; weight 1 is left bit for bit."""
    moved = empty + (states - empty) * multipliers.unsqueeze(-1)
    return torch.where((multipliers == 1).unsqueeze(-1), states, moved)


def webui(chunks: Sequence[Chunk], encode: Encode, nothing: Ids, *, restore_mean: bool) -> Tensor:
    """The chunks encoded one by one, weighted as stable-diffusion-webui does, and laid end to end."""
    del nothing
    weigh = mean_restored if restore_mean else scaled
    return torch.cat([_weighed(chunk, encode, weigh) for chunk in chunks], dim=1)


def _weighed(chunk: Chunk, encode: Encode, weigh: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    states = encode(_ids(chunk), None)
    if all(multiplier == 1 for multiplier in chunk.multipliers):
        return states
    return weigh(states, _multipliers(chunk, states))


def comfy(chunks: Sequence[Chunk], encode: Encode, nothing: Ids) -> Tensor:
    """The chunks encoded one by one, every weighted token moved away from the empty prompt as ComfyUI does."""
    weighted = any(multiplier != 1 for chunk in chunks for multiplier in chunk.multipliers)
    if not weighted:
        return torch.cat([encode(_ids(chunk), None) for chunk in chunks], dim=1)
    empty = encode(torch.tensor([nothing]), None)
    states = [encode(_ids(chunk), None) for chunk in chunks]
    weights = [_multipliers(chunk, state) for chunk, state in zip(chunks, states, strict=True)]
    return torch.cat([interpolated(*pair, empty) for pair in zip(states, weights, strict=True)], dim=1)


def compel(chunks: Sequence[Chunk], encode: Encode, nothing: Ids) -> Tensor:
    """Weighted as Compel does: away from the empty prompt, and down-weighted fragments blended with their absence.

    Each fragment of weight below 1 costs another encoding of the prompt, in which the encoder does not attend to it.
    """
    versions = [_compel_version(chunks, encode, nothing, None)]
    shares = [1.0]
    for absence in absences(chunks):
        versions.append(_compel_version(chunks, encode, nothing, absence.hidden))
        shares.append(math.tan((1 - max(LEAST_WEIGHT, absence.weight)) * math.pi / 2))
    total = sum(shares)
    parts = [version * (share / total) for version, share in zip(versions, shares, strict=True)]
    return torch.stack(parts).sum(dim=0) if len(parts) > 1 else versions[0]


def _compel_version(
    chunks: Sequence[Chunk], encode: Encode, nothing: Ids, hidden: Sequence[frozenset[int]] | None
) -> Tensor:
    """The prompt with its weights, in which the tokens at the `hidden` places are not attended to."""
    empty: Tensor | None = None
    result: list[Tensor] = []
    for number, chunk in enumerate(chunks):
        away = hidden[number] if hidden is not None else frozenset[int]()
        mask = torch.tensor([[place not in away for place in range(len(chunk.ids))]], dtype=torch.long)
        states = encode(_ids(chunk), mask if away else None)
        if any(multiplier != 1 for multiplier in chunk.multipliers):
            empty = encode(torch.tensor([nothing]), None) if empty is None else empty
            states = interpolated(states, _multipliers(chunk, states), empty)
        result.append(states)
    return torch.cat(result, dim=1)


FORMULAS: Mapping[Weighting, Callable[[Sequence[Chunk], Encode, Ids], Tensor]] = {
    "a1111": partial(webui, restore_mean=True),
    "a1111-no-norm": partial(webui, restore_mean=False),
    "comfy": comfy,
    "compel": compel,
}


def _ids(chunk: Chunk) -> Tensor:
    return torch.tensor([chunk.ids])


def _multipliers(chunk: Chunk, states: Tensor) -> Tensor:
    return torch.tensor([chunk.multipliers], dtype=states.dtype, device=states.device)
