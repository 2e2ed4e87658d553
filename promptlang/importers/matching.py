"""Names of models as other programs write them, matched with those that the project knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from promptlang.importers.imported import Imported
from promptlang.models.names import ENDINGS, SLASHES
from promptlang.values import replace

Named = Callable[[str], str | None]
"""The project's own name for a model, by a name that may call it."""

_HASH = re.compile(r"\s*\[([0-9a-f]{6,64})\]\s*\Z")


def matched(found: Imported, named: Named | None) -> tuple[Imported, tuple[str, ...]]:
    """The same with the project's names, and a remark for each model that it does not know."""
    bare, remarks = _HASH.sub("", found.model), list[str]()
    written = _HASH.search(found.model)
    sum = found.model_hash or (written[1] if written else "")
    model = _known(bare, named)
    if named and found.model and model is None:
        remarks.append(f"no model called `{_stem(bare)}`" + (f" (hash {sum})" if sum else "") + " is known here")
    networks = tuple(replace(each, name=_known(each.name, named) or _stem(each.name)) for each in found.networks)
    if named:
        remarks += (f"no LoRA called `{each.name}` is known here" for each in networks if named(each.name) is None)
    options = tuple(
        (name, replace(entry, value=_known(entry.value, named) or _stem(entry.value)) if name == "vae" else entry)
        for name, entry in found.options
    )
    return replace(found, model=model or _stem(bare), networks=networks, options=options), tuple(remarks)


def _known(name: str, named: Named | None) -> str | None:
    if not name or named is None:
        return None
    return next((known for each in _spellings(name) if (known := named(each))), None)


def _spellings(name: str) -> Iterator[str]:
    """The name itself, without its ending, and both without its folders."""
    yield name
    yield _stem(name)
    *_, last = SLASHES.split(name)
    yield last
    yield _stem(last)


def _stem(name: str) -> str:
    """The name of a file as models are called here: without its ending."""
    ending = next((each for each in ENDINGS if name.lower().endswith(each)), "")
    return name[: len(name) - len(ending)] if ending else name
