"""What a program made of diffusers before it draws: the model, its networks, and how its numbers count."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from promptlang.importers.imported import Call, Entry, is_count
from promptlang.importers.programs.dgenerate import SCHEDULERS
from promptlang.importers.programs.python.values import Values, called, last_name, meant, number, text
from promptlang.tables.models.abilities import guides
from promptlang.tables.models.clip_skip import diffusers_base
from promptlang.tables.models.families import UNKNOWN, family
from promptlang.tables.models.family import Family, Guides
from promptlang.tables.models.folders import FOLDERS
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import CLIP_SKIP, GUIDANCE, SAMPLER, SCHEDULE, TRUE_CFG
from promptlang.tables.samplers import ROWS as SAMPLER_ROWS
from promptlang.values import dataclass, replace

_SCHEDULER = "Scheduler"  # what the classes of diffusers for samplers end in
_OPENS = frozenset({"from_pretrained", "from_single_file"})
_PARTS = ("vae", "autoencoder", "controlnet", "unet", "transformer", "encoder", "tokenizer", "scheduler", "adapter")
"""What the classes and the arguments for parts of a model have in their names."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The model that draws and its family, as far as the program says, the networks that it loaded, each with the name
    of its adapter, and the sampler that it was given: options by their names, and what no option says.
    """

    model: str = ""
    family: Family = UNKNOWN
    networks: tuple[Call, ...] = ()
    adapters: tuple[str, ...] = ()
    options: tuple[tuple[str, Entry], ...] = ()
    rest: tuple[Entry, ...] = ()


def after(call: ast.Call, before: Pipeline, values: Values) -> Pipeline:
    """What draws once something was called."""
    given = {each.arg: each.value for each in call.keywords if each.arg}
    made = last_name(call.func.value) if isinstance(call.func, ast.Attribute) else called(call)
    if made.endswith(_SCHEDULER):
        return _with_sampler(before, made, given, values)
    match called(call):
        case name if name in _OPENS and call.args and (path := text(call.args[0], values)):
            if _is_part(made):
                return replace(before, rest=(*before.rest, Entry(made, path)))
            model = path.rstrip("/").rpartition("/")[2]
            parts = before if any(map(_is_part, given)) else Pipeline()  # which were opened for it
            return Pipeline(model, _family(made, model), options=parts.options, rest=parts.rest)
        case "load_lora_weights" if call.args and (path := text(call.args[0], values)):
            file = text(given.get("weight_name"), values) or path.rstrip("/")
            network = Call(file.rpartition("/")[2].removesuffix(".safetensors"))
            adapters = (*before.adapters, text(given.get("adapter_name"), values))
            return replace(before, networks=(*before.networks, network), adapters=adapters)
        case "set_adapters":
            return _with_adapters(before, call, given, values)
        case "fuse_lora" if strength := number(given.get("lora_scale"), values):
            scaled = (replace(each, weight=round(each.weight * float(strength), 6)) for each in before.networks)
            return replace(before, networks=tuple(scaled))
        case "unload_lora_weights" | "unfuse_lora":
            return replace(before, networks=(), adapters=())
        case _:
            return before


def _with_adapters(before: Pipeline, call: ast.Call, given: Mapping[str, ast.expr], values: Values) -> Pipeline:
    """The networks that are named there, at the strengths beside them; what is not plain is kept as it is written."""
    arguments = {**dict(zip(("adapter_names", "adapter_weights"), call.args, strict=False)), **given}
    names = [text(each, values) for each in _each(arguments.get("adapter_names"), values)]
    weights = [number(each, values) for each in _each(arguments.get("adapter_weights"), values)]
    if len(weights) == 1:
        weights *= len(names)  # one number holds for all
    count = len(names) if "adapter_weights" in arguments else 0
    if not names or not {*names} <= {*before.adapters} or not all(weights) or len(weights) != count:
        written = Entry("set_adapters", ", ".join(map(ast.unparse, arguments.values())))
        return replace(before, rest=(*before.rest, written))
    strengths = dict(zip(names, map(float, weights or ["1"] * len(names)), strict=True))
    kept = [(name, each) for name, each in zip(before.adapters, before.networks, strict=True) if name in strengths]
    networks = tuple(replace(each, weight=strengths[name]) for name, each in kept)
    return replace(before, networks=networks, adapters=tuple(name for name, _ in kept))


def _each(node: ast.expr | None, values: Values) -> list[ast.expr]:
    """What a list holds; what is no list is all there is."""
    match node and meant(node, values):
        case None:
            return []
        case ast.List(elts=found) | ast.Tuple(elts=found):
            return found
        case other:
            return [other]


def _is_part(name: str) -> bool:
    return any(part in name.lower() for part in _PARTS) and "pipeline" not in name.lower()


def _with_sampler(before: Pipeline, made: str, given: Mapping[str, ast.expr], values: Values) -> Pipeline:
    """The pipeline with the sampler that a scheduler of diffusers is, and the schedule that its settings ask for."""
    said = {name: number(value, values) or text(value, values) or ast.unparse(value) for name, value in given.items()}
    rows = [row for row in SAMPLER_ROWS if row.scheduler == made]
    fitting = [row for row in rows if all(said.get(name) == str(value) for name, value in row.settings)]
    row = max(fitting, key=lambda each: len(each.settings), default=None)
    options = {SAMPLER.name: Entry("scheduler", row.name)} if row else {}
    rest = [] if row else [Entry("scheduler", made)]
    told = {name for name, _ in row.settings} if row else set[str]()
    for name, value in said.items():
        schedule = SCHEDULERS.get(f"{name.replace('_', '-')}={value.lower()}")
        if schedule and row and schedule in row.schedules:
            options[SCHEDULE.name] = Entry(name, schedule)
        elif name not in {*told, "subfolder"}:
            rest.append(Entry(name, value))
    kept = (each for each in before.rest if _is_part(each.name) and not each.name.lower().endswith("scheduler"))
    return replace(before, options=tuple(options.items()), rest=(*kept, *rest))


def _family(made: str, model: str) -> Family:
    """The family that a pipeline draws, as far as its class or the model's name tells."""
    classes = {folder.pipeline.removesuffix("Pipeline"): key for key, folder in FOLDERS.items()}
    known = max(filter(made.startswith, classes), key=len, default="")
    return family(classes[known]) if known else family("sdxl") if "xl" in model.lower() else UNKNOWN


def counted(option: Option, said: str, row: Family) -> tuple[Option, str]:
    """A number of diffusers as this language counts it; empty where it says nothing."""
    if option is CLIP_SKIP:  # which counts what is left out
        return option, str(int(said) + diffusers_base(row)) if is_count(said) and int(said) else ""
    if option is TRUE_CFG and guides(row) is Guides.CLASSIFIER_FREE and row is not UNKNOWN:
        option = GUIDANCE  # which such a pipeline calls so
    is_number = re.fullmatch(r"\d+(?:\.\d+)?", said) is not None
    if option is GUIDANCE and is_number and guides(row) is Guides.CLASSIFIER_FREE:  # off below 1, as for Turbo
        said = f"{max(float(said) + row.below, 1.0):g}"
    return option, said
