"""Code actions and formatting: what is offered, and the text it makes."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from pages import PROJECT, after_wire, page

from promptlang import compile
from promptlang.config.chain import load
from promptlang.fixes import Fixed
from promptlang.meaning.project import Project
from promptlang.source import Span
from promptlang.tables.dialects import DIALECTS
from promptlang.variants.wildcards import forget
from promptlang_lsp.features.changes.code_actions import code_actions
from promptlang_lsp.features.changes.formatting import formatted, on_type
from promptlang_lsp.features.display.diagnostics import diagnostics
from promptlang_lsp.protocol.client import Client
from promptlang_lsp.protocol.legend import FIX_ALL
from promptlang_lsp.protocol.words import finished


def acted(text: str, title: str, *, project: Project = PROJECT, only: tuple[str, ...] = ()) -> str:
    here, span = page(text, project=project)
    actions = finished(code_actions(here, span, only, lambda path: path.read_text()))
    action: Any = next(action for action in actions if action["title"] == title)
    (edits,) = action["edit"]["changes"].values()
    return after_wire(here, edits)


def titles(text: str, *only: str) -> list[str]:
    here, span = page(text)
    return [str(action["title"]) for action in finished(code_actions(here, span, only, lambda path: None))]


@pytest.mark.parametrize(
    "text",
    [
        "/render /parser:new a, [c, ‸d]‸ e",
        "/render a (‸golden‸ hour) b",
        '/render /parser:compel "a ‸b"+, c‸',
    ],
)
def test_half_a_group_is_no_recipe(text: str) -> None:
    assert "Extract to a recipe" not in titles(text, "refactor.extract")


def test_fix_all_is_only_given_when_asked_for() -> None:
    text = "/render /clip_skip:2 a\n/render /num_inference_steps:20 b\n"
    assert acted(text, "Fix everything that is safe to fix", only=("source.fixAll",)) == (
        "/render /clipskip:2 a\n/render /steps:20 b\n"
    )
    assert not any("everything" in title for title in titles("/render /clip_‸skip:2 a"))


def test_one_broken_provider_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from promptlang_lsp.features.changes import conversions

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(conversions, "convert", broken)
    here, span = page("/render /parser:new /clipskp:2 a (c‸ow:1.2) <demo>")
    told: list[str] = []
    kinds = ("quickfix", "refactor.rewrite")
    found = finished(code_actions(here, span, kinds, lambda path: None, lambda failure, name: told.append(name)))
    assert told == [f"convert to {name}" for name in DIALECTS if name not in ("old", "new")]
    assert {"Increase weight", "Decrease weight"} <= {str(action["title"]) for action in found}


def test_what_takes_a_while_waits_until_somebody_asks() -> None:
    here, span = page("/render /clipskp:2 a (c‸ow:1.2)")
    found = finished(code_actions(here, span, (), lambda path: None, automatic=True))
    assert {str(action["title"]) for action in found} == {"Increase weight", "Decrease weight"}
    here, span = page("/render a c‸ow" + ", barn" * 5000)
    assert not any(
        title.startswith("Convert") for title in titles("/render a c‸ow" + ", barn" * 5000, "refactor.rewrite")
    )


def test_a_menu_is_short() -> None:
    """Who opens it gets the refactorings that fit best; who asks for a kind gets all of it."""
    text = "/render /parser:new a (c‸ow:1.2)"
    menu = titles(text)
    assert menu[:2] == ["Increase weight", "Decrease weight"]
    assert len(menu) == 4
    assert len([title for title in titles(text, "refactor.rewrite.convert") if title.startswith("Convert")]) == 5


def test_comparison_stays_fair_in_every_dialect() -> None:
    for text in (
        "/render /parser:a1111 [a‸:b:0.5] AND c /negative mud",
        "/render /parser:compel a‸++ b",
        "/render (c‸ow:1.3) hay",
    ):
        after = acted(text, "Compare clip skip 1 to 4").split("\n", 1)[1]
        assert not any(item["severity"] == 1 for item in finished(diagnostics(page(after)[0])).items)  # type: ignore[attr-defined]


def test_silencing_twice_keeps_the_project_file_readable(tmp_path: Path) -> None:
    import tomllib

    from promptlang_lsp.features.changes.silencing import switched_off

    for text in ('[rules]\n"a/b" = "hint"\n[x]\n', "", "x = 1", "[rules]", '[rules] # ours\n"c/d" = "off"\n'):
        edit = switched_off(text, "a/b")
        assert edit is not None
        after = text[: edit.span.start] + edit.text + text[edit.span.end :]
        assert tomllib.loads(after)["rules"]["a/b"] == "off"
    assert switched_off('rules = { "a/b" = "hint" }', "c/d") is None
    assert switched_off("[rules", "a/b") is None
    assert switched_off('tags = ["', "a/b") is None
    assert switched_off("a." * 5_000 + "a = 1", "a/b") is None


def test_formatting_keeps_line_ends() -> None:
    here, _ = page("/render a b  \r\n\r\n\r\n/render  c\r\n")
    assert after_wire(here, formatted(here, None)) == "/render a b\r\n\r\n/render c\r\n"


def test_comparison_is_locked() -> None:
    text = acted("/render /parser:new <demo> a c‸ow\n", "Compare clip skip 1 to 4")
    statement = text.split("\n", 1)[1]
    assert statement.startswith("/compare /parser:new /clipskip:1..4 /seed:1 /guidance:")
    found: Any = finished(diagnostics(page(statement)[0]))
    rules = {item["code"] for item in found.items}
    assert not {rule for rule in rules if str(rule).startswith("compare/")}


def test_formatting() -> None:
    here, _ = page("/render a /STEPS:30\r\n/render b\r\n")
    assert after_wire(here, formatted(here, None)) == "/render /steps:30 a\r\n/render b\r\n"
    here, _ = page("/render  a\n/render  b\n")
    assert after_wire(here, formatted(here, [Span(12, 12)])) == "/render  a\n/render b\n"
    here, _ = page("/render  a\n/render  b\n/render  c\n")
    ends = [Span(24, 25), Span(2, 3), Span(0, 1)]  # a selection of several parts, in whatever order
    assert after_wire(here, formatted(here, ends)) == "/render a\n/render  b\n/render c\n"
    assert formatted(here, []) == []


def test_formatting_while_typing_waits_for_the_next_statement() -> None:
    here, span = page("/render a /STEPS:30\n‸")
    assert on_type(here, span.start) == []
    here, span = page("/render a /STEPS:30\n‸/render b")
    assert after_wire(here, on_type(here, span.start)) == "/render /steps:30 a\n/render b"


def test_a_statement_alone_keeps_what_it_depends_on() -> None:
    from promptlang_lsp.session.renders import PICTURE

    here, _ = page("/set /steps:3\n/render a\n/render #q b\n/set /steps:9\n/recipe #q /seed:1 $prompt\n")
    assert here.snapshot.alone(2) == "/set /steps:3\n/recipe #q /seed:1 $prompt\n/render #q b\n"
    found = PICTURE.match("out/a b-001.png   128x128      1       0.3")
    assert found is not None
    assert found["path"] == "out/a b-001.png"


LATER = Client(resolves_edits=True)


def test_whether_all_fixes_go_together_waits_until_it_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a check of the whole text, which a menu should not wait for."""
    from promptlang_lsp.features.changes.code_actions import resolved

    here, span = page("/render /clip_skip:2 a\n/render /num_inference_steps:20 b\n", client=LATER)
    with monkeypatch.context() as patched:
        patched.setattr("promptlang.fixes.fixing", lambda *_, **__: pytest.fail("the text is checked again"))
        (action,) = finished(code_actions(here, span, ["source"], lambda path: None))
    assert action == {"title": "Fix everything that is safe to fix", "kind": FIX_ALL, "data": here.snapshot.uri}
    chosen: Any = finished(resolved(here, action))
    assert after_wire(here, chosen["edit"]["changes"][here.snapshot.uri]) == (
        "/render /clipskip:2 a\n/render /steps:20 b\n"
    )
    clean, span = page("/render a cow", client=LATER)
    assert finished(code_actions(clean, span, ["source"], lambda path: None)) == []
    assert finished(resolved(clean, action)) == action


