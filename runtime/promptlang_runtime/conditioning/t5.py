"""T5 as a reader of prompts: one text of any length at once, weighted as ComfyUI and Forge do it.

Tokens are those of the tokenizer that a model comes with; every piece of weighted text is read into tokens by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor, nn

from promptlang.plans.plan import Run, Weighting
from promptlang.tokens.chunks import NO_WORDS, Chunk, Ids, IdsOf, Token, pieces
from promptlang_runtime.conditioning.condition import Condition
from promptlang_runtime.conditioning.encode import Encoded, keep
from promptlang_runtime.conditioning.weighting import FORMULAS

MOST_TEXTS = 16
"""How many encoded texts are kept: 130 MB for an encoder of width 4096 and 512 tokens."""


class Said(Protocol):
    """What a tokenizer makes of a text."""

    @property
    def input_ids(self) -> Sequence[int]: ...


class Tokenizer(Protocol):
    """A tokenizer of transformers."""

    @property
    def eos_token_id(self) -> int: ...

    @property
    def pad_token_id(self) -> int: ...

    def __call__(self, text: str, *, add_special_tokens: bool, truncation: bool, verbose: bool) -> Said: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class T5Encoder:
    """A T5 with the way weights act, the number of tokens of its texts, and the texts it has encoded so far.

    With `is_masked` what fills a text up is not attended to.
    """

    encoder: nn.Module
    tokenizer: Tokenizer
    weighting: Weighting
    tokens: int
    encoded: Encoded
    is_masked: bool = False

    def for_texts(self, texts: Iterable[Sequence[Run]]) -> T5Encoder:
        """The encoder that has room for the longest of the texts, so that all are of one length."""
        longest = max((len(_content(runs, self._ids)) for runs in texts), default=0)
        return replace(self, tokens=max(self.tokens, longest + 1))

    def condition(self, runs: Sequence[Run]) -> Condition:
        """The states of a text, and which of its tokens a denoiser attends to."""
        content = _content(runs, self._ids)
        states = FORMULAS[self.weighting]([self._chunk(content)], self._encode, self._chunk(()).ids)
        mask = torch.arange(self.tokens)[None] <= len(content) + 1  # and one more than its end, as Chroma wants it
        return Condition(states.to(self._like), mask=mask.to(self._like))

    @property
    def _like(self) -> Tensor:
        return next(self.encoder.parameters())

    def _ids(self, text: str) -> Ids:
        return tuple(self.tokenizer(text, add_special_tokens=False, truncation=False, verbose=False).input_ids)

    def _chunk(self, content: Sequence[Token]) -> Chunk:
        filling = self.tokens - len(content) - 1
        end, fill = self.tokenizer.eos_token_id, self.tokenizer.pad_token_id
        return Chunk(
            (*(token for token, _, _ in content), end, *(fill,) * filling),
            (*(weight for _, weight, _ in content), *(1.0,) * (filling + 1)),
            (*(piece for _, _, piece in content), *(0,) * (filling + 1)),
        )

    def _encode(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """The states of one text, float32 so that weights of half-precision encoders are exact; cached by its ids."""
        if mask is not None:
            return self._states(ids, mask)
        key = ids.numpy().tobytes()
        if key not in self.encoded:
            keep(self.encoded, key, Condition(self._states(ids, None)), most=MOST_TEXTS)
        return self.encoded[key].states

    def _states(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        if self.is_masked:
            own = _up_to_the_end(ids, self.tokenizer.pad_token_id)
            mask = own if mask is None else own * mask
        device = self._like.device
        with torch.no_grad():
            said = self.encoder(input_ids=ids.to(device), attention_mask=None if mask is None else mask.to(device))
        return said.last_hidden_state.float()


def _content(runs: Iterable[Run], ids_of: IdsOf) -> list[Token]:
    return [token for piece in pieces(runs, ids_of, NO_WORDS) for token in piece.tokens]


def _up_to_the_end(ids: Tensor, fill: int) -> Tensor:
    """Which places are words or their end mark, and not what fills the text up behind it; (1, tokens)."""
    filling = (ids == fill).flip(1).cumprod(1).flip(1)
    return 1 - filling
