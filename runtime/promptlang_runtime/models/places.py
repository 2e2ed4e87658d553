"""Where the files of a plan lie; a plan that calls for a file nobody has is known here before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from promptlang.plans.blending import encoder_place
from promptlang.plans.plan import Model, Network, Plan
from promptlang.refusals.limits import plan_refusal
from promptlang.refusals.models import family_refusal, model_refusal, network_refusal, refiner_refusal
from promptlang.refusals.named_files import as_repository, file_refusal, fit_refusal, is_repository
from promptlang.refusals.refusal import package_refusal
from promptlang.refusals.sampling import flow_refusal, noise_refusal, sampling_refusal
from promptlang.sentences import listed
from promptlang.tables.arithmetics import DEFAULT, package_of
from promptlang.tables.models.concepts import DEMO as DEMO_MODEL
from promptlang.tables.models.families import family
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import (
    BLEND,
    BLEND_ADAPTER,
    BLEND_ENCODER,
    CONTROL_IMAGE,
    CONTROL_NET,
    IMAGE,
    MASK,
    VAE,
)
from promptlang.tables.samplers import sampler
from promptlang.tables.schedules import SCHEDULES
from promptlang_runtime.errors import RenderError, refuse

DEMO_FOLDER = Path(__file__).parents[1] / "demo"


def find_all(plan: Plan) -> None:
    """Raises RenderError for the first thing a plan calls for that cannot be drawn with, or that has no file."""
    refuse(model_refusal(plan.model))
    refuse(refiner_refusal(plan.model, plan.refiner) if plan.refiner else None)
    for network in networks_of(plan):
        refuse(fit_refusal(network, plan.model))
    model = family(plan.model.family)
    for option, file in _named(plan):
        refuse(file_refusal(option.name, file, Path(), model) if file else None)
    row, schedule = sampler(plan.sampler), SCHEDULES.get(plan.schedule or "")
    whose = plan.arithmetic
    refuse(sampling_refusal(row, plan.schedule, whose) if row else None)
    refuse(package_refusal(package_of(schedule, whose), f"the schedule `{schedule.name}`") if schedule else None)
    refuse(noise_refusal(plan.model, row) if row and whose == DEFAULT else None)
    refuse(plan_refusal(plan))
    if row and model.prediction == "flow":
        refuse(flow_refusal(model, row, plan.schedule, whose, variant=plan.model.variant))


def refuse_fetching(plan: Plan) -> None:
    """Raises RenderError where a model or the VAE is named as a repository, for who may not fetch any."""
    for model in filter(None, (plan.model, plan.refiner)):
        if is_fetched(model):
            raise unfetched(model.name)
    if plan.vae and is_repository(plan.vae):
        raise unfetched(repository_of(plan.vae))


def unfetched(repository: str) -> RenderError:
    """What to say of a repository, such as `owner/name`, that may not be fetched."""
    return RenderError(f"`{repository}` is not on this computer", "add `--download` to fetch it from the hub")


def repository_of(vae: str) -> str:
    """The repository, `owner/name`, of a VAE that is named so, or `owner__name` as the service does."""
    return as_repository(vae).replace("__", "/", 1)


def _named(plan: Plan) -> Iterator[tuple[Option, str | None]]:
    """The files that options of the plan name."""
    vae = None if plan.vae and is_repository(plan.vae) else plan.vae
    yield from ((VAE, vae), (IMAGE, plan.image), (MASK, plan.mask))
    yield from ((CONTROL_NET, plan.control_net), (CONTROL_IMAGE, plan.control_image))
    yield from ((BLEND, plan.blend), (BLEND_ADAPTER, plan.blend_adapter), (BLEND_ENCODER, encoder_place(plan)))


def files_of(model: Model) -> str:
    """The files of a model in words: where the first one lies, and what the others are called."""
    first, *others = model.files or (f"<{model.name}>",)
    return listed([f"`{first}`", *(f"`{Path(each).name}`" for each in others)], "and")


def check_family(model: Model) -> None:
    """Raises RenderError for a model of a family that is not drawn, or is not known."""
    refuse(family_refusal(model))


def is_fetched(model: Model) -> bool:
    """Whether its name alone says where a model lies: in a repository, and in no folder that is called so."""
    return model.path is None and model.name.lower() != DEMO_MODEL.name


def place_of(model: Model) -> str:
    """The file, the folder or the repository that a model is opened from; raises RenderError where there is none."""
    if is_fetched(model):
        refuse(model_refusal(model))
        return model.name
    return str(DEMO_FOLDER) if model.path is None else model.path


def networks_of(plan: Plan) -> tuple[Network, ...]:
    """The networks of a plan with their files; raises RenderError for one that has none or cannot be rendered."""
    networks = tuple(_with_file(network) for network in plan.networks)
    for network in networks:
        refuse(network_refusal(network))
    return networks


def _with_file(network: Network) -> Network:
    """The network with its file; one without a path may be bundled with the demo model."""
    if network.path is not None:
        return network
    path = DEMO_FOLDER / "concepts" / f"{network.name}.safetensors"
    bundled = network.name.isidentifier() and path.is_file()
    return replace(network, path=str(path)) if bundled else network
