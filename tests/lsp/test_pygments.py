"""Pygments colours prompts by what the server says of them."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from pygments.token import Comment, Generic, Keyword, Name, Number

from promptlang_lsp.protocol.legend import TYPES
from promptlang_lsp.pygments_lexer import KINDS, PromptLexer

TEXT = "# note\n/set /steps:3\n/render /parser:a1111 a (cow:1.2) [blurry] <lora:ink:0.5>\n"


def test_every_kind_of_the_server_has_a_colour() -> None:
    assert set(KINDS) == set(TYPES)


def test_pieces_are_those_of_the_server() -> None:
    found = {text: kind for kind, text in PromptLexer().get_tokens(TEXT)}
    assert found["# note"] is Comment.Single
    assert found["/render"] is Keyword
    assert found["/parser"] is Name.Attribute
    assert found["cow"] is Generic.Emph
    assert found["1.2"] is Number
    assert found["ink"] is Name.Class


@pytest.mark.parametrize(
    "text", ["", "\n\n", "a", "(" * 500, "/render [a:b:0.5] {x|y} __z__", "\ufeff/render é\r\nü", "x" * 30000]
)
def test_nothing_is_lost(text: str) -> None:
    pieces = list(PromptLexer().get_tokens_unprocessed(text))
    assert "".join(piece for _, _, piece in pieces) == text
    assert [at for at, _, _ in pieces] == [sum(len(before[2]) for before in pieces[:n]) for n in range(len(pieces))]


def test_pygmentize_knows_the_language() -> None:
    if not entry_points(group="pygments.lexers", name="prompt"):
        pytest.skip("the package was installed before it had a lexer")
    done = subprocess.run(
        [sys.executable, "-m", "pygments", "-l", "prompt", "-f", "html"], input=TEXT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert '<span class="k">/render</span>' in done.stdout
