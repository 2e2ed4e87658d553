# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false, reportOptionalMemberAccess=false
"""The picture so far: made of latents, in the terminal, in a file, from other processes."""

from __future__ import annotations

import io
import re
import threading
import time
from base64 import b64decode
from contextlib import suppress
from io import BytesIO

import pytest
import torch
from PIL import Image
from rich.console import Console

from promptlang import compile
from promptlang.cli.arguments import UsageError
from promptlang_runtime.command.command import main
from promptlang_runtime.command.previews import Preview, cells_of, iterm, kitty, shown_in, sixel, way_of
from promptlang_runtime.drawing import colours, glimpses
from promptlang_runtime.drawing.glimpses import Glimpse, watched
from promptlang_runtime.drawing.wanted import Wanted
from promptlang_runtime.executors.here import render
from promptlang_runtime.executors.limits import Settings
from promptlang_runtime.executors.processes import Processes
from tests.thorough import is_thorough

CIRCLE = "/render /parser:new /seed:3 <demo> /steps:4 a (red circle:1.3) on a white background"
RED = Glimpse((2, 2), bytes((255, 0, 0)) * 4)


@pytest.fixture(autouse=True)
def _at_every_step(monkeypatch):
    monkeypatch.setattr(glimpses, "PAUSE", 0.0)


def test_the_last_glimpse_is_near_the_picture():
    (plan,) = compile(CIRCLE).plans
    seen: list[Glimpse] = []
    with watched(seen.append):
        (picture,) = render(plan, device="cpu")
    assert len(seen) == 4
    small = picture.resize(seen[-1].size, Image.Resampling.BOX)
    far = [abs(one - other) for one, other in zip(small.tobytes(), seen[-1].pixels, strict=True)]
    assert sum(far) / len(far) < 25
    assert [(each.step, each.steps) for each in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    file = Image.open(BytesIO(seen[0].png()))
    assert (file.size, file.info) == ((16, 16), {"Step": "1/4"})


@pytest.mark.parametrize("sampler", ["k_euler_a", "/arithmetic:webui", "/rescale:0.5 (a:1.1) AND"])
def test_whatever_loop_draws_it_is_seen(sampler):
    words = f"/sampler:{sampler}" if sampler[0] == "k" else sampler
    (plan, *_) = compile(f"/render /seed:3 <demo> /steps:2 {words} a star").plans
    seen: list[Glimpse] = []
    with watched(seen.append):
        render(plan, device="cpu")
    assert [(each.step, each.steps) for each in seen] == [(1, 2), (2, 2)]


def test_a_sampler_that_asks_twice_for_a_step_takes_as_many_steps():
    (plan,) = compile("/render /seed:3 <demo> /steps:2 /sampler:heun a star").plans
    seen: list[Glimpse] = []
    with watched(seen.append):
        render(plan, device="cpu")
    assert [(each.step, each.steps) for each in seen] == [(1, 2), (2, 2), (2, 2)]


def test_nobody_who_does_not_watch_costs_anything(monkeypatch):
    (plan,) = compile(CIRCLE).plans
    made: list[object] = []
    monkeypatch.setattr(colours, "coloured", lambda *given: made.append(given))
    (picture,) = render(plan, device="cpu")
    assert picture.size == plan.size
    assert made == []


def test_tokens_are_laid_out_as_the_picture_is():
    latents = torch.arange(16 * 4 * 8.0).view(1, 16, 4, 8) / 100
    tokens = latents.view(1, 16, 2, 2, 4, 2).permute(0, 2, 4, 1, 3, 5).reshape(1, 8, 64)
    size = (64, 32)
    assert colours.pixels_of(tokens, colours.FLUX, size) == colours.pixels_of(latents, colours.FLUX, size)
    assert colours.pixels_of(latents[:, :, None], colours.FLUX, size) == colours.pixels_of(latents, colours.FLUX, size)
    assert colours.pixels_of(tokens[:, :3], colours.FLUX, size) is None
    assert colours.pixels_of(latents, colours.SD1, size) is None


def test_colours_are_found_again_by_the_fit():
    latents = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    pixels = torch.einsum("bchw,cr->brhw", latents, torch.tensor(colours.SD1.factors)) + 0.25
    found = colours.fitted(latents, pixels.repeat_interleave(8, -1).repeat_interleave(8, -2))
    assert torch.allclose(torch.tensor(found.factors), torch.tensor(colours.SD1.factors), atol=2e-4)
    assert found.bias == pytest.approx((0.25, 0.25, 0.25), abs=2e-4)


def test_what_is_no_number_is_seen_as_something():
    assert colours.pixels_of(torch.full((1, 4, 2, 2), float("nan")), colours.SD1, (16, 16)) is not None


@pytest.mark.slow
@pytest.mark.skipif(not is_thorough(), reason="starts a process that draws: `make test-slow`")
def test_other_processes_send_theirs():
    (plan,) = compile(CIRCLE).plans
    executor = Processes(Settings(device="cpu", glimpses=True), ["cpu"])
    seen: list[Glimpse] = []
    try:
        executor.submit(0, [Wanted(plan, 3)])
        with watched(seen.append):
            _, result = executor.wait(lambda *_: None)
    finally:
        executor.close()
    assert result is not None
    assert len(result.pictures) == 1
    assert seen
    assert seen[0].size == (16, 16)


@pytest.mark.parametrize(
    ("environment", "answer", "way"),
    [
        ({"TERM": "xterm-kitty"}, "", "kitty"),
        ({"TERM": "xterm-ghostty"}, "", "kitty"),
        ({"TERM_PROGRAM": "iTerm.app"}, "", "iterm"),
        ({"LC_TERMINAL": "iTerm2"}, "", "iterm"),
        ({"TERM": "foot"}, "\x1b[?62;4;22c", "sixel"),
        ({"TERM": "xterm-256color"}, "\x1b[?64;1;2;6c", "blocks"),
        ({"TERM": "xterm-256color"}, "", "blocks"),
        ({"TERM": "screen-256color", "KITTY_WINDOW_ID": "1"}, "", "blocks"),
    ],
)
def test_a_terminal_shows_what_it_says_it_can(environment, answer, way):
    assert way_of(environment, lambda: answer) == way


def test_half_blocks_have_a_pixel_above_another():
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=80, legacy_windows=False)
    preview = Preview("blocks")
    preview.show(Glimpse((1, 2), bytes((255, 0, 0, 0, 0, 255))))
    console.print(preview)
    written = console.file.getvalue()
    assert "38;2;255;0;0;48;2;" in written
    assert written.count("▀") == 12 * 12
    preview.clear()
    assert not list(preview.__rich_console__(console, console.options))


