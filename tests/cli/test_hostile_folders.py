"""Folders that somebody else made: whatever a project names there, a check ends, and says which entry it was."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]
POSIX = pytest.mark.skipif(os.name != "posix", reason="the system has no pipes and devices by name")


def project(folder: Path, text: str, prompt: str = "/render /parser:new a cow\n") -> None:
    (folder / "promptlang.toml").write_text(text)
    (folder / "a.prompt").write_text(prompt)


@POSIX
@pytest.mark.parametrize("target", ["/dev/zero", "pipe"])
def test_a_project_file_that_never_ends(run: Run, folder: Path, target: str) -> None:
    os.mkfifo(folder / "pipe")
    project(folder, f'extend = "{target}"\n')
    outcome = run("check", "a.prompt")
    assert outcome.code == 2
    assert f"cannot read `{Path(target).name}`: it is no regular file" in outcome.out
    assert "promptlang.toml:1:10" in outcome.out


@POSIX
@pytest.mark.parametrize("way", ["extended", "linked", "extended by another", "by a link inside"])
@pytest.mark.parametrize("written", ["token = hunter2", '[registry]\ntoken = "hunter2"', 'edition = "hunter2"'])
def test_what_stands_in_a_file_outside_is_not_printed(run: Run, folder: Path, way: str, written: str) -> None:
    """A stranger's project may name any file, and what its check prints may be read by the stranger."""
    inside = folder / "inside"
    inside.mkdir()
    (folder / "credentials.toml").write_text(written)
    project(inside, 'extend = "../credentials.toml"\n')
    match way:
        case "linked":
            (inside / "promptlang.toml").unlink()
            (inside / "promptlang.toml").symlink_to(folder / "credentials.toml")
        case "extended by another":
            (inside / "base.toml").write_text('extend = "../credentials.toml"\n')
            (inside / "promptlang.toml").write_text('extend = "base.toml"\n')
        case "by a link inside":
            (inside / "base.toml").symlink_to(folder / "credentials.toml")
            (inside / "promptlang.toml").write_text('extend = "base.toml"\n')
        case _:
            pass
    for command in (("check", "inside"), ("check", "inside", "--output-format", "json"), ("compile", "inside")):
        outcome = run(*command)
        assert "config/wrong-outside" in outcome.out + outcome.err
        assert "hunter2" not in outcome.out + outcome.err


@POSIX
@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_a_project_file_that_is_none(run: Run, folder: Path, kind: str) -> None:
    """It is not passed over: what it was meant to say would be missed in silence."""
    (folder / "a.prompt").write_text("/render a cow\n")
    path = folder / "promptlang.toml"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to("/dev/zero")
    outcome = run("check", "a.prompt")
    assert outcome.code == 2
    assert "cannot read `promptlang.toml`: it is no regular file" in outcome.out


@POSIX
def test_a_word_list_that_never_ends(run: Run, folder: Path) -> None:
    os.mkfifo(folder / "tags.csv")
    project(folder, '[settings]\ntags = ["tags.csv", "/dev/zero"]\n')
    outcome = run("check", "a.prompt")
    assert "`tags.csv` is neither a regular file nor a folder" in outcome.out
    assert "`/dev/zero` is neither" in outcome.out


@POSIX
def test_a_prompt_that_never_ends(run: Run, folder: Path) -> None:
    os.mkfifo(folder / "pipe.prompt")
    (folder / "b.prompt").write_text("/render /clipskip:99 a cow\n")
    outcome = run("check", "pipe.prompt", "/dev/zero", "b.prompt")
    assert outcome.code == 2
    assert "cannot read `pipe.prompt`: it is no regular file" in outcome.err
    assert "clipskip/out-of-range" in outcome.out


