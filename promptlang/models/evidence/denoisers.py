"""Which family a denoiser belongs to, by keys that only that family has and by the width of the text it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from promptlang.models.evidence.header import Header, Tensor
from promptlang.models.evidence.identity import Claim, shaped
from promptlang.models.evidence.records import quoted
from promptlang.models.evidence.signatures import SIGNATURES
from promptlang.models.evidence.widths import CROSS_WIDTHS
from promptlang.sentences import listed
from promptlang.tables.models.families import family
from promptlang.tables.models.family import INPAINTING
from promptlang.values import dataclass

CONTROL = "control_model."
"""How the names of a ControlNet's tensors begin as they were first published."""
PREFIXES = ("model.diffusion_model.", CONTROL, "diffusion_model.", "unet.", "transformer.", "net.", "")
DENOISER_BEGINS = tuple(each for each in PREFIXES if each not in ("", CONTROL))
"""How the names of a denoiser's tensors may begin in a file of its own."""

TEXT_KEYS = (".attn2.to_k.weight", ".attn2.to_k.down")  # the latter: of a control network kept as differences
FIRST_CONVOLUTIONS = ("input_blocks.0.0.weight", "conv_in.weight")
POOLED_KEYS = ("label_emb.0.0.weight", "add_embedding.linear_1.weight")
POOLED_WIDTHS: Mapping[int, str] = {2816: "sdxl", 2560: "sdxl-refiner"}
UNPOOLED = frozenset({"sd1", "sd2"})
"""Families whose UNet takes nothing beside the text; that of unCLIP takes what CLIP says of a picture."""
INPUTS: Mapping[int, str] = {9: INPAINTING, 8: "pix2pix", 7: "upscaler", 5: "depth"}
FOREIGN_PARTS = (
    (".time_stack.", "Stable Video Diffusion"),
    ("temporal_transformer_blocks", "Stable Video Diffusion"),
    ("motion_modules", "AnimateDiff"),
    ("temp_attentions", "a text-to-video UNet"),
    ("cc_projection", "Zero123"),
)


