"""The text encoders inside a file: counted by the first normalisation of every layer, named by kind and width."""

from __future__ import annotations

import re

from promptlang.models.evidence.header import Header
from promptlang.models.evidence.records import quoted
from promptlang.tables.models import encoders as table
from promptlang.tables.models.encoders import Encoder, EncoderKind, any_of, encoder_names
from promptlang.tables.models.families import FAMILIES, family
from promptlang.tables.models.family import Family
from promptlang.values import dataclass

# The end of the key of a layer's first normalisation, by kind of encoder; no encoder has ten thousand layers.
NORMS = (
    (".layer_norm1.weight", EncoderKind.CLIP, re.compile(r"(.*?)(?:text_model\.)?encoder\.layers\.(\d{1,4})$")),
    (".ln_1.weight", EncoderKind.CLIP, re.compile(r"(.*?)(?:transformer\.)?resblocks\.(\d{1,4})$")),
    (".layer.0.layer_norm.weight", EncoderKind.T5, re.compile(r"(.*?)encoder\.block\.(\d{1,4})$")),
    (".input_layernorm.weight", EncoderKind.LANGUAGE_MODEL, re.compile(r"(.*?)(?:model\.)?layers\.(\d{1,4})$")),
)
ENDS = tuple(end for end, _, _ in NORMS)

ROWS: tuple[Encoder, ...] = tuple(
    each for each in vars(table).values() if isinstance(each, Encoder) and not each.pooled_only
)


@dataclass(frozen=True, slots=True)
class FoundEncoder:
    """A text encoder in a file: what it is called, its kind, layers, width, and where its keys begin."""

    name: str
    kind: EncoderKind
    layers: int
    width: int
    root: str


def text_encoders(header: Header) -> tuple[FoundEncoder, ...]:
    """Every text encoder of a file; picture encoders are left out."""
    layers: dict[tuple[str, EncoderKind], int] = {}
    widths: dict[tuple[str, EncoderKind], int] = {}
    for name in filter(lambda each: each.endswith(ENDS), header.tensors):
        found = _layer(name)
        if found is None or "vis" in found[0]:
            continue
        root, kind, number = found
        layers[root, kind] = max(layers.get((root, kind), 0), number + 1)
        widths[root, kind] = next(iter(header.shape(name)), 0)
    return tuple(
        FoundEncoder(encoder_name(kind, widths[root, kind], count), kind, count, widths[root, kind], root)
        for (root, kind), count in layers.items()
    )


def _layer(name: str) -> tuple[str, EncoderKind, int] | None:
    for end, kind, pattern in NORMS:
        if name.endswith(end) and (match := pattern.match(name[: -len(end)])):
            return match[1], kind, int(match[2])
    return None


def encoder_name(kind: EncoderKind, width: int, layers: int) -> str:
    """What an encoder of this shape is called: every name it may have, or a description where no family uses it."""
    named = [row for row in ROWS if row.kind is kind and row.width == width]
    exact = [row for row in named if row.layers == layers]
    if exact:
        return any_of(row.name for row in exact)
    return named[0].name if named and kind is EncoderKind.CLIP else f"{kind.value} of width {width}"


def users_of(name: str) -> tuple[str, ...]:
    """The families that read prompts with an encoder of that name, or of one of several."""
    names = encoder_names(name)
    return tuple(row.name for row in FAMILIES if any(each.name.startswith(names) for each in _readers(row)))


def _readers(row: Family) -> tuple[Encoder, ...]:
    return (*row.encoders, *(each for variant in row.variants for each in variant.encoders))


def clip_layers(found: tuple[FoundEncoder, ...]) -> int | None:
    """The layer count that limits clip skip: the shortest CLIP encoder."""
    return min((each.layers for each in found if each.kind is EncoderKind.CLIP), default=None)


def described(found: tuple[FoundEncoder, ...]) -> tuple[str, ...]:
    """One sentence of evidence for each encoder."""
    return tuple(f"{quoted_root(each.root)} holds {each.name} with {each.layers} layers" for each in found)


def quoted_root(root: str) -> str:
    """The place of an encoder in a file."""
    return quoted(root.rstrip(".")) if root else "the file"


def pairs(found: tuple[FoundEncoder, ...], family_name: str) -> tuple[tuple[str, int], ...]:
    """Names and layer counts; of several names an encoder may have, the one that a model of the family reads with."""
    own = {each.name for each in _readers(family(family_name))}
    return tuple(
        (next((name for name in encoder_names(each.name) if name in own), each.name), each.layers) for each in found
    )
