"""Opens models and VAEs, whatever their family and layout; the last model is kept for the next plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import torch

from promptlang.files import shown
from promptlang.models.fitting.shapes import Stated, stated
from promptlang.models.fitting.wholeness import States, kind_of, states
from promptlang.models.parts import tokenizer_beside
from promptlang.plans.plan import Model
from promptlang.refusals.named_files import is_repository, names_repository, no_vae
from promptlang.sentences import listed
from promptlang_runtime.drawing.resting import rest
from promptlang_runtime.errors import Part, PartError, RenderError, first_line
from promptlang_runtime.executors.limits import MEMORY, Memory
from promptlang_runtime.families.family import Family, LoadedModel
from promptlang_runtime.families.table import family_of
from promptlang_runtime.models.device import use_threads
from promptlang_runtime.models.folders import fetched_network, open_pipeline
from promptlang_runtime.models.layouts import MISSHAPEN, below
from promptlang_runtime.models.libraries import denoiser_of, is_vae, width_read, width_written
from promptlang_runtime.models.opening import lone_from
from promptlang_runtime.models.parts import FileLayout, assembled, file_of_reader, tokenizers
from promptlang_runtime.models.pipelines import Pipeline, Tensors, Vae
from promptlang_runtime.models.places import files_of, is_fetched, place_of, repository_of
from promptlang_runtime.models.tensors import load_tensors
from promptlang_runtime.rebuilding.tokenizers import tokenizer_for
from promptlang_runtime.unswept import unswept

Key = tuple[tuple[str, ...], States | Stated, str, str, torch.device, torch.dtype, Memory]

_latest: dict[Key, LoadedModel] = {}


def load(
    model: Model,
    *,
    device: torch.device,
    dtype: torch.dtype,
    hub: bool = False,
    family: Family | None = None,
    memory: Memory = MEMORY[0],
) -> LoadedModel:
    """Open a model, or give back the one that was opened last while its files are the same; `hub` allows a download.

    The row of its family is looked up, or told for a refiner, which stays beside the model that was opened last.
    `memory` says which of its parts rest. Raises RenderError where the tensors are missing, pickled, broken or of a
    family that is not rendered yet.
    """
    family, is_refiner = family or family_of(model), family is not None
    place = place_of(model)
    # What rests in main memory is there already on the CPU.
    memory = MEMORY[0] if device.type == "cpu" else memory
    files = (place, *model.files)
    key = (files, _states(model, place), model.family, model.variant, device, dtype, memory)
    if key not in _latest:
        is_first = not _latest
        # One model at a time, and its refiner: the previous one is let go before the next takes memory.
        for each in [each for each, known in _latest.items() if not is_refiner or known.family.finish]:
            del _latest[each]
        # What is let go may be a cycle of garbage, so that only a first model is opened without a look for any.
        with unswept() if is_first else nullcontext():
            pipeline = _opened(family, model, place, dtype, hub)
        _check_widths(family, pipeline, place)
        pipeline.set_progress_bar_config(disable=True)
        use_threads(denoiser_of(pipeline, family.folder.denoiser).num_parameters())
        if memory.rests:
            part = family.folder.denoiser
            rest(pipeline, family.folder.text_encoders, part, device, by_layer=memory.by_layer)
        else:
            pipeline.to(device=device)
        _latest[key] = LoadedModel(
            name=model.name,
            family=family,
            pipeline=pipeline,
            scheduler_config=dict(pipeline.scheduler.config),
        )
    return _latest[key]


def _states(model: Model, place: str) -> States | Stated:
    """What tells that a file of the model was changed, or one of its folder."""
    path = Path(place)
    if not path.is_file():
        return states(path)
    files = [path, *map(Path, model.files)]
    return stated([*files, *filter(None, map(tokenizer_beside, files))])


def _opened(family: Family, model: Model, place: str, dtype: torch.dtype, hub: bool) -> Pipeline:
    path, is_named = Path(place), is_fetched(model)
    if path.is_file() and not is_named:
        return open_files(family, model, path, dtype).to(dtype=dtype)
    return open_pipeline(
        place,
        family.folder,
        stand_ins=family.stand_ins,
        dtype=dtype,
        hub=hub,
        is_fetched=is_named,
    )


def open_files(family: Family, model: Model, path: Path, dtype: torch.dtype) -> Pipeline:
    """The pipeline of a single file, or of several; raises RenderError that names them."""
    tensors = assembled(model, path, family.layout, dtype) if family.layout else load_tensors(path)
    readers = _tokenizers(family.layout, model, path, tensors)
    try:
        pipeline = family.from_tensors(tensors, variant=model.variant)
        pipeline.register_modules(**readers)
        return pipeline
    except RenderError as error:
        whole = "use parts of one model" if len(model.files) > 1 else "use a whole model of its family"
        help = error.help or whole
        where = _of_part(model, path, error, family.layout) if isinstance(error, PartError) else files_of(model)
        raise RenderError(f"{where} cannot be drawn with: {error.message}", help) from error
    except (KeyError, *MISSHAPEN) as error:
        why = f"its tensors are of no such model ({first_line(error)})"
        help = "check that its family is what `promptlang.toml` says, or replace it"
        raise RenderError(f"{files_of(model)} cannot be drawn with: {why}", help) from error


def _of_part(model: Model, path: Path, error: PartError, layout: FileLayout | None) -> str:
    """The file that holds the part of the model that is wrong, or those that may."""
    own = file_of_reader(model, layout, error.prefix) if layout and error.prefix else None
    held: Mapping[Part, Sequence[str]] = {
        "text encoder": [str(own)] if own else model.text_encoders or [str(path)],
        "VAE": [model.vae or str(path)],
    }
    return listed((f"`{each}`" for each in held.get(error.part, [str(path)])), "or")


def _tokenizers(layout: FileLayout | None, model: Model, path: Path, tensors: Tensors) -> Mapping[str, object]:
    """What divides texts for those of its encoders that read with no tokens of ours."""
    if layout is None:
        return {}
    return {
        part: tokenizer_for(file, layout.encoders[prefix], layout.chat)
        for part, file in tokenizers(model, path, layout).items()
        for prefix in (layout.tokenizers[part],)
        if below(tensors, prefix)
    }


def _check_widths(family: Family, pipeline: Pipeline, place: str) -> None:
    """Raises RenderError where a UNet reads texts of another width than its text encoders write side by side."""
    reads = width_read(pipeline, family.folder.denoiser)
    writes = [each for name in family.folder.text_encoders if (each := width_written(pipeline, name))]
    if reads is None or not writes or reads == sum(writes):
        return
    widths = listed(map(str, writes))
    message = (
        f"`{place}` cannot be drawn with: its denoiser reads text of width {reads}, its text encoder writes {widths}"
    )
    raise RenderError(message, "put parts of one model together")


def load_vae(name: str, family: Family, *, device: torch.device, dtype: torch.dtype, hub: bool) -> Vae:
    """A VAE by path, or by the service's `owner__name`, which stands for the repository `owner/name`."""
    path = Path(name)
    if is_repository(name) or (names_repository(name) and not path.exists()):
        path = fetched_network(repository_of(name), hub=hub)
    if path.is_file():
        tensors = load_tensors(path)
        try:
            vae = family.vae_of(tensors)
        except PartError as error:
            message = f"`{path}` is not a VAE of this family: it {error.fault}"
            raise RenderError(message, "name a VAE of the model's family") from error
        return vae.to(device=device, dtype=dtype)
    if not path.is_dir():
        refusal = no_vae(f"`{shown(path)}`")
        raise RenderError(refusal.message, refusal.help)
    found = lone_from(path, kind_of(path, family.folder.parts["vae"]), "VAE", dtype=dtype)
    assert is_vae(found)
    return found.to(device=device)
