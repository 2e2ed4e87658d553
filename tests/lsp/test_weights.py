"""Weights up and down at the cursor."""

from __future__ import annotations

import pytest
from pages import after, page

from promptlang_lsp.features.changes.weights import reweighted


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
        ("/render /parser:new /steps:30‸ a", 1, "/render /parser:new /steps:30 a"),
        ("/recipe #q x\n/render /parser:new #q a c‸ow", 1, "/recipe #q x\n/render /parser:new #q (a cow:1.1)"),
        ("/recipe #q x\n/render /parser:new #‸q a cow", 1, "/recipe #q x\n/render /parser:new #q a cow"),
        ("/render /parser:new a 😀 co‸w", 1, "/render /parser:new (a 😀 cow:1.1)"),
        ("/render /parser:a1111 1girl, fa‸te \\(series\\)", 1, "/render /parser:a1111 1girl, (fate \\(series\\):1.1)"),
        ("/render /parser:a1111 1girl, fate \\(ser‸ies\\)", 1, "/render /parser:a1111 1girl, (fate \\(series\\):1.1)"),
        ("/render /parser:a1111 a, [re‸d]", 1, "/render /parser:a1111 a, red"),
        ("/render /parser:a1111 a, (b‸:0)", -1, "/render /parser:a1111 a, (b:0)"),
        ("/render /parser:a1111 a, # no‸te\nb, c", 1, "/render /parser:a1111 a, # note\nb, c"),
        ("/render /parser:a1111 a, ha‸y AND b, c", 1, "/render /parser:a1111 a, (hay:1.1) AND b, c"),
        ("/render /parser:a1111 [a:‸b:0.5], c", 1, "/render /parser:a1111 [a:(b:1.1):0.5], c"),
        ("/render /parser:novelai 1.3::hay, b‸::, c", 1, "/render /parser:novelai 1.3::hay, b::, c"),
        ("/render /parser:comfy (a‸, b:0.9)", 1, "/render /parser:comfy ((a:1), b:0.9)"),
        ("/render /parser:comfy (a, (b‸:0.8):0.9)", 1, "/render /parser:comfy (a, b:0.9)"),
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
