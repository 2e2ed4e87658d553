"""Model folders in the layout of diffusers are read from their JSON files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from promptlang.models.discover import concept
from promptlang.models.fitting.wholeness import kind_of
from promptlang.models.identify import BadHeader, identify
from promptlang.models.names import TELLING

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a model folder: `_class_name`, entries of the index, and the configuration of every part."""

    def made(pipeline: object, *, index: dict[str, object] | None = None, **parts: dict[str, object]) -> Path:
        (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": pipeline, **(index or {})}))
        for part, configuration in parts.items():
            (tmp_path / part).mkdir()
            name = "scheduler_config.json" if part == "scheduler" else "config.json"
            (tmp_path / part / name).write_text(json.dumps(configuration))
        return tmp_path

    return made


def clip(layers: int, width: int) -> dict[str, object]:
    """The configuration of a CLIP text encoder."""
    return {"model_type": "clip_text_model", "num_hidden_layers": layers, "hidden_size": width}


def test_stable_diffusion_1(make: Make) -> None:
    found = identify(
        make("StableDiffusionPipeline", unet={"cross_attention_dim": 768, "in_channels": 4}, text_encoder=clip(12, 768))
    )
    assert (found.kind, found.family, found.variant, found.layers) == ("checkpoint", "sd1", "", 12)
    assert found.encoders == (("CLIP ViT-L/14", 12),)


@pytest.mark.parametrize(("said", "variant"), [("v_prediction", "v-prediction"), ("epsilon", "")])
def test_stable_diffusion_2_says_what_it_predicts(make: Make, said: str, variant: str) -> None:
    found = identify(
        make(
            "StableDiffusionPipeline",
            unet={"cross_attention_dim": 1024},
            text_encoder=clip(23, 1024),
            scheduler={"_class_name": "DDIMScheduler", "prediction_type": said},
        )
    )
    assert (found.family, found.variant) == ("sd2", variant)
    assert found.encoders == (("OpenCLIP ViT-H/14", 23),)
    assert found.clip_skip is None


def test_inpainting_shows_in_the_channels(make: Make) -> None:
    found = identify(make("StableDiffusionInpaintPipeline", unet={"cross_attention_dim": 768, "in_channels": 9}))
    assert (found.family, found.variant) == ("sd1", "inpaint")


def test_a_toy_width_is_told_by_its_encoder_and_says_so(make: Make) -> None:
    found = identify(make("StableDiffusionPipeline", unet={"cross_attention_dim": 64}, text_encoder=clip(12, 64)))
    assert found.family == "sd1"
    assert any("which no published model does" in sentence for sentence in found.evidence)


def test_a_shared_pipeline_without_a_shape_stays_unknown(make: Make) -> None:
    assert identify(make("StableDiffusionPipeline")).family == "unknown"


def test_sdxl_and_its_refiner(make: Make) -> None:
    clips = {"text_encoder": clip(12, 768), "text_encoder_2": clip(32, 1280)}
    folder = make("StableDiffusionXLPipeline", **clips)
    assert identify(folder).family == "sdxl"
    index = {"_class_name": "StableDiffusionXLImg2ImgPipeline", "text_encoder": [None, None]}
    (folder / "model_index.json").write_text(json.dumps(index))
    found = identify(folder)
    assert found.family == "sdxl-refiner"
    assert found.encoders == (("OpenCLIP ViT-bigG/14", 32),)


@pytest.mark.parametrize(
    ("pipeline", "family"),
    [
        ("StableDiffusion3Pipeline", "sd3"),
        ("FluxPipeline", "flux"),
        ("Flux2Pipeline", "flux2"),
        ("ChromaPipeline", "chroma"),
        ("PixArtSigmaPipeline", "pixart"),
        ("SanaPipeline", "sana"),
        ("SanaVideoPipeline", "unknown"),
        ("Lumina2Pipeline", "lumina2"),
        ("ZImagePipeline", "z-image"),
        ("AuraFlowPipeline", "auraflow"),
        ("HiDreamImagePipeline", "hidream"),
        ("QwenImagePipeline", "qwen-image"),
        ("KolorsPipeline", "kolors"),
        ("HunyuanDiTPipeline", "hunyuan-dit"),
        ("WanPipeline", "wan"),
        ("HunyuanVideoPipeline", "hunyuan-video"),
        ("AnimateDiffPipeline", "unknown"),
        ("QwenImage21Pipeline", "qwen-image-2.1"),
        ("QwenImageEditPlusPipeline", "qwen-image"),
        ("Krea2Pipeline", "krea2"),
        ("Kandinsky5T2IPipeline", "kandinsky5"),
        ("Kandinsky5T2VPipeline", "unknown"),
        ("LongCatImagePipeline", "longcat-image"),
        ("LTX2Pipeline", "ltx2"),
        (["pipeline.py", "MyPipeline"], "unknown"),
        (None, "unknown"),
    ],
)
def test_pipelines(make: Make, pipeline: object, family: str) -> None:
    assert identify(make(pipeline)).family == family


KLEIN = {"num_attention_heads": 24, "attention_head_dim": 128}


@pytest.mark.parametrize(
    ("pipeline", "index", "transformer", "variant"),
    [
        ("FluxPipeline", {}, {"in_channels": 64, "guidance_embeds": True}, "dev"),
        ("FluxPipeline", {}, {"in_channels": 64, "guidance_embeds": False}, "schnell"),
        ("FluxFillPipeline", {}, {"in_channels": 384, "guidance_embeds": True}, "fill"),
        ("FluxKontextPipeline", {}, {}, "kontext"),
        ("Flux2KleinPipeline", {"is_distilled": True}, KLEIN, "klein 4B, distilled"),
        ("Flux2KleinPipeline", {"is_distilled": False}, KLEIN, "klein 4B, base"),
        ("Flux2Pipeline", {}, {"num_attention_heads": 48, "attention_head_dim": 128}, "dev"),
        ("SanaSprintPipeline", {}, {"guidance_embeds": True}, "sprint"),
        ("QwenImageEditPlusPipeline", {}, {}, "edit"),
        ("Krea2Pipeline", {"is_distilled": True}, {}, "turbo"),
        ("Krea2Pipeline", {"is_distilled": False}, {}, "raw"),
        ("Krea2Pipeline", {}, {}, ""),
    ],
)
def test_variants_show_in_the_configuration(
    make: Make, pipeline: str, index: dict[str, object], transformer: dict[str, object], variant: str
) -> None:
    assert identify(make(pipeline, index=index, transformer=transformer)).variant == variant


@pytest.mark.parametrize(("shift", "variant"), [(3.0, "turbo"), (6.0, "base"), (6, "base"), (4.5, ""), ("3", "")])
def test_z_image_shows_in_its_noise(make: Make, shift: object, variant: str) -> None:
    found = identify(
        make("ZImagePipeline", scheduler={"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": shift})
    )
    assert found.variant == variant


def test_the_side_of_the_picture_is_worked_out(make: Make) -> None:
    found = identify(
        make("StableDiffusionPipeline", unet={"sample_size": 16}, vae={"block_out_channels": [16, 16, 32, 48]})
    )
    assert found.native == 128


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "is JSON but no object"),
        ("\ufeff", "is not JSON"),
        ('{"a":' * 100_000, "too deeply"),
    ],
)
def test_a_broken_index_is_named(make: Make, text: str, words: str) -> None:
    folder = make("x")
    (folder / "model_index.json").write_text(text)
    with pytest.raises(BadHeader, match=words):
        identify(folder)


