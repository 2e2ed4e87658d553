"""LoRAs, textual inversions and another VAE, put into a model for the time of one plan and taken out again."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from promptlang.plans.plan import Network, Plan
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.loading import load_vae
from promptlang_runtime.families.family import Family, LoadedModel
from promptlang_runtime.models.libraries import denoiser_of
from promptlang_runtime.models.places import networks_of
from promptlang_runtime.models.tensors import load_tensors


@contextmanager
def applied(model: LoadedModel, plan: Plan, *, hub: bool = False) -> Generator[LoadedModel]:
    """The model as the plan wants it; raises RenderError where a network is missing or does not fit."""
    networks = networks_of(plan)
    pipeline, own_vae = model.pipeline, model.pipeline.vae
    vae = plan.vae or next((each.path for each in networks if each.kind == "vae"), None)
    inversions = [each for each in networks if each.kind == "inversion"]
    loras = [each for each in networks if each.kind == "lora"]
    try:
        if vae:
            dtype = denoiser_of(pipeline, model.family.denoiser).dtype
            pipeline.vae = load_vae(vae, model.family, device=pipeline.device, dtype=dtype, hub=hub)
        if loras:
            _add_loras(model, loras)
        changed = loras or inversions
        yield model.changed(model.family.inversions(model, inversions)) if changed else model
    finally:
        pipeline.vae = own_vae
        if loras:
            pipeline.unload_lora_weights()


def _add_loras(model: LoadedModel, loras: Sequence[Network]) -> None:
    pipeline = model.pipeline
    names = [f"lora_{place}" for place in range(len(loras))]
    # All are read before the first is added, which gives the layers it changes other names.
    files = [model.family.lora_tensors(load_tensors(Path(lora.path or "")), pipeline, lora.name) for lora in loras]
    for name, lora, tensors in zip(names, loras, files, strict=True):
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Already found a `peft_config`")  # several at once are meant
                pipeline.load_lora_weights(dict(tensors), adapter_name=name)
        except (ValueError, RuntimeError, KeyError) as error:
            (reason, *_) = str(error).strip().splitlines() or [type(error).__name__]
            raise RenderError(f"the LoRA <{lora.name}> does not fit <{model.name}>: {reason}") from error
    present = {name for names in pipeline.get_list_adapters().values() for name in names}
    for name, lora in zip(names, loras, strict=True):
        if name not in present:
            raise RenderError(f"the LoRA <{lora.name}> has no layer of <{model.name}>")
    pipeline.set_adapters(names, [_strengths(lora, model.family) for lora in loras])


def _strengths(lora: Network, family: Family) -> float | dict[str, float]:
    if lora.text_weight is None:
        return lora.weight
    return {family.denoiser: lora.weight, **dict.fromkeys(family.text_encoders, lora.text_weight)}
