"""What somebody writes often comes first; nothing else of a prompt is kept, and nothing where nobody wants it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from client import Client
from pages import MARK, page

from promptlang_lsp.features.completion.completion import completion
from promptlang_lsp.session import own_use
from promptlang_lsp.session.own_use import OwnUse
from promptlang_lsp.texts.page import Page

TAGS = "blue_eyes,0,900000\nblue_sky,0,500000\nblue_butterfly,0,90\nblack_hair,0,800000\n"


@pytest.fixture
def tags(tmp_path: Path) -> Path:
    file = tmp_path / "tags.csv"
    file.write_text(TAGS)
    return file


def saved(use: OwnUse, tags: Path, *texts: str) -> None:
    """The first text is opened; each of the others is what it is when it is saved."""
    first, *others = (page(text, words=(tags,))[0] for text in texts)
    use.opened(first.snapshot)
    for each in others:
        use.saved(each)


def offered(tags: Path, text: str, used: dict[str, int]) -> list[str]:
    here, span = page(text, words=(tags,))
    here = replace(here, used=used)
    assert isinstance(here, Page)
    return [str(item["label"]) for item in completion(here, span.start)["items"]]  # type: ignore[index, union-attr, call-overload]


def test_what_is_new_when_a_text_is_saved_counts_once(tmp_path: Path, tags: Path) -> None:
    use = OwnUse(tmp_path / "state" / "own-use.json")
    old = "/render /steps:20 a cow, blue sky\n"
    saved(use, tags, old, f"{old}/render /guidance:7 my secret, (blue_butterfly:1.2)\n", f"{old}/render blue eyes")
    assert use.counts == {"/guidance": 1, "blue_butterfly": 1, "blue_eyes": 1}
    assert OwnUse(tmp_path / "state" / "own-use.json").counts == use.counts
    assert "secret" not in (tmp_path / "state" / "own-use.json").read_text()


def test_what_another_editor_counted_stays(tmp_path: Path, tags: Path) -> None:
    file = tmp_path / "own-use.json"
    one, other = OwnUse(file), OwnUse(file)
    for use in (one, other):
        saved(use, tags, "/render a cow", "/render a cow, blue sky")
    assert other.counts == {"blue_sky": 2}


def test_the_file_stays_small(tmp_path: Path, tags: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_use, "MOST", 2)
    file = tmp_path / "own-use.json"
    file.write_text(json.dumps({"format": own_use.FORMAT, "words": {"blue_sky": 8, "blue_eyes": 4}}))
    use = OwnUse(file)
    saved(use, tags, "/render a cow", "/render a cow, black hair")
    assert use.counts == {"blue_sky": 4, "blue_eyes": 2}


@pytest.mark.parametrize("written", ["", "[]", '{"format": "another", "words": {"a": 1}}', '{"words": 1}', "\0" * 9])
def test_a_file_that_is_none_of_ours_counts_nothing(tmp_path: Path, written: str) -> None:
    file = tmp_path / "own-use.json"
    file.write_text(written)
    assert OwnUse(file).counts == {}


def test_words_and_options_that_are_used_often_come_first(tags: Path) -> None:
    words = f"/render a cow, blue {MARK}"
    assert offered(tags, words, {})[:2] == ["blue eyes", "blue sky"]
    assert offered(tags, words, {"blue_butterfly": 7, "blue_gone": 99})[0] == "blue butterfly"
    options = f"/render a cow /s{MARK}"
    assert offered(tags, options, {})[0] == "/steps"
    assert offered(tags, options, {"/seed": 5})[0] == "/seed"


@pytest.mark.parametrize("remember", [True, False])
def test_nothing_is_kept_where_nobody_wants_it(tmp_path: Path, remember: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("client._STATE", type("State", (), {"name": str(tmp_path)}))
    client = Client()
    client.initialize({}, tmp_path, {"completion": {"remember": remember}})
    uri = client.open("/render a cow\n")
    client.change(uri, 2, {"text": "/render /seed:1 a cow\n"})
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    client.at("hover", uri, 0, 1)
    client.close()
    assert (tmp_path / "promptlang" / "own-use.json").exists() is remember
