"""What the shapes of a denoiser with double and single blocks say: FLUX.1, FLUX.2 and Chroma."""

from __future__ import annotations

from collections.abc import Mapping

from promptlang.models.evidence.records import Record
from promptlang_runtime.models.layouts import blocks
from promptlang_runtime.models.pipelines import Tensors
from promptlang_runtime.rebuilding.transformer import turned


def sizes_of(own: Tensors, config: Record) -> Mapping[str, object]:
    """The sizes that all of them have; `config` is what was published."""
    width, channels = own["x_embedder.weight"].shape
    head = own["transformer_blocks.0.attn.norm_q.weight"].shape[0]
    return {
        "in_channels": channels,
        "num_layers": blocks(own, "transformer_blocks."),
        "num_single_layers": blocks(own, "single_transformer_blocks."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "joint_attention_dim": own["context_embedder.weight"].shape[1],
        "axes_dims_rope": turned(config.counts("axes_dims_rope"), head),
    }
