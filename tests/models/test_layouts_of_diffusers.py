"""What diffusers itself would save: every class of denoiser at its published widths is told by all of its keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from promptlang.models.identify import identify

Write = Callable[..., Path]

SD_BLOCKS: Mapping[str, object] = {"block_out_channels": (320, 640), "layers_per_block": 1}
UNET_BLOCKS: Mapping[str, object] = {
    **SD_BLOCKS,
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
}
XL: Mapping[str, object] = {
    "cross_attention_dim": 2048,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
HINTED: Mapping[str, object] = {**SD_BLOCKS, "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D")}

# The class, what of its configuration is not what it takes by itself, and what it is.
ROWS: tuple[tuple[str, Mapping[str, object], str], ...] = (
    ("UNet2DConditionModel", {**UNET_BLOCKS, "cross_attention_dim": 768}, "denoiser sd1"),
    ("UNet2DConditionModel", {**UNET_BLOCKS, "cross_attention_dim": 768, "in_channels": 9}, "denoiser sd1 inpaint"),
    ("UNet2DConditionModel", {**UNET_BLOCKS, "cross_attention_dim": 1024}, "denoiser sd2"),
    ("UNet2DConditionModel", {**UNET_BLOCKS, **XL}, "denoiser sdxl"),
    (
        "UNet2DConditionModel",
        {**UNET_BLOCKS, **XL, "cross_attention_dim": 1280, "projection_class_embeddings_input_dim": 2560},
        "denoiser sdxl-refiner",
    ),
    ("SD3Transformer2DModel", {"num_layers": 1, "pos_embed_max_size": 192}, "denoiser sd3 3.0 medium"),
    ("SD3Transformer2DModel", {"num_layers": 1, "pos_embed_max_size": 384}, "denoiser sd3 3.5 medium"),
    ("FluxTransformer2DModel", {"num_layers": 1, "num_single_layers": 1}, "denoiser flux schnell"),
    (
        "FluxTransformer2DModel",
        {"num_layers": 1, "num_single_layers": 1, "guidance_embeds": True, "in_channels": 384},
        "denoiser flux fill",
    ),
    ("Flux2Transformer2DModel", {"num_layers": 1, "num_single_layers": 1}, "denoiser flux2 dev"),
    (
        "Flux2Transformer2DModel",
        {"num_layers": 1, "num_single_layers": 1, "num_attention_heads": 32},
        "denoiser flux2 klein 9B",
    ),
    ("ChromaTransformer2DModel", {"num_layers": 1, "num_single_layers": 1}, "denoiser chroma"),
    ("LongCatImageTransformer2DModel", {"num_layers": 1, "num_single_layers": 1}, "denoiser longcat-image"),
    ("OvisImageTransformer2DModel", {"num_layers": 1, "num_single_layers": 1}, "denoiser ovis-image"),
    ("QwenImageTransformer2DModel", {"num_layers": 1}, "denoiser qwen-image"),
    ("QwenImage21Transformer2DModel", {"num_layers": 1}, "denoiser qwen-image-2.1"),
    ("ZImageTransformer2DModel", {"n_layers": 1}, "denoiser z-image"),
    ("Lumina2Transformer2DModel", {"num_layers": 1}, "denoiser lumina2"),
    ("SanaTransformer2DModel", {"num_layers": 1}, "denoiser sana"),
    ("SanaTransformer2DModel", {"num_layers": 1, "guidance_embeds": True}, "denoiser sana sprint"),
    ("PixArtTransformer2DModel", {"num_layers": 1}, "denoiser pixart"),
    ("AuraFlowTransformer2DModel", {"num_mmdit_layers": 1, "num_single_dit_layers": 1}, "denoiser auraflow"),
    (
        "CogView4Transformer2DModel",
        {"num_layers": 1, "num_attention_heads": 32, "attention_head_dim": 128},
        "denoiser cogview4",
    ),
    ("WanTransformer3DModel", {"num_layers": 1}, "denoiser wan"),
    ("LTXVideoTransformer3DModel", {"num_layers": 1}, "denoiser ltx"),
    ("LTX2VideoTransformer3DModel", {"num_layers": 1}, "denoiser ltx2"),
    ("MochiTransformer3DModel", {"num_layers": 2}, "denoiser mochi"),
    ("CosmosTransformer3DModel", {"num_layers": 1}, "denoiser cosmos"),
    ("HunyuanVideoTransformer3DModel", {"num_layers": 1, "num_single_layers": 1}, "denoiser hunyuan-video"),
    ("HunyuanImageTransformer2DModel", {"num_layers": 1, "num_single_layers": 1}, "denoiser hunyuan-image"),
    ("Kandinsky5Transformer3DModel", {"num_visual_blocks": 1, "num_text_blocks": 1}, "denoiser kandinsky5"),
    ("ControlNetModel", {**HINTED, "cross_attention_dim": 768}, "controlnet sd1"),
    ("ControlNetModel", {**HINTED, **XL}, "controlnet sdxl"),
    ("FluxControlNetModel", {"num_layers": 1, "num_single_layers": 1}, "controlnet flux"),
    ("FluxControlNetModel", {"num_layers": 1, "num_single_layers": 0}, "controlnet flux"),
    ("SD3ControlNetModel", {"num_layers": 1}, "controlnet sd3"),
    ("QwenImageControlNetModel", {"num_layers": 1}, "controlnet qwen-image"),
    ("SanaControlNetModel", {"num_layers": 1}, "controlnet sana"),
    ("T2IAdapter", {"adapter_type": "full_adapter", "downscale_factor": 8}, "adapter sd1"),
    ("T2IAdapter", {"adapter_type": "full_adapter_xl", "downscale_factor": 16}, "adapter sdxl"),
    ("T2IAdapter", {"adapter_type": "light_adapter", "channels": [320, 640]}, "adapter sd1"),
    ("AllegroTransformer3DModel", {"num_layers": 1}, "denoiser unknown"),
    ("BriaFibo2Transformer2DModel", {}, "denoiser unknown"),
    ("BriaTransformer2DModel", {"num_layers": 1, "num_single_layers": 1}, "denoiser unknown"),
    ("CogView3PlusTransformer2DModel", {"num_layers": 1}, "denoiser unknown"),
    ("CogVideoXTransformer3DModel", {"num_layers": 1}, "denoiser unknown"),
    ("HeliosTransformer3DModel", {"num_layers": 1}, "denoiser unknown"),
    ("MotifVideoTransformer3DModel", {"num_layers": 1, "num_single_layers": 1}, "denoiser unknown"),
    ("SanaVideoTransformer3DModel", {"num_layers": 1}, "denoiser unknown"),
    ("StableCascadeUNet", {}, "denoiser unknown"),
    ("UNetSpatioTemporalConditionModel", {}, "denoiser unknown"),
)


@pytest.mark.parametrize(("kind", "config", "ours"), ROWS, ids=[f"{kind} {ours}" for kind, _, ours in ROWS])
def test_what_diffusers_saves_is_known(write: Write, kind: str, config: Mapping[str, object], ours: str) -> None:
    diffusers = pytest.importorskip("diffusers")
    import torch

    with torch.device("meta"):
        module = getattr(diffusers, kind)(**config)
    found = identify(write({name: tuple(each.shape) for name, each in module.state_dict().items()}))
    variant = found.variant if found.kind == "denoiser" else ""
    assert " ".join(filter(None, (found.kind, found.family, variant))) == ours


ONE: Mapping[str, object] = {"num_layers": 1}
BOTH: Mapping[str, object] = {"num_layers": 1, "num_single_layers": 1}
DOUBLE, SINGLE = "transformer_blocks", "single_transformer_blocks"

# The class, what of its configuration is not what it takes by itself, the numbers of its last blocks, and the family.
NETWORKS: tuple[tuple[str, Mapping[str, object], Mapping[str, int], str], ...] = (
    ("UNet2DConditionModel", {**UNET_BLOCKS, "cross_attention_dim": 768}, {}, "sd1"),
    ("UNet2DConditionModel", {**UNET_BLOCKS, "cross_attention_dim": 1024}, {}, "sd2"),
    ("UNet2DConditionModel", {**UNET_BLOCKS, **XL}, {}, "sdxl"),
    ("SD3Transformer2DModel", {**ONE, "num_attention_heads": 24}, {DOUBLE: 23}, "sd3"),
    ("SD3Transformer2DModel", {**ONE, "num_attention_heads": 38}, {DOUBLE: 37}, "sd3"),
    ("FluxTransformer2DModel", BOTH, {DOUBLE: 18, SINGLE: 37}, "flux"),
    ("Flux2Transformer2DModel", BOTH, {DOUBLE: 7, SINGLE: 47}, "flux2"),
    ("Flux2Transformer2DModel", {**BOTH, "num_attention_heads": 24}, {DOUBLE: 4, SINGLE: 19}, "flux2"),
    ("Flux2Transformer2DModel", {**BOTH, "num_attention_heads": 32}, {DOUBLE: 7, SINGLE: 23}, "flux2"),
    ("Flux3Transformer2DModel", BOTH, {"txt_mode_blocks": 4, SINGLE: 27}, "flux3"),
    ("OvisImageTransformer2DModel", BOTH, {DOUBLE: 5, SINGLE: 26}, "ovis-image"),
    ("QwenImageTransformer2DModel", ONE, {DOUBLE: 59}, "qwen-image"),
    ("QwenImage21Transformer2DModel", ONE, {DOUBLE: 31}, "qwen-image-2.1"),
    ("ZImageTransformer2DModel", {"n_layers": 1}, {"layers": 29}, "z-image"),
    ("Krea2Transformer2DModel", ONE, {DOUBLE: 27}, "krea2"),
    ("Lumina2Transformer2DModel", ONE, {"layers": 25}, "lumina2"),
    ("SanaTransformer2DModel", ONE, {DOUBLE: 19}, "sana"),
    ("AuraFlowTransformer2DModel", {"num_mmdit_layers": 1, "num_single_dit_layers": 1}, {}, "auraflow"),
    (
        "CogView4Transformer2DModel",
        {**ONE, "num_attention_heads": 32, "attention_head_dim": 128},
        {DOUBLE: 27},
        "cogview4",
    ),
    ("WanTransformer3DModel", ONE, {"blocks": 39}, "wan"),
    ("LTXVideoTransformer3DModel", ONE, {DOUBLE: 27}, "ltx"),
    ("LTX2VideoTransformer3DModel", ONE, {DOUBLE: 47}, "ltx2"),
    ("MochiTransformer3DModel", {"num_layers": 2}, {DOUBLE: 47}, "mochi"),
    ("CosmosTransformer3DModel", ONE, {DOUBLE: 27}, "cosmos"),
    ("HunyuanVideoTransformer3DModel", BOTH, {DOUBLE: 19, SINGLE: 39}, "hunyuan-video"),
    ("HunyuanImageTransformer2DModel", BOTH, {DOUBLE: 19, SINGLE: 39}, "hunyuan-image"),
    ("Kandinsky5Transformer3DModel", {"num_visual_blocks": 1, "num_text_blocks": 1}, {}, "kandinsky5"),
    ("Ideogram4Transformer2DModel", ONE, {"layers": 33}, "ideogram4"),
    ("MiniMaxH3Transformer3DModel", ONE, {DOUBLE: 0}, "minimax-h3"),
    ("ErnieImageTransformer2DModel", ONE, {"layers": 23}, "unknown"),
    ("BriaFibo2Transformer2DModel", {}, {"layers": 43}, "unknown"),
    ("AllegroTransformer3DModel", ONE, {DOUBLE: 31}, "unknown"),
    ("CogVideoXTransformer3DModel", ONE, {DOUBLE: 29}, "unknown"),
    ("NucleusMoEImageTransformer2DModel", ONE, {DOUBLE: 23}, "unknown"),
)
ATTENTION = re.compile(r"\.(?:to_[qkv]|to_out\.0|to_query|to_key|to_value)$")  # what trainers change by themselves


@pytest.mark.parametrize("reach", ["its attention", "all of it"])
@pytest.mark.parametrize(("kind", "config", "last", "family"), NETWORKS, ids=[f"{row[0]} {row[3]}" for row in NETWORKS])
def test_a_network_for_what_diffusers_draws_is_known(
    write: Write, kind: str, config: Mapping[str, object], last: Mapping[str, int], family: str, reach: str
) -> None:
    diffusers = pytest.importorskip("diffusers")
    import torch

    with torch.device("meta"):
        module = getattr(diffusers, kind)(**config)
    shapes: dict[str, tuple[int, ...]] = {}
    for name, layer in module.named_modules():
        if isinstance(layer, torch.nn.Linear) and (reach == "all of it" or ATTENTION.search(name)):
            blocks, _, rest = name.partition(".0.")
            deepest = f"transformer.{blocks}.{last[blocks]}.{rest}" if blocks in last else f"transformer.{name}"
            shapes[f"{deepest}.lora_A.weight"] = (8, layer.in_features)
            shapes[f"{deepest}.lora_B.weight"] = (layer.out_features, 8)
    assert (identify(write(shapes)).kind, identify(write(shapes)).family) == ("lora", family)
