"""Folders whose files are not what their configuration says: found by names and shapes, as by what opens them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from inspect import getmodule, getsource, signature
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import diffusers
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

import promptlang
from promptlang.config.chain import load as project_of
from promptlang.models.evidence.header import Tensor, read_header
from promptlang.models.evidence.records import Record, read_record
from promptlang.models.fitting.configurations.described import undescribed
from promptlang.models.fitting.configurations.said import size_of
from promptlang.models.fitting.configurations.together import Parts, apart
from promptlang.models.fitting.wholeness import classes_of, damage
from promptlang.tables.configurations.row import Described
from promptlang.tables.configurations.table import DESCRIBED
from promptlang.tables.configurations.typed import AROUND, KINDS
from promptlang.tables.configurations.words import ACTS, FRACTIONS, LEVELS, PLAIN_ACTS, ROPES, STORED
from promptlang.tables.models.folders import FOLDERS, Folder, folder_of
from promptlang.tables.models.folders import VARIANTS as FOLDER_VARIANTS
from promptlang_runtime.errors import RenderError
from promptlang_runtime.models.opening import part_from
from promptlang_runtime.models.places import find_all
from tests.runtime import tiny, tiny_language
from tests.runtime.test_abilities import BUILDERS, VARIANTS, of

Spoil = Callable[[Path], None]


@pytest.fixture(scope="module", params=BUILDERS)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Folder, Path]:
    """A sound folder of each model, and the row that says what it holds."""
    name, folder = request.param, tmp_path_factory.mktemp("whole")
    BUILDERS[name]().save_pretrained(folder)
    row = folder_of(of(name), name.partition(" ")[2] or VARIANTS.get(of(name), ""))
    assert row
    return row, folder


def test_a_folder_is_what_it_says_and_every_word_of_it_counts(whole: tuple[Folder, Path]) -> None:
    """No fault in a sound one; each key of the table stands in the configuration and is compared with a tensor."""
    row, folder = whole
    assert damage(folder, row) is None
    for part, kind in parts_of(folder):
        told = DESCRIBED.get(kind)
        if told is None:
            continue
        config = read_record(folder / part / "config.json")
        said = config.record("text_config") or config
        tensors = {at: each for file in files_of(folder / part) for at, each in read_header(file).tensors.items()}
        assert not undescribed(kind, config, tensors)
        keys = keys_of(told) | {each.key for each in told.blocks}
        for key in (key for key in keys if said[key] is not None):
            before, said[key] = said[key], other(said[key])
            assert undescribed(kind, config, tensors), (kind, key)
            said[key] = before


def test_parts_of_a_folder_say_whether_they_belong_to_one_model(whole: tuple[Folder, Path]) -> None:
    """Of each place where two meet; the sound ones say so as well."""
    row, folder = whole
    files = {part: (kind, folder / part / "config.json") for part, kind in parts_of(folder)}
    sound = {part: (kind, read_record(file)) for part, (kind, file) in files.items() if file.is_file()}
    assert [*apart(row, sound)] == []
    assert {part for joint in row.joints for part, _ in joint.parts} | {row.denoiser} == sound.keys()
    for joint in row.joints:
        for part, key in joint.parts:
            ((message, help),) = apart(row, otherwise(sound, part, key, 977))
            assert f"`{key}` of `{part}/config.json`" in message
            assert help.startswith(f"use the `{row.denoiser}`")
    for part, key in row.told:
        assert [message for message, _ in apart(row, otherwise(sound, part, key, None))] == [
            f"`{key}` of `{part}/config.json` is no number, and the pipeline counts with it"
        ]
    for part, layers in row.depths:
        assert [message for message, _ in apart(row, otherwise(sound, part, "num_hidden_layers", layers - 1))] == [
            f"`num_hidden_layers` of `{part}/config.json` is {layers - 1}, where what its layer {layers} says is read"
        ]


def otherwise(parts: Parts, part: str, key: str, value: object) -> Parts:
    """The parts, one of them with another value at a key of its configuration."""
    kind, config = parts[part]
    inside = {"text_config": Record(config.record("text_config") | {key: value})} if "text_config" in config else {}
    return {**parts, part: (kind, Record(config | {key: value} | inside))}


def keys_of(told: Described) -> set[str]:
    """Those that sizes are read from."""
    keys = {key.lstrip("/") for side in told.sides for each in side.keys for key in each.split("|")}
    return {key.partition("[")[0] for key in keys}


def parts_of(folder: Path) -> Iterator[tuple[str, str]]:
    for part, kind in classes_of(read_record(folder / "model_index.json")).items():
        yield part, kind.rpartition(".")[2]


def files_of(part: Path) -> list[Path]:
    return sorted(part.glob("*.safetensors"))


def other(value: object) -> object:
    return value + 7 if isinstance(value, int | float) else [9, *value, 9]


# --- what opens them, and the check -----------------------------------------------------------------------------------


def config(part: str, **changes: object) -> Spoil:
    def spoil(folder: Path) -> None:
        place = folder / part / "config.json"
        place.write_text(json.dumps(json.loads(place.read_text()) | changes), encoding="utf-8")

    return spoil


def inner(part: str, half: str, **changes: object) -> Spoil:
    """The same within the configuration."""

    def spoil(folder: Path) -> None:
        place = folder / part / "config.json"
        said = json.loads(place.read_text())
        said[half] |= changes
        place.write_text(json.dumps(said), encoding="utf-8")

    return spoil


def without(part: str, tensor: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (file,) = files_of(folder / part)
        kept = {name: each.clone() for name, each in load_file(file).items() if not name.endswith(tensor)}
        save_file(kept, file, metadata={"format": "pt"})

    return spoil


def empty(part: str) -> Spoil:
    return lambda folder: (folder / part / "config.json").write_text("{}", encoding="utf-8") and None


def widened(part: str, tensor: str) -> Spoil:
    """One row more than it has."""

    def spoil(folder: Path) -> None:
        (file,) = files_of(folder / part)
        tensors = {name: each.clone() for name, each in load_file(file).items()}
        tensors[tensor] = torch.cat([tensors[tensor], tensors[tensor][:1]])
        save_file(tensors, file, metadata={"format": "pt"})

    return spoil


def tokens(part: str, change: Callable[[dict[str, Any]], object]) -> Spoil:
    """Another `tokenizer.json`."""

    def spoil(folder: Path) -> None:
        place = folder / part / "tokenizer.json"
        said = json.loads(place.read_text(encoding="utf-8"))
        change(said)
        place.write_text(json.dumps(said), encoding="utf-8")

    return spoil


def cut(part: str) -> Spoil:
    def spoil(folder: Path) -> None:
        place = folder / part / "tokenizer.json"
        place.write_bytes(place.read_bytes()[:-40])

    return spoil


def flattened(part: str, tensor: str) -> Spoil:
    """A tensor that is one number."""

    def spoil(folder: Path) -> None:
        (file,) = files_of(folder / part)
        save_file({**load_file(file), tensor: torch.tensor(1.0)}, file, metadata={"format": "pt"})

    return spoil


def foreign(folder: Path) -> None:
    """A part that is another one."""
    rmtree(folder / "vae")
    copytree(folder / "text_encoder", folder / "vae")


def weights_of(part: str, other: str) -> Spoil:
    def spoil(folder: Path) -> None:
        (file,), (target,) = files_of(folder / part), files_of(folder / other)
        target.write_bytes(file.read_bytes())

    return spoil


def noisy(folder: Path) -> None:
    place = folder / "scheduler" / "scheduler_config.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | {"beta_schedule": "odd"}), encoding="utf-8")


def template(folder: Path, text: str) -> None:
    (folder / "tokenizer" / "chat_template.jinja").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "`tokenizer/chat_template.jinja` says no prompt: it is empty"),
        (
            "{% for each in messages %}{{ each.content",
            "`tokenizer/chat_template.jinja` says no prompt: line 1 cannot be",
        ),
        (
            f"{{{{ {'9' * 5000} }}}}",
            "`tokenizer/chat_template.jinja` says no prompt: it holds a number with thousands of digits",
        ),
        (f"{'{{ messages }}' * 20_000}{{%", ""),
        ("{% for each in messages %}{% generation %}{% break %}{% endgeneration %}{% endfor %}", ""),
    ],
    ids=("empty", "cut off", "digits", "long", "tags"),
)
def test_a_template_that_says_no_prompt_is_said(tmp_path: Path, text: str, words: str) -> None:
    """Tags that libraries add are none of its faults, and one that is far too long is not looked through."""
    tiny_language.z_image().save_pretrained(tmp_path)
    row = folder_of("z-image", "base")
    assert row
    template(tmp_path, text)
    found = damage(tmp_path, row)
    assert (found.message if found else "").startswith(words)
    assert bool(found) == bool(words)
    (tmp_path / "tokenizer" / "chat_template.jinja").unlink()
    found = damage(tmp_path, row)
    assert found
    assert found.message == "`tokenizer/chat_template.jinja` says no prompt: there is none"
    place = tmp_path / "tokenizer" / "tokenizer_config.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | {"chat_template": "{{ messages }}"}), encoding="utf-8")
    assert damage(tmp_path, row) is None


@pytest.mark.parametrize("name", FOLDERS)
def test_whose_pipeline_asks_for_a_template_talks(name: str) -> None:
    """And no other one, of the family or one of its variants."""
    for row in (FOLDERS[name], *FOLDER_VARIANTS.get(name, {}).values()):
        assert row.talks == ("apply_chat_template" in getsource(getmodule(getattr(diffusers, row.pipeline))))


def test_what_a_pipeline_counts_by_is_looked_at(tmp_path: Path) -> None:
    tiny_language.krea2().save_pretrained(tmp_path)
    row = folder_of("krea2", "raw")
    assert row
    assert damage(tmp_path, row) is None
    place = tmp_path / "model_index.json"
    sound = json.loads(place.read_text())
    assert {key for key, _ in row.counts} <= sound.keys()
    for key, odd in (("patch_size", True), ("patch_size", [1, 2]), ("text_encoder_select_layers", "x")):
        place.write_text(json.dumps(sound | {key: odd}), encoding="utf-8")
        found = damage(tmp_path, row)
        assert found
        assert found.message.startswith(f"`{key}` in `model_index.json` is `")


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
        "strange": (
            "text_encoder",
            weights_of("unet", "text_encoder"),
            "its files hold no tensor of a `CLIPTextModel`",
        ),
        "end": ("vae", without("vae", "decoder.conv_out.weight"), "its files lack `decoder.conv_out.weight`"),
        "unlisted": ("vae", unlisted, "is divided into several files, and no `*.safetensors.index.json`"),
        "nothing": ("unet", empty("unet"), "of `config.json`, which has no `block_out_channels`, is 320"),
        "nobody": ("text_encoder", empty("text_encoder"), "of `config.json`, which has no `hidden_size`, is 512"),
        "acts": (
            "text_encoder",
            config("text_encoder", hidden_act="nonsense"),
            "`hidden_act` of `config.json` is `non",
        ),
        "activity": ("unet", config("unet", act_fn="nonsense"), "`act_fn` of `config.json` is `nonsense`, and none of"),
        "middle": ("unet", config("unet", mid_block_type="Odd"), "`mid_block_type` of `config.json` is `Odd`"),
        "blocks": ("vae", config("vae", up_block_types=["Odd"] * 4), "`up_block_types` of `config.json` is `Odd`"),
        "wordy": ("unet", config("unet", in_channels="many"), "is `many`, and no whole number above 0"),
        "levels": (
            "vae",
            config("vae", block_out_channels=[32] * 5),
            "are 5, where `down_block_types` of `config.json`",
        ),
        "listed": ("vae", config("vae", layers_per_block=[2, 2]), "`[2, 2]`"),
        "unsized": ("vae", config("vae", sample_size=None), "`sample_size` of `config.json` is `null`, and no whole"),
        "matrix": ("unet", config("unet", use_linear_projection=True), "32×32×1×1, where `use_linear_projection` of"),
        "share": ("unet", config("unet", dropout=7.0), "`dropout` of `config.json` is `7.0`, and no number from 0 to"),
        "headed": ("unet", config("unet", num_attention_heads=8), "is `8`, and nothing may stand there"),
        "unheaded": ("unet", config("unet", attention_head_dim=5), "which its `attention_head_dim` 5 does not divide"),
        "deeper": ("unet", config("unet", transformer_layers_per_block=2), "lack `down_blocks.0.attentions.0.transfor"),
        "classes": ("unet", config("unet", num_class_embeds=3), "lack `class_embedding`, which `num_class_embeds` of"),
        "added": (
            "unet",
            config("unet", addition_embed_type="text"),
            "lack `add_embedding`, which `addition_embed_type`",
        ),
        "groups": ("vae", config("vae", norm_num_groups=7), "which its `norm_num_groups` 7 does not divide"),
        "sister": (
            "text_encoder",
            widened("text_encoder", "encoder.layers.2.mlp.fc2.weight"),
            "`encoder.layers.2.mlp.fc2.weight` is 33×64, where `encoder.layers.0.mlp.fc2.weight` is 32×64",
        ),
        "norm": ("unet", widened("unet", "mid_block.resnets.0.norm2.weight"), "`mid_block.resnets.0.norm2."),
        "bias": ("vae", widened("vae", "decoder.conv_out.bias"), "`decoder.conv_out.bias` is 4, where `decoder.conv_"),
        "flat": ("text_encoder", flattened("text_encoder", "embeddings.token_embedding.weight"), "weight` is a single"),
        "foreign": ("vae", foreign, "`vae/config.json` is of `CLIPTextModel`, where `model_index.json` names `Autoenc"),
        "betas": ("scheduler", noisy, "`beta_schedule` in `scheduler/scheduler_config.json` is `odd`, and none of"),
        "numbers": (
            "scheduler",
            unnumbered,
            "`num_train_timesteps` in `scheduler/scheduler_config.json` is `many`, and",
        ),
        "classless": (
            "unet",
            config("unet", _class_name=None),
            "`_class_name` in `unet/config.json` is `null`, and no",
        ),
    },
    "flux": {
        "more": ("transformer", config("transformer", num_layers=7), "lack `transformer_blocks.1`, where `num_layers`"),
        "heads": (
            "transformer",
            config("transformer", num_attention_heads=7),
            "`num_attention_heads` times `attention",
        ),
        "deep": ("text_encoder_2", config("text_encoder_2", num_layers=9), "where `num_layers` of `config.json` asks"),
        "gated": ("text_encoder_2", config("text_encoder_2", dense_act_fn="odd"), "`dense_act_fn` of `config.json` is"),
        "cut": ("tokenizer_2", cut("tokenizer_2"), "`tokenizer_2/tokenizer.json` divides no text: it cannot be read"),
        "mute": (
            "tokenizer_2",
            tokens("tokenizer_2", lambda said: said["model"].update(vocab={})),
            "divides no text: it has no tokens",
        ),
        "loose": (
            "tokenizer_2",
            tokens("tokenizer_2", lambda said: said["model"].update(merges=[["qqq", "zzz"]])),
            "divides no text: its `merges` join `qqq`, which is none of its tokens",
        ),
        "kind": (
            "tokenizer_2",
            tokens("tokenizer_2", lambda said: said["model"].update(type="Odd")),
            "divides no text: its `model` is of the type `Odd`",
        ),
        "unlabelled": ("tokenizer_2", tokens("tokenizer_2", lambda said: said.pop("added_tokens")), "are no list"),
        "leaving": ("transformer", without("transformer", "norm_out.linear.weight"), "lack `norm_out.linear.weight`"),
        "untold": ("tokenizer_2", untold, "its `tokenizer_2` has no `tokenizer.json`"),
    },
}
FAULTS["qwen-image"] = {
    fault: ("text_encoder", inner("text_encoder", half, **changes), words)
    for fault, half, changes, words in (
        ("seen", "vision_config", {"intermediate_size": 23}, "where `intermediate_size` of `config.json` is 23"),
        ("patch", "vision_config", {"patch_size": 21}, "where `patch_size` of `config.json` is 21"),
        ("deep", "vision_config", {"depth": 4}, "its files lack `blocks.1`, where `depth` of `config.json` asks for 4"),
        ("wordy", "vision_config", {"window_size": "many"}, "`window_size` of `config.json` is `many`, and no number"),
        ("headless", "vision_config", {"num_heads": 0}, "`num_heads` of `config.json` is `0`, and no whole number"),
        ("turned", "text_config", {"rope_parameters": {"rope_type": "odd"}}, "`rope_type` of `config.json` is `odd`"),
        ("started", "text_config", {"bos_token_id": [1]}, "is `[1]`, where a whole number or `null` is needed"),
        ("turning", "text_config", {"rope_parameters": 7}, "`rope_parameters` of `config.json` is `7`, where an"),
        ("angled", "text_config", {"rope_parameters": {"rope_theta": [1]}}, "`rope_theta` of `config.json` is `[1]`"),
        ("kinds", "text_config", {"layer_types": ["full_attention"]}, "are 1, where `num_hidden_layers` is 2"),
    )
}
MADE = {"sd1": tiny.tiny_pipeline, "flux": tiny_language.flux, "qwen-image": tiny_language.qwen_image}


UNDRAWABLE = {
    "flux": (
        ("transformer", {"axes_dims_rope": [4, 4]}, "`axes_dims_rope` of `config.json` are 2, where 3 are needed"),
        (
            "transformer",
            {"axes_dims_rope": [4, 4, 4]},
            "adds up to 12, where `attention_head_dim` of `config.json` is 16",
        ),
        ("vae", {"scaling_factor": 0}, "`scaling_factor` of `config.json` is `0`, and no number above 0"),
        ("vae", {"scaling_factor": None}, "`scaling_factor` of `config.json` is `null`, and no number above 0"),
        (
            "vae",
            {"use_quant_conv": True},
            "its files lack `quant_conv.weight`, which `use_quant_conv` of `config.json`",
        ),
    ),
    "qwen-image": (
        ("text_encoder", {"rope_theta": 0}, "`rope_theta` of `config.json` is `0`, where a number above 0 is needed"),
        ("vae", {"attn_scales": 3}, "`attn_scales` of `config.json` is `3`, and no list"),
        (
            "vae",
            {"latents_mean": [0.0]},
            "`latents_mean` of `config.json` are 1, where `z_dim` of `config.json` asks for",
        ),
        ("vae", {"latents_std": None}, "`latents_std` of `config.json` is `null`, and no list"),
        ("vae", {"num_res_blocks": 8}, "where `num_res_blocks` of `config.json` asks for 8"),
        (
            "transformer",
            {"guidance_embeds": True},
            "`guidance_embeds` of `config.json` is `true`, and nothing may stand",
        ),
    ),
}
"""What is seen while a picture is drawn at the latest, where nobody looks before."""


@pytest.mark.parametrize("name", UNDRAWABLE)
def test_what_nothing_can_be_drawn_by_is_said_of_the_configuration(tmp_path: Path, name: str) -> None:
    MADE[name]().save_pretrained(tmp_path / "whole")
    row = folder_of(name, "dev" if name == "flux" else "")
    assert row
    assert damage(tmp_path / "whole", row) is None
    for number, (part, changes, words) in enumerate(UNDRAWABLE[name]):
        copytree(tmp_path / "whole", tmp_path / str(number))
        config(part, **changes)(tmp_path / str(number))
        found = damage(tmp_path / str(number), row)
        assert found
        assert words in found.message


@pytest.mark.parametrize("name", FAULTS)
def test_what_a_folder_says_falsely_is_said_before(tmp_path: Path, name: str) -> None:
    """By the check and by a dry run, in the same words; and what opens the part alone would not."""
    entries: list[str] = []
    MADE[name]().save_pretrained(tmp_path / "whole")
    for fault, (part, spoil, _) in FAULTS[name].items():
        folder = tmp_path / fault
        copytree(tmp_path / "whole", folder)
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


def test_the_key_that_counts_is_the_one_that_is_named() -> None:
    """Of two, the second where the library takes nothing for the first: for Sana it takes 32."""
    told, config = DESCRIBED["SanaTransformer2DModel"], Record(in_channels=4)
    sizes = {(side.tensor, side.axis): size_of(told, config, side.keys) for side in told.sides}
    tensors = {
        side.tensor: Tensor("F32", tuple(sizes.get((side.tensor, axis), 1) for axis in range(4)), 0, 0)
        for side in told.sides
    }
    tensors["proj_out.weight"] = Tensor("F32", (4, 2240, 1, 1), 0, 0)
    assert undescribed("SanaTransformer2DModel", config, tensors) == (
        "`proj_out.weight` is 4×2240×1×1, where `patch_size` times `out_channels` of `config.json`, "
        "which has no `patch_size` or `out_channels`, is 32"
    )


@pytest.mark.parametrize("large", [10**31, 10**400])
def test_a_number_that_is_too_large_to_count_by_is_said(large: int) -> None:
    for config in (Record(block_out_channels=[large, 32]), Record(transformer_layers_per_block=[[large], 1])):
        (key,) = config
        found = undescribed("UNet2DConditionModel", config, {})
        assert found.startswith(f"`{key}` of `config.json` is `[")
        assert found.endswith("`, more than any network has")


# --- what the libraries take for granted ------------------------------------------------------------------------------


def usual(kind: str) -> dict[str, object]:
    """What a class takes where its configuration says nothing."""
    if found := getattr(diffusers, kind, None):
        return {key: each.default for key, each in signature(found.__init__).parameters.items()}
    return getattr(transformers, kind).config_class().get_text_config().to_dict()


@pytest.mark.parametrize("kind", DESCRIBED)
def test_what_holds_where_nothing_is_said_is_what_the_library_takes(kind: str) -> None:
    taken, told = usual(kind), DESCRIBED[kind]
    for key, each in told.unsaid.items():
        if key in told.words:
            assert each == len(taken[key]), key
        else:
            assert each == (tuple(taken[key]) if isinstance(taken[key], list) else taken[key]), key
    assert {key: taken[key] for key in told.numbers} == dict(told.numbers)
    assert {key: len(taken[key]) for key in told.counted} == dict(told.counted)
    assert all(bool(taken[key]) is usual for key, _, usual in told.switches)
    assert not any(taken[key] for key in told.closed | ({told.flat[0]} if told.flat else set()))
    keys = keys_of(told) | {each.key for each in told.blocks} | {key for pair in told.divided for key in pair}
    assert keys <= told.unsaid.keys() | told.numbers.keys()


JSON = {"int": "whole", "float": "number", "bool": "flag", "str": "name", "list": "list", "tuple": "list"}
JSON |= {"dict": "object", "None": "null", "Literal": "name"}


@pytest.mark.skipif(not hasattr(transformers.CLIPTextConfig, "__dataclass_fields__"), reason="it takes anything")
def test_kinds_of_values_are_those_that_the_library_takes() -> None:
    kinds = {getattr(transformers, kind).config_class for kind in DESCRIBED if not hasattr(diffusers, kind)}
    kinds |= {half for kind in kinds for half in kind.sub_configs.values() if hasattr(half, "__dataclass_fields__")}
    kinds |= {transformers.MistralConfig, transformers.PixtralVisionConfig}  # which Mistral 3 is made of
    taken: dict[str, set[str]] = {}
    for key, each in ((key, each) for kind in kinds for key, each in kind.__dataclass_fields__.items()):
        named = each.type.__name__ if isinstance(each.type, type) else str(each.type)
        if "ClassVar" not in named and key not in STORED:
            found = {JSON[word] for word in re.findall(r"\w+", re.sub(r"\[[^|]*?\]+", "", named)) if word in JSON}
            taken.setdefault(key, set()).update(found)
    assert {key: {*each} for key, each in KINDS.items()} == {
        key: each - ({"whole"} if "number" in each else set()) for key, each in taken.items()
    }
    inside = {key for kind in kinds if not kind.sub_configs for key in kind.__dataclass_fields__}
    assert taken.keys() - inside == AROUND


@pytest.mark.skipif(not hasattr(transformers.CLIPTextConfig, "__dataclass_fields__"), reason="it takes any number")
def test_keys_of_fractions_are_those_that_the_library_takes_no_whole_number_at() -> None:
    kinds = {getattr(transformers, kind).config_class for kind in DESCRIBED if not hasattr(diffusers, kind)}
    kinds |= {half for kind in kinds for half in kind.sub_configs.values() if hasattr(half, "__dataclass_fields__")}
    taken = {key for kind in kinds for key, each in kind.__dataclass_fields__.items() if is_fraction(each.type)}
    assert taken == FRACTIONS


def is_fraction(kind: object) -> bool:
    said = kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))
    return "float" in said and "int" not in said


def test_a_whole_number_stands_for_a_fraction(tmp_path: Path) -> None:
    """Which JSON does not tell apart, and transformers 5 does."""
    tiny.tiny_pipeline().save_pretrained(tmp_path)
    config("text_encoder", initializer_factor=1, initializer_range=0)(tmp_path)
    kind = "transformers.CLIPTextModel"
    assert part_from(tmp_path, "text_encoder", kind, dtype=torch.float32, is_denoiser=False)
    config("text_encoder", initializer_factor=10**400)(tmp_path)
    with pytest.raises(RenderError, match="cannot be opened"):
        part_from(tmp_path, "text_encoder", kind, dtype=torch.float32, is_denoiser=False)


def test_ways_to_turn_are_those_that_the_library_looks_up() -> None:
    assert {*transformers.modeling_rope_utils.ROPE_INIT_FUNCTIONS} <= ROPES


def test_names_of_activations_are_those_that_the_libraries_look_up() -> None:
    assert frozenset(transformers.activations.ACT2FN) == ACTS
    assert frozenset(diffusers.models.activations.ACT2CLS) == PLAIN_ACTS


@pytest.mark.parametrize("side", ["down", "up"])
def test_blocks_that_are_known_are_those_that_diffusers_makes(side: str) -> None:
    made = getsource(getattr(diffusers.models.unets.unet_2d_blocks, f"get_{side}_block"))
    names = set(re.findall(rf'{side}_block_type == "(\w+)"', made))
    assert names <= LEVELS[f"{side}_block_types"]
