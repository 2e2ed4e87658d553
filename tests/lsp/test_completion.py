"""Completion: what is offered, in which order, and what accepting it writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import after_wire, page

from promptlang.meaning.project import Project
from promptlang_lsp.features.completion.completion import completion, resolved
from promptlang_lsp.features.completion.cursor import cursor
from promptlang_lsp.protocol.client import Client
from promptlang_lsp.protocol.configuration import Completion, Configuration
from promptlang_lsp.session.workspace import Workspace


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
    assert offered("/recipe #a x\n/recipe #b y #‸") == ["#a"], "a recipe cannot use itself"
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


def test_the_best_fit_comes_first() -> None:
    assert offered("/r‸") == ["/render", "/remix", "/recipe"]
    assert offered("/cl‸") == ["/clipskip"]
    assert offered("/render /guid‸") == ["/guidance"]
    assert offered("/render /sampler:eu‸") == ["k_euler", "k_euler_a", "heun"]
    assert offered("/render /sampler:dpm++‸")[0] == "dpm2m", "by the name that other programs give it"
    assert offered("/render a <ne‸")[0] == "neon"


def test_values_say_what_they_mean() -> None:
    here, span = page("/render <demo> /steps:‸")
    shown = {
        item["label"]: item.get("labelDetails", {}).get("description") for item in completion(here, span.start)["items"]
    }  # type: ignore[union-attr]
    assert shown["20"] == "recommended for <demo>"
    assert shown["25"] == "the family's own"
    assert shown["waymore"] == "200 steps, 2 images"


def test_completes_weights() -> None:
    assert offered("/render /parser:new (red:‸")[:2] == ["1.1", "1.2"]
    assert chosen("/render /parser:new (red:‸", "1.2") == "/render /parser:new (red:1.2)"
    assert chosen("/render /parser:new (red:1.‸) a", "1.2") == "/render /parser:new (red:1.2) a"
    assert chosen("/render <neon:0.‸> a", "0.8") == "/render <neon:0.8> a"
    assert offered("/render /parser:compel (red:‸") == []


def test_an_empty_place_offers_what_may_stand_there_when_asked() -> None:
    assert offered("‸")[:2] == ["/render", "/compare"]
    assert offered("/render a\n‸")[0] == "/render"
    assert "#q" in offered("/recipe #q x\n/render a ‸")
    assert chosen("/render a ‸", "/clipskip") == "/render a /clipskip:"
    here, span = page("/render a ‸")
    assert completion(here, span.start, invoked=False)["items"] == [], "a blank alone brings up no list"


def test_concepts_are_written_as_the_dialect_calls_them() -> None:
    assert chosen("/render /parser:a1111 <ne‸", "neon") == "/render /parser:a1111 <lora:neon:1>"
    assert chosen("/render /parser:a1111 <lora:ne‸", "neon") == "/render /parser:a1111 <lora:neon:1>"
    assert offered("/render /parser:comfy <ne‸") == []
    assert chosen("/render bluep‸", "blueprint") == "/render <blueprint>"
    assert chosen("/render /parser:comfy bluep‸", "blueprint") == "/render /parser:comfy embedding:blueprint"
    assert chosen("/render /parser:a1111 bluep‸", "blueprint") == "/render /parser:a1111 blueprint"
    here, span = page("/render <ne‸", client=Client(snippets=True))
    item = completion(here, span.start)["items"][0]  # type: ignore[index]
    assert (item["textEdit"]["newText"], item["insertTextFormat"]) == ("neon:${1:1}>", 2)


def test_concepts_that_suit_the_model_come_first() -> None:
    found = offered("/render <demo> <‸")
    assert found[:3] == ["cow", "blueprint", "neon"]
    assert found[-1] == "demo", "what is called already comes last"
    assert found.index("anything-v5") < found.index("sdxl")


def test_trigger_words_follow_their_concept() -> None:
    here, span = page("/render <cow:0.5> a m‸")
    item = completion(here, span.start)["items"][0]  # type: ignore[index]
    assert (item["label"], item["labelDetails"]) == ("moo", {"description": "trigger of <cow>"})
    assert "moo" not in offered("/render a m‸")


def test_words_make_sense(words: Path) -> None:
    words.write_text(words.read_text() + "magia_record,3,9434,\nred_eyes,0,1000000,\nlight_red_eyes,0,10,\n")
    assert offered("/render a re‸", words=(words,))[0] == "red eyes", "not ma[gia re]cord"
    assert offered("/render red ey‸", words=(words,))[:2] == ["red eyes", "light red eyes"]
    assert offered("/render masterp‸", words=(words,)) == ["masterpiece"], "prompts are full of it, tag lists lack it"
    assert offered("/render lkv‸", words=(words,)) == [], "three letters of three words are no clue"
    assert offered("/render red eyes, l‸", words=(words,))[:2] == ["long hair", "looking at viewer"]
    assert "long hair" not in offered("/render long hair, l‸", words=(words,))[:9], "what is there already comes last"
    assert offered("/render a, long hair‸", words=(words,))[0] == "long hair"


def test_clients_keep_the_order_of_words(words: Path) -> None:
    here, span = page("/render lh‸", words=(words,))
    item = completion(here, span.start)["items"][0]  # type: ignore[index]
    assert item["filterText"].startswith("lh "), "found by alias, and Neovim asks how the text begins"


def test_completes_wildcards_of_structured_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("art:\n  - ink\n  - oil\nphoto:\n  film:\n    - 35mm\n")
    (tmp_path / "b.json").write_text('{"beasts": ["yak"]}')
    (tmp_path / "broken.yaml").write_text("a: [")
    project = Project(root=tmp_path, wildcards=(tmp_path,))
    assert offered("/render /variants:all __‸", project=project) == ["__art__", "__beasts__", "__photo/film__"]
    assert offered("/render /variants:all __fi‸", project=project) == ["__photo/film__"]


def test_completes_concepts_of_folders(tmp_path: Path) -> None:
    import json

    header = json.dumps({"emb_params": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}}).encode()
    for name in ("Bad Hands.v1", "other"):
        (tmp_path / f"{name}.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    (tmp_path / "evil.safetensors").write_bytes(b"\xff" * 64)
    project = Project(root=tmp_path, folders=(tmp_path,))
    assert chosen("/render a <bad‸", "Bad Hands.v1", project=project) == "/render a <Bad Hands.v1>"
    assert set(offered("/render a <‸", project=project)) >= {"Bad Hands.v1", "other", "evil", "demo"}
    assert "Bad Hands.v1" in offered("/render /parser:comfy embedding:‸", project=project)


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
    path.write_text("".join(f"zow_{number},0,{number},\n" for number in range(5000)))
    here, span = page("/render zow‸", words=(path,))
    result = completion(here, span.start)
    assert len(result["items"]) == 150  # type: ignore[arg-type]
    assert result["isIncomplete"]
    assert result["items"][0]["label"] == "zow 4999"  # type: ignore[index]


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
    item = resolved({"label": "/clipskip", "data": ["option", "clipskip"]}, workspace.project)
    assert "hidden state" in item["documentation"]["value"]  # type: ignore[index]
    assert resolved({"label": "x", "data": {"hostile": 1}}, workspace.project) == {"label": "x", "data": {"hostile": 1}}
