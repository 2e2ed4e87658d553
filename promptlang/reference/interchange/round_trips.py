"""What becomes of a feature on its way to another program and back, found out by sending it there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from promptlang.exporters.targets import ROWS, TARGETS, Target, written
from promptlang.importers.reading import of_text
from promptlang.importers.retold import told
from promptlang.lowering.lower import compile
from promptlang.meaning.project import Project
from promptlang.plans.json import content_hash
from promptlang.plans.plan import Network, Plan
from promptlang.tables.dialects import NEW
from promptlang.tables.models.known import KnownConcept
from promptlang.values import dataclass, replace

PROJECT = Project(
    concepts=tuple(
        KnownConcept(name=name, kind=kind, family=family, evidence="said", variant=variant)
        for name, kind, family, variant in (
            ("m", "checkpoint", "sd1", ""),
            ("flux", "checkpoint", "flux", "dev"),
            ("ink", "lora", "sd1", ""),
            ("hen", "inversion", "sd1", ""),
            ("soft", "vae", "sd1", ""),
        )
    )
)
_WHOLE = "/steps:20 /guidance:7.5 /size:512x768 /seed:5"
_HELD = "/control:map /control-net:net.safetensors /control-image:map.png"
FEATURES: Mapping[str, str] = MappingProxyType(
    {
        "steps": "/steps:31",
        "guidance": "/guidance:6.5",
        "size": "/size:640x512",
        "seed": "/seed:77",
        "images": "/images:3",
        "sampler": "/sampler:k_euler",
        "schedule": "/sampler:dpm2m /schedule:karras",
        "clip_skip": "/clipskip:3",
        "vae": "/vae:soft",
        "true_cfg": "/true-cfg:3",
        "rescale": "/rescale:0.5",
        "freeu": "/freeu:0.9,0.2,1.1,1.2",
        "image": "/image:hen.png /strength:0.6",
        "strength": "/image:hen.png /strength:0.6",
        "mask": "/image:hen.png /strength:0.6 /mask:mask.png",
        "control": _HELD,
        "control_net": _HELD,
        "control_image": _HELD,
        "control_strength": f"{_HELD} /control-strength:0.6",
        "control_start": f"{_HELD} /control-start:0.1",
        "control_end": f"{_HELD} /control-end:0.7",
        "hires": "/hires:2",
        "hires_steps": "/hires:2 /hires-steps:9",
        "hires_strength": "/hires:2 /hires-strength:0.4",
        "hires_upscaler": "/hires:2 /hires-upscaler:latent-bicubic",
        "file_format": "/format:webp",
        "lora": "<ink:0.6>",
        "inversion": "<hen>",
    }
)
"""A statement's options for each feature of a plan, in the order in which a page shows them."""


@dataclass(frozen=True, slots=True)
class Trip:
    """Whether a program is told a feature, and whether it comes back as it was."""

    told: bool
    back: bool


@cache
def trip(name: str, feature: str) -> Trip:
    """One feature to the program of that name and back."""
    row = TARGETS[name]
    if not _says(row, feature):
        return Trip(told=False, back=False)
    before = _plan(row, feature)
    return Trip(told=True, back=row.read_back and _of(_again(before, name), feature) == _of(before, feature))


@cache
def comes_back(name: str) -> bool:
    """Whether a plan of what all programs are told comes back as the same plan, to the hash."""
    row = TARGETS[name]
    if not row.read_back or "sampler" not in row.says:
        return False
    before = _plan(row, "schedule")
    again = _again(before, name)
    return again is not None and content_hash(again) == content_hash(before)


def count_of_same() -> int:
    """How many programs give back the same plan."""
    return sum(comes_back(row.name) for row in ROWS)


def _says(row: Target, feature: str) -> bool:
    if feature == "clip_skip":
        return row.clip_skip
    return feature in row.says or feature in row.kinds


def _plan(row: Target, feature: str) -> Plan:
    """The plan of a statement that asks for the feature, in the dialect of the program's prompts."""
    parser = row.dialect or NEW.name
    options = FEATURES[feature]
    model = "flux" if feature == "true_cfg" else "m"
    command = "remix" if "/image:" in options else "render"
    if feature in ("lora", "inversion"):
        options, call = "", options
        plan = _compiled(f"/set <{model}>\n/{command} /parser:{NEW.name} {_WHOLE} a cow {call}")
        return replace(plan, source="", dialect=parser, weighting=plan.weighting)
    return _compiled(f"/set <{model}>\n/{command} /parser:{parser} {_WHOLE} {options} a cow\n/negative ugly")


def _compiled(text: str) -> Plan:
    compiled = compile(text, project=PROJECT)
    if not compiled.plans:
        raise ValueError(f"{text}: {[each.message for each in compiled.diagnostics]}")
    return compiled.plans[0]


def _again(plan: Plan, name: str) -> Plan | None:
    """The plan of what is read again."""
    statements = told(of_text(written(plan, name).text), plan.dialect, _named).statements
    plans = compile("\n".join(statements), project=PROJECT).plans if statements else ()
    return plans[0] if plans else None


def _named(name: str) -> str | None:
    found = PROJECT.known(name)
    return found.name if found else None


def _of(plan: Plan | None, feature: str) -> object:
    """What a plan says of the feature."""
    if plan is None:
        return None
    if feature in ("lora", "inversion"):
        return tuple(_call(each) for each in plan.networks if each.kind == feature)
    return getattr(plan, feature)


def _call(network: Network) -> tuple[str, float]:
    return network.name, network.weight
