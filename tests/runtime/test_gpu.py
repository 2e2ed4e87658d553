"""What is drawn on a GPU beside the same on the CPU: samplers, arithmetics, whole runs of the command, short memory."""

from __future__ import annotations

import gc
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from PIL import Image

from promptlang import compile
from promptlang.plans.plan import Model
from promptlang.tables.arithmetics import ROWS, samplers
from promptlang_runtime.command.command import main
from promptlang_runtime.executors import loading
from promptlang_runtime.executors.here import render
from promptlang_runtime.executors.limits import MEMORY
from promptlang_runtime.executors.loading import load
from tests.runtime import tiny, tiny_language
from tests.runtime.language import small
from tests.runtime.pictures import draw, opened

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device"),
]

STATEMENTS = (
    "/parser:new a (red circle:1.3) on white [blue]",
    "/parser:a1111 a [red|blue] circle",
    "/parser:a1111 a red circle AND a blue square :0.6",
    "/parser:comfy a (red:1.2) circle",
    "/parser:compel a (red)1.2 circle",
    "/parser:new /clipskip:4 a red circle",
    "/parser:new a red circle <neon:0.7>",
    "/parser:new a circle <blueprint>",
    "/parser:new /hires:1.5 /hires-steps:3 a red circle",
    "/parser:new /rescale:0.7 a red circle",
    "/parser:new /guidance:1 a red circle",
)


def beside(text: str, dtype: str | None = "float32", **settings: object) -> float:
    """How far apart both devices draw the first picture of a statement, in levels of 255."""
    plan = compile(text).plans[0]
    drawn = np.asarray(render(plan, device="cuda", dtype=dtype, **settings)[0], dtype=np.int16)
    return float(np.abs(drawn - draw(plan)).mean())


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_statements(dtype):
    """At seed 3 the one with AND is another picture at guidance 4.002 already: rounding decides, on whatever device."""
    far = {text: beside(f"/render /seed:5 /steps:8 /sampler:k_euler <demo> {text}", dtype) for text in STATEMENTS}
    print(dtype, {key: round(each, 2) for key, each in far.items()})
    assert {key: each for key, each in far.items() if each > (0.5 if dtype == "float32" else 8)} == {}


@pytest.mark.parametrize("arithmetic", [row.name for row in ROWS])
def test_samplers(arithmetic):
    rows = [row.name for row in samplers(arithmetic) if not row.package or find_spec(row.package)]
    far = {}
    for name in rows:
        far[name] = beside(
            f"/render /parser:a1111 /arithmetic:{arithmetic} /seed:3 /steps:10 /sampler:{name} <demo> a red circle"
        )
    print(arithmetic, {key: round(each, 2) for key, each in far.items()})
    assert {key: each for key, each in far.items() if each > 1} == {}


@pytest.mark.parametrize("memory", [row.name for row in MEMORY])
def test_memory(memory):
    assert beside("/render /seed:3 /steps:4 <demo> a red circle", memory=memory) < 1


RESTING = {
    "sdxl": tiny.tiny_sdxl,
    "sd3": tiny_language.sd3,
    "flux": tiny_language.flux,
    "z-image": tiny_language.z_image,
    "qwen-image": tiny_language.qwen_image,
}


@pytest.mark.parametrize("memory", [row.name for row in MEMORY if row.rests])
@pytest.mark.parametrize("name", RESTING)
def test_parts_that_rest_in_every_kind_of_family(make_plan, tmp_path, name, memory):
    RESTING[name]().save_pretrained(tmp_path)
    plan = small(make_plan, Model(name="tiny", family=name, path=str(tmp_path)))
    whole = np.asarray(render(plan, device="cuda", dtype="float32")[0], dtype=np.int16)
    spared = np.asarray(render(plan, device="cuda", dtype="float32", memory=memory)[0], dtype=np.int16)
    assert whole.std() > 1
    assert np.abs(spared - whole).max() <= 2


@pytest.mark.parametrize("memory", [row.name for row in MEMORY if row.rests])
def test_statements_with_parts_that_rest(memory):
    far = {
        text: beside(f"/render /seed:3 /steps:8 /sampler:k_euler <demo> {text}", memory=memory) for text in STATEMENTS
    }
    print(memory, {key: round(each, 2) for key, each in far.items()})
    assert {key: each for key, each in far.items() if each > 0.5} == {}


def test_what_rests_takes_no_memory_of_the_device(make_plan):
    """What lies there between two pictures, in bytes, and the most that lay there while one was drawn."""
    plan, held, most = make_plan(steps=2, size=(64, 64)), [], []
    for row in MEMORY:
        loading._latest.clear()
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        render(plan, device="cuda", dtype="float32", memory=row.name)
        held.append(torch.cuda.memory_allocated() - before)
        most.append(torch.cuda.max_memory_allocated() - before)
    print(held, most)
    parts = opened(plan).pipeline.components
    sizes = [sum(each.numel() * 4 for each in parts[name].parameters()) for name in ("text_encoder", "unet")]
    assert held[0] - held[1] > 0.9 * sizes[0]
    assert held[1] - held[2] > 0.9 * sizes[1]
    assert most[2] < most[0] - 0.5 * sizes[1]


def test_a_batch_that_is_too_large_is_halved():
    plan = compile("/render /seed:3 /steps:2 /size:512x512 /images:16 <demo> a red circle").plans[0]
    load(plan.model, device=torch.device("cuda"), dtype=torch.float16)
    announced = {}

    def drawn(kept):
        def on_step(done, call, total):
            announced.setdefault(kept, set()).add(total)

        pictures = render(plan, device="cuda", on_step=on_step)
        return [np.asarray(each, dtype=np.int16) for each in pictures]

    whole = drawn("whole")
    torch.cuda.empty_cache()
    _, memory = torch.cuda.mem_get_info()
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_allocated() + 2**28) / memory)
    try:
        halved = drawn("halved")
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert max(announced["halved"]) > max(announced["whole"])
    assert max(int(np.abs(one - other).max()) for one, other in zip(whole, halved, strict=True)) <= 12


@pytest.mark.parametrize("words", [[], ["--jobs", "auto"], ["--jobs", "2"]])
def test_a_run_of_the_command(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    compared = "/compare /parser:new /clipskip:1..4 /guidance:4 /sampler:dpm2m /seed:7 /steps:4 <demo> a star"
    (tmp_path / "a.prompt").write_text(f"{compared}\n\n/render /images:3 /steps:4 a circle\n")
    assert main(["a.prompt", *words]) == 0
    written = sorted((tmp_path / "out").glob("*.png"))
    assert len(written) >= 7
    pictures = [each for each in written if "sheet" not in each.name]
    for each in pictures:
        with Image.open(each) as picture:
            assert np.asarray(picture).std() > 5, each.name
