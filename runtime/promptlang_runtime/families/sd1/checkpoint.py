"""Single-file Stable Diffusion 1 checkpoints in the layout of the original code, rebuilt without any download.

Every size is read from the shapes; what shapes do not say (heads, norm groups, noise levels) is as published with SD 1.
"""

from __future__ import annotations

from collections.abc import Mapping

from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from promptlang.tokens.vocabulary import END_ID, START_ID
from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.errors import RenderError

UNET, VAE, TEXT = "model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer."
HEADS = 8  # of the denoiser, at any width
HEAD_WIDTH = 64  # of the text encoder
SCALING = 0.18215
V_PREDICTION = "v-prediction"

Weights = Mapping[str, Tensor]


def pipeline_of(weights: Weights, *, variant: str) -> StableDiffusionPipeline:
    """The pipeline of a whole checkpoint; raises RenderError where a part is missing or of another shape."""
    for prefix, part in ((UNET, "denoiser"), (VAE, "VAE"), (TEXT, "text encoder")):
        if not any(name.startswith(prefix) for name in weights):
            raise RenderError(f"the checkpoint has no {part}", "use a file that holds the whole model")
    try:
        return StableDiffusionPipeline(
            vae=vae_of(weights),
            text_encoder=_text_encoder(_below(weights, TEXT)),
            tokenizer=None,
            unet=_unet(weights),
            scheduler=_scheduler(variant),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
    except KeyError as error:
        raise RenderError(f"the checkpoint has no {error}, which every SD 1 model has") from None


def vae_of(weights: Weights) -> AutoencoderKL:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    own = _below(weights, VAE) or dict(weights)
    widths = _counted(own, "encoder.down.{}.block.0.conv1.weight")
    vae = AutoencoderKL(
        in_channels=own["encoder.conv_in.weight"].shape[1],
        out_channels=own["decoder.conv_out.weight"].shape[0],
        latent_channels=own["post_quant_conv.weight"].shape[0],
        block_out_channels=widths,
        layers_per_block=len(_counted(own, "encoder.down.0.block.{}.conv1.weight")),
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        scaling_factor=SCALING,
    )
    return _filled(
        vae, convert_ldm_vae_checkpoint({VAE + name: value for name, value in own.items()}, vae.config), "VAE"
    )


def _unet(weights: Weights) -> UNet2DConditionModel:
    own = _below(weights, UNET)
    layers = next(at - 1 for at in range(1, 100) if f"input_blocks.{at}.0.op.weight" in own)
    widths = _counted(own, "input_blocks.{}.0.out_layers.3.weight", start=1, step=layers + 1)
    attends = [f"input_blocks.{1 + level * (layers + 1)}.1.norm.weight" in own for level in range(len(widths))]
    down = tuple("CrossAttnDownBlock2D" if each else "DownBlock2D" for each in attends)
    up = tuple("CrossAttnUpBlock2D" if each else "UpBlock2D" for each in reversed(attends))
    unet = UNet2DConditionModel(
        sample_size=64,
        in_channels=own["input_blocks.0.0.weight"].shape[1],
        out_channels=own["out.2.weight"].shape[0],
        block_out_channels=widths,
        layers_per_block=layers,
        down_block_types=down,
        up_block_types=up,
        cross_attention_dim=next(value for name, value in own.items() if name.endswith("attn2.to_k.weight")).shape[1],
        attention_head_dim=HEADS,
    )
    return _filled(unet, convert_ldm_unet_checkpoint(dict(weights), unet.config), "denoiser")


def _text_encoder(weights: Weights) -> CLIPTextModel:
    own = {name.removeprefix("text_model."): value for name, value in weights.items() if "position_ids" not in name}
    vocabulary, width = own["embeddings.token_embedding.weight"].shape
    model = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=width,
            intermediate_size=own["encoder.layers.0.mlp.fc1.weight"].shape[0],
            num_hidden_layers=len(_counted(own, "encoder.layers.{}.mlp.fc1.weight")),
            num_attention_heads=max(1, width // HEAD_WIDTH),
            max_position_embeddings=own["embeddings.position_embedding.weight"].shape[0],
            hidden_act="quick_gelu",
            projection_dim=width,
            bos_token_id=START_ID,
            eos_token_id=END_ID,
            pad_token_id=END_ID,
        )
    )
    _filled(core(model), own, "text encoder")
    return model.eval()


def _scheduler(variant: str) -> DDIMScheduler:
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type="v_prediction" if variant == V_PREDICTION else "epsilon",
    )


def _below(weights: Weights, prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def _counted(weights: Weights, pattern: str, *, start: int = 0, step: int = 1) -> tuple[int, ...]:
    """The output widths of numbered weights, for as long as there is one."""
    widths: list[int] = []
    while (weight := weights.get(pattern.format(start + step * len(widths)))) is not None:
        widths.append(weight.shape[0])
    return tuple(widths)


def _filled(module: nn.Module, weights: Weights, part: str) -> nn.Module:
    """The module with its weights; raises RenderError where some are missing or of another shape."""
    try:
        found = module.load_state_dict(dict(weights), strict=False)
    except RuntimeError as error:
        raise RenderError(f"the {part} of the checkpoint does not fit: {str(error).splitlines()[-1].strip()}") from None
    if found.missing_keys:
        raise RenderError(
            f"the {part} of the checkpoint lacks {len(found.missing_keys)} weights: {found.missing_keys[0]}"
        )
    return module.eval()
