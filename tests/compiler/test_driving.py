"""Our loop over a grammar's machine gives what Lark's own loop gives, and steps aside where Lark is another one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptlang.dialects.words.brackets import Brackets
from promptlang.syntax import grammar
from promptlang.syntax.driving import Driver, Loop, Token
from promptlang.syntax.grammar import GRAMMARS, load
from promptlang.syntax.lark_machine import LarkLoop
from tests.thorough import many

PIECES = (
    "a cow", " ", ",", "\n", "\r\n", "/render", "/parser:new", "/clipskip:1.9", '/name:"x y"', "/", "\\/", "#",
    "# note", "#warm", "(", ")", "[", "]", "<", ">", "<demo>", "<demo:0.7>", "<lora:x:1>", ":1.2", ":1.2)", ":inf)",
    "\\(", "\\\\", "😀", "\u2028", "：", "“x”",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=30)


class Shown:
    """A reader that keeps the name of every rule, and the types and offsets of tokens."""

    def __getattr__(self, name: str) -> Callable[[list[object]], object]:
        if name.startswith("_") or name.isupper():
            raise AttributeError(name)
        return partial(self._rule, name)

    def start(self, children: list[object]) -> object:
        return self._rule("start", children)

    def _rule(self, name: str, children: list[object]) -> object:
        return name, [
            (str(each), each.type, each.start_pos, each.end_pos) if isinstance(each, Token) else each
            for each in children
        ]


def both(name: str) -> tuple[Loop[object], Loop[object]]:
    """Lark's loop and ours for one grammar."""
    process = Brackets().process if name in {"new", "old"} else None
    return LarkLoop(partial(grammar.built, name), Shown(), process), load(name, Shown(), process=process)


READERS = {name: both(name) for name in ("document", "new", "old")}


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=many(300))
@given(TEXTS)
def test_both_loops_agree(name: str, text: str) -> None:
    theirs, ours = READERS[name]
    assert isinstance(ours, Driver)
    assert ours.parse(text) == theirs.parse(text)


@pytest.mark.parametrize("name", GRAMMARS)
def test_the_machine_is_what_lark_makes_of_the_grammar(name: str) -> None:
    assert grammar.current(name) == grammar.extracted(name)


def test_a_grammar_that_has_changed_is_built_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "stamp", lambda name: f"another {name}")  # pyright: ignore[reportUnknownLambdaType]
    assert grammar.current("document") is None
    again = load("document", Shown())
    assert isinstance(again, Driver)
    assert again.parse("/render a") == READERS["document"][1].parse("/render a")


def without_tables() -> object:
    return SimpleNamespace()


def with_tables_of_another_shape() -> object:
    lark = grammar.built("document")
    states = {0: {"TEXT": 1}, 1: {}}
    table = SimpleNamespace(states=states, start_states={"start": 0}, end_states={"start": 1})
    loop = SimpleNamespace(parser=SimpleNamespace(parser=SimpleNamespace(parse_table=table)), lexer=object())
    return SimpleNamespace(parser=loop, rules=lark.rules, terminals=lark.terminals)


def with_two_patterns() -> object:
    lark = grammar.built("document")
    lexer = SimpleNamespace(callback={}, scanner=SimpleNamespace(_mres=["a", "b"]))
    loop = SimpleNamespace(parser=lark.parser.parser, lexer=lexer)  # pyright: ignore
    return SimpleNamespace(parser=loop, rules=lark.rules, terminals=lark.terminals)


@pytest.mark.parametrize("strange", [without_tables, with_tables_of_another_shape, with_two_patterns])
def test_lark_itself_reads_where_its_inside_is_another(
    strange: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version of Lark that keeps its tables elsewhere costs time and nothing else."""
    inside, built = strange(), grammar.built
    monkeypatch.setattr(grammar, "stamp", lambda name: f"another {name}")  # pyright: ignore[reportUnknownLambdaType]
    monkeypatch.setattr(grammar, "built", lambda name, *reading: built(name, *reading) if reading else inside)  # pyright: ignore
    loop = load("document", Shown())
    assert isinstance(loop, LarkLoop)
    for text in ("", "/render /steps:20 a cow", "# note\n/render a \\/ b #warm"):
        assert loop.parse(text) == READERS["document"][1].parse(text)


def test_lark_reads_tokens_in_hand() -> None:
    """As the dialect of stable-diffusion-webui has them."""
    loops = LarkLoop[object](partial(grammar.built, "a1111"), Shown(), None), load("a1111", Shown())
    tokens = [Token("LPAR", "(", 0), Token("TEXT", "cow", 1), Token("RPAR", ")", 4), Token("BREAK", "BREAK", 5)]
    assert loops[0].built(tokens) == loops[1].built(tokens)
