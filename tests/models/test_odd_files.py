"""Files that lie beside models and are none: each is told from a checkpoint, whatever family it is made for."""

from __future__ import annotations

import pytest

from promptlang.models.evidence.header import Header, Tensor
from promptlang.models.files import identify_header

VAE = {"first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3)}
FILES = {
    "image adapter of sd1": (
        "adapter",
        {"image_proj.proj.weight": (3072, 1024), "ip_adapter.1.to_k_ip.weight": (320, 768)},
    ),
    "image adapter of FLUX.1": ("adapter", {"ip_adapter_proj_model.proj.weight": (16384, 768)}),
    "T2I adapter": ("adapter", {"adapter.body.0.in_conv.weight": (320, 192, 1, 1)}),
    "control network of sd1": ("controlnet", {"control_model.input_hint_block.0.weight": (16, 3, 3, 3)}),
    "control network of SDXL": ("controlnet", {"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3)}),
    "control network of SD3": ("controlnet", {"controlnet_blocks.0.weight": (1536, 1536)}),
    "control network of Qwen-Image": (
        "controlnet",
        {"controlnet_x_embedder.weight": (3072, 64), "txt_norm.weight": (3584,)},
    ),
    "control patch of Qwen-Image": (
        "controlnet",
        {"controlnet_blocks.0.y_rms.weight": (3072,), "img_in.weight": (3072, 64)},
    ),
    "control network of Z-Image": ("controlnet", {"control_all_x_embedder.2-1.weight": (3840, 132)}),
    "old upscaler": (
        "upscaler",
        {"model.0.weight": (64, 3, 3, 3), "model.1.sub.0.RDB1.conv1.0.weight": (32, 64, 3, 3)},
    ),
    "upscaler": ("upscaler", {"conv_first.weight": (64, 3, 3, 3), "body.0.rdb1.conv1.weight": (32, 64, 3, 3)}),
    "autoencoder": ("vae", VAE),
    "autoencoder of films": ("vae", {"decoder.conv1.weight": (384, 16, 3, 3, 3)}),
    "inversion of sd1": ("inversion", {"emb_params": (4, 768)}),
    "inversion of SDXL": ("inversion", {"clip_l": (4, 768), "clip_g": (4, 1280)}),
    "state of an optimizer": ("unknown", {"exp_avg.0": (4, 4)}),
    "nothing": ("unknown", {}),
}


def identified(shapes):
    return identify_header(Header({name: Tensor("F16", shape, 0, 0) for name, shape in shapes.items()}, {}))


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_model_is_told(name):
    kind, shapes = FILES[name]
    assert identified(shapes).kind == kind


def test_an_autoencoder_with_the_rest_of_a_damaged_checkpoint_is_none():
    """It would be put into another model in silence."""
    found = identified(VAE | {"model.diffusion_model.out.2.weight": (4, 320, 3, 3)})
    assert (found.kind, found.family) == ("checkpoint", "unknown")
    assert "its denoiser has the keys of no family" in found.evidence[0]
