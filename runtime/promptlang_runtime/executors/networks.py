"""LoRAs, textual inversions and another VAE, put into a model for the time of one plan and taken out again.

What was made of files is kept while plans call for the same ones.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from weakref import WeakKeyDictionary

from torch import nn

from promptlang.models.fitting.shapes import Stated, stated
from promptlang.models.fitting.wholeness import States, states
from promptlang.plans.blending import blend_strength, encoder_place
from promptlang.plans.plan import Network, Plan
from promptlang.refusals.named_files import another
from promptlang_runtime.conditioning.encode import Encoded, Inversions
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.loading import load_vae
from promptlang_runtime.families.family import Family, LoadedModel
from promptlang_runtime.models.libraries import denoiser_of
from promptlang_runtime.models.pipelines import Pipeline, Vae
from promptlang_runtime.models.places import networks_of
from promptlang_runtime.models.tensors import network_tensors
from promptlang_runtime.networks.adapters import Adapter, open_adapter
from promptlang_runtime.networks.attached import Attached, Strengths
from promptlang_runtime.networks.controls import open_control

File = tuple[str, str, str, States | Stated]
"""What was read: as what, under which name, where, and which files lay there, written when and how long."""


@dataclass(slots=True, eq=False)
class Kept:
    """What is in a model beside its own tensors, and what its text encoders said at the strengths they had last."""

    files: tuple[File, ...]
    attached: Attached
    inversions: Inversions
    vae: Vae | None
    control: nn.Module | None = None
    adapter: Adapter | None = None
    strengths: tuple[float, ...] = ()
    encoded: dict[tuple[str, int], Encoded] = field(default_factory=dict[tuple[str, int], Encoded])


_kept: WeakKeyDictionary[Pipeline, Kept] = WeakKeyDictionary()


@contextmanager
def applied(model: LoadedModel, plan: Plan, *, hub: bool = False) -> Generator[LoadedModel]:
    """The model as the plan wants it; raises RenderError where a network is missing or does not fit."""
    networks = networks_of(plan)
    vae = plan.vae or next((each.path for each in networks if each.kind == "vae"), None)
    added = [each for each in networks if each.kind != "vae"]
    loras = [each for each in added if each.kind == "lora"]
    with _cured(loras):
        kept = _read(model, plan, added, vae, hub)
    own_vae = model.pipeline.vae
    try:
        model.pipeline.vae = kept.vae or own_vae

        def at_call(call: int) -> None:
            kept.attached.set([_strengths(each, model.family, call) for each in loras])

        if kept.adapter:
            kept.adapter.put_in(blend_strength(plan))
        with _cured(loras):
            at_call(0)
        ready = model.changed(kept.inversions, _encoded(kept, loras), at_call) if added else model
        yield replace(ready, control=kept.control) if kept.control else ready
    finally:
        model.pipeline.vae = own_vae
        kept.attached.rest()
        if kept.adapter:
            kept.adapter.take_out()


@contextmanager
def _cured(loras: Sequence[Network]) -> Generator[None]:
    """Say which file to replace where a network that does not fit is named, and nothing says what to do."""
    try:
        yield
    except RenderError as error:
        own = next((each for each in loras if f"<{each.name}>" in error.message), None)
        if own is None or error.help:
            raise
        raise RenderError(error.message, another(own)) from error


def _read(model: LoadedModel, plan: Plan, networks: Sequence[Network], vae: str | None, hub: bool) -> Kept:
    """What the last plan left where it is the same, else read now; one set at a time is kept."""
    files = tuple(_file(each.kind, each.name, each.path or "") for each in networks)
    files += (_file("vae", "", vae),) if vae else ()
    control, adapter = plan.control_net if plan.control else None, plan.blend_adapter if plan.blend else None
    encoder = encoder_place(plan) or ""
    files += (_file("control", "", control),) if control else ()
    files += (_file("adapter", "", adapter), _file("encoder", "", encoder)) if adapter else ()
    kept = _kept.get(model.pipeline)
    if kept is not None and kept.files == files:
        return kept
    if kept is not None:
        kept.attached.remove()
        del _kept[model.pipeline]
    loras = [each for each in networks if each.kind == "lora"]
    changes = [
        model.family.network(network_tensors(Path(each.path or "")), model.pipeline, each.name) for each in loras
    ]
    inversions = [each for each in networks if each.kind == "inversion"]
    like = denoiser_of(model.pipeline, model.family.folder.denoiser)
    kept = Kept(
        files,
        Attached([(each.name, found) for each, found in zip(loras, changes, strict=True)]),
        model.family.inversions(model, inversions) if inversions else Inversions(),
        load_vae(vae, model.family, device=like.device, dtype=like.dtype, hub=hub) if vae else None,
        open_control(control, model.family.folder.control, like, dtype=like.dtype) if control else None,
        open_adapter(adapter, encoder, model.pipeline, dtype=like.dtype) if adapter else None,
    )
    _kept[model.pipeline] = kept
    return kept


def _file(kind: str, name: str, path: str) -> File:
    """What tells a file or folder from another, and from itself after it was written anew."""
    known = Path(path)
    return kind, name, path, states(known) if known.is_dir() else stated([known])


def _encoded(kept: Kept, loras: Sequence[Network]) -> dict[tuple[str, int], Encoded]:
    """What was encoded of texts with the same networks at the same strengths."""
    strengths = tuple(_text_strength(each) for each in loras)
    if kept.strengths != strengths:
        kept.strengths, kept.encoded = strengths, {}
    return kept.encoded


def _strengths(lora: Network, family: Family, call: int) -> Strengths:
    """How strong a network is at a call of the denoiser, counted from 0."""
    until = (each.weight for each in lora.strengths if call <= each.until)
    weight = next(until, lora.strengths[-1].weight) if lora.strengths else lora.weight
    return {family.folder.denoiser: weight, **dict.fromkeys(family.folder.text_encoders, _text_strength(lora))}


def _text_strength(lora: Network) -> float:
    return lora.weight if lora.text_weight is None else lora.text_weight
