"""Tensors come from the bundled model, a folder or a single file; nothing is fetched and no pickle is opened."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import socket
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from promptlang.plans.plan import Model
from promptlang_runtime.errors import RenderError
from promptlang_runtime.executors.here import render
from promptlang_runtime.executors.loading import load
from promptlang_runtime.models.decoding import decoded
from promptlang_runtime.models.tensors import load_tensors
from tests.runtime import tiny
from tests.runtime.pictures import draw

CPU = torch.device("cpu")
VAE_LAST = "first_stage_model.decoder.conv_out.bias"


@pytest.fixture(scope="module")
def pipeline():
    return tiny.tiny_pipeline()


@pytest.fixture(scope="module")
def checkpoint(pipeline, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    save_file(tiny.original_layout(pipeline), path)
    return path


@pytest.fixture(scope="module")
def folder(pipeline, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "tiny"
    pipeline.save_pretrained(path)
    return path


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("something wanted the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def opened(path, dtype=torch.float32, variant=""):
    return load(Model(name="tiny", family="sd1", path=str(path), variant=variant), device=CPU, dtype=dtype)


def test_a_single_checkpoint_is_the_model_it_was_made_from(pipeline, checkpoint):
    found = opened(checkpoint).pipeline
    for part in ("unet", "vae", "text_encoder"):
        expected = getattr(pipeline, part).state_dict()
        tensors = getattr(found, part).state_dict()
        assert tensors.keys() == expected.keys()
        assert all(torch.equal(tensors[name], expected[name]) for name in expected), part


def test_checkpoint_and_folder_draw_the_same_picture(make_plan, checkpoint, folder):
    # DDIM is the sampler of both: others take what a saved scheduler spells out, and their own defaults otherwise.
    plan = make_plan(size=(64, 64), steps=2, clip_skip=2, sampler="ddim")
    drawn = [
        render(replace(plan, model=Model(name="tiny", family="sd1", path=str(path))), device="cpu")[0]
        for path in (checkpoint, folder)
    ]
    first, second = (np.asarray(each, dtype=np.int16) for each in drawn)
    assert np.abs(first - second).max() <= 1  # the tensors are equal, but lie elsewhere in memory


@pytest.mark.parametrize("halved", [("unet", "vae", "text_encoder"), ("unet",)])
def test_a_folder_in_half_precision_alone_is_the_model_rounded(pipeline, folder, tmp_path, halved):
    shutil.copytree(folder, tmp_path / "half")
    for part in halved:
        (file,) = (tmp_path / "half" / part).glob("*.safetensors")
        save_file(
            {name: each.half() for name, each in load_tensors(file).items()}, file.with_suffix(".fp16.safetensors")
        )
        file.unlink()
    found = opened(tmp_path / "half").pipeline
    for part in ("unet", "vae", "text_encoder"):
        expected = getattr(pipeline, part).state_dict()
        tensors = getattr(found, part).state_dict()
        assert tensors.keys() == expected.keys()
        for name, each in tensors.items():
            assert torch.equal(each, expected[name].half().float() if part in halved else expected[name]), name


def test_a_vae_in_half_precision_alone_is_found(make_plan, checkpoint, folder, tmp_path):
    shutil.copytree(folder / "vae", tmp_path / "vae")
    (file,) = (tmp_path / "vae").glob("*.safetensors")
    file.rename(file.with_suffix(".fp16.safetensors"))
    plan = make_plan(model=Model(name="tiny", family="sd1", path=str(checkpoint)), steps=1)
    found = render(replace(plan, vae=str(tmp_path / "vae")), device="cpu")[0]
    assert np.array_equal(np.asarray(found), np.asarray(render(plan, device="cpu")[0]))


def test_the_prediction_of_a_variant_reaches_the_sampler(checkpoint):
    assert opened(checkpoint).scheduler_config["prediction_type"] == "epsilon"
    assert opened(checkpoint, variant="v-prediction").scheduler_config["prediction_type"] == "v_prediction"


def test_every_part_has_the_number_type_asked_for(checkpoint, folder):
    for path in (checkpoint, folder):
        found = opened(path, torch.bfloat16).pipeline
        assert {part.dtype for part in (found.unet, found.vae, found.text_encoder)} == {torch.bfloat16}


def test_the_bundled_half_precision_tensors_are_opened_in_single_precision(demo):
    parts = (demo.pipeline.unet, demo.pipeline.vae, demo.pipeline.text_encoder)
    assert {part.dtype for part in parts} == {torch.float32}


def test_a_model_is_opened_once_and_let_go_for_the_next(checkpoint, folder):
    first = opened(checkpoint)
    assert opened(checkpoint) is first
    opened(folder)
    assert opened(checkpoint) is not first


class Trap:
    """Runs code when it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('the pickle was opened')",))


