"""Why `promptlang render` draws with no such model, refiner or network: asked by the check, a dry run and the renderer.

Tables, headers of files and the packages that are there say it; nothing is loaded.
"""

from __future__ import annotations

import re
from pathlib import Path

from promptlang.looks import asked_once
from promptlang.meaning.networks import DRAWN_NETWORKS
from promptlang.models.discover import concept, reading
from promptlang.models.fitting.tensors.gaps import gap, misshapen
from promptlang.models.names import is_gguf
from promptlang.models.parts import TOKENIZER, encoders_of, held, untold
from promptlang.plans.plan import Model, Network
from promptlang.refusals.parts import broken_part, files_of, lacking
from promptlang.refusals.refusal import Refusal, package_refusal
from promptlang.sentences import listed, one
from promptlang.tables.models.concepts import BUNDLED
from promptlang.tables.models.encoders import Encoder, encoder_names
from promptlang.tables.models.families import FAMILIES, UNKNOWN, family, has_single_files, variants
from promptlang.tables.models.family import Family, variant_names, variant_of
from promptlang.tables.models.known import (
    AMBIGUOUS,
    NAMING,
    NAMING_FILE,
    REPLACING,
    UNREADABLE,
    KnownConcept,
    cannot_be_drawn_with,
)

DRAWN_METHODS = frozenset({"LoRA", "LoHa", "LoKr", "DoRA"})  # others are read as networks as well, and not applied
BESIDES = frozenset({"pix2pix", "depth", "fill", "control"})
"""Variants whose denoiser takes a picture besides the noise; `/mask` gives it to those made for inpainting."""
HUB_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)


@asked_once
def model_refusal(model: Model) -> Refusal | None:
    """Why the model cannot draw; None where nothing speaks against it."""
    row, name = family(model.family), f"<{model.name}>"
    if model.path is None:
        is_found = model.name.lower() in BUNDLED or HUB_NAME.fullmatch(model.name)
        return family_refusal(model) or (_of_files(name, model, row) if is_found else _absent(name))
    read = concept(Path(model.path))
    if read.kind == UNREADABLE:
        return _unreadable(name, read)
    if problem := broken_part(model, row):
        return Refusal(cannot_be_drawn_with(name, problem), "correct its parts in `promptlang.toml`")
    if hole := gap(Path(model.path)):
        return Refusal(cannot_be_drawn_with(name, hole), "use the whole file, or a folder in the layout of diffusers")
    if refusal := _incomplete(name, model, read, family(read.family)):
        return refusal
    if read.kind not in ("checkpoint", "denoiser", "unknown"):
        return Refusal(f"{name} is a file of the kind {read.kind}, which draws nothing alone", "call a checkpoint")
    if row is not UNKNOWN and read.family not in (row.name, UNKNOWN.name):
        message = f"{name} is called {row.title} in `promptlang.toml`, but its file is {family(read.family).title}"
        return Refusal(message, "leave `family` out, and it is read from the file")
    if row is UNKNOWN and read.family == UNKNOWN.name:
        return _nothing_known(name, model, read.evidence)
    named = variant_of(model.variant, read.variant)
    limit = family_refusal(model) or _of_files(name, model, row)
    if refusal := limit or _packed(name, model) or _of_variant(name, named):
        return refusal
    return _of_tensors(name, model) or _of_folder(name, model)


def family_refusal(model: Model) -> Refusal | None:
    """Why nothing here draws with models of that family; None where something does. No file is looked at."""
    row, name = family(model.family), f"<{model.name}>"
    if model.variant == AMBIGUOUS:
        return _ambiguous(name)
    if model.unusable and model.path is None:
        return Refusal(model.unusable, NAMING)
    if row is UNKNOWN and model.path is None:
        return Refusal(f"nothing is known of the model {name}", "name its file in `promptlang.toml`")
    if row is UNKNOWN:
        return _nothing_known(name, model, "its file is of no known family")
    limited = next((each for each in variants(row, model.variant) if each.limit), None)
    if row.rendered and limited:
        message = f"{name} is {row.title} {limited.name}, which cannot be rendered yet: it {limited.limit}"
        return Refusal(message, "use another model of the family", is_limit=True)
    if row.rendered:
        return None
    if begun := next((each for each in FAMILIES if each.refiner == row.name), None):
        message = f"{name} is a {row.title}: it finishes pictures that another model begins"
        return Refusal(message, f"call a model of {begun.title} beside it", is_limit=True)
    drawn = listed((each.name for each in FAMILIES if each.rendered), "or")
    message = f"{name} is of the family {row.name}, which cannot be rendered yet"
    return Refusal(message, f"use a model of the family {drawn}", is_limit=True)


