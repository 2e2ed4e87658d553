"""From weighted text to what conditions the denoiser: prompts of any length, in the manner the plan asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

import torch
from torch import Tensor, nn

from promptlang.plans.plan import Run, Weighting
from promptlang.tokens.chunks import chunks_of
from promptlang.tokens.ids import token_ids
from promptlang.tokens.layouts import IdsOf, comfy_chunks, compel_chunks
from promptlang_runtime.conditioning import weighting as weigh
from promptlang_runtime.conditioning.clip import core, truncated, with_vectors

Ids = tuple[int, ...]
Empty = Callable[[], Tensor]

MOST_CHUNKS = 256
"""How many encoded chunks are kept: 60 MB for an encoder of width 768."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inversions:
    """Textual inversions: the words that call them, in lower case, and the further token ids each stands for."""

    ids: Mapping[str, Ids] = field(default_factory=dict)
    vectors: Tensor | None = None  # (all ids, width), None without inversions

    def ids_of(self) -> IdsOf:
        """Token ids of a text in which the inversions' words are read as their ids."""
        if not self.ids:
            return token_ids
        words = re.compile(f"({'|'.join(map(re.escape, self.ids))})", re.IGNORECASE)
        return lambda text: tuple(
            token for piece in words.split(text) for token in self.ids.get(piece.lower()) or token_ids(piece)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptEncoder:
    """A text encoder stopped at a layer, the way weights act, and the chunks it has encoded so far."""

    view: nn.Module
    weighting: Weighting
    ids_of: IdsOf
    encoded: dict[Ids, Tensor]

    def empty(self) -> Tensor:
        """The conditioning of the empty prompt, (1, 77, width)."""
        return self.embed(())

    def embed(self, runs: Sequence[Run]) -> Tensor:
        """The conditioning of a prompt, (1, 77 * chunks, width), in the encoder's own type."""
        match self.weighting:
            case "a1111" | "a1111-no-norm":
                chunks = chunks_of(runs, ids_of=self.ids_of).chunks
                states = weigh.webui(chunks, self._encode, restore_mean=self.weighting == "a1111")
            case "comfy":
                states = weigh.comfy(comfy_chunks(runs, self.ids_of), self._encode)
            case "compel":
                chunks, fragments = compel_chunks(runs, self.ids_of)
                states = weigh.compel(chunks, self._encode, fragments)
            case unreachable:
                assert_never(unreachable)
        return states.to(self.view.final_layer_norm.weight.dtype)

    def _encode(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """The states of one chunk, float32 so that weights of half-precision encoders are exact; cached by its ids."""
        device = self.view.final_layer_norm.weight.device
        if mask is not None:
            return self._states(ids.to(device), mask.to(device))
        key = tuple(ids[0].tolist())
        if key not in self.encoded:
            if len(self.encoded) >= MOST_CHUNKS:
                self.encoded.clear()
            self.encoded[key] = self._states(ids.to(device), None)
        return self.encoded[key]

    def _states(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        with torch.no_grad():
            return self.view(input_ids=ids, attention_mask=mask).last_hidden_state.float()


def prompt_encoder(
    text_encoder: nn.Module,
    *,
    weighting: Weighting,
    clip_skip: int,
    inversions: Inversions | None = None,
    encoded: dict[Ids, Tensor] | None = None,
) -> PromptEncoder:
    """An encoder of prompts for one plan; raises RenderError where the clip skip is beyond the encoder's layers.

    `encoded` are chunks known from earlier plans with the same weights, layer and inversions.
    """
    inversions = inversions or Inversions()
    view = truncated(text_encoder, clip_skip)
    if inversions.vectors is not None:
        view = with_vectors(view, inversions.vectors)
    return PromptEncoder(
        view=view, weighting=weighting, ids_of=inversions.ids_of(), encoded={} if encoded is None else encoded
    )


def padded(states: Tensor, length: int, empty: Empty) -> Tensor:
    """States brought to a number of tokens with encoded empty chunks, which carry no words but keep their marks."""
    if states.shape[1] >= length:
        return states
    nothing = empty()
    return torch.cat([states, *([nothing] * ((length - states.shape[1]) // nothing.shape[1]))], dim=1)


def vocabulary_size(text_encoder: nn.Module) -> int:
    """How many token ids the encoder knows; inversions take the ids after them."""
    return core(text_encoder).embeddings.token_embedding.num_embeddings
