"""Parts of single-file checkpoints in the layout of the first publications, rebuilt without any download.

Every size is read from the shapes; what shapes do not say (heads, norm groups) is as published.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from promptlang.models.fitting.layer_names import level_length
from promptlang.models.fitting.text_names import TOKENS, is_within, text_names
from promptlang.tables.models.unet_files import DENOISER
from promptlang.tokens.vocabulary import END_ID, START_ID
from promptlang_runtime.conditioning.clip import core
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, blocks, building, filled
from promptlang_runtime.models.pipelines import Denoiser, Scheduler, Tensors, Vae

UNET, VAE = DENOISER, "first_stage_model."
LDM_LEVEL, LDM_BLOCK = "encoder.down.", "block."
LEVEL, BLOCK = "encoder.down_blocks.", "resnets."  # as diffusers names them
MIDDLE, TRANSFORMERS = "middle_block.1.", "transformer_blocks."
HEAD_WIDTH = 64  # of text encoders, and of denoisers from Stable Diffusion 2 on

PROJECTION = "text_projection.weight"


def check_parts(tensors: Tensors, parts: Mapping[str, str]) -> None:
    """Raises RenderError for the first part, by how its names begin, that the checkpoint has not."""
    for prefix, part in parts.items():
        if not _has(tensors, prefix):
            raise RenderError(f"the checkpoint has no {part}", "use a file that holds the whole model")


@building("VAE")
def vae_of(tensors: Tensors, config: Mapping[str, object], *, prefix: str = VAE, kind: str = "AutoencoderKL") -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else; PartError where a weight is missing."""
    own = below(tensors, prefix) or dict(tensors)
    is_published = _has(own, LDM_LEVEL)
    level, block = (LDM_LEVEL, LDM_BLOCK) if is_published else (LEVEL, BLOCK)
    widths = tuple(own[f"{level}{at}.{block}0.conv1.weight"].shape[0] for at in range(blocks(own, level)))
    vae = libraries.vae(
        kind,
        in_channels=own["encoder.conv_in.weight"].shape[1],
        out_channels=own["decoder.conv_out.weight"].shape[0],
        latent_channels=own["decoder.conv_in.weight"].shape[1],
        use_quant_conv="quant_conv.weight" in own,
        use_post_quant_conv="post_quant_conv.weight" in own,
        block_out_channels=widths,
        layers_per_block=blocks(own, f"{level}0.{block}"),
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        **config,
    )
    if is_published:
        own |= libraries.vae_tensors({VAE + name: value for name, value in own.items()}, vae)
    return filled(vae, own, "VAE")


