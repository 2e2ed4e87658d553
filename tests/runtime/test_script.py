"""The script that `promptlang export --to diffusers` writes draws what promptlang draws, without it."""

from __future__ import annotations

import runpy

import numpy as np
import pytest
from PIL import Image

import promptlang
from promptlang.exporters.targets import written
from promptlang.meaning.project import Project
from promptlang.models.discover import concept
from promptlang_runtime.executors.here import render
from tests.runtime import tiny, tiny_language

SAMPLED = "/sampler:dpm2m /schedule:karras"


def sd1():
    pipeline = tiny.tiny_pipeline()
    pipeline.register_modules(tokenizer=tiny_language.clip_tokenizer())
    return pipeline


def sdxl():
    pipeline = tiny.tiny_sdxl()
    second = tiny_language.clip_tokenizer("!")
    pipeline.register_modules(tokenizer=tiny_language.clip_tokenizer(), tokenizer_2=second)
    return pipeline


MODELS = {
    "sd1": (sd1, SAMPLED),
    "sd1, its own sampler": (sd1, "/clipskip:1"),
    "sdxl": (sdxl, SAMPLED),
    "flux": (tiny_language.flux, ""),
    "z-image": (tiny_language.z_image, ""),
    "sana": (tiny_language.sana, ""),
    "sana sprint": (tiny_language.sana_sprint, ""),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_script_draws_the_same_pictures(name, tmp_path, monkeypatch):
    build, options = MODELS[name]
    build().save_pretrained(tmp_path / "tiny")
    project = Project(root=tmp_path, concepts=(concept(tmp_path / "tiny"),))
    head = f"/set <tiny>\n/render /parser:new {options} /steps:3 /guidance:4 /size:64x64 /seed:7 /images:2"
    text = f"{head} a red cow\n/negative bad"
    (plan,) = promptlang.compile(text, project=project).plans
    script = written(plan, "diffusers").text
    assert "promptlang" not in script
    (tmp_path / "draw.py").write_text(script)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    runpy.run_path("draw.py")
    for picture, seed in zip(render(plan, device="cpu"), (7, 8), strict=True):
        drawn = np.asarray(Image.open(f"{seed}.png"), dtype=np.int16)
        assert np.abs(drawn - np.asarray(picture, dtype=np.int16)).max() <= 1