def test_a_model_whose_files_are_other_ones_is_opened_anew(make_plan, checkpoint, folder, tmp_path):
    """As while a server draws, or a file that is watched."""
    copy, whole = tmp_path / "copy.safetensors", tmp_path / "copy"
    shutil.copy(checkpoint, copy)
    shutil.copytree(folder, whole)
    by_file, by_folder = (
        make_plan(model=Model(name="tiny", family="sd1", path=str(each)), steps=1) for each in (copy, whole)
    )
    before = draw(by_folder), draw(by_file)
    first = opened(copy)
    assert opened(copy) is first
    other = tiny.tiny_pipeline(seed=6)
    save_file(tiny.original_layout(other), copy)
    other.vae.save_pretrained(whole / "vae")
    assert opened(copy) is not first
    assert not np.array_equal(draw(by_folder), before[0])
    assert not np.array_equal(draw(by_file), before[1])
    copy.unlink()
    with pytest.raises(RenderError, match=r"there is no model at .*copy\.safetensors"):
        draw(by_file)


@pytest.mark.parametrize("suffix", ["ckpt", "pt", "bin", "pth", "CKPT"])
def test_pickles_are_refused_unopened(tmp_path, suffix):
    path = tmp_path / f"model.{suffix}"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(RenderError, match="pickled"):
        opened(path)


def test_a_pickle_under_a_safe_name_is_not_opened_either(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(RenderError, match="not a safetensors file that can be read: a pickled model can run") as caught:
        opened(path)
    assert caught.value.help == "save it as safetensors"


def test_a_pickle_under_a_safe_name_in_a_folder_is_told_what_to_do_with(tmp_path, pipeline):
    pipeline.save_pretrained(tmp_path)
    (file,) = (tmp_path / "unet").glob("*.safetensors")
    file.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(RenderError, match="cannot be read: a pickled model can run code") as caught:
        opened(tmp_path)
    assert caught.value.help == f"save `{file}` as safetensors"


def test_a_folder_of_pickles_is_refused(tmp_path, pipeline):
    pipeline.save_pretrained(tmp_path, safe_serialization=True)
    tensors = next((tmp_path / "unet").glob("*.safetensors"))
    tensors.with_suffix(".bin").write_bytes(pickle.dumps(Trap()))
    tensors.unlink()
    with pytest.raises(RenderError, match="its `unet` has pickled weights alone"):
        opened(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff" * 16, b"\x08\0\0\0\0\0\0\0notjson!", b"\0" * 100])
def test_broken_files_are_clear_errors(tmp_path, content):
    path = tmp_path / "broken.safetensors"
    path.write_bytes(content)
    with pytest.raises(RenderError, match="is not a safetensors file that can be read"):
        load_tensors(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"unet": ["my_module", "UNet2DConditionModel"]}, "names `my_module.UNet2DConditionModel` as its unet"),
        ({"vae": ["diffusers", "AutoencoderTiny"]}, "names `diffusers.AutoencoderTiny` as its vae"),
        ({"extra": ["os", "system"]}, "names `os.system` as its extra"),
        ({"vae": [None, None]}, "names no vae"),
    ],
)
def test_a_folder_of_other_classes_is_refused_before_anything_is_loaded(
    folder, tmp_path, monkeypatch, changes, message
):
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    (tmp_path / "model_index.json").write_text(json.dumps({**index, **changes}), encoding="utf-8")
    monkeypatch.setattr("promptlang_runtime.models.libraries.pipeline_from", None)
    with pytest.raises(RenderError, match=re.escape(message)):
        opened(tmp_path)


@pytest.mark.parametrize("broken", ["{", "[]", "\xff"])
def test_a_broken_index_is_a_clear_error(tmp_path, broken):
    (tmp_path / "model_index.json").write_text(broken, encoding="latin-1")
    with pytest.raises(RenderError, match=r"`model_index\.json` cannot be read"):
        opened(tmp_path)


def test_an_inpainting_model_says_what_it_needs(make_plan, pipeline, tmp_path):
    tensors = tiny.original_layout(pipeline)
    first = "model.diffusion_model.input_blocks.0.0.weight"
    tensors[first] = torch.zeros(tensors[first].shape[0], 9, 3, 3)
    save_file(tensors, tmp_path / "inpaint.safetensors")
    model = Model(name="inpaint", family="sd1", path=str(tmp_path / "inpaint.safetensors"))
    with pytest.raises(RenderError, match="is made for inpainting: it draws with a mask alone"):
        render(make_plan(model=model), device="cpu")


def test_what_is_not_a_number_is_an_error_and_the_vae_has_a_second_try(make_plan, pipeline, tmp_path):
    tensors = tiny.original_layout(pipeline)
    for key, message in (("model.diffusion_model.out.2.bias", "the model draws"), (VAE_LAST, "the VAE decodes")):
        save_file({**tensors, key: torch.full_like(tensors[key], torch.nan)}, tmp_path / "nan.safetensors")
        model = Model(name="nan", family="sd1", path=str(tmp_path / "nan.safetensors"), variant=key)
        with pytest.raises(RenderError, match=f"what {message} is not a number"):
            render(make_plan(model=model, steps=1), device="cpu")


