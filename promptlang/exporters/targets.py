"""THE table of what plans are written for: each program is one row, with the parts of a plan that it has words for.

What a plan asks for and its row does not name is said, never dropped: a new field of the plan is said of every program
until a row names it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from importlib import import_module
from types import MappingProxyType

from promptlang.plans.plan import Plan
from promptlang.tables.dialects import A1111, COMFY, COMPEL, NOVELAI, SWARM
from promptlang.tables.options.fills import Nothing, Spoken
from promptlang.tables.options.table import ROWS as OPTION_ROWS
from promptlang.values import dataclass

_PLAIN = ("sampler", "schedule", "steps", "guidance", "size", "seed")
_IMAGES = "images"
_UNASKED = frozenset(
    ("origins", "source", "expanded", "axes", "statement", "format", "edition", "dialect", "networks", "arithmetic")
)
"""What asks for nothing of its own, or is said of apart from the fields."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text for another program, and remarks about what it cannot say, in one clause each."""

    text: str
    remarks: tuple[str, ...] = ()


def as_json(data: Mapping[str, object], remarks: Iterable[str] = ()) -> Written:
    """Data as a JSON text for people to read, whatever letters are in it."""
    return Written(json.dumps(data, indent=2, ensure_ascii=False) + "\n", tuple(remarks))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One row: `writer` is `module:function`, `says` the fields of a plan that have words there, `kinds` the networks
    it loads, `arithmetic` whose way of computing its pictures have, and `dialect` who reads its prompts (empty: nobody
    reads any sign in them). `sent` are fields that a running program is told besides: the pictures they name go along.
    """

    name: str
    title: str
    docs: str
    writer: str
    ending: str
    dialect: str = ""
    arithmetic: str = ""
    says: frozenset[str]
    sent: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset({"lora", "inversion"})
    why: tuple[tuple[str, str], ...] = ()  # fields that it does not say, and the reason
    clip_skip: bool = True
    read_back: bool = True  # whether `promptlang import` reads it


def _says(*more: str) -> frozenset[str]:
    return frozenset((*_PLAIN, *more))


_OF_WEBUI = frozenset({"lora", "inversion", "vae"})
_SECOND_PASS = ("hires", "hires_steps", "hires_strength", "hires_upscaler")
_HELD = ("control", "control_net", "control_image", "control_strength", "control_start", "control_end")
_GRAPH = _says("images", "vae", "rescale", "true_cfg", "image", "mask", "strength", "freeu", *_SECOND_PASS, *_HELD)

ROWS: tuple[Target, ...] = (
    Target(
        name="a1111",
        title="stable-diffusion-webui",
        docs="Parameters to paste into stable-diffusion-webui and Forge, as their pictures hold them.",
        writer="webui:infotext",
        ending=".txt",
        dialect=A1111.name,
        arithmetic="webui",
        says=_says("vae", "rescale", "true_cfg", "strength", "refiner", *_SECOND_PASS),
        kinds=_OF_WEBUI,
        why=(
            ("images", "its text is that of one picture"),
            ("image", "its text names no picture to draw over"),
        ),
    ),
    Target(
        name="a1111-api",
        title="stable-diffusion-webui's API",
        docs="What `/sdapi/v1/txt2img` is sent.",
        writer="webui:payload",
        ending=".json",
        dialect=A1111.name,
        arithmetic="webui",
        says=_says("images", "vae", "true_cfg", *_SECOND_PASS),
        sent=frozenset({"image", "mask", "strength"}),
        kinds=_OF_WEBUI,
        why=(
            ("rescale", "it takes it from its settings page"),
            ("freeu", "a script of its own takes it"),
        ),
    ),
    Target(
        name="comfyui",
        title="ComfyUI",
        docs="A graph in the form that runs, for `POST /prompt`.",
        writer="comfyui.writing:graph",
        ending=".json",
        dialect=COMFY.name,
        arithmetic="comfy",
        says=_GRAPH,
    ),
    Target(
        name="comfyui-workflow",
        title="ComfyUI",
        docs="The same graph as the page opens it.",
        writer="comfyui.writing:workflow",
        ending=".json",
        dialect=COMFY.name,
        arithmetic="comfy",
        says=_GRAPH,
    ),
    Target(
        name="diffusers",
        title="diffusers",
        docs="A script that draws the pictures without promptlang.",
        writer="script:script",
        ending=".py",
        arithmetic="diffusers",
        says=_says("images", "true_cfg", "rescale", "file_format"),
        kinds=frozenset({"lora"}),
        read_back=False,
    ),
    Target(
        name="invokeai",
        title="InvokeAI",
        docs="The metadata that InvokeAI recalls from a picture.",
        writer="programs.invoke:metadata",
        ending=".json",
        dialect=COMPEL.name,
        says=_says("vae", "rescale", "true_cfg", "strength"),
    ),
    Target(
        name="swarmui",
        title="SwarmUI",
        docs="The parameters that SwarmUI reads from a picture.",
        writer="programs.swarm:parameters",
        ending=".json",
        dialect=SWARM.name,
        arithmetic="comfy",
        says=_says("images", "vae", "true_cfg"),
    ),
    Target(
        name="novelai",
        title="NovelAI",
        docs="The comment that NovelAI reads from a picture.",
        writer="programs.novelai:comment",
        ending=".json",
        dialect=NOVELAI.name,
        says=_says("images", "rescale"),
        kinds=frozenset(),
        clip_skip=False,
    ),
    Target(
        name="dgenerate",
        title="dgenerate",
        docs="A command line of a `.dgen` file.",
        writer="programs.dgenerate:line",
        ending=".dgen",
        arithmetic="diffusers",
        says=_says("vae", "rescale", "image", "strength", "file_format"),
        kinds=frozenset({"lora"}),
    ),
    Target(
        name="openai",
        title="an OpenAI images endpoint",
        docs="A request to `/v1/images/generations`, with what vLLM-Omni and SGLang take beside.",
        writer="programs.openai:request",
        ending=".json",
        says=frozenset({"steps", "guidance", "size", "seed", "images", "true_cfg", "file_format"}),
        kinds=frozenset({"lora"}),
        clip_skip=False,
    ),
    Target(
        name="dynamo",
        title="NVIDIA Dynamo",
        docs="A request to its `/v1/images/generations`, which reads steps, guidance and seed in `nvext` alone.",
        writer="programs.openai:dynamo",
        ending=".json",
        says=frozenset({"steps", "guidance", "size", "seed", "images", "file_format"}),
        kinds=frozenset(),
        clip_skip=False,
        read_back=False,
    ),
)

TARGETS: Mapping[str, Target] = MappingProxyType({row.name: row for row in ROWS})

FILLING: Mapping[str, str] = MappingProxyType(
    {row.fills.field: row.name for row in reversed(OPTION_ROWS) if not isinstance(row.fills, Nothing | Spoken)}
)
"""The option that fills each field of a plan, the first of several."""


def written(plan: Plan, name: str, *, is_running: bool = False) -> Written:
    """The plan in the words of the program `name`, with all that it has none for.

    One that `is_running` is sent the pictures that its words cannot name.
    """
    row = TARGETS[name]
    module, _, function = row.writer.partition(":")
    write: Callable[[Plan], Written] = getattr(import_module(f"promptlang.exporters.{module}"), function)
    made = write(plan)
    return Written(made.text, tuple(dict.fromkeys((*unsaid(plan, row, is_running=is_running), *made.remarks))))


def unsaid(plan: Plan, row: Target, *, is_running: bool = False) -> Iterator[str]:
    """What the plan asks for and the program has no word for."""
    told = row.says | row.sent if is_running else row.says
    for name in asked(plan):
        if name not in told:
            why = dict(row.why).get(name)
            yield f"{row.title} is not told {_words(name)}" + (f": {why}" if why else "")
    for name in _PLAIN:
        if name not in row.says and name != "schedule":
            yield f"{row.title} is not told {_words(name)}"
    for each in plan.networks:
        if each.kind not in row.kinds:
            yield f"{row.title} is not told of `{each.name}`, {_article(each.kind)}"
        if each.strengths:
            yield f"{row.title} is told one strength of `{each.name}`, which changes while the picture is drawn"
    if plan.clip_skip is not None and not row.clip_skip:
        yield f"{row.title} is not told `/clipskip`"
    if row.arithmetic and row.arithmetic != plan.arithmetic:
        yield f"{row.title} computes in a way of its own, so its pictures are not the same to the pixel"


def asked(plan: Plan) -> Iterator[str]:
    """The fields of a plan that ask for more than every plan does."""
    for each in fields(Plan):
        value = getattr(plan, each.name)
        if each.name == _IMAGES:
            is_asked = value != 1
        else:
            is_asked = each.default is not MISSING and value not in (each.default, None, 0, 1)
        if is_asked and each.name not in _UNASKED:
            yield each.name


def _words(name: str) -> str:
    """A field in the words of the option that fills it."""
    return f"`/{FILLING[name]}`" if name in FILLING else name.replace("_", " ")


def _article(kind: str) -> str:
    return {"lora": "a LoRA", "inversion": "a textual inversion", "vae": "a VAE"}.get(kind, "a network")
