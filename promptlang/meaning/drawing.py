"""What `promptlang render` refuses, and why: asked by the check, by a dry run and by the renderer itself.

Tables, headers of files and the packages that are there say it; nothing is loaded.
"""

from __future__ import annotations

from pathlib import Path

from promptlang.models.discover import concept
from promptlang.plans.plan import Model, Network
from promptlang.tables.families import FAMILIES, UNKNOWN, family
from promptlang.tables.family import Family
from promptlang.tables.known import KnownConcept
from promptlang.values import dataclass

DRAWN_NETWORKS = frozenset({"lora", "inversion", "vae"})
DRAWN_METHOD = "LoRA"  # others are read as networks as well, and not applied
UNREADABLE = "unreadable"
BESIDES = frozenset({"inpaint", "pix2pix", "depth", "fill", "control"})
"""Variants whose denoiser takes a picture besides the noise."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not drawn, and what to do; `is_limit` where the file is sound and only nothing here draws it."""

    message: str
    help: str = ""
    is_limit: bool = False


def model_refusal(model: Model) -> Refusal | None:
    """Why the model cannot draw; None where nothing speaks against it."""
    row, name = family(model.family), f"<{model.name}>"
    if model.path is None:
        return family_refusal(model)
    read = concept(Path(model.path))
    if read.kind == UNREADABLE:
        return _unreadable(name, read)
    if read.kind == "denoiser":
        return _in_parts(name, family(read.family))
    if read.kind not in ("checkpoint", "unknown"):
        return Refusal(f"{name} is a file of the kind {read.kind}, which draws nothing alone", "call a checkpoint")
    if row is not UNKNOWN and read.family not in (row.name, UNKNOWN.name):
        message = f"{name} is called {row.title} in `promptlang.toml`, but its file is {family(read.family).title}"
        return Refusal(message, "leave `family` out, and it is read from the file")
    return family_refusal(model) or _of_variant(name, f"{model.variant}, {read.variant}")


def family_refusal(model: Model) -> Refusal | None:
    """Why nothing here draws with models of that family; None where something does. No file is looked at."""
    row, name = family(model.family), f"<{model.name}>"
    if row is UNKNOWN and model.path is None:
        return Refusal(f"nothing is known of the model {name}", "name its file in `promptlang.toml`")
    if row is UNKNOWN:
        help = f"replace `{model.path}`, or write its `family` in `promptlang.toml` where you know it"
        return Refusal(f"nothing is known of {name}: its file is of no known family", help)
    if row.rendered:
        return None
    drawn = " or ".join(each.name for each in FAMILIES if each.rendered)
    message = f"{name} is of the family {row.name}, which cannot be rendered yet"
    return Refusal(message, f"use a model of the family {drawn}", is_limit=True)


def network_refusal(network: Network) -> Refusal | None:
    """Why the network cannot be added; None where nothing speaks against it."""
    name = f"<{network.name}>"
    read = concept(Path(network.path)) if network.path else None
    if network.kind not in (*DRAWN_NETWORKS, "unknown", UNREADABLE):
        return Refusal(f"{name} is a {network.kind}, which cannot be rendered yet", "remove it", is_limit=True)
    if read and read.kind == UNREADABLE:
        return _unreadable(name, read)
    if network.kind == "unknown" or (read is None and network.kind == UNREADABLE):
        return Refusal(f"nothing is known of {name}", "name its file in `promptlang.toml`")
    found = read.kind if read and read.kind not in ("unknown", network.kind) else network.kind
    if found not in DRAWN_NETWORKS:
        return Refusal(f"{name} is a {found}, which cannot be rendered yet", "remove it", is_limit=True)
    if found != network.kind:
        message = f"{name} is called a {network.kind} in `promptlang.toml`, but its file is a {found}"
        return Refusal(message, "leave `kind` out, and it is read from the file")
    method = read.variant.partition(",")[0] if read else ""
    if found == "lora" and method not in ("", DRAWN_METHOD):
        message = f"{name} is a network of the kind {method}, which cannot be rendered yet"
        return Refusal(message, "remove it", is_limit=True)
    return None


def package_refusal(package: str, what: str) -> Refusal | None:
    """Why a sampler or schedule cannot run on this computer; None where it needs no package, or has it."""
    if not package:
        return None
    from importlib.util import find_spec  # few statements name what needs a package of its own

    if find_spec(package):
        return None
    message = f"{what} needs the package {package}, which is not installed"
    return Refusal(message, f"run `pip install {package}`", is_limit=True)


def _of_variant(name: str, variants: str) -> Refusal | None:
    found = next((each for each in variants.split(", ") if each in BESIDES), None)
    if found is None:
        return None
    message = f"{name} is of the kind {found}: its denoiser needs a picture or a mask besides, which is not given yet"
    return Refusal(message, "use a model that draws from text alone", is_limit=True)


def _in_parts(name: str, row: Family) -> Refusal:
    encoders = [each.name for each in row.encoders] or ["the text encoder"]
    missing = f"{', '.join(encoders)} and the autoencoder are missing"
    kind = f" of {row.title}" if row is not UNKNOWN else ""
    return Refusal(f"{name} is a denoiser alone{kind}: {missing}", "use a checkpoint that holds all parts")


def _unreadable(name: str, read: KnownConcept) -> Refusal:
    help = f"replace `{read.path}`, or correct its path in `promptlang.toml`"
    return Refusal(f"{name} cannot be drawn with: {read.evidence}", help)
