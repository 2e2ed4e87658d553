"""Where the files of a plan lie; a plan that calls for a file nobody has is known here before anything is loaded."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from promptlang.meaning.drawing import Refusal, family_refusal, model_refusal, network_refusal, package_refusal
from promptlang.plans.plan import Model, Network, Plan
from promptlang.tables.samplers import sampler
from promptlang.tables.schedules import SCHEDULES
from promptlang_runtime.errors import RenderError

DEMO = "demo"
DEMO_FOLDER = Path(__file__).parents[1] / "demo"
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


def find_all(plan: Plan) -> None:
    """Raises RenderError for the first model or network of a plan that cannot be drawn, or that has no file."""
    _raise(model_refusal(plan.model))
    place_of(plan.model)
    networks_of(plan)
    row, schedule = sampler(plan.sampler), SCHEDULES.get(plan.schedule or "")
    _raise(package_refusal(row.package, f"the sampler `{row.name}`") if row else None)
    _raise(package_refusal(schedule.package, f"the schedule `{schedule.name}`") if schedule else None)


def check_family(model: Model) -> None:
    """Raises RenderError for a model of a family that is not drawn, or is not known."""
    _raise(family_refusal(model))


def place_of(model: Model) -> str:
    """The file, the folder or the repository that a model is opened from."""
    if model.path is not None:
        return model.path
    if model.name.lower() == DEMO:
        return str(DEMO_FOLDER)
    if HUB_NAME.fullmatch(model.name):
        return model.name
    raise RenderError(f"the file of <{model.name}> is not on this computer", "name their file in `promptlang.toml`")


def networks_of(plan: Plan) -> tuple[Network, ...]:
    """The networks of a plan with their files; raises RenderError for one that has none or cannot be rendered."""
    networks = tuple(_with_file(network) for network in plan.networks)
    for network in networks:
        _raise(network_refusal(network))
        if network.path is None:
            raise RenderError(f"nothing is known of <{network.name}>", "name its file in `promptlang.toml`")
    return networks


def _with_file(network: Network) -> Network:
    """The network with its file; one without a path may be bundled with the demo model."""
    if network.path is not None:
        return network
    path = DEMO_FOLDER / "concepts" / f"{network.name}.safetensors"
    bundled = network.name.isidentifier() and path.is_file()
    return replace(network, path=str(path)) if bundled else network


def _raise(refusal: Refusal | None) -> None:
    if refusal:
        raise RenderError(refusal.message, refusal.help)
