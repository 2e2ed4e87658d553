"""The smaller files: textual inversions, autoencoders, text encoders, control networks, adapters, upscalers."""

from __future__ import annotations

from collections.abc import Mapping

from promptlang.models.evidence.header import Header
from promptlang.models.evidence.identity import Claim, Kind, shaped
from promptlang.models.evidence.records import quoted
from promptlang.models.evidence.text_encoders import FoundEncoder, encoder_name, text_encoders, users_of
from promptlang.models.evidence.widths import CROSS_WIDTHS, TEXT_WIDTHS
from promptlang.sentences import listed
from promptlang.tables.models.encoders import EncoderKind
from promptlang.tables.models.families import family

INVERSION_KEYS = ("emb_params", "string_to_param.*")
PAIR = ("clip_l", "clip_g")


def _named(header: Header, key: str) -> str:
    return f"{quoted(key)} ({shaped(header.shape(key))})"


def inversion_claim(header: Header) -> Claim | None:
    """The family of a textual inversion: one vector for each token, as wide as the encoder it is for."""
    names = set(header.tensors)
    if "clip_g" in names and names <= {*PAIR, "t5xxl"}:
        return _paired(header)
    if len(names) != 1:
        return None
    (key,) = names
    shape = header.shape(key)
    if not (key in INVERSION_KEYS or key == "clip_l" or (key.startswith("<") and key.endswith(">"))):
        return None
    if len(shape) not in (1, 2) or not shape[-1]:
        return None
    width = shape[-1]
    if key == "clip_l":
        users = ", ".join(users_of(encoder_name(EncoderKind.CLIP, width, 12)))
        return Claim(
            "unknown", (f"{_named(header, key)} is for CLIP ViT-L alone, which several families use: {users}",)
        )
    named = TEXT_WIDTHS.get(width)
    if named is None:
        return Claim(
            "unknown", (f"{_named(header, key)} is {width} wide, which no published text encoder of one family is",)
        )
    return Claim(named, (f"{_named(header, key)} is {width} wide, as the text encoder of {family(named).title}",))


def inversion_vectors(header: Header) -> int:
    """How many vectors a textual inversion has: one for each id that its word stands for."""
    shape = header.shape(next(iter(header.tensors)))
    return shape[0] if len(shape) == 2 else 1


def _paired(header: Header) -> Claim | None:
    if len(header.shape("clip_g")) not in (1, 2) or header.shape("clip_g")[-1] != 1280:
        return None
    if "clip_l" not in header.tensors:
        return Claim("unknown", (f"{_named(header, 'clip_g')} is for OpenCLIP bigG alone, which several families use",))
    if header.shape("clip_l")[-1:] != (768,):
        return None
    named = "sd3" if "t5xxl" in header.tensors else "sdxl"
    vectors = listed(_named(header, key) for key in PAIR)
    return Claim(named, (f"{vectors} serve the two CLIP encoders of {family(named).title}",))


CONTROL_KEYS = (
    "control_model.input_hint_block.0.weight",
    "control_model.time_embed.0.weight",
    "input_hint_block.0.weight",
    "controlnet_cond_embedding.conv_in.weight",
    "controlnet_down_blocks.0.weight",
    "controlnet_blocks.0.weight",
    "controlnet_blocks.0.linear.weight",
    "control_blocks.0.before_proj.weight",
    "after_proj_list.18.bias",
    "controlnet_x_embedder.weight",
    "controlnet_blocks.0.y_rms.weight",
    "control_all_x_embedder.2-1.weight",
    "lora_controlnet",
)
ADAPTER_BEGINNINGS = (
    *("ip_adapter.", "ip_adapter_proj_model.", "image_proj.", "redux_up."),
    *("adapter.body.", "adapter.conv_in.", "body.0.in_conv", "body.0.block1."),
)
# What only the adapters of one family have: the end of a key, the width that it reads, and the family.
ADAPTER_SIGNS: tuple[tuple[str, int, str], ...] = (
    *((".to_k_ip.weight", width, named) for width, named in CROSS_WIDTHS.items()),
    (".ip_adapter_double_stream_k_proj.weight", 4096, "flux"),
    ("redux_up.weight", 1152, "flux"),
    ("body.0.in_conv.weight", 192, "sd1"),
    ("conv_in.weight", 192, "sd1"),  # a picture of three channels, each square of 8 × 8 pixels a channel of its own
    ("conv_in.weight", 64, "sd1"),  # the same of one channel, for edges and sketches
    ("conv_in.weight", 768, "sdxl"),  # 16 × 16 pixels
    ("conv_in.weight", 256, "sdxl"),
)
UPSCALER_KEYS = ("conv_first.weight", "model.0.weight")
MOTION = ".motion_modules.0."


