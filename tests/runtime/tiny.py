"""Tiny random Stable Diffusion 1, 2 and XL models, and the same weights under the names of the original code."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DiffusionPipeline,
    EulerDiscreteScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from promptlang_runtime.conditioning.clip import core

WIDTHS = (32, 64, 64, 64)


def tiny_pipeline(seed: int = 0) -> StableDiffusionPipeline:
    """Four levels as the real model has, narrow, with real token ids and places."""
    torch.manual_seed(seed)
    text = CLIPTextConfig(
        vocab_size=49408, hidden_size=32, intermediate_size=64, num_hidden_layers=12, num_attention_heads=1,
        hidden_act="quick_gelu", bos_token_id=49406, eos_token_id=49407, pad_token_id=49407, projection_dim=32,
    )  # fmt: skip
    return StableDiffusionPipeline(
        vae=AutoencoderKL(
            block_out_channels=(32, 32, 32, 32), layers_per_block=2, latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        ).eval(),
        text_encoder=CLIPTextModel(text).eval(),
        tokenizer=None,
        unet=UNet2DConditionModel(
            sample_size=64, block_out_channels=WIDTHS, layers_per_block=2, cross_attention_dim=32, attention_head_dim=8,
            down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
            up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        ).eval(),
        scheduler=DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
            clip_sample=False, set_alpha_to_one=False, steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )  # fmt: skip


def tiny_sd2(seed: int = 0, prediction: str = "epsilon") -> StableDiffusionPipeline:
    """The same of Stable Diffusion 2: heads of 64, linear projections, a text encoder of 23 layers."""
    torch.manual_seed(seed)
    text = CLIPTextConfig(
        vocab_size=49408, hidden_size=32, intermediate_size=64, num_hidden_layers=23, num_attention_heads=1,
        hidden_act="gelu", bos_token_id=49406, eos_token_id=49407, pad_token_id=1, projection_dim=32,
    )  # fmt: skip
    small = tiny_pipeline(seed)
    return StableDiffusionPipeline(
        vae=small.vae,
        text_encoder=CLIPTextModel(text).eval(),
        tokenizer=None,
        unet=UNet2DConditionModel(
            sample_size=96, block_out_channels=WIDTHS, layers_per_block=2, cross_attention_dim=32,
            attention_head_dim=(1, 1, 1, 1), use_linear_projection=True,
            down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
            up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        ).eval(),
        scheduler=DDIMScheduler.from_config(small.scheduler.config, prediction_type=prediction),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )  # fmt: skip


def tiny_sdxl(seed: int = 0, **schedule: object) -> StableDiffusionXLPipeline:
    """Three levels, two encoders of 12 and 32 layers, the second with a summary; `schedule` is the scheduler's."""
    torch.manual_seed(seed)
    common = {"vocab_size": 49408, "num_attention_heads": 1, "bos_token_id": 49406, "eos_token_id": 49407}
    first = CLIPTextConfig(
        **common, hidden_size=32, intermediate_size=64, num_hidden_layers=12, hidden_act="quick_gelu", projection_dim=32
    )
    second = CLIPTextConfig(
        **common, hidden_size=64, intermediate_size=64, num_hidden_layers=32, hidden_act="gelu", projection_dim=64
    )
    vae = tiny_pipeline(seed).vae
    vae.register_to_config(scaling_factor=0.13025)
    return StableDiffusionXLPipeline(
        vae=vae,
        text_encoder=CLIPTextModel(first).eval(),
        text_encoder_2=CLIPTextModelWithProjection(second).eval(),
        tokenizer=None,
        tokenizer_2=None,
        unet=UNet2DConditionModel(
            sample_size=128, block_out_channels=(32, 64, 64), layers_per_block=2, cross_attention_dim=96,
            attention_head_dim=(1, 1, 1), use_linear_projection=True, transformer_layers_per_block=(1, 1, 2),
            addition_embed_type="text_time", addition_time_embed_dim=8, projection_class_embeddings_input_dim=64 + 48,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        ).eval(),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1,
            **{"timestep_spacing": "leading", **schedule},
        ),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )  # fmt: skip


