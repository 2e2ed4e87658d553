"""`render --watch`: what is drawn after a save, what is not, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from promptlang.cli.arguments import UsageError
from promptlang_runtime.command import watching
from promptlang_runtime.command.command import main
from promptlang_runtime.executors import loading
from promptlang_runtime.output.journal import NAME
from tests.thorough import is_thorough

ROOT = str(Path(__file__).parents[2])

COW = "/render /seed:7 /steps:2 /size:64x64 a cow\n"
HORSE = "/render /seed:8 /steps:2 /size:64x64 a horse\n"
PIG = "/render /seed:8 /steps:2 /size:64x64 a pig\n"
BROKEN = "/render /seed:8 /steps:2 /size:64x64 /clipskip:99 a horse\n"

Saved = Callable[[], object]
Watch = Callable[..., int]


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Watch `cow.prompt`, doing one thing after the other while it waits, and Ctrl-C when nothing is left to do."""
    monkeypatch.chdir(tmp_path)

    def watched(first: str, *saves: Saved, words: tuple[str, ...] = ("cow.prompt",)) -> int:
        Path("cow.prompt").write_text(first)
        waiting = iter(saves)
        looks = iter(range(10**6))

        def pause(_: float) -> None:
            if next(looks) % 3:  # a change is looked at twice
                return
            save = next(waiting, None)
            if save is None:
                raise KeyboardInterrupt
            save()

        monkeypatch.setattr(watching, "sleep", pause)
        return main(["--device", "cpu", "--no-sheet", "--watch", *words])

    return watched


def saving(text: str, name: str = "cow.prompt") -> Saved:
    return lambda: Path(name).write_text(text)


def pictures() -> list[str]:
    return sorted(each.name for each in Path("out").iterdir() if each.name != NAME)


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models that were opened."""
    seen: list[str] = []
    opened = loading._opened

    def counting(family, model, *rest):
        seen.append(model.name)
        return opened(family, model, *rest)

    monkeypatch.setattr(loading, "_opened", counting)
    monkeypatch.setattr(loading, "_latest", {})
    return seen


def test_only_what_changed_is_drawn_and_the_model_stays_open(
    watch: Watch, openings: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert watch(COW + HORSE, saving(COW + PIG), saving(HORSE + COW + PIG)) == 0
    assert openings == ["demo"]
    assert pictures() == ["cow-001.png", "cow-002.png", "cow-003.png"]
    assert capsys.readouterr().err.count("waiting for a change") == 3


def test_a_broken_save_costs_nothing(watch: Watch, capsys: pytest.CaptureFixture[str]) -> None:
    assert watch(COW, saving(COW + BROKEN), saving(""), saving("---\n"), saving(COW)) == 0
    assert pictures() == ["cow-001.png"]
    assert "error[clipskip/" in capsys.readouterr().err


def test_findings_are_those_of_check(watch: Watch, capsys: pytest.CaptureFixture[str]) -> None:
    text = "/render /seed:7 /steps:2 /size:64x64 /clipskip:4 a cow\n"
    watch(COW, saving(text))
    printed = capsys.readouterr().err
    from promptlang.cli.main import main as promptlang

    promptlang(["check", "cow.prompt", "-q"])
    assert (found := capsys.readouterr().out.strip())
    assert found in printed


def test_a_file_that_goes_and_comes_back(watch: Watch) -> None:
    away: tuple[Saved, ...] = (lambda: os.rename("cow.prompt", "x"), lambda: os.rename("x", "cow.prompt"))
    assert watch(COW, *away, saving(HORSE)) == 0
    assert pictures() == ["cow-001.png", "cow-002.png"]


def test_a_project_file_touches_all_its_prompts(watch: Watch) -> None:
    saves = (
        saving("[options]\nguidance = 3\n", "promptlang.toml"),
        saving("[options]\nguidance = 2\n", "promptlang.toml"),
    )
    Path("promptlang.toml").write_text("")
    assert watch(COW + "/render /seed:1 /guidance:5 /steps:2 /size:64x64 a cow\n", *saves) == 0
    assert pictures() == [f"cow-00{number}.png" for number in range(1, 5)]


def test_a_new_prompt_in_a_folder(watch: Watch) -> None:
    assert watch(COW, saving(HORSE, "horse.prompt"), words=(".",)) == 0
    assert pictures() == ["cow-001.png", "horse-001.png"]


@pytest.mark.parametrize("words", [("--dry-run",), ("--jobs", "2"), ("--ray", "local"), ("--open",)])
def test_what_it_excludes(watch: Watch, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=f"`--watch` and `{words[0]}` exclude each other"):
        watch(COW, words=("cow.prompt", *words))


@pytest.mark.parametrize("words", [("-",), ("nothing.prompt",), ("a red cow",)])
def test_what_cannot_be_watched(watch: Watch, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="needs files or folders that are there"):
        watch(COW, words=words)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command itself, which watches `cow.prompt`; it heeds SIGINT also where the tests run behind a shell's `&`.

    It paints, for it would load torch; under `make test-slow` it draws.
    """
    (tmp_path / "cow.prompt").write_text(COW)
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    if not is_thorough():
        heeding += f"; import sys; sys.path.append({ROOT!r}); from tests.kills.painting import paint; paint()"
    command = f"{heeding}; import runpy; runpy.run_module('promptlang', run_name='__main__', alter_sys=True)"
    words = (sys.executable, "-c", command, "render", "--watch", "--device", "cpu", "cow.prompt")
    with subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_it_cleanly(process: subprocess.Popen[str], tmp_path: Path) -> None:
    assert process.stderr
    until(process, "waiting for a change")
    (tmp_path / "cow.prompt").write_text(COW + PIG)
    until(process, "waiting for a change")
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert process.stderr.read() == ""
    assert (tmp_path / "out" / "cow-002.png").exists()


def until(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr
    begun = time.monotonic()
    while words not in process.stderr.readline():
        assert time.monotonic() - begun < 120
