"""Variants: what they expand to, in which order, how many, and what stays text."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptlang.variants.context import Mode
from promptlang.variants.count import Count, Uncountable, count
from promptlang.variants.expand import expand
from promptlang.variants.parsing import parse
from promptlang.variants.wildcards import NO_WILDCARDS, Wildcards

MARKS = "{ | } a 2$$ 1-2$$;$$ 0.5:: __hat__ __ ${x= ${x} ${y:c} %{ $$ {a|b} $ %"
PIECES = MARKS.split()
TEXTS = st.lists(st.sampled_from([*PIECES, "b ", "# note\n", "// note\n", "\n"]), max_size=12).map("".join)


@pytest.fixture
def wildcards(tmp_path: Path) -> Wildcards:
    files = {
        "hat.txt": "cap\n# a comment\n\nberet # tail\ncap\n",
        "deep/coat.txt": "parka\n",
        "pantry.yaml": "food:\n  fruit:\n    - apple\n    - 2::red pear\n  drink: tea\n",
        "list.json": '["one", "two"]',
        "self.txt": "__self__",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Wildcards((tmp_path,))


def texts(text: str, wildcards: Wildcards = NO_WILDCARDS) -> list[str]:
    return list(islice(expand(parse(text, wildcards), wildcards), 200))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {red|blue} hat", ["a red hat", "a blue hat"]),
        ("{a|b}{c|d}", ["ac", "ad", "bc", "bd"]),
        ("{2$$a|b|c}", ["a,b", "a,c", "b,a", "b,c", "c,a", "c,b"]),
        ("{1-2$$ and $$a|b}", ["a", "b", "a and b", "b and a"]),
        ("{-1$$a|b}", ["a", "b"]),
        ("{0.5::a|3::b}", ["a", "b"]),
        ("{a|{b|c}}", ["a", "b", "c"]),
        ("{a|a|{a|b}}", ["a", "b"]),
        ("{2$$a|a}", []),
        ("{ a | b }", ["a ", "b "]),
        ("${x={a|b}}${x} ${x}", ["a a", "a b", "b a", "b b"]),
        ("${x=!{a|b}}${x} ${x}", ["a a"]),
        ("${x:c}", ["c"]),
        ("%{a ... b$${c|d}}", ["a c b", "a d b"]),
        ("{a|b} # {c|d}", ["a", "b"]),
        ("[a|b] (c:1.2)", ["[a|b] (c:1.2)"]),
        ("\\{a|b\\}", ["\\a", "\\b\\"]),
        ("$5, 50% of {a|b}", ["$5, 50% of a", "$5, 50% of b"]),
        ("a { b", ["a { b"]),
        ("__x", ["__x"]),
    ],
)
def test_expansion(text: str, expected: list[str]) -> None:
    """The texts of a template, in dynamicprompts' order."""
    assert texts(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("__hat__", ["beret ", "cap"]),
        ("__coat__", ["parka"]),
        ("__deep/*__", ["parka"]),
        ("__food/fruit__", ["apple", "red pear", "red pear"]),
        ("__food/*__", ["apple", "red pear", "red pear", "tea"]),
        ("__list__", ["one", "two"]),
        ("__missing__", ["__missing__"]),
        ("{2$$__hat__}", ["beret ,cap", "cap,beret "]),
        ("__../secret__", ["__../secret__"]),
    ],
)
def test_wildcards(name: str, expected: list[str], wildcards: Wildcards) -> None:
    """Text, JSON and YAML files, globs, and the names that are missing."""
    assert texts(name, wildcards) == expected


