"""Which files keep numbers in few bits, and which of those are read."""

from __future__ import annotations

import pytest

import promptlang
from promptlang.config.chain import load
from promptlang.models.evidence.header import Header, Tensor
from promptlang.models.evidence.packing import packed, quantization
from tests.models.conftest import CHECKPOINTS, write_model

PLAIN = {"a.weight": ("BF16", (4, 8)), "a.bias": ("BF16", (4,))}
SMALL = {"a.weight": ("F8_E4M3", (4, 8)), "a.bias": ("BF16", (4,))}
SCALED = "small numbers with scales beside them"


def header(tensors):
    return Header({name: Tensor(dtype, shape, 0, 0) for name, (dtype, shape) in tensors.items()}, {})


@pytest.mark.parametrize(
    ("tensors", "bits", "way"),
    [
        (PLAIN, "", ""),
        (SMALL, "fp8 e4m3", ""),
        ({**SMALL, "b.weight": ("F8_E5M2", (4, 8))}, "fp8 e4m3, fp8 e5m2", ""),
        ({**SMALL, "a.scale_weight": ("F32", ()), "scaled_fp8": ("F8_E4M3", (2,))}, "fp8 e4m3, scaled", ""),
        ({**SMALL, "a.weight_scale": ("F32", (4, 1)), "a.comfy_quant": ("U8", (30,))}, "fp8 e4m3, scaled", ""),
        ({**SMALL, "a.weight_scale": ("F32", (2, 2))}, "fp8 e4m3, scaled", ""),
        ({**SMALL, "a.weight_scale": ("F32", (4, 2))}, "fp8 e4m3, scaled", SCALED),
        ({**PLAIN, "a.scale_weight": ("F32", ())}, "", SCALED),
        ({"a.weight": ("I8", (4, 8)), "a.weight_scale": ("F32", (1,)), "a.comfy_quant": ("U8", (30,))}, "", SCALED),
        (
            {"a.weight": ("U8", (4, 4)), "a.weight_scale": ("F8_E4M3", (4, 1)), "a.weight_scale_2": ("F32", ())},
            "fp8 e4m3, scaled",
            "numbers with two scales each",
        ),
        ({"a.weight": ("U8", (16, 1)), "a.weight.absmax": ("F32", (1,))}, "", "numbers packed by bitsandbytes"),
        ({"a.qweight": ("I32", (4, 1)), "a.wscales": ("BF16", (1, 4))}, "", "numbers packed by GPTQ or AWQ"),
    ],
)
def test_small_numbers_are_known_by_their_types_and_by_what_lies_beside_them(tensors, bits, way):
    assert quantization(header(tensors)) == bits
    assert packed(header(tensors)) == way


def test_a_plan_says_in_which_bits_the_files_of_its_model_are_kept(tmp_path):
    _, shapes = CHECKPOINTS["sd1"]
    write_model(tmp_path / "small.safetensors", shapes, dtype="F8_E4M3")
    write_model(tmp_path / "full.safetensors", shapes)
    (tmp_path / "promptlang.toml").write_text('[concepts]\nfolders = ["."]\n', encoding="utf-8")
    project = load(tmp_path / "promptlang.toml").project
    found = {
        name: promptlang.compile(f"/render a cow <{name}>", project=project).plans[0].model.quantization
        for name in ("small", "full")
    }
    assert found == {"small": "fp8 e4m3", "full": ""}
