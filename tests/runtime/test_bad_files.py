"""Single files and parts of transformer families, and files of networks, that are broken in every way we know.

Each costs its own statement one sentence that names it, and one that says what to do; the run goes on.
"""

from __future__ import annotations

import pickle
import re
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from promptlang.cli.main import main as promptlang
from promptlang.plans.plan import Model
from promptlang.tables.models.families import family
from promptlang_runtime.command.command import main
from promptlang_runtime.errors import RenderError
from tests.runtime import tiny, tiny_files, tiny_read_files
from tests.runtime.language import BAD, RED, saying
from tests.runtime.pictures import draw
from tests.runtime.test_bad_models import ROOM, Fault, Trap, numberless, prefixed, unclear, without_weights

FAMILIES = {
    "flux": tiny_files.flux,
    "chroma": tiny_files.chroma,
    "sd3": tiny_files.sd3,
    "z-image": tiny_read_files.z_image,
    "qwen-image": tiny_read_files.qwen_image,
    "flux2": tiny_read_files.klein,
    "lumina2": tiny_read_files.lumina2,
    "krea2": tiny_read_files.krea2,
    "sana": tiny_read_files.sana,
}
READERS = "text_encoders."
JUNK = b"\x08\0\0\0\0\0\0\0notjson!"


def wider(tensors):
    """The denoiser's matrices with a row and a column more."""
    return {
        key: torch.zeros([side + 1 for side in each.shape]) if key.startswith(ROOM) and each.dim() == 2 else each
        for key, each in tensors.items()
    }


