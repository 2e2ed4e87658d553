"""The only module that opens weights: the bundled model, diffusers folders, single checkpoints, and VAEs."""

from __future__ import annotations

from pathlib import Path

import torch

from promptlang.plan import Model
from promptlang_runtime.errors import RenderError
from promptlang_runtime.families import family_of
from promptlang_runtime.models import LoadedModel

DEMO = "demo"
DEMO_FOLDER = Path(__file__).parent / "demo"
PICKLED = frozenset({".ckpt", ".pt", ".pth", ".bin", ".pickle", ".pkl"})

_latest: dict[tuple[str, torch.device, torch.dtype], LoadedModel] = {}


def load(model: Model, *, device: torch.device, dtype: torch.dtype, hub: bool = False) -> LoadedModel:
    """Open a model, or give back the one that was opened last; `hub` allows a download of a named repository.

    Raises RenderError where the weights are missing, pickled, broken or of a family that is not rendered yet.
    """
    family = family_of(model.family)
    key = (model.path or model.name, device, dtype)
    if key not in _latest:
        _latest.clear()  # one model at a time: the previous one is let go before the next takes memory
        place = _place(model, hub)
        pipeline = _from_folder(family.PIPELINE, place, dtype)
        pipeline.set_progress_bar_config(disable=True)
        _latest[key] = LoadedModel(
            name=model.name,
            family=model.family,
            pipeline=pipeline.to(device),
            scheduler_config=dict(pipeline.scheduler.config),
        )
    return _latest[key]


def _place(model: Model, hub: bool) -> Path:
    if model.path is None:
        if model.name.lower() == DEMO:
            return DEMO_FOLDER
        raise RenderError(f"the model <{model.name}> is not on this computer", "name its file in `promptlang.toml`")
    return Path(model.path)


def _from_folder(kind: type, folder: Path, dtype: torch.dtype) -> object:
    return kind.from_pretrained(
        folder,
        dtype=dtype,
        tokenizer=None,
        safety_checker=None,
        feature_extractor=None,
        local_files_only=True,
        use_safetensors=True,
    )
