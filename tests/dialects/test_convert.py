"""Conversion: the same words with the same weights in another dialect, and a word on everything else."""

from __future__ import annotations

import math
from operator import mul
from pathlib import Path
from random import Random

import pytest

from promptlang.dialects.convert import convert
from promptlang.dialects.dialect import dialect
from promptlang.dialects.formulas import FORMULAS
from promptlang.plans.plan import Weighting
from promptlang.source import Passage
from promptlang.tables.dialects import DIALECTS
from tests.conformance.runner import real_prompts
from tests.dialects.properties import said, said_below
from tests.thorough import is_thorough

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
STEP = 80  # of the real prompts one in so many is tried


def converted(text: str, source: str, target: str) -> tuple[str, str, list[str]]:
    found = convert(dialect(source).parse(Passage(text)), target)
    return found.positive, found.negative, [loss.message for loss in found.losses]


@pytest.mark.parametrize(
    ("text", "source", "target", "expected"),
    [
        ("a (red:1.3) hat", "new", "comfy", "a (red:1.3) hat"),
        ("a (red:1.3) hat", "new", "compel", "a (red)1.3 hat"),
        ("a (red hat)++ coat", "compel", "a1111", "a (red hat:1.21) coat"),
        ("(a (red:1.5):1.2)", "comfy", "a1111", "(a:1.2) (red:1.5)"),
        ("((a:1.2))", "a1111", "comfy", "(a:1.32)"),
        ("a \\(red\\) hat", "a1111", "compel", "a \\(red\\) hat"),
        ("(an embedding:x:1.3)", "new", "comfy", "(an embedding(::1.3)x:1.3)"),
        ("a <lora:hat:0.5>", "a1111", "compel", "a withLora(hat, 0.5)"),
        ("[x] (y)", "a1111", "new", "(x:0.909091) (y)"),
        ("(embedding:x:1.2) y", "comfy", "swarm", "(<embed:x>:1.2) y"),
        ("“a” &amp; ‘b’", "a1111", "comfy", "\"a\" & 'b'"),
    ],
)
def test_weights_are_kept(text: str, source: str, target: str, expected: str) -> None:
    """Every word counts as much as before, and nothing is lost."""
    assert converted(text, source, target) == (expected, "", [])


@pytest.mark.parametrize("target", ["a1111", "comfy", "compel"])
def test_negatives_move_to_their_own_prompt(target: str) -> None:
    """Square brackets of `/parser:new` become the negative prompt."""
    positive, negative, losses = converted("a cat [blurry]", "new", target)
    assert (positive, negative, losses) == ("a cat", "blurry", [])


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("[mud][dirt]", "comfy", ("", "mud, dirt")),
        ("a [mud] cow [(dirt:1.2)]", "comfy", ("a cow", "mud, (dirt:1.2)")),
        ("[mud][]", "a1111", ("", "mud")),
        ("[<o>][mud]", "compel", ("", "withLora(o) mud")),
        ("[mud][dirt]", "old", ("[mud][dirt]", "")),
        ("[mud][<o> dirt]", "compel", ("", "mud , withLora(o) dirt")),
    ],
)
def test_negatives_do_not_run_together(text: str, target: str, expected: tuple[str, str]) -> None:
    """They are parted as the plan parts them."""
    assert converted(text, "new", target) == (*expected, [])


@pytest.mark.parametrize(
    ("text", "source", "target", "message"),
    [
        ("[a:b:0.5]", "a1111", "new", "`/parser:new` has no steps, the later words are kept"),
        ("[a|b]", "a1111", "comfy", "ComfyUI cannot alternate, the first choice is kept"),
        ("a BREAK b", "a1111", "compel", "Compel cannot end a chunk by hand, left out"),
        ("“a” cow", "comfy", "a1111", 'A1111 reads `“` as `"`'),
        ("a &lt;3", "new", "a1111", "A1111 reads `& lt ;` as `<`"),
        ("a c++ book", "a1111", "compel", "Compel reads the signs of `c++` as a weight"),
        ("a \\\\\\( b", "a1111", "compel", "Compel takes the backslash of `\\(` away"),
        ("a cat.swap(dog)", "compel", "a1111", "A1111 cannot swap, the words that are drawn first are kept"),
        ("(a:-1)", "a1111", "compel", "Compel has no weight -1, the words count 1"),
        ("(a:1.3)", "a1111", "old", "the old parser knows no numbers, the words count 1 instead of 1.3"),
        ("a <lora:hat:1>", "a1111", "comfy", "ComfyUI calls no network in the prompt, `hat` is left out"),
    ],
)
def test_losses_are_reported(text: str, source: str, target: str, message: str) -> None:
    """What the other dialect cannot say is said."""
    assert message in converted(text, source, target)[2]


