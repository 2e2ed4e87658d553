"""What a network does to one layer: two matrices beside its weight, or a difference that is added to the weight.

The formulas are those of LyCORIS, which webui and ComfyUI share: with DoRA, a strength other than 1 lies between the
weight as it was and as the network wants it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from promptlang_runtime.networks.files import Pieces


@dataclass(frozen=True, slots=True, eq=False)
class LowRank:
    """`up @ down` times alpha over the rank, computed beside the layer, which is cheaper than into its weight."""

    down: Tensor
    up: Tensor
    alpha: float


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """What is added to a weight: all of it, worked out when it is asked for, and the lengths that DoRA learnt."""

    whole: Callable[[], Tensor]
    magnitude: Tensor | None = None

    def added(self, weight: Tensor, rows: Tensor | None = None) -> Tensor:
        """What a weight gains at strength 1, `rows` of it where the layer is a piece of the trained one.

        Raises RuntimeError where the shapes do not fit.
        """
        whole = self.whole().to(weight)
        found = whole.reshape(whole.shape[0], -1)
        found = (found if rows is None else found[rows]).reshape(weight.shape)
        if self.magnitude is None:
            return found
        changed = weight + found
        return changed * (_lengths(self.magnitude, changed, rows) / _norms(self.magnitude, changed)) - weight


Change = LowRank | Difference


def change_of(pieces: Pieces) -> Change:
    """The change of a layer; raises KeyError where a tensor is missing."""
    product, factors = _method(pieces)
    if lacking := [role for role in factors if role not in pieces]:
        raise KeyError(lacking[0])
    magnitude = pieces.get("magnitude")
    if product is not _product or magnitude is not None or "mid" in pieces:
        return Difference(partial(product, pieces), magnitude)
    down = pieces["down"]
    return LowRank(down, pieces["up"], float(pieces["alpha"]) if "alpha" in pieces else float(down.shape[0]))


def _method(pieces: Pieces) -> tuple[Callable[[Pieces], Tensor], tuple[str, ...]]:
    """How the tensors are multiplied, and those that it takes."""
    if any(role.startswith("hada_") for role in pieces):
        return _hadamard, ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")
    if any(role.startswith("lokr_") for role in pieces):
        halves = (role for role in ("lokr_w1", "lokr_w2") if role not in pieces)
        return _kronecker, tuple(f"{role}_{half}" for role in halves for half in "ab")
    return _product, ("down", "up")


def rows_of(pieces: Pieces) -> int:
    """How many rows the weight has that a network was trained for."""
    if "hada_w1_a" in pieces:
        return pieces["hada_w1_a"].shape[1 if "hada_t1" in pieces else 0]
    if any(role.startswith("lokr_") for role in pieces):
        return _factor(pieces, "lokr_w1").shape[0] * _factor(pieces, "lokr_w2").shape[0]
    return pieces["up"].shape[0]


def _product(pieces: Pieces) -> Tensor:
    """A LoRA as a difference, also one with a convolution between its matrices."""
    down, up = pieces["down"].float(), pieces["up"].float()
    first, second = up.reshape(up.shape[0], -1), down.reshape(down.shape[0], -1)
    if "mid" in pieces:
        return torch.einsum("oa,abkl,bi->oikl", first, pieces["mid"].float(), second) * _scale(pieces, down)
    return first @ second * _scale(pieces, down)


def _hadamard(pieces: Pieces) -> Tensor:
    """LoHa: two products of low rank, multiplied place by place."""
    first = _cored(pieces["hada_w1_a"], pieces["hada_w1_b"], pieces.get("hada_t1"))
    second = _cored(pieces["hada_w2_a"], pieces["hada_w2_b"], pieces.get("hada_t2"))
    return first * second * _scale(pieces, pieces["hada_w1_b"])


def _kronecker(pieces: Pieces) -> Tensor:
    """LoKr: a small matrix, each number of which is spread over a large one."""
    first, second = _factor(pieces, "lokr_w1"), _factor(pieces, "lokr_w2")
    first = first.reshape(*first.shape[:2], *[1] * (second.dim() - 2))
    ranked = next((pieces[role] for role in ("lokr_w2_b", "lokr_w1_b") if role in pieces), None)
    # Two whole factors have no rank, and an alpha beside them means nothing.
    return torch.kron(first, second) * (1.0 if ranked is None else _scale(pieces, ranked))


def _factor(pieces: Pieces, role: str) -> Tensor:
    """A factor of a Kronecker product, whole or itself of low rank."""
    if role in pieces:
        return pieces[role].float()
    return _cored(pieces[f"{role}_a"], pieces[f"{role}_b"], pieces.get("lokr_t2") if role == "lokr_w2" else None)


def _cored(first: Tensor, second: Tensor, core: Tensor | None) -> Tensor:
    """The product of two matrices, or of two with the core of a convolution between them."""
    if core is None:
        # The second factor of a convolution may still have its kernel.
        return (first.float() @ second.float().flatten(1)).reshape(first.shape[0], *second.shape[1:])
    return torch.einsum("abkl,ao,bi->oikl", core.float(), first.float(), second.float())


def _scale(pieces: Pieces, ranked: Tensor) -> float:
    return float(pieces["alpha"]) / ranked.shape[0] if "alpha" in pieces else 1.0


def _is_by_row(magnitude: Tensor, weight: Tensor) -> bool:
    """Whether there is a length for each row, in a column or alone as peft writes it; else there is one a column."""
    return magnitude.dim() == 1 or magnitude.shape[0] == weight.shape[0] or magnitude.shape[1] == 1


def _lengths(magnitude: Tensor, weight: Tensor, rows: Tensor | None) -> Tensor:
    lengths = magnitude.to(weight).flatten()
    by_row = _is_by_row(magnitude, weight)
    if by_row and rows is not None:
        lengths = lengths[rows]
    return lengths.reshape(*([-1, 1] if by_row else [1, -1]), *[1] * (weight.dim() - 2))


def _norms(magnitude: Tensor, weight: Tensor) -> Tensor:
    others = [side for side in range(weight.dim()) if side != (0 if _is_by_row(magnitude, weight) else 1)]
    return weight.square().sum(dim=others, keepdim=True).sqrt() + torch.finfo(weight.dtype).eps