def control_key(header: Header) -> str:
    """The key that proves a control network; empty where there is none."""
    return next((key for key in CONTROL_KEYS if key in header.tensors), "")


def adapter_claim(header: Header) -> Claim | None:
    """The family of an image adapter, by the width of the text or the picture it reads."""
    key = next((name for name in header.tensors if name.startswith(ADAPTER_BEGINNINGS)), "")
    if not key:
        moving = next((name for name in header.tensors if MOTION in name), "")
        return Claim("unknown", (f"{_named(header, moving)} belongs to AnimateDiff",)) if moving else None
    for end, width, named in ADAPTER_SIGNS:
        for name in header.tensors:
            if name.endswith(end) and header.shape(name)[1:2] == (width,):
                reads = f"reads {width} numbers at once, as image adapters of {family(named).title} do"
                return Claim(named, (f"{_named(header, name)} {reads}",))
    return Claim("unknown", (f"{_named(header, key)} belongs to an image adapter; its family does not show",))


# Families whose autoencoders have the same shapes, by latent channels and by the sides of a convolution's tensor:
# five where it was made for videos.
LATENT_USERS: Mapping[tuple[int, int], tuple[str, ...]] = {
    (4, 4): ("sd1", "sd2", "sdxl", "sdxl-refiner", "kolors", "pixart", "auraflow", "hunyuan-dit"),
    (16, 4): (
        *("sd3", "flux", "chroma", "lumina2", "z-image", "hidream"),
        *("longcat-image", "ovis-image", "cogview4"),
    ),
    (32, 4): ("flux2", "sana"),
    (64, 4): ("qwen-image-2.1", "hunyuan-image"),
    (12, 5): ("mochi",),
    (16, 5): ("qwen-image", "krea2", "anima", "wan", "kandinsky5", "hunyuan-video"),
    (128, 5): ("ltx", "ltx2"),
}
VAES = ("first_stage_model.", "vae.")
"""How the names of a VAE's tensors begin where others lie beside them."""
FIRST_CONVOLUTIONS = ("decoder.conv_in.weight", "decoder.conv_in.conv.weight", "decoder.conv1.weight")


def vae_claim(header: Header) -> Claim | None:
    """That a file is an autoencoder; families share them, so the header alone cannot tell what it was made for."""
    key = vae_key(header)
    if not key:
        return None
    shape = header.shape(key)
    users = LATENT_USERS.get((shape[1], len(shape)), ())
    named = ", ".join(users) or "no family that promptlang knows"
    sentence = f"{_named(header, key)} decodes {shape[1]} latent channels, as for {named}"
    return Claim("unknown", (sentence,), alike=users)


def vae_key(header: Header) -> str:
    """The first convolution of a decoder; empty where the file has none."""
    keys = (prefix + each for prefix in (*VAES, "") for each in FIRST_CONVOLUTIONS)
    return next((key for key in keys if len(header.shape(key)) in (4, 5)), "")


def encoder_claim(found: tuple[FoundEncoder, ...]) -> Claim:
    """What files of text encoders alone say: which families use them."""
    sentences = tuple(
        f"{each.name} with {each.layers} layers, used by {', '.join(users_of(each.name)) or 'no family in the table'}"
        for each in found
    )
    return Claim("unknown", sentences)


def is_upscaler(header: Header) -> bool:
    """Whether a file is a picture upscaler of the ESRGAN kind."""
    return any(len(header.shape(key)) == 4 for key in UPSCALER_KEYS) and any(
        "RDB" in key or "rdb" in key for key in header.tensors
    )


def part(header: Header) -> tuple[Kind, Claim] | None:
    """The kind of a small file and what speaks for it; None where it is none of them."""
    if claim := inversion_claim(header):
        return "inversion", claim
    if claim := adapter_claim(header):
        return "adapter", claim
    if claim := vae_claim(header):
        return "vae", claim
    if found := text_encoders(header):
        return "text-encoder", encoder_claim(found)
    if is_upscaler(header):
        return "upscaler", Claim("unknown", ("its keys are those of a picture upscaler",))
    return None
