"""Model files made of shapes alone: a real header and, behind it, a hole of the right size instead of tensors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path

import pytest

from promptlang.models.evidence.header import BITS

Shapes = Mapping[str, tuple[int, ...]]
Write = Callable[..., Path]


def header_of(shapes: Shapes, metadata: Mapping[str, str] | None = None, dtype: str = "F16") -> tuple[bytes, int]:
    """A header in JSON and the number of bytes its tensors take."""
    record: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    at = 0
    for name, shape in shapes.items():
        end = at + prod(shape) * BITS[dtype] // 8
        record[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, end]}
        at = end
    return json.dumps(record).encode(), at


def write_model(path: Path, shapes: Shapes, metadata: Mapping[str, str] | None = None, dtype: str = "F16") -> Path:
    """A model file made of shapes; the tensors are a hole in it and take no room on disk."""
    header, room = header_of(shapes, metadata, dtype)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + room)
    return path


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write `name.safetensors` from shapes."""

    def written(
        shapes: Shapes, name: str = "model", metadata: Mapping[str, str] | None = None, dtype: str = "F16"
    ) -> Path:
        return write_model(tmp_path / f"{name}.safetensors", shapes, metadata, dtype)

    return written


def _layers(pattern: str, count: int, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {pattern.format(number): shape for number in range(count)}


CLIP = "text_model.encoder.layers.{}.layer_norm1.weight"
VAE = {"first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3)}
SD1_CLIP = _layers(f"cond_stage_model.transformer.{CLIP}", 12, (768,))
SD2_CLIP = _layers("cond_stage_model.model.transformer.resblocks.{}.ln_1.weight", 24, (1024,))
XL_CLIPS = {
    **_layers(f"conditioner.embedders.0.transformer.{CLIP}", 12, (768,)),
    **_layers("conditioner.embedders.1.model.transformer.resblocks.{}.ln_1.weight", 32, (1280,)),
}
UNET = "model.diffusion_model."


def _unet(width: int, block: int, inputs: int = 4, channels: int = 320) -> dict[str, tuple[int, ...]]:
    return {
        f"{UNET}input_blocks.0.0.weight": (channels, inputs, 3, 3),
        f"{UNET}input_blocks.{block}.1.transformer_blocks.0.attn2.to_k.weight": (channels, width),
    }


POOLED = f"{UNET}label_emb.0.0.weight"
CHECKPOINTS: Mapping[str, tuple[str, Shapes]] = {
    "sd1": ("sd1", {**_unet(768, 1), **VAE, **SD1_CLIP}),
    "sd1 inpaint": ("sd1", {**_unet(768, 1, inputs=9), **VAE, **SD1_CLIP}),
    "sd1 pix2pix": ("sd1", {**_unet(768, 1, inputs=8), **VAE, **SD1_CLIP}),
    "sd2": ("sd2", {**_unet(1024, 2), **VAE, **SD2_CLIP}),
    "sdxl": ("sdxl", {**_unet(2048, 4), POOLED: (1280, 2816), **VAE, **XL_CLIPS}),
    "sdxl v-prediction": ("sdxl", {**_unet(2048, 4), **VAE, **XL_CLIPS, "v_pred": (0,), "ztsnr": (0,)}),
    "sdxl edm": ("sdxl", {**_unet(2048, 4), **VAE, "edm_mean": (4,), "edm_std": (4,)}),
    "refiner": (
        "sdxl-refiner",
        {
            **_unet(1280, 4, channels=384),
            POOLED: (1536, 2560),
            **VAE,
            **_layers("conditioner.embedders.0.model.transformer.resblocks.{}.ln_1.weight", 32, (1280,)),
        },
    ),
    "sd3 medium": (
        "sd3",
        {
            f"{UNET}joint_blocks.0.context_block.adaLN_modulation.1.bias": (9216,),
            f"{UNET}pos_embed": (1, 36864, 1536),
            "first_stage_model.decoder.conv_in.weight": (512, 16, 3, 3),
            **_layers("text_encoders.clip_l.transformer.text_model.encoder.layers.{}.layer_norm1.weight", 12, (768,)),
            **_layers("text_encoders.clip_g.transformer.text_model.encoder.layers.{}.layer_norm1.weight", 32, (1280,)),
            **_layers("text_encoders.t5xxl.transformer.encoder.block.{}.layer.0.layer_norm.weight", 24, (4096,)),
        },
    ),
}

DENOISERS: Mapping[str, tuple[str, Shapes]] = {
    "flux dev": (
        "flux",
        {
            "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
            "guidance_in.in_layer.bias": (3072,),
            "img_in.weight": (3072, 64),
        },
    ),
    "flux schnell": ("flux", {"double_blocks.0.img_attn.norm.key_norm.scale": (128,), "img_in.weight": (3072, 64)}),
    "flux fill": ("flux", {"double_blocks.0.img_attn.norm.key_norm.scale": (128,), "img_in.weight": (3072, 384)}),
    "flux2": (
        "flux2",
        {"single_stream_modulation.lin.weight": (18432, 6144), "double_blocks.0.img_attn.norm.key_norm.scale": (128,)},
    ),
    "chroma": (
        "chroma",
        {
            "distilled_guidance_layer.in_proj.bias": (5120,),
            "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
        },
    ),
    "z-image": ("z-image", {"layers.0.adaLN_modulation.0.weight": (15360, 256), "cap_embedder.0.weight": (2560,)}),
    "lumina2": ("lumina2", {"cap_embedder.0.weight": (2304,), "layers.0.adaLN_modulation.1.weight": (9216, 1024)}),
    "auraflow": ("auraflow", {"double_layers.0.attn.w1q.weight": (3072, 3072)}),
    "hidream": ("hidream", {"double_stream_blocks.0.block.adaLN_modulation.1.bias": (30720,)}),
    "sana": ("sana", {"blocks.0.cross_attn.q_linear.weight": (2240, 2240)}),
    "pixart": (
        "pixart",
        {"blocks.0.cross_attn.q_linear.weight": (1152, 1152), "blocks.0.mlp.fc1.weight": (4608, 1152)},
    ),
    "qwen-image": (
        "qwen-image",
        {"txt_norm.weight": (3584,), "transformer_blocks.0.img_mlp.net.0.proj.weight": (12288, 3072)},
    ),
    "kolors": (
        "kolors",
        {
            "conv_in.weight": (320, 4, 3, 3),
            "encoder_hid_proj.weight": (2048, 4096),
            "add_embedding.linear_1.weight": (1280, 5632),
            "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
        },
    ),
    "hunyuan-dit": ("hunyuan-dit", {"text_embedding_padding": (333, 1024), "blocks.0.attn2.to_k.weight": (1408, 1024)}),
    "sd1 in diffusers' layout": (
        "sd1",
        {
            "conv_in.weight": (320, 4, 3, 3),
            "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight": (320, 768),
        },
    ),
    "sdxl in diffusers' layout": (
        "sdxl",
        {
            "conv_in.weight": (320, 4, 3, 3),
            "add_embedding.linear_1.weight": (1280, 2816),
            "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
        },
    ),
}

UNKNOWN: Mapping[str, Shapes] = {
    "nothing at all": {},
    "one odd tensor": {"weight": (768,)},
    "a classifier": {"layer1.0.conv1.weight": (64, 64, 3, 3), "fc.weight": (1000, 768)},
    "a UNet of an unpublished width": {**_unet(64, 1), **VAE},
    "a video model in a UNet's clothes": {
        **_unet(1024, 1, inputs=8),
        f"{UNET}input_blocks.1.1.time_stack.0.weight": (320,),
    },
    "Stable Cascade": {"clip_txt_mapper.weight": (2048, 1280)},
    "a language model": {"model.layers.0.input_layernorm.weight": (4096,), "lm_head.weight": (32000, 4096)},
}


@pytest.fixture(params=CHECKPOINTS.values(), ids=CHECKPOINTS.keys())
def checkpoint(request: pytest.FixtureRequest) -> tuple[str, Shapes]:
    """A single-file model, and its family."""
    return request.param


@pytest.fixture(params=DENOISERS.values(), ids=DENOISERS.keys())
def denoiser(request: pytest.FixtureRequest) -> tuple[str, Shapes]:
    """A denoiser without encoders, and its family."""
    return request.param


@pytest.fixture(params=UNKNOWN.values(), ids=UNKNOWN.keys())
def stranger(request: pytest.FixtureRequest) -> Shapes:
    """A file that no family owns."""
    return request.param


@pytest.fixture
def checkpoints() -> Mapping[str, tuple[str, Shapes]]:
    """The single-file models by name, with their families."""
    return CHECKPOINTS
