# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false, reportOptionalMemberAccess=false
"""`promptlang render` from the words of the command line to files, table and exit code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from rich.progress import Progress

from promptlang.cli.arguments import UsageError
from promptlang_runtime.command import pages
from promptlang_runtime.command.command import main
from promptlang_runtime.command.console import Done, Line
from promptlang_runtime.executors import here as execute
from promptlang_runtime.output import gather, images
from promptlang_runtime.output.finished import finished
from promptlang_runtime.output.journal import NAME, Journal
from promptlang_runtime.output.names import name_order
from promptlang_runtime.planning.batches import batches
from promptlang_runtime.planning.costs import Costs
from tests.runtime.test_batches import jobs, of_model
from tests.thorough import is_thorough

COW = "/render /parser:new /seed:3 /images:2 /steps:2 /size:64x64 a (red circle:1.3)\n"
SWEEP = "/compare /parser:new /clipskip:1..2 /seed:7 /guidance:4 /sampler:dpm2m <demo> /steps:2 /size:64x64 a star\n"
BROKEN = "/render /parser:new /guidance:abc a cow\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Write a prompt file, render it in its folder, and say the exit code."""
    monkeypatch.chdir(tmp_path)

    def render(text, *words):
        (tmp_path / "cow.prompt").write_text(text, encoding="utf-8")
        return main(["cow.prompt", "--device", "cpu", *words])

    return render


def names(folder):
    """Of all but the journal."""
    return sorted({path.name for path in folder.iterdir()} - {NAME}) if folder.exists() else []


def test_pictures_table_and_sheet(run, tmp_path, capsys):
    assert run(COW) == 0
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png", "cow-sheet-001.png"]
    printed, progress = capsys.readouterr()
    assert "out/cow-001.png" in printed
    assert "64x64" in printed
    assert "sheet: out/cow-sheet-001.png" in printed
    assert [line.partition(",")[0] for line in progress.splitlines()] == [
        "1 of 2: out/cow-001.png",
        "2 of 2: out/cow-002.png",
    ]


def test_the_table_is_in_the_order_of_names_and_their_numbers():
    shuffled = ["star-2.png", "clip-skip-10.png", "star-10.png", "clip-skip-9.png", "star-2.webp"]
    assert sorted(shuffled, key=name_order) == [
        "clip-skip-9.png", "clip-skip-10.png", "star-2.png", "star-2.webp", "star-10.png"
    ]  # fmt: skip


def test_a_folder_without_prompts_is_said(tmp_path, capsys):
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().err == "warning: no .prompt files found\n"


def test_nothing_is_overwritten_by_a_second_run(run, tmp_path):
    run(COW, "--no-sheet")
    before = (tmp_path / "out" / "cow-001.png").read_bytes()
    run(COW, "--no-sheet")
    assert names(tmp_path / "out") == [f"cow-00{number}.png" for number in (1, 2, 3, 4)]
    assert (tmp_path / "out" / "cow-001.png").read_bytes() == before


def test_a_sweep_becomes_a_grid(run, tmp_path):
    assert run(SWEEP, "--out", "elsewhere") == 0
    assert names(tmp_path / "elsewhere") == ["cow-001.png", "cow-002.png", "cow-sheet-001.html", "cow-sheet-001.png"]
    with Image.open(tmp_path / "elsewhere" / "cow-sheet-001.png") as page:
        assert page.width >= 2 * 192


def test_statements_with_errors_are_said_and_left_out(run, tmp_path, capsys):
    assert run(BROKEN + COW, "--no-sheet") == 1
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png"]
    assert "error[guidance/not-a-number]" in capsys.readouterr().err


def test_a_model_nobody_knows_is_an_error_when_rendering(run, tmp_path, capsys):
    assert run("/render /parser:new <nothing-here> a cow\n" + COW, "--no-sheet") == 1
    assert names(tmp_path / "out") == ["cow-002.png", "cow-003.png"]
    assert capsys.readouterr().err.startswith(
        "error: cow.prompt:1: no model called `nothing-here` is known here\n"
        "  |\n"
        "1 | /render /parser:new <nothing-here> a cow\n"
        "  |                      ^^^^^^^^^^^^\n"
        "  = help: name it in `promptlang.toml`\n"
    )


