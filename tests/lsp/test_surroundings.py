"""While a text is edited, every statement has the dialect, the context and the findings of the whole document."""

from __future__ import annotations

import random

import pytest
from edits import Editor
from hypothesis import example, given, settings
from hypothesis import strategies as st

from promptlang.checks.checking import check
from promptlang.diagnostics import Diagnostic
from promptlang.meaning.contexts import contexts, parsed
from promptlang.meaning.project import DefaultOption, Project
from promptlang.tables.models.known import KnownConcept
from promptlang_lsp.features.display.diagnostics import Known, diagnostics
from promptlang_lsp.protocol.words import finished
from promptlang_lsp.texts.page import Page
from promptlang_lsp.texts.snapshot import Change, Piece, Snapshot, opened
from tests.thorough import many

TURBO = KnownConcept(name="turbo", kind="checkpoint", family="sdxl", evidence="its header", options=(("steps", "4"),))
PROJECTS = (
    Project(),
    Project(options=(DefaultOption("parser", "a1111"), DefaultOption("steps", "less")), concepts=(TURBO,)),
)
PIECES = (
    "a ", "cow", " ", "\n", "\r\n", "(red:1.2) ", "[mud] ", "<demo> ", "<turbo> ", "<nobody>", "\\", "#", "---\n",
    "\n# note\n", "# /set /steps:3\n", "\n/render ", "\n/render a cow ", "\n/compare /clipskip:1|2 ", "\n/showprompt ",
    "\n/set ", "\n/SET /steps:3 ", "\n/set /parser:new ", "\n/set /parser:“comfy” ", "\n/set /parser:“” ",
    "\n/set /edition:early ", "\n/set /edition:never ", "\n/set <turbo> ", "\n/set #x <turbo> ", "\n/set\u2028",
    "\n/recipe ", "\n/recipe #x ", "\n/recipe #x warm light $prompt ", "\n/recipe #X /parser:new #y bright ",
    "\n/recipe #y /parser:comfy (big:1.1) #x ", "\n/recipe #y /steps:less ", "\n \t/recipe #é ",
    "#x ", "#Y ", "#x #y", "/parser:new ", "/parser:a1111 ", "/parser:nwe ", "/steps:waymore ", "/clipskip:2 ",
    "/negative ", "/steps:", "/guidance:8 ", "/guidanse:8 ",
)  # fmt: skip


def changed(wire: dict[str, object]) -> Change:
    """A change as the snapshot takes it."""
    start, end = wire["range"]["start"], wire["range"]["end"]  # type: ignore[index]
    return ((start["line"], start["character"]), (end["line"], end["character"])), str(wire["text"])


def said(found: Diagnostic) -> tuple[object, ...]:
    """What a finding says of its own statement."""
    return found.label.span, found.rule.name, found.severity, found.message, found.label.text, found.help, found.fixes


def assert_as_whole(page: Page, text: str) -> None:
    """The statements of a page are those of the document."""
    document = parsed(text, page.project)
    assert [piece.text for piece in page.snapshot.pieces] == [each.text for each in document.statements]
    for index, wanted in enumerate(contexts(document, page.project)):
        context, statement = page.context(index), page.statement(index)
        assert statement.prompt == document.statements[index].prompt
        assert statement.negative_prompt == document.statements[index].negative_prompt
        assert statement.options == document.statements[index].options
        assert context is wanted
    starts = page.snapshot.starts
    found = [each.moved(starts[index]) for index in range(len(starts)) for each in page.findings(index)]
    whole = check(text, project=page.project)
    assert sorted(map(said, found), key=repr) == sorted(map(said, whole), key=repr)
    assert_related(page, whole)


def assert_related(page: Page, whole: tuple[Diagnostic, ...]) -> None:
    """Related places are shown where they are, in whatever statement that may be."""
    shown = finished(diagnostics(page))
    assert isinstance(shown, Known)
    places = [
        (str(item["message"]).split("\n")[0], each["location"]["range"])  # type: ignore[index, call-overload]
        for item in shown.items
        for each in item.get("relatedInformation", ())  # type: ignore[union-attr]
    ]
    wanted = [(each.message, page.snapshot.file_range(label.span)) for each in whole for label in each.related]
    assert sorted(places, key=repr) == sorted(wanted, key=repr)


@settings(max_examples=many(60))
@given(st.integers(0, 2**32), st.sampled_from(PROJECTS))
@example(seed=0, project=PROJECTS[0])
def test_edit_by_edit(seed: int, project: Project) -> None:
    editor = Editor(random.Random(seed), "utf-16", PIECES)
    here = opened("file:///a.prompt", 1, editor.text, "utf-16")
    page = Page(here, project)
    for version in range(2, 16):
        if here.is_read:
            assert_as_whole(page, editor.text)
        here = here.edited([changed(editor.change())], version)
        page = Page(here, project, earlier=page.last_surroundings() if here.is_read else page.earlier)


def test_a_setting_read_by_the_parser_of_a_recipe() -> None:
    """The recipe brings another dialect; `/set <turbo>` names the model in every one of them."""
    first = opened("file:///a.prompt", 1, "/recipe #x /parser:new\n/set #x <turbo>\n/render a cow\n", "utf-16")
    before = Page(first, PROJECTS[1])
    assert before.context(2).concept == "turbo"
    here = first.edited([(((0, 19), (0, 22)), "comfy")], 2)
    page = Page(here, PROJECTS[1], earlier=before.surroundings)
    assert page.context(2).concept == "turbo"
    assert_as_whole(page, here.text)


def numbered(count: int) -> Snapshot:
    """A text with many declarations, each with a statement below it."""
    lines = (f"/set /steps:{number % 90 + 1}\n/render a cow\n/recipe #r{number} big\n" for number in range(count))
    return opened("file:///a.prompt", 1, "".join(lines), "utf-16")


@pytest.mark.parametrize(
    ("line", "text", "read"),
    [
        pytest.param(150, "/set /guidance:8\n", 51, id="a setting that nothing below replaces"),
        pytest.param(150, "/set /steps:8\n", 2, id="a setting that the next one replaces"),
        pytest.param(151, "/recipe #new blue\n", 0, id="a recipe that no setting calls"),
        pytest.param(151, "/render a horse\n", 0, id="no declaration"),
    ],
)
def test_only_what_changed_is_read(line: int, text: str, read: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements of settings are asked for where what holds above them is another thing than before."""
    before = Page(numbered(100), PROJECTS[0])
    assert before.surroundings
    asked: list[str] = []
    statement = Piece.statement
    monkeypatch.setattr(Piece, "statement", lambda piece, parser: asked.append(piece.text) or statement(piece, parser))
    here = before.snapshot.edited([(((line, 0), (line, 0)), text)], 2)
    page = Page(here, PROJECTS[0], earlier=before.surroundings)
    assert page.surroundings
    assert len(asked) == read
