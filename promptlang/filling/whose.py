"""Whose arithmetic a statement is drawn in: its own choice, or that of the owner of its dialect."""

from __future__ import annotations

from promptlang.meaning.networks import refiner_of
from promptlang.meaning.view import View
from promptlang.tables.arithmetics import DEFAULT
from promptlang.tables.dialects import dialect_row
from promptlang.tables.options.table import ARITHMETIC, CONTROL, MASK, SAMPLER
from promptlang.tables.samplers import sampler


def arithmetic_of(seen: View) -> str:
    """The name of the arithmetic; the owner's draws nothing here but a UNet, freely, over all of it."""
    setting = seen.settings.get(ARITHMETIC.name)
    if setting and isinstance(setting.value, str):
        return setting.value
    owners = dialect_row(seen.statement.prompt.dialect).arithmetic
    by_pipelines = not {MASK.name, CONTROL.name}.isdisjoint(seen.settings)
    if owners == DEFAULT or not seen.family.is_unet or by_pipelines or refiner_of(seen):
        return DEFAULT
    names = seen.values(SAMPLER.name) or (seen.family.sampler,)
    is_unlike = any(owners in row.unlike for row in map(sampler, map(str, names)) if row)
    return DEFAULT if is_unlike else owners
