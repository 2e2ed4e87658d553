"""Opens models and VAEs, whatever their family and layout; the last model is kept for the next plan."""

from __future__ import annotations

from pathlib import Path

import torch

from promptlang.plans.plan import Model
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families.family import Family, LoadedModel
from promptlang_runtime.families.table import family_of
from promptlang_runtime.models.folders import open_pipeline, open_vae
from promptlang_runtime.models.pipelines import Pipeline, Vae
from promptlang_runtime.models.places import place_of
from promptlang_runtime.models.tensors import load_tensors

_latest: dict[tuple[str, str, str, torch.device, torch.dtype], LoadedModel] = {}


def load(model: Model, *, device: torch.device, dtype: torch.dtype, hub: bool = False) -> LoadedModel:
    """Open a model, or give back the one that was opened last; `hub` allows a download of `owner/name`.

    Raises RenderError where the tensors are missing, pickled, broken or of a family that is not rendered yet.
    """
    family = family_of(model)
    place = place_of(model)
    key = (place, model.family, model.variant, device, dtype)
    if key not in _latest:
        _latest.clear()  # one model at a time: the previous one is let go before the next takes memory
        pipeline = _opened(family, place, model.variant, dtype, hub)
        pipeline.set_progress_bar_config(disable=True)
        _latest[key] = LoadedModel(
            name=model.name,
            family=family,
            pipeline=pipeline.to(device=device),
            scheduler_config=dict(pipeline.scheduler.config),
        )
    return _latest[key]


def _opened(family: Family, place: str, variant: str, dtype: torch.dtype, hub: bool) -> Pipeline:
    path = Path(place)
    if path.is_file():
        return family.from_tensors(load_tensors(path), variant=variant).to(dtype=dtype)
    return open_pipeline(family.pipeline, place, family.parts, left_out=family.left_out, dtype=dtype, hub=hub)


def load_vae(name: str, family: Family, *, device: torch.device, dtype: torch.dtype, hub: bool) -> Vae:
    """A VAE by path, or by the service's `owner__name`, which stands for the repository `owner/name`."""
    path = Path(name)
    if path.is_file():
        try:
            vae = family.vae_of(load_tensors(path))
        except KeyError as error:
            raise RenderError(f"`{path}` is not a VAE of this family: it has no {error}") from None
        return vae.to(device=device, dtype=dtype)
    place = name if path.is_dir() else name.replace("__", "/", 1)
    return open_vae(place, dtype=dtype, hub=hub).to(device=device)