def test_a_name_is_shown_where_it_is_called_and_not_in_another_word(run, capsys):
    assert run("/render /parser:a1111 a cow <lora:a:0.5>\n", "--dry-run") == 1
    assert (
        "1 | /render /parser:a1111 a cow <lora:a:0.5>\n  |                                   ^\n"
        in capsys.readouterr().err
    )


def test_a_dry_run_draws_nothing_and_loads_no_torch(tmp_path):
    (tmp_path / "cow.prompt").write_text(COW + SWEEP, encoding="utf-8")
    code = (
        "import sys; from promptlang_runtime.command.command import main; code = main(['cow.prompt', '--dry-run']);"
        "print(code, sorted({'torch', 'diffusers', 'transformers', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"
    assert "would draw 4 pictures in 2 denoiser calls" in done.stdout
    assert "1 batch, 1 model opened, 6 texts read" in done.stdout
    assert names(tmp_path) == ["cow.prompt"]


def test_resume_leaves_out_what_lies_there(run, tmp_path, capsys):
    run(COW, "--no-sheet")
    assert run(COW, "--no-sheet", "--resume") == 0
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png"]
    assert "2 pictures lay there already" in capsys.readouterr().out


def test_resume_draws_what_is_missing(run, tmp_path):
    run(COW, "--no-sheet")
    first, second = (tmp_path / "out" / f"cow-00{number}.png" for number in (1, 2))
    pixels = Image.open(first).tobytes()
    kept = second.read_bytes()
    first.unlink()
    assert run(COW, "--no-sheet", "--resume") == 0
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png"]
    assert second.read_bytes() == kept
    assert len(Image.open(first).tobytes()) == len(pixels)


def test_resume_makes_the_page_that_a_killed_run_owes(run, tmp_path):
    """Of all pictures, in the order of the statements, whoever drew them; and no page twice."""
    text = COW + "/render /seed:9 /steps:2 /size:64x64 a star\n"
    run(text, "--exact")
    with Image.open(tmp_path / "out" / "cow-sheet-001.png") as picture:
        whole = picture.tobytes()
    (tmp_path / "out" / "cow-001.png").unlink()
    (tmp_path / "out" / "cow-sheet-001.png").unlink()
    assert run(text, "--exact", "--resume") == 0
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png", "cow-003.png", "cow-sheet-001.png"]
    with Image.open(tmp_path / "out" / "cow-sheet-001.png") as picture:
        assert picture.tobytes() == whole
    assert run(text, "--exact", "--resume") == 0
    assert len(names(tmp_path / "out")) == 4


def test_without_sheets_no_picture_is_kept_for_them(run, tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr(pages, "thumbnail", kept.append)
    assert run(COW, "--no-sheet") == 0
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png"]
    assert kept == []


def test_a_comparison_has_a_page_for_a_browser_beside_its_grid(run, tmp_path, capsys):
    assert run(SWEEP + COW) == 0
    grid, page = "cow-sheet-002.png", tmp_path / "out" / "cow-sheet-002.html"
    assert names(tmp_path / "out")[-3:] == ["cow-sheet-001.png", page.name, grid]
    assert "page: out/cow-sheet-002.html" in capsys.readouterr().out
    text = page.read_text()
    assert text.count("data:image/jpeg;base64,") == 2
    assert "cow-001.png" in text


def test_resume_makes_a_page_for_a_browser_that_is_missing(run, tmp_path):
    run(SWEEP)
    page = tmp_path / "out" / "cow-sheet-001.html"
    before = page.read_text()
    page.unlink()
    assert run(SWEEP, "--resume") == 0
    assert page.read_text() == before
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png", page.name, "cow-sheet-001.png"]
    assert run(SWEEP, "--resume") == 0
    assert len(names(tmp_path / "out")) == 4


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="no such links here")
def test_a_page_for_a_browser_is_written_through_no_link(run, tmp_path, capsys):
    run(SWEEP)
    page = tmp_path / "out" / "cow-sheet-001.html"
    page.unlink()
    page.symlink_to(tmp_path / "far")
    run(SWEEP, "--resume")
    assert "cannot write `out/cow-sheet-001.html`: file exists" in capsys.readouterr().err
    assert not (tmp_path / "far").exists()


def test_variants_are_a_comparison_of_their_words(run, tmp_path):
    assert run("/render /variants:all /seed:1 /steps:2 /size:64x64 a {red|blue} star\n") == 0
    text = (tmp_path / "out" / "cow-sheet-001.html").read_text()
    assert '"values":["red","blue"]' in text


def test_concepts_strengths_words_and_vaes_are_axes_that_are_drawn(run, tmp_path):
    vae = Path(execute.__file__).parents[1] / "demo" / "vae"
    shutil.copytree(vae, tmp_path / "another vae")
    locked = "/seed:1 /guidance:2 /sampler:ddim /steps:2 /size:64x64 <demo>"
    axes = ("<neon|blueprint:0.5|1> a star", "/swap:red|blue a red star", f'/vae:"{vae}"|"another vae" a star')
    assert run("".join(f"/compare {locked} {each}\n" for each in axes)) == 0
    pictures = [Image.open(tmp_path / "out" / f"cow-{number:03}.png").tobytes() for number in range(1, 9)]
    assert len(set(pictures)) == 7  # the VAEs are the same
    page = (tmp_path / "out" / "cow-sheet-001.html").read_text()
    assert '"values":["neon","blueprint"]' in page
    assert '{"name":"strength","lead":"strength ","values":["0.5","1"]}' in page
    assert '"values":["red","blue"]' in (tmp_path / "out" / "cow-sheet-002.html").read_text()
    assert '"name":"vae"' in (tmp_path / "out" / "cow-sheet-003.html").read_text()


def test_resume_opens_no_picture_for_a_page_that_lies_there(run, tmp_path, monkeypatch):
    run(COW)
    opened, ask = [], gather.Image.open
    monkeypatch.setattr(gather.Image, "open", lambda file, *rest: opened.append(Path(file).name) or ask(file, *rest))
    assert run(COW, "--resume") == 0
    assert opened == []
    (tmp_path / "out" / "cow-sheet-001.png").unlink()
    assert run(COW, "--resume") == 0
    assert opened == ["cow-001.png", "cow-002.png"]
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png", "cow-sheet-001.png"]


def seeds(folder):
    from promptlang_runtime.output.metadata import read

    return [read(folder / name).seed for name in names(folder)]


MIXED = "".join(f"/render /seed:{seed} /steps:{steps} /size:64x64 a\n" for seed, steps in ((1, 2), (2, 3), (3, 2)))
"""The first and the last are drawn together."""


def test_names_follow_the_file_whatever_is_drawn_first(run, tmp_path, capsys):
    assert run(MIXED, "--no-sheet") == 0
    assert seeds(tmp_path / "out") == [1, 2, 3]
    told = [line.partition(",")[0] for line in capsys.readouterr().err.splitlines()]
    assert told == ["1 of 3: out/cow-001.png", "2 of 3: out/cow-003.png", "3 of 3: out/cow-002.png"]


def test_a_statement_that_fails_leaves_its_number_to_a_later_run(run, tmp_path, monkeypatch):
    drawn = execute._batch

    def broken(model, wanted, on_call):
        if wanted[0].plan.steps == 3:
            raise KeyError("strange")
        return drawn(model, wanted, on_call)

    monkeypatch.setattr(execute, "_batch", broken)
    assert run(MIXED, "--no-sheet") == 1
    assert names(tmp_path / "out") == ["cow-001.png", "cow-003.png"]
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert run(MIXED, "--no-sheet", "--resume") == 0
    assert seeds(tmp_path / "out") == [1, 2, 3]


def test_resume_counts_the_pictures_of_a_statement_without_a_seed(run, tmp_path):
    text = COW.replace("/seed:3 ", "")
    run(text, "--no-sheet")
    assert run(text.replace("/images:2", "/images:3"), "--no-sheet", "--resume") == 0
    assert len(names(tmp_path / "out")) == 3


def test_the_image_of_many_statements_is_looked_at_once(run, tmp_path, monkeypatch, capsys):
    text = "/remix /parser:new /image:start.png /strength:0.5 /seed:3 /steps:2 /size:64x64 a\n"
    Image.new("RGB", (64, 64)).save(tmp_path / "start.png")
    seen, ask = [], images.check_pictures
    monkeypatch.setattr(images, "check_pictures", lambda plan: seen.append(plan.image) or ask(plan))
    assert run(text * 3, "--dry-run") == 0
    assert len(seen) == 1
    (tmp_path / "start.png").write_bytes(b"nothing")
    assert run(text * 2, "--dry-run") == 1
    assert capsys.readouterr().err.count("is not an image that can be read") == 2


@pytest.mark.parametrize("out", ["file", "file/inside"])
@pytest.mark.parametrize("flags", [(), ("--dry-run",), ("--dry-run", "--resume")])
def test_a_file_is_no_folder_for_pictures(run, tmp_path, capsys, out, flags):
    (tmp_path / "file").write_text("mine")
    assert run(COW, "--out", str(tmp_path / out), *flags) == 2
    assert "not a directory" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


def test_a_seed_of_the_command_line_beats_the_statement(run, tmp_path):
    run(COW.replace("/images:2", "/images:1"), "--seed", "99", "--no-sheet")
    from promptlang_runtime.output.metadata import read

    assert read(tmp_path / "out" / "cow-001.png").seed == 99


@pytest.mark.parametrize("seed", ["-1", "x", "1.5", str(2**64), "9" * 5000])
def test_a_seed_that_is_none_is_refused(run, seed):
    with pytest.raises(UsageError, match="must be a whole number from 0 to"):
        run(COW, f"--seed={seed}")


def test_formats(run, tmp_path):
    run(COW.replace("/images:2", "/images:1 /format:jpg") + COW.replace("/images:2", "/images:1 /format:webp"))
    assert names(tmp_path / "out") == ["cow-001.jpg", "cow-002.webp", "cow-sheet-001.png"]


def test_an_interruption_keeps_finished_pictures(run, tmp_path, monkeypatch, capsys):
    drawn = execute._batch

    def interrupted(model, wanted, on_call):
        if wanted[0].plan.axes:
            raise KeyboardInterrupt
        return drawn(model, wanted, on_call)

    monkeypatch.setattr(execute, "_batch", interrupted)
    assert run(COW + SWEEP.replace("64x64", "64x72")) == 130
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png"]
    said = capsys.readouterr()
    assert "interrupted: 2 of 4 pictures are finished" in said.err
    assert "out/cow-002.png" in said.out


@pytest.mark.parametrize("words", [(), ("--debug",)])
def test_a_statement_that_fails_for_whatever_reason_costs_itself_alone(run, tmp_path, monkeypatch, capsys, words):
    drawn = execute._batch

    def broken(model, wanted, on_call):
        if wanted[0].plan.axes:
            raise KeyError("a weight of another family\nand more")
        return drawn(model, wanted, on_call)

    monkeypatch.setattr(execute, "_batch", broken)
    assert run(SWEEP + COW, "--no-sheet", *words) == 1
    assert names(tmp_path / "out") == ["cow-003.png", "cow-004.png"]
    said = capsys.readouterr().err
    assert said.count("error: cow.prompt:1: drawing with <demo> failed: 'a weight of another family") == 2
    assert ("Traceback" in said) == bool(words)


def test_a_full_disk_stops_the_run(run, tmp_path, monkeypatch, capsys):
    def full(self, *_, **__):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Image.Image, "save", full)
    assert run(COW) == 2
    assert names(tmp_path / "out") == []
    assert capsys.readouterr().err.count("no space left on device") == 1


