"""Names and links: definition, references, rename, linked editing."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import COW, after_wire, page

from promptlang.meaning.project import Project
from promptlang_lsp.features.names import navigation
from promptlang_lsp.protocol.words import RequestError

RECIPES = "/recipe #quick /steps:20 $prompt\n/render #qu‸ick a\n/render #QUICK b\n"


def test_definition_references_and_highlights() -> None:
    here, span = page(RECIPES)
    assert navigation.definition(here, span.start)["range"]["start"] == {"line": 0, "character": 8}  # type: ignore[index]
    assert len(navigation.references([here], here, span.start, declaration=True)) == 3
    assert len(navigation.references([here], here, span.start, declaration=False)) == 2
    assert [each["kind"] for each in navigation.highlights(here, span.start)] == [3, 2, 2]  # type: ignore[index]


def test_rename() -> None:
    here, span = page(RECIPES)
    changes = navigation.rename([here], here, span.start, "#fast")["changes"]  # type: ignore[index]
    expected = "/recipe #fast /steps:20 $prompt\n/render #fast a\n/render #fast b\n"
    assert after_wire(here, changes[here.snapshot.uri]) == expected
    for bad in ("two words", "", "a/b", "<x>y"):
        with pytest.raises(RequestError):
            navigation.rename([here], here, span.start, bad)


def test_concepts_are_renamed_in_the_project_file_too(tmp_path: Path) -> None:
    file = tmp_path / "promptlang.toml"
    file.write_text('[concepts.names]\ncow = { family = "sd1" }\n"big cow" = { family = "sd1" }\n')
    project = Project(root=tmp_path, file=file, concepts=(COW,))
    here, span = page("/render <c‸ow:0.5>", project=project)
    target = navigation.definition(here, span.start)
    assert target["uri"] == file.as_uri()  # type: ignore[index]
    changes = navigation.rename([here], here, span.start, "bull")["changes"]  # type: ignore[index]
    assert set(changes) == {here.snapshot.uri, file.as_uri()}
    assert after_wire(here, changes[here.snapshot.uri]) == "/render <bull:0.5>"


def test_a_concept_is_renamed_where_its_table_begins(tmp_path: Path) -> None:
    file = tmp_path / "promptlang.toml"
    for header in ("[concepts.cow]", '[concepts."cow"]', "[concepts.names.cow]"):
        file.write_text(f'{header}\nfamily = "sd1"\n[concepts.names]\ncalf = {{ family = "sd1" }}\n')
        here, span = page("/render <c‸ow>", project=Project(root=tmp_path, file=file, concepts=(COW,)))
        (edit,) = navigation.rename([here], here, span.start, "bull")["changes"][file.as_uri()]  # type: ignore[index]
        start, end = edit["range"]["start"], edit["range"]["end"]  # type: ignore[index]
        assert (start["line"], header[start["character"] : end["character"]]) == (0, "cow")


def test_names_of_files_cannot_be_renamed() -> None:
    here, span = page("/render <de‸mo>")
    with pytest.raises(RequestError, match="cannot be renamed"):
        navigation.prepare_rename(here, span.start)


def test_links_stay_inside_the_project(tmp_path: Path) -> None:
    inside = tmp_path / "project"
    inside.mkdir()
    (inside / "a.png").write_bytes(b"")
    (tmp_path / "secret.png").write_bytes(b"")
    (inside / "way.png").symlink_to(tmp_path / "secret.png")
    project = Project(root=inside)
    for written, count in (("a.png", 1), ("../secret.png", 0), ("way.png", 0), ("none.png", 0)):
        here, _ = page(f"/remix /image:{written} a", project=project)
        assert len(list(navigation.document_links(here, 0))) == count


def test_linked_editing() -> None:
    here, span = page(RECIPES)
    assert len(navigation.linked_ranges(here, span.start)["ranges"]) == 3  # type: ignore[index]
    here, span = page("/render a c‸ow")
    assert navigation.linked_ranges(here, span.start) is None


def test_wildcards_are_linked(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "cat.txt").write_text("tabby\n")
    (tmp_path / "a" / "pets.json").write_text('{"dogs": ["collie"]}')
    project = Project(root=tmp_path, wildcards=(tmp_path,))
    here, span = page("/render /variants:all {x|__a/c‸at__} __a/dogs__ __none__", project=project)
    assert navigation.definition(here, span.start)["uri"] == (tmp_path / "a" / "cat.txt").as_uri()  # type: ignore[index]
    found = [Path(str(link["target"])).name for link in navigation.document_links(here, 0)]  # type: ignore[index]
    assert found == ["cat.txt", "pets.json"]
