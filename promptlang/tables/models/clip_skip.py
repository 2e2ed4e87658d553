"""What a clip skip number means in a family, and the same number in the counting of other programs."""

from __future__ import annotations

from typing import assert_never

from promptlang.tables.models.family import ClipSkip, Family

HIGHEST_CLIP_SKIP = 13  # the language's limit: 12 layers and the embedding; fewer where the encoder has fewer
A1111_HIGHEST_CLIP_SKIP = 12  # its slider, and Forge's, ends here


def clip_skip_range(row: Family, layers: int | None = None) -> range | None:
    """The legal clip skip numbers, given the loaded encoder's layer count where it is known; None: not applicable."""
    if row.clip_skip in (ClipSkip.IGNORED_BY_RULE, ClipSkip.NOT_CLIP):
        return None
    if layers is None:
        layers = row.skippable[0].layers if row.skippable else HIGHEST_CLIP_SKIP
    return range(1, min(layers + 1, HIGHEST_CLIP_SKIP) + 1)


def effective_clip_skip(row: Family, number: int, *, force: bool = False) -> int | None:
    """Which hidden state from the end `/clipskip:number` really takes; None: dropped. `force` overrides the rule."""
    match row.clip_skip:
        case ClipSkip.APPLIES | ClipSkip.PASSED_ON:
            return number
        case ClipSkip.AT_LEAST_TWO:
            return max(number, 2)
        case ClipSkip.IGNORED_BY_RULE:
            return number if force else None
        case ClipSkip.NOT_CLIP:
            return None
        case _:
            assert_never(row.clip_skip)


def diffusers_base(row: Family) -> int:
    """The language's number that diffusers calls 0."""
    return 2 if row.clip_skip is ClipSkip.AT_LEAST_TWO else 1


def diffusers_clip_skip(row: Family, number: int) -> int | None:
    """The `clip_skip` argument of the family's diffusers pipeline; None where it would be 0 or less."""
    skipped = number - diffusers_base(row)
    return skipped if skipped > 0 else None


def a1111_clip_skip(number: int) -> int:
    """The `Clip skip` of A1111 and Forge: the same number, which ends at 12 there."""
    return min(number, A1111_HIGHEST_CLIP_SKIP)


def comfy_clip_layer(number: int) -> int:
    """ComfyUI's `stop_at_clip_layer` for an effective number; ComfyUI reads one beyond the layers as the last layer."""
    return -number