def test_refusals_are_read_in_the_order_of_the_file(run, tmp_path, capsys):
    """Not in that of the models, which come together when they are drawn."""
    (tmp_path / "promptlang.toml").write_text('[concepts.names]\nzed = { family = "sd2" }\n', encoding="utf-8")
    lines = ("/remix /image:a.png <demo> a", "/render <zed> a", "/remix /image:b.png <demo> a")
    assert run("\n".join(lines), "--no-sheet") == 1
    refused = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert [line.split(":")[2] for line in refused] == ["1", "2", "3"]


def test_the_moving_line_goes_on_while_a_batch_is_saved():
    progress, shares, states = Progress(disable=True), [], []
    line = Line(progress, 4, plainly=False)
    for count in (1, 3):
        (batch,) = batches(jobs(of_model("a", images=count)), device="cpu")
        for call in (1, 2):
            line.step(count, call, 2)
            shares.append(progress.tasks[0].completed)
        line.drawn(batch, 0.2)
        shares.append(progress.tasks[0].completed)
        for seed in range(count):
            line.saved(Done(file=Path("cow.png"), size=(64, 64), seed=seed, seconds=0.1))
            shares.append(progress.tasks[0].completed)
        states.append(progress.tasks[0].fields["state"])
    assert shares == [0.5, 1, 1, 1, 2.5, 4, 4, 4, 4, 4]
    assert states == ["1 of 4 drawn", "4 of 4 drawn"]


