"""By which samplers, and in whose arithmetic, a statement is drawn: its own choice, or the owner of its dialect's."""

from __future__ import annotations

from functools import lru_cache

from promptlang.meaning.networks import refiner_of
from promptlang.meaning.view import View
from promptlang.tables.arithmetics import DEFAULT, draws_flow
from promptlang.tables.dialects import dialect_row
from promptlang.tables.models.abilities import flow_of
from promptlang.tables.models.families import UNKNOWN
from promptlang.tables.options.table import ARITHMETIC, BLEND, CONTROL, IMAGE, MASK, SAMPLER
from promptlang.tables.samplers import Sampler, sampler

_BY_PIPELINES = frozenset({CONTROL.name, BLEND.name})
"""The options whose pictures the pipelines of diffusers draw, whatever the dialect."""
_FROM_PICTURES = frozenset({IMAGE.name, MASK.name})
"""The same for flow-matching models."""


@lru_cache(maxsize=16)
def samplers_of(seen: View) -> tuple[Sampler, ...]:
    """The samplers that draw a statement, several where they are swept; without those that nobody has heard of."""
    names = seen.values(SAMPLER.name) or (seen.family.sampler,)
    return tuple(filter(None, map(sampler, map(str, names))))


@lru_cache(maxsize=16)
def arithmetic_of(seen: View, dialect: str = "") -> str:
    """The name of the arithmetic; the owner's draws freely, over all of it, and what it draws at all.

    `dialect` is another one that the words might be in.
    """
    settings = seen.settings
    setting = settings.get(ARITHMETIC.name)
    if setting and isinstance(setting.value, str):
        return setting.value
    owners = dialect_row(dialect or seen.statement.prompt.dialect).arithmetic
    if owners == DEFAULT or _BY_PIPELINES & settings.keys() or refiner_of(seen):
        return DEFAULT
    if not seen.family.is_unet and seen.family is not UNKNOWN:
        return owners if draws_flow(owners) and _flows(seen) else DEFAULT
    return DEFAULT if any(owners in row.unlike for row in samplers_of(seen)) else owners


def _flows(seen: View) -> bool:
    """Whether the family is flow-matching, and drawn by its samplers as ComfyUI draws it."""
    is_known = flow_of(seen.family, seen.variant) is not None and not _FROM_PICTURES & seen.settings.keys()
    return is_known and all(row.comfy_flow for row in samplers_of(seen))


def kept_arithmetic(seen: View, dialect: str) -> str:
    """The option by which a statement is drawn as before when its words are in another dialect; empty where it is."""
    before = arithmetic_of(seen)
    return "" if arithmetic_of(seen, dialect) == before else f"/{ARITHMETIC.name}:{before}"
