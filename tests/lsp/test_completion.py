"""Completion: what is offered, in which order, and what accepting it writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import after_wire, page

from promptlang.project import Project
from promptlang_lsp.client import Client
from promptlang_lsp.configuration import Completion, Configuration
from promptlang_lsp.features.completion import completion, resolved
from promptlang_lsp.features.cursor import cursor
from promptlang_lsp.workspace import Workspace


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
        ("‸", "words", ""),
    ],
)
def test_cursor(text: str, kind: str, typed: str) -> None:
    at = text.index("‸")
    here = cursor(text.replace("‸", ""), at)
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


def test_completes_commands_and_options() -> None:
    assert offered("/ren‸")[0] == "/render"
    assert chosen("/ren‸", "/render") == "/render "
    assert "/clipskip" in offered("/render /cs‸")
    assert chosen("/render a /clip‸", "/clipskip") == "/render a /clipskip:"
    assert offered("/render /steps:30 /ste‸")[-1] == "/steps", "what is there already comes last"
    assert "/strength" not in offered("/render /str‸")
    assert "/strength" in offered("/remix /str‸")


def test_completes_values_with_what_the_model_wants_first() -> None:
    assert offered("/render <demo> /sampler:‸")[0] == "dpm2m"
    assert offered("/render <demo> /size:‸")[0] == "128x128"
    assert {"new", "a1111", "comfy", "compel"} <= set(offered("/render /parser:‸"))
    assert offered("/render /parser:co‸") == ["comfy", "compel"]


def test_completes_concepts_recipes_and_rules() -> None:
    assert offered("/render <co‸")[0] == "cow"
    assert chosen("/render <co‸", "cow") == "/render <cow:1>"
    assert chosen("/render <co‸:0.5>", "cow") == "/render <cow:0.5>"
    assert offered("/recipe #quick /steps:wayless $prompt\n/render #q‸") == ["#quick"]
    assert chosen("/recipe #quick x\n/render #q‸", "#quick") == "/recipe #quick x\n/render #quick"
    assert "clipskip/high" in offered("# promptlang: ignore[clip‸\n/render /clipskip:3 a")


def test_completes_wildcards_and_paths(tmp_path: Path) -> None:
    (tmp_path / "wild" / "animals").mkdir(parents=True)
    (tmp_path / "wild" / "animals" / "cat.txt").write_text("tabby\n")
    (tmp_path / "pic.png").write_bytes(b"")
    project = Project(root=tmp_path, wildcards=(tmp_path / "wild",))
    assert (
        chosen("/render /variants:all __ca‸", "__animals/cat__", project=project)
        == "/render /variants:all __animals/cat__"
    )
    assert offered("/remix /image:‸", project=project) == ["wild/", "pic.png"]
    assert offered("/remix /image:../‸", project=project) == []


def test_completes_words(words: Path) -> None:
    assert offered("/render a cow, lo‸", words=(words,))[:2] == ["long hair", "looking at viewer"]
    assert chosen("/render a cow, long ha‸", "long hair", words=(words,)) == "/render a cow, long hair"
    assert chosen("/render a cow with long ha‸", "long hair", words=(words,)) == "/render a cow with long hair"
    assert offered("/render long_ha‸", words=(words,)) == ["long_hair"], "underscores stay for those who type them"
    assert "detailed coat" in offered("/render detco‸", words=(words,)), "letters in order"
    assert offered("/render lh‸", words=(words,))[0] == "long hair", "by alias"
    assert chosen("/render sab‸", "saber (fate)", words=(words,)) == "/render saber \\(fate\\)"
    plain = Configuration(completion=Completion(spaces=False))
    assert offered("/render lo‸", words=(words,), configuration=plain)[0] == "long_hair"


def test_words_say_their_category_and_count(words: Path) -> None:
    here, span = page("/render miku‸", words=(words,))
    item = completion(here, span.start)["items"][0]  # type: ignore[index]
    assert item["labelDetails"] == {"description": "character 111k", "detail": " ← miku"}
    assert "hatsune_miku" in item["filterText"]
    assert "miku" in item["filterText"]


def test_lists_are_short_and_say_so(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("".join(f"cow_{number},0,{number},\n" for number in range(5000)))
    here, span = page("/render cow‸", words=(path,))
    result = completion(here, span.start)
    assert len(result["items"]) == 150  # type: ignore[arg-type]
    assert result["isIncomplete"]
    assert result["items"][0]["label"] == "cow 4999"  # type: ignore[index]


def test_completion_in_broken_text(words: Path) -> None:
    assert offered("/render ((a cow, [lo‸", words=(words,))[0] == "long hair"
    assert "/parser" in offered('/render /steps: "((<  /par‸')


def test_edit_ranges_follow_the_client(words: Path) -> None:
    client = Client(item_defaults=frozenset({"editRange"}), replaces=True)
    here, span = page("/render /steps:30 lo‸ng", client=client, words=(words,))
    result = completion(here, span.start)
    place = result["itemDefaults"]["editRange"]  # type: ignore[index]
    assert (place["insert"]["end"]["character"], place["replace"]["end"]["character"]) == (20, 22)
    assert "textEdit" not in result["items"][0]  # type: ignore[index]


def test_items_are_documented_when_looked_at() -> None:
    workspace = Workspace()
    item = resolved({"label": "/clipskip", "data": ["option", "clipskip"]}, workspace)
    assert "hidden state" in item["documentation"]["value"]  # type: ignore[index]
    assert resolved({"label": "x", "data": {"hostile": 1}}, workspace) == {"label": "x", "data": {"hostile": 1}}