def test_the_moving_line_goes_on_where_no_calls_are_seen():
    """A server and a Ray cluster tell of batches alone."""
    progress = Progress(disable=True)
    line = Line(progress, 4, plainly=False)
    for batch in batches(jobs(of_model("a", images=4)), device="cpu", most=2):
        line.drawn(batch, 0.2)
        task = progress.tasks[0]
        assert (task.completed / task.total, task.fields["state"]) in ((0.5, "2 of 4 drawn"), (1, "4 of 4 drawn"))
    assert task.completed == task.total


def test_the_time_left_is_that_of_what_is_not_drawn_yet(monkeypatch, capsys):
    """The pictures of a batch are saved one by one, and all of them are drawn by then."""
    times = iter([100.0, 108.0])
    plans = [of_model("a", images=count) for count in (1, 16)]
    monkeypatch.setattr("promptlang_runtime.command.console.time.monotonic", lambda: next(times))
    line = Line(Progress(disable=True), 21, plainly=True)
    for plan in plans:
        (batch,) = batches(jobs(plan), device="cuda")
        line.drawn(batch, 0.7 * plan.images)
        for seed in range(plan.images):
            line.saved(Done(file=Path("cow.png"), size=(64, 64), seed=seed, seconds=0.7))
    said = [each.rpartition(", ")[2] for each in capsys.readouterr().err.splitlines()]
    assert said == ["about 14 s left", *["about 2 s left"] * 16]


