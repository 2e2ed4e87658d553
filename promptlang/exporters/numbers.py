"""The numbers of a plan as other programs count them: guidance, the text encoder's layer, names of samplers."""

from __future__ import annotations

from promptlang.plans.plan import Network, Plan
from promptlang.tables.models.abilities import guides
from promptlang.tables.models.clip_skip import effective_clip_skip
from promptlang.tables.models.families import family
from promptlang.tables.models.family import ClipSkip, Guides
from promptlang.tables.samplers import Sampler, sampler
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


def layer(plan: Plan) -> int | None:
    """The layer from the end that the text is read at; None where it is the one that is read without a word."""
    row = family(plan.model.family)
    number = plan.clip_skip
    if number is None or number == effective_clip_skip(row, 1):
        return None
    return number


def counts_from_two(plan: Plan) -> bool:
    """Whether the family's own choice is the last layer but one, as Stable Diffusion XL's is."""
    return family(plan.model.family).clip_skip is ClipSkip.AT_LEAST_TWO


def sampler_row(plan: Plan) -> Sampler | None:
    """The row of the plan's sampler."""
    return sampler(plan.sampler)


def loras(plan: Plan) -> tuple[Network, ...]:
    """The LoRAs of the plan."""
    return tuple(each for each in plan.networks if each.kind == "lora")


def text_strength(network: Network) -> float:
    """How strong a LoRA is on the text encoder."""
    return network.weight if network.text_weight is None else network.text_weight


def number(value: float) -> int | float:
    """A number without a point where it is a whole one."""
    return int(value) if float(value).is_integer() else value
