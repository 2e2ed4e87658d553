"""Files that commands rewrite: nothing of anybody's is lost, whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from promptlang import writing
from promptlang.files import read_text
from promptlang.writing import LeftAlone, create_text, write_text
from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]

ROUGH = "/render   a cow /STEPS:30\n"
NEAT = "/render /steps:30 a cow\n"
WRONG = "/render /parser:new /sampler:DDIM a cow\n"
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.mark.parametrize("command", [("fmt",), ("check", "--fix")])
def test_what_a_person_writes_meanwhile_stays(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """An editor saves the file between reading and replacing it: those words win, and the run says so."""
    path = folder / "cow.prompt"
    path.write_text("/render   /size:768×768 a cow\n", encoding="utf-8")
    real = os.fsync

    def saved_by_an_editor(handle: int) -> None:
        real(handle)
        path.write_text("/render a cow and a line of mine\n")

    monkeypatch.setattr("promptlang.writing.os.fsync", saved_by_an_editor)
    outcome = run(*command, "cow.prompt")
    assert outcome.code == 2
    assert "cannot write `cow.prompt`: it changed while it was worked on, so it is left as it is now" in outcome.err
    assert " fixed" not in outcome.out
    assert "1 file formatted" not in outcome.err
    assert path.read_text() == "/render a cow and a line of mine\n"
    assert os.listdir(folder) == ["cow.prompt"]


def test_permissions_owner_and_a_link_stay(run: Run, folder: Path) -> None:
    path, link = folder / "cow.prompt", folder / "link.prompt"
    path.write_text(ROUGH)
    path.chmod(0o640)
    if ROOT:
        os.chown(path, 1234, 4321)
    link.symlink_to("cow.prompt")
    assert run("fmt", "link.prompt").code == 0
    status = path.stat()
    assert (path.read_text(), status.st_mode & 0o777, link.is_symlink()) == (NEAT, 0o640, True)
    if ROOT:
        assert (status.st_uid, status.st_gid) == (1234, 4321)


@pytest.mark.skipif(not hasattr(os, "link"), reason="the system has no hard links")
def test_a_file_with_two_names_is_left_alone(run: Run, folder: Path) -> None:
    path = folder / "cow.prompt"
    path.write_text(ROUGH)
    os.link(path, folder / "same.txt")
    outcome = run("fmt", "cow.prompt")
    assert outcome.code == 2
    assert "it has 2 names (hard links), and replacing it would part them" in outcome.err
    assert (path.read_text(), path.stat().st_nlink) == (ROUGH, 2)


def test_a_read_only_file_is_left_alone(run: Run, folder: Path) -> None:
    """Even by the superuser, who may write it."""
    path = folder / "cow.prompt"
    path.write_text(ROUGH)
    path.chmod(0o444)
    outcome = run("fmt", "cow.prompt")
    assert (outcome.code, path.read_text()) == (2, ROUGH)
    assert "cannot write `cow.prompt`: it is read-only" in outcome.err


def test_a_folder_that_takes_no_new_file(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "cow.prompt"
    path.write_text(ROUGH)
    monkeypatch.setattr("promptlang.writing.os.access", lambda place, mode: place != folder.resolve())
    outcome = run("fmt", "cow.prompt")
    assert (outcome.code, path.read_text(), os.listdir(folder)) == (2, ROUGH, ["cow.prompt"])
    assert "cannot write `cow.prompt`: a new file takes its place, and its folder is read-only" in outcome.err


def test_a_full_disk_leaves_the_old_text(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "cow.prompt"
    path.write_text(ROUGH)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("promptlang.writing.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_text(path, NEAT, before=read_text(path))
    assert (path.read_text(), os.listdir(folder)) == (ROUGH, ["cow.prompt"])


def test_no_regular_file_is_replaced(folder: Path) -> None:
    with pytest.raises(LeftAlone, match="no regular file"):
        write_text(folder, NEAT)


HELD = (
    "import os, sys, time\n"
    "from promptlang.cli.main import main\n"
    "def held(handle): print('now', flush=True); time.sleep(60)\n"
    "os.fsync = held\n"
    "main(['fmt', 'cow.prompt'])\n"
)


@pytest.mark.skipif(os.name != "posix", reason="processes are asked for by number")
def test_the_next_run_sweeps_what_a_killed_one_left(run: Run, folder: Path) -> None:
    """And leaves alone what a living run is writing, and files that only look similar."""
    path = folder / "cow.prompt"
    path.write_text(ROUGH)
    (folder / ".notes.part").write_text("mine")
    child = subprocess.Popen([sys.executable, "-c", HELD], cwd=folder, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"now\n"
    assert run("fmt", "--check", "cow.prompt").code == 1
    writing.sweep([folder])
    assert len(list(folder.glob(".cow.prompt.*.part"))) == 1  # its writer lives
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert (path.read_text(), len(list(folder.glob(".cow.prompt.*.part")))) == (ROUGH, 1)
    assert run("fmt", "cow.prompt").code == 0
    assert (path.read_text(), sorted(os.listdir(folder))) == (NEAT, [".notes.part", "cow.prompt"])


def test_an_old_leftover_goes_whatever_its_number(folder: Path) -> None:
    left = folder / f"{writing.prefix('cow.prompt', os.getpid())}abcd1234.part"
    left.write_text("half")
    writing.sweep([folder, folder])
    assert left.exists()
    os.utime(left, (time.time() - 7200, time.time() - 7200))
    writing.sweep([folder])
    assert not left.exists()


def test_a_new_file_is_whole_or_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And never takes the place of another, also where the file system has no links."""
    path = folder / "new.toml"
    create_text(path, "whole\n")
    with pytest.raises(FileExistsError):
        create_text(path, "another\n")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("promptlang.writing.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        create_text(folder / "other.toml", "half\n")
    assert (path.read_text(), os.listdir(folder)) == ("whole\n", ["new.toml"])


@pytest.mark.skipif(os.name != "posix", reason="processes are asked for by number")
def test_who_writes_into_a_folder_sweeps_it_first(folder: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    begin = writing.prefix("plans.json", child.pid)
    (folder / f"{begin}abcd1234.part").write_text("half")
    elsewhere = f".plans.json.00000000-{child.pid}.abcd1234.part"  # of a machine whose processes nobody here knows
    (folder / elsewhere).write_text("half")
    write_text(folder / "plans.json", "{}\n")
    assert sorted(os.listdir(folder)) == [elsewhere, "plans.json"]


def test_a_link_out_of_the_folder_is_left_alone(run: Run, folder: Path) -> None:
    outside, inside = folder / "outside.prompt", folder / "ws"
    inside.mkdir()
    outside.write_text(ROUGH)
    (inside / "a.prompt").symlink_to(outside)
    (inside / "b.prompt").write_text(ROUGH)
    (inside / "c.prompt").symlink_to("b.prompt")
    outcome = run("fmt", "ws")
    assert "`ws/a.prompt` leads out of `ws`, so it is left alone" in outcome.err
    assert "1 file formatted" in outcome.err
    assert (outside.read_text(), (inside / "b.prompt").read_text()) == (ROUGH, NEAT)
    assert run("fmt", "ws/a.prompt").code == 0  # named, it is meant
    assert outside.read_text() == NEAT


@pytest.mark.skipif(os.name != "posix", reason="the system makes no such links")
def test_a_link_that_leads_to_itself_hides_no_other_file(run: Run, folder: Path) -> None:
    """It is an entry of its own that cannot be read, and no end of the search."""
    (folder / "ws" / "sub").mkdir(parents=True)
    (folder / "ws" / "a.prompt").symlink_to("a.prompt")
    (folder / "ws" / "b").symlink_to("b")
    for name in ("c.prompt", "sub/d.prompt"):
        (folder / "ws" / name).write_text(ROUGH, encoding="utf-8")
    outcome = run("check", "ws")
    assert outcome.code == 2
    assert "cannot read `ws/a.prompt`: too many levels of symbolic links" in outcome.err
    assert run("fmt", "ws").code == 2
    assert [(folder / "ws" / name).read_text(encoding="utf-8") for name in ("c.prompt", "sub/d.prompt")] == [NEAT, NEAT]


def test_a_link_to_a_folder_is_said_where_prompts_lie_behind_it(run: Run, folder: Path) -> None:
    for name in ("ws/inner", "others/below", "models"):
        (folder / name).mkdir(parents=True)
    for name in ("ws/inner/a.prompt", "others/below/b.prompt"):
        (folder / name).write_text(ROUGH)
    for link, target in (("others", "../others"), ("models", "../models"), ("again", "inner"), ("itself", "../ws")):
        (folder / "ws" / link).symlink_to(target, target_is_directory=True)
    outcome = run("fmt", "ws")
    assert outcome.err.count("is a link to a folder") == 1
    assert "`ws/others` is a link to a folder, so its prompts are left alone; name it to have them read" in outcome.err
    assert "1 file formatted" in outcome.err
    assert (folder / "others/below/b.prompt").read_text() == ROUGH
    assert run("fmt", "ws/others").code == 0
    assert (folder / "others/below/b.prompt").read_text() == NEAT


@pytest.mark.skipif(os.name != "posix", reason="the system allows no such names")
@pytest.mark.parametrize(
    "words",
    [("fmt", "--check"), ("check",), ("check", "--output-format", "github"), ("check", "--output-format", "concise")],
)
def test_a_name_with_control_characters_is_shown(run: Run, folder: Path, words: tuple[str, ...]) -> None:
    (folder / "a\x1b[31m\u202eb.prompt").write_text("/render   /clipskip:99 a cow\n")
    outcome = run(*words)
    shown = outcome.out + outcome.err
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "a\\x1b[31m\\u202eb.prompt" in shown.replace("%5C", "\\").replace("%5B", "[")


def test_a_name_with_control_characters_that_cannot_be_read(run: Run) -> None:
    outcome = run("check", "no\x1b[31m.prompt")
    assert "no\\x1b[31m.prompt" in outcome.err


@pytest.mark.skipif(os.name != "posix", reason="the system has no such device")
@pytest.mark.parametrize(
    "words", [("compile", "cow.prompt"), ("export", "cow.prompt", "--to", "a1111"), ("import", "cow.prompt")]
)
def test_what_is_read_is_not_overwritten(run: Run, folder: Path, words: tuple[str, ...]) -> None:
    (folder / "cow.prompt").write_text(NEAT)
    (folder / "inner").mkdir()
    for name, why in (("./cow.prompt", "is read here"), ("inner", "is a folder"), ("/dev/null", "is no regular file")):
        outcome = run(*words, "-o", name, "--force")
        assert outcome.code == 2
        assert f"`{name}` {why}" in outcome.err
    assert (folder / "cow.prompt").read_text() == NEAT
