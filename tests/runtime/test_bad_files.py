"""Single files and parts of transformer families, and files of networks, that are broken in every way we know.

Each costs its own statement one sentence that names it, and one that says what to do; the run goes on.
"""

from __future__ import annotations

import pickle
import re
import shutil
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from promptlang.cli.main import main as promptlang
from promptlang.plans.plan import Model, Network
from promptlang_runtime.command.command import main
from promptlang_runtime.errors import RenderError
from tests.runtime import tiny, tiny_files
from tests.runtime.language import small
from tests.runtime.pictures import draw
from tests.runtime.test_bad_models import ROOM, Fault, Trap, in_lines, numberless, prefixed, unclear, without_weights
from tests.runtime.tiny_read_files import FAMILIES
from tests.thorough import is_thorough

READERS, VAE = "text_encoders.", "first_stage_model."
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


def write(content, file):
    """Tensors or bytes into a file; None leaves it out."""
    if isinstance(content, dict):
        tiny_files.save(content, file)
    elif content is not None:
        file.write_bytes(content)


def unclear_of(plan, name):
    """What is wrong with what is said of a plan that nothing can be drawn by; empty where a sentence names the file."""
    try:
        draw(plan)
    except RenderError as error:
        said = f"{error.message} = help: {error.help}"
        is_raw = not error.help or "Errno" in error.message
        return said if is_raw else unclear([said], Fault(name, without_weights, ""))
    return "drawn"


def names_others(plan, others):
    """What is said of a plan that nothing can be drawn by, where it names files in which nothing is wrong."""
    with pytest.raises(RenderError) as caught:
        draw(plan)
    return caught.value.message if any(each in caught.value.message for each in others) else ""


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
    whole = (written.root / "whole.safetensors").read_bytes()
    broken = {
        "no-numbers": {**tensors, **numberless(prefixed(tensors, True))},
        "wrong-widths": wider(tensors),
        "tensor-lost": without_one(tensors),
        "denoiser-lost": without(tensors, ROOM),
        "rest-lost": prefixed(tensors, True),
        "vae-lost": without(tensors, written.tiny.vae_prefix),
        "readers-of-another": {**without(tensors, READERS), **readers},
        "another": foreign,
        **no_files(whole),
    }
    wrong = {}
    for each, content in broken.items():
        file = tmp_path / f"{each}.safetensors"
        write(content, file)
        shutil.copy(written.root / "whole.tokenizer.json", file.with_suffix(".tokenizer.json"))
        wrong[each] = unclear_of(small(make_plan, written.model(file)), each)
    assert not {each: why for each, why in wrong.items() if why}
    assert draw(small(make_plan, written.whole)).any()


def no_files(whole):
    """Bytes that are no file of tensors."""
    return {"cut-off": whole[:-50], "empty": b"", "no-json": JUNK, "pickled": pickle.dumps(Trap())}


