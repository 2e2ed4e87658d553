"""Which file it is whose weights are no numbers, asked when a picture came out as none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor

from promptlang.plans.plan import Model, Plan
from promptlang_runtime.errors import NoNumber
from promptlang_runtime.families.family import LoadedModel
from promptlang_runtime.models.libraries import parts_of
from promptlang_runtime.models.places import networks_of, place_of
from promptlang_runtime.models.tensors import load_tensors, plain


def named(error: NoNumber, model: LoadedModel, plan: Plan) -> NoNumber:
    """The error with the file that brought it about, where one did: else numbers grew too large on the way."""
    place = next(_numberless(model, plan), None)
    if place is None:
        return NoNumber(f"{error.message}, drawn with <{plan.model.name}>", error.help)
    return NoNumber(f"{error.message}, and neither are weights in `{place}`", f"fetch or copy `{place}` again")


def _numberless(model: LoadedModel, plan: Plan) -> Iterator[str]:
    """What is added to the model first, since it changes what the model's own parts say."""
    networks = networks_of(plan)
    for each in networks:
        if each.path and Path(each.path).is_file() and not _are_numbers(_plainly(each.path).values()):
            yield each.path
    other_vae = plan.vae or next((each.path for each in networks if each.kind == "vae"), None)
    for part in _broken_parts(model):
        yield (other_vae if part == "vae" else None) or _place(plan.model, part)
    if model.refiner and plan.refiner:
        for part in _broken_parts(model.refiner):
            yield _place(plan.refiner, part)


def _broken_parts(model: LoadedModel) -> Iterator[str]:
    return (part for part, each in parts_of(model.pipeline).items() if not _are_numbers(each.state_dict().values()))


def _place(model: Model, part: str) -> str:
    """The file or folder that a part was opened from."""
    place = Path(place_of(model))
    if place.is_dir():
        return str(place / part)
    if part == "vae" and model.vae:
        return model.vae
    if part.startswith("text_encoder") and model.text_encoders:
        broken = [each for each in model.text_encoders if not _are_numbers(_plainly(each).values())]
        return "` and `".join(broken or model.text_encoders)
    return str(place)


def _plainly(path: str) -> Mapping[str, Tensor]:
    return plain(load_tensors(Path(path)), torch.float32)


def _are_numbers(tensors: Iterable[Tensor]) -> bool:
    return all(torch.isfinite(each).all() for each in tensors if each.is_floating_point())
