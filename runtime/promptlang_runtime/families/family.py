"""What the rest of the runtime asks of a family of models: one row of the table, and the models it opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import torch
from PIL import Image
from torch import Tensor, nn

from promptlang.plans.plan import Network, Plan
from promptlang.tables.models.folders import Folder
from promptlang_runtime.conditioning.encode import Encoded, Inversions
from promptlang_runtime.drawing.pipelines import OnCall
from promptlang_runtime.drawing.unet import Begun
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.models.folders import StandIn, StandIns
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Pipeline, Tensors, Vae
from promptlang_runtime.networks.layers import Changed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedModel:
    """A pipeline and the scheduler configuration it came with; samplers are built from that, never from each other.

    `encoded` are chunks of prompts that were encoded before, by text encoder and clip skip. `at_call` is told before
    every call of the denoiser, counted from 0, for networks whose strength changes. `refiner` finishes the pictures,
    `control` is the ControlNet that holds them.
    """

    name: str
    family: Family
    pipeline: Pipeline
    scheduler_config: Mapping[str, object]
    inversions: Inversions = field(default_factory=Inversions)
    encoded: dict[tuple[str, int], Encoded] = field(default_factory=dict[tuple[str, int], Encoded])
    at_call: Callable[[int], None] = lambda call: None
    refiner: LoadedModel | None = None
    control: nn.Module | None = None

    def encoded_by(self, text_encoder: str, clip_skip: int) -> Encoded:
        """What the encoder of that name said at that layer, to be added to."""
        return self.encoded.setdefault((text_encoder, clip_skip), {})

    def changed(
        self,
        inversions: Inversions,
        encoded: dict[tuple[str, int], Encoded],
        at_call: Callable[[int], None],
    ) -> LoadedModel:
        """The same model with networks: its text encoders may read further words, and say other things."""
        return replace(self, inversions=inversions, encoded=encoded, at_call=at_call)


class FromTensors(Protocol):
    """Rebuilds a whole checkpoint; `variant` is the plan's. Raises RenderError where a part is missing or misshapen."""

    def __call__(self, tensors: Tensors, *, variant: str) -> Pipeline: ...


class Finish(Protocol):
    """From the latents that a model has begun, whose words of textual inversions are told, to those without noise."""

    def __call__(self, model: LoadedModel, plan: Plan, begun: Begun, inversions: Inversions) -> Tensor: ...


class ReadNetwork(Protocol):
    """What a LoRA or its kin changes in the layers of a pipeline; `name` is for messages.

    Raises RenderError where a layer is not the model's, or where the method is not drawn.
    """

    def __call__(self, tensors: Tensors, pipeline: Pipeline, name: str) -> tuple[Changed, ...]: ...


class Draw(Protocol):
    """The pictures, drawn as one batch; the noise of each comes from its seed on the CPU, on every device.

    Their plans have in common what `shared` says. `on_call` is told after every denoiser call. Raises RenderError for
    what a plan asks and the family cannot do, and for a model that draws no numbers.
    """

    def __call__(self, model: LoadedModel, wanted: Sequence[Wanted], *, on_call: OnCall) -> list[Image.Image]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One row: what a family is to diffusers, and the functions of its folder.

    `folder` says what it is to diffusers: pipeline, parts and their classes. `from_tensors` rebuilds a single file, in
    which the parts lie as `layout` says; `vae_of` a VAE from a checkpoint or a file of its own; both raise PartError
    where a weight is missing. `network` reads LoRAs and their kin. `inversions` gives the words `<name>` of textual
    inversions, in lower case, ids after the encoder's vocabulary; it raises RenderError for vectors of another width.
    `half` is the number type on an accelerator. `finish` is there where models of the family finish pictures that
    others begin, and begin none themselves. `stand_ins` open the parts of a folder that libraries cannot load without
    others of their own, given its place. `variants` are rows for the variants of the family that another pipeline
    draws, by their names.
    """

    name: str
    folder: Folder
    from_tensors: FromTensors
    vae_of: Callable[[Tensors], Vae]
    network: ReadNetwork
    inversions: Callable[[LoadedModel, Sequence[Network]], Inversions]
    draw: Draw
    layout: FileLayout | None = None
    half: torch.dtype = torch.float16
    finish: Finish | None = None
    stand_ins: StandIns = field(default_factory=dict[str, StandIn])
    variants: Mapping[str, Family] = field(default_factory=dict[str, "Family"])