def refiner_refusal(model: Model, refiner: Model) -> Refusal | None:
    """Why the refiner cannot finish pictures of the model; None where nothing speaks against it."""
    row, name = family(model.family), f"<{refiner.name}>"
    if not row.refiner:
        help = "leave `refiner` out of its entry in `promptlang.toml`"
        return Refusal(f"{row.title} has no refiners, and {name} is named as one", help)
    read = concept(Path(refiner.path)) if refiner.path else None
    if read and read.kind == UNREADABLE:
        return _unreadable(name, read)
    found = family(refiner.family)
    if found is UNKNOWN:
        return Refusal(f"nothing is known of the refiner {name}", "name its file in `promptlang.toml`")
    if found.name != row.refiner or (read and read.family not in (row.refiner, UNKNOWN.name)):
        other = found if read is None else family(read.family)
        return Refusal(f"{name} is {other.title}, and no refiner", f"name a {family(row.refiner).title}")
    if read is None:
        return _absent(name)
    if read.kind not in ("checkpoint", "unknown"):
        message = f"{name} is a file of the kind {read.kind}, which finishes no picture alone"
        return Refusal(message, "name a whole model", is_limit=True)
    return _of_tensors(name, refiner) or _of_folder(name, refiner)


def network_refusal(network: Network) -> Refusal | None:
    """Why the network cannot be added; None where nothing speaks against it."""
    name = f"<{network.name}>"
    read = concept(Path(network.path)) if network.path else None
    if network.kind == AMBIGUOUS:
        return _ambiguous(name)
    if network.kind not in (*DRAWN_NETWORKS, "unknown", UNREADABLE):
        return Refusal(f"{name} is {one(network.kind)}, which cannot be rendered yet", "remove it", is_limit=True)
    if network.unusable and network.path is None:
        return Refusal(network.unusable, NAMING)
    if read and read.kind == UNREADABLE:
        return _unreadable(name, read)
    if network.side == "negative" and network.kind != "inversion":
        message = f"{name} is called in the negative prompt, and a network changes the whole picture"
        return Refusal(message, "write it outside the negative prompt, or remove it", is_limit=True)
    if read and network.kind == "unknown":
        return Refusal(f"nothing is known of {name}: {read.evidence}", f"replace `{read.path}`, or write its `kind`")
    if network.kind in ("unknown", UNREADABLE):
        return Refusal(f"nothing is known of {name}", "name its file in `promptlang.toml`")
    if read is None and network.name not in BUNDLED:
        return _absent(name)
    found = read.kind if read and read.kind not in ("unknown", network.kind) else network.kind
    if found not in DRAWN_NETWORKS:
        return Refusal(f"{name} is {one(found)}, which cannot be rendered yet", "remove it", is_limit=True)
    if found != network.kind:
        message = f"{name} is called {one(network.kind)} in `promptlang.toml`, but its file is {one(found)}"
        return Refusal(message, "leave `kind` out, and it is read from the file")
    method = read.variant.partition(",")[0] if read else ""
    if found == "lora" and method and method not in DRAWN_METHODS:
        message = f"{name} is a network of the kind {method}, which cannot be rendered yet"
        return Refusal(message, "remove it", is_limit=True)
    return fault_refusal(name, Path(network.path)) if network.path else None


def fault_refusal(name: str, path: Path) -> Refusal | None:
    """Why nothing can be drawn by what the file of a network, an inversion or an adapter holds."""
    read = reading(path).identity
    if read is None or not read.fault:
        return None
    return Refusal(cannot_be_drawn_with(name, read.fault), f"fetch or copy `{path}` again, or remove it")


def _of_folder(name: str, model: Model) -> Refusal | None:
    """Why a folder in the layout of diffusers cannot be opened."""
    if model.path is None or not Path(model.path).is_dir():
        return None
    from promptlang.models.fitting.wholeness import damage  # few projects name a folder
    from promptlang.tables.models.folders import folder_of

    row = folder_of(model.family, model.variant)
    found = damage(Path(model.path), row) if row else None
    return Refusal(cannot_be_drawn_with(name, found.message), found.help) if found else None


