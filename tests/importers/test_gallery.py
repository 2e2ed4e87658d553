"""`promptlang gallery`: what the page holds, what it never does, and how it looks in a browser."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from PIL import Image

import promptlang
from promptlang.cli.main import main
from promptlang.reports.pages.gallery import Pictured, gallery, row
from promptlang.reports.pages.shell import mark, script_size
from promptlang_runtime.output.metadata import page_info
from tests.importers.made import INFOTEXT, ours, png
from tests.importers.pages import data_of, needs_chromium, seen

HOSTILE = "a cow </script><script>document.title='broken'</script> <img src=x onerror=alert(1)> &amp; \u2028 end"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with pictures of all kinds."""
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "out"
    (out / "more").mkdir(parents=True)
    ours(out / "a.png", "/render /steps:9 /clipskip:2 /parser:new a red cow")
    ours(out / "b.png", "/render /steps:9 a horse", seed=8)
    ours(out / "more" / "100% #1?.png", "/render /steps:12 a horse")
    ours(out / "hostile.png", f"/render {HOSTILE}")
    png(out / "webui.png", {"parameters": INFOTEXT})
    Image.new("RGB", (8, 8)).save(out / "bare.png")
    Image.new("RGB", (8, 8)).save(out / "sheet.png", pnginfo=page_info("x"))
    (out / "notes.txt").write_text("a cow")
    return out


def test_every_picture_is_there_with_what_it_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gallery", "out"]) == 0
    assert capsys.readouterr().out == "6 pictures in `out/gallery.html`\n"
    data = data_of((folder / "gallery.html").read_text())
    pictures = {each["file"]: each for each in data["pictures"]}
    assert sorted(pictures) == ["a.png", "b.png", "bare.png", "hostile.png", "more/100% #1?.png", "webui.png"]
    assert pictures["more/100% #1?.png"]["address"] == "more/100%25%20%231%3F.png"
    assert pictures["a.png"]["facts"]["clip skip"] == "2"
    assert "a red cow" in pictures["a.png"]["text"]
    assert pictures["webui.png"]["facts"]["seed"] == "5"
    assert (pictures["bare.png"]["text"], pictures["bare.png"]["plan"]) == ("", None)
    plan = json.loads(data["plans"][pictures["a.png"]["plan"]])
    assert plan["clip_skip"] == 2


def test_nothing_of_a_prompt_is_read_as_html_and_nobody_is_asked(folder: Path) -> None:
    main(["gallery", "out", "-q"])
    page = (folder / "gallery.html").read_text()
    assert page.count("</script>") == 2
    assert "onerror" in json.dumps(data_of(page))
    assert "<img src=x" not in page
    assert "\u2028" not in page
    assert not re.search(r"https?:", page)
    assert "default-src 'none'" in page
    assert "connect-src" not in page


