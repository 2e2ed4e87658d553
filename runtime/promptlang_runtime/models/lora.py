"""LoRA files under the names that diffusers takes.

Most are written with every dot of a module's name as an underscore. They are matched with the modules the model really
has, which no rewriting of names can do without mistakes.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.pipelines import Layered, Tensors

# Other kinds of small networks, by an ending of their tensors.
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


def check_kind(tensors: Tensors, name: str) -> None:
    """Raises RenderError for a network that is no plain LoRA."""
    for key in tensors:
        for ending, kind in _OTHERS.items():
            if key.endswith(ending):
                raise RenderError(f"<{name}> is a network of the kind {kind}, which cannot be rendered yet")


def layers_of(model: Layered) -> list[str]:
    """The names of the layers that a LoRA may change."""
    return [name for name, module in model.named_modules() if isinstance(module, (nn.Linear, nn.Conv2d))]


def layer_names(model: Layered, written: str, ours: str) -> dict[str, str]:
    """The names of a model's layers as LoRA files write them, with the names diffusers takes."""
    return {written + name.replace(".", "_"): ours + name for name in layers_of(model)}


def renamed(tensors: Tensors, known: Mapping[str, str], name: str) -> dict[str, Tensor]:
    """The tensors under diffusers' names, every alpha multiplied in; raises RenderError for a layer not in `known`."""
    found: dict[str, Tensor] = {}
    for key, down in tensors.items():
        stem, dot, ending = key.partition(".")
        if dot + ending != ".lora_down.weight":
            continue
        if stem not in known or f"{stem}.lora_up.weight" not in tensors:
            raise RenderError(f"the LoRA <{name}> does not fit: the model has no layer for `{stem}`")
        up, rank = tensors[f"{stem}.lora_up.weight"], down.shape[0]
        alpha = float(tensors[f"{stem}.alpha"]) if f"{stem}.alpha" in tensors else float(rank)
        found[f"{known[stem]}.lora_A.weight"] = down
        found[f"{known[stem]}.lora_B.weight"] = up * (alpha / rank)
    return found
