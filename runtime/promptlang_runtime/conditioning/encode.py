"""From weighted text to what conditions the denoiser: prompts of any length, in the manner the plan asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from promptlang.plans.plan import Run, Weighting
from promptlang.tokens.chunks import EMPTY, NO_WORDS, Ids, Words
from promptlang.tokens.layouts import LAYOUTS, Layout
from promptlang.tokens.vocabulary import END_ID
from promptlang_runtime.conditioning.clip import core, truncated, with_end, with_vectors
from promptlang_runtime.conditioning.condition import Condition, Reader
from promptlang_runtime.conditioning.weighting import FORMULAS

Encoded = dict[bytes, Condition]
"""Chunks that were encoded, by their token ids."""

MOST_CHUNKS = 256
"""How many encoded chunks are kept: 60 MB for an encoder of width 768."""


def keep(encoded: Encoded, key: bytes, found: Condition, *, most: int) -> None:
    """Add what was encoded to the rest, of which nothing stays where it is too much."""
    if len(encoded) >= most:
        encoded.clear()
    encoded[key] = found


@dataclass(frozen=True, slots=True, kw_only=True)
class Inversions:
    """Textual inversions: the words that call them, in lower case, and the further token ids each stands for.

    `vectors` are the rows of those ids for every text encoder that reads them, by the name of its part.
    """

    ids: Words = field(default_factory=dict[str, Ids])
    vectors: Mapping[str, Tensor] = field(default_factory=dict[str, Tensor])


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The whole encoder behind a view that stops early, and the projection of what it says of a prompt's end."""

    whole: nn.Module
    clip_skip: int
    projection: nn.Module


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptEncoder:
    """A text encoder stopped at a layer, the way weights act, and the chunks it has encoded so far.

    `fill` is the id that its chunks are filled up with after the first end mark. With `summary` it also says one
    vector about a prompt: that of its first chunk, which no weight changes, as ComfyUI and webui have it.
    """

    view: nn.Module
    weighting: Weighting
    words: Words
    encoded: Encoded
    fill: int = END_ID
    summary: Summary | None = None

    @property
    def layout(self) -> Layout:
        """How the owner of this way of weighting lays tokens out."""
        return LAYOUTS[self.weighting]

    @property
    def reader(self) -> Reader:
        """The encoder as the only one of its family."""
        return Reader(embed=self.condition, layout=self.layout)

    def embed(self, runs: Sequence[Run]) -> Tensor:
        """The states of a prompt, (1, 77 * chunks, width), in the encoder's own type."""
        return self.condition(runs).states

    def condition(self, runs: Sequence[Run]) -> Condition:
        """The states of a prompt, and its summary where the encoder makes one."""
        chunks = self.layout.chunks(runs, self.words).chunks
        pooled = self.summarised(runs) if self.summary else None
        states = FORMULAS[self.weighting](chunks, self._encode, EMPTY.ids)
        return Condition(states.to(self._like), pooled)

    def common_length(self, texts: Iterable[Sequence[Run]]) -> int:
        """The number of tokens that prompts of these texts are brought to."""
        chunks = (self.layout.chunks(runs, self.words).chunks for runs in texts)
        return self.layout.common_length(sum(len(chunk.ids) for chunk in each) for each in chunks)

    def summarised(self, runs: Sequence[Run]) -> Tensor | None:
        """The summary of a prompt, where the encoder makes one."""
        first, *_ = self.layout.chunks(runs, self.words).chunks
        return self._first(torch.tensor([first.ids])).pooled

    @property
    def _like(self) -> Tensor:
        """A weight that has the type and the device of all."""
        return next(self.view.parameters())

    def _encode(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """The states of one chunk, float32 so that weights of half-precision encoders are exact; cached by its ids."""
        filled = self._filled(ids)
        if mask is not None:
            return self._states(filled, mask)
        key = filled.numpy().tobytes()
        if key not in self.encoded:
            keep(self.encoded, key, Condition(self._states(filled, None)), most=MOST_CHUNKS)
        return self.encoded[key].states

    def _first(self, ids: Tensor) -> Condition:
        """The states of a first chunk with the summary, from one pass through all layers."""
        filled = self._filled(ids)
        key = filled.numpy().tobytes()
        if self.summary and (key not in self.encoded or self.encoded[key].pooled is None):
            inputs = {"input_ids": filled.to(self._like.device), "attention_mask": None}
            with torch.no_grad():
                states, end = with_end(self.summary.whole, self.summary.clip_skip, inputs)
                pooled = self.summary.projection(end[:, int((filled[0] == END_ID).int().argmax())])
            keep(self.encoded, key, Condition(states.float(), pooled), most=MOST_CHUNKS)
        return self.encoded[key]

    def _filled(self, ids: Tensor) -> Tensor:
        return ids if self.fill == END_ID else torch.where(_after_the_end(ids), self.fill, ids)

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
    words: Words = NO_WORDS,
    vectors: Tensor | None = None,
    encoded: Encoded | None = None,
    fill: int = END_ID,
    final_norm: bool = True,
    projection: nn.Module | None = None,
) -> PromptEncoder:
    """An encoder of prompts for one plan; raises RenderError where the clip skip is beyond the encoder's layers.

    `words` stand for ids beyond the vocabulary, whose rows are `vectors`. `encoded` are chunks known from earlier plans
    with the same weights, layer and inversions. With a `projection` it summarises prompts.
    """
    view, whole = truncated(text_encoder, clip_skip, final_norm=final_norm), core(text_encoder)
    if vectors is not None:
        view, whole = with_vectors(view, vectors), with_vectors(whole, vectors)
    return PromptEncoder(
        view=view,
        weighting=weighting,
        words=words,
        encoded={} if encoded is None else encoded,
        fill=fill,
        summary=Summary(whole=whole, clip_skip=clip_skip, projection=projection) if projection else None,
    )


def joined(encoders: Sequence[PromptEncoder]) -> Reader:
    """Encoders that read the same chunks, their states side by side; the summary is that of all that make one."""

    def embed(runs: Sequence[Run]) -> Condition:
        said = [each.condition(runs) for each in encoders]
        pooled = [each.pooled for each in said if each.pooled is not None]
        return Condition(torch.cat([each.states for each in said], dim=-1), torch.cat(pooled, dim=-1))

    return Reader(embed=embed, layout=encoders[0].layout)
