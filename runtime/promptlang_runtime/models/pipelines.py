"""What is used of the objects of diffusers and torch, typed: the libraries leave most of it without types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import torch
from torch import Tensor, nn

Tensors = Mapping[str, Tensor]


class Missing(Protocol):
    """What `load_state_dict` says: the names that no weight was given for."""

    @property
    def missing_keys(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """What came of the files of a network: its tensors' names, those that no file gave, and those that it has not.

    `misshapen` are the tensors of another shape than the network's, with the shape found and the one wanted.
    """

    names: Sequence[str]
    missing: frozenset[str]
    unknown: frozenset[str]
    misshapen: frozenset[tuple[str, tuple[int, ...], tuple[int, ...]]]


class Layered(Protocol):
    """What has layers with names."""

    def named_modules(self) -> Iterable[tuple[str, nn.Module]]: ...


class Module(Layered, Protocol):
    """A network whose tensors can be filled in."""

    def eval(self) -> Self: ...

    def load_state_dict(self, state_dict: Tensors, strict: bool, assign: bool) -> Missing: ...

    def state_dict(self) -> Tensors: ...


class DenoiserConfig(Protocol):
    """How many channels the denoiser takes: those of the noise, and more where it takes a picture besides.

    It has a width for guidance where that is an input.
    """

    @property
    def in_channels(self) -> int: ...

    @property
    def time_cond_proj_dim(self) -> int | None: ...


class Denoiser(Module, Protocol):
    """Predicts the noise in latents, (batch, channels, height, width), at a moment; guided by states."""

    @property
    def config(self) -> DenoiserConfig: ...

    @property
    def device(self) -> torch.device: ...

    @property
    def dtype(self) -> torch.dtype: ...

    def num_parameters(self) -> int: ...

    def __call__(
        self,
        sample: Tensor,
        timestep: Tensor,
        *,
        encoder_hidden_states: Tensor,
        added_cond_kwargs: Tensors | None,
        return_dict: bool,
    ) -> tuple[Tensor, ...]: ...


class VaeConfig(Protocol):
    """The channels of the latents, and the number they are divided by before decoding."""

    @property
    def latent_channels(self) -> int: ...

    @property
    def scaling_factor(self) -> float: ...


class Likely(Protocol):
    """How latents are spread that a picture may be of."""

    def mode(self) -> Tensor: ...


class Encoded(Protocol):
    """What a VAE makes of a picture."""

    @property
    def latent_dist(self) -> Likely: ...


class Vae(Module, Protocol):
    """Latents to pictures: (batch, channels, height, width) to (batch, 3, 8 height, 8 width) from -1 to 1; and back."""

    @property
    def config(self) -> VaeConfig: ...

    @property
    def dtype(self) -> torch.dtype: ...

    def parameters(self) -> Iterator[nn.Parameter]: ...

    def decode(self, z: Tensor, *, return_dict: bool) -> tuple[Tensor, ...]: ...

    def encode(self, x: Tensor) -> Encoded: ...

    def to(self, *, device: torch.device | None = None, dtype: torch.dtype | None = None) -> Self: ...


class Scheduler(Protocol):
    """A sampler with its noise levels."""

    @property
    def config(self) -> Mapping[str, object]: ...

    @property
    def timesteps(self) -> Tensor: ...

    @property
    def order(self) -> int: ...

    def set_timesteps(self, num_inference_steps: int, device: torch.device) -> None: ...

    def scale_model_input(self, sample: Tensor, timestep: Tensor) -> Tensor: ...

    def step(
        self, model_output: Tensor, timestep: Tensor, sample: Tensor, *, return_dict: bool, **settings: object
    ) -> tuple[Tensor, ...]: ...


class TalkTokenizer(Protocol):
    """Divides texts, and writes talks as text by a template."""

    chat_template: str | None

    @property
    def bos_token(self) -> str | None: ...

    def __call__(self, text: str | Sequence[str], **settings: object) -> Mapping[str, Tensor]: ...

    def apply_chat_template(self, conversation: object, *, tokenize: bool, **settings: object) -> Sequence[str]: ...


class Loads(Protocol):
    """A class of pipelines: made of parts, or opened from a folder by the index that lies there."""

    def __call__(self, **parts: object) -> Pipeline: ...

    def load_config(self, *arguments: object, **settings: object) -> Mapping[str, object]: ...

    def from_pretrained(self, folder: str, **settings: object) -> Pipeline: ...


class Pipeline(Protocol):
    """What every pipeline of diffusers has: its parts, a device, and the names that trainers give to its layers."""

    vae: Vae
    scheduler: Scheduler

    @property
    def components(self) -> Mapping[str, object]: ...

    @property
    def device(self) -> torch.device: ...

    @property
    def dtype(self) -> torch.dtype: ...

    def to(self, *, device: torch.device | None = None, dtype: torch.dtype | None = None) -> Self: ...

    def register_modules(self, **parts: object) -> None: ...

    def set_progress_bar_config(self, *, disable: bool) -> None: ...

    def lora_state_dict(self, tensors: Tensors, **settings: object) -> Tensors | tuple[Tensors, Tensors]: ...
