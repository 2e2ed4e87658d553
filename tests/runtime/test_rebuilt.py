"""Single files and parts of the families whose denoiser is a transformer draw as their folders do, offline."""

from __future__ import annotations

import socket

import numpy as np
import pytest

from promptlang.tables.models.families import family
from tests.runtime import tiny_files
from tests.runtime.language import BAD, RED, saying
from tests.runtime.pictures import draw, opened

KINDS = {
    "flux dev": tiny_files.flux,
    "flux schnell": lambda: tiny_files.flux(is_guided=False),
    "chroma": tiny_files.chroma,
    "z-image": tiny_files.z_image,
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("something wanted the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module", params=KINDS)
def written(request, tmp_path_factory):
    return KINDS[request.param]().written(tmp_path_factory.mktemp("model"))


@pytest.fixture
def plan_of(make_plan):
    def make(model, **changes):
        side = family(model.family).multiple
        plain = {
            "positive": saying(RED), "negative": saying(BAD), "clip_skip": None, "sampler": "k_euler", "steps": 2,
            "size": (2 * side, side),
        }  # fmt: skip
        return make_plan(model=model, **{**plain, **changes})

    return make


def test_a_single_file_draws_as_its_folder(written, plan_of):
    assert np.array_equal(draw(plan_of(written.whole)), draw(plan_of(written.folder)))


def test_parts_draw_as_the_folder(written, plan_of):
    assert np.array_equal(draw(plan_of(written.parts)), draw(plan_of(written.folder)))


def test_noise_is_spaced_as_published(written, plan_of):
    found, expected = (opened(plan_of(each)).scheduler_config for each in (written.whole, written.folder))
    assert {name: found[name] for name in expected if not name.startswith("_")} == {
        name: each for name, each in expected.items() if not name.startswith("_")
    }
