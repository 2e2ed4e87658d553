"""Code actions and formatting: what is offered, and the text it makes."""

from __future__ import annotations

from pathlib import Path

from pages import PROJECT, after_wire, finished, page

from promptlang.project import Project
from promptlang.source import Span
from promptlang_lsp.features.code_actions import code_actions
from promptlang_lsp.features.diagnostics import diagnostics
from promptlang_lsp.features.formatting import formatting, on_type


def acted(text: str, title: str, *, project: Project = PROJECT, only: tuple[str, ...] = ()) -> str:
    here, span = page(text, project=project)
    actions = code_actions(here, span, only, lambda path: path.read_text())
    action = next(action for action in actions if action["title"] == title)
    (edits,) = action["edit"]["changes"].values()  # type: ignore[index]
    return after_wire(here, edits)


def titles(text: str, *only: str) -> list[str]:
    here, span = page(text)
    return [str(action["title"]) for action in code_actions(here, span, only, lambda path: None)]


def test_quick_fixes() -> None:
    assert acted("/render /clip‸skp:2 a", "Write `/clipskip`") == "/render /clipskip:2 a"
    found = titles("/render /parser:new /clipskip:1‸.9 a", "quickfix")
    assert any("1" in title for title in found)
    assert "Ignore `clipskip/fraction-ignored` on this line" in found
    assert titles("/render a c‸ow", "quickfix") == []


def test_silencing() -> None:
    text = "/render a\n/render /clip‸skp:2 a\n"
    comment = "/render a\n# promptlang: ignore[option/unknown]\n/render /clipskp:2 a\n"
    assert acted(text, "Ignore `option/unknown` on this line") == comment
    here, _ = page(comment)
    assert finished(diagnostics(here)).items == []  # type: ignore[attr-defined]
    whole = acted(text, "Ignore `option/unknown` in this file")
    assert finished(diagnostics(page(whole)[0])).items == []  # type: ignore[attr-defined]


def test_silencing_in_the_project(tmp_path: Path) -> None:
    file = tmp_path / "promptlang.toml"
    file.write_text('edition = "guide"\n[rules]\n"clipskip/high" = "hint"\n')
    here, span = page("/render /clip‸skp:2 a\n", project=Project(root=tmp_path, file=file))
    actions = code_actions(here, span, (), lambda path: path.read_text())
    action = next(each for each in actions if each["title"] == "Ignore `option/unknown` in this project")
    assert action["edit"]["changes"][file.as_uri()] == [  # type: ignore[index]
        {
            "range": {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 0}},
            "newText": '"option/unknown" = "off"\n',
        }
    ]


def test_fix_all_is_only_given_when_asked_for() -> None:
    text = "/render /clipskp:2 a\n/render /stesp:20 b\n"
    assert acted(text, "Fix everything that is safe to fix", only=("source.fixAll",)) == (
        "/render /clipskip:2 a\n/render /steps:20 b\n"
    )
    assert not any("everything" in title for title in titles("/render /clip‸skp:2 a"))


def test_recipes_out_and_in() -> None:
    extracted = acted("/render /parser:new a cow, ‸red barn, hay‸", "Extract to a recipe")
    assert extracted == "/recipe #recipe1 /parser:new red barn, hay\n/render /parser:new a cow, #recipe1"
    back = extracted.replace("#recipe1\n", "#recipe1\n") + "‸"
    assert acted(back, "Inline `#recipe1`").endswith("/render /parser:new a cow, red barn, hay")


def test_comparison_is_locked() -> None:
    text = acted("/render /parser:new <demo> a c‸ow\n", "Compare clip skip 1 to 4")
    statement = text.split("\n", 1)[1]
    assert statement.startswith("/compare /parser:new /clipskip:1..4 /seed:1 /guidance:")
    rules = {item["code"] for item in finished(diagnostics(page(statement)[0])).items}  # type: ignore[attr-defined]
    assert not {rule for rule in rules if str(rule).startswith("compare/")}


def test_formatting() -> None:
    here, _ = page("/render a /STEPS:30\r\n/render b\r\n")
    assert after_wire(here, formatting(here, None)) == "/render /steps:30 a\r\n/render b\r\n"
    here, _ = page("/render  a\n/render  b\n")
    assert after_wire(here, formatting(here, Span(12, 12))) == "/render  a\n/render b\n"


def test_formatting_while_typing_waits_for_the_next_statement() -> None:
    here, span = page("/render a /STEPS:30\n‸")
    assert on_type(here, span.start) == []
    here, span = page("/render a /STEPS:30\n‸/render b")
    assert after_wire(here, on_type(here, span.start)) == "/render /steps:30 a\n/render b"


def test_conversions_keep_weights() -> None:
    found = acted("/render /parser:new /steps:20 a (c‸ow:1.2) [mud]", "Convert to /parser:compel")
    assert found.startswith("/render /parser:compel /steps:20 a ")
    assert "/negative mud" in found
    assert "Convert to /parser:new" not in titles("/render /parser:new a c‸ow")


def test_a_statement_alone_keeps_what_it_depends_on() -> None:
    from promptlang_lsp.renders import PICTURE, alone

    here, _ = page("/set /steps:3\n/render a\n/render #q b\n/set /steps:9\n/recipe #q /seed:1 $prompt\n")
    assert alone(here, 2) == "/set /steps:3\n/recipe #q /seed:1 $prompt\n/render #q b\n"
    found = PICTURE.match("out/a b-001.png   128x128      1       0.3")
    assert found is not None
    assert found["path"] == "out/a b-001.png"