def changed_parts(name, tensors, whole, foreign):
    """What may be wrong with a part that lies in a file of its own: what is written in its place, None for nothing."""
    matrices = [key for key, each in tensors.items() if each.dim() >= 2]
    made = {
        "no-numbers": numberless(tensors),
        "wrong-widths": {key: torch.zeros([side + 1 for side in each.shape]) for key, each in tensors.items()},
        "tensor-lost": {key: each for key, each in tensors.items() if key != matrices[len(matrices) // 2]},
    }
    # Many families share a VAE, and the readers of two are language models.
    return made | no_files(whole) | {"missing": None} | ({} if name == "vae" else {"another": foreign})


QUICK = {"denoiser": ("wrong-widths", "another"), "vae": ("tensor-lost",)}
"""Of parts, what is tried in every run; of text encoders what else is not."""
QUICK_READER = ("wrong-widths", "missing", "tensor-lost")


@pytest.mark.parametrize("name", FAMILIES)
def test_a_broken_part_is_one_sentence_that_names_it(tmp_path, another, make_plan, name):
    written = FAMILIES[name]().written(tmp_path / "made")
    other = another["lumina2" if name == "z-image" else "z-image"]
    sound, wrong = written.parts, {}
    files = [f"{each}.safetensors" for each in ("denoiser", "vae", *written.tiny.readers)]
    for file in files:
        part, place = file.removesuffix(".safetensors"), written.root / file
        theirs = other.root / (file if part == "denoiser" else f"{next(iter(other.tiny.readers))}.safetensors")
        for fault, content in changed_parts(part, load_file(place), place.read_bytes(), theirs.read_bytes()).items():
            if not is_thorough() and fault not in QUICK.get(part, QUICK_READER):
                continue
            bad = tmp_path / f"{part}-{fault}" / file
            bad.parent.mkdir()
            for each in written.root.glob("*.tokenizer.json"):
                shutil.copy(each, bad.parent)
            write(content, bad)
            paths = {str(place): str(bad)}
            model = replace(
                sound,
                path=paths.get(sound.path, sound.path),
                vae=paths.get(sound.vae, sound.vae),
                text_encoders=tuple(paths.get(each, each) for each in sound.text_encoders),
            )
            plan = small(make_plan, model)
            wrong[bad.parent.name] = unclear_of(plan, file) or (
                fault == "tensor-lost" and names_others(plan, {*files} - {file})
            )
    assert wrong
    assert not {each: why for each, why in wrong.items() if why}
    assert draw(small(make_plan, sound)).any()


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


LAYER = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"


def lora(reads=64, writes=96, layer=LAYER):
    return {
        f"{layer}.lora_down.weight": torch.randn(4, reads) / 8,
        f"{layer}.lora_up.weight": torch.randn(writes, 4) / 8,
        f"{layer}.alpha": torch.tensor(4.0),
    }


DOWN, UP = f"{LAYER}.lora_down.weight", f"{LAYER}.lora_up.weight"
GOOD = lora()
LOHA = {
    f"{LAYER}.hada_w{half}_{side}": torch.ones(shape)
    for half in (1, 2)
    for side, shape in (("a", (96, 4)), ("b", (4, 64)))
}
NETWORKS = {
    "good": GOOD,
    "half": {DOWN: GOOD[DOWN]},
    "no-numbers": numberless(GOOD),
    "other-ranks": {**GOOD, UP: torch.randn(96, 5)},
    "single-number": {**GOOD, DOWN: torch.tensor(1.0)},
    "half-of-loha": {f"{LAYER}.hada_w1_a": torch.ones(96, 4), f"{LAYER}.hada_w1_b": torch.ones(4, 64)},
    "uneven-loha": {**LOHA, f"{LAYER}.hada_w2_b": torch.ones(5, 64)},
    "unlike-loha": {**LOHA, f"{LAYER}.hada_w2_a": torch.ones(95, 4)},
    "several-alphas": {**GOOD, f"{LAYER}.alpha": torch.ones(2)},
    "odd-lengths": {**GOOD, f"{LAYER}.dora_scale": torch.ones(1, 65)},
    "deep-lokr": {f"{LAYER}.lokr_w1": torch.ones(1, 2, 2), f"{LAYER}.lokr_w2": torch.ones(48, 32)},
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
SEEN_DRAWING = {"no-numbers"}  # what no header tells


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
    printed = in_lines(capsys.readouterr().err)
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


def test_a_sound_network_in_eight_bits_hides_no_other_without_numbers(tmp_path, make_plan):
    small = {key: each.to(torch.float8_e4m3fn) for key, each in GOOD.items()}
    networks: list[Network] = []
    for name, tensors in (("small", small), ("empty", numberless(GOOD))):
        save_file(tensors, tmp_path / f"{name}.safetensors")
        networks.append(Network(name=name, kind="lora", weight=1.0, path=str(tmp_path / f"{name}.safetensors")))
    with pytest.raises(RenderError, match=r"neither are weights in `\S*empty\.safetensors`"):
        draw(make_plan(networks=tuple(networks)))


def test_a_broken_vae_of_an_option_is_one_sentence_that_names_it(tmp_path, make_plan):
    tensors = {key: each.contiguous() for key, each in tiny.original_layout(tiny.tiny_pipeline()).items()}
    own = {key.removeprefix(VAE): each for key, each in tensors.items() if key.startswith(VAE)}
    save_file(own, tmp_path / "good.safetensors")
    whole, wrong = (tmp_path / "good.safetensors").read_bytes(), {}
    for fault, content in changed_parts("vae", own, whole, b"").items():
        file = tmp_path / f"{fault}.safetensors"
        write(content, file)
        wrong[fault] = unclear_of(make_plan(vae=str(file)), file.name)
    assert not {each: why for each, why in wrong.items() if why}
    assert draw(make_plan(vae=str(tmp_path / "good.safetensors"))).any()
