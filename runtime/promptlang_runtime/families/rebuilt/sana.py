"""Sana: its denoiser, and the autoencoder that halves a picture five times."""

from __future__ import annotations

import re

import torch

from promptlang.tables.models import encoders
from promptlang_runtime.models import libraries
from promptlang_runtime.models.layouts import below, blocks, building, filled
from promptlang_runtime.models.parts import FileLayout
from promptlang_runtime.models.pipelines import Denoiser, Pipeline, Tensors, Vae
from promptlang_runtime.rebuilding.published import published
from promptlang_runtime.rebuilding.readers import language_model_of
from promptlang_runtime.rebuilding.transformer import DENOISER, VAE, as_diffusers, check_whole, transformer_of

TEXT = "text_encoder."
LAYOUT = FileLayout(denoiser=DENOISER, vae=VAE, encoders={TEXT: encoders.GEMMA_2}, tokenizers={"tokenizer": TEXT})
OWN = published("sana")
KIND = "SanaTransformer2DModel"
INPUT = "patch_embed.proj.weight"
UNUSED = ("pos_embed", "y_embedder.y_embedding")  # which the published files have, and nothing reads
LEVELS = len(OWN.record("vae").items_of("encoder_block_types"))
FIRSTS = ("conv1.weight", "attn.to_q.weight")  # of a block that convolves, and of one that attends
MOST_BLOCKS = 20
NORM = re.compile(r"blocks\.(\d+)\.(attn|cross_attn)\.([qk])_norm\.weight")
ATTENTIONS = {"attn": "attn1", "cross_attn": "attn2"}
EVENED = "transformer_blocks.0.attn1.norm_q.weight"


def from_tensors(tensors: Tensors, *, variant: str) -> Pipeline:
    """The pipeline of a whole checkpoint."""
    del variant
    check_whole(tensors, LAYOUT)
    unused = dict.fromkeys(UNUSED, torch.empty(0))
    published = below(tensors, DENOISER)
    own = {**as_diffusers(KIND, {**unused, **published}, INPUT), **_norms(published)}
    return libraries.pipeline(
        "SanaPipeline",
        scheduler=libraries.scheduler("DPMSolverMultistepScheduler", OWN.record("scheduler")),
        vae=vae_of(tensors),
        text_encoder=language_model_of(below(tensors, TEXT), "gemma2"),
        tokenizer=None,
        transformer=_denoiser(own),
    )


@building("VAE")
def vae_of(tensors: Tensors) -> Vae:
    """The VAE of a checkpoint, or of a file that holds nothing else."""
    own = below(tensors, VAE) or dict(tensors)
    named = own if "decoder.conv_in.weight" in own else libraries.deep_vae_tensors(own)
    sizes: dict[str, object] = {"latent_channels": named["decoder.conv_in.weight"].shape[1]}
    for side, begin in (("encoder", "encoder.down_blocks"), ("decoder", "decoder.up_blocks")):
        blocks = [_blocks(named, f"{begin}.{level}") for level in range(LEVELS)]
        sizes |= {
            f"{side}_block_out_channels": tuple(width for width, _ in blocks),
            f"{side}_layers_per_block": tuple(count for _, count in blocks),
        }
    return filled(libraries.vae("AutoencoderDC", **{**OWN.record("vae"), **sizes}), named, "VAE")


def _blocks(named: Tensors, begin: str) -> tuple[int, int]:
    """The width of a level of the autoencoder, and how many blocks it has beside the one that changes the size."""
    firsts = [f"{begin}.{place}.{name}" for place in range(MOST_BLOCKS) for name in FIRSTS]
    found = [named[first].shape[0] for first in firsts if first in named]
    return found[0], len(found)


def _norms(published: Tensors) -> dict[str, torch.Tensor]:
    """What evens queries and keys since Sana 1.5, which diffusers leaves out when it names the others anew."""
    found = {NORM.fullmatch(name): each for name, each in published.items()}
    return {
        f"transformer_blocks.{match[1]}.{ATTENTIONS[match[2]]}.norm_{match[3]}.weight": each
        for match, each in found.items()
        if match
    }


@building("denoiser")
def _denoiser(own: Tensors) -> Denoiser:
    config = OWN.record("transformer")
    width, inputs = own[INPUT].shape[:2]
    head = min(width, config.whole("attention_head_dim") or width)
    cross = own["transformer_blocks.0.attn2.to_q.weight"].shape[0]
    cross_head = OWN.record("cross_attention_head_dim").whole(str(cross)) or head
    sizes = {
        "in_channels": inputs,
        "out_channels": own["proj_out.weight"].shape[0],
        "num_layers": blocks(own, "transformer_blocks."),
        "attention_head_dim": head,
        "num_attention_heads": width // head,
        "cross_attention_head_dim": cross_head,
        "num_cross_attention_heads": cross // cross_head,
        "cross_attention_dim": own["transformer_blocks.0.attn2.to_k.weight"].shape[1],
        "caption_channels": own["caption_projection.linear_1.weight"].shape[1],
        "qk_norm": "rms_norm_across_heads" if EVENED in own else None,
        "mlp_ratio": own["transformer_blocks.0.ff.conv_inverted.weight"].shape[0] / (2 * width),
    }
    return transformer_of(KIND, own, **{**config, **sizes})