@building("denoiser")
def unet_of(tensors: Tensors, *, heads: int | None, **config: object) -> Denoiser:
    """The denoiser of a checkpoint; `heads` is how many a level has, None where their width is fixed."""
    own = below(tensors, UNET)
    layers = max(level_length(own) - 1, 0)
    # One block leads in, and every level but the last ends with one that halves the picture.
    firsts = [f"input_blocks.{at}." for at in range(1, blocks(own, "input_blocks."), layers + 1)]
    widths = tuple(own[f"{first}0.out_layers.3.weight"].shape[0] for first in firsts)
    attends = [_has(own, f"{first}1.") for first in firsts]
    # The last level decides for the middle, also where it does not attend itself.
    rooms = [f"{first}1." if each else MIDDLE for first, each in zip(firsts, attends, strict=True)]
    unet = libraries.denoiser(
        "UNet2DConditionModel",
        in_channels=own["input_blocks.0.0.weight"].shape[1],
        out_channels=own["out.2.weight"].shape[0],
        block_out_channels=widths,
        layers_per_block=layers,
        down_block_types=tuple("CrossAttnDownBlock2D" if each else "DownBlock2D" for each in attends),
        up_block_types=tuple("CrossAttnUpBlock2D" if each else "UpBlock2D" for each in reversed(attends)),
        transformer_layers_per_block=tuple(blocks(own, room + TRANSFORMERS) or 1 for room in rooms),
        cross_attention_dim=own["middle_block.1.transformer_blocks.0.attn2.to_k.weight"].shape[1],
        # How many, whatever it is called.
        attention_head_dim=heads or tuple(max(1, width // HEAD_WIDTH) for width in widths),
        use_linear_projection=own["middle_block.1.proj_in.weight"].dim() == 2,
        **config,
    )
    return filled(unet, libraries.denoiser_tensors(tensors, unet), "denoiser")


def _has(tensors: Tensors, begin: str) -> bool:
    return any(name.startswith(begin) for name in tensors)


@building("text encoder")
def clip_of(tensors: Tensors) -> CLIPTextModel:
    """A text encoder under the names of transformers."""
    own = _under_our_names(tensors)
    with libraries.unfilled():
        model = CLIPTextModel(_config_of(own, "quick_gelu"))
    filled(core(model), own, "text encoder")
    return model.eval()


@building("text encoder")
def open_clip_of(tensors: Tensors, *, layers: int) -> CLIPTextModel:
    """A text encoder of OpenCLIP, at most so many of its layers."""
    own = _under_our_names(tensors, most=layers)
    with libraries.unfilled():
        model = CLIPTextModel(_config_of(own, "gelu"))
    filled(core(model), own, "text encoder")
    return model.eval()


@building("text encoder")
def clip_with_projection(tensors: Tensors, *, act: str) -> CLIPTextModelWithProjection:
    """A whole text encoder with the projection of its summary; `act` is `gelu` for those of OpenCLIP."""
    own = _under_our_names(tensors)
    with libraries.unfilled():
        model = CLIPTextModelWithProjection(_config_of(own, act))
    projection = tensors[PROJECTION] if PROJECTION in tensors else tensors["text_projection"].T
    filled(model.text_projection, {"weight": projection.contiguous()}, "text encoder")
    filled(core(model), own, "text encoder")
    return model.eval()


def _under_our_names(tensors: Tensors, *, most: int = 100) -> Tensors:
    """A text encoder's tensors under the names of transformers, at most so many of its layers."""
    if TOKENS in tensors:
        return _text_tensors(tensors, min(most, blocks(tensors, "transformer.resblocks.")))
    own = {name.removeprefix("text_model."): value for name, value in tensors.items() if "position_ids" not in name}
    return {name: value for name, value in own.items() if is_within(name, most)}


def noise_levels(*, velocity: bool, kind: str = "DDIMScheduler", **more: object) -> Scheduler:
    """The scheduler of a checkpoint, with the noise levels that every Stable Diffusion was trained with."""
    config = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
    return libraries.scheduler(kind, {**config, "prediction_type": "v_prediction" if velocity else "epsilon", **more})


def _config_of(own: Tensors, act: str) -> CLIPTextConfig:
    """The configuration of a text encoder under the names of transformers."""
    vocabulary, width = own["embeddings.token_embedding.weight"].shape
    return CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=own["encoder.layers.0.mlp.fc1.weight"].shape[0],
        num_hidden_layers=blocks(own, "encoder.layers."),
        num_attention_heads=max(1, width // HEAD_WIDTH),
        max_position_embeddings=own["embeddings.position_embedding.weight"].shape[0],
        hidden_act=act,
        projection_dim=width,
        bos_token_id=START_ID,
        eos_token_id=END_ID,
        pad_token_id=END_ID,
    )


def _text_tensors(tensors: Tensors, count: int) -> dict[str, Tensor]:
    """The tensors of the first `count` layers under the names of transformers."""
    found = {
        "embeddings.token_embedding.weight": tensors[TOKENS],
        "embeddings.position_embedding.weight": tensors["positional_embedding"],
        "final_layer_norm.weight": tensors["ln_final.weight"],
        "final_layer_norm.bias": tensors["ln_final.bias"],
    }
    for name, value in tensors.items():
        names = [each for each in text_names(name) if is_within(each, count)]
        if len(names) == 1:
            found[names[0]] = value
        elif names:
            packed = zip(names, value.chunk(len(names)), strict=True)
            found |= {each: piece.clone() for each, piece in packed}
    return found
