"""Models made of parts, as ComfyUI keeps them: denoiser, text encoders and VAE in files of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from promptlang.plans.plan import Model
from promptlang.refusals.models import model_refusal
from promptlang.refusals.parts import faults
from promptlang.tables.models.families import UNKNOWN
from promptlang_runtime.errors import RenderError
from tests.runtime import tiny
from tests.runtime.pictures import draw, opened

PREFIXES = {
    "sd1": ("cond_stage_model.transformer.",),
    "sd2": ("cond_stage_model.model.",),
    "sdxl": ("conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."),
}
ENCODERS = {"sd1": ("text_encoder",), "sd2": ("text_encoder",), "sdxl": ("text_encoder", "text_encoder_2")}
BUILDERS = {
    "sd1": (tiny.tiny_pipeline, tiny.original_layout),
    "sd2": (tiny.tiny_sd2, tiny.sd2_layout),
    "sdxl": (tiny.tiny_sdxl, tiny.sdxl_layout),
}
FAMILIES = tuple(BUILDERS)


@dataclass(frozen=True, kw_only=True)
class Files:
    """A model as one file, and the same weights as parts."""

    family: str
    whole: Path
    denoiser: Path
    encoders: tuple[Path, ...]
    vae: Path

    @property
    def parts(self):
        return Model(
            name="tiny", family=self.family, path=str(self.denoiser), text_encoders=tuple(map(str, self.encoders)),
            vae=str(self.vae),
        )  # fmt: skip


def under(tensors, prefix):
    return {name.removeprefix(prefix): each for name, each in tensors.items() if name.startswith(prefix)}


@pytest.fixture(scope="module", params=FAMILIES)
def files(request, tmp_path_factory):
    return files_of(request.param, tmp_path_factory.mktemp(request.param))


def files_of(family, root):
    """The model of a family in both forms."""
    build, layout = BUILDERS[family]
    pipeline = build()
    tensors = layout(pipeline)
    save_file(tensors, root / "whole.safetensors")
    save_file(under(tensors, "model.diffusion_model."), root / "denoiser.safetensors")
    save_file(under(tensors, "first_stage_model."), root / "vae.safetensors")
    for part in ENCODERS[family]:
        named = getattr(pipeline, part).state_dict()
        whole = {name if name.startswith("text_") else f"text_model.{name}": each for name, each in named.items()}
        save_file(whole, root / f"{part}.safetensors")
    return Files(
        family=family,
        whole=root / "whole.safetensors",
        denoiser=root / "denoiser.safetensors",
        encoders=tuple(root / f"{part}.safetensors" for part in ENCODERS[family]),
        vae=root / "vae.safetensors",
    )


@pytest.fixture
def plan_of(make_plan):
    def make(model, **changes):
        return make_plan(model=model, clip_skip=None, sampler="ddim", steps=1, **changes)

    return make


def whole(files):
    return Model(name="tiny", family=files.family, path=str(files.whole))


def changed(path, target):
    """A file with other numbers in the same places."""
    save_file({name: each + 0.1 * torch.randn(each.shape) for name, each in load_file(path).items()}, target)
    return str(target)


def test_parts_are_the_checkpoint_that_holds_them(files, plan_of):
    expected = draw(plan_of(whole(files)))
    assert np.array_equal(draw(plan_of(files.parts)), expected)
    backwards = replace(files.parts, text_encoders=files.parts.text_encoders[::-1])
    assert np.array_equal(draw(plan_of(backwards)), expected)


def test_a_denoiser_may_carry_the_prefix_of_checkpoints(files, plan_of, tmp_path):
    named = {f"model.diffusion_model.{name}": each for name, each in load_file(files.denoiser).items()}
    save_file(named, tmp_path / "denoiser.safetensors")
    found = draw(plan_of(replace(files.parts, path=str(tmp_path / "denoiser.safetensors"))))
    assert np.array_equal(found, draw(plan_of(files.parts)))


def test_a_part_takes_the_place_of_the_checkpoints_own(files, plan_of, tmp_path):
    before = draw(plan_of(whole(files)))
    other = changed(files.vae, tmp_path / "vae.safetensors")
    assert not np.array_equal(draw(plan_of(replace(whole(files), vae=other))), before)
    assert np.array_equal(draw(plan_of(replace(whole(files), vae=other))), draw(plan_of(whole(files), vae=other)))
    for number, path in enumerate(files.encoders):
        encoders = list(map(str, files.encoders))
        encoders[number] = changed(path, tmp_path / path.name)
        model = replace(whole(files), text_encoders=tuple(encoders))
        own = opened(plan_of(whole(files))).pipeline
        weights = {part: getattr(own, part).state_dict() for part in ENCODERS[files.family]}
        found = opened(plan_of(model)).pipeline
        for place, part in enumerate(ENCODERS[files.family]):
            pairs = zip(getattr(found, part).state_dict().values(), weights[part].values(), strict=True)
            assert all(torch.equal(*pair) for pair in pairs) is (place != number), part


BROKEN = {
    "missing": (lambda files, root: replace(files.parts, text_encoders=()), "the checkpoint has no text encoder"),
    "no vae": (lambda files, root: replace(files.parts, vae=None), "the checkpoint has no VAE"),
    "empty": (lambda files, root: replace(files.parts, vae=written(root, b"")), r"bad.safetensors` is not a safe"),
    "torn": (
        lambda files, root: replace(files.parts, vae=written(root, files.vae.read_bytes()[:-100])),
        r"bad.safetensors` is not a safetensors file that can be read",
    ),
    "pickled": (lambda files, root: replace(files.parts, vae=str(root / "vae.ckpt")), "is pickled"),
    "a vae for an encoder": (
        lambda files, root: replace(files.parts, text_encoders=(str(files.vae),)),
        "vae.safetensors` holds no text encoder",
    ),
    "an encoder for a vae": (
        lambda files, root: replace(files.parts, vae=str(files.encoders[0])),
        "text_encoder.safetensors` cannot be drawn with: its VAE lacks `encoder.conv_in.weight`",
    ),
    "torn encoder": (
        lambda files, root: replace(files.parts, text_encoders=(written(root, b"\x09"),)),
        "bad.safetensors` cannot be read: ",
    ),
    "too many": (
        lambda files, root: replace(files.parts, text_encoders=(*map(str, files.encoders), str(files.encoders[0]))),
        r"holds CLIP of width \d+, which the model does not read with",
    ),
    "wrong widths": (
        lambda files, root: replace(files.parts, path=widened(files.denoiser, root)),
        "its denoiser does not fit|its denoiser has shapes that go into no such model",
    ),
}  # fmt: skip


def written(root, content):
    (root / "bad.safetensors").write_bytes(content)
    return str(root / "bad.safetensors")


def widened(path, root):
    tensors = load_file(path)
    tensors["time_embed.0.weight"] = torch.zeros(7, 5)
    save_file(tensors, root / "wide.safetensors")
    return str(root / "wide.safetensors")


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_with_a_part_is_one_sentence_that_names_the_file(files, plan_of, tmp_path, case):
    spoil, message = BROKEN[case]
    with pytest.raises(RenderError, match=message) as caught:
        draw(plan_of(spoil(files, tmp_path)))
    assert "\n" not in caught.value.message
    assert "safetensors`" in caught.value.message or ".ckpt`" in caught.value.message
    assert caught.value.help


def lacking(path, block, root):
    """A file without one block of its network."""
    kept = {name: each for name, each in load_file(path).items() if block not in name}
    save_file(kept, root / f"lacking {path.name}")
    return str(root / f"lacking {path.name}")


def shard(path, root):
    (root / "model-00001-of-00002.safetensors").write_bytes(path.read_bytes())
    return str(root / "model-00001-of-00002.safetensors")


SAID_BEFORE = {
    "a block of a whole file": (
        lambda files, root: replace(
            whole(files), path=lacking(files.whole, "model.diffusion_model.input_blocks.4.", root)
        ),
        "`lacking whole.safetensors` lacks `model.diffusion_model.input_blocks.4`, and has ",
    ),
    "no encoder": (
        lambda files, root: replace(whole(files), text_encoders=(lacking(files.encoders[0], "layer_norm1", root),)),
        "`lacking text_encoder.safetensors` holds no text encoder",
    ),
    "half a VAE": (
        lambda files, root: replace(whole(files), vae=lacking(files.vae, "encoder.conv_in", root)),
        ": it has no encoder",
    ),
    "torn": (lambda files, root: replace(whole(files), vae=written(root, files.vae.read_bytes()[:-100])), "cut off: "),
    "pickled": (lambda files, root: replace(whole(files), text_encoders=(pickled(root),)), "pickle"),
}


def pickled(root):
    (root / "encoder.pt").write_bytes(b"PK\x03\x04")
    return str(root / "encoder.pt")


@pytest.mark.parametrize("case", SAID_BEFORE)
def test_what_no_model_is_made_of_is_said_before_it_is_opened(files, plan_of, tmp_path, case):
    """By what the check asks; and what opens the files says it too."""
    spoil, words = SAID_BEFORE[case]
    model = spoil(files, tmp_path)
    with pytest.raises(RenderError):
        draw(plan_of(model))
    refusal = model_refusal(model)
    assert refusal is not None
    assert words in refusal.message


def test_one_file_of_several_is_none(files, tmp_path):
    model = replace(whole(files), path=shard(files.whole, tmp_path))
    assert "is one of the 2 files of a divided network" in model_refusal(model).message
    twice = replace(
        files.parts, text_encoders=(str(files.encoders[0]), changed(files.encoders[0], tmp_path / "b.safetensors"))
    )
    assert "`text_encoder.safetensors` and `b.safetensors` both hold CLIP of width" in said(twice)


def said(model):
    """What is wrong with its parts, though no family reads with encoders of toy width."""
    return "; ".join(faults(model, UNKNOWN))


def test_numbers_that_are_none_are_said(files, plan_of, tmp_path):
    tensors = load_file(files.denoiser)
    tensors["out.2.bias"] = torch.full_like(tensors["out.2.bias"], torch.nan)
    save_file(tensors, tmp_path / "nan.safetensors")
    with pytest.raises(RenderError, match="what the model draws is not a number"):
        draw(plan_of(replace(files.parts, path=str(tmp_path / "nan.safetensors"))))
