"""Wildcards and files that get another name, calls of recipes, and the rest of a word behind the cursor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages import after_wire, page

from promptlang.meaning.project import Project
from promptlang_lsp.features.completion.inline import inline_completion
from promptlang_lsp.features.names import calls as calling
from promptlang_lsp.features.names import moved_files, navigation
from promptlang_lsp.protocol.client import Client
from promptlang_lsp.protocol.client import client as client_of
from promptlang_lsp.protocol.words import RequestError

# What goes over the wire is looked at as JSON.
references: Any = navigation.references
rename: Any = navigation.rename
moved: Any = moved_files.moved
calls: Any = calling
inline: Any = inline_completion


def wild(tmp_path: Path) -> Project:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "cat.txt").write_text("tabby\n")
    (tmp_path / "pets.txt").write_text("dog\nmy __a/cat__\n")
    (tmp_path / "all.json").write_text('{"dogs": ["collie"]}')
    (tmp_path / "cow.safetensors").write_bytes(b"")
    (tmp_path / "map.png").write_bytes(b"")
    (tmp_path / "promptlang.toml").write_text('[concepts.names]\nox = { path = "cow.safetensors" }\n')
    return Project(root=tmp_path, file=tmp_path / "promptlang.toml", wildcards=(tmp_path,))


CALLS = "/render /variants:all __a/c‸at__, __cat__ and __pets__\n/render __a/cat__\n"


def test_wildcards_are_found_by_their_end_and_only_where_they_are_read(tmp_path: Path) -> None:
    here, span = page(CALLS, project=wild(tmp_path))
    assert len(references([here], here, span.start, declaration=False)) == 2
    assert references([here], here, span.start, declaration=True)[-1]["uri"].endswith("a/cat.txt")


def test_a_wildcard_is_renamed_with_its_file_and_what_calls_it(tmp_path: Path) -> None:
    can = Client(edits_documents=True, renames_files=True)
    here, span = page(CALLS, project=wild(tmp_path), client=can)
    changes = rename([here], here, span.start, "b/tiger")["documentChanges"]
    (prompt, pets, file) = changes
    after = "/render /variants:all __b/tiger__, __b/tiger__ and __pets__\n/render __a/cat__\n"
    assert after_wire(here, prompt["edits"]) == after
    assert [edit["newText"] for edit in pets["edits"]] == ["b/tiger"]
    assert file["kind"] == "rename"
    assert file["newUri"] == (tmp_path / "b" / "tiger.txt").as_uri()
    for bad in ("pets", "../x", "a__b", ""):
        with pytest.raises(RequestError):
            rename([here], here, span.start, bad)
    here, span = page(CALLS, project=wild(tmp_path / "a"))
    with pytest.raises(RequestError, match="rename the file itself"):
        navigation.prepare_rename(here, span.start)
    here, span = page("/render /variants:all __do‸gs__", project=here.project, client=can)
    with pytest.raises(RequestError, match="a key in"):
        navigation.prepare_rename(here, span.start)


def test_files_that_move_take_their_names_along(tmp_path: Path) -> None:
    project = wild(tmp_path)
    here, _ = page("/remix /variants:all /image:map.png __cat__ <ox>", project=project)
    old = tmp_path / "map.png"
    (edit,) = moved([here], old, tmp_path / "my maps" / "one.png")[here.snapshot.uri]
    assert after_wire(here, [edit]) == '/remix /variants:all /image:"my maps/one.png" __cat__ <ox>'
    (edit,) = moved([here], tmp_path / "a" / "cat.txt", tmp_path / "lion.txt")[here.snapshot.uri]
    assert after_wire(here, [edit]) == "/remix /variants:all /image:map.png __lion__ <ox>"
    changes = moved([here], tmp_path / "cow.safetensors", tmp_path / "models" / "bull.safetensors")
    assert list(changes) == [(tmp_path / "promptlang.toml").as_uri()]
    assert changes[(tmp_path / "promptlang.toml").as_uri()][0]["newText"] == '"models/bull.safetensors"'
    assert not moved([here], tmp_path / "other.png", tmp_path / "new.png")


def test_calls_of_recipes() -> None:
    here, span = page("/recipe #a dusk\n/recipe #b #a hills\n/render #‸b a cow\n/render #B #a\n")
    (item,) = calls.prepare(here, span.start)
    assert item["name"] == "#b"
    assert [each["from"]["name"] for each in calls.incoming(here, 1)] == ["/render #b a cow", "/render #B #a"]
    assert [each["to"]["name"] for each in calls.outgoing(here, 1)] == ["#a"]
    assert calls.prepare(page("/render a c‸ow")[0], 9) is None


def test_the_rest_of_a_word_behind_the_cursor() -> None:
    for client in (Client(), Client(item_defaults=frozenset({"editRange"}), replaces=True)):
        here, span = page("/render a cow, maste‸", client=client)
        assert inline(here, span.start)["items"][0]["insertText"] == "masterpiece"
        for text in ("/render a cow, ma‸", "/render a cow, xyzzyq‸", "/render a cow, masterpiece‸"):
            here, span = page(text, client=client)
            assert inline(here, span.start) is None


def test_files_and_calls_over_a_pipe(server: Any, tmp_path: Path) -> None:
    wild(tmp_path)
    (tmp_path / "closed.prompt").write_text("/remix /image:map.png a\n")
    (tmp_path / "promptlang.toml").write_text('[settings]\nwildcards = ["."]\n')
    server.initialize(folder=tmp_path)
    uri = server.open("/recipe #q a\n/render /variants:all #q __a/cat__\n", (tmp_path / "a.prompt").as_uri())
    moves = [("map.png", "maps/x.png"), ("a/cat.txt", "lion.txt")]
    files = [{"oldUri": (tmp_path / old).as_uri(), "newUri": (tmp_path / new).as_uri()} for old, new in moves]
    changes = server.request("workspace/willRenameFiles", {"files": files})["changes"]
    written = {name.rpartition("/")[2]: [edit["newText"] for edit in edits] for name, edits in changes.items()}
    assert written == {"closed.prompt": ["maps/x.png"], "a.prompt": ["lion"], "pets.txt": ["lion"]}
    (item,) = server.at("prepareCallHierarchy", uri, 0, 9)
    (call,) = server.request("callHierarchy/incomingCalls", {"item": item})
    assert call["fromRanges"] == [{"start": {"line": 1, "character": 23}, "end": {"line": 1, "character": 24}}]
    assert server.request("callHierarchy/outgoingCalls", {"item": call["from"]})[0]["to"]["name"] == "#q"


def test_an_editor_that_names_what_it_does_with_files_can_do_it() -> None:
    """Neovim does not say that it takes document changes, in which alone a file can be renamed."""
    abilities = {"workspace": {"workspaceEdit": {"resourceOperations": ["rename", "create", "delete"]}}}
    found = client_of({"capabilities": abilities})
    assert (found.renames_files, found.creates_files, found.edits_documents) == (True, True, False)
