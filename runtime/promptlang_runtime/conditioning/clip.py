"""CLIP text encoders that stop early: a view on a loaded encoder that has only the layers a clip skip needs.

The loaded encoder is never changed, and layers that are skipped are not computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from promptlang_runtime.errors import RenderError

_views: WeakKeyDictionary[nn.Module, dict[tuple[int, bool], nn.Module]] = WeakKeyDictionary()


def core(text_encoder: nn.Module) -> nn.Module:
    """The module with `embeddings`, `encoder` and `final_layer_norm`: transformers before 5.6 wraps it once."""
    return getattr(text_encoder, "text_model", text_encoder)


def layers(text_encoder: nn.Module) -> int:
    """How many layers the encoder has; there is one hidden state more, the embeddings."""
    return len(_layers(text_encoder))


def _layers(text_encoder: nn.Module) -> nn.ModuleList:
    found = core(text_encoder).get_submodule("encoder.layers")
    assert isinstance(found, nn.ModuleList)
    return found


def width(text_encoder: nn.Module) -> int:
    """How many numbers the encoder says about a token."""
    return core(text_encoder).get_parameter("final_layer_norm.weight").shape[0]


def vocabulary_size(text_encoder: nn.Module) -> int:
    """How many token ids the encoder knows; inversions take the ids after them."""
    return core(text_encoder).get_parameter("embeddings.token_embedding.weight").shape[0]


def truncated(text_encoder: nn.Module, clip_skip: int, *, final_norm: bool = True) -> nn.Module:
    """The encoder whose last layer is the one that hidden state `clip_skip`, counted from the end, comes from.

    The final layer norm follows where it is asked for. Views share all weights and are kept as long as the encoder.
    """
    count = layers(text_encoder)
    if not 1 <= clip_skip <= count + 1:
        raise RenderError(
            f"clip skip must be 1 to {count + 1} for a text encoder of {count} layers, found {clip_skip}",
            "write `/clipskip:2`",
        )
    views = _views.setdefault(text_encoder, {})
    if (clip_skip, final_norm) not in views:
        whole = core(text_encoder)
        kept = nn.ModuleList(list(_layers(text_encoder))[: count + 1 - clip_skip])
        view = _with_child(whole, "encoder", _with_child(whole.get_submodule("encoder"), "layers", kept))
        views[clip_skip, final_norm] = view if final_norm else _with_child(view, "final_layer_norm", nn.Identity())
    return views[clip_skip, final_norm]


def with_end(view: nn.Module, clip_skip: int, inputs: Mapping[str, Tensor | None]) -> tuple[Tensor, Tensor]:
    """Hidden state `clip_skip` of a whole encoder and what its last layer says after the final norm, in one pass."""
    passed = [view.get_submodule("embeddings"), *_layers(view)]
    seen: list[Tensor] = []
    hook = passed[-clip_skip].register_forward_hook(lambda _, __, said: seen.append(_alone(said)))
    try:
        end: Tensor = view(**inputs).last_hidden_state
    finally:
        hook.remove()
    return seen[0], end


def _alone(said: Tensor | tuple[Tensor, ...]) -> Tensor:
    """What a layer says; transformers before 5 wraps it."""
    return said[0] if isinstance(said, tuple) else said


def with_vectors(view: nn.Module, vectors: Tensor) -> nn.Module:
    """The view with further token ids, from the end of its vocabulary on, that stand for the rows of `vectors`."""
    table = view.get_submodule("embeddings.token_embedding")
    assert isinstance(table, nn.Embedding)
    embeddings = _with_child(view.get_submodule("embeddings"), "token_embedding", _ExtendedEmbedding(table, vectors))
    return _with_child(view, "embeddings", embeddings)


def _with_child(module: nn.Module, name: str, child: nn.Module) -> nn.Module:
    """A copy that shares everything with `module` except one child."""
    view = copy(module)
    vars(view)["_modules"] = {**vars(module)["_modules"], name: child}  # a copy shares the table of children
    return view


class _ExtendedEmbedding(nn.Module):
    """A token embedding with more rows, without a second copy of the large table."""

    def __init__(self, table: nn.Embedding, vectors: Tensor) -> None:
        super().__init__()
        self.table = table
        self.vectors = vectors.to(table.weight)

    @property
    def weight(self) -> Tensor:
        """The table's own weight, from which callers read type and device."""
        return self.table.weight

    def forward(self, ids: Tensor) -> Tensor:
        size = self.table.num_embeddings
        known = self.table(ids.clamp(max=size - 1))
        extra = self.vectors[(ids - size).clamp(min=0)]
        return torch.where((ids >= size).unsqueeze(-1), extra, known)