def tiny_refiner(seed: int = 3) -> StableDiffusionXLImg2ImgPipeline:
    """The second encoder of `tiny_sdxl`, and a denoiser of four levels that is told of an aesthetic score."""
    base = tiny_sdxl(0)
    torch.manual_seed(seed)
    return StableDiffusionXLImg2ImgPipeline(
        vae=base.vae,
        text_encoder=None,
        text_encoder_2=base.text_encoder_2,
        tokenizer=None,
        tokenizer_2=None,
        unet=UNet2DConditionModel(
            sample_size=128, block_out_channels=(32, 64, 64, 64), layers_per_block=2, cross_attention_dim=64,
            attention_head_dim=(1, 1, 1, 1), use_linear_projection=True, transformer_layers_per_block=(1, 2, 2, 2),
            addition_embed_type="text_time", addition_time_embed_dim=8, projection_class_embeddings_input_dim=64 + 40,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        ).eval(),
        scheduler=base.scheduler,
        requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=False,
        add_watermarker=False,
    )  # fmt: skip


def refiner_layout(pipeline: StableDiffusionXLImg2ImgPipeline) -> dict[str, torch.Tensor]:
    """All weights of a refiner as its files name them."""
    weights, text = original_layout(pipeline), "conditioner.embedders.0.model."
    weights |= open_clip_layout(core(pipeline.text_encoder_2).state_dict(), text, layers=32)
    weights[f"{text}text_projection"] = pipeline.text_encoder_2.text_projection.weight.T
    return {name: value.contiguous().clone() for name, value in weights.items()}


def written(
    pipeline: DiffusionPipeline, layout: Callable[[DiffusionPipeline], dict[str, torch.Tensor]], root: Path
) -> dict[str, Path]:
    """The places of the same weights as a folder and as a single file."""
    pipeline.save_pretrained(root / "folder")
    save_file(layout(pipeline), root / "file.safetensors")
    return {"folder": root / "folder", "file": root / "file.safetensors"}


def sdxl_layout(pipeline: StableDiffusionXLPipeline) -> dict[str, torch.Tensor]:
    """All weights of an SDXL model as its files name them."""
    weights = {name: value for name, value in original_layout(pipeline).items() if not name.startswith("cond_stage")}
    for name, value in core(pipeline.text_encoder).state_dict().items():
        weights[f"conditioner.embedders.0.transformer.text_model.{name}"] = value
    text = "conditioner.embedders.1.model."
    weights |= open_clip_layout(core(pipeline.text_encoder_2).state_dict(), text, layers=32)
    weights[f"{text}text_projection"] = pipeline.text_encoder_2.text_projection.weight.T
    return {name: value.contiguous().clone() for name, value in weights.items()}


def sd2_layout(pipeline: StableDiffusionPipeline) -> dict[str, torch.Tensor]:
    """All weights of an SD 2 model as its files name them: OpenCLIP's names, and a last layer that nothing reads."""
    weights = {name: value for name, value in original_layout(pipeline).items() if not name.startswith("cond_stage")}
    own, text = core(pipeline.text_encoder).state_dict(), "cond_stage_model.model."
    weights |= open_clip_layout(own, text, layers=24)
    weights[f"{text}text_projection"] = torch.randn(32, 32)
    last = {name: torch.randn_like(value) for name, value in weights.items() if ".resblocks.23." in name}
    return {name: value.contiguous().clone() for name, value in {**weights, **last}.items()}


def open_clip_layout(own: dict[str, torch.Tensor], text: str, *, layers: int) -> dict[str, torch.Tensor]:
    """The weights of a text encoder under OpenCLIP's names; a layer too many says what the one before it says."""
    weights = {
        f"{text}token_embedding.weight": own["embeddings.token_embedding.weight"],
        f"{text}positional_embedding": own["embeddings.position_embedding.weight"],
        f"{text}ln_final.weight": own["final_layer_norm.weight"],
        f"{text}ln_final.bias": own["final_layer_norm.bias"],
        f"{text}logit_scale": torch.tensor(4.6),
    }
    known = sum(name.endswith("layer_norm1.bias") for name in own)
    for layer in range(layers):
        ours, theirs = f"encoder.layers.{min(layer, known - 1)}.", f"{text}transformer.resblocks.{layer}."
        for ending in ("weight", "bias"):
            packed = [own[f"{ours}self_attn.{each}_proj.{ending}"] for each in "qkv"]
            weights[f"{theirs}attn.in_proj_{ending}"] = torch.cat(packed)
            for part, name in OPEN_CLIP.items():
                weights[f"{theirs}{name}.{ending}"] = own[f"{ours}{part}.{ending}"]
    return weights


