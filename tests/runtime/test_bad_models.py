"""Model folders and files that are broken in every way we know, of every family that is drawn.

Each costs its own statement one sentence that names the file, and one that says what to do; the run goes on.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from promptlang.tables.models.families import FAMILIES, family
from promptlang_runtime.command.command import main
from tests.runtime import tiny
from tests.runtime.test_abilities import BUILDERS, SAMPLERS, VARIANTS, of
from tests.thorough import is_thorough

NAMES = [name for name in BUILDERS if name == of(name) or is_thorough()]
"""The families, and in a thorough run their variants as well."""
SINGLE = {
    "sd1": lambda: tiny.original_layout(tiny.tiny_pipeline()),
    "sd2": lambda: tiny.sd2_layout(tiny.tiny_sd2()),
    "sdxl": lambda: tiny.sdxl_layout(tiny.tiny_sdxl()),
}
ROOM = "model.diffusion_model."


@dataclass(frozen=True)
class Fault:
    """A way to break a folder, what of it the messages must name, and whether it is tried in every run."""

    name: str
    break_: Callable[[Path, Path], None]
    names: str
    is_quick: bool = True


class Trap:
    """Runs code when it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('the pickle was opened')",))


def denoiser(folder):
    return folder / ("unet" if (folder / "unet").exists() else "transformer")


def part(folder, name):
    return denoiser(folder) if name == "denoiser" else folder / name


def weights(folder):
    (found,) = folder.glob("*.safetensors")
    return found


def anew(path, data):
    """The file written again; the folders share theirs with the sound one."""
    path.unlink()
    path.write_bytes(data)


def changed(name, change):
    """A folder whose part has other tensors."""

    def break_(folder, other):
        file = weights(part(folder, name))
        tensors = change(load_file(file))
        file.unlink()
        save_file(tensors, file, {"format": "pt"})

    return break_


def numberless(tensors):
    return {
        key: torch.full_like(each, torch.nan) if each.is_floating_point() else each for key, each in tensors.items()
    }


def wider(tensors):
    return {key: torch.zeros([side + 1 for side in each.shape]) for key, each in tensors.items()}


def fewer(tensors):
    return dict([*tensors.items()][3:])


def data(name, cut):
    return lambda folder, other: anew(weights(part(folder, name)), cut(weights(part(folder, name)).read_bytes()))


def pickled(name):
    def break_(folder, other):
        file = weights(part(folder, name))
        file.with_suffix(".bin").write_bytes(pickle.dumps(Trap()))
        file.unlink()

    return break_


def foreign(name):
    """The part of another family."""

    def break_(folder, other):
        shutil.rmtree(part(folder, name))
        shutil.copytree(part(other, name), part(folder, name))

    return break_


def lying(name):
    """A part whose configuration is another family's."""
    return lambda folder, other: anew(
        part(folder, name) / "config.json", (part(other, name) / "config.json").read_bytes()
    )


def absurd(value):
    def break_(folder, other):
        file = denoiser(folder) / "config.json"
        said = json.loads(file.read_bytes())
        anew(file, json.dumps({key: value if type(each) is int else each for key, each in said.items()}).encode())

    return break_


def without_weights(folder, other):
    for file in folder.rglob("*.safetensors"):
        file.unlink()


def foreign_weights(folder, other):
    anew(weights(denoiser(folder)), weights(denoiser(other)).read_bytes())


def said(text, *names):
    return lambda folder, other: anew(part(folder, names[0]).joinpath(*names[1:]), text)


PARTS = ("denoiser", "vae", "text_encoder")
FAULTS = (
    *(Fault(f"cut-off-{name}", data(name, lambda whole: whole[:-50]), name, name == "vae") for name in PARTS),
    *(Fault(f"no-numbers-{name}", changed(name, numberless), name, name == "denoiser") for name in PARTS),
    *(Fault(f"wrong-widths-{name}", changed(name, wider), name, name == "denoiser") for name in PARTS),
    *(Fault(f"tensors-lost-{name}", changed(name, fewer), name, name == "text_encoder") for name in PARTS),
    *(
        Fault(f"part-lost-{name}", lambda folder, other, name=name: shutil.rmtree(part(folder, name)), name, is_quick)
        for name, is_quick in (("denoiser", False), ("vae", True), ("text_encoder", False), ("scheduler", False))
    ),
    *(Fault(f"part-of-another-{name}", foreign(name), name, name == "text_encoder") for name in PARTS),
    Fault("weights-of-another", foreign_weights, "denoiser"),
    Fault("index-of-another", said(b"", ".", "model_index.json"), "model_index.json", False),
    Fault("lying-config", lying("denoiser"), "denoiser"),
    Fault("negative-config", absurd(-3), "denoiser", False),
    Fault("config-of-words", absurd("many"), "denoiser", False),
    *(Fault(f"empty-{name}", data(name, lambda whole: b""), name, name == "denoiser") for name in PARTS),
    *(Fault(f"pickled-{name}", pickled(name), name, name == "text_encoder") for name in PARTS),
    Fault("pickled-by-another-name", data("denoiser", lambda whole: pickle.dumps(Trap())), "denoiser", False),
    Fault("without-weights", without_weights, ""),
    Fault("index-no-json", said(b"{", ".", "model_index.json"), "model_index.json"),
    Fault("config-no-json", said(b"{", "denoiser", "config.json"), "config.json"),
    Fault("config-a-list", said(b"[1]", "vae", "config.json"), "config.json", False),
    Fault("config-no-text", said(b"\xff\xfe\0", "text_encoder", "config.json"), "config.json", False),
    Fault("schedule-no-json", said(b"{,}", "scheduler", "scheduler_config.json"), "scheduler_config.json", False),
    Fault("header-no-json", data("vae", lambda whole: b"\x08\0\0\0\0\0\0\0notjson!"), "vae", False),
)


