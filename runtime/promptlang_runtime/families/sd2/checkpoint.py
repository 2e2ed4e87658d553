"""Single-file Stable Diffusion 2 checkpoints in the layout of the original code, rebuilt without any download.

Every size is read from the shapes; what shapes do not say (heads, norm groups, noise levels) is as published with SD 2.
"""

from __future__ import annotations

import re

from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel

from promptlang.tokens.vocabulary import END_ID, START_ID
from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, counted, filled
from promptlang_runtime.models.pipelines import Denoiser, Pipeline, Scheduler, Tensors, Vae

UNET, VAE, TEXT = "model.diffusion_model.", "first_stage_model.", "cond_stage_model.model."
HEAD_WIDTH = 64  # of the denoiser and of the text encoder
LAYERS = 23  # of the text encoder; files have one more, which no Stable Diffusion 2 reads
SCALING = 0.18215
V_PREDICTION = "v-prediction"

# No shape tells models that predict velocity from those that predict noise. ComfyUI tells them by this weight, which
# spreads wider than that in all of the former (`comfy/supported_models.py`, SD20).
TELLING = "output_blocks.11.1.transformer_blocks.0.norm1.bias"
NOISE_SPREAD = 0.09

LAYER_NAMES = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "attn.out_proj": "self_attn.out_proj",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}
PROJECTIONS = ("q_proj", "k_proj", "v_proj")  # in the order in which they are packed into one


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint; raises RenderError where a part is missing or of another shape."""
    for prefix, part in ((UNET, "denoiser"), (VAE, "VAE"), (TEXT, "text encoder")):
        if not any(name.startswith(prefix) for name in tensors):
            raise RenderError(f"the checkpoint has no {part}", "use a file that holds the whole model")
    try:
        return libraries.pipeline(
            "StableDiffusionPipeline",
            vae=vae_of(tensors),
            text_encoder=_text_encoder(below(tensors, TEXT)),
            tokenizer=None,
            unet=_unet(tensors),
            scheduler=_scheduler(predicts_velocity(tensors, variant)),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
    except KeyError as error:
        raise RenderError(f"the checkpoint has no {error}, which every SD 2 model has") from None


def predicts_velocity(tensors: Tensors, variant: str) -> bool:
    """Whether a checkpoint predicts velocity: its variant says so, or the weight that tells."""
    telling = tensors.get(UNET + TELLING)
    return V_PREDICTION in variant or (telling is not None and float(telling.float().std()) > NOISE_SPREAD)


def vae_of(tensors: Tensors) -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    own = below(tensors, VAE) or dict(tensors)
    widths = counted(own, "encoder.down.{}.block.0.conv1.weight")
    vae = libraries.vae(
        in_channels=own["encoder.conv_in.weight"].shape[1],
        out_channels=own["decoder.conv_out.weight"].shape[0],
        latent_channels=own["post_quant_conv.weight"].shape[0],
        block_out_channels=widths,
        layers_per_block=len(counted(own, "encoder.down.0.block.{}.conv1.weight")),
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        scaling_factor=SCALING,
    )
    named = {VAE + name: value for name, value in own.items()}
    return filled(vae, libraries.vae_tensors(named, vae), "VAE")


def _unet(tensors: Tensors) -> Denoiser:
    own = below(tensors, UNET)
    inputs = own["input_blocks.0.0.weight"].shape[1]
    layers = next((at - 1 for at in range(1, 100) if f"input_blocks.{at}.0.op.weight" in own), 0)
    widths = counted(own, "input_blocks.{}.0.out_layers.3.weight", start=1, step=layers + 1)
    attends = [f"input_blocks.{1 + level * (layers + 1)}.1.norm.weight" in own for level in range(len(widths))]
    unet = libraries.denoiser(
        "UNet2DConditionModel",
        sample_size=96,
        in_channels=inputs,
        out_channels=own["out.2.weight"].shape[0],
        block_out_channels=widths,
        layers_per_block=layers,
        down_block_types=tuple("CrossAttnDownBlock2D" if each else "DownBlock2D" for each in attends),
        up_block_types=tuple("CrossAttnUpBlock2D" if each else "UpBlock2D" for each in reversed(attends)),
        cross_attention_dim=own["middle_block.1.transformer_blocks.0.attn2.to_k.weight"].shape[1],
        attention_head_dim=tuple(max(1, width // HEAD_WIDTH) for width in widths),  # how many, whatever it is called
        use_linear_projection=own["middle_block.1.proj_in.weight"].dim() == 2,
    )
    return filled(unet, libraries.denoiser_tensors(tensors, unet), "denoiser")


def _text_encoder(tensors: Tensors) -> CLIPTextModel:
    vocabulary, width = tensors["token_embedding.weight"].shape
    count = min(LAYERS, len(counted(tensors, "transformer.resblocks.{}.mlp.c_fc.weight")))
    model = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=width,
            intermediate_size=tensors["transformer.resblocks.0.mlp.c_fc.weight"].shape[0],
            num_hidden_layers=count,
            num_attention_heads=max(1, width // HEAD_WIDTH),
            max_position_embeddings=tensors["positional_embedding"].shape[0],
            hidden_act="gelu",
            projection_dim=width,
            bos_token_id=START_ID,
            eos_token_id=END_ID,
            pad_token_id=END_ID,
        )
    )
    filled(core(model), _text_tensors(tensors, count), "text encoder")
    return model.eval()


def _text_tensors(tensors: Tensors, count: int) -> dict[str, Tensor]:
    """The tensors of the first `count` layers under the names of transformers."""
    found = {
        "embeddings.token_embedding.weight": tensors["token_embedding.weight"],
        "embeddings.position_embedding.weight": tensors["positional_embedding"],
        "final_layer_norm.weight": tensors["ln_final.weight"],
        "final_layer_norm.bias": tensors["ln_final.bias"],
    }
    for name, value in tensors.items():
        match = re.fullmatch(r"transformer\.resblocks\.(\d+)\.(.+?)[._](weight|bias)", name)
        if match is None or int(match[1]) >= count:
            continue
        layer, part, ending = f"encoder.layers.{match[1]}", match[2], match[3]
        if part == "attn.in_proj":
            packed = zip(PROJECTIONS, value.chunk(3), strict=True)
            found |= {f"{layer}.self_attn.{each}.{ending}": piece.clone() for each, piece in packed}
        elif part in LAYER_NAMES:
            found[f"{layer}.{LAYER_NAMES[part]}.{ending}"] = value
    return found


def _scheduler(velocity: bool) -> Scheduler:
    return libraries.scheduler(
        "DDIMScheduler",
        {
            "beta_start": 0.00085,
            "beta_end": 0.012,
            "beta_schedule": "scaled_linear",
            "clip_sample": False,
            "set_alpha_to_one": False,
            "steps_offset": 1,
            "prediction_type": "v_prediction" if velocity else "epsilon",
        },
    )
