"""Image adapters of the IP-Adapter kind: their files, who looks at pictures for them, and how a UNet takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeGuard

import torch
from torch import Tensor, nn

from promptlang.files import shown
from promptlang.refusals.named_files import file_refusal
from promptlang.tables.models.families import UNKNOWN
from promptlang.tables.models.folders import IMAGE_ENCODER
from promptlang.tables.options.table import BLEND_ADAPTER, BLEND_ENCODER
from promptlang_runtime.errors import RenderError, first_line, refuse
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below
from promptlang_runtime.models.opening import lone_from
from promptlang_runtime.models.pipelines import Pipeline, Tensors
from promptlang_runtime.models.tensors import load_tensors

PROJECTION, LAYERS = "image_proj", "ip_adapter"
_FIRST = "1.to_k_ip.weight"
_BROKEN = (KeyError, IndexError, ValueError, RuntimeError, TypeError, OSError, AttributeError)
_OTHER = "use an IP-Adapter made for this family"


class Config(Protocol):
    """How a UNet is told that it is shown pictures."""

    encoder_hid_dim_type: str | None


class Shown(Protocol):
    """A UNet that layers of an adapter can be put into."""

    encoder_hid_proj: nn.Module | None

    @property
    def config(self) -> Config: ...

    @property
    def device(self) -> torch.device: ...

    @property
    def attn_processors(self) -> Mapping[str, object]: ...

    def set_attn_processor(self, processor: Mapping[str, object]) -> None: ...


class Adaptable(Protocol):
    """A pipeline that diffusers loads adapters into."""

    unet: Shown
    feature_extractor: object

    def register_modules(self, **modules: object) -> None: ...

    def load_ip_adapter(
        self, file: Mapping[str, Tensors], *, subfolder: str, weight_name: str, image_encoder_folder: None
    ) -> None: ...

    def set_ip_adapter_scale(self, scale: float) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adapter:
    """What is put into a pipeline while a picture is taken into prompts, and what stood there."""

    pipeline: Adaptable
    layers: Mapping[str, object]
    own_layers: Mapping[str, object]
    projection: nn.Module | None
    encoder: object
    extractor: object

    def put_in(self, strength: float) -> None:
        """Into the UNet, at a strength."""
        _put_in(self.pipeline.unet, self.layers, self.projection, "ip_image_proj")
        self.pipeline.register_modules(image_encoder=self.encoder, feature_extractor=self.extractor)
        self.pipeline.set_ip_adapter_scale(strength)

    def take_out(self) -> None:
        """As if it had not been there."""
        _take_out(self.pipeline, self.own_layers)


def open_adapter(place: str, encoder: str, pipeline: Pipeline, *, dtype: torch.dtype) -> Adapter:
    """The adapter of a file and its image encoder; raises RenderError for those of another model."""
    name = f"`{shown(place)}`"
    for option, file in ((BLEND_ADAPTER, place), (BLEND_ENCODER, encoder)):
        refuse(file_refusal(option.name, file, Path(), UNKNOWN))
    if not _is_adaptable(pipeline):
        raise RenderError(f"{type(pipeline).__name__} takes no IP-Adapter", _OTHER)
    parts = _parts(name, load_tensors(Path(place)))
    wanted, found = libraries.reads_text_of(pipeline.unet), parts[LAYERS][_FIRST].shape[1]
    if found != wanted:
        raise RenderError(f"{name} writes for text of width {found}, and the model's denoiser reads {wanted}", _OTHER)
    looks = _encoder(encoder, dtype)
    _check_widths(name, parts[PROJECTION], f"`{shown(encoder)}`", looks)
    own = dict(pipeline.unet.attn_processors)
    try:
        pipeline.register_modules(image_encoder=looks.to(pipeline.unet.device), feature_extractor=None)
        pipeline.load_ip_adapter(parts, subfolder="", weight_name="", image_encoder_folder=None)
    except _BROKEN as error:
        _take_out(pipeline, own)
        raise RenderError(f"{name} is no IP-Adapter for this model ({first_line(error)})", _OTHER) from error
    adapter = Adapter(
        pipeline=pipeline,
        layers=dict(_layers(pipeline)),
        own_layers=own,
        projection=pipeline.unet.encoder_hid_proj,
        encoder=looks,
        extractor=pipeline.feature_extractor,
    )
    adapter.take_out()
    return adapter


def _layers(pipeline: Adaptable) -> Mapping[str, object]:
    """The layers of the UNet alone: those of the projection are counted with them while it is there."""
    projection, pipeline.unet.encoder_hid_proj = pipeline.unet.encoder_hid_proj, None
    found = dict(pipeline.unet.attn_processors)
    pipeline.unet.encoder_hid_proj = projection
    return found


def _put_in(unet: Shown, layers: Mapping[str, object], projection: nn.Module | None, kind: str | None) -> None:
    unet.encoder_hid_proj = None  # whose own layers would be counted as those of the UNet
    unet.set_attn_processor(dict(layers))
    unet.encoder_hid_proj, unet.config.encoder_hid_dim_type = projection, kind


def _take_out(pipeline: Adaptable, own: Mapping[str, object]) -> None:
    _put_in(pipeline.unet, own, None, None)
    pipeline.register_modules(image_encoder=None, feature_extractor=None)


def _parts(name: str, tensors: Tensors) -> Mapping[str, dict[str, Tensor]]:
    """The tensors of a file by what they are for."""
    parts = {part: dict(below(tensors, f"{part}.")) for part in (PROJECTION, LAYERS)}
    if not parts[PROJECTION] or _FIRST not in parts[LAYERS]:
        raise RenderError(f"{name} is no IP-Adapter: it lacks `{PROJECTION}` or `{LAYERS}.{_FIRST}`", _OTHER)
    if "proj.0.weight" in parts[PROJECTION] and "proj.3.weight" not in parts[PROJECTION]:
        message = f"{name} reads faces that another program has to find, which is not done here"
        raise RenderError(message, "use an IP-Adapter that reads whole pictures")
    return parts


def _encoder(place: str, dtype: torch.dtype) -> nn.Module:
    found = lone_from(Path(place), f"transformers.{IMAGE_ENCODER}", "image encoder", dtype=dtype)
    assert isinstance(found, nn.Module)
    return found.eval()


def _check_widths(name: str, projection: Tensors, encoder: str, looks: nn.Module) -> None:
    """Raises RenderError for an encoder that the adapter was not trained with."""
    if "proj.weight" in projection:
        read, written = projection["proj.weight"].shape[-1], libraries.vision_width(looks, "projection_dim")
    else:
        first = next(each for each in ("proj_in.weight", "proj.0.weight") if each in projection)
        read, written = projection[first].shape[1], libraries.vision_width(looks, "hidden_size")
    if read != written:
        message = f"{name} reads pictures of width {read}, and the image encoder {encoder} writes {written}"
        raise RenderError(message, "name the encoder that the adapter was trained with")


def _is_adaptable(pipeline: Pipeline) -> TypeGuard[Adaptable]:
    return hasattr(pipeline, "load_ip_adapter") and hasattr(pipeline, "unet")