def test_a_folder_without_an_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadHeader, match=r"the folder has no model_index\.json"):
        identify(tmp_path)


def test_parts_of_the_wrong_type_are_passed_over(make: Make) -> None:
    found = identify(
        make("StableDiffusionPipeline", unet={"cross_attention_dim": [768]}, text_encoder={"num_hidden_layers": "12"})
    )
    assert found.family == "unknown"
    assert found.encoders == ()


def test_the_bundled_model(request: pytest.FixtureRequest) -> None:
    folder = request.config.rootpath / "runtime/promptlang_runtime/demo"
    found = identify(folder)
    assert (found.kind, found.family, found.prediction, found.layers) == ("checkpoint", "sd1", "v", 12)
    assert found.native == 128


@pytest.mark.parametrize(
    ("levels", "steps"), [([1.0, 0.5], 2), ([], None), ([1.0, "half"], None), ("1.0", None), ([1.0] * 101, None)]
)
def test_noise_levels_that_the_index_gives_are_counted(make: Make, levels: object, steps: int | None) -> None:
    found = identify(make("QwenImage21Pipeline", index={"sample_sigmas": levels}))
    assert found.steps == steps
    assert ("`model_index.json` gives the noise levels of 2 steps" in found.evidence) is (steps == 2)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('{"_class_name": "AutoencoderTiny"}', "AutoencoderTiny"),
        ('{"_class_name": "Other"}', "AutoencoderKL"),
        ("{", "AutoencoderKL"),
    ],
)
def test_of_several_classes_a_folder_is_of_the_one_that_it_names(tmp_path: Path, said: str, expected: str) -> None:
    (tmp_path / "config.json").write_text(said, encoding="utf-8")
    kinds = frozenset({"diffusers.AutoencoderTiny", "diffusers.AutoencoderKL"})
    assert kind_of(tmp_path, kinds) == f"diffusers.{expected}"


@pytest.mark.parametrize("file", TELLING)
def test_a_folder_is_read_anew_where_a_part_has_changed(make: Make, file: str) -> None:
    folder = make("StableDiffusionPipeline", unet={"cross_attention_dim": 768}, text_encoder=clip(12, 768))
    place = folder / file
    place.parent.mkdir(exist_ok=True)
    place.write_text("{", encoding="utf-8")
    before = concept(folder)
    place.write_text("{}", encoding="utf-8")
    assert before.kind == ("checkpoint" if file.startswith("vae") else "unreadable")
    assert concept(folder).kind == "checkpoint"
