"""LoRAs, textual inversions and another VAE, put into a model for the time of one plan and taken out again."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from promptlang.plans.plan import Network, Plan
from promptlang.tokens.chunks import words_for
from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.conditioning.encode import Inversions, vocabulary_size
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families import family_of
from promptlang_runtime.models.loaded import LoadedModel
from promptlang_runtime.models.loading import load_inversion, load_vae, load_weights
from promptlang_runtime.models.lora import lora_weights
from promptlang_runtime.models.places import networks_of


@contextmanager
def applied(model: LoadedModel, plan: Plan, *, hub: bool = False) -> Iterator[LoadedModel]:
    """The model as the plan wants it; raises RenderError where a network is missing or does not fit."""
    networks = networks_of(plan)
    pipeline, own_vae = model.pipeline, model.pipeline.vae
    vae = plan.vae or next((each.path for each in networks if each.kind == "vae"), None)
    inversions = [each for each in networks if each.kind == "inversion"]
    loras = [each for each in networks if each.kind == "lora"]
    try:
        if vae:
            family = family_of(plan.model)
            pipeline.vae = load_vae(vae, family, device=pipeline.device, dtype=pipeline.unet.dtype, hub=hub)
        if loras:
            _add_loras(model, loras)
        yield model.changed(_inversions(model, inversions)) if loras or inversions else model
    finally:
        pipeline.vae = own_vae
        if loras:
            pipeline.unload_lora_weights()


def _add_loras(model: LoadedModel, loras: Sequence[Network]) -> None:
    names = [f"lora_{place}" for place in range(len(loras))]
    # All are read before the first is added, which gives the layers it changes other names.
    files = [lora_weights(load_weights(Path(lora.path or "")), model.pipeline, lora.name) for lora in loras]
    for name, lora, weights in zip(names, loras, files, strict=True):
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Already found a `peft_config`")  # several at once are meant
                model.pipeline.load_lora_weights(weights, adapter_name=name)
        except (ValueError, RuntimeError, KeyError) as error:
            (reason, *_) = str(error).strip().splitlines() or [type(error).__name__]
            raise RenderError(f"the LoRA <{lora.name}> does not fit <{model.name}>: {reason}") from error
    present = {name for names in model.pipeline.get_list_adapters().values() for name in names}
    for name, lora in zip(names, loras, strict=True):
        if name not in present:
            raise RenderError(f"the LoRA <{lora.name}> has no layer of <{model.name}>")
    model.pipeline.set_adapters(names, [_strengths(lora) for lora in loras])


def _strengths(lora: Network) -> float | dict[str, float]:
    if lora.text_weight is None:
        return lora.weight
    return {"unet": lora.weight, "text_encoder": lora.text_weight}


def _inversions(model: LoadedModel, networks: Sequence[Network]) -> Inversions:
    """The words `<name>` with ids from the end of the vocabulary on; the same inversion on both sides counts once."""
    encoder = model.pipeline.text_encoder
    width = core(encoder).final_layer_norm.weight.shape[0]
    vectors: dict[str, Tensor] = {}
    for network in networks:
        name = network.name.lower()
        if name in vectors:
            continue
        rows = load_inversion(Path(network.path or ""))
        if rows.shape[1] != width:
            raise RenderError(
                f"the textual inversion <{network.name}> is for text encoders of width {rows.shape[1]}, "
                f"and <{model.name}> has one of width {width}"
            )
        vectors[name] = rows
    words = words_for(((name, len(rows)) for name, rows in vectors.items()), vocabulary_size(encoder))
    return Inversions(ids=words, vectors=torch.cat([*vectors.values()]) if vectors else None)
