"""The row of a flow-matching family: what is the same in all of them, and what is not drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from PIL import Image

from promptlang.plans.plan import Network
from promptlang.tables.models.families import family
from promptlang.tables.models.folders import Folder, folder_of
from promptlang_runtime.conditioning.encode import Inversions
from promptlang_runtime.drawing.language import Manner, language_pictures
from promptlang_runtime.drawing.pipelines import OnCall
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.family import Draw, Family, FromTensors, LoadedModel
from promptlang_runtime.families.language.reading import Reads
from promptlang_runtime.models.folders import StandIns
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Pipeline, Tensors, Vae
from promptlang_runtime.networks.transformer import transformer_network

TEXT = "text_encoder"
DENOISER = "transformer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """How a family is rebuilt from single files and parts."""

    layout: FileLayout
    from_tensors: FromTensors
    vae_of: Callable[[Tensors], Vae]


def language_family(
    name: str,
    manner: Manner,
    reads: Reads,
    *,
    variant: str = "",
    files: Files | None = None,
    stand_ins: StandIns | None = None,
    variants: Mapping[str, Family] | None = None,
) -> Family:
    """The row of a family, or of a variant, whose pipeline is called in that manner, and which reads texts so."""
    folder = folder_of(name, variant)
    assert folder
    return Family(
        name=name,
        folder=folder,
        from_tensors=files.from_tensors if files else no_single_file,
        vae_of=files.vae_of if files else _no_other_vae,
        layout=files.layout if files else None,
        network=partial(transformer_network, denoiser=folder.denoiser, encoders=folder.text_encoders),
        inversions=_no_inversions,
        draw=_draw(_told_by(folder, manner), reads),
        half=torch.bfloat16,  # as they were trained and published: their states overflow float16
        stand_ins=stand_ins or {},
        variants=variants or {},
    )


def _told_by(folder: Folder, manner: Manner) -> Manner:
    """The manner with what the row of the folder says of the pipeline."""
    settings = {**dict(folder.settings), **manner.settings}
    return replace(manner, guidance=folder.guidance, midway=folder.midway, settings=settings)


def no_single_file(tensors: Tensors, *, variant: str) -> Pipeline:
    """Raises RenderError: these models are opened from folders."""
    del tensors, variant
    raise RenderError("a single file of this family cannot be rendered yet", "use a folder in the layout of diffusers")


def _no_other_vae(tensors: Tensors) -> Vae:
    del tensors
    raise RenderError("another VAE cannot be put into a model of this family yet", "leave `/vae` out")


def _no_inversions(model: LoadedModel, networks: Sequence[Network]) -> Inversions:
    for network in networks:
        title = family(model.family.name).title
        raise RenderError(f"<{network.name}> is a textual inversion, which {title} cannot read", "remove it")
    return Inversions()


def _draw(manner: Manner, reads: Reads) -> Draw:
    def draw(model: LoadedModel, wanted: Sequence[Wanted], *, on_call: OnCall) -> list[Image.Image]:
        plan = wanted[0].plan
        return language_pictures(
            model.pipeline,
            plan,
            [each.seed for each in wanted],
            manner=manner,
            config=model.scheduler_config,
            reading=partial(reads, model, plan),
            on_call=on_call,
            control=model.control,
        )

    return draw
