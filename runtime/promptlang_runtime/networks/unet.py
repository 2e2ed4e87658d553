"""Networks of models with a UNet and CLIP: under diffusers' names, or under those that most trainers write."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from promptlang.models.fitting.layer_names import UNET, written_names
from promptlang.models.fitting.misfits import network_misfit
from promptlang.tables.models.unet_files import TextPart
from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.libraries import denoiser_of, text_encoder_of
from promptlang_runtime.models.pipelines import Pipeline, Tensors
from promptlang_runtime.models.tensors import shapes_of
from promptlang_runtime.networks.files import by_layer
from promptlang_runtime.networks.layers import Changed, changes, layers_of, sized


def unet_network(tensors: Tensors, name: str, pipeline: Pipeline, texts: Sequence[TextPart]) -> tuple[Changed, ...]:
    """What a network changes in the UNet of a pipeline and in its text encoders.

    Raises RenderError for methods that are not drawn, and for layers that the model has not or that have another shape.
    """
    encoders: dict[str, nn.Module] = {each.part: core(text_encoder_of(pipeline, each.part)) for each in texts}
    layers = {(UNET, each.name): each for each in layers_of(UNET, denoiser_of(pipeline, UNET))}
    layers |= {(part, each.name): each for part, encoder in encoders.items() for each in layers_of(part, encoder)}
    inside = {(each.part, each.trained): [name for part, name in layers if part == each.part] for each in texts}
    places = written_names([name for part, name in layers if part == UNET], inside)
    known = {written: layers[place] for written, place in places.items()}
    files = by_layer(tensors, name)
    shapes = {written: shapes_of(pieces) for written, pieces in files.items()}
    if why := network_misfit(name, shapes, sized(known)):
        raise RenderError(why)
    return changes(files, known, name)
