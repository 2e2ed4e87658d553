"""Families are read from shapes: every family is known by its own keys, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from promptlang.models.identify import Identity, identify

Shapes = Mapping[str, tuple[int, ...]]
Write = Callable[..., Path]


WIDTHS = {"sd1": 768, "sd2": 1024, "sdxl": 2048, "sdxl-refiner": 1280}


def test_every_checkpoint_is_known(write: Write, checkpoint: tuple[str, Shapes]) -> None:
    family, shapes = checkpoint
    found = identify(write(shapes))
    assert (found.kind, found.family) == ("checkpoint", family)
    assert "`model.diffusion_model." in found.evidence[0]
    assert str(WIDTHS.get(family, "")) in found.evidence[0]


def test_every_denoiser_is_known_with_and_without_its_prefix(write: Write, denoiser: tuple[str, Shapes]) -> None:
    family, shapes = denoiser
    prefixed = {f"model.diffusion_model.{name}": shape for name, shape in shapes.items()}
    for each in (shapes, prefixed):
        found = identify(write(each))
        assert (found.kind, found.family) == ("denoiser", family)


def test_strangers_stay_unknown(write: Write, stranger: Shapes) -> None:
    found = identify(write(stranger))
    assert found.family == "unknown"
    assert found.evidence


@pytest.mark.parametrize("name", ["sd_xl_base_1.0", "realistic-vision-2", "v1-5-pruned-emaonly", "flux1-dev"])
def test_a_name_decides_nothing(write: Write, name: str, checkpoints: Mapping[str, tuple[str, Shapes]]) -> None:
    assert identify(write({"weight": (768,)}, name)).family == "unknown"
    assert identify(write(checkpoints["sd2"][1], name)).family == "sd2"


@pytest.mark.parametrize(
    ("which", "variant", "prediction"),
    [
        ("sd1", "", "epsilon"),
        ("sd1 inpaint", "inpaint", "epsilon"),
        ("sd1 pix2pix", "pix2pix", "epsilon"),
        ("sd2", "", "unknown"),
        ("sdxl v-prediction", "v-prediction", "v"),
        ("sdxl edm", "edm", "edm"),
        ("sd3 medium", "3.0 medium", "flow"),
    ],
)
def test_variants_show_in_shapes_and_marks(
    write: Write, checkpoints: Mapping[str, tuple[str, Shapes]], which: str, variant: str, prediction: str
) -> None:
    found = identify(write(checkpoints[which][1]))
    assert (found.variant, found.prediction) == (variant, prediction)


@pytest.mark.parametrize(
    ("which", "encoders", "steps"),
    [
        ("sd1", (("CLIP ViT-L/14", 12),), range(1, 14)),
        ("sd2", (("OpenCLIP ViT-H/14", 24),), None),
        ("sdxl", (("CLIP ViT-L/14", 12), ("OpenCLIP ViT-bigG/14", 32)), range(1, 14)),
        ("refiner", (("OpenCLIP ViT-bigG/14", 32),), range(1, 14)),
        (
            "sd3 medium",
            (("CLIP ViT-L/14", 12), ("OpenCLIP ViT-bigG/14", 32), ("T5 v1.1 XXL", 24)),
            range(1, 14),
        ),
    ],
)
def test_encoders_are_counted(
    write: Write,
    checkpoints: Mapping[str, tuple[str, Shapes]],
    which: str,
    encoders: tuple[tuple[str, int], ...],
    steps: range | None,
) -> None:
    found = identify(write(checkpoints[which][1]))
    assert found.encoders == encoders
    assert found.clip_skip == steps


def test_a_shorter_encoder_has_a_shorter_range(write: Write, checkpoints: Mapping[str, tuple[str, Shapes]]) -> None:
    cut = {
        name: shape for name, shape in checkpoints["sd1"][1].items() if ".layers.1" not in name or ".layers.1." in name
    }
    found = identify(write(cut))
    assert found.layers == 10
    assert found.clip_skip == range(1, 12)


def test_packed_weights_hide_the_text_width_but_not_the_pooled_one(write: Write) -> None:
    shapes = {
        "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
        "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (655360, 1),
        "model.diffusion_model.label_emb.0.0.weight": (1280, 2816),
    }
    assert identify(write(shapes, dtype="U8")).family == "sdxl"


@pytest.mark.parametrize(
    ("shapes", "kind", "family"),
    [
        ({"emb_params": (4, 768)}, "inversion", "sd1"),
        ({"emb_params": (1, 1024)}, "inversion", "sd2"),
        ({"emb_params": (1, 64)}, "inversion", "unknown"),
        ({"<cow>": (768,)}, "inversion", "sd1"),
        ({"<cow>": (2, 1024)}, "inversion", "sd2"),
        ({"clip_l": (2, 768), "clip_g": (2, 1280)}, "inversion", "sdxl"),
        ({"clip_l": (2, 768)}, "inversion", "unknown"),
        ({"cow": (768,)}, "unknown", "unknown"),
        ({"decoder.conv_in.weight": (512, 4, 3, 3), "encoder.conv_in.weight": (128, 3, 3, 3)}, "vae", "unknown"),
        ({"text_model.encoder.layers.0.layer_norm1.weight": (768,)}, "text-encoder", "unknown"),
        ({"encoder.layers.0.layer_norm1.weight": (768,)}, "text-encoder", "unknown"),
        ({"encoder.block.23.layer.0.layer_norm.weight": (4096,)}, "text-encoder", "unknown"),
        (
            {
                "control_model.input_hint_block.0.weight": (16, 3, 3, 3),
                "control_model.input_blocks.0.0.weight": (320, 4, 3, 3),
                "control_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, 768),
            },
            "controlnet",
            "sd1",
        ),
        (
            {
                "controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3),
                "conv_in.weight": (320, 4, 3, 3),
                "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
            },
            "controlnet",
            "sdxl",
        ),
        ({"ip_adapter.1.to_k_ip.weight": (320, 768), "image_proj.proj.weight": (3072, 1024)}, "adapter", "sd1"),
        ({"model.0.weight": (64, 3, 3, 3), "model.1.sub.0.RDB1.conv1.0.weight": (32, 64, 3, 3)}, "upscaler", "unknown"),
    ],
)
def test_smaller_files(write: Write, shapes: Shapes, kind: str, family: str) -> None:
    found = identify(write(shapes))
    assert (found.kind, found.family) == (kind, family)


def test_metadata_speaks_where_tensors_are_silent(write: Write) -> None:
    found = identify(
        write({"<cow>": (64,)}, metadata={"modelspec.architecture": "stable-diffusion-v1/textual-inversion"})
    )
    assert (found.kind, found.family) == ("inversion", "sd1")
    assert "metadata" in found.evidence[0]


def test_tensors_decide_where_metadata_contradicts_them(
    write: Write, checkpoints: Mapping[str, tuple[str, Shapes]]
) -> None:
    found = identify(write(checkpoints["sdxl"][1], metadata={"modelspec.architecture": "stable-diffusion-v1"}))
    assert found.family == "sdxl"
    assert any("contradict" in sentence for sentence in found.evidence)


def test_prediction_and_recommendations_come_from_metadata(
    write: Write, checkpoints: Mapping[str, tuple[str, Shapes]]
) -> None:
    metadata = {
        "modelspec.architecture": "stable-diffusion-xl-v1-base",
        "modelspec.prediction_type": "v",
        "modelspec.encoder_layer": "2",
        "modelspec.thumbnail": "data:image/png;base64," + "A" * 9000,
        "modelspec.title": "a\x1b[2Jb\nc",
    }
    found = identify(write(checkpoints["sdxl"][1], metadata=metadata))
    assert (found.variant, found.prediction) == ("v-prediction", "v")
    kept = dict(found.metadata)
    assert kept["modelspec.encoder_layer"] == "2"
    assert kept["modelspec.title"] == "a�[2Jb c"
    assert "modelspec.thumbnail" not in kept


def test_a_missing_file_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        identify(tmp_path / "nothing.safetensors")


def test_identities_are_values(write: Write, checkpoints: Mapping[str, tuple[str, Shapes]]) -> None:
    first, second = (identify(write(checkpoints["sd1"][1])) for _ in range(2))
    assert isinstance(first, Identity)
    assert first == second
    assert hash(first) == hash(second)


FLUX_KEY = "double_blocks.0.img_attn.norm.key_norm.scale"
DIFFUSERS_FLUX = {
    "single_transformer_blocks.0.proj_mlp.weight": (12288, 3072),
    "transformer_blocks.0.norm1_context.linear.weight": (18432, 3072),
}


OVIS = "double_blocks.0.img_mlp.gate_proj.weight"


@pytest.mark.parametrize(
    ("shapes", "family"),
    [
        ({FLUX_KEY: (128,), "txt_in.weight": (3072, 3584)}, "longcat-image"),
        ({FLUX_KEY: (128,), OVIS: (9216, 3072), "txt_norm.weight": (2048,)}, "ovis-image"),
        ({**DIFFUSERS_FLUX, "context_embedder.weight": (3072, 3584)}, "longcat-image"),
        (
            {**DIFFUSERS_FLUX, "context_embedder_norm.weight": (2048,), "context_embedder.weight": (3072, 2048)},
            "ovis-image",
        ),
        ({**DIFFUSERS_FLUX, "context_embedder.weight": (3072, 4096)}, "unknown"),
    ],
    ids=["LongCat", "Ovis", "LongCat in diffusers", "Ovis in diffusers", "Bria"],
)
def test_relatives_with_the_key_of_flux_are_not_flux(write: Write, shapes: Shapes, family: str) -> None:
    assert identify(write(shapes)).family == family


@pytest.mark.parametrize("key", [FLUX_KEY, FLUX_KEY.replace(".scale", ".weight")])
def test_flux_is_known_by_either_spelling(write: Write, key: str) -> None:
    found = identify(write({key: (128,), "txt_in.weight": (3072, 4096), "vector_in.in_layer.weight": (3072, 768)}))
    assert (found.family, found.variant) == ("flux", "schnell")
