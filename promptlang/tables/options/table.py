"""THE option table: every option of the language is one row, and every view of it is a function of the row.

The rows stand in the modules beside it, by what they are about; here they have their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.tables.options.blending import BLEND, BLEND_ADAPTER, BLEND_ENCODER, BLEND_STRENGTH
from promptlang.tables.options.controls import (
    CONTROL,
    CONTROL_END,
    CONTROL_IMAGE,
    CONTROL_NET,
    CONTROL_START,
    CONTROL_STRENGTH,
)
from promptlang.tables.options.drawing import (
    ARITHMETIC,
    CLIP_SKIP,
    FREEU,
    GUIDANCE,
    KARRAS,
    LPW,
    NOFIX,
    RESCALE,
    SAMPLER,
    SCHEDULE,
    STEPS,
    TRUE_CFG,
    VAE,
    VASS,
)
from promptlang.tables.options.elsewhere import WORDS
from promptlang.tables.options.fills import Decision, Without
from promptlang.tables.options.picture import (
    FORMAT,
    HIRES,
    HIRES_STEPS,
    HIRES_STRENGTH,
    HIRES_UPSCALER,
    IMAGE,
    IMAGES,
    MASK,
    SEED,
    SHAPES,
    SIZE,
    STRENGTH,
)
from promptlang.tables.options.prompt import EDITION, NEGATIVE, PARSER, SWAP, VARIANTS
from promptlang.tables.options.row import Option

ROWS: tuple[Option, ...] = (
    *(PARSER, CLIP_SKIP, GUIDANCE, STEPS, IMAGES, SIZE, *SHAPES, SEED, SAMPLER, SCHEDULE, KARRAS, VAE, FREEU),
    *(TRUE_CFG, RESCALE, ARITHMETIC, LPW, NOFIX, VASS, STRENGTH, IMAGE, MASK, CONTROL, CONTROL_NET, CONTROL_IMAGE),
    *(CONTROL_STRENGTH, CONTROL_START, CONTROL_END, BLEND, BLEND_ADAPTER, BLEND_ENCODER, BLEND_STRENGTH),
    *(HIRES, HIRES_STRENGTH, HIRES_STEPS, HIRES_UPSCALER, FORMAT, VARIANTS, SWAP, EDITION, NEGATIVE),
)

OPTIONS: Mapping[str, Option] = MappingProxyType({name: row for row in ROWS for name in (row.name, *row.aliases)})

ELSEWHERE: Mapping[str, Option] = MappingProxyType(
    {word: OPTIONS[name] for word, name in WORDS.items()}
    | {name.replace("_", joint): row for joint in ("-", "", "_") for row in ROWS for name in row.elsewhere}
)
"""The words of other tools and languages, by the row that means the same: `cfg_scale`, `cfg-scale`, `cfgscale`."""

ORDER: Mapping[str, int] = MappingProxyType({row.name: place for place, row in enumerate(ROWS)})

DECIDING: Mapping[Decision, Option] = MappingProxyType({row.decides: row for row in ROWS if row.decides})
"""The option that settles something about how a statement is read."""

FILES: tuple[Option, ...] = tuple(row for row in ROWS if row.is_path)
"""The options that name a file or lead to one."""

LEAVING: tuple[str, ...] = tuple(row.name for row in ROWS if isinstance(row.fills, Without))
"""The options that leave out what the statement or the project names."""


def option(name: str) -> Option | None:
    """The row of an option, read case-insensitively, aliases included."""
    return OPTIONS.get(name.lower())
