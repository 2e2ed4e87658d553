"""Recipes that other files of a project share, as a server answers about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from client import Client

STYLES = "/recipe #Photo /steps:12 a photo of $prompt\n/render #photo a cat\n"
TEXT = "/render a cow #photo\n/render #photo\n"


def project(folder: Path) -> None:
    (folder / "promptlang.toml").write_text('recipes = ["*.prompt"]\n')
    (folder / "styles.prompt").write_text(STYLES)
    (folder / "b.prompt").write_text("/render #PHOTO a dog\n")
    (folder / "own.prompt").write_text("/recipe #photo grey\n/render #photo a dog\n")


def found(server: Client, uri: str) -> list[str]:
    said: Any = server.notification("textDocument/publishDiagnostics", lambda params: params["uri"] == uri)
    return [each["code"] for each in said["diagnostics"]]


def test_a_shared_recipe_is_known_in_every_file(server: Client, tmp_path: Path) -> None:
    project(tmp_path)
    server.initialize(folder=tmp_path)
    uri = server.open(TEXT, (tmp_path / "a.prompt").as_uri())
    assert found(server, uri) == []
    hover: Any = server.at("hover", uri, 0, 16)
    assert "from `styles.prompt`" in hover["contents"]["value"]
    assert "a photo of a cow" in hover["contents"]["value"]
    items: Any = server.at("completion", uri, 1, 9)
    items = items["items"] if isinstance(items, dict) else items
    assert [each["label"] for each in items] == ["#Photo"]
    place: Any = server.at("definition", uri, 0, 16)
    place = place[0] if isinstance(place, list) else place
    assert (place.get("uri") or place["targetUri"]).endswith("/styles.prompt")
    uses: Any = server.at("references", uri, 0, 16, context={"includeDeclaration": True})
    names = sorted(each["uri"].rpartition("/")[2] for each in uses)
    assert names == ["a.prompt", "a.prompt", "b.prompt", "styles.prompt", "styles.prompt"]


def test_a_shared_recipe_is_renamed_everywhere_but_where_another_has_its_name(server: Client, tmp_path: Path) -> None:
    project(tmp_path)
    server.initialize(folder=tmp_path)
    for name in ("a", "styles"):
        uri = server.open(TEXT if name == "a" else STYLES, (tmp_path / f"{name}.prompt").as_uri())
        edit: Any = server.at("rename", uri, 0, 16 if name == "a" else 10, newName="snap")
        counts = {each.rpartition("/")[2]: len(edits) for each, edits in edit["changes"].items()}
        assert counts == {"b.prompt": 1, "styles.prompt": 2, "a.prompt": 2}


def test_what_is_saved_is_seen_in_other_files(server: Client, tmp_path: Path) -> None:
    project(tmp_path)
    server.initialize(folder=tmp_path)
    uri = server.open("/render a cow #ink\n", (tmp_path / "a.prompt").as_uri())
    assert found(server, uri) == ["recipe/unknown"]
    new = tmp_path / "new.prompt"
    new.write_text("/recipe #ink in ink\n")
    server.notify("textDocument/didSave", {"textDocument": {"uri": new.as_uri()}})
    assert found(server, uri) == []
    new.unlink()
    changes: Any = {"changes": [{"uri": new.as_uri(), "type": 3}]}
    server.notify("workspace/didChangeWatchedFiles", changes)
    assert found(server, uri) == ["recipe/unknown"]
