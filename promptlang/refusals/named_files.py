"""The files that a statement names beside its model: why one is of no use, or does not fit, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from promptlang.files import head, reason, shown
from promptlang.foreign import may_be_picture
from promptlang.looks import asked_once
from promptlang.models.discover import concept
from promptlang.models.evidence.records import BadHeader, Record, read_record
from promptlang.models.fitting.misfits import inversion_misfit, inversion_rows, network_misfit, transformer_misfit
from promptlang.models.fitting.pieces import Shapes
from promptlang.models.fitting.shapes import (
    ModelShapes,
    Stated,
    files_of,
    network_shapes,
    shapes_of,
    stated,
    tensor_shapes,
    transformer_shapes,
)
from promptlang.models.fitting.tensors.gaps import misshapen
from promptlang.models.fitting.vaes import vae_misfit
from promptlang.models.fitting.wholeness import AGAIN, kind_of, part_damage
from promptlang.models.names import CLASS, CONFIGURATION, is_pickled
from promptlang.plans.blending import BESIDE
from promptlang.plans.plan import Model, Network
from promptlang.refusals.models import HUB_NAME, fault_refusal
from promptlang.refusals.refusal import Refusal
from promptlang.sentences import one
from promptlang.tables.endings import SAFETENSORS
from promptlang.tables.models.concepts import DEMO
from promptlang.tables.models.families import UNKNOWN, family
from promptlang.tables.models.family import Family
from promptlang.tables.models.folders import IMAGE_ENCODER, IMAGE_ENCODER_KINDS, Folder, folder_of
from promptlang.tables.models.known import UNREADABLE, KnownConcept, cannot_be_drawn_with
from promptlang.tables.models.unet_files import TEXT_PARTS
from promptlang.tables.options.kinds import Name
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import BLEND_ADAPTER, BLEND_ENCODER, CONTROL_NET, OPTIONS, VAE

_SERVICE_NAME = re.compile(r"[\w.-]+__[\w.-]+", re.ASCII)  # `owner__name`, for the repository `owner/name`
NO_FORMAT = "it is of no known format"
RUNTIME = "promptlang_runtime"
"""The package that the bundled model lies in, which is looked up and not imported."""


def file_refusal(option: str, file: str, root: Path | None, row: Family) -> Refusal | None:
    """Why the file that an option names is of no use to a model of that family; paths count from `root`, and where that
    is not known they are not looked at.
    """
    if root is None and not Path(file).is_absolute():
        return None
    path, name = (root or Path()) / file, _written(file)
    if option == VAE.name:
        return _vae_refusal(file, path, name, row)
    if option == CONTROL_NET.name and path.is_dir():
        return _folder_refusal(path, name, "a ControlNet", "name one") or _control_refusal(path, name, row)
    if option in (CONTROL_NET.name, BLEND_ADAPTER.name):
        return _network_refusal(OPTIONS[option], path, name, row)
    if option == BLEND_ENCODER.name:
        help = f"name the folder of the adapter's encoder with `/{BLEND_ENCODER.name}`, or put it beside the adapter"
        return _folder_refusal(path, name, "an image encoder", f"{help}, as `{BESIDE}`") or _encoder_refusal(path, name)
    if not path.is_file():
        return Refusal(f"there is no {OPTIONS[option].words} {name}", f"correct the path after `/{option}:`")
    if root and not Path(file).is_absolute() and not path.resolve().is_relative_to(root.resolve()):
        message = f"the {OPTIONS[option].words} {name} is a link out of the project"
        return Refusal(message, "copy the file into the project folder")
    return _picture_refusal(path, name)


def no_picture(name: str, why: str) -> Refusal:
    """Said of a file that is there and cannot be read as a picture; `name` is quoted already."""
    message = f"{name} is not an image that can be read: {why}"
    return Refusal(message, "name a PNG, a JPEG or a WebP picture that is whole")


def _picture_refusal(path: Path, name: str) -> Refusal | None:
    """Why a file is no picture, as far as its first bytes tell; one that may not be read is left to the renderer."""
    begun = head(path, 16)
    is_told = bool(begun) or path.stat().st_size == 0
    return no_picture(name, NO_FORMAT) if is_told and not may_be_picture(begun, path.name) else None


def _vae_refusal(vae: str, path: Path, name: str, row: Family) -> Refusal | None:
    """Why `/vae` cannot be followed.

    A name of the form `owner__name` or `owner/name` stands for a repository, about which nothing is known here.
    """
    if path.is_dir():
        return _folder_refusal(path, name, "a VAE", "name a VAE") or _vae_unfit(path, name, row)
    if not path.is_file():
        if names_repository(vae):
            return None
        return no_vae(name)
    return _kind_refusal(concept(path), name, "vae", "VAE") or _vae_unfit(path, name, row)


def no_vae(name: str) -> Refusal:
    """Said of a path where nothing lies; `name` is quoted already."""
    return Refusal(f"there is no VAE at {name}", "write a path inside the project, or `owner__name`")


def names_repository(vae: str) -> bool:
    """Whether the name of a VAE that lies nowhere stands for a repository, and for no file that is lost."""
    is_file = vae.endswith(SAFETENSORS) or is_pickled(Path(vae))
    return not is_file and bool(HUB_NAME.fullmatch(vae) or _SERVICE_NAME.fullmatch(vae))


def as_repository(vae: str) -> str:
    """The name of a repository as nothing else is called, `owner__name`, which is looked for in no folder."""
    return vae.replace("/", "__", 1)


def is_repository(vae: str) -> bool:
    """Whether it is such a name."""
    return names_repository(vae) and "/" not in vae


def _vae_unfit(path: Path, name: str, row: Family) -> Refusal | None:
    """Why a VAE is none for the models of the family."""
    if why := vae_misfit(path, row.name):
        return Refusal(f"{name} is no VAE for {row.title}: {why}", f"name a VAE of {row.title}")
    folder = folder_of(row.name)
    return _damaged(path, name, kind_of(path, folder.parts["vae"])) if folder and path.is_dir() else None


def _control_refusal(path: Path, name: str, row: Family) -> Refusal | None:
    """Why the folder of a ControlNet is none for the models of the family, or cannot be opened."""
    folder = folder_of(row.name)
    if folder is None or not folder.control:
        return None
    said = _configuration(path, name)
    if isinstance(said, Refusal):
        return said
    if said.text(CLASS) != folder.control or said.get("num_mode"):
        why = f"its `{CONFIGURATION}` names no `{folder.control}` of one kind of map"
        return Refusal(f"{name} is no ControlNet for {row.title}: {why}", f"name one for {row.title}")
    return _damaged(path, name, f"diffusers.{folder.control}")


def _encoder_refusal(path: Path, name: str) -> Refusal | None:
    """Why nothing looks at pictures with the encoder of a folder."""
    said = _configuration(path, name)
    if isinstance(said, Refusal):
        return said
    if said.text("model_type") not in IMAGE_ENCODER_KINDS:
        help = f"name a folder with the `{CONFIGURATION}` and the weights of CLIP's image encoder"
        return Refusal(f"{name} is no image encoder: its `{CONFIGURATION}` names none of CLIP's", help)
    return _damaged(path, name, f"transformers.{IMAGE_ENCODER}")


def _damaged(path: Path, name: str, kind: str) -> Refusal | None:
    found = part_damage(path, kind)
    return Refusal(cannot_be_drawn_with(name, found.message), found.help) if found else None


def _configuration(path: Path, name: str) -> Record | Refusal:
    """What the `config.json` of a folder says, or why nothing reads it."""
    its = f"its `{CONFIGURATION}`"
    try:
        return read_record(path / CONFIGURATION, what=its)
    except (BadHeader, OSError) as error:
        why = f"{its} cannot be read: {reason(error)}" if isinstance(error, OSError) else str(error)
        return Refusal(cannot_be_drawn_with(name, why), AGAIN.format(path))


def _network_refusal(option: Option, path: Path, name: str, row: Family) -> Refusal | None:
    """Why the file of a ControlNet or an adapter acts on no model of that family."""
    assert isinstance(option.kind, Name)
    what = option.words
    if not path.is_file():
        help = f"correct the path after `/{option.name}:`, or name a concept of the project"
        return Refusal(f"there is no {what} at {name}", help)
    read = concept(path)
    if refusal := _kind_refusal(read, name, option.kind.concept, what):
        return refusal
    found = family(read.family)
    if UNKNOWN not in (row, found) and found is not row:
        message = f"{name} is {one(what)} for {found.title}, and the model is {row.title}"
        return Refusal(message, f"name one for {row.title}")
    if option is BLEND_ADAPTER:
        return fault_refusal(name, path)
    if option is CONTROL_NET and (why := misshapen(path, row.name, "", frozenset({"control"}))):
        return Refusal(cannot_be_drawn_with(name, why), f"{AGAIN.format(path)}, or name another {what}")
    return None


def _folder_refusal(path: Path, name: str, what: str, help: str) -> Refusal | None:
    if not path.is_dir():
        return Refusal(f"there is no folder of {what} at {name}", help)
    is_one = (path / CONFIGURATION).is_file()
    return None if is_one else Refusal(f"{name} is no folder of {what}: it has no `{CONFIGURATION}`", help)


def _kind_refusal(read: KnownConcept, name: str, kind: str, what: str) -> Refusal | None:
    """Why a file is none of the kind that is asked for."""
    if read.kind == UNREADABLE:
        return Refusal(cannot_be_drawn_with(name, read.evidence), f"name another {what}")
    if read.kind not in (kind, "unknown"):
        return Refusal(f"{name} is a file of the kind {read.kind}, and no {what}", f"name {one(what)}")
    return None


def _written(path: str) -> str:
    """The path as a message names it: as it is written, if it is not whole."""
    return f"`{shown(path) if Path(path).is_absolute() else path}`"


# --- networks ---------------------------------------------------------------------------------------------------------


@asked_once
def fit_refusal(network: Network, model: Model) -> Refusal | None:
    """Why the network cannot be put into the model; None where nothing speaks against it."""
    if network.kind == "vae" and network.path is not None:
        return _vae_unfit(Path(network.path), f"<{network.name}>", family(model.family))
    place, row = _place(model), folder_of(model.family, model.variant)
    if network.path is None or place is None or row is None or network.kind not in ("lora", "inversion"):
        return None
    path = Path(network.path)
    files = (*stated([path]), *stated(files_of(place, (row.denoiser, *row.text_encoders))))
    why = _misfit(network.kind, network.name, path, model, row, place, files)
    if why and model.path is None:
        return Refusal(why, f"call the model that it was made for as well; without one, <{model.name}> draws")
    return Refusal(why, another(network)) if why else None


@lru_cache(maxsize=64)
def _misfit(kind: str, name: str, path: Path, model: Model, row: Folder, place: Path, files: Stated) -> str:
    """In one clause; the layers are compared once, until one of the files changes."""
    own = shapes_of(place, model.family)
    if kind == "inversion":
        return _of_inversion(name, path, model, own) if own else ""
    return _of_lora(name, path, own) if own else _of_transformer(name, path, place, row, model.family)


def another(network: Network) -> str:
    """What is said to do about a network that does not fit."""
    return f"put a network made for this model in place of `{Path(network.path or network.name).name}`, or remove it"


def _of_lora(name: str, path: Path, own: ModelShapes) -> str:
    return network_misfit(name, _seen(network_shapes(path), own), own.known)


def _of_transformer(name: str, path: Path, place: Path, row: Folder, family_name: str) -> str:
    known = transformer_shapes(place, row.denoiser, family_name)
    return transformer_misfit(name, network_shapes(path), known, {family_name}) if known else ""


def _seen(layers: Mapping[str, Shapes], own: ModelShapes) -> Mapping[str, Shapes]:
    """The layers that are of parts whose files were looked at."""
    return {at: each for at, each in layers.items() if not at.replace(".", "_").startswith(own.unseen)}


def _of_inversion(name: str, path: Path, model: Model, own: ModelShapes) -> str:
    shapes = tensor_shapes(path)
    found = inversion_rows(path, shapes, {each.part: each.vectors for each in TEXT_PARTS[model.family]})
    if isinstance(found, str):
        return found
    return inversion_misfit(name, model.name, {part: shapes[key][-1] for part, key in found.items()}, own.widths)


def _place(model: Model) -> Path | None:
    if model.path is not None:
        return Path(model.path)
    if model.name.lower() != DEMO.name:
        return None
    runtime = find_spec(RUNTIME)
    return Path(runtime.origin).parent / DEMO.name if runtime and runtime.origin else None
