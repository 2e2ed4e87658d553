"""Completion: what is offered, in which order, and what accepting it writes."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from pages import after_wire, page, span_of

from promptlang.lowering.lower import compile
from promptlang.meaning.project import Project
from promptlang.source import Span
from promptlang.statements.wording import worded
from promptlang.tables.dialects import DIALECTS
from promptlang_lsp.features.completion import word_items
from promptlang_lsp.features.completion.completion import completion, resolved
from promptlang_lsp.features.completion.cursor import cursor
from promptlang_lsp.protocol.client import Client
from promptlang_lsp.protocol.configuration import Completion, Configuration
from promptlang_lsp.session.workspace import Workspace
from promptlang_lsp.texts import word_lists
from promptlang_lsp.texts.word_lists import Match, WordList


@pytest.mark.parametrize(
    ("text", "kind", "typed"),
    [
        ("/ren‸", "command", "ren"),
        ("  /ren‸", "command", "ren"),
        ("/render /st‸eps", "option", "st"),
        ("/render a /‸", "option", ""),
        ("/render /sampler:eu‸", "value", "eu"),
        ("/render /clipskip:1..‸", "value", ""),
        ("/render /guidance:5|7‸", "value", "7"),
        ('/remix /image:"my pic‸', "value", "my pic"),
        ("/render a <co‸", "concept", "co"),
        ("/render a <lora:co‸", "concept", "co"),
        ("/render #qu‸", "recipe", "qu"),
        ("/render /variants:all __ani‸", "wildcard", "ani"),
        ("/render /parser:comfy embedding:ba‸", "embedding", "ba"),
        ("# promptlang: ignore[clip‸", "rule", "clip"),
        ("# just a note‸", "comment", " just a note"),
        ("/render a cow, long ha‸ir", "words", "long ha"),
        ("/render (red ba‸", "words", "red ba"),
        ("/render /karras red ba‸", "words", "red ba"),
        ("/render and/o‸", "words", "and/o"),
        ("/render (red:‸", "weight", ""),
        ("/render (red ba‸rn:1", "words", "red ba"),
        ("/render (red barn:1.‸2)", "weight", "1."),
        ("/render <neon:0.‸", "weight", "0."),
        ("/render <lora:neon:‸>", "weight", ""),
        ("/render (re:ze‸", "words", "re:ze"),
        ("/render at 10:‸", "words", "at 10:"),
        ("‸", "words", ""),
    ],
)
def test_cursor(text: str, kind: str, typed: str) -> None:
    at = text.index("‸")
    here = cursor(text.replace("‸", ""), at, "comfy" if ":comfy" in text else "new")
    assert (here.kind, here.typed) == (kind, typed)


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "tags.csv"
    path.write_text(
        'long_hair,0,4350743,"/lh,longhair"\nlooking_at_viewer,0,3315722,"/lav"\nlong_sleeves,0,900000,\n'
        'hatsune_miku,4,111000,"miku"\ndetailed_coat,0,12,\nsaber_(fate),4,20000,\nbroken line\n:d,0,500000,\n'
    )
    return path


def offered(
    text: str, *, client: Client | None = None, configuration: Configuration | None = None, **more: object
) -> list[str]:
    here, span = page(text, client=client, configuration=configuration, **more)  # type: ignore[arg-type]
    return [item["label"] for item in completion(here, span.start)["items"]]  # type: ignore[index, union-attr]


def chosen(text: str, label: str, **more: object) -> str:
    """The text after an item is accepted."""
    here, span = page(text, **more)  # type: ignore[arg-type]
    items = completion(here, span.start)["items"]
    item = next(item for item in items if item["label"] == label)  # type: ignore[union-attr]
    return after_wire(here, [item["textEdit"]])


def test_an_empty_place_offers_what_may_stand_there_only_when_asked() -> None:
    here, span = page("/render a ‸")
    assert completion(here, span.start, invoked=False)["items"] == [], "a blank alone brings up no list"


def test_concepts_are_snippets_where_the_client_knows_them() -> None:
    here, span = page("/render <ne‸", client=Client(snippets=True))
    item = completion(here, span.start)["items"][0]  # type: ignore[index]
    assert (item["textEdit"]["newText"], item["insertTextFormat"]) == ("neon:${1:1}>", 2)


def test_clients_keep_the_order_of_words(words: Path) -> None:
    here, span = page("/render lh‸", words=(words,))
    item = completion(here, span.start)["items"][0]  # type: ignore[index]
    assert item["filterText"].startswith("lh "), "found by alias, and Neovim asks how the text begins"


def test_completes_concepts_of_folders(tmp_path: Path) -> None:
    import json

    header = json.dumps({"emb_params": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}}).encode()
    for name in ("Bad Hands.v1", "other"):
        (tmp_path / f"{name}.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    (tmp_path / "evil.safetensors").write_bytes(b"\xff" * 64)
    project = Project(root=tmp_path, folders=(tmp_path,))
    assert chosen("/render a <bad‸", "Bad Hands.v1", project=project) == "/render a <Bad Hands.v1>"
    assert set(offered("/render a <‸", project=project)) >= {"Bad Hands.v1", "other", "demo"}
    assert "evil" not in offered("/render a <‸", project=project), "its file is broken"
    assert "Bad Hands.v1" in offered("/render /parser:comfy embedding:‸", project=project)


def test_a_path_with_blanks_is_put_in_quotes(tmp_path: Path) -> None:
    (tmp_path / "my pics").mkdir()
    for name in ("my cow.png", "cow.png", "my pics/my hill.png"):
        (tmp_path / name).write_bytes(b"\x89PNG")
    project = Project(root=tmp_path)
    assert chosen("/remix /image:my‸", "my cow.png", project=project) == '/remix /image:"my cow.png"'
    assert chosen('/remix /image:"my‸', "my cow.png", project=project) == '/remix /image:"my cow.png"'
    assert chosen('/remix /image:"my‸"', "my cow.png", project=project) == '/remix /image:"my cow.png"'
    assert chosen("/remix /image:co‸", "cow.png", project=project) == "/remix /image:cow.png"
    assert chosen("/remix /image:my‸", "my pics/", project=project) == '/remix /image:"my pics/'
    assert chosen('/remix /image:"my pics/‸', "my pics/my hill.png", project=project).endswith('"my pics/my hill.png"')
    assert chosen('/render /sampler:"ddi‸', "ddim") == '/render /sampler:"ddim"'


def test_hostile_folders_offer_nothing(tmp_path: Path) -> None:
    inside = tmp_path / "project"
    inside.mkdir()
    (tmp_path / "secret.png").write_bytes(b"")
    (inside / "loop").symlink_to(inside)
    (inside / "out").symlink_to(tmp_path)
    (inside / "self").symlink_to(inside / "self")
    project = Project(root=inside, wildcards=(inside,), folders=(inside,))
    assert offered("/remix /image:out/‸", project=project) == []
    assert offered("/remix /image:../‸", project=project) == []
    assert offered("/remix /image:/etc/‸", project=project) == []
    assert offered("/remix /image:self/‸", project=project) == []
    assert "secret.png" not in str(offered("/remix /image:‸", project=project))
    assert offered("/render /variants:all __‸", project=project) == []
    assert offered("/render a <‸", project=project)


def test_words_keep_their_underscores_where_somebody_wants_it(words: Path) -> None:
    plain = Configuration(completion=Completion(spaces=False))
    assert offered("/render lo‸", words=(words,), configuration=plain)[0] == "long_hair"


def test_words_are_filtered_by_what_was_typed(words: Path) -> None:
    here, span = page("/render miku‸", words=(words,))
    item = completion(here, span.start)["items"][0]  # type: ignore[index]
    assert "hatsune_miku" in item["filterText"]
    assert "miku" in item["filterText"]


def test_lists_are_short_and_say_so(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("".join(f"zow_{number},0,{number},\n" for number in range(5000)))
    here, span = page("/render zow‸", words=(path,))
    result = completion(here, span.start)
    assert len(result["items"]) == 150  # type: ignore[arg-type]
    assert result["isIncomplete"]
    assert result["items"][0]["label"] == "zow 4999"  # type: ignore[index]


def test_edit_ranges_follow_the_client(words: Path) -> None:
    client = Client(item_defaults=frozenset({"editRange"}), replaces=True)
    here, span = page("/render /steps:30 lo‸ng", client=client, words=(words,))
    result = completion(here, span.start)
    place = result["itemDefaults"]["editRange"]  # type: ignore[index]
    assert (place["insert"]["end"]["character"], place["replace"]["end"]["character"]) == (20, 22)
    assert "textEdit" not in result["items"][0]  # type: ignore[index]
    here, span = page("/render /steps:30 lo‸ng", words=(words,))
    edit = completion(here, span.start)["items"][0]["textEdit"]  # type: ignore[index]
    assert edit["range"]["end"]["character"] == 20, "without a choice no word is taken away"


@pytest.mark.parametrize(
    ("text", "label", "rest"),
    [
        ("/render a cow /cfg‸scale:7", "/guidance", "scale"),
        ("/render a cow /sam‸pler", "/sampler", "pler"),
        ("/render a cow <ne‸xx:0.5>", "neon", "xx"),
        ("/render /parser:comfy a cow embedding:blue‸print", "blueprint", "print"),
        ("/render a cow looking at v‸iewer", "looking at viewer", "iewer"),
        ("/render a cow /ste‸red", "/steps", ""),
        ("/render a cow <ne‸ red, <demo>", "neon", ""),
        ("/render a cow <ne‸xt light:0.5>", "neon", "xt light"),
    ],
)
def test_the_rest_of_a_name_goes_however_an_item_is_accepted(text: str, label: str, rest: str, words: Path) -> None:
    here, span = page(text, client=Client(replaces=True), words=(words,))
    items: list[Any] = completion(here, span.start)["items"]  # type: ignore[assignment]
    edit = next(item["textEdit"] for item in items if item["label"] == label)
    assert "insert" not in edit
    assert span_of(here, edit["range"]).end == span.start + len(rest)


def test_an_item_replaces_all_of_a_value() -> None:
    here, span = page("/render /parser:com‸pel a cow", client=Client(replaces=True))
    edit = completion(here, span.start)["items"][0]["textEdit"]  # type: ignore[index]
    assert (edit["newText"], span_of(here, edit["range"])) == ("comfy", Span(16, 22))


def test_items_are_documented_when_looked_at() -> None:
    workspace = Workspace()
    item = resolved({"label": "/clipskip", "data": ["option", "clipskip"]}, workspace.project)
    assert "hidden state" in item["documentation"]["value"]  # type: ignore[index]
    assert resolved({"label": "x", "data": {"hostile": 1}}, workspace.project) == {"label": "x", "data": {"hostile": 1}}


@pytest.mark.parametrize(
    "text",
    [
        "/render a cow is looking at v‸",
        "/render <cow> moo, a cow with lo‸ng",
        "/render a ‸",
        "/render /parser:com‸pel a cow",
    ],
)
@pytest.mark.parametrize("replaces", [False, True])
def test_items_of_a_list_share_one_range_that_their_filters_fit(words: Path, text: str, replaces: bool) -> None:
    """Neovim drops a list whose ranges differ, and every item whose filter begins with something else than is typed."""
    here, span = page(text, client=Client(replaces=replaces), words=(words,))
    items: list[Any] = completion(here, span.start)["items"]  # type: ignore[assignment]
    places = [{name: place for name, place in item["textEdit"].items() if name != "newText"} for item in items]
    assert places
    assert all(place == places[0] for place in places)
    place = places[0].get("insert") or places[0].get("replace") or places[0]["range"]
    typed = span_of(here, place)
    assert typed.end == span.start or "insert" not in places[0]
    before = here.snapshot.text[typed.start : span.start]
    assert all(item.get("filterText", item["label"]).startswith(before) for item in items)


def test_prose_before_a_word_stays(words: Path) -> None:
    assert chosen("/render a cow is looking at v‸", "looking at viewer", words=(words,)) == (
        "/render a cow is looking at viewer"
    )


def test_prose_is_looked_up_by_its_last_words_however_long_it_is(words: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    search = WordList.search

    def noted(self: WordList, query: str, limit: int, *, fuzzy: bool = True) -> list[Match]:
        asked.append(query)
        return search(self, query, limit, fuzzy=fuzzy)

    monkeypatch.setattr(WordList, "search", noted)
    here, span = page("/render " + "a cow in a field " * 3 + "lo‸", words=(words,))
    completion(here, span.start)
    assert {query.count("_") for query in asked} == set(range(6))


BRACKETS = (
    "fate (series)",
    "cow (animal) (farm)",
    ">:(",
    "<o>_<o>",
    "re:zero (show)",
    ":3 (face)",
    "[o] mark",
    "a|b (c)",
    "{x} (y)",
    "d.va (over)",
    "o\\o (x)",
    "artoria (lancer) (fate)",
    "100% (x)",
    "r&b (music)",
    "mona (pact of stars and moon) (genshin impact)",
    "sonetto (anthem) (reverse:1999)",
    "dan heng (hunt) (honkai: star rail)",
)
NEXT_TO = ("", ")", ", b")


@pytest.mark.parametrize("parser", DIALECTS)
def test_a_tag_with_brackets_is_offered_however_much_of_it_is_typed(parser: str, tmp_path: Path) -> None:
    """And what accepting it writes is that tag."""
    path = tmp_path / "tags.csv"
    path.write_text("".join(f"{tag.replace(' ', '_')},0,9,\n" for tag in BRACKETS))
    head = f"/render /parser:{parser} a cow, " if DIALECTS[parser].is_written else "/render a cow, "
    tags = [tag for tag in BRACKETS if worded(tag, parser) is not None]
    assert len(tags) > 1
    for tag in tags:
        for end in range(3, len(tag)):
            behind = NEXT_TO[end % 3] if tag[:end].count("(") > tag[:end].count(")") else ""
            text = f"{head}{tag[:end]}‸{behind}"
            label = next(each for each in offered(text, words=(path,)) if each in (tag, tag.replace(" ", "_")))
            (plan,) = compile(chosen(text, label, words=(path,)).removesuffix(", b")).plans
            (segment,) = plan.positive.branches[0].segments
            said = "".join(run.text for run in segment.runs)
            assert re.sub(" *, *", ", ", said) == f"a cow, {label}", text
            assert {run.weight for run in segment.runs} == {1.0}, text


@pytest.mark.parametrize(
    ("text", "label", "after"),
    [
        ("/render /parser:a1111 a cow BR‸", "BREAK", "/render /parser:a1111 a cow BREAK"),
        ("/render /parser:a1111 a cow A‸", "AND", "/render /parser:a1111 a cow AND"),
        ('/render /parser:compel ("a", "b").bl‸', ".blend(", '/render /parser:compel ("a", "b").blend('),
        ("/render /parser:comfy a cow emb‸", "embedding:", "/render /parser:comfy a cow embedding:"),
        ("# promptlang: ig‸\n/render a", "# promptlang: ignore[", "# promptlang: ignore[\n/render a"),
    ],
)
def test_a_dialect_offers_its_own_words(text: str, label: str, after: str) -> None:
    assert chosen(text, label) == after
    assert label not in offered(re.sub(r" /parser:\w+|# promptlang", "", text))


def test_a_keyword_never_comes_between_small_words() -> None:
    for text in ("a cow an‸", "a cow and‸", "a dog br‸"):
        assert not {"AND", "BREAK"}.intersection(offered(f"/render /parser:a1111 {text}"))


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a cow, maste‸", "a cow, masterpiece, "),
        ("a cow, maste‸, hills", "a cow, masterpiece, hills"),
        ("a cow, (maste‸)", "a cow, (masterpiece)"),
        ("a cow, maste‸ hills", "a cow, masterpiece, hills"),
    ],
)
def test_a_comma_follows_a_word_where_somebody_wants_it(text: str, after: str) -> None:
    wanted = Configuration(completion=Completion(comma=True))
    assert chosen(f"/render {text}", "masterpiece", configuration=wanted) == f"/render {after}"


def test_words_of_a_category_have_an_icon_of_their_own(words: Path) -> None:
    here, span = page("/render a cow, ha‸", words=(words,))
    icons = {item["label"]: item["kind"] for item in completion(here, span.start)["items"]}  # type: ignore[index, union-attr]
    assert (icons["hatsune miku"], icons["long hair"]) == (7, 5)


def test_who_types_while_a_long_list_is_read_is_offered_the_short_one(
    words: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, read = Event(), word_lists._loaded
    monkeypatch.setattr(word_items, "PATIENCE", 0.0)
    monkeypatch.setattr(word_lists, "_loaded", lambda files: goes_on.wait(10) and read(files))
    assert "hatsune miku" not in offered("/render a cow, mi‸", words=(words,))
    assert "masterpiece" in offered("/render a cow, mast‸", words=(words,))
    assert not word_lists.are_read((words,), 0)
    goes_on.set()
    assert word_lists.are_read((words,), 10)
    assert "hatsune miku" in offered("/render a cow, mi‸", words=(words,))


def test_word_lists_of_the_settings_are_loaded_before_anybody_asks(words: Path) -> None:
    workspace = Workspace()
    workspace.configuration = Configuration(completion=Completion(tags=(str(words),)))
    list(workspace.warm())
    before = word_lists._reading.cache_info().misses
    word_lists.words((words,))
    assert word_lists._reading.cache_info().misses == before