@POSIX
def test_a_wildcard_file_that_never_ends(run: Run, folder: Path) -> None:
    (folder / "wild").mkdir()
    os.mkfifo(folder / "wild" / "pets.txt")
    (folder / "wild" / "zero.txt").symlink_to("/dev/zero")  # leads out of the folder
    (folder / "wild" / "hats.txt").write_text("bowler\n")
    project(folder, '[settings]\nwildcards = ["wild"]\n', "/render /variants:all a __pets__ in a __hats__\n")
    assert "`pets.txt` is left out: it is no regular file" in run("check", "a.prompt").out
    assert "bowler" in run("compile", "a.prompt").out
    assert "`zero.txt` is left out: it is a link that leads out of the wildcard folder" in run("check", "a.prompt").out


@POSIX
def test_wildcards_that_are_links(run: Run, folder: Path) -> None:
    """One that stays in the folder is read, one that leaves it is said, be it a file or a folder."""
    (folder / "shared").mkdir()
    (folder / "shared" / "pets.txt").write_text("cat\n")
    (folder / "wild").mkdir()
    (folder / "wild" / "hats.txt").write_text("bowler\n")
    (folder / "wild" / "caps.txt").symlink_to("hats.txt")
    (folder / "wild" / "pets.txt").symlink_to(folder / "shared" / "pets.txt")
    (folder / "wild" / "more").symlink_to(folder / "shared")
    project(folder, '[settings]\nwildcards = ["wild"]\n', "/render /variants:all a __caps__ and __more/pets__\n")
    outcome = run("check", "a.prompt")
    assert "`more` is left out: it is a link that leads out" in outcome.out
    assert "`pets.txt` is left out: it is a link that leads out" in outcome.out
    assert "bowler" in run("compile", "a.prompt").out


def test_a_chain_of_thousands(run: Run, folder: Path) -> None:
    for number in range(3000):
        (folder / f"{number}.toml").write_text(f'extend = "{number + 1}.toml"\n')
    project(folder, 'extend = "0.toml"\n')
    outcome = run("check", "a.prompt")
    assert outcome.code == 2
    assert "error[config/long-chain]: 20 project files extend one another above this one" in outcome.out
    assert " --> 19.toml:1:10" in outcome.out


