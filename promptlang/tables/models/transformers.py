"""What the rows of families have in common whose denoiser is a transformer: nearly all of them flow-matching."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp

from promptlang.tables.models.encoders import Encoder
from promptlang.tables.models.family import (
    DIFFUSERS,
    SIZES_1024,
    Aspect,
    ClipSkip,
    Family,
    Flow,
    Guides,
    Prediction,
    PromptSide,
    Size,
    Variant,
)


def transformer(
    name: str,
    title: str,
    docs: str,
    read_by: tuple[Encoder, ...],
    *,
    guidance: float,
    steps: int,
    guides: Guides = Guides.CLASSIFIER_FREE,
    below: float = 0.0,
    multiple: int = 16,
    native: int = 1024,
    sizes: Mapping[Aspect, Size] = SIZES_1024,
    sampler: str = "k_euler",
    prediction: Prediction = "flow",
    moving: bool = False,
    rendered: bool = False,
    single_files: bool = False,
    reads: int = 0,
    solvers: tuple[str, ...] = (),
    flow: Flow | None = None,
    changing: tuple[PromptSide, ...] = ("positive", "negative"),
    remixing: tuple[PromptSide, ...] | None = None,
    inpaints: bool = False,
    controlled: bool = False,
    variants: tuple[Variant, ...] = (),
    networks_from: tuple[str, ...] = (),
    source: str = DIFFUSERS,
) -> Family:
    """A transformer without a CLIP layer to choose: the shape of nearly every newer family."""
    return Family(
        name=name,
        title=title,
        docs=docs,
        source=source,
        encoders=read_by,
        clip_skip=ClipSkip.NOT_CLIP,
        clip_skip_default=None,
        final_norm=False,
        native=native,
        sizes=sizes,
        guidance=guidance,
        steps=steps,
        sampler=sampler,
        prediction=prediction,
        guides=guides,
        below=below,
        multiple=multiple,
        moving=moving,
        rendered=rendered,
        single_files=single_files,
        reads=reads,
        solvers=solvers,
        flow=flow,
        changing=changing,
        remixing=remixing,
        inpaints=inpaints,
        controlled=controlled,
        variants=variants,
        networks_from=networks_from,
    )


def distilled(
    name: str, docs: str, steps: int, *, hidden: bool = False, beside: str = "", flow: Flow | None = None
) -> Variant:
    """A variant that needs few steps and reads no guidance."""
    return Variant(
        name=name,
        docs=docs,
        steps=steps,
        guidance=1.0,
        guides=Guides.BUILT_IN,
        hidden=hidden,
        beside=beside,
        flow=flow,
    )


def by_exponent(exponent: float) -> Flow:
    """How ComfyUI lays out the noise of FLUX.1 and its kin, whose owners write the logarithm of the shift."""
    return Flow(exp(exponent), 10_000)
