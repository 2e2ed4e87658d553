"""Hover and signature help."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from pages import COW, page

from promptlang.meaning.project import Project
from promptlang_lsp.features.completion.signature import signature_help
from promptlang_lsp.features.hover.documentation import concept_lines
from promptlang_lsp.features.hover.hover import hover
from promptlang_lsp.protocol.client import Client


def hovered(text: str, **more: object) -> str:
    here, span = page(text, **more)  # type: ignore[arg-type]
    found = hover(here, span.start)
    return found["contents"]["value"] if isinstance(found, dict) else ""  # type: ignore[index, return-value]


def test_hover() -> None:
    assert "- Here `2`, from this statement" in hovered("/render /clip‸skip:2 a")
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


def test_hover_on_signs_says_what_they_do() -> None:
    assert hovered("/render /parser:a1111 [a:b‸:0.5] c").startswith("`a` until 50 % of the steps, then `b`")
    assert hovered("/render /parser:a1111 [a:‸:7] c").startswith("`a` until step 7, nothing from then on")
    assert "in turn: `a`, `b`" in hovered("/render /parser:a1111 [a|‸b]")
    assert "`a` × 1, `b` × 0.5" in hovered("/render /parser:a1111 a AN‸D b:0.5")
    assert "mixed into one" in hovered('/render /parser:compel ("a", "b").ble‸nd(0.5, 0.5)')
    assert "2 chunks" in hovered("/render /parser:a1111 a BRE‸AK b")
    assert hovered("/render /parser:new ((c‸at:1.2))").count("token") == 1
    assert "Ends the chunk" not in hovered("/render /parser:new a BRE‸AK b")


def test_hover_on_values_is_about_the_value() -> None:
    assert hovered("/render /sampler:dpm‸2m a").startswith("**`/sampler:dpm2m`** · DPM-Solver++")
    assert hovered("/render /steps:way‸less a") == (
        "**`/steps:wayless`** · 15 steps, 9 images\n\n- Here `wayless`, which acts as `15`, from this statement"
    )
    assert "which acts as `1`" in hovered("/render /clipskip:1‸.9 a")
    assert "`1..4`, 4 values" in hovered("/compare /clipskip:1‸..4 a")
    assert len(hovered("/render /sam‸pler:ddim a")) < 600


def test_hover_on_a_command_says_what_holds() -> None:
    found = hovered("/set /steps:30\n/ren‸der /seed:5 /images:4 a")
    assert "Model: `<demo>` · Stable Diffusion 1.x" in found
    assert "This statement: `/seed:5` `/images:4`" in found
    assert "`/set` above: `/steps:30`" in found
    assert "The model's own recommendation: `/guidance:4`" in found
    assert "4 images, 1 token in 1 chunk of 75" in found


def test_hover_on_recipes_shows_what_they_make() -> None:
    assert "Here it makes `old cow at night`" in hovered("/recipe #q old $prompt at night\n/render #‸q cow")
    assert "no recipe of this file" in hovered("/render #‸q cow")


def test_hover_on_silenced_rules() -> None:
    assert hovered("# promptlang: ignore[clip‸skip/high]\n/render a").startswith("**`clipskip/high`** · information")
    assert hovered("# promptlang: ignore[no/su‸ch]\n/render a") == ""


def test_hover_on_wildcards_and_variants(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text("dogs:\n  - collie\n  - husky `x`\n")
    project = Project(root=tmp_path, wildcards=(tmp_path,))
    found = hovered("/render /variants:all a __do‸gs__", project=project)
    assert found.startswith("**`__dogs__`** · 2 values\n\n- `collie`\n- `husky 'x'`\n\n[`pets.yaml`](file://")
    assert hovered("/render /variants:all {re‸d|blue} __dogs__", project=project) == "**1 of 2**\n\n- `red`\n- `blue`"
    assert "before variants" in hovered("/render /variants:all a {red|blue} c‸ow", project=project)


def test_hover_names_where_a_value_comes_from() -> None:
    assert "from `/set` above" not in hovered("/set /steps:30\n/render /ste‸ps:20 a")
    assert "from this statement" in hovered("/set /steps:30\n/render /ste‸ps:20 a")


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


def test_signature() -> None:
    here, span = page("/render /freeu:1,2,‸ a")
    found = signature_help(here, span.start)
    assert found["signatures"][0]["label"] == "/freeu:s1,s2,b1,b2"  # type: ignore[index]
    assert found["activeParameter"] == 2  # type: ignore[index]
    here, span = page("/render /sampler:‸")
    (signature,) = signature_help(here, span.start)["signatures"]  # type: ignore[index]
    assert signature["label"] == "/sampler:name"
    assert signature["documentation"]["value"].startswith("*`ddim`, `dpm2m`")
    assert len(signature["documentation"]["value"]) < 250
    for text in ("/render a c‸ow", "/render /karras:‸"):
        here, span = page(text)
        assert signature_help(here, span.start) is None
