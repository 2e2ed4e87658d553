"""GGUF files are known by their header, and by nothing that stands in it twice or not at all."""

from __future__ import annotations

import struct

import pytest

from promptlang.models.discover import files
from promptlang.models.evidence.records import BadHeader
from promptlang.models.files import header_of, identify_file
from promptlang.plans.plan import Model
from promptlang.refusals.models import model_refusal
from tests.models.conftest import write_model

FLUX = {
    "double_blocks.0.img_attn.norm.key_norm.scale": ((128,), 0),
    "img_in.weight": ((3072, 64), 1),
    "txt_in.weight": ((3072, 4096), 12),
    "vector_in.in_layer.weight": ((3072, 768), 8),
    "guidance_in.in_layer.weight": ((3072, 256), 12),
}
CLIP = {f"text_model.encoder.layers.{n}.layer_norm1.weight": (768,) for n in range(12)}
T5 = {f"encoder.block.{n}.layer.0.layer_norm.weight": (4096,) for n in range(24)}
VAE = {
    "encoder.conv_in.weight": (8, 3, 3, 3),
    "decoder.conv_in.weight": (8, 16, 3, 3),
    "decoder.conv_out.weight": (3, 8, 3, 3),
}
SIZES = {0: (1, 4), 1: (1, 2), 8: (32, 34), 12: (256, 144)}


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def gguf(tensors, entries=(), *, version=3, whole=True) -> bytes:
    """A file of such tensors, all of them zero."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(entries)) + b"".join(entries)
    place = 0
    for name, (shape, kind) in tensors.items():
        head += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), kind, place)
        block, size = SIZES.get(kind, (1, 0))
        count = 1
        for side in shape:
            count *= side
        place += count // block * size
    head += bytes(-len(head) % 32)
    return head + bytes(place if whole else place // 2)


ENTRIES = (
    text("general.architecture") + struct.pack("<I", 8) + text("flux"),
    text("general.quantized_by") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"),
    text("general.file_type") + struct.pack("<II", 4, 15),
    text("nested") + struct.pack("<IIQIQHH", 9, 9, 1, 2, 2, 1, 1),
)


def test_a_gguf_file_is_known_by_the_names_and_shapes_in_it(tmp_path):
    path = tmp_path / "flux1-dev-Q4_K_S.gguf"
    path.write_bytes(gguf(FLUX, ENTRIES))
    found = identify_file(path)
    assert (found.kind, found.family, found.variant) == ("denoiser", "flux", "dev")
    assert found.quantization == "gguf Q4_K, Q8_0"
    assert header_of(path).shape("img_in.weight") == (3072, 64)
    assert files([tmp_path]).named("flux1-dev-Q4_K_S") == (path,)


@pytest.mark.parametrize("shape", [(1, 147456, 16), (147456, 16)])
def test_the_variant_is_known_without_the_side_of_1_that_ggml_drops(tmp_path, shape):
    path = tmp_path / "sd3.5_medium-Q8_0.gguf"
    path.write_bytes(
        gguf({"joint_blocks.0.context_block.adaLN_modulation.1.bias": ((9216,), 0), "pos_embed": (shape, 1)})
    )
    found = identify_file(path)
    assert (found.family, found.variant) == ("sd3", "3.5 medium")


def test_what_draws_from_it_needs_a_package_of_its_own(tmp_path, monkeypatch):
    path = tmp_path / "flux.gguf"
    path.write_bytes(gguf(FLUX))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    readers = {"clip": CLIP, "t5": T5}
    for name, shapes in {**readers, "ae": VAE}.items():
        write_model(tmp_path / f"{name}.safetensors", shapes)
    (tmp_path / "tokenizer.json").write_text(
        '{"added_tokens": [], "model": {"vocab": {"<pad>": 0, "</s>": 1}}}', encoding="utf-8"
    )
    model = Model(
        name="flux",
        family="flux",
        path=str(path),
        variant="dev",
        text_encoders=tuple(str(tmp_path / f"{name}.safetensors") for name in readers),
        vae=str(tmp_path / "ae.safetensors"),
    )
    refusal = model_refusal(model)
    assert refusal
    assert refusal.message == f"<flux> lies in `{path}`, which needs the package gguf, which is not installed"
    assert refusal.help == "run `pip install gguf`"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"GG", "cut off"),
        (b"{}" * 20, "does not begin with `GGUF`"),
        (gguf(FLUX, version=9), "its version of GGUF is 9"),
        (gguf(FLUX)[:60], "cut off"),
        (gguf(FLUX, whole=False), "cut off: "),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 0), "speaks of 1,152,921,504,606,846,976 entries"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**40), "a name of 1,099,511,627,776 bytes"),
        (gguf({}, (text("odd") + struct.pack("<I", 77),)), "unknown type 77"),
        (gguf({}, (text("deep") + struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 9,)), "unknown type 9"),
        (gguf({}, (text("long") + struct.pack("<IIQ", 9, 4, 2**62),)), "cut off"),
    ],
)
def test_a_broken_one_is_told_in_one_clause(tmp_path, data, words):
    path = tmp_path / "bad.gguf"
    path.write_bytes(data)
    with pytest.raises(BadHeader) as caught:
        header_of(path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
