"""The family of a LoRA, in every layout that trainers write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from promptlang.models.identify import identify

Shapes = Mapping[str, tuple[int, ...]]
Write = Callable[..., Path]

SD = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
XL = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k"


def kohya(path: str, reads: int, writes: int) -> dict[str, tuple[int, ...]]:
    """A layer as kohya's scripts write it."""
    return {f"{path}.lora_down.weight": (8, reads), f"{path}.lora_up.weight": (writes, 8), f"{path}.alpha": ()}


def peft(path: str, reads: int, writes: int) -> dict[str, tuple[int, ...]]:
    """A layer as diffusers and peft write it."""
    return {f"{path}.lora_A.weight": (8, reads), f"{path}.lora_B.weight": (writes, 8)}


CASES: Mapping[str, tuple[str, str, Shapes]] = {
    "kohya sd1": ("sd1", "LoRA", kohya(SD, 768, 320)),
    "kohya sd2": ("sd2", "LoRA", kohya(SD, 1024, 320)),
    "kohya sdxl": ("sdxl", "LoRA", kohya(XL, 2048, 640)),
    "kohya sd1, text only": ("sd1", "LoRA", kohya("lora_te_text_model_encoder_layers_0_self_attn_q_proj", 768, 768)),
    "kohya sd2, text only": ("sd2", "LoRA", kohya("lora_te_text_model_encoder_layers_0_self_attn_q_proj", 1024, 1024)),
    "kohya sdxl, text only": (
        "sdxl",
        "LoRA",
        kohya("lora_te1_text_model_encoder_layers_0_self_attn_q_proj", 768, 768)
        | kohya("lora_te2_text_model_encoder_layers_0_self_attn_q_proj", 1280, 1280),
    ),
    "one numbered encoder could be several families'": (
        "unknown",
        "LoRA",
        kohya("lora_te1_text_model_encoder_layers_0_self_attn_q_proj", 768, 768),
    ),
    "sdxl without cross-attention": (
        "sdxl",
        "LoRA",
        kohya("lora_unet_input_blocks_7_1_transformer_blocks_9_attn1_to_q", 1280, 1280),
    ),
    "peft sd1": ("sd1", "LoRA", peft("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k", 768, 320)),
    "peft sdxl": ("sdxl", "LoRA", peft("unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k", 2048, 640)),
    "old diffusers sd1": (
        "sd1",
        "LoRA",
        {"down_blocks.0.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.down.weight": (4, 768)},
    ),
    "LoHa sd1": (
        "sd1",
        "LoHa",
        {f"{SD}.hada_w1_a": (320, 8), f"{SD}.hada_w1_b": (8, 768), f"{SD}.hada_w2_a": (320, 8)},
    ),
    "LoKr sdxl": ("sdxl", "LoKr", {f"{XL}.lokr_w1": (16, 32), f"{XL}.lokr_w2_a": (40, 8), f"{XL}.lokr_w2_b": (8, 64)}),
    "DoRA sd1": ("sd1", "DoRA", kohya(SD, 768, 320) | {f"{SD}.dora_scale": (320, 1)}),
    "kohya flux": ("flux", "LoRA", kohya("lora_unet_double_blocks_0_img_attn_qkv", 3072, 9216)),
    "kohya flux with its CLIP": (
        "flux",
        "LoRA",
        kohya("lora_unet_single_blocks_3_linear1", 3072, 21504)
        | kohya("lora_te1_text_model_encoder_layers_0_self_attn_q_proj", 768, 768),
    ),
    "peft flux": ("flux", "LoRA", peft("transformer.single_transformer_blocks.0.attn.to_k", 3072, 3072)),
    "XLabs flux": (
        "flux",
        "LoRA",
        {
            f"double_blocks.0.processor.{layer}.{side}.weight": shape
            for layer in ("proj_lora1", "proj_lora2", "qkv_lora1")
            for side, shape in (("down", (16, 3072)), ("up", (3072, 16)))
        },
    ),
    "flux2": ("flux2", "LoRA", kohya("lora_unet_double_blocks_0_img_attn_qkv", 6144, 18432)),
    "a smaller flux2": ("flux2", "LoRA", kohya("lora_unet_single_blocks_0_linear1", 3072, 27648)),
    "sd3": ("sd3", "LoRA", kohya("lora_unet_joint_blocks_0_context_block_attn_qkv", 1536, 4608)),
    "peft sd3": ("sd3", "LoRA", peft("transformer.transformer_blocks.0.attn.add_k_proj", 1536, 1536)),
    "auraflow": ("auraflow", "LoRA", peft("transformer.joint_transformer_blocks.0.attn.add_k_proj", 3072, 3072)),
    "hidream": ("hidream", "LoRA", peft("transformer.double_stream_blocks.0.block.attn1.to_k", 2560, 2560)),
    "qwen-image": ("qwen-image", "LoRA", kohya("lora_unet_transformer_blocks_0_img_mlp_net_0_proj", 3072, 12288)),
    "qwen-image, attention only": (
        "qwen-image",
        "LoRA",
        peft("transformer.transformer_blocks.40.attn.add_k_proj", 3072, 3072),
    ),
    "z-image": ("z-image", "LoRA", peft("diffusion_model.layers.0.attention.to_q", 3840, 3840)),
    "lumina2": ("lumina2", "LoRA", peft("transformer.layers.0.attn.to_q", 2304, 2304)),
    "sana": ("sana", "LoRA", peft("transformer.transformer_blocks.0.attn2.to_k", 2240, 2240)),
    "pixart": (
        "pixart",
        "LoRA",
        peft("transformer.transformer_blocks.0.attn2.to_k", 1152, 1152)
        | peft("transformer.transformer_blocks.0.ff.net.0.proj", 1152, 4608),
    ),
    "pixart or a small sana": ("unknown", "LoRA", peft("transformer.transformer_blocks.0.attn2.to_k", 1152, 1152)),
    "a UNet of an unpublished width": ("unknown", "LoRA", kohya(SD, 64, 72)),
    "Wan": ("wan", "LoRA", kohya("lora_unet_blocks_0_cross_attn_k", 5120, 5120)),
    "LTX": ("ltx", "LoRA", peft("transformer.transformer_blocks.0.attn2.to_k", 2048, 2048)),
    "sd3, its attention alone": ("sd3", "LoRA", peft("transformer.transformer_blocks.37.attn.to_q", 2432, 2432)),
    "krea2 in its own names": ("krea2", "LoRA", peft("diffusion_model.blocks.27.attn.wq", 6144, 6144)),
    "musubi qwen-image": ("qwen-image", "LoRA", kohya("lora_unet_transformer_blocks_59_attn_to_q", 3072, 3072)),
    "OneTrainer flux": ("flux", "LoRA", kohya("lora_transformer_single_transformer_blocks_0_attn_to_q", 3072, 3072)),
    "ComfyUI flux": ("flux", "LoRA", peft("diffusion_model.double_blocks.0.img_attn.qkv", 3072, 9216)),
    "ComfyUI lumina2": ("lumina2", "LoRA", peft("diffusion_model.layers.0.attention.qkv", 2304, 3840)),
    "ComfyUI z-image": ("z-image", "LoRA", peft("diffusion_model.layers.0.attention.qkv", 3840, 11520)),
    "ComfyUI Wan": ("wan", "LoRA", peft("diffusion_model.blocks.0.self_attn.q", 5120, 5120)),
    "ComfyUI HunyuanVideo": (
        "hunyuan-video",
        "LoRA",
        kohya("lora_unet_double_blocks_19_img_attn_qkv", 3072, 9216)
        | kohya("lora_unet_single_blocks_39_linear1", 3072, 21504),
    ),
    "ComfyUI MiniMax H3": ("minimax-h3", "LoRA", peft("diffusion_model.blocks.0.attn.qkv_proj", 5376, 21504)),
    "ComfyUI FLUX.3": ("flux3", "LoRA", peft("diffusion_model.content_mode_blocks.image.0.q_proj", 3072, 3072)),
    "Anima": (
        "anima",
        "LoRA",
        peft("diffusion_model.llm_adapter.blocks.0.cross_attn.q_proj", 1024, 1024)
        | peft("diffusion_model.blocks.0.self_attn.q_proj", 2048, 2048),
    ),
    "Anima or Cosmos": ("unknown", "LoRA", peft("diffusion_model.blocks.0.self_attn.q_proj", 2048, 2048)),
    "LoKr flux2": (
        "flux2",
        "LoKr",
        {
            "diffusion_model.double_blocks.0.img_attn.qkv.lokr_w1": (64, 64),
            "diffusion_model.double_blocks.0.img_attn.qkv.lokr_w2": (288, 96),
        },
    ),
    "LoHa qwen-image": (
        "qwen-image",
        "LoHa",
        {
            "lycoris_transformer_blocks_0_img_mlp_net_0_proj.hada_w1_a": (12288, 4),
            "lycoris_transformer_blocks_0_img_mlp_net_0_proj.hada_w1_b": (4, 3072),
        },
    ),
    "DoRA z-image": (
        "z-image",
        "DoRA",
        peft("diffusion_model.layers.0.attention.to_q", 3840, 3840)
        | {"diffusion_model.layers.0.attention.to_q.lora_magnitude_vector": (3840,)},
    ),
    "a language model": ("unknown", "LoRA", peft("base_model.model.model.layers.0.self_attn.q_proj", 4096, 4096)),
}


