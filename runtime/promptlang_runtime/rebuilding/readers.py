"""Text encoders of single files and parts that are no CLIP: T5, and language models without what they see and say.

Every size is read from the shapes; what shapes do not say is as published.
"""

from __future__ import annotations

from torch import nn

from promptlang.models.evidence.records import Record
from promptlang_runtime.errors import PartError
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, blocks, building, filled
from promptlang_runtime.models.pipelines import Tensors
from promptlang_runtime.rebuilding.published import published
from promptlang_runtime.rebuilding.transformer import turned

FIRST = "layers.0.input_layernorm.weight"
T5_HEAD = "encoder.block.0.layer.0.SelfAttention."


@building("text encoder")
def t5_of(tensors: Tensors) -> nn.Module:
    """T5, its encoder alone."""
    shared = tensors["shared.weight"] if "shared.weight" in tensors else tensors["encoder.embed_tokens.weight"]
    buckets, heads = tensors[f"{T5_HEAD}relative_attention_bias.weight"].shape
    module = libraries.empty_reader(
        "T5EncoderModel",
        vocab_size=shared.shape[0],
        d_model=shared.shape[1],
        d_kv=tensors[f"{T5_HEAD}q.weight"].shape[0] // heads,
        d_ff=tensors["encoder.block.0.layer.1.DenseReluDense.wo.weight"].shape[1],
        num_layers=blocks(tensors, "encoder.block."),
        num_heads=heads,
        relative_attention_num_buckets=buckets,
        feed_forward_proj="gated-gelu",
    )
    own = {**tensors, "shared.weight": shared, "encoder.embed_tokens.weight": shared}
    return filled(module, own, "text encoder", assign=True)


@building("text encoder")
def language_model_of(tensors: Tensors, name: str, *, deepest: int = 0) -> nn.Module:
    """A language model as published under that name, up to its last states; what sees pictures is left out.

    Raises PartError where it has not the `deepest` layer that the family reads.
    """
    root = next((each.removesuffix(FIRST) for each in tensors if each.endswith(FIRST) and "vis" not in each), "")
    own, config = below(tensors, root), published(name)
    count = blocks(own, "layers.")
    if count < deepest:
        raise PartError("text encoder", f"has {count} layers, and the {deepest}th of them is read")
    attention = "layers.0.self_attn."
    inner, norm = own[f"{attention}q_proj.weight"].shape[0], own.get(f"{attention}q_norm.weight")
    head = min(inner, config.whole("head_dim") or inner) if norm is None else norm.shape[0]
    sizes = {
        "vocab_size": own["embed_tokens.weight"].shape[0],
        "hidden_size": own["embed_tokens.weight"].shape[1],
        "intermediate_size": own["layers.0.mlp.gate_proj.weight"].shape[0],
        "num_hidden_layers": count,
        "num_attention_heads": inner // head,
        "num_key_value_heads": own[f"{attention}k_proj.weight"].shape[0] // head,
        "head_dim": head,
        **_turning(config, head),
    }
    settings = {key: value for key, value in config.items() if key not in ("class", "chat")}
    return filled(
        libraries.empty_reader(config.text("class"), **{**settings, **sizes}), own, "text encoder", assign=True
    )


def _turning(config: Record, head: int) -> dict[str, object]:
    """How places turn the numbers of a head, where they are places in a picture as well."""
    rope = config.record("rope_scaling")
    if not rope:
        return {}
    return {"rope_scaling": {**rope, "mrope_section": list(turned(rope.counts("mrope_section"), head // 2, step=1))}}
