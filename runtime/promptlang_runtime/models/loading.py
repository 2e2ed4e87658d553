"""The only module that opens weights: models, VAEs, LoRAs and textual inversions, from safetensors files alone."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from promptlang.plans.plan import Model
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families import Family, family_of
from promptlang_runtime.models.loaded import LoadedModel
from promptlang_runtime.models.places import HUB_NAME, place_of

PICKLED = frozenset({".ckpt", ".pt", ".pth", ".bin", ".pickle", ".pkl"})

_latest: dict[tuple[str, str, torch.device, torch.dtype], LoadedModel] = {}


def load(model: Model, *, device: torch.device, dtype: torch.dtype, hub: bool = False) -> LoadedModel:
    """Open a model, or give back the one that was opened last; `hub` allows a download of `owner/name`.

    Raises RenderError where the weights are missing, pickled, broken or of a family that is not rendered yet.
    """
    family = family_of(model)
    place = place_of(model)
    key = (place, model.variant, device, dtype)
    if key not in _latest:
        _latest.clear()  # one model at a time: the previous one is let go before the next takes memory
        _latest[key] = _opened(model, family, place, device, dtype, hub)
    return _latest[key]


def _opened(
    model: Model, family: Family, place: str, device: torch.device, dtype: torch.dtype, hub: bool
) -> LoadedModel:
    path = Path(place)
    if path.is_file():
        pipeline = family.from_weights(load_weights(path), variant=model.variant)
        pipeline.to(dtype=dtype)
    else:
        pipeline = _from_folder(family.PIPELINE, place, dtype, hub)
    pipeline.set_progress_bar_config(disable=True)
    return LoadedModel(
        name=model.name,
        family=model.family,
        pipeline=pipeline.to(device),
        scheduler_config=dict(pipeline.scheduler.config),
    )


def load_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file; raises RenderError where it is missing, broken or pickled."""
    if path.suffix.lower() in PICKLED:
        raise RenderError(f"`{path}` is pickled, and opening it could run code", "convert it to safetensors")
    try:
        return load_file(path)
    except FileNotFoundError:
        raise RenderError(f"there is no file `{path}`", "correct the path in `promptlang.toml`") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise RenderError(f"`{path}` is not a safetensors file that can be read: {error}") from None


def load_inversion(path: Path) -> Tensor:
    """The vectors of a textual inversion, (vectors, width)."""
    tensors = load_weights(path)
    vectors = tensors.get("emb_params")
    if vectors is None and len(tensors) == 1:
        (vectors,) = tensors.values()
    if vectors is None or vectors.dim() > 2:
        raise RenderError(f"`{path}` is not a textual inversion for a single text encoder")
    return torch.atleast_2d(vectors)


def load_vae(name: str, family: Family, *, device: torch.device, dtype: torch.dtype, hub: bool) -> AutoencoderKL:
    """A VAE by path, or by the service's `owner__name`, which stands for the repository `owner/name`."""
    path = Path(name)
    if path.is_file():
        try:
            vae = family.vae_of(load_weights(path))
        except KeyError as error:
            raise RenderError(f"`{path}` is not a VAE of this family: it has no {error}") from None
        return vae.to(device=device, dtype=dtype)
    place = name if path.is_dir() else name.replace("__", "/", 1)
    return _from_folder(AutoencoderKL, place, dtype, hub).to(device)


def _from_folder(kind: type, place: str, dtype: torch.dtype, hub: bool) -> object:
    """A pipeline or VAE in the layout of diffusers; our own tokenizer replaces the folder's."""
    local = Path(place).is_dir()
    if not local and not HUB_NAME.fullmatch(place):
        raise RenderError(f"there is no model at `{place}`", "correct the path in `promptlang.toml`")
    if not local and not hub:
        raise RenderError(f"`{place}` is not on this computer", "add `--download` to fetch it from the hub")
    without = {} if kind is AutoencoderKL else {"tokenizer": None, "safety_checker": None, "feature_extractor": None}
    try:
        return kind.from_pretrained(place, dtype=dtype, local_files_only=local, use_safetensors=True, **without)
    except (OSError, ValueError, SafetensorError) as error:
        (reason, *_) = str(error).strip().splitlines() or [type(error).__name__]
        where = "open" if local else "fetch"
        help = "" if local else "check the name and the connection, or name a file in `promptlang.toml`"
        raise RenderError(f"cannot {where} the model at `{place}`: {reason}", help) from error
