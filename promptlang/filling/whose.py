"""By which samplers, and in whose arithmetic, a statement is drawn: its own choice, or the owner of its dialect's."""

from __future__ import annotations

from functools import lru_cache

from promptlang.meaning.networks import refiner_of
from promptlang.meaning.settings import Settings
from promptlang.meaning.view import View
from promptlang.tables.arithmetics import DEFAULT, draws_flow
from promptlang.tables.dialects import dialect_row
from promptlang.tables.models.abilities import flow_of
from promptlang.tables.models.families import UNKNOWN, family
from promptlang.tables.options.table import ARITHMETIC, BLEND, CONTROL, IMAGE, MASK, SAMPLER
from promptlang.tables.samplers import Sampler, sampler

_BY_PIPELINES = frozenset({CONTROL.name, BLEND.name})
"""The options whose pictures the pipelines of diffusers draw, whatever the dialect."""
_FROM_PICTURES = frozenset({IMAGE.name, MASK.name})
"""The same for flow-matching models."""


def samplers_of(seen: View) -> tuple[Sampler, ...]:
    """The samplers that draw a statement, several where they are swept; without those that nobody has heard of."""
    return chosen(seen.settings, seen.family.sampler)


@lru_cache(maxsize=256)
def chosen(settings: Settings, otherwise: str) -> tuple[Sampler, ...]:
    """The samplers of some settings, or the one that is taken `otherwise`."""
    setting = settings.get(SAMPLER.name)
    names = (setting and setting.points.values) or (otherwise,)
    return tuple(filter(None, map(sampler, map(str, names))))


def arithmetic_of(seen: View, dialect: str = "") -> str:
    """The name of the arithmetic; the owner's draws freely, over all of it, and what it draws at all.

    `dialect` is another one that the words might be in.
    """
    dialect = dialect or seen.statement.prompt.dialect
    return _arithmetic(seen.settings, dialect, seen.family.name, seen.variant, refiner_of(seen) is not None)


@lru_cache(maxsize=256)
def _arithmetic(settings: Settings, dialect: str, name: str, variant: str, is_refined: bool) -> str:
    setting, row = settings.get(ARITHMETIC.name), family(name)
    if setting and isinstance(setting.value, str):
        return setting.value
    owners = dialect_row(dialect).arithmetic
    if owners == DEFAULT or _BY_PIPELINES & settings.keys() or is_refined:
        return DEFAULT
    samplers = chosen(settings, row.sampler)
    if not row.is_unet and row is not UNKNOWN:
        is_known = flow_of(row, variant) is not None and not _FROM_PICTURES & settings.keys()
        flows = is_known and all(each.comfy_flow for each in samplers)
        return owners if draws_flow(owners) and flows else DEFAULT
    return DEFAULT if any(owners in each.unlike for each in samplers) else owners


def kept_arithmetic(seen: View, dialect: str) -> str:
    """The option by which a statement is drawn as before when its words are in another dialect; empty where it is."""
    before = arithmetic_of(seen)
    return "" if arithmetic_of(seen, dialect) == before else f"/{ARITHMETIC.name}:{before}"