def test_fixes_that_keep_calling_for_each_other_are_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "/render /clip_skip:2 a\n"
    assert titles(text, "source.fixAll")

    def unsettled(text: str, unsafe: bool) -> Generator[str, object, Fixed]:
        yield text
        return Fixed(text, 20, settled=False)

    monkeypatch.setattr("promptlang.fixes.fixing", unsettled)
    assert not titles(text, "source.fixAll")


@pytest.mark.parametrize("selection", ["‸\n---\n/render a cow\n‸", "‸\n‸---\n/render /STEPS:30 a cow\n"])
def test_formatting_a_selection_makes_no_front_matter(selection: str) -> None:
    """The blank line may be all that keeps the file its own."""
    here, span = page(selection)
    assert not after_wire(here, formatted(here, [span])).startswith("---")


@pytest.mark.parametrize(
    ("before", "name", "title", "after"),
    [
        (
            '[concepts.names]\ncow = { family = "sd1", kind = "checkpoint" }\n',
            "cow",
            "Name the file of `<cow>` in `promptlang.toml`",
            '[concepts.names]\ncow = { path = "cow.safetensors", family = "sd1", kind = "checkpoint" }\n',
        ),
        (
            '[concepts.Cow]\nfamily = "sd1"\nkind = "checkpoint"\n',
            "Cow",
            "Name the file of `<Cow>` in `promptlang.toml`",
            '[concepts.Cow]\npath = "Cow.safetensors"\nfamily = "sd1"\nkind = "checkpoint"\n',
        ),
        (
            "",
            "sdxl",
            "Name `<sdxl>` in `promptlang.toml`",
            '[concepts.names]\nsdxl = { path = "sdxl.safetensors" }\n',
        ),
    ],
)
def test_a_known_name_gets_its_file_in_the_project(
    tmp_path: Path, before: str, name: str, title: str, after: str
) -> None:
    file = tmp_path / "promptlang.toml"
    file.write_text(before)
    here, span = page(f"/render <{name[0]}‸{name[1:]}> a barn", project=load(file).project)
    actions = finished(code_actions(here, span, (), lambda path: path.read_text()))
    action: Any = next(action for action in actions if action["title"] == title)
    ((uri, edits),) = action["edit"]["changes"].items()
    assert uri == file.as_uri()
    assert action["diagnostics"][0]["code"] == "concept/no-file"
    assert after_wire(page(before)[0] if before else page("‸")[0], edits).strip() == after.strip()


