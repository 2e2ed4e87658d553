"""Pictures are written whole, never over another file, and say how they were made."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace

import pytest
from PIL import ExifTags, Image

from promptlang.exporters.infotext import infotext
from promptlang.plans.json import picture_hash
from promptlang.plans.plan import Conditioned, Conditioning, Network, Run, Segment
from promptlang_runtime.errors import WriteError
from promptlang_runtime.output import files, finished, metadata, names
from promptlang_runtime.output.journal import Journal

PICTURE = Image.new("RGB", (16, 8), "#c04030")


def saved(folder, plan, seed=7, stem="cow"):
    return files.save(PICTURE, names.numbered(folder, stem, plan.file_format), plan, seed)


def test_names_are_numbered_after_what_is_there(tmp_path, make_plan):
    (tmp_path / "cow-007.jpg").write_bytes(b"someone's")
    (tmp_path / "cow-sheet-041.png").write_bytes(b"someone's")
    assert [saved(tmp_path, make_plan()).name for _ in range(2)] == ["cow-008.png", "cow-009.png"]
    assert (tmp_path / "cow-007.jpg").read_bytes() == b"someone's"


def test_a_name_taken_meanwhile_is_passed_over(tmp_path, make_plan):
    coming = names.numbered(tmp_path, "cow", "png")
    first, second = next(coming), next(coming)
    second.write_bytes(b"someone's")
    assert files.save(PICTURE, iter((second, first)), make_plan(), 7) == first
    assert second.read_bytes() == b"someone's"


def test_names_are_passed_over_where_the_file_system_has_no_links(tmp_path, make_plan, monkeypatch):
    def no_links(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    taken = tmp_path / "a.png"
    taken.write_bytes(b"someone's")
    assert files.save(PICTURE, iter((taken, tmp_path / "b.png")), make_plan(), 7).name == "b.png"
    assert taken.read_bytes() == b"someone's"


@pytest.mark.parametrize("stem", ["../../etc/x", "a/b", 'a"b?', "...", "", "x" * 500])
def test_a_strange_stem_stays_inside_the_folder(tmp_path, make_plan, stem):
    path = saved(tmp_path / "out", make_plan(), stem=stem)
    assert path.parent == tmp_path / "out"
    assert path.exists()


@pytest.mark.parametrize(
    ("number", "message", "help"),
    [
        (errno.ENOSPC, "no space left on device", "free some space, then add `--resume`"),
        (errno.EACCES, "permission denied", "choose another folder with `--out`"),
    ],
)
def test_a_disk_that_refuses_leaves_nothing_half_written(tmp_path, make_plan, monkeypatch, number, message, help):
    def refuse(self, file, *_, **__):
        file.write(b"half a picture")
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Image.Image, "save", refuse)
    with pytest.raises(WriteError, match=message) as caught:
        saved(tmp_path, make_plan())
    assert caught.value.help == help
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_while_writing_leaves_nothing(tmp_path, make_plan, monkeypatch):
    def interrupted(self, file, *_, **__):
        file.write(b"half a picture")
        raise KeyboardInterrupt

    monkeypatch.setattr(Image.Image, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        saved(tmp_path, make_plan())
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be(tmp_path, make_plan):
    (tmp_path / "out").write_text("not a folder")
    with pytest.raises(WriteError, match="cannot write"):
        saved(tmp_path / "out", make_plan())


@pytest.mark.parametrize("file_format", ["png", "jpg", "webp"])
def test_a_picture_says_how_it_was_made(tmp_path, make_plan, conditioning, file_format):
    text = 'a “red” circle, 赤い円 & <b>\nsecond line: "quoted"'
    plan = make_plan(file_format=file_format, positive=conditioning(text), source=f"/render {text}", images=3)
    path = saved(tmp_path, plan, seed=2**64 - 1)
    making = metadata.read(path)
    assert making.plan == plan
    assert making.seed == 2**64 - 1
    assert making.picture == picture_hash(plan)
    assert making.parameters == infotext(plan, 2**64 - 1)
    assert finished.finished(tmp_path, Journal()).pictures == {picture_hash(plan): [finished.Lying(path, 2**64 - 1)]}
    with Image.open(path) as picture:
        assert picture.size == (16, 8)


def test_our_chunk_is_json_with_source_and_plan(tmp_path, make_plan):
    with Image.open(saved(tmp_path, make_plan(source="/render a cow"))) as picture:
        data = json.loads(picture.text["promptlang"])
    assert data["source"] == "/render a cow"
    assert data["plan"]["format"] == "promptlang.plan/1"
    assert data["seed"] == 7


def test_text_that_no_file_can_hold_is_replaced(tmp_path, make_plan, conditioning):
    for file_format in ("png", "jpg"):
        plan = make_plan(positive=conditioning("lone \ud800 half, nul \0"), file_format=file_format)
        assert metadata.read(saved(tmp_path, plan)).plan == plan


def test_a_plan_too_long_for_a_jpeg_is_left_out(tmp_path, make_plan, conditioning):
    long = "".join(chr(0x4E00 + (place * 7919) % 20000) for place in range(100_000))
    making = metadata.read(saved(tmp_path, make_plan(positive=conditioning(long), file_format="jpg")))
    assert making.parameters.startswith(long[:1000])
    assert making.plan is None


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_strange_files_in_the_folder_are_passed_over(tmp_path, make_plan, content):
    (tmp_path / "strange-001.png").write_bytes(content)
    (tmp_path / "folder.png").mkdir()
    PICTURE.save(tmp_path / "plain.jpg")
    saved(tmp_path, make_plan())
    assert [[each.seed for each in lying] for lying in finished.finished(tmp_path, Journal()).pictures.values()] == [
        [7]
    ]


@pytest.mark.parametrize("own", ["", "[]", "{}", '{"plan": 1}', '{"plan": {}, "source": "", "seed": 1, "picture": ""}'])
def test_a_broken_chunk_says_nothing(tmp_path, own):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("promptlang", own)
    PICTURE.save(tmp_path / "a.png", pnginfo=info)
    assert metadata.read(tmp_path / "a.png") == metadata.Making()


def test_a_packed_chunk_is_unpacked_only_so_far(tmp_path):
    import zlib

    block = Image.Exif()
    bomb = zlib.compress(b" " * 40_000_000, 9)
    block.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = b"promptlang\0" + bomb
    PICTURE.save(tmp_path / "a.jpg", exif=block)
    assert metadata.read(tmp_path / "a.jpg") == metadata.Making()


def test_the_words_of_webui(make_plan, conditioning):
    weighted = Conditioning(branches=(Conditioned((Segment(9, (Run("a "), Run("(red) cow", 1.3), Run(" here"))),)),))
    plan = make_plan(
        positive=weighted,
        negative=conditioning("blue, dull"),
        sampler="dpm2m",
        schedule="karras",
        clip_skip=2,
        networks=(Network(name="ink", kind="lora", weight=0.7),),
    )
    assert infotext(plan, 7).splitlines()[:2] == [
        r"a (\(red\) cow:1.3) here <lora:ink:0.7>",
        "Negative prompt: blue, dull",
    ]
    settings = infotext(plan, 7).splitlines()[2]
    assert settings.startswith("Steps: 3, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 4, Seed: 7, ")
    assert ", Size: 64x64, Model: demo, Clip skip: 2, " in settings


def test_webui_words_leave_out_what_is_not_there(make_plan, conditioning):
    lines = infotext(make_plan(negative=conditioning("")), 7).splitlines()
    assert len(lines) == 2
    assert "Clip skip" not in lines[1]


def test_a_prompt_of_webui_stands_as_it_was_written(make_plan):
    source = "/render /parser:a1111 [cow:(dog:1.2):0.5] /negative blue"
    plan = make_plan(dialect="a1111", source=source)
    assert infotext(plan, 7).splitlines()[:2] == ["[cow:(dog:1.2):0.5]", "Negative prompt: blue"]


def test_directions_are_joined_by_and(make_plan, conditioning):
    plan = make_plan(positive=conditioning(("a cow", 1.0), ("a field", 0.5)))
    assert infotext(replace(plan), 7).startswith("a cow AND a field :0.5\n")