def test_the_time_left_counts_batches_by_what_they_cost(monkeypatch, capsys):
    """A picture of four times the pixels takes nearly four times as long, and what is lost takes no time any more."""
    times = iter([100.0, 104.0])
    monkeypatch.setattr("promptlang_runtime.command.console.time.monotonic", lambda: next(times))
    sizes = [(512, 512), (1024, 1024), (2048, 2048), (1024, 512)]
    small, large, lost, last = batches(jobs(*(of_model("a", size=size) for size in sizes)), device="cpu", exact=True)
    progress = Progress(disable=True)
    line = Line(progress, 4, plainly=True)
    line.expects([small, large, lost, last], Costs("cpu").beside())
    for batch, seconds in ((small, 1.0), (large, 4.0)):
        line.step(1, 1, 2)
        line.drawn(batch, seconds)
        line.saved(Done(file=Path("cow.png"), size=(64, 64), seed=1, seconds=seconds))
    said = [each.rpartition(", ")[2] for each in capsys.readouterr().err.splitlines()]
    assert said == ["about 21 s left", "about 18 s left"]
    assert progress.tasks[0].completed / progress.tasks[0].total == pytest.approx((1 + 4) / 23, rel=0.02)
    line.lost(lost)
    line.step(1, 1, 2)
    assert progress.tasks[0].completed / progress.tasks[0].total == pytest.approx((1 + 4 + 1) / 7, rel=0.02)


def test_the_first_of_several_workers_tells_for_all(capsys):
    planned = batches(jobs(*(of_model("a", seed=seed) for seed in range(9))), device="cpu", exact=True)
    line = Line(Progress(disable=True), 9, plainly=True)
    line.expects(planned, Costs("cpu").beside(), 4)
    line.drawn(planned[0], 10.0)
    line.saved(Done(file=Path("cow.png"), size=(64, 64), seed=1, seconds=10.0))
    assert capsys.readouterr().err.strip().endswith("about 20 s left")


def test_a_long_table_of_plans_looks_like_a_short_one(run, monkeypatch, capsys):
    said = []
    for most in (500, 0):
        monkeypatch.setattr("promptlang_runtime.command.console._MANY", most)
        assert run(SWEEP, "--dry-run") == 0
        said.append([line.rstrip() for line in capsys.readouterr().out.splitlines()])
    assert said[0] == said[1]
    assert len(said[0]) > 4


