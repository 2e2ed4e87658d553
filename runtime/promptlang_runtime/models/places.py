"""Where the files of a plan lie; a plan that calls for a file nobody has is known here before anything is loaded."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from promptlang.plans.plan import Model, Network, Plan
from promptlang.tables.families import FAMILIES, UNKNOWN, family
from promptlang_runtime.errors import RenderError

DEMO = "demo"
DEMO_FOLDER = Path(__file__).parents[1] / "demo"
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
RENDERED = frozenset({"lora", "inversion", "vae"})
UNREADABLE = "unreadable"


def find_all(plan: Plan) -> None:
    """Raises RenderError for the first model or network of a plan that cannot be drawn, or that has no file."""
    check_family(plan.model)
    place_of(plan.model)
    networks_of(plan)


def check_family(model: Model) -> None:
    """Raises RenderError for a model of a family that is not drawn, or is not known."""
    if model.family == UNKNOWN.name and model.path is not None:
        raise RenderError(
            f"nothing is known of <{model.name}>: its file is missing, cannot be read or is of no known family",
            f"replace `{model.path}`, or correct its path in `promptlang.toml`",
        )
    if model.family == UNKNOWN.name:
        raise RenderError(f"nothing is known of the model <{model.name}>", "name its file in `promptlang.toml`")
    if not family(model.family).rendered:
        raise RenderError(
            f"<{model.name}> is of the family {model.family}, which cannot be rendered yet",
            f"use a model of the family {' or '.join(row.name for row in FAMILIES if row.rendered)}",
        )


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
        if network.kind not in RENDERED or network.path is None:
            raise _cannot(network)
    return networks


def _with_file(network: Network) -> Network:
    """The network with its file; one without a path may be bundled with the demo model."""
    if network.path is not None:
        return network
    path = DEMO_FOLDER / "concepts" / f"{network.name}.safetensors"
    bundled = network.name.isidentifier() and path.is_file()
    return replace(network, path=str(path)) if bundled else network


def _cannot(network: Network) -> RenderError:
    if network.kind == UNREADABLE:
        return RenderError(f"the file of <{network.name}> is missing or cannot be read", f"replace `{network.path}`")
    if network.kind == "unknown" or network.path is None:
        return RenderError(f"nothing is known of <{network.name}>", "name its file in `promptlang.toml`")
    return RenderError(f"<{network.name}> is a {network.kind}, which cannot be rendered yet", "remove it")