@pytest.mark.parametrize(("family", "method", "shapes"), CASES.values(), ids=CASES.keys())
def test_layouts(write: Write, family: str, method: str, shapes: Shapes) -> None:
    found = identify(write(shapes))
    assert (found.kind, found.family, found.variant) == ("lora", family, method)
    assert found.evidence


@pytest.mark.parametrize(
    ("metadata", "family"),
    [
        ({"ss_base_model_version": "sd_v1"}, "sd1"),
        ({"ss_base_model_version": "sdxl_base_v1-0"}, "sdxl"),
        ({"ss_base_model_version": "sd_v2_v"}, "sd2"),
        ({"ss_v2": "True"}, "sd2"),
        ({"modelspec.architecture": "stable-diffusion-v1/lora"}, "sd1"),
        ({"modelspec.architecture": "stable-diffusion-v2-768-v/lora"}, "sd2"),
        ({"modelspec.architecture": "stable-diffusion-3-medium/lora"}, "sd3"),
        ({"modelspec.architecture": "flux-1-dev/lora"}, "flux"),
        ({"modelspec.architecture": "something-new/lora"}, "unknown"),
    ],
)
def test_metadata_names_the_base_of_a_network_without_telling_keys(
    write: Write, metadata: Mapping[str, str], family: str
) -> None:
    found = identify(write(kohya(SD, 64, 72), metadata=metadata))
    assert found.family == family


def test_metadata_tells_apart_what_keys_cannot(write: Write) -> None:
    shapes = kohya("lora_unet_double_blocks_0_img_attn_qkv", 3072, 9216)
    found = identify(write(shapes, metadata={"modelspec.architecture": "chroma/lora"}))
    assert found.family == "chroma"
    assert not any("contradict" in sentence for sentence in found.evidence)


def test_a_network_says_nothing_of_prediction_unless_its_metadata_does(write: Write) -> None:
    assert identify(write(kohya(SD, 768, 320))).prediction == "unknown"
