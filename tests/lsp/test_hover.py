"""Hover and signature help."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from pages import COW, page

from promptlang.meaning.project import Project
from promptlang_lsp.features.hover.documentation import concept_lines
from promptlang_lsp.features.hover.hover import hover
from promptlang_lsp.protocol.client import Client


def hovered(text: str, **more: object) -> str:
    here, span = page(text, **more)  # type: ignore[arg-type]
    found = hover(here, span.start)
    return found["contents"]["value"] if isinstance(found, dict) else ""  # type: ignore[index, return-value]


def test_hover_without_markdown() -> None:
    here, span = page("/render /clip‸skip:2 a", client=Client(markdown=False))
    contents = hover(here, span.start)["contents"]  # type: ignore[index]
    assert contents["kind"] == "plaintext"
    assert "**" not in contents["value"]


PNG = b"\x89PNG\r\n\x1a\n"


def test_hover_shows_only_pictures(tmp_path: Path) -> None:
    def shown(path: Path) -> bool:
        return "preview" in hovered("/render <c‸ow>", project=Project(concepts=(replace(COW, preview=path),)))

    (tmp_path / "a.png").write_bytes(PNG)
    assert "![preview](file://" in hovered(
        "/render <c‸ow>", project=Project(concepts=(replace(COW, preview=tmp_path / "a.png"),))
    )
    (tmp_path / "page.png").write_text("<svg onload=x>")
    (tmp_path / "password.png").symlink_to("/etc/passwd")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "huge.png").write_bytes(PNG)
    with (tmp_path / "huge.png").open("r+b") as file:
        file.truncate(5_000_000)
    for name in ("page.png", "password.png", "loop.png", "folder.png", "huge.png", "none.png", "../../etc/passwd"):
        assert not shown(tmp_path / name), name


def test_metadata_stays_text() -> None:
    spy = "x` ![](https://spy.example/a.png) [y](https://spy.example) ```\n# big"
    hostile = replace(
        COW,
        name=spy,
        kind="lora",
        family="sd1",
        evidence=spy,
        variant=spy,
        triggers=(spy,),
        tags=(spy,),
        options=(("a", spy),),
    )
    text = "\n\n".join(concept_lines(hostile))
    assert "](" not in re.sub("`[^`]*`", "", text)
    assert "\n#" not in text
    recipe = hovered("/recipe #q ```` ![](https://spy.example/a.png)\n/render #‸q")
    assert recipe.split("\n\n")[1].startswith("`````promptlang\n")
    for source in ("/render <`![](h‸ttp://x)`>", "/render /sampler:`![](http://‸x)` a", "/render /seed:`![](x‸)` a"):
        assert "](h" not in re.sub("`[^`]*`", "", hovered(source)), source
