"""Features as functions of a page and an offset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pages import COW, PROJECT, after, after_wire, finished, page

from promptlang.project import Project
from promptlang.source import Span
from promptlang_lsp.client import Client
from promptlang_lsp.configuration import Completion, Configuration
from promptlang_lsp.features import navigation, structure
from promptlang_lsp.features.code_actions import code_actions
from promptlang_lsp.features.code_lens import code_lenses
from promptlang_lsp.features.completion import completion, resolved
from promptlang_lsp.features.cursor import cursor
from promptlang_lsp.features.diagnostics import Known, diagnostics
from promptlang_lsp.features.formatting import formatting, on_type
from promptlang_lsp.features.hover import hover
from promptlang_lsp.features.inlay_hints import inlay_hints
from promptlang_lsp.features.plans import plan_text
from promptlang_lsp.features.semantic_tokens import statement_tokens
from promptlang_lsp.features.signature import signature_help
from promptlang_lsp.features.strength import chunk_edges
from promptlang_lsp.features.weights import reweighted
from promptlang_lsp.legend import MODIFIERS, TYPES
from promptlang_lsp.protocol import RequestError
from promptlang_lsp.workspace import Workspace

# --- where the cursor stands ------------------------------------------------------------------------------------------


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


# --- completion -------------------------------------------------------------------------------------------------------


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


# --- hover and signature ----------------------------------------------------------------------------------------------


def hovered(text: str, **more: object) -> str:
    here, span = page(text, **more)  # type: ignore[arg-type]
    found = hover(here, span.start)
    return found["contents"]["value"] if isinstance(found, dict) else ""  # type: ignore[index, return-value]


def test_hover() -> None:
    assert "Here `2`, from this statement." in hovered("/render /clip‸skip:2 a")
    assert "as stable-diffusion-webui reads it" in hovered("/render /parser:a11‸11 a")
    assert "Make images" in hovered("/ren‸der a cow")
    assert "Known from: its metadata." in hovered("/render <c‸ow>")
    assert "`moo`" in hovered("/render <c‸ow>")
    assert "never guessed" in hovered("/render <stran‸ger>")
    assert "/steps:wayless" in hovered("/recipe #quick /steps:wayless $prompt\n/render #qu‸ick a")
    assert "Effective weight **1.32** = 1.1 × 1.2" in hovered("/render /parser:new ((c‸at:1.2))")
    assert "negative prompt" in hovered("/render /parser:new a [mu‸d]")
    assert "tokens in 1 chunk" in hovered("/render a c‸ow")
    assert hovered("# a comm‸ent\n/render a") == ""


def test_hover_names_where_a_value_comes_from() -> None:
    assert "from `/set` above" not in hovered("/set /steps:30\n/render /ste‸ps:20 a")
    assert "from this statement" in hovered("/set /steps:30\n/render /ste‸ps:20 a")


def test_hover_without_markdown() -> None:
    here, span = page("/render /clip‸skip:2 a", client=Client(markdown=False))
    contents = hover(here, span.start)["contents"]  # type: ignore[index]
    assert contents["kind"] == "plaintext"
    assert "**" not in contents["value"]


def test_hover_shows_only_pictures(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    shown = replace(COW, preview=tmp_path / "a.png")
    assert "![preview](file://" in hovered("/render <c‸ow>", project=Project(concepts=(shown,)))
    hostile = replace(COW, preview=Path("/etc/passwd"))
    assert "preview" not in hovered("/render <c‸ow>", project=Project(concepts=(hostile,)))


def test_signature() -> None:
    here, span = page("/render /freeu:1,2,‸ a")
    found = signature_help(here, span.start)
    assert found["signatures"][0]["label"] == "/freeu:s1,s2,b1,b2"  # type: ignore[index]
    assert found["activeParameter"] == 2  # type: ignore[index]
    here, span = page("/render a c‸ow")
    assert signature_help(here, span.start) is None


# --- names ------------------------------------------------------------------------------------------------------------

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


# --- shape ------------------------------------------------------------------------------------------------------------


def test_symbols() -> None:
    here, _ = page("/recipe #quick x\n/render a red cow <cow>\n")
    names = [structure.symbol(here, index)["name"] for index in range(2)]
    assert names == ["#quick", "/render a red cow <cow>"]
    assert structure.symbol(here, 1)["children"][0]["name"] == "<cow>"  # type: ignore[index]
    assert [each["name"] for each in structure.workspace_symbols([here], "redcow")] == names[1:]  # type: ignore[index]


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


# --- colours, hints, lenses -------------------------------------------------------------------------------------------


def coloured(text: str) -> list[tuple[str, str, list[str]]]:
    here, _ = page(text)
    source = here.snapshot.pieces[0].text
    return [
        (source[start:end], TYPES[kind], [name for at, name in enumerate(MODIFIERS) if modifiers >> at & 1])
        for start, end, kind, modifiers in statement_tokens(here, 0)
    ]


def test_tokens_show_strength() -> None:
    found = coloured("/render /parser:new /clipskip:2 (cow:1.2) (hay:0.5) [mud] <cow:0.5> <none>")
    assert ("/render", "keyword", []) in found
    assert ("2", "number", []) in found
    assert ("cow", "string", ["stronger"]) in found
    assert ("hay", "string", ["weaker"]) in found
    assert ("mud", "string", ["negative"]) in found
    assert ("cow", "class", []) in found
    assert ("none", "class", ["unknown"]) in found


def hints(text: str) -> list[str]:
    here, _ = page(text)
    return [hint["label"] for hint in inlay_hints(here, 0)]  # type: ignore[index]


def test_hints() -> None:
    assert hints("/render /parser:new /clipskip:1.9 a cow") == ["= 1"]
    assert hints("/render /parser:new ((cow:1.2))") == ["×1.32"]
    assert hints("/compare /clipskip:1..4 /images:2 a cow") == ["8 images"]
    assert hints("/render a cow") == []


def test_chunk_edges() -> None:
    here, _ = page("/render /parser:new " + "cow " * 80)
    ((at, chunk),) = chunk_edges(here, 0)
    assert chunk == 2
    assert here.snapshot.text[:at].count("cow") == 75
    commas = "/render /parser:new a " + "cow, " * 60
    ((at, _),) = chunk_edges(page(commas)[0], 0)
    assert commas[:at].endswith(", ")
    here, _ = page("/render /parser:a1111 a BREAK b")
    assert [chunk for _, chunk in chunk_edges(here, 0)] == [2]


def test_lenses() -> None:
    here, _ = page("/compare /clipskip:1..4 a\n/set /steps:3\n/render b\n")
    titles = [[lens["command"]["title"] for lens in code_lenses(here, index)] for index in range(3)]  # type: ignore[index]
    assert titles == [["▶ Render grid (4 images)", "Show plan"], [], ["▶ Render", "Show plan"]]


def test_plans() -> None:
    here, _ = page("/render /parser:new /clipskip:2 a cow")
    assert '"clip_skip": 2' in plan_text(here, 0)


# --- changes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "steps", "expected"),
    [
        ("/render /parser:new a cow, red ba‸rn, hay", 1, "/render /parser:new a cow, (red barn:1.1), hay"),
        ("/render /parser:new a cow, red ba‸rn", -1, "/render /parser:new a cow, (red barn:0.9)"),
        ("/render /parser:new (red ba‸rn:1.2)", 1, "/render /parser:new (red barn:1.3)"),
        ("/render /parser:new (red ba‸rn:1.1)", -1, "/render /parser:new red barn"),
        ("/render /parser:new (red ba‸rn)", 1, "/render /parser:new (red barn:1.2)"),
        ("/render /parser:new (a, red ba‸rn:1.2)", 1, "/render /parser:new (a, (red barn:1.1):1.2)"),
        ("/render /parser:new <c‸ow:0.7>", 1, "/render /parser:new <cow:0.75>"),
        ("/render /parser:new <c‸ow>", -1, "/render /parser:new <cow:0.95>"),
        ("/render /parser:new a ‸red barn‸ and hay", 1, "/render /parser:new a (red barn:1.1) and hay"),
        ("/render /parser:compel a, red ba‸rn", 1, "/render /parser:compel a, (red barn)1.1"),
        ("/render a, red ba‸rn", 1, "/render a, (red barn)"),
        ("/render a, (red ba‸rn)", -1, "/render a, red barn"),
        ("/render /ste‸ps:30 a", 1, "/render /steps:30 a"),
        ("/render /parser:new a 😀 co‸w", 1, "/render /parser:new (a 😀 cow:1.1)"),
    ],
)
def test_weights(text: str, steps: int, expected: str) -> None:
    here, span = page(text)
    assert after(here, reweighted(here, span, steps)) == expected


def test_weights_have_no_noise() -> None:
    text = "/render /parser:new red ba‸rn"
    for _ in range(9):
        here, span = page(text)
        plain = after(here, reweighted(here, span, 1))
        at = plain.index("barn")
        text = f"{plain[:at]}‸{plain[at:]}"
    assert text.replace("‸", "") == "/render /parser:new (red barn:1.9)"


def acted(text: str, title: str, *, project: Project = PROJECT, only: tuple[str, ...] = ()) -> str:
    here, span = page(text, project=project)
    actions = code_actions(here, span, only, lambda path: path.read_text())
    action = next(action for action in actions if action["title"] == title)
    (edits,) = action["edit"]["changes"].values()  # type: ignore[index]
    return after_wire(here, edits)


def titles(text: str, *only: str) -> list[str]:
    here, span = page(text)
    return [str(action["title"]) for action in code_actions(here, span, only, lambda path: None)]


def test_quick_fixes() -> None:
    assert acted("/render /clip‸skp:2 a", "Write `/clipskip`") == "/render /clipskip:2 a"
    found = titles("/render /parser:new /clipskip:1‸.9 a", "quickfix")
    assert any("1" in title for title in found)
    assert "Ignore `clipskip/fraction-ignored` on this line" in found
    assert titles("/render a c‸ow", "quickfix") == []


def test_silencing() -> None:
    text = "/render a\n/render /clip‸skp:2 a\n"
    comment = "/render a\n# promptlang: ignore[option/unknown]\n/render /clipskp:2 a\n"
    assert acted(text, "Ignore `option/unknown` on this line") == comment
    here, _ = page(comment)
    assert finished(diagnostics(here)).items == []  # type: ignore[attr-defined]
    whole = acted(text, "Ignore `option/unknown` in this file")
    assert finished(diagnostics(page(whole)[0])).items == []  # type: ignore[attr-defined]


def test_silencing_in_the_project(tmp_path: Path) -> None:
    file = tmp_path / "promptlang.toml"
    file.write_text('edition = "guide"\n[rules]\n"clipskip/high" = "hint"\n')
    here, span = page("/render /clip‸skp:2 a\n", project=Project(root=tmp_path, file=file))
    actions = code_actions(here, span, (), lambda path: path.read_text())
    action = next(each for each in actions if each["title"] == "Ignore `option/unknown` in this project")
    assert action["edit"]["changes"][file.as_uri()] == [  # type: ignore[index]
        {
            "range": {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 0}},
            "newText": '"option/unknown" = "off"\n',
        }
    ]


def test_fix_all_is_only_given_when_asked_for() -> None:
    text = "/render /clipskp:2 a\n/render /stesp:20 b\n"
    assert acted(text, "Fix everything that is safe to fix", only=("source.fixAll",)) == (
        "/render /clipskip:2 a\n/render /steps:20 b\n"
    )
    assert not any("everything" in title for title in titles("/render /clip‸skp:2 a"))


def test_recipes_out_and_in() -> None:
    extracted = acted("/render /parser:new a cow, ‸red barn, hay‸", "Extract to a recipe")
    assert extracted == "/recipe #recipe1 /parser:new red barn, hay\n/render /parser:new a cow, #recipe1"
    back = extracted.replace("#recipe1\n", "#recipe1\n") + "‸"
    assert acted(back, "Inline `#recipe1`").endswith("/render /parser:new a cow, red barn, hay")


def test_comparison_is_locked() -> None:
    text = acted("/render /parser:new <demo> a c‸ow\n", "Compare clip skip 1 to 4")
    statement = text.split("\n", 1)[1]
    assert statement.startswith("/compare /parser:new /clipskip:1..4 /seed:1 /guidance:")
    rules = {item["code"] for item in finished(diagnostics(page(statement)[0])).items}  # type: ignore[attr-defined]
    assert not {rule for rule in rules if str(rule).startswith("compare/")}


def test_formatting() -> None:
    here, _ = page("/render a /STEPS:30\r\n/render b\r\n")
    assert after_wire(here, formatting(here, None)) == "/render /steps:30 a\r\n/render b\r\n"
    here, _ = page("/render  a\n/render  b\n")
    assert after_wire(here, formatting(here, Span(12, 12))) == "/render  a\n/render b\n"


def test_formatting_while_typing_waits_for_the_next_statement() -> None:
    here, span = page("/render a /STEPS:30\n‸")
    assert on_type(here, span.start) == []
    here, span = page("/render a /STEPS:30\n‸/render b")
    assert after_wire(here, on_type(here, span.start)) == "/render /steps:30 a\n/render b"


# --- diagnostics ------------------------------------------------------------------------------------------------------


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


def test_conversions_keep_weights() -> None:
    found = acted("/render /parser:new /steps:20 a (c‸ow:1.2) [mud]", "Convert to /parser:compel")
    assert found.startswith("/render /parser:compel /steps:20 a ")
    assert "/negative mud" in found
    assert "Convert to /parser:new" not in titles("/render /parser:new a c‸ow")


def test_a_statement_alone_keeps_what_it_depends_on() -> None:
    from promptlang_lsp.renders import PICTURE, alone

    here, _ = page("/set /steps:3\n/render a\n/render #q b\n/set /steps:9\n/recipe #q /seed:1 $prompt\n")
    assert alone(here, 2) == "/set /steps:3\n/recipe #q /seed:1 $prompt\n/render #q b\n"
    found = PICTURE.match("out/a b-001.png   128x128      1       0.3")
    assert found is not None
    assert found["path"] == "out/a b-001.png"
