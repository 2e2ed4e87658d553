"""What is shown beside the text: outline, folds, selection, colours, hints, lenses, diagnostics."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import page

from promptlang import explain
from promptlang.meaning.project import Project
from promptlang_lsp.features.display.chunks import chunk_edges, counts
from promptlang_lsp.features.display.diagnostics import Known, diagnostics
from promptlang_lsp.features.display.inlay_hints import inlay_hints
from promptlang_lsp.features.display.plans import plan_text
from promptlang_lsp.features.names import structure
from promptlang_lsp.protocol.client import Client
from promptlang_lsp.protocol.words import finished


def test_symbols() -> None:
    here, _ = page("/recipe #quick x\n/render a red cow <cow>\n")
    found = [each for index in range(2) for each in structure.symbols(here, index)]
    names = [each["name"] for each in found]
    assert names == ["#quick", "/render a red cow <cow>"]
    assert found[1]["children"][0]["name"] == "<cow>"  # type: ignore[index]
    assert [each["name"] for each in structure.workspace_symbols([here], "redcow")] == names[1:]  # type: ignore[index]


def test_comments_are_no_statements() -> None:
    here, _ = page("# A file.\n\n/render a cow\n\n# The next one.\n/render b\n")
    found = [each for index in range(len(here.snapshot.pieces)) for each in structure.symbols(here, index)]
    assert [each["name"] for each in found] == ["/render a cow", "/render b"]
    assert found[0]["range"]["end"]["line"] == 2, "the comment above the next statement is not part of this one"  # type: ignore[index]
    assert list(structure.workspace_symbols([page("# only a note\n")[0]], "")) == []


def test_folds() -> None:
    here, _ = page("# one\n# two\n/render a\n(b,\nc)\n\n/render d\n", client=Client(folds_lines=True))
    folds = [fold for index in range(3) for fold in structure.folds(here, index)]
    assert {"startLine": 0, "endLine": 1, "kind": "comment"} in folds
    assert {"startLine": 2, "endLine": 4} in folds


def test_selection_grows() -> None:
    here, span = page("/render /parser:new a (red ba‸rn:1.2), hay\n/render b\n")
    chain = structure.selection(here, span.start)
    texts = []
    while chain:
        start, end = chain["range"]["start"], chain["range"]["end"]  # type: ignore[index]
        found = here.snapshot.span((start["line"], start["character"]), (end["line"], end["character"]))
        texts.append(here.snapshot.text[found.start : found.end])
        chain = chain.get("parent")  # type: ignore[attr-defined]
    assert texts[0] == "barn"
    assert "red barn" in texts
    assert "(red barn:1.2)" in texts
    assert texts[-1] == here.snapshot.text


def test_chunk_edges() -> None:
    here, _ = page("/render /parser:new " + "cow " * 80)
    ((at, chunk),) = chunk_edges(here, 0)
    assert chunk == 2
    assert here.snapshot.text[:at].count("cow") == 75
    commas = "/render /parser:new a " + "cow, " * 60
    ((at, _),) = chunk_edges(page(commas)[0], 0)
    assert commas[:at].endswith(", ")
    here, _ = page("/render /parser:a1111 a BREAK b")
    assert chunk_edges(here, 0) == ((len("/render /parser:a1111 a BREAK "), 2),)


LONG = {
    "compel": "red " * 60 + "barn. " + "blue " * 40,
    "comfy": "cow " * 72 + "(red hat barn tree:1.0) dog",
    "a1111": "[cow:horse:0.5], " + "cow, " * 40 + "BREAK dog AND " + "cat " * 80,
    "new": "a cow, " * 30 + "[bad] (dog_-_ it's:1.2) " * 20,
    "old": "sun(flower) " * 60,
}


@pytest.mark.parametrize("parser", LONG)
def test_the_server_counts_what_is_explained(parser: str) -> None:
    text = f"/render {'' if parser == 'old' else f'/parser:{parser} '}{LONG[parser]}/negative mud"
    here, _ = page(text)
    found, told = counts(here, 0), explain(text)
    assert (found.positive, found.negative) == (told.token_count, told.negative_token_count)
    assert list(found.chunks) == told.chunks
    assert [number for _, number in chunk_edges(here, 0)] == [*range(2, len(told.chunks) + 1)]


@pytest.mark.parametrize(
    ("parser", "text", "second"),
    [
        ("compel", LONG["compel"], "blue"),
        ("comfy", LONG["comfy"], "red hat"),
        ("a1111", "[cat:dog:0.5] " + "cow " * 74 + "horse", "horse"),
        ("new", "[bad] " + "cow " * 75 + "(horse:1.2)", "horse"),
    ],
)
def test_a_chunk_begins_at_its_first_word(parser: str, text: str, second: str) -> None:
    here, _ = page(f"/render /parser:{parser} {text}")
    ((at, number),) = chunk_edges(here, 0)
    assert number == 2
    assert here.snapshot.text[at:].startswith(second)


def test_plans() -> None:
    here, _ = page("/render /parser:new /clipskip:2 a cow")
    assert '"clip_skip": 2' in plan_text(here, 0)


def test_diagnostics_carry_what_editors_show() -> None:
    here, _ = page("/render /steps:30 /steps:20 a\n")
    (item,) = [each for each in finished(diagnostics(here)).items if each["code"] == "option/repeated"]  # type: ignore[attr-defined]
    assert item["tags"] == [1]
    assert item["relatedInformation"][0]["location"]["uri"] == here.snapshot.uri
    assert item["source"] == "promptlang"


def test_long_lists_are_cut() -> None:
    here, _ = page("/render /stepz:1 a\n" * 700)
    known = finished(diagnostics(here))
    assert isinstance(known, Known)
    assert len(known.items) == 501
    assert "more findings" in str(known.items[-1]["message"])


def test_texts_of_others_are_left_alone() -> None:
    here, _ = page("---\nmodel: x\n---\n/render /stepz:1 a\n")
    known = finished(diagnostics(here))
    assert [item["code"] for item in known.items] == ["file/dotprompt"]  # type: ignore[attr-defined]


def test_a_misspelled_dialect_is_said_once() -> None:
    from promptlang.checks.checking import check

    text = "/render /parser:neww a (cow:1.3) [mud]\n"
    here, _ = page(text)
    codes = [item["code"] for item in finished(diagnostics(here)).items]  # type: ignore[attr-defined]
    assert codes == [each.rule.name for each in check(text)] == ["parser/unknown-value"]


def test_a_recipe_that_is_defined_again_points_at_the_first() -> None:
    for between in ("", "/render a\n\n/render b\n", "# promptlang: ignore[x/*]\n"):
        here, _ = page(f"/recipe #q a\n{between}/set /steps:3\n/recipe #q b\n")
        item = next(each for each in finished(diagnostics(here)).items if each.get("relatedInformation"))  # type: ignore[attr-defined]
        place = item["relatedInformation"][0]["location"]["range"]
        assert place == {"start": {"line": 0, "character": 8}, "end": {"line": 0, "character": 10}}


def test_wildcards_are_read_again_when_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from promptlang.variants import wildcards

    now = 0.0
    monkeypatch.setattr(wildcards, "monotonic", lambda: now)

    def count() -> list[str]:
        here, _ = page("/render /variants:all __pets__", project=Project(root=tmp_path, wildcards=(tmp_path,)))
        return [str(hint["label"]) for hint in inlay_hints(here, 0)]  # type: ignore[index]

    (tmp_path / "pets.txt").write_text("cat\ndog\n")
    assert count() == ["2 images"]
    (tmp_path / "pets.txt").write_text("cat\ndog\ncow\n")
    now = 10.0
    assert count() == ["3 images"]