def test_a_folder_without_end(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("promptlang.models.discover.FOLDER_LIMIT", 10)
    for number in range(30):
        (folder / "models" / str(number)).mkdir(parents=True)
    project(folder, '[concepts]\nfolders = ["models"]\n', "/render /parser:new a cow <nope>\n")
    outcome = run("check", "a.prompt")
    assert "no model called `nope` is known here" in outcome.out
    assert "only the first 10 folders of `models`" in outcome.out


def test_wildcards_without_end(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("promptlang.variants.wildcards.MOST_FOLDERS", 3)
    for number in range(5):
        (folder / "wild" / str(number)).mkdir(parents=True)
        (folder / "wild" / str(number) / "pet.txt").write_text("cat\n")
    project(folder, '[settings]\nwildcards = ["wild"]\n', "/render /variants:all a __0/pet__ and __4/pet__\n")
    outcome = run("check", "a.prompt")
    assert "no wildcard is called `4/pet`" in outcome.out
    assert "no wildcard is called `0/pet`" not in outcome.out
    assert "`wild` is read in part: it holds too much to look through all of it" in outcome.out


def test_wildcards_that_take_long(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder is not looked through for longer than that, and looked through once for all statements."""
    monkeypatch.setattr("promptlang.variants.wildcards.LONGEST_LOOK", -1)
    (folder / "wild" / "more").mkdir(parents=True)
    (folder / "wild" / "pet.txt").write_text("cat\n")
    (folder / "wild" / "more" / "pet.txt").write_text("dog\n")
    project(
        folder,
        '[settings]\nwildcards = ["wild"]\n',
        "/render /variants:all a __pet__\n/render /variants:all a __more/pet__\n",
    )
    outcome = run("check", "a.prompt")
    assert outcome.out.count("`wild` is read in part") == 2
    assert "no wildcard is called `more/pet`" in outcome.out
    assert "no wildcard is called `pet`" not in outcome.out


@pytest.mark.parametrize("out", ["../../..", "/tmp/elsewhere", "a/../../b", "~/pictures", "C:/pictures"])
def test_pictures_stay_in_the_project(run: Run, folder: Path, out: str) -> None:
    project(folder, f'out = "{out}"\n')
    outcome = run("check", "a.prompt")
    assert outcome.code == 2
    assert "out must be a path inside the project" in outcome.out


def test_a_link_for_pictures_leads_nowhere_else(folder: Path) -> None:
    from promptlang import Project

    (folder / "ws").mkdir()
    (folder / "ws" / "out").symlink_to(folder)
    (folder / "ws" / "real").mkdir()
    (folder / "ws" / "link").symlink_to("real")
    faults = {out: Project(root=folder / "ws", out=out).out_fault(Path()) for out in ("out", "out/deeper")}
    assert faults == {out: f"the pictures' folder `{out}` is a link that leads out of the project" for out in faults}
    for out in ("link", "new/deep"):
        named = Project(root=folder / "ws", out=out)
        assert (named.out_fault(Path()), named.out_folder(Path())) == ("", folder / "ws" / out)


@pytest.mark.parametrize("target", ["far", ""])
@pytest.mark.parametrize("config", ["", 'out = "pictures"\n'])
def test_what_takes_no_pictures_is_said_by_the_check_and_by_what_draws(
    run: Run, folder: Path, config: str, target: str
) -> None:
    (folder / "far").mkdir()
    (folder / "ws").mkdir()
    project(folder / "ws", config)
    name = "pictures" if config else "out"
    if target:
        (folder / "ws" / name).symlink_to(folder / target)
    else:
        (folder / "ws" / name).write_text("mine", encoding="utf-8")
    (folder / "ws" / "a.prompt").write_text("/render /seed:1 a cow\n", encoding="utf-8")
    said = f"the pictures' folder `{name}` is a {'link that leads out of the project' if target else 'file'}"
    checked, announced = run("check", "ws"), run("render", "--dry-run", "ws/a.prompt")
    assert checked.code == announced.code == 2
    assert said in checked.out
    assert said in announced.err
    assert said not in run("render", "--dry-run", "--out", "far", "ws/a.prompt").err


def test_check_says_that_pictures_go_nowhere_without_a_project(run: Run, folder: Path) -> None:
    """As a remark, since no text is at fault; the sound folder is not spoken of."""
    (folder / "a.prompt").write_text("/render /seed:1 a cow\n", encoding="utf-8")
    assert run("check", "a.prompt").err == ""
    (folder / "out").symlink_to(folder.parent)
    checked, drawn = run("check", "a.prompt"), run("render", "--dry-run", "a.prompt")
    said = "the pictures' folder `out` is a link that leads out of the project"
    assert checked.code == 0
    assert f"{said}: nothing is drawn here unless `render --out` names a folder" in checked.err
    assert said in drawn.err


HOSTILE = "a\x1b[31m\x07\x9b2J é\U0001f600‍ cow"


@pytest.mark.parametrize(
    "words",
    [
        ("fmt", "--diff", "a.prompt"),
        ("fmt", "-"),
        ("compile", "a.prompt"),
        ("convert", "--to", "compel", "a.prompt"),
        ("convert", "--from", "new", "--to", "compel", HOSTILE),
        ("export", "--to", "a1111", "a.prompt"),
        ("import", "a.txt"),
        ("check", "--output-format", "json", "a.prompt"),
    ],
)
def test_a_terminal_is_handed_nothing_that_it_obeys(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """A pipe gets the text as it is."""
    (folder / "a.prompt").write_text(f"/render  /seed:1 {HOSTILE}\n", encoding="utf-8")
    (folder / "a.txt").write_text(f"{HOSTILE}\n", encoding="utf-8")
    given = (folder / "a.prompt").read_bytes()
    piped = run(*words, given=given).out
    assert "\x1b" in piped or "\\u001b" in piped or words[0] == "check"
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    run(*words, given=given)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", screen.getvalue())
    assert "é\U0001f600‍ cow" in screen.getvalue() or words[0] == "check"


class Screen(io.StringIO):
    """A terminal that shows what is written to it."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True
