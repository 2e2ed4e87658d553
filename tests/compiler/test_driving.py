"""The quick loop over Lark's tables gives what Lark's own loop gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark, Token, Transformer, Tree

from promptlang.dialects.words.brackets import Brackets
from promptlang.syntax import grammar
from promptlang.syntax.driving import Driver

PIECES = (
    "a cow", " ", ",", "\n", "\r\n", "/render", "/parser:new", "/clipskip:1.9", '/name:"x y"', "/", "\\/", "#",
    "# note", "#warm", "(", ")", "[", "]", "<", ">", "<demo>", "<demo:0.7>", "<lora:x:1>", ":1.2", ":1.2)", ":inf)",
    "\\(", "\\\\", "😀", "\u2028", "：", "“x”",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=30)


def shown(node: object) -> object:
    """A tree with the types and offsets of its tokens."""
    match node:
        case Tree(data=name, children=children):
            return str(name), [shown(child) for child in children]
        case Token(type=kind, start_pos=start):
            return str(node), kind, start
        case _:
            return node


def both(name: str) -> tuple[Lark, Driver[Tree[Token]]]:
    """Lark's loop and ours on the tables of one grammar, building plain trees."""
    postlex = Brackets() if name == "new" else None
    lark = grammar.load(name, Transformer[Token, Tree[Token]](), postlex=postlex)
    return lark, Driver(lark)


READERS = {name: both(name) for name in ("document", "new")}


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_both_loops_agree(name: str, text: str) -> None:
    lark, driver = READERS[name]
    assert shown(driver.parse(text)) == shown(lark.parse(text))
