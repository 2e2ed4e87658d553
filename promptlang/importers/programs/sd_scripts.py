"""Lines for the samples that the trainers of sd-scripts draw: `a cow --n blurry --w 512 --h 768 --d 1 --s 28`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from promptlang.importers.imported import Entry, Imported, sized
from promptlang.tables.options.table import GUIDANCE, SAMPLER, SEED, SIZE, STEPS, TRUE_CFG

_FLAG = re.compile(r"(?<!\S)--([a-z]+)(?=\s|\Z)")
_OPTIONS: Mapping[str, str] = MappingProxyType(
    {"d": SEED.name, "s": STEPS.name, "l": GUIDANCE.name, "g": GUIDANCE.name, "ss": SAMPLER.name}
)
_SIDES = ("w", "h")
_OWN = frozenset({"n", "d", "l", "h"})  # no flags of others
_FLAGS = frozenset({*_OWN, *_OPTIONS, *_SIDES, "f", "fs", "cn", "ctr", "am", "i", "t", "r", "b"})
_FEWEST = 2  # flags that tell such a line


def imported(line: str, fewest: int = _FEWEST) -> Imported | None:
    """What a line says; None where it has other flags, or too few."""
    found = list(_FLAG.finditer(line))
    names = {each[1] for each in found}
    if len(names) < fewest or not names <= _FLAGS or not names & _OWN:
        return None
    ends = [*(each.start() for each in found[1:]), len(line)]
    said = {each[1]: line[each.end() : end].strip() for each, end in zip(found, ends, strict=True)}
    entries = {name: Entry(f"--{name}", value) for name, value in said.items()}
    options = {_option(name, said): entry for name, entry in entries.items() if name in _OPTIONS}
    options |= sized(said, _SIDES)
    known = {"n", *_OPTIONS, *(_SIDES if SIZE.name in options else ())}
    return Imported(
        positive=line[: found[0].start()].strip(),
        negative=said.get("n", ""),
        options=tuple(options.items()),
        rest=tuple(entry for name, entry in entries.items() if name not in known),
    )


def _option(name: str, said: Mapping[str, str]) -> str:
    """`--l` is classifier-free guidance, beside `--g`, which a model reads that is distilled."""
    return TRUE_CFG.name if name == "l" and "g" in said else _OPTIONS[name]