@dataclass(frozen=True, slots=True)
class Denoiser:
    """The tensors of a denoiser by their names without the prefix, and that prefix."""

    prefix: str
    tensors: Mapping[str, Tensor]

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor; empty where there is none of that name."""
        found = self.tensors.get(name)
        return found.shape if found else ()

    def named(self, name: str) -> str:
        """The full key with its shape, as evidence quotes it."""
        return f"{quoted(self.prefix + name)} ({shaped(self.shape(name))})"


def denoiser_claim(header: Header) -> Claim | None:
    """The family of the denoiser in a file; None where there is no denoiser, `unknown` where it fits no row."""
    for prefix in PREFIXES:
        denoiser = _under(header, prefix)
        if denoiser and (claim := _by_signature(denoiser) or _by_unet(denoiser)):
            return claim
    return None


def _under(header: Header, prefix: str) -> Denoiser | None:
    if not prefix:
        return Denoiser(prefix, header.tensors)
    length = len(prefix)
    inside = {name[length:]: each for name, each in header.tensors.items() if name.startswith(prefix)}
    return Denoiser(prefix, inside) if inside else None


def _by_signature(denoiser: Denoiser) -> Claim | None:
    for row in SIGNATURES:
        if all(key in denoiser.tensors for key in row.keys):
            keys = listed(map(denoiser.named, row.keys))
            belong = "belongs" if len(row.keys) == 1 else "belong"
            if row.foreign:
                return Claim("unknown", (f"{keys} {belong} to {row.foreign}, which promptlang does not know",))
            sentence = f"{keys} {belong} to {family(row.family).title}"
            claim = Claim(row.family, (sentence,), prediction=family(row.family).prediction)
            return VARIANTS.get(row.family, _as_it_is)(denoiser, claim)
    return None


FLUX_INPUTS: Mapping[int, str] = {384: "fill", 128: "control"}
FLUX_GUIDANCE = (
    "guidance_in.in_layer.bias",
    "guidance_in.in_layer.weight",
    "time_text_embed.guidance_embedder.linear_1.weight",
)
FLUX_TEXT = ("txt_in.weight", "context_embedder.weight")
FLUX_POOLED = ("vector_in.in_layer.weight", "time_text_embed.text_embedder.linear_1.weight")
FLUX_TEXT_WIDTHS: Mapping[int, str] = {3584: "longcat-image"}  # of relatives that read no summary of the text


def _flux_variant(denoiser: Denoiser, claim: Claim) -> Claim:
    """The model of the family; none of it where text is read without a summary of it, as only relatives do."""
    for key in FLUX_TEXT:
        shape = denoiser.shape(key)
        if len(shape) == 2 and shape[1] > 1 and not denoiser.tensors.keys() & {*FLUX_POOLED}:
            named = FLUX_TEXT_WIDTHS.get(shape[1], "unknown")
            relative = f", as in {family(named).title}" if named != "unknown" else ""
            sentence = (
                f"{denoiser.named(key)} reads text of width {shape[1]}{relative}, and no summary of it as FLUX.1 does"
            )
            return Claim(named, (sentence,), prediction=family(named).prediction)
    for key in ("img_in.weight", "x_embedder.weight"):
        shape = denoiser.shape(key)
        if len(shape) == 2 and shape[1] in FLUX_INPUTS:
            return _plus(claim, FLUX_INPUTS[shape[1]], f"{denoiser.named(key)} takes a picture besides the noise")
    for key in FLUX_GUIDANCE:
        if key in denoiser.tensors:
            return _plus(claim, "dev", f"{denoiser.named(key)} takes guidance as an input, as the dev model does")
    return _plus(claim, "schnell", "it has no input for guidance, as the schnell model")


FLUX2_WIDTHS: Mapping[int, str] = {6144: "dev", 4096: "klein 9B", 3072: "klein 4B"}
FLUX2_MODULATION = ("single_stream_modulation.lin.weight", "single_stream_modulation.linear.weight")


def _flux2_variant(denoiser: Denoiser, claim: Claim) -> Claim:
    for key in FLUX2_MODULATION:
        shape = denoiser.shape(key)
        if len(shape) == 2 and (variant := FLUX2_WIDTHS.get(shape[1])):
            return _plus(claim, variant, f"{denoiser.named(key)} is {shape[1]} wide, as {variant}")
    return claim


# Variants that one key gives away.
MARKED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "flux3": (
        ("ref_time_in.in_layer.weight", "distilled"),
        ("target_timestep_embedder.linear_1.weight", "distilled"),
    ),
    "chroma": (("nerf_blocks.0.norm.scale", "radiance"), ("nerf_blocks.0.norm.weight", "radiance")),
    "qwen-image": (
        ("__index_timestep_zero__", "edit"),
        ("time_text_embed.addition_t_embedding.weight", "layered"),
    ),
    "sana": (
        ("cfg_embedder.mlp.0.weight", "sprint"),
        ("time_embed.guidance_embedder.linear_1.weight", "sprint"),
    ),
}


def _marked_variant(denoiser: Denoiser, claim: Claim) -> Claim:
    for key, variant in MARKED[claim.family]:
        if key in denoiser.tensors:
            return _plus(claim, variant, f"{denoiser.named(key)} is there in the {variant} model only")
    return claim


SD3_POSITIONS: Mapping[int, str] = {36864: "3.0 medium", 147456: "3.5 medium"}


def _sd3_variant(denoiser: Denoiser, claim: Claim) -> Claim:
    if any(
        key in denoiser.tensors
        for key in ("joint_blocks.37.x_block.mlp.fc1.weight", "transformer_blocks.37.attn.to_q.weight")
    ):
        return _plus(claim, "3.5 large", "it has 38 blocks")
    for key in ("pos_embed", "pos_embed.pos_embed"):
        *_, positions, _ = (0, 0, *denoiser.shape(key))  # GGUF drops the side of 1 before them
        if positions in SD3_POSITIONS:
            return _plus(claim, SD3_POSITIONS[positions], f"{denoiser.named(key)} has {positions:,} positions")
    return claim


def _as_it_is(denoiser: Denoiser, claim: Claim) -> Claim:
    return claim


# Models of others in the layout of a family, told by how much one of its tensors writes.
LOOKALIKES: Mapping[str, tuple[str, int, str]] = {
    "pixart": ("adaln_single.linear.weight", 13824, "Allegro"),
    "cogview4": ("patch_embed.text_proj.weight", 2560, "CogView3-Plus"),
    "qwen-image": ("txt_norm.weight", 2560, "Mage-Flow"),
}


def _lookalike(denoiser: Denoiser, claim: Claim) -> Claim:
    key, width, title = LOOKALIKES[claim.family]
    if denoiser.shape(key)[:1] != (width,):
        return _marked_variant(denoiser, claim) if claim.family in MARKED else claim
    return Claim("unknown", (f"{denoiser.named(key)} is as wide as in {title}, which promptlang does not know",))


Z_IMAGE_INPUTS = {"x_embedder.weight", "all_x_embedder.2-1.weight"}


def _z_image(denoiser: Denoiser, claim: Claim) -> Claim:
    """A whole file without what fills texts up is of Ming-Image, which has the layers of Z-Image."""
    if not denoiser.tensors.keys() & Z_IMAGE_INPUTS or "cap_pad_token" in denoiser.tensors:
        return claim
    sentence = "it has the layers of Z-Image without its `cap_pad_token`, as Ming-Image, which promptlang does not know"
    return Claim("unknown", (sentence,))


# Families that say in their shapes which of their models a file is.
VARIANTS: Mapping[str, Callable[[Denoiser, Claim], Claim]] = {
    "flux": _flux_variant,
    "flux2": _flux2_variant,
    "sd3": _sd3_variant,
    "z-image": _z_image,
    **dict.fromkeys(MARKED, _marked_variant),
    **dict.fromkeys(LOOKALIKES, _lookalike),
}


def _plus(claim: Claim, variant: str, sentence: str) -> Claim:
    return Claim(claim.family, (*claim.evidence, sentence), variant, claim.prediction)


def _by_unet(denoiser: Denoiser) -> Claim | None:
    """The family of a UNet, by the text width of its cross-attention or, where that is packed, by its pooled input."""
    first = next((key for key in FIRST_CONVOLUTIONS if len(denoiser.shape(key)) == 4), None)
    text_key, width = _cross_attention(denoiser)
    pooled = next((key for key in POOLED_KEYS if len(denoiser.shape(key)) == 2), None)
    if first is None or not (text_key or pooled):
        return None
    if foreign := _foreign_part(denoiser.tensors):
        return Claim("unknown", (f"its keys belong to {foreign}, which promptlang does not know",))
    pooled_family = POOLED_WIDTHS.get(denoiser.shape(pooled)[1]) if pooled else None
    named = CROSS_WIDTHS.get(width) if text_key else pooled_family
    if named is None:
        key = denoiser.named(text_key or str(pooled))
        return Claim("unknown", (f"{key} reads text of a width that no family has",))
    if pooled and named in UNPOOLED:
        sentence = (
            f"{denoiser.named(pooled)} takes more than text, as Stable Diffusion unCLIP, which promptlang does not know"
        )
        return Claim("unknown", (sentence,))
    evidence: list[str] = []
    if text_key:
        evidence.append(f"{denoiser.named(text_key)} reads text of width {width}, as in {family(named).title}")
    if pooled and pooled_family == named:
        evidence.append(f"{denoiser.named(pooled)} takes pooled text and sizes, as in {family(named).title}")
    inputs = denoiser.shape(first)[1]
    variant = INPUTS.get(inputs, "")
    if variant:
        evidence.append(f"{denoiser.named(first)} takes {inputs} channels: {variant}")
    return Claim(named, tuple(evidence), variant)


def _cross_attention(denoiser: Denoiser) -> tuple[str, int]:
    """The first key of cross-attention and the width of the text it reads; packed weights hide it and are skipped."""
    for name, tensor in denoiser.tensors.items():
        if name.endswith(TEXT_KEYS) and len(tensor.shape) == 2 and tensor.shape[1] > 1:
            return name, tensor.shape[1]
    return "", 0


def _foreign_part(names: Iterable[str]) -> str:
    for name in names:
        for part, title in FOREIGN_PARTS:
            if part in name:
                return title
    return ""
