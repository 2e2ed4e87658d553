"""LoRA files under the names that diffusers takes.

Most are written with every dot of a module's name as an underscore. They are matched with the modules the model really
has, which no rewriting of names can do without mistakes.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.pipelines import Layered, Weights

# Other kinds of small networks, by an ending of their weights.
_OTHERS = {
    ".hada_w1_a": "LoHa",
    ".lokr_w1": "LoKr",
    ".lokr_w1_a": "LoKr",
    ".oft_blocks": "OFT",
    ".dora_scale": "DoRA",
    ".lora_magnitude_vector": "DoRA",
    ".lora_magnitude_vector.weight": "DoRA",
    ".lora_mid.weight": "LoCon with a middle matrix",
}


def check_kind(weights: Weights, name: str) -> None:
    """Raises RenderError for a network that is no plain LoRA."""
    for key in weights:
        for ending, kind in _OTHERS.items():
            if key.endswith(ending):
                raise RenderError(f"<{name}> is a network of the kind {kind}, which cannot be rendered yet")


def layer_names(model: Layered, written: str, ours: str) -> dict[str, str]:
    """The names of a model's layers as LoRA files write them, with the names diffusers takes."""
    layers = (name for name, module in model.named_modules() if isinstance(module, (nn.Linear, nn.Conv2d)))
    return {written + name.replace(".", "_"): ours + name for name in layers}


def renamed(weights: Weights, known: Mapping[str, str], name: str) -> dict[str, Tensor]:
    """The weights under diffusers' names, every alpha multiplied in; raises RenderError for a layer not in `known`."""
    found: dict[str, Tensor] = {}
    for key, down in weights.items():
        stem, dot, ending = key.partition(".")
        if dot + ending != ".lora_down.weight":
            continue
        if stem not in known or f"{stem}.lora_up.weight" not in weights:
            raise RenderError(f"the LoRA <{name}> does not fit: the model has no layer for `{stem}`")
        up, rank = weights[f"{stem}.lora_up.weight"], down.shape[0]
        alpha = float(weights[f"{stem}.alpha"]) if f"{stem}.alpha" in weights else float(rank)
        found[f"{known[stem]}.lora_A.weight"] = down
        found[f"{known[stem]}.lora_B.weight"] = up * (alpha / rank)
    return found
