"""`promptlang.toml` in an editor: what is wrong with it, what its keys mean, what may be written there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages import PROJECT, after_wire, page

from promptlang_lsp.features.completion.project_items import project_completion
from promptlang_lsp.features.display.diagnostics import diagnostics
from promptlang_lsp.features.hover.hover import hover
from promptlang_lsp.protocol.words import finished

URI = "file:///tmp/none/promptlang.toml"


def opened(text: str) -> Any:
    return page(text, project=PROJECT, uri=URI)


@pytest.mark.parametrize(
    ("text", "first", "expected"),
    [
        ("[se‸\n", "settings", "[settings\n"),
        ("[settings]\nwild‸\n", "wildcards", "[settings]\nwildcards = \n"),
        ("[settings]\nallow-pickle = ‸\n", "true", "[settings]\nallow-pickle = true\n"),
        ('[rules]\n"clipskip/hi‸', "clipskip/high", '[rules]\n"clipskip/high" = '),
        ('[rules]\n"clipskip/high" = "o‸"\n', "off", '[rules]\n"clipskip/high" = "off"\n'),
        ("[options]\nsampl‸\n", "sampler", "[options]\nsampler = \n"),
        ('[options]\nsampler = "dd‸"\n', "ddim", '[options]\nsampler = "ddim"\n'),
        ("edi‸", "edition", "edition = "),
    ],
)
def test_keys_and_values_are_offered(text: str, first: str, expected: str) -> None:
    here, span = opened(text)
    item: Any = project_completion(here, span.start)["items"]
    assert item[0]["label"] == first
    assert after_wire(here, [item[0]["textEdit"]]) == expected


def test_keys_say_what_they_mean() -> None:
    for text, words in (
        ('[settings]\nwild‸cards = ["a"]\n', "Folders with wildcard files"),
        ('[rules]\n"clipskip/hi‸gh" = "off"\n', "**`clipskip/high`** · information"),
        ('[options]\nsam‸pler = "ddim"\n', "**`/sampler`**"),
    ):
        here, span = opened(text)
        found: Any = hover(here, span.start)
        assert words in found["contents"]["value"]
    here, span = opened("# a n‸ote\n[settings]\n")
    assert hover(here, span.start) is None


def test_what_is_wrong_is_said_while_it_is_typed(tmp_path: Path) -> None:
    file = tmp_path / "promptlang.toml"
    file.write_text("")
    here, _ = page("[settings]\nwildcard = 3\n", uri=file.as_uri())
    found: Any = finished(diagnostics(here))
    assert [item["code"] for item in found.items] == ["config/unknown-key"]
