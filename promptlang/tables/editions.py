"""What each attested edition of the language requires."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from promptlang.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One row: `needs_new_parser` names the options that have no effect without `/parser:new`."""

    name: str
    docs: str
    needs_new_parser: frozenset[str] = frozenset()


ROWS = (
    Edition(
        name="beta-2023-06",
        docs="The help page of June 2023: clip skip temporarily needs `/parser:new`.",
        needs_new_parser=frozenset({"clipskip"}),
    ),
    Edition(name="early", docs="The page before the new parser: `/clipskip` stands alone."),
    Edition(name="guide", docs="The guide of 2024: `/clipskip` stands alone, `/parser:new` is for weights."),
)

EDITIONS: Mapping[str, Edition] = MappingProxyType({row.name: row for row in ROWS})
DEFAULT = ROWS[0].name


def edition(name: str) -> Edition:
    """The row of an edition; an unknown name means the default one, for which there is a diagnostic elsewhere."""
    return EDITIONS.get(name, EDITIONS[DEFAULT])
