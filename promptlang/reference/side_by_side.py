"""One statement explained for several families, side by side, as `docs/families.md` shows it."""

from __future__ import annotations

from collections.abc import Iterator

from promptlang.lowering.explaining import Explanation, explain
from promptlang.tables.models.families import family

MODELS = ("sd15", "sdxl", "flux", "qwen-image", "z-image")
STATEMENT = (
    "/render /parser:a1111 /clipskip:3 /guidance:4 a (red:1.3) cow [dawn:dusk:0.5] BREAK a barn /negative blurry"
)

TEXT = f"""## One statement, several families

What `promptlang explain` says of the same words, each time below a `/set` that names another model:

```promptlang
{STATEMENT}
```
"""


def head() -> tuple[str, ...]:
    """What stands above the columns: what is asked for, then the families."""
    return "Asked for", *(family(each.family).title for each in _explained())


def rows() -> Iterator[tuple[str, ...]]:
    """What each family makes of each feature, and the layer and steps that follow."""
    explained = _explained()
    for column in zip(*(each.effects for each in explained), strict=True):
        yield column[0].feature.title.replace("|", "\\|"), *(each.words for each in column)
    yield "layer", *(each.layer for each in explained)
    yield "steps", *(str(each.plans[0].steps) for each in explained)


def _explained() -> tuple[Explanation, ...]:
    return tuple(explain(f"/set <{model}>\n{STATEMENT}") for model in MODELS)
