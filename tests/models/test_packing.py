"""Which files keep numbers in few bits, and which of those are read."""

from __future__ import annotations

import pytest

import promptlang
from promptlang.config.chain import load
from promptlang.models.evidence.header import Header, Tensor
from promptlang.models.evidence.packing import no_weights, packed, quantization
from promptlang.models.files import identify_header
from promptlang.models.identify import identify
from promptlang.plans.plan import Network
from promptlang.refusals.models import network_refusal
from promptlang.refusals.named_files import file_refusal
from promptlang.tables.models.families import family
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


WEIGHED = ("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2")
COUNTED = {
    "I8": "holds whole numbers (I8), which are no weights",
    "U8": "holds whole numbers (U8), which are no weights",
    "I64": "holds whole numbers (I64), which are no weights",
    "BOOL": "holds truth values (BOOL), which are no weights",
    "C64": "holds complex numbers (C64), which are no weights",
    "F4": "holds numbers of a type that is not drawn with (F4)",
}
LAYER = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k"
FILES = {
    "lora": {f"{LAYER}.lora_down.weight": (4, 768), f"{LAYER}.lora_up.weight": (1280, 4)},
    "inversion": {"emb_params": (2, 768)},
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("dtype", [*WEIGHED, *COUNTED])
def test_a_network_is_made_of_weights(tmp_path, kind, dtype):
    write_model(tmp_path / "ink.safetensors", FILES[kind], dtype=dtype)
    assert identify(tmp_path / "ink.safetensors").kind == kind
    refusal = network_refusal(Network(name="ink", kind=kind, weight=1.0, path=str(tmp_path / "ink.safetensors")))
    assert bool(refusal) == (dtype in COUNTED)
    if refusal:
        assert refusal.message == f"<ink> cannot be drawn with: `{next(iter(FILES[kind]))}` {COUNTED[dtype]}"


@pytest.mark.parametrize(("dtype", "is_fine"), [("I64", True), ("F32", True), ("C64", False)])
def test_an_alpha_may_be_a_whole_number(dtype, is_fine):
    tensors = {name: ("F32", shape) for name, shape in FILES["lora"].items()} | {f"{LAYER}.alpha": (dtype, ())}
    assert (identify_header(header(tensors)).fault == "") == is_fine


def test_an_adapter_is_made_of_weights(tmp_path):
    shapes = {"image_proj.proj.weight": (3072, 1024), "ip_adapter.1.to_k_ip.weight": (320, 768)}
    for dtype in ("F16", "I8"):
        write_model(tmp_path / "adapter.safetensors", shapes, dtype=dtype)
        refusal = file_refusal("blend-adapter", "adapter.safetensors", tmp_path, family("sd1"))
        assert bool(refusal) == bool(no_weights(dtype))
    assert refusal
    assert refusal.message.endswith("`image_proj.proj.weight` holds whole numbers (I8), which are no weights")
