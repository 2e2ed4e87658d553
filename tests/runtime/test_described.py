"""Folders whose files are not what their configuration says: found by names and shapes, as by what opens them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import promptlang
from promptlang.config.chain import load as project_of
from promptlang.models.evidence.header import read_header
from promptlang.models.evidence.records import read_record
from promptlang.models.fitting.described import DESCRIBED, undescribed
from promptlang.models.fitting.wholeness import classes_of, damage
from promptlang.tables.models.folders import folder_of
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.opening import part_from
from promptlang_runtime.models.places import find_all
from tests.runtime import tiny, tiny_language
from tests.runtime.test_abilities import BUILDERS, VARIANTS, of

Spoil = Callable[[Path], None]


@pytest.mark.parametrize("name", BUILDERS)
def test_a_folder_is_what_it_says_and_every_word_of_it_counts(tmp_path: Path, name: str) -> None:
    """No fault in a sound one; each key of the table stands in the configuration and is compared with a tensor."""
    row = folder_of(of(name), name.partition(" ")[2] or VARIANTS.get(of(name), ""))
    BUILDERS[name]().save_pretrained(tmp_path)
    assert damage(tmp_path, row) is None
    for part, kind in parts_of(tmp_path):
        told = DESCRIBED.get(kind)
        if told is None:
            continue
        config = read_record(tmp_path / part / "config.json")
        said = config.record("text_config") or config
        tensors = {at: each for file in files_of(tmp_path / part) for at, each in read_header(file).tensors.items()}
        assert not undescribed(kind, config, tensors)
        for key in {key.partition("[")[0] for side in told.sides for key in side.keys} | {b.key for b in told.blocks}:
            before, said[key] = said[key], other(said[key])
            assert undescribed(kind, config, tensors), (kind, key)
            said[key] = before


def parts_of(folder: Path) -> Iterator[tuple[str, str]]:
    for part, kind in classes_of(read_record(folder / "model_index.json")).items():
        yield part, kind.rpartition(".")[2]


def files_of(part: Path) -> list[Path]:
    return sorted(part.glob("*.safetensors"))


def other(value: object) -> object:
    return value + 7 if isinstance(value, int) else [9, *value, 9]


# --- what opens them, and the check -----------------------------------------------------------------------------------


def config(part: str, **changes: object) -> Spoil:
    def spoil(folder: Path) -> None:
        place = folder / part / "config.json"
        place.write_text(json.dumps(json.loads(place.read_text()) | changes), encoding="utf-8")

    return spoil


def without(part: str, tensor: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (file,) = files_of(folder / part)
        kept = {name: each.clone() for name, each in load_file(file).items() if not name.endswith(tensor)}
        save_file(kept, file, metadata={"format": "pt"})

    return spoil


def unlisted(folder: Path) -> None:
    (file,) = files_of(folder / "vae")
    file.rename(file.with_name("diffusion_pytorch_model-00001-of-00001.safetensors"))


def unnumbered(folder: Path) -> None:
    place = folder / "scheduler" / "scheduler_config.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | {"num_train_timesteps": "many"}), encoding="utf-8")


def untold(folder: Path) -> None:
    for each in (folder / "tokenizer_2").iterdir():
        if each.name != "tokenizer_config.json":
            each.unlink()


FAULTS: dict[str, dict[str, tuple[str, Spoil, str]]] = {
    "sd1": {
        "inputs": ("unet", config("unet", in_channels=9), "where `in_channels` of `config.json` is 9"),
        "cross": ("unet", config("unet", cross_attention_dim=99), "`cross_attention_dim` of `config.json` is 99"),
        "layers": ("unet", config("unet", layers_per_block=3), "its files lack `down_blocks.0.resnets.2`"),
        "words": ("text_encoder", config("text_encoder", vocab_size=77), "`vocab_size` of `config.json` is 77"),
        "heads": ("text_encoder", config("text_encoder", num_attention_heads=5), "`num_attention_heads` 5 does not"),
        "lost": ("text_encoder", without("text_encoder", "layers.0.mlp.fc2.bias"), "lack `encoder.layers.0.mlp.fc2."),
        "latents": ("vae", config("vae", latent_channels=7), "where `latent_channels` of `config.json` is 7"),
        "end": ("vae", without("vae", "decoder.conv_out.weight"), "its files lack `decoder.conv_out.weight`"),
        "unlisted": ("vae", unlisted, "is divided into several files, and no `*.safetensors.index.json`"),
        "numbers": ("scheduler", unnumbered, "`num_train_timesteps` in `scheduler/scheduler_config.json` is no number"),
    },
    "flux": {
        "more": ("transformer", config("transformer", num_layers=7), "lack `transformer_blocks.1`, where `num_layers`"),
        "heads": (
            "transformer",
            config("transformer", num_attention_heads=7),
            "`num_attention_heads` times `attention",
        ),
        "deep": ("text_encoder_2", config("text_encoder_2", num_layers=9), "where `num_layers` of `config.json` asks"),
        "untold": ("tokenizer_2", untold, "its `tokenizer_2` has no `tokenizer.json`"),
    },
}
MADE = {"sd1": tiny.tiny_pipeline, "flux": tiny_language.flux}


@pytest.mark.parametrize("name", FAULTS)
def test_what_a_folder_says_falsely_is_said_before(tmp_path: Path, name: str) -> None:
    """By the check and by a dry run, in the same words; and what opens the part alone would not."""
    entries: list[str] = []
    for fault, (part, spoil, _) in FAULTS[name].items():
        folder = tmp_path / fault
        MADE[name]().save_pretrained(folder)
        spoil(folder)
        entries.append(f'{fault} = {{ path = "{fault}", kind = "checkpoint", family = "{name}" }}\n')
        kind = classes_of(read_record(folder / "model_index.json"))[part]
        with pytest.raises(RenderError, match="cannot be opened"):
            part_from(folder, part, kind, dtype=torch.float32, is_denoiser=part in ("unet", "transformer"))
    (tmp_path / "promptlang.toml").write_text("[concepts.names]\n" + "".join(entries), encoding="utf-8")
    project = project_of(tmp_path / "promptlang.toml").project
    for fault, (_, _, words) in FAULTS[name].items():
        found = promptlang.compile(f"/render a cow <{fault}>", project=project)
        with pytest.raises(RenderError) as caught:
            find_all(found.plans[0])
        assert words in caught.value.message
        assert caught.value.message in [each.message for each in found.diagnostics]
