"""The numbers of a plan as other programs count them: guidance, the text encoder's layer, names of samplers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from promptlang.plans.plan import Network, Plan
from promptlang.tables.models.abilities import guides
from promptlang.tables.models.clip_skip import diffusers_base, effective_clip_skip
from promptlang.tables.models.families import family
from promptlang.tables.models.family import Guides
from promptlang.tables.samplers import sampler
from promptlang.values import dataclass

EMBEDDED = frozenset({Guides.EMBEDDED, Guides.EMBEDDED_ALONE})


@dataclass(frozen=True, slots=True)
class Guidance:
    """Classifier-free guidance as webui and ComfyUI count it, and the number that the model takes as an input."""

    cfg: float
    embedded: float | None = None


def guidance(plan: Plan) -> Guidance:
    """What guides the plan's pictures."""
    how = guides(family(plan.model.family), plan.model.variant)
    if how in EMBEDDED:
        return Guidance(1.0 if plan.true_cfg is None else plan.true_cfg, plan.guidance)
    return Guidance(plan.guidance)


def diffusers_guidance(plan: Plan) -> int | float:
    """The number that guides as diffusers counts it: that which the model takes as an input, where it takes one."""
    guided = guidance(plan)
    given = guided.cfg if guided.embedded is None else guided.embedded
    return number(given - family(plan.model.family).below)


def layer(plan: Plan) -> int | None:
    """The layer from the end that the text is read at; None where it is the one that is read without a word."""
    row = family(plan.model.family)
    number = plan.clip_skip
    if number is None or number == effective_clip_skip(row, 1):
        return None
    return number


def layers_left_out(plan: Plan) -> int | None:
    """The same as diffusers counts it, and those who follow it: how many layers are left out."""
    skip = layer(plan)
    return None if skip is None else skip - diffusers_base(family(plan.model.family))


def sampler_name(plan: Plan, names: Iterable[str], own: Mapping[str, str]) -> str:
    """The name of the plan's sampler among those of a program, whose `own` stand beside what others call them; empty
    where it has none.
    """
    row = sampler(plan.sampler)
    return next((each for each in names if row and sampler(own.get(each, each)) is row), "")


def loras(plan: Plan) -> tuple[Network, ...]:
    """The LoRAs of the plan."""
    return tuple(each for each in plan.networks if each.kind == "lora")


def text_strength(network: Network) -> float:
    """How strong a LoRA is on the text encoder."""
    return network.weight if network.text_weight is None else network.text_weight


def number(value: float) -> int | float:
    """A number without a point where it is a whole one."""
    return int(value) if float(value).is_integer() else value
