"""The journal of a folder spares opening the pictures, and is never believed against them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tracemalloc

import pytest
from PIL import Image

from promptlang.plans.plan import PATHS
from promptlang_runtime.command.command import main
from promptlang_runtime.output import finished as module
from promptlang_runtime.output import journal
from promptlang_runtime.output.finished import finished
from promptlang_runtime.output.journal import NAME, Journal, opened, read
from promptlang_runtime.output.metadata import picture_of
from tests.runtime.test_command import names

COW = "/render /parser:new /seed:3 /images:2 /steps:1 /size:64x64 a cow\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def render(text, *words):
        (tmp_path / "cow.prompt").write_text(text, encoding="utf-8")
        return main(["cow.prompt", "--device", "cpu", "--no-sheet", *words])

    return render


def opened_files(monkeypatch):
    """The names of the pictures that are opened to see what they are."""
    seen, ask = [], module.read
    monkeypatch.setattr(module, "read", lambda path: seen.append(path.name) or ask(path))
    return seen


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_what_is_no_file_takes_no_notes(run, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out" / NAME)
    assert [run(COW), run(COW, "--resume")] == [0, 0]
    assert "2 pictures lay there already" in capsys.readouterr().out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_what_is_no_file_is_no_picture(run, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out" / "cow-001.png")
    (tmp_path / "out" / "cow-002.png").symlink_to("/dev/zero")
    (tmp_path / "out" / "cow-003.png").mkdir()
    assert run(COW, "--resume", "--dry-run") == 0
    assert "lay there already" not in capsys.readouterr().out


@pytest.mark.parametrize("there", [b"precious\n", b"", None])
@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="no such links here")
def test_no_link_is_followed(run, tmp_path, capsys, there):
    """Whoever made the folder may have laid one: what it leads to is neither read nor written."""
    (tmp_path / "out").mkdir()
    far = tmp_path / "far"
    if there is not None:
        far.write_bytes(there)
    (tmp_path / "out" / NAME).symlink_to(far)
    assert [run(COW), run(COW, "--resume")] == [0, 0]
    assert "2 pictures lay there already" in capsys.readouterr().out
    assert (far.read_bytes() if far.exists() else None) == there


def test_no_picture_is_opened_that_is_noted(run, tmp_path, monkeypatch, capsys):
    run(COW)
    seen = opened_files(monkeypatch)
    assert run(COW, "--resume") == 0
    assert seen == []
    os.utime(tmp_path / "out" / "cow-001.png", ns=(0, 0))  # as where the clock went backwards
    assert run(COW, "--resume") == 0
    assert seen == ["cow-001.png"]
    assert run(COW, "--resume") == 0
    assert seen == ["cow-001.png"]
    assert "journal" not in capsys.readouterr().err


BROKEN = {
    "is no journal of pictures": (b"\x89PNG\r\n", b"[]", b"{}\n", b"[1,2]", b"\xff" * 400, b"[" * 100_000),
    "is of version 7, which is not read here": (b'["promptlang journal", 7]\n["a"]\n',),
    "is cut short or damaged": (
        b'["promptlang journal", 1]\n["cow-001.png", 12',
        b'["promptlang journal", 1]\n["cow-001.png"]\n',
        b'["promptlang journal", 1]\n\xff\n',
    ),
}


@pytest.mark.parametrize(("fault", "data"), [(fault, each) for fault, cases in BROKEN.items() for each in cases])
def test_a_strange_journal_is_said_and_made_anew(run, tmp_path, capsys, fault, data):
    run(COW)
    path = tmp_path / "out" / NAME
    good = path.read_bytes()
    path.write_bytes(data)
    assert run(COW, "--resume") == 0
    assert names(tmp_path / "out") == ["cow-001.png", "cow-002.png"]
    said = f"warning: `out/{NAME}` {fault}: what is finished is read from the pictures instead\n"
    assert capsys.readouterr().err.endswith(said)
    assert path.read_bytes() == good
    assert run(COW, "--resume") == 0
    assert capsys.readouterr().err == ""


def test_a_journal_of_another_version_is_left_as_it_is_without_resume(run, tmp_path):
    run(COW)
    path = tmp_path / "out" / NAME
    path.write_bytes(b'["promptlang journal", 2]\n')
    run(COW)
    assert path.read_bytes() == b'["promptlang journal", 2]\n'
    assert len(names(tmp_path / "out")) == 4


def test_cut_at_every_byte_it_says_only_what_is_true(tmp_path):
    for number in (1, 2):
        Image.new("RGB", (8, 8)).save(tmp_path / f"a-{number}.png")
    with opened(tmp_path) as kept:
        for number in (1, 2):
            kept.note(tmp_path / f"a-{number}.png", picture="abc", seed=number)
    whole = (tmp_path / NAME).read_bytes()
    for size in range(len(whole)):
        (tmp_path / NAME).write_bytes(whole[:size])
        assert read(tmp_path).notes.items() <= kept.notes.items()
        with opened(tmp_path) as again:
            again.note(tmp_path / "a-2.png", picture="abc", seed=2)
        assert read(tmp_path).notes.items() <= kept.notes.items()


def test_who_only_draws_asks_not_what_is_noted(tmp_path):
    with opened(tmp_path) as kept:
        kept.note(tmp_path, picture="abc", seed=1)
    with opened(tmp_path) as again:
        assert (again.notes, again.fault) == ({}, "")
    with opened(tmp_path, alone=lambda: None) as alone:
        assert alone.notes == kept.notes


def test_who_only_draws_reads_the_head_alone_however_long_the_journal_is(tmp_path):
    with opened(tmp_path):
        os.truncate(tmp_path / NAME, 1 << 27)
    tracemalloc.start()
    with opened(tmp_path) as kept:
        assert kept.fault == ""
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    with (tmp_path / NAME).open("rb") as file:
        file.seek(1 << 27)
        assert file.read() == b"\n"  # the line that was cut short is ended


def test_a_disk_that_takes_no_note_costs_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with opened(tmp_path / "file" / "out") as kept:
        kept.note(tmp_path / "file", picture="abc", seed=1)
    assert kept.notes["file"].seed == 1
    assert finished(tmp_path, Journal()).pictures == {}


def test_what_was_removed_is_noted_no_longer(run, tmp_path):
    run(COW)
    (tmp_path / "out" / "cow-002.png").unlink()
    (tmp_path / "out" / "cow-001.png").rename(tmp_path / "out" / "cow-007.png")
    assert run(COW, "--resume") == 0
    assert list(read(tmp_path / "out").notes) == ["cow-007.png", "cow-008.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="no claims on folders there")
def test_who_resumes_waits_for_who_draws_already(tmp_path):
    """Neither draws what the other has drawn."""
    waits = "from promptlang_runtime.output.journal import opened; from pathlib import Path\n"
    waits += "with opened(Path('.'), alone=lambda: print('waits', flush=True)): print('alone', flush=True)"
    with opened(tmp_path), opened(tmp_path):
        other = subprocess.Popen([sys.executable, "-c", waits], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        assert other.stdout.readline() == "waits\n"
        time.sleep(0.05)
        assert other.poll() is None
    assert other.communicate()[0] == "alone\n"
    with opened(tmp_path, alone=lambda: None):
        began = time.monotonic()
        with opened(tmp_path):
            assert time.monotonic() - began < 1


def test_another_image_to_start_from_is_new_work(run, tmp_path):
    text = "/remix /parser:new /image:start.png /strength:0.5 /seed:3 /steps:2 /size:64x64 a\n"
    Image.new("RGB", (64, 64), "#2040d0").save(tmp_path / "start.png")
    run(text)
    assert run(text, "--resume") == 0
    assert len(names(tmp_path / "out")) == 1
    Image.new("RGB", (64, 64), "#d02040").save(tmp_path / "start.png")
    assert run(text, "--resume") == 0
    assert len(names(tmp_path / "out")) == 2


@pytest.mark.parametrize("name", PATHS)
def test_another_file_at_the_path_of_an_option_is_another_picture(tmp_path, make_plan, name):
    file = tmp_path / "file"
    file.write_bytes(b"one")
    before = picture_of(make_plan(**{name: str(file)}))
    file.write_bytes(b"other")
    assert picture_of(make_plan(**{name: str(file)})) != before


def test_a_large_folder_is_known_at_once(tmp_path):
    """In a small part of the time that opening its pictures takes."""
    Image.new("RGB", (64, 64)).save(tmp_path / "a-0.png")
    for number in range(1, 400):
        os.link(tmp_path / "a-0.png", tmp_path / f"a-{number}.png")

    def seconds():
        began = time.process_time()
        with opened(tmp_path, alone=lambda: None) as kept:
            finished(tmp_path, kept)
        return time.process_time() - began

    first = seconds()
    assert min(seconds(), seconds()) < first / 2
    assert journal.NAME not in read(tmp_path).notes