class Overflowing(torch.nn.Module):
    """A VAE that knows no number in half precision."""

    dtype = torch.float16

    def to(self, *, dtype):
        self.dtype = dtype
        return self

    def decode(self, z, *, return_dict):
        assert z.dtype == self.dtype
        return (torch.full_like(z, torch.inf if self.dtype == torch.float16 else 0.5),)


def test_a_vae_that_overflows_is_tried_in_single_precision():
    vae = Overflowing()
    assert torch.equal(decoded(vae, torch.ones(1, 4, 8, 8, dtype=torch.float16)), torch.full((1, 4, 8, 8), 0.5))
    assert vae.dtype == torch.float16


def test_a_missing_file_and_an_empty_folder_are_clear_errors(tmp_path):
    with pytest.raises(RenderError, match="there is no file"):
        load_tensors(tmp_path / "none.safetensors")
    with pytest.raises(RenderError, match=r"`model_index\.json` cannot be read"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("cond_stage_model.", "the checkpoint has no text encoder"),
        ("first_stage_model.", "the checkpoint has no VAE"),
        ("model.diffusion_model.input_blocks.0.0.weight", "its denoiser lacks `input_blocks.0.0.weight`"),
        ("model.diffusion_model.output_blocks.3.1.norm.bias", "its denoiser lacks 1 tensor"),
    ],
)
def test_incomplete_checkpoints_say_what_is_missing(pipeline, tmp_path, prefix, message):
    tensors = {name: value for name, value in tiny.original_layout(pipeline).items() if not name.startswith(prefix)}
    save_file(tensors, tmp_path / "part.safetensors")
    with pytest.raises(RenderError, match=message):
        opened(tmp_path / "part.safetensors")


def test_a_repository_is_fetched_only_when_asked_and_said_so_when_offline(make_plan):
    plan = make_plan(model=Model(name="owner/name", family="sd1"))
    with pytest.raises(RenderError, match="`owner/name` is not on this computer") as caught:
        render(plan, device="cpu")
    assert "--download" in caught.value.help
    with pytest.raises(RenderError, match="cannot fetch the model at `owner/name`"):
        render(plan, device="cpu", hub=True)


def test_another_vae_draws_another_picture_and_leaves_again(make_plan, pipeline, checkpoint, folder, tmp_path):
    layout = tiny.original_layout(tiny.tiny_pipeline(seed=5))
    own = {name.removeprefix("first_stage_model."): value for name, value in layout.items() if "first_stage" in name}
    save_file(own, tmp_path / "vae.safetensors")
    plan = make_plan(model=Model(name="tiny", family="sd1", path=str(checkpoint)), steps=1)
    before = np.asarray(render(plan, device="cpu")[0])
    single = np.asarray(render(replace(plan, vae=str(tmp_path / "vae.safetensors")), device="cpu")[0])
    same = np.asarray(render(replace(plan, vae=str(folder / "vae")), device="cpu")[0])
    assert not np.array_equal(before, single)
    assert np.array_equal(before, same)
    assert np.array_equal(before, np.asarray(render(plan, device="cpu")[0]))


def test_a_vae_whose_folder_was_written_anew_is_opened_again(make_plan, checkpoint, folder, tmp_path):
    shutil.copytree(folder / "vae", tmp_path / "vae")
    plan = make_plan(model=Model(name="tiny", family="sd1", path=str(checkpoint)), steps=1, vae=str(tmp_path / "vae"))
    before = np.asarray(render(plan, device="cpu")[0])
    tiny.tiny_pipeline(seed=5).vae.save_pretrained(tmp_path / "vae")
    assert not np.array_equal(before, np.asarray(render(plan, device="cpu")[0]))


def test_a_vae_of_the_service_is_a_repository_name(make_plan):
    with pytest.raises(RenderError, match="`owner/fine-vae` is not on this computer"):
        render(make_plan(vae="owner__fine-vae"), device="cpu")


def test_a_single_file_is_opened_without_random_numbers(checkpoint):
    """They would be made for every tensor, and replaced by those of the file."""
    before = torch.get_rng_state()
    opened = load(Model(name="tiny", family="sd1", path=str(checkpoint)), device=CPU, dtype=torch.float32).pipeline
    assert torch.equal(torch.get_rng_state(), before)
    own = load_tensors(checkpoint)
    assert torch.equal(opened.vae.decoder.conv_out.bias, own[VAE_LAST])
    assert torch.nn.Linear(64, 64).weight.std() > 0  # what is made later is random as before
    assert not torch.equal(torch.get_rng_state(), before)
