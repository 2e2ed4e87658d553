"""What a program made of diffusers before it draws: the model, its networks, and how its numbers count."""

from __future__ import annotations

import ast
import re

from promptlang.importers.imported import Call
from promptlang.importers.programs.python.values import Values, called, last_name, number, text
from promptlang.tables.models.abilities import guides
from promptlang.tables.models.clip_skip import diffusers_base
from promptlang.tables.models.families import UNKNOWN, family
from promptlang.tables.models.family import Family, Guides
from promptlang.tables.models.folders import FOLDERS
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import CLIP_SKIP, GUIDANCE, TRUE_CFG
from promptlang.values import dataclass, replace

_OPENS = frozenset({"from_pretrained", "from_single_file"})
_PARTS = ("vae", "autoencoder", "controlnet", "unet", "transformer", "encoder", "tokenizer", "scheduler", "adapter")
"""What else is opened, which is named beside the model or in the call."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The model that draws and its family, as far as the program says, and the networks that it loaded."""

    model: str = ""
    family: Family = UNKNOWN
    networks: tuple[Call, ...] = ()


def after(call: ast.Call, before: Pipeline, values: Values) -> Pipeline:
    """What draws once something was called."""
    given = {each.arg: each.value for each in call.keywords if each.arg}
    match called(call):
        case name if name in _OPENS and call.args and (path := text(call.args[0], values)):
            made = last_name(call.func.value) if isinstance(call.func, ast.Attribute) else ""
            if any(part in made.lower() for part in _PARTS) and "pipeline" not in made.lower():
                return before
            model = path.rstrip("/").rpartition("/")[2]
            return Pipeline(model, _family(made, model))
        case "load_lora_weights" if call.args and (path := text(call.args[0], values)):
            file = text(given.get("weight_name"), values) or path.rstrip("/")
            return replace(
                before, networks=(*before.networks, Call(file.rpartition("/")[2].removesuffix(".safetensors")))
            )
        case "fuse_lora" if strength := number(given.get("lora_scale"), values):
            return replace(before, networks=tuple(replace(each, weight=float(strength)) for each in before.networks))
        case "unload_lora_weights" | "unfuse_lora":
            return replace(before, networks=())
        case _:
            return before


def _family(made: str, model: str) -> Family:
    """The family that a pipeline draws, as far as its class or the model's name tells."""
    classes = {folder.pipeline.removesuffix("Pipeline"): key for key, folder in FOLDERS.items()}
    known = max(filter(made.startswith, classes), key=len, default="")
    return family(classes[known]) if known else family("sdxl") if "xl" in model.lower() else UNKNOWN


def counted(option: Option, said: str, row: Family) -> tuple[Option, str]:
    """A number of diffusers as this language counts it; empty where it says nothing."""
    if option is CLIP_SKIP:  # which counts what is left out
        return option, str(int(said) + diffusers_base(row)) if said.isdecimal() and len(said) < 10 and int(said) else ""
    if option is TRUE_CFG and guides(row) is Guides.CLASSIFIER_FREE and row is not UNKNOWN:
        option = GUIDANCE  # which such a pipeline calls so
    is_number = re.fullmatch(r"\d+(?:\.\d+)?", said) is not None
    if option is GUIDANCE and is_number and guides(row) is Guides.CLASSIFIER_FREE:  # off below 1, as for Turbo
        said = f"{max(float(said) + row.below, 1.0):g}"
    return option, said
