"""Which family reads text of which width: every sign of a family in a file of weights comes back to these."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.tables.models.families import family

CROSS_WIDTHS: Mapping[int, str] = MappingProxyType(
    {sum(each.width for each in family(name).encoders): name for name in ("sd1", "sd2", "sdxl", "sdxl-refiner")}
)
"""Of the text that cross-attention reads: the sum of the widths of the family's CLIP encoders."""

TEXT_WIDTHS: Mapping[int, str] = MappingProxyType({family(name).encoders[0].width: name for name in ("sd1", "sd2")})
"""Of a family with one text encoder, which an inversion or a network for that encoder alone was made for."""
