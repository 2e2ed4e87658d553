"""Checkpoints in parts: what a project file says of them, held against the headers of the files it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptlang.config.chain import load
from promptlang.lowering.explaining import explain_file
from promptlang.models.hashes.marks import mark
from promptlang.plans.rules import verify
from tests.models.conftest import Shapes, Write

Z_IMAGE: Shapes = {"layers.0.adaLN_modulation.0.weight": (15360, 256)}
QWEN_IMAGE: Shapes = {
    "txt_norm.weight": (3584,),
    "transformer_blocks.0.img_mlp.net.0.proj.weight": (12288, 3072),
}
VAE_16: Shapes = {"decoder.conv_in.weight": (512, 16, 3, 3)}
VAE_4: Shapes = {"first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3)}
VIDEO_VAE: Shapes = {"decoder.conv1.weight": (384, 16, 3, 3, 3)}


def layers(pattern: str, count: int, width: int) -> Shapes:
    """The first normalisation of every layer of a text encoder."""
    return {pattern.format(number): (width,) for number in range(count)}


QWEN_3_4B = layers("model.layers.{}.input_layernorm.weight", 36, 2560)
QWEN_25_VL = layers("model.layers.{}.input_layernorm.weight", 28, 3584)
T5_XXL = layers("encoder.block.{}.layer.0.layer_norm.weight", 24, 4096)
CLIP_L = layers("text_model.encoder.layers.{}.layer_norm1.weight", 12, 768)


def found(folder: Path, *lines: str) -> list[str]:
    """What is said of a project whose model `zimage` has an entry of these lines."""
    file = folder / "promptlang.toml"
    file.write_text("\n".join(("[concepts.zimage]", 'path = "model.safetensors"', *lines)), encoding="utf-8")
    reports = load(file).reports
    return [
        f"{each.rule.name}: {report.source.text[each.label.span.start : each.label.span.end]}: {each.message}"
        for report in reports
        for each in report.diagnostics
    ]


def test_parts_that_fit(tmp_path: Path, write: Write) -> None:
    write(Z_IMAGE)
    write(QWEN_3_4B, "qwen")
    write(VAE_16, "ae")
    lines = ('text-encoder = ["qwen.safetensors"]', 'vae = "ae.safetensors"', 'variant = "turbo"')
    assert found(tmp_path, *lines) == []
    (known,) = load(tmp_path / "promptlang.toml").project.concepts
    assert known.text_encoders == (tmp_path / "qwen.safetensors",)
    assert known.vae == tmp_path / "ae.safetensors"


@pytest.mark.parametrize(
    ("key", "part", "problem"),
    [
        ("text-encoder", T5_XXL, "Z-Image reads with Qwen3 4B, `part.safetensors` is T5 v1.1 XXL or UMT5 XXL"),
        ("text-encoder", VAE_16, "`part.safetensors` is a file of the kind vae, and no text encoder"),
        ("vae", QWEN_3_4B, "`part.safetensors` is a file of the kind text-encoder, and no VAE"),
        ("vae", VIDEO_VAE, "`part.safetensors` is a VAE for qwen-image, krea2, anima, wan, kandinsky5, hunyuan-video"),
        ("vae", VAE_4, "`part.safetensors` is a VAE for sd1, sd2, sdxl, "),
        ("vae", Z_IMAGE, "`part.safetensors` is a file of the kind denoiser, and no VAE"),
    ],
)
def test_parts_that_belong_elsewhere(tmp_path: Path, write: Write, key: str, part: Shapes, problem: str) -> None:
    write(Z_IMAGE)
    write(part, "part")
    (said,) = found(tmp_path, f'{key} = "part.safetensors"')
    assert said.startswith(f'config/wrong-part: "part.safetensors": {problem}')


def test_the_file_of_a_list_that_is_wrong(tmp_path: Path, write: Write) -> None:
    write(QWEN_IMAGE)
    write(QWEN_25_VL, "right")
    write(CLIP_L, "wrong")
    (said,) = found(tmp_path, 'text-encoder = ["right.safetensors", "wrong.safetensors"]')
    assert said == (
        'config/wrong-part: "wrong.safetensors": Qwen-Image reads with Qwen2.5-VL 7B, `wrong.safetensors` is '
        "CLIP ViT-L/14"
    )


def test_a_part_whose_header_says_nothing_is_believed(tmp_path: Path, write: Write) -> None:
    write(Z_IMAGE)
    write({"nothing.known": (2, 2)}, "part")
    assert found(tmp_path, 'vae = "part.safetensors"', 'text-encoder = "part.safetensors"') == []


def test_an_entry_with_parts_whose_path_is_no_model_lets_no_other_draw(tmp_path: Path, write: Write) -> None:
    write(VAE_4)
    write(VAE_16, "ae")
    found(tmp_path, 'vae = "ae.safetensors"')
    project = load(tmp_path / "promptlang.toml").project
    (explained,) = explain_file("/render a cow <zimage>", project=project)
    assert [each.model.name for each in explained.plans] == ["zimage"]  # of no known family, which nothing draws
    assert "model.safetensors is a file of the kind vae" in " ".join(each.message for each in explained.diagnostics)


def test_a_variant_reads_with_its_own_encoder(tmp_path: Path, write: Write) -> None:
    write({"single_stream_modulation.lin.weight": (9216, 3072), "img_in.weight": (3072, 128)})
    write(QWEN_3_4B, "part")
    assert found(tmp_path, 'text-encoder = "part.safetensors"') == []


def test_plan_and_explanation_name_the_parts(tmp_path: Path, write: Write) -> None:
    write(Z_IMAGE)
    write(QWEN_3_4B, "qwen")
    write(VAE_16, "ae")
    found(tmp_path, 'text-encoder = "qwen.safetensors"', 'vae = "ae.safetensors"')
    project = load(tmp_path / "promptlang.toml").project
    (explained,) = explain_file("/render a cow <zimage>", project=project)
    (plan,) = explained.plans
    assert plan.model.text_encoders == (str(tmp_path / "qwen.safetensors"),)
    assert plan.model.vae == str(tmp_path / "ae.safetensors")
    assert verify(plan) == ()
    assert [(part, path.name) for part, path in explained.parts] == [
        ("text-encoder", "qwen.safetensors"),
        ("vae", "ae.safetensors"),
    ]
    before = mark(plan.model.files)
    write({**VAE_16, "more": (2,)}, "ae")
    assert mark(plan.model.files) != before
