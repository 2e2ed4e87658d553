"""`promptlang show`: pictures of ours and of others, what tells two apart, and files that say nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from PIL import Image

import promptlang
from promptlang.cli.main import main
from promptlang.exporters.facts import UNSAID, differences, facts
from promptlang.plans.plan import Plan
from tests.cli.conftest import Outcome
from tests.importers.made import INFOTEXT, ours, png

Show = Callable[..., Outcome]


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    """The command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Outcome:
        code = main(("show", *words))
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


def test_what_a_set_called_is_called_again(show: Show, tmp_path: Path) -> None:
    """A LoRA above the statement as well as its model, each once, whatever spells it."""
    plan = ours(tmp_path / "cow.png", "/set <demo> <neon:0.5>\n/render /parser:a1111 /seed:7 a cow")
    record = json.loads(show("cow.png", "--json").out)["pictures"][0]
    assert record["statement"].startswith("/set <demo> <neon:0.5>\n")
    (again,) = promptlang.compile(record["statement"]).plans
    assert differences(plan, again) == ()
    ours(tmp_path / "called.png", "/render /parser:a1111 /seed:7 a cow <lora:NEON:0.5>")
    assert show("called.png").out.lower().partition("╭")[0].count("neon") == 1


@pytest.mark.parametrize("name", ["cow.png", "cow.jpg", "cow.webp"])
def test_a_picture_of_ours_tells_its_statement_and_its_plan(show: Show, tmp_path: Path, name: str) -> None:
    ours(tmp_path / name, "/set /steps:9\n/render /parser:new /clipskip:2 a (red:1.3) cow [blurry]")
    outcome = show(name)
    assert (outcome.code, outcome.err) == (0, "")
    statement = outcome.out.partition("╭")[0]
    assert statement.startswith(f"# {name}: promptlang\n")
    for part in ("/clipskip:2", "/steps:9", "/seed:7", "a (red:1.3) cow [blurry]"):
        assert part in statement
    assert "drawn here now" not in outcome.out


def test_origins_are_those_of_the_drawing(show: Show, tmp_path: Path) -> None:
    ours(tmp_path / "cow.png", "/set /steps:9\n/render /clipskip:2 a cow")
    lines = [line.split() for line in show("cow.png").out.splitlines()]
    assert ["│", "/steps", "9", "from", "`/set`", "│"] in lines
    assert not [line for line in lines if line[1:2] == ["/format"]]  # nobody asked for one


def test_a_cell_of_a_comparison_can_be_drawn_again(show: Show, tmp_path: Path) -> None:
    text = "/compare /seed:3 /guidance:5 /sampler:ddim /clipskip:1..4 /parser:new <demo> a cow"
    plan = ours(tmp_path / "cell.png", text, seed=3, place=2)
    record = json.loads(show("cell.png", "--json").out)["pictures"][0]
    (again,) = promptlang.compile(record["statement"]).plans
    assert differences(plan, again) == ()
    assert record["here"] == []
    assert show("cell.png").out.startswith("# cell.png: promptlang, a sweep at clip skip 3\n")


def test_what_tells_two_pictures_apart(show: Show, tmp_path: Path) -> None:
    ours(tmp_path / "a.png", "/render /steps:9 a cow")
    ours(tmp_path / "b.png", "/render /steps:9 /size:64x64 a horse", seed=8)
    table = show("a.png", "--diff", "b.png").out.partition("b.png was drawn by something else:\n")[2]
    assert table == (
        "  prompt\n    - a cow\n    + a horse\n  size\n    - 128x128\n    + 64x64\n  seed\n    - 7\n    + 8\n"
    )
    assert show("a.png", "--diff", "a.png").out.endswith("\na.png was drawn by the same\n")
    found = json.loads(show("a.png", "--diff", "b.png", "--json").out)["differences"]
    assert [each["name"] for each in found] == ["prompt", "size", "seed"]


def test_what_is_otherwise_here_is_said(show: Show, tmp_path: Path) -> None:
    (tmp_path / "promptlang.toml").write_text('[options]\nvae = "fine"\n')
    ours(tmp_path / "cow.png", "/render a cow")
    assert show("cow.png").out.endswith("drawn here now, it would differ:\n  vae\n    + fine\n")


def test_a_picture_of_another_program(show: Show, tmp_path: Path) -> None:
    png(tmp_path / "webui.png", {"parameters": INFOTEXT})
    ours(tmp_path / "cow.png", "/render a cow")
    outcome = show("webui.png", "--diff", "cow.png")
    assert outcome.code == 0
    assert "/parser:a1111" in outcome.out
    assert "  seed\n    - 5\n    + 7\n" in outcome.out


def test_the_plan_of_another_program_is_that_of_its_own_statement(show: Show, tmp_path: Path) -> None:
    png(tmp_path / "cow.png", {"parameters": INFOTEXT})
    record = json.loads(show("cow.png", "--json").out)["pictures"][0]
    (plan,) = promptlang.compile(record["statement"]).plans
    assert record["plan"]["source"] == plan.source
    assert str(plan.seed) in plan.source


@pytest.mark.parametrize("words", [("bare.png",), ("cow.png", "--diff", "bare.png"), ("bare.png", "--diff", "cow.png")])
def test_a_picture_that_says_nothing(show: Show, tmp_path: Path, words: tuple[str, ...]) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "bare.png")
    ours(tmp_path / "cow.png", "/render a cow")
    outcome = show(*words)
    assert outcome.code == 1
    assert "bare.png: it says nothing about how it was made" in outcome.err
    assert ("bare.png: what it was drawn by is not known" in outcome.err) == (len(words) > 1)


def test_what_cannot_be_read(show: Show) -> None:
    outcome = show("none.png")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "error: cannot read `none.png`: no such file or directory\n"


def test_every_field_of_a_plan_is_told_or_has_a_reason() -> None:
    names = {each.name for each in fields(Plan)}
    assert names >= set(UNSAID)
    (plan,) = promptlang.compile("/render /freeu:1,1.1,0.9,0.2 /vae:fine /seed:3 /hires:2 <lora:a:0.5> a cow").plans
    told = facts(plan)
    assert told["freeu"] == "1, 1.1, 0.9, 0.2"
    assert told["concept"] == "<demo>"
    assert told["hires"] == "2"
