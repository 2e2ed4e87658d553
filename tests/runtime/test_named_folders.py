"""Folders that options name, of VAEs, ControlNets and image encoders: what is wrong with one is said before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
import torch
from safetensors.torch import load_file, save_file

import promptlang
from promptlang.config.chain import load
from promptlang.models.fitting.wholeness import part_damage
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.opening import lone_from
from promptlang_runtime.models.places import find_all
from promptlang_runtime.networks.controls import open_control
from promptlang_runtime.planning.jobs import placed
from tests.runtime import tiny, tiny_language
from tests.runtime.test_blend import adapter_for, eyes
from tests.runtime.test_controls import net_for

Spoil = Callable[[Path], object]


def said(**changes: object) -> Spoil:
    def spoil(folder: Path) -> None:
        place = folder / "config.json"
        place.write_text(json.dumps(json.loads(place.read_text()) | changes), encoding="utf-8")

    return spoil


def tensors(change: Callable[[dict[str, torch.Tensor]], object]) -> Spoil:
    def spoil(folder: Path) -> None:
        (file,) = folder.glob("*.safetensors")
        found = {name: each.clone() for name, each in load_file(file).items()}
        change(found)
        save_file(found, file, metadata={"format": "pt"})

    return spoil


def pickled(folder: Path) -> None:
    (file,) = folder.glob("*.safetensors")
    file.rename(file.with_suffix(".bin"))


def listed(folder: Path) -> None:
    (file,) = folder.glob("*.safetensors")
    listing = {"metadata": {}, "weight_map": {"a": "diffusion_pytorch_model-00002-of-00002.safetensors"}}
    file.with_name(f"{file.name}.index.json").write_text(json.dumps(listing), encoding="utf-8")


FOLDERS = {
    "vae": ("diffusers.AutoencoderKL", "sd1", "/vae:{}"),
    "net": ("diffusers.ControlNetModel", "sd1", "/control:map /control-net:{} /control-image:look.png"),
    "flux-net": ("diffusers.FluxControlNetModel", "flux", "/control:map /control-net:{} /control-image:look.png"),
    "eyes": (
        "transformers.CLIPVisionModelWithProjection",
        "sd1",
        "/blend:look.png /blend-adapter:adapter.safetensors /blend-encoder:{}",
    ),
}
FAULTS: dict[str, dict[str, tuple[Spoil, str]]] = {
    "vae": {
        "width": (said(block_out_channels=[32, 32, 32, 64]), "`block_out_channels` of `config.json` is 64"),
        "word": (said(act_fn="odd"), "`act_fn` of `config.json` is `odd`"),
        "lost": (tensors(lambda own: own.pop("decoder.conv_in.weight")), "its files lack `decoder.conv_in.weight`"),
        "flat": (
            tensors(lambda own: own.update({"encoder.down_blocks.0.resnets.0.conv2.weight": torch.tensor(1.0)})),
            "`encoder.down_blocks.0.resnets.0.conv2.weight` is a single number",
        ),
        "counted": (
            tensors(lambda own: own.update({"decoder.conv_in.weight": own["decoder.conv_in.weight"].long()})),
            "`decoder.conv_in.weight` holds whole numbers (I64), which are no weights",
        ),
        "empty": (lambda folder: [each.unlink() for each in folder.glob("*.safetensors")], "it has no weights"),
        "pickled": (pickled, "it has pickled weights alone"),
        "listed": (listed, "it has no `diffusion_pytorch_model-00002-of-00002.safetensors`"),
        "bare": (tensors(lambda own: own.clear()), "it has no weights"),
    },
    "net": {
        "map": (said(conditioning_channels=5), "`conditioning_channels` of `config.json` is 5"),
        "class": (said(_class_name="FluxControlNetModel"), "names no `ControlNetModel` of one kind of map"),
        "lost": (tensors(lambda own: own.pop("conv_in.weight")), "its files lack `conv_in.weight`"),
    },
    "flux-net": {
        "many": (said(num_mode=3), "names no `FluxControlNetModel` of one kind of map"),
        "blocks": (said(num_layers=4), "its files lack `transformer_blocks.1`, where `num_layers`"),
        "text": (said(joint_attention_dim=99), "`joint_attention_dim` of `config.json` is 99"),
    },
    "eyes": {
        "kind": (said(model_type="bert"), "names none of CLIP's"),
        "grid": (said(image_size=64), "where `image_size` of `config.json` is 64, and `patch_size` is 8"),
        "layers": (said(num_hidden_layers=9), "its files lack `vision_model.encoder.layers.3`"),
        "word": (said(hidden_act="odd"), "`hidden_act` of `config.json` is `odd`"),
        "no-object": (lambda folder: (folder / "config.json").write_text("[]"), "`config.json` is JSON but no object"),
    },
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("named")
    model, flux = tiny.tiny_pipeline(), tiny_language.flux()
    for name, whole in (("sd1", model), ("flux", flux), ("vae", model.vae), ("eyes", eyes())):
        whole.save_pretrained(root / name)
    net_for("sd1", model).save_pretrained(root / "net")
    net_for("flux", flux).save_pretrained(root / "flux-net")
    save_file(adapter_for(model), root / "adapter.safetensors")
    (root / "look.png").write_bytes(b"\x89PNG")
    entries = 'sd1 = { path = "sd1", family = "sd1" }\nflux = { path = "flux", family = "flux" }\n'
    (root / "promptlang.toml").write_text(f"[concepts.names]\n{entries}", encoding="utf-8")
    return root


@pytest.mark.parametrize("name", FOLDERS)
def test_what_is_wrong_with_a_folder_is_said_before_it_is_opened(project: Path, name: str) -> None:
    """By the check and by a dry run, in the same words; a sound folder is passed over in silence."""
    kind, model, written = FOLDERS[name]
    known = load(project / "promptlang.toml").project
    assert part_damage(project / name, kind) is None
    for fault, (spoil, words) in {"sound": (lambda _: None, ""), **FAULTS[name]}.items():
        folder = f"{name}-{fault}"
        copytree(project / name, project / folder)
        spoil(project / folder)
        found = promptlang.compile(f"/render {written.format(folder)} a cow <{model}>", project=known)
        messages = [each.message for each in found.diagnostics if each.rule.name == "option/unusable-file"]
        if fault == "sound":
            assert not messages
            find_all(placed(found.plans[0], project))
            continue
        assert any(words in each for each in messages), messages
        with pytest.raises(RenderError) as caught:
            find_all(placed(found.plans[0], project))
        assert caught.value.message.replace(f"{project}/", "") in messages


OPENED = [("vae", "lost"), ("net", "lost"), ("eyes", "layers"), ("vae", "width"), ("vae", "counted")]


@pytest.mark.parametrize(("name", "fault"), OPENED)
def test_what_opens_a_folder_alone_does_not_make_up_what_it_lacks(tmp_path: Path, project: Path, name: str, fault: str):
    copytree(project / name, tmp_path / name)
    FAULTS[name][fault][0](tmp_path / name)
    with pytest.raises(RenderError, match="is no part that can be opened"):
        lone_from(tmp_path / name, FOLDERS[name][0], "part", dtype=torch.float32)


@pytest.mark.parametrize("fault", ["lost", "no-object"])
def test_a_folder_that_is_opened_as_no_controlnet_is_called_so_once(tmp_path: Path, project: Path, fault: str) -> None:
    copytree(project / "net", tmp_path / "net")
    FAULTS["net"].get(fault, FAULTS["eyes"]["no-object"])[0](tmp_path / "net")
    with pytest.raises(RenderError) as caught:
        open_control(str(tmp_path / "net"), "ControlNetModel", tiny.tiny_pipeline().unet, dtype=torch.float32)
    assert caught.value.message.count("is no ControlNet") == 1
