"""`render --server` against the real service: the picture is the one that is drawn here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from promptlang.plans.plan import Plan
from promptlang_runtime.command.command import main
from promptlang_runtime.servers import ours

SET = "/set /size:64x64 /steps:2 /guidance:4 /sampler:dpm2m\n"
Draw = Callable[..., tuple[int, list[Path]]]


@pytest.fixture
def draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Draw:
    """Render a text into a folder; the exit code and the pictures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def drawn(text: str, out: str, *words: str) -> tuple[int, list[Path]]:
        (tmp_path / "a.prompt").write_text(SET + text, encoding="utf-8")
        code = main(["a.prompt", "--no-sheet", "--quiet", "--out", out, *words])
        return code, sorted((tmp_path / out).glob("*.png"))

    return drawn


def same(first: list[Path], second: list[Path]) -> bool:
    """Whether the pixels of pictures differ by one of 255 at most."""
    assert [each.name for each in first] == [each.name for each in second]
    pairs = zip(first, second, strict=True)
    return all(abs(_pixels(one) - _pixels(other)).max() <= 1 for one, other in pairs)


def _pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path)).astype(int)


PROMPTS = {
    "promptlang": "/set <neon:0.5>\n/render /parser:new /seed:8 /variants:all a {red|blue} star\n"
    "/render /parser:new /seed:3 /images:2 /clipskip:2 a (red circle:1.3) /negative blue\n"
    "/compare /parser:a1111 /guidance:3..4 /seed:2 a star\n"
    "/remix /image:in.png /mask:mask.png /strength:0.7 /seed:4 a star\n",
    "webui": "/render /parser:a1111 /arithmetic:webui /seed:3 /images:2 /clipskip:2 a (red circle:1.3)\n"
    "/negative blue\n"
    "/remix /parser:a1111 /arithmetic:webui /image:in.png /strength:0.7 /seed:4 a star\n"
    "/remix /parser:a1111 /arithmetic:webui /image:in.png /mask:mask.png /strength:0.7 /seed:4 a star\n",
    "openai": "/render /seed:3 /images:2 a red circle /negative blue\n",
}


@pytest.mark.parametrize("kind", PROMPTS)
def test_a_service_draws_what_is_drawn_here(
    draw: Draw, address: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.effect_noise((64, 64), 90).convert("RGB").save(tmp_path / "in.png")
    Image.linear_gradient("L").resize((64, 64)).save(tmp_path / "mask.png")
    _, here = draw(PROMPTS[kind], "here", "--device", "cpu")
    capsys.readouterr()
    named = () if kind == "promptlang" else ("--server-kind", kind)
    code, there = draw(PROMPTS[kind], "there", "--server", f"{address}/v1", *named)
    said = capsys.readouterr().err
    assert code == 0, said
    assert same(here, there)
    lost = "warning: a.prompt:2: an OpenAI images endpoint is not told `/sampler`\n"
    assert said == (lost if kind == "openai" else "")


def test_the_service_is_known_by_itself(draw: Draw, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert draw("/render /seed:1 a", "there", "--server", address, "--dry-run")[0] == 0
    assert f"by promptlang serve at `{address}`" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("/set <nothere>\n/render /seed:1 a", "promptlang", "`nothere`"),
        ("/set <nothere>\n/render /seed:1 a", "webui", "has no model `nothere`"),
    ],
)
def test_what_it_would_draw_otherwise_is_not_drawn(
    draw: Draw, address: str, text: str, kind: str, says: str, capsys: pytest.CaptureFixture[str]
):
    code, found = draw(text, "there", "--server", address, "--server-kind", kind)
    assert (code, found) == (1, [])
    assert says in capsys.readouterr().err


def test_a_statement_that_it_reads_otherwise_is_not_drawn(
    draw: Draw, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def another(plan: Plan) -> str:
        return "/render /seed:1 a cow"

    monkeypatch.setattr(ours, "_statement", another)
    assert draw("/render /seed:1 a star", "there", "--server", address) == (1, [])
    assert "reads prompt as `a cow`, and here it is `a star`" in capsys.readouterr().err
