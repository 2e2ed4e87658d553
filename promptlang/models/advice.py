"""What to do with an identified model, in the language's own words: which options help and which do nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from promptlang.models.evidence.identity import Identity
from promptlang.tables.models.families import FAMILIES, UNKNOWN, family
from promptlang.tables.models.family import INPAINTING, V_PREDICTION, ClipSkip, Family


def advice(identity: Identity) -> tuple[str, ...]:
    """Sentences without a full stop, the most useful first."""
    metadata = dict(identity.metadata)
    row = family(identity.family)
    match identity.kind:
        case "checkpoint" | "denoiser":
            found = _of_model(identity, row, metadata)
        case "lora" | "inversion":
            found = _of_network(identity, row, metadata)
        case "vae":
            found = iter(("`/vae:` takes the path of this file",))
        case "text-encoder" | "controlnet" | "adapter" | "upscaler":
            found = iter(("part of a model: no prompt can call it by itself",))
        case "unknown":
            found = _of_unknown()
        case _:
            assert_never(identity.kind)
    return tuple(found)


def _of_unknown() -> Iterator[str]:
    yield "if you know its family, write that as `family` beside its name in `promptlang.toml`"


def _of_model(identity: Identity, row: Family, metadata: Mapping[str, str]) -> Iterator[str]:
    if identity.kind == "denoiser":
        yield "a denoiser alone: it needs the text encoders and the autoencoder of its family beside it"
    if row is UNKNOWN:
        yield from _of_unknown()
    elif wanted := metadata.get("modelspec.encoder_layer"):
        yield f"its author recommends `/clipskip:{wanted}`"
    else:
        yield _of_clip_skip(row)
    if INPAINTING in identity.variant:
        yield "made for inpainting: it expects a picture and a mask"
    if identity.quantization and not identity.packed:
        yield f"its numbers are kept in {identity.quantization}: `promptlang render` makes plain ones of them"
    if identity.packed:
        yield f"holds {identity.packed}, which nothing here unpacks yet"
    if identity.variant == V_PREDICTION:
        yield "a backend that takes it for a noise-predicting model draws washed-out pictures"


def _of_clip_skip(row: Family) -> str:
    match row.clip_skip:
        case ClipSkip.APPLIES:
            return "`/clipskip:2` is worth a try with anime and semi-realistic models, and optional everywhere"
        case ClipSkip.AT_LEAST_TWO:
            return (
                "`/clipskip:1` and `/clipskip:2` change nothing: its encoders are read at the last layer but one anyway"
            )
        case ClipSkip.IGNORED_BY_RULE:
            return "leave `/clipskip` out: it makes no difference here"
        case ClipSkip.NOT_CLIP:
            return "leave `/clipskip` out: its main text encoder is not CLIP"
        case ClipSkip.PASSED_ON:
            return "`/clipskip` is passed on as written"
        case _:
            assert_never(row.clip_skip)


def _of_network(identity: Identity, row: Family, metadata: Mapping[str, str]) -> Iterator[str]:
    if row is UNKNOWN:
        yield "nothing tells which checkpoints it fits; with one of another family it does nothing or harm"
        yield from _of_unknown()
    else:
        fitting = (row.title, *(each.title for each in FAMILIES if row.name in each.networks_from))
        yield f"fits {' and '.join(fitting)} checkpoints only"
    trained = metadata.get("ss_clip_skip", "None")
    if trained.isdecimal() and row.clip_skip is ClipSkip.APPLIES:
        yield f"trained with clip skip {trained}"
    elif row.clip_skip is ClipSkip.APPLIES:
        yield "with `/clipskip:2` and above its effect is unpredictable: it can be worse, or nothing"