def test_a_wildcard_that_names_itself_ends(wildcards: Wildcards) -> None:
    """At some depth the name is text."""
    assert texts("__self__", wildcards) == ["__self__"]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    """Neither a file nor a folder outside is read, and a loop of links ends."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("x\n", encoding="utf-8")
    (inside / "own.txt").write_text("y\n", encoding="utf-8")
    os.symlink(outside, inside / "out")
    os.symlink(outside / "secret.txt", inside / "link.txt")
    os.symlink(inside, inside / "loop")
    assert list(Wildcards((inside,)).collections) == ["own"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", Count(1)),
        ("{a|b}{c|d|e}", Count(6)),
        ("{2$$a|b|c|d}", Count(12)),
        ("{0-2$$a|b|c}", Count(10)),
        ("{a|b|{a|c}}", Count(3)),
        ("{2$$a|a}", Count(0)),
        (f"{{{'9' * 5_000}$$a|b}}", Count(2)),
        (f"{{0-{'9' * 5_000}$$a|b}}", Count(5)),
        (" ".join(["{a|b|c|d|e|f|g|h|i|j}"] * 40), Count(10**40)),
        ("{12$$" + "|".join("abcdefghijklmnopqrst") + "}", Count(60_339_831_552_000)),
    ],
)
def test_count(text: str, expected: Count) -> None:
    """The number is found without making the texts."""
    assert count(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("$5 {a|b}", "variants/stray-mark"),
        ("__missing__", "variants/missing-wildcard"),
        ("${x}", "variants/undefined-variable"),
        ("${x=a}", "variants/definition-alone"),
        ("{2$$a|a}", "variants/nothing-to-choose"),
    ],
)
def test_rules(text: str, rule: str) -> None:
    """What dynamicprompts fails on is text with a warning."""
    assert [found.rule.name for found in parse(text).diagnostics] == [rule]


@pytest.mark.parametrize("text", ["{a|b}", "${x=a}${x}", "a } b", "a|b", "snake_case", "{2$$a|b}"])
def test_near_misses_are_silent(text: str) -> None:
    """Good templates and plain text need no words."""
    assert parse(text).diagnostics == ()


def test_random_texts_follow_the_seed(wildcards: Wildcards) -> None:
    """The same seed draws the same texts, another draws others, and all of them are possible."""
    template = parse("{red|blue|green} __hat__ {2$$a|b|c}", wildcards)
    possible = set(texts("{red|blue|green} __hat__ {2$$a|b|c}", wildcards))
    drawn = [list(islice(expand(template, wildcards, Mode.RANDOM, seed=seed), 30)) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(drawn[0]) <= possible


def test_heavy_options_are_drawn_more_often() -> None:
    """Weights count when values are drawn."""
    drawn = list(islice(expand(parse("{9::a|b}"), mode=Mode.RANDOM), 400))
    assert drawn.count("a") > 300


@given(TEXTS)
def test_any_text_is_expanded(text: str) -> None:
    """Every text has a tree, a count that holds, and texts that come one by one."""
    template = parse(text)
    found = list(islice(expand(template), 300))
    counted = count(template)
    assert len(found) == 300 or (len(found) == counted.number if counted.exact else len(found) <= counted.number)
    assert next(expand(template, mode=Mode.RANDOM), "") is not None


def _template(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Marks around texts that may hold marks themselves."""
    bounds = st.sampled_from(["", "", "2$$", "1-2$$", "-2$$", "2-$$ and $$", "0-1$$", "0-2$$, $$", "~", "@", "!"])
    option = st.tuples(st.sampled_from(["", "", "0.5::", "0::"]), inner).map("".join)
    return st.one_of(
        st.tuples(bounds, st.lists(option, min_size=1, max_size=3)).map(
            lambda each: f"{{{each[0]}{'|'.join(each[1])}}}"
        ),
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda each: f"%{{{each[0]} ... $${each[1]}}}"),
        inner.map(lambda text: f"${{v:{text}}}"),
    )


LEAVES = st.sampled_from(["a", "b", "red", " ", "", ", ", "x ", "${v}", "__color__", "__self__", "__~hat__", "__*__"])
TEMPLATES = st.tuples(
    st.sampled_from(["", "", "${v={a|b}}", "${v=!{a|b}}", "${v={~a|b}}"]),
    st.recursive(LEAVES, _template, max_leaves=12),
).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(TEMPLATES)
def test_the_count_is_that_of_the_list(wildcards: Wildcards, text: str) -> None:
    """Where it is exact; else it is the most there can be. No text is longer than was said."""
    template = parse(text, wildcards)
    counted = count(template, wildcards)
    found = list(islice(expand(template, wildcards), 1000))
    if len(found) < 1000:
        assert len(found) == counted.number if counted.exact else len(found) <= counted.number
    assert max(map(len, found), default=0) <= counted.longest


def test_wildcards_that_call_themselves_are_counted(tmp_path: Path) -> None:
    """However often they do it: nothing is made before it is counted."""
    names = [f"k{number}" for number in range(12)]
    for name in names:
        (tmp_path / f"{name}.txt").write_text(" ".join(f"__{each}__" for each in names) + "\n", encoding="utf-8")
    with pytest.raises(Uncountable):
        count(parse("__k0__"), Wildcards((tmp_path,)))
    doubled = "".join(f"${{x{number + 1}=${{x{number}}}${{x{number}}}}}" for number in range(40))
    for start in ("aa", "", "{a|b}"):
        with pytest.raises(Uncountable):
            count(parse(f"${{x0={start}}}{doubled}${{x40}}"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x\t", ["x       "]),
        ("a\nbc\t{d|\te}", ["a\nbc      d", "a\nbc      e"]),
        ("{2$$\t$$a|b}", ["a    b", "b    a"]),
    ],
)
def test_tabs(text: str, expected: list[str]) -> None:
    """They are blanks up to the next column of eight before anything is read, as the owner's parser does it."""
    assert texts(text) == expected


def test_a_wrap_around_nothing_ends() -> None:
    """Also where its wrapper is drawn, which has no last text."""
    assert set(texts("{~%{a ... $$}|b}")) <= {"b", ""}


@pytest.mark.parametrize("mark", ["{", "{a|", "__", "__a ", "${x=", "%{"])
def test_deep_marks(mark: str) -> None:
    """A hundred thousand characters of open marks are text."""
    text = mark * (100_000 // len(mark))
    assert next(expand(parse(text))) == text