def test_a_gallery_is_written_anew_and_nothing_else_is_overwritten(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gallery", "out"]) == 0
    ours(folder / "c.png", "/render a pig")
    assert main(["gallery", "out"]) == 0
    assert '"c.png"' in (folder / "gallery.html").read_text()
    (folder / "gallery.html").write_text("mine")
    assert main(["gallery", "out"]) == 2
    assert "is there already, and no gallery" in capsys.readouterr().err
    assert (folder / "gallery.html").read_text() == "mine"
    assert main(["gallery", "out", "--force", "-q"]) == 0
    assert mark("gallery") in (folder / "gallery.html").read_text()


def test_a_page_elsewhere_leads_to_the_pictures(folder: Path) -> None:
    (folder.parent / "pages").mkdir()
    assert main(["gallery", "out", "-q", "-o", "pages/all.html"]) == 0
    assert '"../out/a.png"' in (folder.parent / "pages" / "all.html").read_text()


def test_what_is_not_there_and_what_is_empty(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gallery", "nowhere"]) == 2
    assert "there is no folder `nowhere`" in capsys.readouterr().err
    (folder / "empty").mkdir()
    assert main(["gallery", "out/empty"]) == 1
    assert not list((folder / "empty").iterdir())


def test_a_broken_picture_takes_no_other_with_it(folder: Path) -> None:
    (folder / "cut.png").write_bytes((folder / "a.png").read_bytes()[:60])
    (folder / "wild.jpg").write_bytes(b"\xff\xd8\xff" + os.urandom(200))
    assert main(["gallery", "out", "-q"]) == 0
    assert '"a.png"' in (folder / "gallery.html").read_text()


def test_the_script_is_small() -> None:
    assert script_size("gallery") <= 12 * 1024


def test_ten_thousand_pictures_are_one_page_of_a_few_megabytes() -> None:
    (plan,) = promptlang.compile("/render /seed:7 a cow").plans
    page, _ = gallery("out", (row(Pictured(path=f"{number}.png", time=1.0, plan=plan)) for number in range(10_000)))
    assert len(page) < 8 * 2**20
    assert len(data_of(page)["plans"]) == 1


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.editors
@needs_chromium
def test_search_and_filters(folder: Path, tmp_path: Path) -> None:
    main(["gallery", "out", "-q"])
    page = folder / "gallery.html"

    def found(asked: str) -> list[str]:
        return re.findall(r'<button title="([^"]+)"', seen(page, asked, tmp_path))

    assert found("") == ["a.png", "b.png", "bare.png", "hostile.png", "webui.png", "more/100% #1?.png"]
    assert found("search=horse") == ["b.png", "more/100% #1?.png"]
    assert found("search=horse+-steps:12") == ["b.png"]
    assert found("search=clip-skip:2+parser:new") == ["a.png"]
    assert found("is+steps=9") == ["a.png", "b.png"]
    assert found("search=nothing-like-it") == []


@pytest.mark.editors
@needs_chromium
def test_a_picture_opens_with_its_statement_and_its_plan(folder: Path, tmp_path: Path) -> None:
    main(["gallery", "out", "-q"])
    dialog = seen(folder / "gallery.html", "open=hostile.png", tmp_path).partition("<dialog")[2]
    assert "&lt;img src=x onerror=alert(1)&gt;" in dialog
    assert '<img src="x"' not in dialog
    assert "&quot;weighting&quot;" in dialog or '"weighting"' in dialog
    assert ">Copy the statement<" in dialog


@pytest.mark.editors
@needs_chromium
def test_of_ten_thousand_pictures_a_screenful_is_made(tmp_path: Path) -> None:
    (plan,) = promptlang.compile("/render /seed:7 a cow").plans
    page = tmp_path / "many.html"
    page.write_text(gallery("out", (row(Pictured(path=f"{n}.png", time=1.0, plan=plan)) for n in range(10_000)))[0])
    assert 100 < seen(page, "", tmp_path).count('loading="lazy"') < 1000


def test_several_processes_write_the_same_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read by them is looked at again, and said; pictures that differ in the seed are told apart."""
    for seed in range(4):
        text = f"a cow\nSteps: 20, Sampler: Euler, Size: 512x512, Seed: {seed}"
        png(folder / f"seed-{seed}.png", {"parameters": text})
    (folder / "gone.png").symlink_to("nowhere.png")
    assert main(["gallery", "out", "-q"]) == 2
    alone = (folder / "gallery.html").read_text()
    monkeypatch.setattr("promptlang.cli.pictures.gallery.WORTH", 1)
    monkeypatch.setattr("promptlang.cli.pictures.gallery.TOGETHER", 2)
    monkeypatch.setattr("promptlang.many.processes.cores", lambda: 2)
    assert main(["gallery", "out", "-q"]) == 2
    assert (folder / "gallery.html").read_text() == alone
    pictures = [each for each in data_of(alone)["pictures"] if each["file"].startswith("seed-")]
    assert [each["facts"]["seed"] for each in pictures] == ["0", "1", "2", "3"]
    assert [f"/seed:{seed}" in each["text"] for seed, each in enumerate(pictures)] == [True] * 4
    assert len({each["plan"] for each in pictures}) == 1