def tried():
    return [each for each in FAULTS if each.is_quick or is_thorough()]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The folder of a sound model of a family."""
    root = tmp_path_factory.mktemp("sound")

    def folder(name):
        place = root / name
        if not place.exists():
            BUILDERS[name]().save_pretrained(place)
        return place

    return folder


def in_lines(printed):
    """Each error with its help in a line of its own, without the lines of the file that it shows."""
    return re.sub(r"\n +", " ", re.sub(r"^ *\d* \|.*\n", "", printed, flags=re.MULTILINE))


def rendered(root, name, models, capsys):
    """What `promptlang render` says of each model, one statement a model, the sound one last."""
    side, sampler = 64 if family(of(name)).is_unet else 32, SAMPLERS.get(name, "k_euler")
    variant = name.partition(" ")[2] or VARIANTS.get(name)
    # No published model is as narrow as these, so that no header says their family.
    entry = f', variant = "{variant}"' if variant else f', family = "{name}"' if name in SINGLE else ""
    lines = [f'{each} = {{ path = "{each}{end}"{entry} }}' for each, end in models.items()]
    (root / "promptlang.toml").write_text("\n".join(["[concepts.names]", *lines]))
    words = f"/render /parser:new /seed:7 /steps:1 /size:{side}x{side} /sampler:{sampler} a cow"
    (root / "cows.prompt").write_text("".join(f"{words} <{each}>\n" for each in models))
    capsys.readouterr()
    code = main([str(root / "cows.prompt"), "--out", str(root / "out"), "--device", "cpu", "--no-sheet", "--quiet"])
    printed = in_lines(capsys.readouterr().err)
    assert "Traceback" not in printed
    found = {each: [] for each in models}
    for line in printed.splitlines():
        if place := re.match(r"error: .*?cows\.prompt:(\d+): (.*)", line):
            found[[*models][int(place[1]) - 1]].append(place[2])
    return code, found


def unclear(found, fault):
    """What is wrong with what was said of a broken model; empty where it is a sentence with names and a cure."""
    if len(found) != 1:
        return f"said {len(found)} times"
    message, _, help_ = found[0].partition(" = help: ")
    if not help_:
        return f"no cure: {found[0]}"
    if fault.name not in found[0]:
        return f"does not name the model: {found[0]}"
    if " failed: " in message or "http" in message or len(message) > 500:
        return f"words of another program: {message}"
    return ""


def test_every_family_that_is_drawn_is_broken():
    assert {*map(of, NAMES)} == {row.name for row in FAMILIES if row.rendered}
    assert set(SINGLE) == {row.name for row in FAMILIES if row.rendered and row.single_files and row.is_unet}


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_folder_costs_its_statement_one_sentence(sound, tmp_path, capsys, name):
    whole, other = sound(name), sound("z-image" if of(name) in ("sana", "lumina2") else "sana")
    for fault in tried():
        shutil.copytree(whole, tmp_path / fault.name, copy_function=os.link)
        fault.break_(tmp_path / fault.name, other)
    shutil.copytree(whole, tmp_path / "good", copy_function=os.link)
    code, found = rendered(tmp_path, name, dict.fromkeys([*(each.name for each in tried()), "good"], ""), capsys)
    wrong = {each.name: why for each in tried() if (why := unclear(found[each.name], each))}
    for each in tried():
        inside = denoiser(whole).name if each.names == "denoiser" else each.names
        if each.name not in wrong and inside not in found[each.name][0]:
            wrong[each.name] = f"does not name `{inside}`: {found[each.name][0]}"
    assert not wrong
    assert not found["good"]
    assert code == 1
    assert len([*(tmp_path / "out").glob("*.png")]) == 1


def prefixed(tensors, wanted):
    return {key: each for key, each in tensors.items() if key.startswith(ROOM) is wanted}


@pytest.mark.parametrize("name", SINGLE)
def test_a_broken_file_costs_its_statement_one_sentence(tmp_path, capsys, name):
    tensors = {key: each.contiguous() for key, each in SINGLE[name]().items()}
    another = SINGLE["sd1" if name == "sdxl" else "sdxl"]()
    written = {
        "good": tensors,
        "no-numbers": numberless(tensors),
        "wrong-widths": {
            key: torch.zeros([side + 1 for side in each.shape]) if ".out." in key else each
            for key, each in tensors.items()
        },
        "denoiser-lost": prefixed(tensors, False),
        "rest-lost": prefixed(tensors, True),
        "tensors-lost": fewer(tensors),
        "part-of-another": prefixed(tensors, False) | prefixed(another, True),
    }
    for each, held in written.items():
        save_file({key: tensor.contiguous() for key, tensor in held.items()}, tmp_path / f"{each}.safetensors")
    whole = (tmp_path / "good.safetensors").read_bytes()
    cut = {"cut-off": whole[:-50], "empty": b"", "no-json": b"\x08\0\0\0\0\0\0\0notjson!"}
    for each, content in (cut | {"pickled": pickle.dumps(Trap())}).items():
        (tmp_path / f"{each}.safetensors").write_bytes(content)
    (tmp_path / "ckpt.ckpt").write_bytes(pickle.dumps(Trap()))
    broken = [each for each in (*written, *cut, "pickled") if each != "good"]
    models = {**dict.fromkeys(broken, ".safetensors"), "ckpt": ".ckpt", "good": ".safetensors"}
    code, found = rendered(tmp_path, name, models, capsys)
    faults = [Fault(each, without_weights, "") for each in (*broken, "ckpt")]
    assert not {each.name: why for each in faults if (why := unclear(found[each.name], each))}
    assert not found["good"]
    assert code == 1