@pytest.mark.slow
@pytest.mark.skipif(not is_thorough(), reason="plans ten thousand statements: `make test-slow`")
def test_ten_thousand_statements_are_planned_in_proportion(run, capsys):
    lines = [f"/render /seed:{number} a red circle {number}\n" for number in range(10_000)]
    lines[5_000] = BROKEN
    took = []
    for count in (2_500, 10_000):
        began = time.process_time()
        assert run("".join(lines[:count]), "--dry-run") == (1 if BROKEN in lines[:count] else 0)
        took.append(time.process_time() - began)
    said = capsys.readouterr()
    assert "would draw 9999 pictures in " in said.out
    assert "157 batches, 1 model opened, 10000 texts read" in said.out
    assert said.err.count("error") == 1, "one that is broken costs itself alone"
    assert took[1] < 4 * 1.5 * took[0]


def test_what_is_done_is_shown(run, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("webbrowser.open", shown.append)
    assert run(COW, "--open") == 0
    assert run(COW, "--open", "--no-sheet", "--resume") == 0
    assert run(BROKEN, "--open") == 1
    assert run(COW.replace("/seed:3 /images:2", "/seed:8"), "--open") == 0
    assert shown == [(tmp_path / "out" / name).as_uri() for name in ("cow-sheet-001.png", "cow-003.png")]


def test_a_computer_that_shows_nothing_says_so(run, monkeypatch, capsys):
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    assert run(COW, "--open", "--no-sheet") == 0
    assert "warning: nothing was found here that shows `out/cow-001.png`" in capsys.readouterr().err


def test_quiet_prints_problems_only(run, capsys):
    run(COW, "--quiet")
    assert capsys.readouterr().out == ""


def test_a_file_that_is_not_there(run, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["none.prompt"]) == 2
    assert "none.prompt" in capsys.readouterr().err
    with pytest.raises(UsageError):
        main([])


def test_text_that_is_not_utf8_is_an_error(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin.prompt").write_bytes(b"/render caf\xe9")
    assert main(["latin.prompt"]) == 1
    assert "not UTF-8" in capsys.readouterr().err


def test_a_picture_that_is_damaged_is_drawn_again(run, tmp_path):
    run(COW, "--no-sheet")
    path = tmp_path / "out" / "cow-001.png"
    path.write_bytes(path.read_bytes()[:200])
    run(COW, "--no-sheet", "--resume")
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png", "cow-003.png"]
    assert sum(map(len, finished(tmp_path / "out", Journal()).pictures.values())) == 2


def test_help(capsys):
    assert main(["--help"]) == 0
    assert "--dry-run" in capsys.readouterr().out


def test_a_remix_finds_its_image_beside_the_prompt(run, tmp_path):
    Image.new("RGB", (64, 64), "#2040d0").save(tmp_path / "start.png")
    text = "/remix /parser:new /image:start.png /strength:0.5 /seed:3 /steps:4 /size:64x64 a red circle\n"
    assert run(text, "--no-sheet") == 0
    assert names(tmp_path / "out") == ["cow-001.png"]


def test_resume_lets_no_picture_stand_for_two_statements(run, tmp_path, capsys):
    text = COW.replace("/seed:3 ", "").replace("/images:2", "/images:1")
    run(text, "--no-sheet")
    assert run(text + text, "--no-sheet", "--resume") == 0
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png"]
    assert "1 picture lay there already" in capsys.readouterr().out


def test_other_tensors_at_the_same_path_are_new_work(run, tmp_path, capsys):
    from shutil import copytree

    from promptlang_runtime.models.places import DEMO_FOLDER

    copytree(DEMO_FOLDER, tmp_path / "mine")
    (tmp_path / "promptlang.toml").write_text('[concepts.names]\nmine = { path = "mine" }\n', encoding="utf-8")
    text = COW.replace("a (", "<mine> a (")
    run(text, "--no-sheet")
    assert run(text, "--no-sheet", "--resume") == 0
    assert "2 pictures lay there already" in capsys.readouterr().out
    os.utime(next((tmp_path / "mine" / "unet").glob("*.safetensors")), ns=(1, 1))
    assert run(text, "--no-sheet", "--resume") == 0
    assert len(names(tmp_path / "out")) == 4


def test_every_picture_of_variants_says_what_was_drawn(run, tmp_path):
    from promptlang_runtime.output.metadata import read

    run("/render /parser:a1111 /variants:all /seed:1 /steps:2 /size:64x64 a {red|blue} [cow:dog:0.5]\n", "--no-sheet")
    said = [read(tmp_path / "out" / name).parameters.splitlines()[0] for name in names(tmp_path / "out")]
    assert said == ["a red [cow:dog:0.5]", "a blue [cow:dog:0.5]"]
