"""What tests of pictures share: prompts, models and pictures on the CPU, and LoRAs beside the models they amount to."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import torch

from promptlang.plans.plan import Conditioned, Conditioning, Run, Segment
from promptlang_runtime.conditioning.sides import sides_of
from promptlang_runtime.executors.here import render
from promptlang_runtime.executors.loading import load
from promptlang_runtime.families.sd1.encode import encoder_of as sd1_encoder
from promptlang_runtime.families.sd2.encode import encoder_of as sd2_encoder
from promptlang_runtime.families.sdxl.encode import are_zeroes
from promptlang_runtime.families.sdxl.encode import reader_of as sdxl_reader

RANK, ALPHA = 4, 2.0
SIDES = {
    "sd1": lambda model, plan: sides_of(plan, sd1_encoder(model, plan).reader),
    "sd2": lambda model, plan: sides_of(plan, sd2_encoder(model, plan).reader),
    "sdxl": lambda model, plan: sides_of(plan, sdxl_reader(model, plan), zeroes=are_zeroes(model)),
}


def opened(plan):
    """The model of a plan: the very one that is drawn with."""
    return load(plan.model, device=torch.device("cpu"), dtype=torch.float32)


def draw(plan):
    """The first picture of a plan, in numbers that can be subtracted."""
    return np.asarray(render(plan, device="cpu")[0], dtype=np.int16)


def latents(plan):
    """What the model of a plan gives to its VAE, in double precision."""
    model, seen = opened(plan), []
    vae = model.pipeline.vae
    decode = vae.decode

    def decoded(given, *rest, **more):
        seen.append(given.detach().double().numpy())
        return decode(given, *rest, **more)

    vae.decode = decoded
    model.encoded.clear()
    try:
        draw(plan)
    finally:
        del vae.decode
        model.encoded.clear()
    return np.concatenate(seen)


def embeddings(plan, model=None):
    """What a UNet's plan says, as the pipelines of diffusers take it that do not read words themselves."""
    negative, positive = SIDES[plan.model.family](model or opened(plan), plan).at(0)
    found = {"prompt_embeds": positive.states, "negative_prompt_embeds": negative.states}
    if positive.pooled is not None:
        found |= {"pooled_prompt_embeds": positive.pooled, "negative_pooled_prompt_embeds": negative.pooled}
    return found


def saying(*runs):
    """One prompt of texts, each with its weight."""
    return Conditioning(branches=(Conditioned((Segment(99, tuple(Run(*each) for each in runs)),)),))


def edited(*segments):
    """One prompt that says each text up to and including a call."""
    return Conditioning(branches=(Conditioned(tuple(Segment(until, (Run(text),)) for until, text in segments)),))


def low_rank(layers):
    """A random pair of matrices, down and up, for every layer."""
    torch.manual_seed(5)
    return {
        name: (torch.randn(RANK, layer.in_features), torch.randn(layer.out_features, RANK))
        for name, layer in layers.items()
    }


def with_alpha(pairs):
    """Pairs of matrices as most trainers write them, by the names that those give to layers."""
    tensors = {}
    for name, (down, up) in pairs.items():
        tensors |= {
            f"{name}.lora_down.weight": down,
            f"{name}.lora_up.weight": up,
            f"{name}.alpha": torch.tensor(ALPHA),
        }
    return tensors


def without_alpha(pairs, strength=ALPHA / RANK):
    """Pairs of matrices as diffusers writes them; it has no alpha, so the strength goes into the matrices."""
    return {
        f"{name}.{half}.weight": each * strength**0.5
        for name, pair in pairs.items()
        for half, each in zip(("lora_A", "lora_B"), pair, strict=True)
    }


@contextmanager
def merged(layers, added):
    """Layers with something added to their weights, for the time of a block."""
    kept = {name: layer.weight.detach().clone() for name, layer in layers.items()}
    try:
        with torch.no_grad():
            for name, layer in layers.items():
                layer.weight += added[name]
        yield
    finally:
        with torch.no_grad():
            for name, layer in layers.items():
                layer.weight.copy_(kept[name])
