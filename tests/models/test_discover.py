"""Concept folders: names from files, everything else from headers and side files, and nothing ever crashes."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from promptlang.models.discover import completed, concept, files, reading
from promptlang.models.names import Finding, is_pickled
from promptlang.tables.models.known import RUNS_CODE, KnownConcept

Shapes = Mapping[str, tuple[int, ...]]
Write = Callable[..., Path]
INVERSION = {"emb_params": (1, 768)}


@dataclass(frozen=True, slots=True)
class Discovery:
    """Everything that folders hold: the concepts, and what could not be read."""

    concepts: tuple[KnownConcept, ...]
    findings: tuple[Finding, ...]


def discover(folders: list[Path], *, allow_pickle: bool = False) -> Discovery:
    found = files(folders, allow_pickle=allow_pickle)
    readings = {path: reading(path) for path in found.by_name.values()}
    unread = (each for each in readings if readings[each].identity is None and not is_pickled(each))
    broken = (Finding(each, readings[each].known.evidence.partition(" cannot be read: ")[2]) for each in unread)
    return Discovery(tuple(each.known for each in readings.values()), (*found.findings, *broken))


def test_files_are_called_by_their_names(tmp_path: Path, write: Write) -> None:
    write(INVERSION, "negatives/Bad-Hands")
    write(INVERSION, "cow")
    found = discover([tmp_path])
    assert {each.name for each in found.concepts} == {"Bad-Hands", "cow"}
    assert all((each.kind, each.family) == ("inversion", "sd1") for each in found.concepts)
    assert files([tmp_path]).named("bad-hands") == (tmp_path / "negatives/Bad-Hands.safetensors",)
    assert found.findings == ()


def test_a_model_folder_is_one_concept(tmp_path: Path) -> None:
    folder = tmp_path / "my-model"
    (folder / "unet").mkdir(parents=True)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))
    (folder / "unet/config.json").write_text(json.dumps({"cross_attention_dim": 1024}))
    (folder / "unet/diffusion_pytorch_model.safetensors").write_bytes(b"")
    (known,) = discover([tmp_path]).concepts
    assert (known.name, known.kind, known.family, known.path) == ("my-model", "checkpoint", "sd2", folder)


def test_recommendations_triggers_and_preview(
    tmp_path: Path, write: Write, checkpoints: Mapping[str, tuple[str, Shapes]]
) -> None:
    metadata = {
        "modelspec.architecture": "stable-diffusion-v1",
        "modelspec.encoder_layer": "2",
        "modelspec.resolution": "768x512",
        "modelspec.trigger_phrase": "a cow",
    }
    path = write(checkpoints["sd1"][1], "cow", metadata=metadata)
    (tmp_path / "cow.preview.png").write_bytes(b"png")
    (tmp_path / "cow.json").write_text(json.dumps({"activation text": "in a field, ", "sd version": "SD1"}))
    (tmp_path / "cow.civitai.info").write_text(json.dumps({"trainedWords": ["in a field", "moo", 5]}))
    known = concept(path)
    assert known.options == (("clipskip", "2"), ("size", "768x512"))
    assert known.triggers == ("a cow", "in a field", "moo")
    assert known.preview == tmp_path / "cow.preview.png"
    assert known.layers == 12


@pytest.mark.parametrize("resolution", ["0x0", "7x7", "512x", "axb", "99999999x8", "512X512"])
def test_a_useless_resolution_recommends_nothing(
    write: Write, checkpoints: Mapping[str, tuple[str, Shapes]], resolution: str
) -> None:
    path = write(checkpoints["sd1"][1], metadata={"modelspec.resolution": resolution, "modelspec.encoder_layer": "two"})
    assert concept(path).options == ()


def test_broken_side_files_are_passed_over(tmp_path: Path, write: Write) -> None:
    path = write(INVERSION, "cow")
    (tmp_path / "cow.json").write_text("{")
    (tmp_path / "cow.civitai.info").mkdir()
    assert concept(path).triggers == ()


def test_a_name_of_several_files_is_told_apart_by_folder_ending_and_case(tmp_path: Path, write: Write) -> None:
    names = ("a/loras/fur", "b/loras/fur", "fur", "e/bark", "E/Bark", "lone")
    paths = {name: write(INVERSION, name) for name in names}
    (tmp_path / "b/loras/fur.pt").write_bytes(b"PK")
    (tmp_path / "link.safetensors").symlink_to(paths["lone"])
    found = files([tmp_path], allow_pickle=True)
    root = tmp_path.name.lower()
    own = {"a/loras/fur", "b/loras/fur.safetensors", "fur.pt", f"{root}/fur"}
    assert set(found.by_name) == {*own, "e/bark", "E/Bark", "lone", "link"}
    for name, path in found.by_name.items():
        assert found.named(name) == (path,), name
    assert len(found.named("fur")) == 4
    assert len(found.named("LORAS/fur")) == 3
    assert found.named("b\\loras\\Fur.safetensors") == (paths["b/loras/fur"],)
    assert found.named("Bark") == (paths["E/Bark"],)
    assert found.named("lone.safetensors") == (paths["lone"],)
    assert found.named("nowhere/lone") == found.named("lone.pt") == found.named("") == ()


def test_thousands_of_files_of_one_name_take_no_more_time_each(tmp_path: Path, write: Write) -> None:
    first = write(INVERSION, "0/model")
    for number in range(1, 3000):
        (tmp_path / str(number)).mkdir()
        os.link(first, tmp_path / str(number) / "model.safetensors")
    started = time.process_time()
    assert len(files([tmp_path]).by_name) == 1  # one file, whatever leads to it
    assert time.process_time() - started < 5


def test_what_cannot_be_used_is_told(tmp_path: Path, write: Write) -> None:
    write(INVERSION, "good")
    (tmp_path / "short.safetensors").write_bytes(b"abc")
    (tmp_path / "old.ckpt").write_bytes(b"PK\x03\x04")
    (tmp_path / "loop.safetensors").symlink_to("loop.safetensors")
    (tmp_path / "gone.safetensors").symlink_to("nowhere")
    (tmp_path / "circle").symlink_to(".")
    found = discover([tmp_path, tmp_path / "missing"])
    told = {each.path.name: each.message for each in found.findings}
    assert told.keys() == {
        "short.safetensors",
        "old.ckpt",
        "loop.safetensors",
        "gone.safetensors",
        "missing",
    }
    assert told["short.safetensors"] == "the file has 3 bytes, too few for a header"
    assert "can run code" in told["old.ckpt"]
    assert told["missing"] == "no such folder"
    broken = next(each for each in found.concepts if each.name == "short")
    assert (broken.kind, broken.family) == ("unreadable", "unknown")
    assert broken.evidence == "short.safetensors cannot be read: the file has 3 bytes, too few for a header"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_locked_folder_is_told(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)
    assert [each.path for each in files([tmp_path]).findings] == [locked]


def test_a_pickle_has_its_name_where_no_other_file_has_it(tmp_path: Path, write: Write) -> None:
    (tmp_path / "old.ckpt").write_bytes(b"PK\x03\x04")
    (tmp_path / "cow.pt").write_bytes(b"PK\x03\x04")
    good = write(INVERSION, "cow")
    named = files([tmp_path])
    assert named.by_name == {"old": tmp_path / "old.ckpt", "cow": good}
    assert named.named("cow") == named.named("cow.safetensors") == (good,)
    assert named.named("Cow.pt") == named.named(f"{tmp_path.name}/cow.pt") == (tmp_path / "cow.pt",)
    assert named.named("old.ckpt") == (tmp_path / "old.ckpt",)
    assert named.named("cow.ckpt") == named.named("nowhere/cow.pt") == ()
    found = discover([tmp_path])
    known = next(each for each in found.concepts if each.name == "old")
    assert (known.kind, known.family) == ("unreadable", "unknown")
    assert known.evidence == "old.ckpt cannot be read: " + RUNS_CODE
    assert sorted((each.path.name, each.message) for each in found.findings) == [
        ("cow.pt", RUNS_CODE),
        ("old.ckpt", RUNS_CODE),
    ]
    (tmp_path / "cow.pt").unlink()
    assert discover([tmp_path], allow_pickle=True).findings == ()


def test_a_changed_file_is_read_again(tmp_path: Path, write: Write) -> None:
    path = write(INVERSION, "cow")
    assert concept(path).family == "sd1"
    path.unlink()
    write({"emb_params": (1, 1024)}, "cow")
    assert concept(path).family == "sd2"


def test_an_entry_is_completed_from_its_file_but_keeps_what_it_says(write: Write) -> None:
    path = write(INVERSION, "cow")
    entry = KnownConcept(name="moo", kind="unknown", family="sd2", evidence="promptlang.toml, line 3", path=path)
    known = completed(entry)
    assert (known.name, known.kind, known.family) == ("moo", "inversion", "sd2")
    assert known.evidence.startswith("promptlang.toml, line 3; ")


def test_two_thousand_files_take_about_a_second(tmp_path: Path, write: Write) -> None:
    first = write({f"lora_unet_single_blocks_{number}_linear1.lora_A.weight": (0, 3072) for number in range(40)}, "0")
    for number in range(1, 2000):
        shutil.copy(first, tmp_path / f"{number}.safetensors")
    started = time.process_time()
    found = discover([tmp_path])
    assert len(found.concepts) == 2000
    assert time.process_time() - started < 5  # generous: this runs on shared machines


def test_the_entry_of_a_model_says_what_no_file_can(tmp_path: Path) -> None:
    (tmp_path / "scheduler").mkdir()
    (tmp_path / "model_index.json").write_text('{"_class_name": "ZImagePipeline"}')
    (tmp_path / "scheduler" / "scheduler_config.json").write_text('{"shift": 3.0}')
    read, named = (
        completed(KnownConcept(name="z", kind="unknown", family="unknown", evidence="", path=tmp_path, variant=each))
        for each in ("", "base")
    )
    assert (read.variant, dict(read.options)["steps"]) == ("turbo", "9")
    assert (named.variant, dict(named.options)) == ("base", {})