def _of_tensors(name: str, model: Model) -> Refusal | None:
    """Which tensor of a model's files is missing, or of another shape than the others tell."""
    for path, parts in files_of(model):
        if why := misshapen(path, model.family, model.variant, parts):
            return Refusal(cannot_be_drawn_with(name, why), f"fetch or copy `{path}` again, or use another file of it")
    return None


def _of_files(name: str, model: Model, row: Family) -> Refusal | None:
    """Why nothing here opens a model that lies in files like these."""
    is_folder = model.path is None or Path(model.path).is_dir()
    if is_folder and (model.text_encoders or model.vae):
        message = f"{name} is a folder, into which files of parts cannot be put yet"
        return Refusal(message, "name a file as its `path`, or leave the parts out", is_limit=True)
    if is_folder:
        return None
    if has_single_files(row, model.variant):
        return _untold(name, model, row)
    what = "made of parts" if model.text_encoders or model.vae else "a single file"
    message = f"{name} is {what} of the family {row.name}, which cannot be rendered yet"
    return Refusal(message, "use a folder in the layout of diffusers", is_limit=True)


def _untold(name: str, model: Model, row: Family) -> Refusal | None:
    """Why nothing says how a text encoder of the model divides texts; CLIP's tokens are known."""
    files = [*map(Path, model.text_encoders), *([Path(model.path)] if model.path else [])]
    for encoder in encoders_of(row, model.variant):
        own = next((each for each in files if any(encoder.name in encoder_names(said) for said in held(each))), None)
        if own and (why := untold(own, encoder)):
            return tokenizer_refusal(cannot_be_drawn_with(name, why), own, encoder)
    return None


def tokenizer_refusal(message: str, path: Path, encoder: Encoder) -> Refusal:
    """That nothing says how the encoder in that file divides texts, and where it would be looked for."""
    own = path.with_suffix(f".{TOKENIZER}").name
    return Refusal(message, f"put the `{TOKENIZER}` of {encoder.name} beside it, as `{own}` or `{TOKENIZER}`")


def _packed(name: str, model: Model) -> Refusal | None:
    """Why nothing here unpacks the numbers of a model's files."""
    for path in model.files:
        read = reading(Path(path)).identity
        if is_gguf(Path(path)) and (refusal := package_refusal("gguf", f"{name} lies in `{path}`, which")):
            return refusal
        if read and read.packed:
            message = f"{name} cannot be rendered yet: `{path}` holds {read.packed}"
            return Refusal(message, "use a file of the same model that is not quantized", is_limit=True)
    return None


def _of_variant(name: str, variants: str) -> Refusal | None:
    found = next((each for each in variant_names(variants) if each in BESIDES), None)
    if found is None:
        return None
    message = f"{name} is of the kind {found}: its denoiser needs a picture or a mask besides, which is not given yet"
    return Refusal(message, "use a model that draws from text alone", is_limit=True)


def _nothing_known(name: str, model: Model, why: str) -> Refusal:
    help = f"replace `{model.path}`, or write its `family` in `promptlang.toml` where you know it"
    return Refusal(f"nothing is known of {name}: {why}", help)


def _ambiguous(name: str) -> Refusal:
    help = "write its name with the folder, as `promptlang check` lists them, or name its file in `promptlang.toml`"
    return Refusal(f"several files are called {name}", help)


def _absent(name: str) -> Refusal:
    return Refusal(f"the file of {name} is not on this computer", NAMING_FILE, is_absent=True)


def _incomplete(name: str, model: Model, read: KnownConcept, row: Family) -> Refusal | None:
    """Which parts a model of files has none of. Checkpoints of UNets were always whole; of others many are not."""
    is_alone = read.kind == "denoiser"
    if (
        model.path is None
        or Path(model.path).is_dir()
        or not (is_alone or (read.kind == "checkpoint" and has_single_files(row, model.variant) and not row.is_unet))
    ):
        return None
    lacks = lacking(model, Path(model.path), row)
    if not lacks:
        return None
    kind = f" of {row.title}" if row is not UNKNOWN else ""
    what = f"a denoiser alone{kind}" if is_alone else "not whole"
    help = "name its `text-encoder` and `vae` in `promptlang.toml`, or use a checkpoint that holds all parts"
    return Refusal(f"{name} is {what}: {lacks}", help)


def _unreadable(name: str, read: KnownConcept) -> Refusal:
    return Refusal(cannot_be_drawn_with(name, read.evidence), REPLACING)
