"""From weighted text to what conditions the denoiser: prompts of any length, in the manner the plan asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from promptlang.plans.plan import Run, Weighting
from promptlang.tokens.chunks import Ids, Words
from promptlang.tokens.layouts import LAYOUTS, Layout
from promptlang.tokens.vocabulary import END_ID
from promptlang_runtime.conditioning.clip import truncated, with_vectors
from promptlang_runtime.conditioning.weighting import FORMULAS

Empty = Callable[[], Tensor]
Encoded = dict[bytes, Tensor]
"""Chunks that were encoded, by their token ids."""

MOST_CHUNKS = 256
"""How many encoded chunks are kept: 60 MB for an encoder of width 768."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inversions:
    """Textual inversions: the words that call them, in lower case, and the further token ids each stands for."""

    ids: Words = field(default_factory=dict[str, Ids])
    vectors: Tensor | None = None  # (all ids, width), None without inversions


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptEncoder:
    """A text encoder stopped at a layer, the way weights act, and the chunks it has encoded so far.

    `fill` is the id that its chunks are filled up with after the first end mark.
    """

    view: nn.Module
    weighting: Weighting
    words: Words
    encoded: Encoded
    fill: int = END_ID

    @property
    def layout(self) -> Layout:
        """How the owner of this way of weighting lays tokens out."""
        return LAYOUTS[self.weighting]

    def empty(self) -> Tensor:
        """The conditioning of the empty prompt, (1, 77, width)."""
        return self.embed(())

    def even(self, states: Sequence[Tensor]) -> list[Tensor]:
        """States of several prompts brought to one number of tokens, as the owner of the weighting does."""
        return even(states, self.layout, self.empty)

    def embed(self, runs: Sequence[Run]) -> Tensor:
        """The conditioning of a prompt, (1, 77 * chunks, width), in the encoder's own type."""
        chunks = self.layout.chunks(runs, self.words).chunks
        states = FORMULAS[self.weighting](chunks, self._encode)
        return states.to(self._like)

    @property
    def _like(self) -> Tensor:
        """A weight that has the type and the device of all."""
        return self.view.get_parameter("final_layer_norm.weight")

    def _encode(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """The states of one chunk, float32 so that weights of half-precision encoders are exact; cached by its ids."""
        filled = ids if self.fill == END_ID else torch.where(_after_the_end(ids), self.fill, ids)
        if mask is not None:
            return self._states(filled, mask)
        key = filled.numpy().tobytes()
        if key not in self.encoded:
            if len(self.encoded) >= MOST_CHUNKS:
                self.encoded.clear()
            self.encoded[key] = self._states(filled, None)
        return self.encoded[key]

    def _states(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        device = self._like.device
        seen = None if mask is None else mask.to(device)
        with torch.no_grad():
            return self.view(input_ids=ids.to(device), attention_mask=seen).last_hidden_state.float()


def _after_the_end(ids: Tensor) -> Tensor:
    """Which places only fill a chunk up: all but the first of the end marks that it closes with; (1, tokens)."""
    closing = (ids == END_ID).flip(1).cumprod(1).flip(1)
    return closing.cumsum(1) > 1


def prompt_encoder(
    text_encoder: nn.Module,
    *,
    weighting: Weighting,
    clip_skip: int,
    inversions: Inversions | None = None,
    encoded: Encoded | None = None,
    fill: int = END_ID,
) -> PromptEncoder:
    """An encoder of prompts for one plan; raises RenderError where the clip skip is beyond the encoder's layers.

    `encoded` are chunks known from earlier plans with the same weights, layer and inversions.
    """
    inversions = inversions or Inversions()
    view = truncated(text_encoder, clip_skip)
    if inversions.vectors is not None:
        view = with_vectors(view, inversions.vectors)
    return PromptEncoder(
        view=view,
        weighting=weighting,
        words=inversions.ids,
        encoded={} if encoded is None else encoded,
        fill=fill,
    )


def even(states: Sequence[Tensor], layout: Layout, empty: Empty) -> list[Tensor]:
    """States brought to one number of tokens: repeated, or with encoded empty chunks behind them.

    An empty chunk carries no words but keeps its marks; what is repeated says exactly what it said once.
    """
    length = layout.common_length(each.shape[1] for each in states)
    if layout.padding == "repeated":
        return [each.repeat(1, length // each.shape[1], 1) if each.shape[1] < length else each for each in states]
    return [padded(each, length, empty) for each in states]


def padded(states: Tensor, length: int, empty: Empty) -> Tensor:
    """States brought to a number of tokens with encoded empty chunks, which carry no words but keep their marks."""
    if states.shape[1] >= length:
        return states
    nothing = empty()
    return torch.cat([states, *([nothing] * ((length - states.shape[1]) // nothing.shape[1]))], dim=1)