OPEN_CLIP = {
    "layer_norm1": "ln_1", "layer_norm2": "ln_2", "self_attn.out_proj": "attn.out_proj",
    "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
}  # fmt: skip


def original_layout(pipeline: StableDiffusionPipeline) -> dict[str, torch.Tensor]:
    """All weights under the names of a single-file checkpoint."""
    own = pipeline.unet.state_dict()
    weights = {f"model.diffusion_model.{unet_name(name, own)}": value for name, value in own.items()}
    for name, value in pipeline.vae.state_dict().items():
        is_projection = ".attentions." in name and value.dim() == 2
        weights[f"first_stage_model.{vae_name(name)}"] = value[:, :, None, None] if is_projection else value
    text = core(pipeline.text_encoder).state_dict() if pipeline.text_encoder else {}
    for name, value in text.items():
        weights[f"cond_stage_model.transformer.text_model.{name}"] = value
    return {name: value.contiguous().clone() for name, value in weights.items()}


RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0", "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection",
}  # fmt: skip


def unet_name(name: str, names: Container[str]) -> str:
    """A name of the denoiser; every level is 3 blocks long, the last one of a level changes the size."""
    for ours, theirs in (
        ("time_embedding.linear_1", "time_embed.0"), ("time_embedding.linear_2", "time_embed.2"),
        ("add_embedding.linear_1", "label_emb.0.0"), ("add_embedding.linear_2", "label_emb.0.2"),
        ("conv_in", "input_blocks.0.0"), ("conv_norm_out", "out.0"), ("conv_out", "out.2"),
    ):  # fmt: skip
        if name.startswith(ours):
            return name.replace(ours, theirs)
    if match := re.fullmatch(r"mid_block\.(resnets|attentions)\.(\d)\.(.+)", name):
        kind, number, rest = match.groups()
        return f"middle_block.{2 * int(number) if kind == 'resnets' else 1}.{inner(kind, rest)}"
    match = re.fullmatch(r"(down|up)_blocks\.(\d)\.(resnets|attentions|downsamplers|upsamplers)\.(\d)\.(.+)", name)
    side, level, kind, number, rest = match.groups()
    if side == "down":
        place = 1 + 3 * int(level) + (2 if kind == "downsamplers" else int(number))
        return f"input_blocks.{place}.{1 if kind == 'attentions' else 0}.{inner(kind, rest)}"
    place = 3 * int(level) + (2 if kind == "upsamplers" else int(number))
    has_attention = f"up_blocks.{level}.attentions.0.norm.weight" in names
    slot = {"resnets": 0, "attentions": 1, "upsamplers": 1 + has_attention}[kind]
    return f"output_blocks.{place}.{slot}.{inner(kind, rest)}"


def inner(kind: str, rest: str) -> str:
    if kind == "resnets":
        part, _, tail = rest.partition(".")
        return f"{RESNET[part]}.{tail}"
    return rest.replace("conv.", "op.", 1) if kind == "downsamplers" else rest


def vae_name(name: str, levels: int = 4) -> str:
    """A name of the VAE; the decoder counts its levels from the other end."""
    last = levels - 1
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    name = name.replace("mid_block.attentions.0", "mid.attn_1")
    for ours, theirs in (("group_norm", "norm"), ("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out")):
        if "mid.attn_1" in name:
            name = name.replace(f".{ours}.", f".{theirs}.")
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda match: f"mid.block_{int(match[1]) + 1}", name)
    name = re.sub(r"down_blocks\.(\d)\.resnets", r"down.\1.block", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d)\.resnets", lambda match: f"up.{last - int(match[1])}.block", name)
    return re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda match: f"up.{last - int(match[1])}.upsample", name)