def test_shapes_are_those_of_pictures():
    assert cells_of((64, 64), 80) == (24, 12)
    assert cells_of((128, 32), 80) == (48, 6)
    assert cells_of((32, 128), 80) == (6, 12)
    assert cells_of((64, 64), 10) == (10, 5)


def test_pictures_are_written_in_the_signs_of_each_terminal():
    picture = RED.picture
    (head, data) = re.fullmatch(r"\x1b_G(.*?),m=0;(.*)\x1b\\", kitty(picture, 4, 2)).groups()
    assert "c=4,r=2" in head
    assert Image.open(BytesIO(b64decode(data))).getpixel((0, 0)) == (255, 0, 0)
    (data,) = re.fullmatch(r"\x1b\]1337;File=inline=1;width=4;height=2;.*?:(.*)\x07", iterm(picture, 4, 2)).groups()
    assert Image.open(BytesIO(b64decode(data))).size == (2, 2)
    assert sixel(picture, 1, 1) == '\x1bPq"1;1;10;20#0;2;100;0;0' + "-".join(["#0!10~"] * 3 + ["#0!10B"]) + "\x1b\\"


def test_a_pipe_shows_none(capsys):
    assert shown_in(Console(file=io.StringIO()), "kitty") is None
    assert shown_in(Console(file=io.StringIO(), force_terminal=True), "off") is None


def test_the_file_of_the_picture_so_far_is_there_while_it_is_drawn(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    seen, done, file = set(), threading.Event(), tmp_path / "so far.png"

    def look():
        while not done.is_set():
            with suppress(FileNotFoundError):  # it goes when the picture is done
                seen.add(Image.open(BytesIO(file.read_bytes())).size)
            time.sleep(0.005)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        assert main([CIRCLE.replace("steps:4", "steps:12"), "--device", "cpu", "--preview-to", str(file)]) == 0
    finally:
        done.set()
        looking.join()
    assert seen == {(16, 16)}
    assert not file.exists()
    file.write_text("mine")
    with pytest.raises(UsageError, match="there is a"):
        main([CIRCLE, "--preview-to", str(file)])
    assert file.read_text() == "mine"