@pytest.mark.parametrize(
    ("text", "source", "target", "written", "message"),
    [
        ("<lora:V1.2:1> hill", "a1111", "compel", "hill", "Compel cannot call `V1.2`, it is left out"),
        ("a <lora:P[c]-6:1> b", "a1111", "new", "a b", "`/parser:new` cannot call `P[c]-6`, it is left out"),
        (
            "<lora:x:0.5:0.2> a",
            "a1111",
            "new",
            "<x:0.2> a",
            "`/parser:new` calls `x` in another way, its kind or strength is lost",
        ),
        (
            "<hypernet:x:1> a",
            "a1111",
            "new",
            "<x:1> a",
            "`/parser:new` calls `x` in another way, its kind or strength is lost",
        ),
        ("A<x:1.2>i", "new", "compel", "A withLora(x, 1.2) i", "Compel reads `Ai` as `A i`"),
        ("&am<x>p;", "old", "a1111", "&am<lora:x>p;", "A1111 reads nothing where `amp ;` stands"),
        ("an a++b", "a1111", "compel", "an a++b", "Compel reads the signs of `a++` as a weight"),
        ("d+, x+y c--", "a1111", "compel", "d+, x+y c--", "Compel reads the signs of `d+` and `c--` as weights"),
        (
            "a [hat::8]",
            "a1111",
            "comfy",
            "a hat",
            "ComfyUI has no steps, the words stay from the first to the last",
        ),
        (
            "<lora:x:1:2> a <lora:x:3:4>",
            "a1111",
            "new",
            "<x:2> a <x:4>",
            "`/parser:new` calls `x` in another way, its kind or strength is lost",
        ),
    ],
)
def test_what_is_read_otherwise_is_said(text: str, source: str, target: str, written: str, message: str) -> None:
    """The result is read back as the other dialect reads it, and what differs is a loss."""
    assert converted(text, source, target) == (written, "", [message])


@pytest.mark.parametrize(
    ("text", "source", "target", "pairs"),
    [
        ("a [cow|hen]", "a1111", "swarm", ()),
        ("a <alternate:cow, hen>", "swarm", "a1111", ()),
        ("a [cow|hen] [hat:coat:5]", "a1111", "swarm", ((5.0, 6.0),)),
    ],
)
def test_words_in_turn_that_begin_at_another_step(text: str, source: str, target: str, pairs: object) -> None:
    """webui draws two steps of the first words, SwarmUI one; no number changes that."""
    (note,) = convert(dialect(source).parse(Passage(text)), target).notes
    assert note.message.endswith("count steps otherwise, so words change a step earlier or later")
    assert note.numbers == pairs


def test_words_of_weight_1_in_a_group_that_changes() -> None:
    """An inner number of SwarmUI's replaces the outer one, so that 1 is written where the words around count less."""
    written, _, _ = converted("[hat [(red) coat::5]", "a1111", "swarm")
    assert written == "(hat <fromto[5]:(red:1) coat, >:0.909091)"


def test_a_negative_prompt_that_calls_nothing() -> None:
    """A1111 cuts no network out of a negative prompt."""
    positive, negative, losses = converted("a [blurry <y>]", "new", "a1111")
    assert (positive, negative) == ("a", "blurry")
    assert losses == ["A1111 cannot call `y` in a negative prompt, it is left out"]


@pytest.mark.parametrize(
    ("text", "source", "target", "expected"),
    [
        ("a \\\\(b) c", "a1111", "comfy", "a \\ (b:1.1) c"),
        ("(brown)(medium) hair", "comfy", "a1111", "(brown medium) hair"),
        ("a (red)(dish) hat", "a1111", "comfy", "a (reddish:1.1) hat"),
    ],
)
def test_words_stay_apart_or_together(text: str, source: str, target: str, expected: str) -> None:
    """A backslash does not reach a bracket, and words are glued only where the owner glues them."""
    assert converted(text, source, target) == (expected, "", [])


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real prompts are not beside this repository")
@pytest.mark.parametrize("source", list(DIALECTS))
def test_no_change_of_real_prompts_is_silent(source: str) -> None:
    """Where no loss is said, words, weights and calls of both sides are the original's; no blank is doubled."""
    for text in list(real_prompts(CORPUS))[:: 1 if is_thorough() else STEP]:
        prompt = dialect(source).parse(Passage(text))
        for target, owner in ((name, dialect(name)) for name in DIALECTS if name != source):
            found = convert(prompt, target)
            for side in (found.positive, found.negative):
                assert "  " not in side or "  " in text or "\n" in text, (text, target)
            if not found.losses:
                back = owner.parse(Passage(found.positive))
                beneath = owner.read(Passage(found.negative), is_negative=True)
                assert said(back, beneath) == said(prompt), (text, target, found.positive)
                assert said_below(back, beneath) == said_below(prompt), (text, target)


def test_formulas_say_how_far_a_word_goes() -> None:
    """Multiplied vectors of one length get as far from another one of it as the table says."""
    random = Random(1)
    empty, word = (_unit([random.gauss(0, 1) for _ in range(64)]) for _ in range(2))
    away = [there - here for there, here in zip(word, empty, strict=True)]
    for weight in (0.5, 1.3, 2.0):
        moved = [weight * there - here for there, here in zip(word, empty, strict=True)]
        reach = sum(map(mul, moved, away)) / sum(map(mul, away, away))
        assert FORMULAS["a1111"].reach(weight) == pytest.approx(reach)


@pytest.mark.parametrize("weighting", FORMULAS)
@pytest.mark.parametrize("weight", [0.1, 0.5, 0.9, 1.0, 1.3, 2.0])
def test_formulas_go_back(weighting: Weighting, weight: float) -> None:
    """A number's reach is that of the number again."""
    formula = FORMULAS[weighting]
    assert formula.number(formula.reach(weight)) == pytest.approx(weight)


def _unit(vector: list[float]) -> list[float]:
    size = math.hypot(*vector)
    return [each / size for each in vector]


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("signs", ["()", "[]", "{}"])
def test_groups_nest_as_deep_as_they_like(name: str, signs: str) -> None:
    text = f"{signs[0] * 2000}cow{signs[1] * 2000}"
    assert "cow" in "".join(converted(text, name, name)[:2])
