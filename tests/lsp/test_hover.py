"""Hover and signature help."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pages import COW, page

from promptlang.project import Project
from promptlang_lsp.client import Client
from promptlang_lsp.features.hover import hover
from promptlang_lsp.features.signature import signature_help


def hovered(text: str, **more: object) -> str:
    here, span = page(text, **more)  # type: ignore[arg-type]
    found = hover(here, span.start)
    return found["contents"]["value"] if isinstance(found, dict) else ""  # type: ignore[index, return-value]


def test_hover() -> None:
    assert "Here `2`, from this statement." in hovered("/render /clip‸skip:2 a")
    assert "as stable-diffusion-webui reads it" in hovered("/render /parser:a11‸11 a")
    assert "Make images" in hovered("/ren‸der a cow")
    assert "Known from: its metadata." in hovered("/render <c‸ow>")
    assert "`moo`" in hovered("/render <c‸ow>")
    assert "never guessed" in hovered("/render <stran‸ger>")
    assert "/steps:wayless" in hovered("/recipe #quick /steps:wayless $prompt\n/render #qu‸ick a")
    assert "Effective weight **1.32** = 1.1 × 1.2" in hovered("/render /parser:new ((c‸at:1.2))")
    assert "negative prompt" in hovered("/render /parser:new a [mu‸d]")
    assert "tokens in 1 chunk" in hovered("/render a c‸ow")
    assert hovered("# a comm‸ent\n/render a") == ""


def test_hover_names_where_a_value_comes_from() -> None:
    assert "from `/set` above" not in hovered("/set /steps:30\n/render /ste‸ps:20 a")
    assert "from this statement" in hovered("/set /steps:30\n/render /ste‸ps:20 a")


def test_hover_without_markdown() -> None:
    here, span = page("/render /clip‸skip:2 a", client=Client(markdown=False))
    contents = hover(here, span.start)["contents"]  # type: ignore[index]
    assert contents["kind"] == "plaintext"
    assert "**" not in contents["value"]


def test_hover_shows_only_pictures(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    shown = replace(COW, preview=tmp_path / "a.png")
    assert "![preview](file://" in hovered("/render <c‸ow>", project=Project(concepts=(shown,)))
    hostile = replace(COW, preview=Path("/etc/passwd"))
    assert "preview" not in hovered("/render <c‸ow>", project=Project(concepts=(hostile,)))


def test_signature() -> None:
    here, span = page("/render /freeu:1,2,‸ a")
    found = signature_help(here, span.start)
    assert found["signatures"][0]["label"] == "/freeu:s1,s2,b1,b2"  # type: ignore[index]
    assert found["activeParameter"] == 2  # type: ignore[index]
    here, span = page("/render a c‸ow")
    assert signature_help(here, span.start) is None
