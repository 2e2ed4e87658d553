"""Tags moved left and right, and switched off and on."""

from __future__ import annotations

import pytest
from pages import after, page

from promptlang_lsp.features.changes.tag_changes import moved_tag, toggled_tags
from promptlang_lsp.features.changes.weights import reweighted


@pytest.mark.parametrize(
    ("text", "step", "expected"),
    [
        ("/render a cow, red ba‸rn, hay", -1, "/render red barn, a cow, hay"),
        ("/render a cow, red ba‸rn, hay", 1, "/render a cow, hay, red barn"),
        ("/render a c‸ow, red barn", -1, "/render a cow, red barn"),
        ("/render a cow, red ba‸rn", 1, "/render a cow, red barn"),
        ("/render /parser:new a, (red ba‸rn, hay:1.2), b", 1, "/render /parser:new a, (hay, red barn:1.2), b"),
        ("/render /parser:new a, (red barn, hay:1.2‸), b", -1, "/render /parser:new (red barn, hay:1.2), a, b"),
        ("/render /steps:20 a co‸w, hay", 1, "/render /steps:20 hay, a cow"),
        ("/render a co‸w, hay /steps:20", 1, "/render hay, a cow /steps:20"),
        ("/render a, , co‸w", -1, "/render cow, , a"),
        ("/render a cow,\r\nred ba‸rn,\r\nhay", -1, "/render red barn,\r\na cow,\r\nhay"),
    ],
)
def test_a_tag_moves(text: str, step: int, expected: str) -> None:
    here, span = page(text)
    assert after(here, moved_tag(here, span, step)) == expected


@pytest.mark.parametrize(
    ("text", "off"),
    [
        ("/render a cow, red ba‸rn, hay", "/render a cow,\n# off: red barn,\nhay"),
        ("/render red ba‸rn, hay", "/render\n# off: red barn,\nhay"),
        ("red ba‸rn, hay", "# off: red barn,\nhay"),
        ("/render a cow, red ba‸rn\n\n/render b", "/render a cow,\n# off: red barn\n\n/render b"),
        ("/render a cow,\nred ba‸rn,\nhay", "/render a cow,\n# red barn,\nhay"),
        ("/render /parser:new a, (red barn:1.2‸), b", "/render /parser:new a,\n# off: (red barn:1.2),\nb"),
        ("/render a, ‸b, c‸, d", "/render a,\n# off: b, c,\nd"),
        ("/render a cow, red ba‸rn /steps:20", "/render a cow,\n# off: red barn\n/steps:20"),
        ("/render a, (golden ho‸ur), hay", "/render a,\n# off: (golden hour),\nhay"),
        ("/render a, [ugly, blu‸rry], hay", "/render a, [ugly,\n# off: blurry\n], hay"),
        ("/render a, [ug‸ly, blurry], hay", "/render a, [\n# off: ugly,\nblurry], hay"),
        ("/render /parser:a1111 [a‸:b:0.5], c", "/render /parser:a1111\n# off: [a:b:0.5],\nc"),
        ('/render /parser:compel a, "co‸w"+, c', '/render /parser:compel a,\n# off: "cow"+,\nc'),
        ("/render a cow,\nred ba‸rn, hay", "/render a cow,\n# off, first: red barn,\nhay"),
        ("/render a cow,\r\nred ba‸rn, hay", "/render a cow,\r\n# off, first: red barn,\r\nhay"),
        ("/render a cow,\n# a note\nred ba‸rn, hay", "/render a cow,\n# a note\n# off: red barn,\nhay"),
        ("/render \na c‸ow, hay", "/render \n# off: a cow,\nhay"),
    ],
)
def test_a_tag_is_switched_off_and_on_again(text: str, off: str) -> None:
    here, span = page(text)
    done = after(here, toggled_tags(here, span))
    assert done == off
    at = off.rindex("# ") + 4
    again, place = page(f"{off[:at]}‸{off[at:]}")
    back = after(again, toggled_tags(again, place))
    assert " ".join(back.split()) == " ".join(text.replace("‸", "").split())
    assert "/steps" in text or back == text.replace("‸", "")


@pytest.mark.parametrize("text", ["/render a, b, c, d", "/render a,\nb, c, d", "/render a, b, c", "/render a,\nb, c"])
@pytest.mark.parametrize("on", ["bc", "cb"])
@pytest.mark.parametrize("off", ["bc", "cb"])
def test_tags_beside_each_other_come_back_in_any_order(text: str, off: str, on: str) -> None:
    now = text
    for tag in off + on:
        at = now.rindex(tag)
        here, span = page(f"{now[:at]}‸{now[at:]}")
        now = after(here, toggled_tags(here, span))
    assert now == text


def test_a_tag_whose_words_would_count_otherwise_stays() -> None:
    """At the end of its branch `:0.5` is a weight of the branch."""
    here, span = page("/render /parser:a1111 a AND b:0.5‸, c")
    assert moved_tag(here, span, 1) == ()


def test_a_place_between_tags_is_in_none_of_those_around() -> None:
    here, span = page("/render /parser:a1111 a,‸ b AND c, d")
    assert toggled_tags(here, span) == ()


@pytest.mark.parametrize(
    "text", ["/render a #q‸ b", "/render /nofix‸ a", "/render a‸\n/nofix b", "# a no‸te\n/render a"]
)
def test_what_is_no_tag_stays(text: str) -> None:
    here, span = page(text)
    assert after(here, moved_tag(here, span, 1)) == text.replace("‸", "")


def test_prose_is_weighed_word_by_word() -> None:
    for text, expected in (
        ("a cow that stan‸ds in a wide field", "a cow that (stands:1.1) in a wide field"),
        ("a cow that stands‸ in a wide field, hay", "a cow that (stands:1.1) in a wide field, hay"),
        ("a cow that stands in a wide field, golden ho‸ur", "a cow that stands in a wide field, (golden hour:1.1)"),
    ):
        here, span = page(f"/render /parser:new {text}")
        assert after(here, reweighted(here, span, 1)) == f"/render /parser:new {expected}"
