"""How the owners of dialects lay tokens out, one row for each way in which a plan's weights act."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import lcm
from typing import Literal

from promptlang.plans.plan import Run, Weighting
from promptlang.tokens.chunks import Chunks, Words
from promptlang.tokens.comfyui import comfyui_chunks
from promptlang.tokens.compel import compel_chunks
from promptlang.tokens.webui import webui_chunks
from promptlang.values import dataclass

Padding = Literal["empty", "repeated"]


@dataclass(frozen=True, slots=True)
class Layout:
    """The chunks that an owner makes of weighted text, and how it brings prompts of several lengths to one.

    `empty` fills the shorter prompt up with encoded empty chunks; `repeated` repeats every prompt until all end
    together, which changes nothing of what any of them says. `encodes_nothing` is whether the owner encodes an empty
    negative prompt even for models that were trained with zeros there, as SDXL was.
    """

    chunks: Callable[[Iterable[Run], Words], Chunks]
    padding: Padding
    encodes_nothing: bool = False

    def common_length(self, lengths: Iterable[int]) -> int:
        """The length that prompts of these lengths are brought to."""
        return lcm(*lengths) if self.padding == "repeated" else max(lengths)


_WEBUI = Layout(webui_chunks, "empty")

LAYOUTS: Mapping[Weighting, Layout] = {
    "a1111": _WEBUI,
    "a1111-no-norm": _WEBUI,
    "comfy": Layout(comfyui_chunks, "repeated", encodes_nothing=True),
    "compel": Layout(compel_chunks, "empty"),
}