WILD = "/render /parser:new /variants:all a {} cow"


def extracted(text: str, project: Project, read: str | None = None) -> Any:
    """The changes that extract the selection to a wildcard; None where it is not offered."""
    here, span = page(text, project=project, client=Client(creates_files=True, edits_documents=True))
    actions = finished(code_actions(here, span, ("refactor.extract",), lambda path: read))
    return next((each["edit"]["documentChanges"] for each in actions if "wildcard" in str(each["title"])), None)  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    ("selected", "name", "lines"),
    [("{red|dark blue}", "red", "red\ndark blue\n"), ("red hat, blue", "red-hat-blue", "red hat, blue\n")],
)
def test_words_become_a_wildcard_that_draws_the_same(tmp_path: Path, selected: str, name: str, lines: str) -> None:
    project = Project(wildcards=(tmp_path,))
    text = WILD.format(f"‸{selected}‸")
    create, written, replaced = extracted(text, project)
    path = tmp_path / f"{name}.txt"
    assert create == {"kind": "create", "uri": path.as_uri(), "options": {"overwrite": False, "ignoreIfExists": False}}
    assert [each["newText"] for each in written["edits"]] == [lines]
    assert [each["newText"] for each in replaced["edits"]] == [f"__{name}__"]
    path.write_text(lines)
    forget()
    before, after = (compile(WILD.format(each), project=project).plans for each in (selected, f"__{name}__"))
    assert sorted(repr(each.positive) for each in before) == sorted(repr(each.positive) for each in after)
    assert extracted(text, project)[0]["uri"] == (tmp_path / f"{name}2.txt").as_uri(), "nothing is written over"


def test_a_project_without_a_wildcard_folder_gets_one(tmp_path: Path) -> None:
    project = Project(file=tmp_path / "promptlang.toml")
    _, _, named, _ = extracted(WILD.format("‸{red|blue}‸"), project, "[settings]\nformat = 1\n")
    assert [each["newText"] for each in named["edits"]] == ['wildcards = ["wildcards"]\n']


@pytest.mark.parametrize(
    "text",
    [
        "/render a ‸{red|blue}‸ cow",  # without variants it is text
        WILD.format("‸{2::red|blue}‸"),
        WILD.format("‸{2$$red|blue}‸"),
        WILD.format("‸{red|{blue|green}}‸"),
        WILD.format("‸{red|}‸"),
        WILD.format("‸(red‸:1.2)"),
        WILD.format("(red‸:1.2‸)"),
        WILD.format("red ‸/seed:3‸"),
        WILD.format("‸__pets__‸"),
    ],
)
def test_what_a_file_cannot_say_stays(text: str, tmp_path: Path) -> None:
    assert extracted(text, Project(wildcards=(tmp_path,))) is None
