"""Single-file Stable Diffusion 1 checkpoints in the layout of the original code, rebuilt without any download.

Every size is read from the shapes; what shapes do not say (heads, norm groups, noise levels) is as published with SD 1.
"""

from __future__ import annotations

from transformers import CLIPTextConfig, CLIPTextModel

from promptlang.tokens.vocabulary import END_ID, START_ID
from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, counted, filled
from promptlang_runtime.models.pipelines import Denoiser, Pipeline, Scheduler, Tensors, Vae

UNET, VAE, TEXT = "model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer."
HEADS = 8  # of the denoiser, at any width
HEAD_WIDTH = 64  # of the text encoder
SCALING = 0.18215
V_PREDICTION = "v-prediction"


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
            scheduler=_scheduler(variant),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
    except KeyError as error:
        raise RenderError(f"the checkpoint has no {error}, which every SD 1 model has") from None


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
        sample_size=64,
        in_channels=inputs,
        out_channels=own["out.2.weight"].shape[0],
        block_out_channels=widths,
        layers_per_block=layers,
        down_block_types=tuple("CrossAttnDownBlock2D" if each else "DownBlock2D" for each in attends),
        up_block_types=tuple("CrossAttnUpBlock2D" if each else "UpBlock2D" for each in reversed(attends)),
        cross_attention_dim=own["middle_block.1.transformer_blocks.0.attn2.to_k.weight"].shape[1],
        attention_head_dim=HEADS,
    )
    return filled(unet, libraries.denoiser_tensors(tensors, unet), "denoiser")


def _text_encoder(tensors: Tensors) -> CLIPTextModel:
    own = {name.removeprefix("text_model."): value for name, value in tensors.items() if "position_ids" not in name}
    vocabulary, width = own["embeddings.token_embedding.weight"].shape
    model = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=width,
            intermediate_size=own["encoder.layers.0.mlp.fc1.weight"].shape[0],
            num_hidden_layers=len(counted(own, "encoder.layers.{}.mlp.fc1.weight")),
            num_attention_heads=max(1, width // HEAD_WIDTH),
            max_position_embeddings=own["embeddings.position_embedding.weight"].shape[0],
            hidden_act="quick_gelu",
            projection_dim=width,
            bos_token_id=START_ID,
            eos_token_id=END_ID,
            pad_token_id=END_ID,
        )
    )
    filled(core(model), own, "text encoder")
    return model.eval()


def _scheduler(variant: str) -> Scheduler:
    return libraries.scheduler(
        "DDIMScheduler",
        {
            "beta_start": 0.00085,
            "beta_end": 0.012,
            "beta_schedule": "scaled_linear",
            "clip_sample": False,
            "set_alpha_to_one": False,
            "steps_offset": 1,
            "prediction_type": "v_prediction" if variant == V_PREDICTION else "epsilon",
        },
    )
