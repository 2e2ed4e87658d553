"""What is known while a template is expanded or counted."""

from __future__ import annotations

import random
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from promptlang.values import dataclass, field, replace
from promptlang.variants.nodes import Choice, Chunk, Chunks, Sampling, WildcardUse
from promptlang.variants.wildcards import Wildcards

DEEPEST = 80  # wildcards within wildcards and brackets within brackets; beyond it a mark stands as text


class Mode(Enum):
    """The values of `/variants`."""

    ALL = "all"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Context:
    """What is known while a template is expanded."""

    wildcards: Wildcards
    sampling: Sampling
    random: random.Random
    squash: bool = False
    variables: Mapping[str, Chunks] = field(default_factory=lambda: MappingProxyType(dict[str, Chunks]()))
    sampled: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()  # the wildcards whose values are being read
    depth: int = 0

    def for_chunk(self, chunk: Chunk) -> Context:
        """The context with the chunk's own sampling; within drawn values nothing is taken each once."""
        wanted = chunk.sampling if isinstance(chunk, Choice | WildcardUse) else None
        deeper = replace(self, depth=self.depth + 1)
        if wanted is None or (wanted is Sampling.ALL and self.sampling is not Sampling.ALL):
            return deeper
        return replace(deeper, sampling=wanted)


def new_context(wildcards: Wildcards, mode: Mode = Mode.ALL, seed: int = 0, *, squash: bool = False) -> Context:
    """What is known before the first mark."""
    sampling = Sampling.ALL if mode is Mode.ALL else Sampling.RANDOM
    return Context(wildcards, sampling, random.Random(seed), squash)
