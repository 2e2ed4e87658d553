"""How the refiner reads a prompt: the second encoder of Stable Diffusion XL alone."""

from __future__ import annotations

from dataclasses import replace

from promptlang.plans.plan import Plan
from promptlang_runtime.conditioning.condition import Reader
from promptlang_runtime.conditioning.encode import Inversions
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.families.sdxl.encode import TEXT_2, encoder_of


def reader_of(model: LoadedModel, plan: Plan, inversions: Inversions) -> Reader:
    """How a plan's prompts are read, with the words of the model that begins its pictures.

    Raises RenderError for a clip skip beyond the layers.
    """
    encoded = {} if TEXT_2 in inversions.vectors else model.encoded
    return encoder_of(replace(model, inversions=inversions, encoded=encoded), plan, TEXT_2).reader