def without_one(tensors):
    """A file that lacks a matrix from the middle of its denoiser."""
    own = [key for key, each in tensors.items() if key.startswith(ROOM) and each.dim() == 2]
    return {key: each for key, each in tensors.items() if key != own[len(own) // 2]}


def without(tensors, begin):
    return {key: each for key, each in tensors.items() if not key.startswith(begin)}


@pytest.fixture(scope="module")
def another(tmp_path_factory):
    """A model of another family than most."""
    return {name: FAMILIES[name]().written(tmp_path_factory.mktemp(name)) for name in ("z-image", "lumina2")}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_broken_file_is_one_sentence_and_the_next_is_drawn(tmp_path, another, make_plan, name):
    written = FAMILIES[name]().written(tmp_path / "made")
    other = another["lumina2" if name == "z-image" else "z-image"]
    tensors, foreign = (load_file(each.root / "whole.safetensors") for each in (written, other))
    readers = {key: each for key, each in foreign.items() if key.startswith(READERS)}
    held = {
        "no-numbers": {**tensors, **numberless(prefixed(tensors, True))},
        "wrong-widths": wider(tensors),
        "tensor-lost": without_one(tensors),
        "denoiser-lost": without(tensors, ROOM),
        "rest-lost": prefixed(tensors, True),
        "vae-lost": without(tensors, written.tiny.vae_prefix),
        "readers-of-another": {**without(tensors, READERS), **readers},
        "another": foreign,
    }
    for each, content in held.items():
        tiny_files.save(content, tmp_path / f"{each}.safetensors")
    whole = (written.root / "whole.safetensors").read_bytes()
    data = {"cut-off": whole[:-50], "empty": b"", "no-json": JUNK, "pickled": pickle.dumps(Trap())}
    for each, content in data.items():
        (tmp_path / f"{each}.safetensors").write_bytes(content)
    wrong = {}
    for each in (*held, *data):
        shutil.copy(written.root / "whole.tokenizer.json", tmp_path / f"{each}.tokenizer.json")
        try:
            draw(small(make_plan, written.model(tmp_path / f"{each}.safetensors")))
        except RenderError as error:
            if (
                why := unclear([f"{error.message} = help: {error.help}"], Fault(each, without_weights, ""))
            ) or not error.help:
                wrong[each] = why or error.message
        else:
            wrong[each] = "drawn"
    assert not wrong
    assert draw(small(make_plan, written.whole)).any()


COUNTED = (
    ".0.op.weight",
    ".0.out_layers.3.weight",
    ".1.norm.weight",
    ".transformer_blocks.0.norm1.weight",
    "encoder.down.1.block.0.conv1.weight",
    "encoder.down.0.block.1.conv1.weight",
    ".mlp.fc1.weight",
    ".layer_norm1.weight",
)


@pytest.mark.parametrize("end", COUNTED)
def test_no_layer_is_left_out_for_the_tensor_that_it_lacks(tmp_path, make_plan, end):
    tensors = {key: each.contiguous() for key, each in tiny.original_layout(tiny.tiny_pipeline()).items()}
    last = [key for key in tensors if key.endswith(end)][-1]
    save_file({key: each for key, each in tensors.items() if key != last}, tmp_path / "bad.safetensors")
    model = Model(name="tiny", family="sd1", path=str(tmp_path / "bad.safetensors"))
    with pytest.raises(RenderError, match=r"bad\.safetensors. cannot be drawn with"):
        draw(make_plan(model=model))


def small(make_plan, model):
    side = family(model.family).multiple
    sampler = "dpm2m" if model.family == "sana" else "k_euler"
    words = {"positive": saying(RED), "negative": saying(BAD), "clip_skip": None}
    return make_plan(model=model, steps=2, size=(side, side), sampler=sampler, **words)


LAYER = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"


def lora(reads=64, writes=96, layer=LAYER):
    return {
        f"{layer}.lora_down.weight": torch.randn(4, reads) / 8,
        f"{layer}.lora_up.weight": torch.randn(writes, 4) / 8,
        f"{layer}.alpha": torch.tensor(4.0),
    }


DOWN, UP = f"{LAYER}.lora_down.weight", f"{LAYER}.lora_up.weight"
GOOD = lora()
NETWORKS = {
    "good": GOOD,
    "half": {DOWN: GOOD[DOWN]},
    "no-numbers": numberless(GOOD),
    "other-ranks": {**GOOD, UP: torch.randn(96, 5)},
    "single-number": {**GOOD, DOWN: torch.tensor(1.0)},
    "half-of-loha": {f"{LAYER}.hada_w1_a": torch.ones(96, 4), f"{LAYER}.hada_w1_b": torch.ones(4, 64)},
    "half-of-lokr": {f"{LAYER}.lokr_w1": torch.ones(2, 4)},
    "strange-piece": {**GOOD, f"{LAYER}.something": torch.ones(2)},
    "other-method": {f"{LAYER}.oft_blocks": torch.zeros(2, 2, 2)},
    "nothing-inside": {},
    "no-network": {"x": torch.zeros(2)},
    "of-sdxl": lora(2048, 640, "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k"),
    "of-flux": lora(3072, 9216, "lora_unet_double_blocks_0_img_attn_qkv"),
    "wrong-widths": lora(65, 97),
    "strange-layer": lora(layer=LAYER.replace("blocks_1_", "blocks_7_")),
}
SEEN_DRAWING = {"no-numbers", "wrong-widths", "strange-layer"}  # what no header tells


def test_a_broken_network_costs_its_statement_one_sentence(tmp_path, capsys):
    for name, tensors in NETWORKS.items():
        save_file({key: each.contiguous() for key, each in tensors.items()}, tmp_path / f"{name}.safetensors")
    whole = (tmp_path / "good.safetensors").read_bytes()
    data = {"cut-off": whole[:-50], "empty": b"", "no-json": JUNK, "pickled": pickle.dumps(Trap())}
    for name, content in data.items():
        (tmp_path / f"{name}.safetensors").write_bytes(content)
    names = [*NETWORKS, *data]
    entries = [f'{each} = {{ path = "{each}.safetensors" }}' for each in names]
    (tmp_path / "promptlang.toml").write_text("\n".join(["[concepts.names]", *entries]))
    file = tmp_path / "cows.prompt"
    file.write_text("".join(f"/render /parser:new /seed:7 /steps:1 /size:64x64 a cow <{each}:0.8>\n" for each in names))
    code = main([str(file), "--out", str(tmp_path / "out"), "--device", "cpu", "--no-sheet", "--quiet"])
    printed = re.sub(r"\n +", " ", capsys.readouterr().err)
    assert "Traceback" not in printed
    drawn = {path.name for path in (tmp_path / "out").glob("*.png")}
    assert len(drawn) == 1
    assert code == 1
    promptlang(["check", str(file), "--output-format", "concise"])
    checked = capsys.readouterr().out
    for number, name in enumerate(names, 1):
        said = re.findall(rf"^error: \S*cows\.prompt:{number}: (.*)", printed, re.MULTILINE)
        found = [line for line in checked.splitlines() if f"cows.prompt:{number}:" in line]
        if name == "good":
            assert (said, found) == ([], [])
        elif name.startswith("of-"):
            assert any("family-mismatch" in line for line in found)
        else:
            assert not unclear(said, Fault(name, without_weights, "")), name
            assert bool(found) is (name not in SEEN_DRAWING), name
