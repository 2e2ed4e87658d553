"""Words that a list offers are compiled as exactly these words, at weight 1, whatever letters they are made of."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest

from promptlang import compile
from promptlang.plans.plan import Plan
from promptlang.statements.wording import Opener, as_text, worded
from promptlang.tables.dialects import DIALECTS
from tests.thorough import many, sampled

UNSAYABLE = {  # signs behind a word are its weight; behind `#` stands a comment
    "compel": re.compile(r"[+\-](?=[ _/]|$)|\+|--|[()]"),
    "a1111": re.compile("#"),
    "swarm": re.compile("<p>"),
    "novelai": re.compile(r"[{}\[\]]|::"),
}
COMMA = re.compile(r"\s*,\s*")  # Compel puts blanks around it
TAGS = Path(__file__).parents[3] / "shared" / "corpus" / "tags.csv"
ODD = (
    r"\m/ | <o>_<o> | >_< | <3 | :3 | =_= | ^_^ | @_@ | {x} | [x] | (x) | )( | :) | :( | ;) | |_| | a|b",
    r'#hash | # note | # | /size:3 | /render | \/ | \ | a\ | \\ | \( | " | say "hi" | "( | x:1.2 | x: 2',
    r"embedding:x | <lora:x:1> | <a:b | AND | BREAK | a AND b | x BREAK | a:b:0.5 | [a:b:0.5] | a+ | a++ | a-",
    r'-a- | a.swap(b) | ("a").and() | withLora(x) | _-_ | 100% | 50/50 | w/ hat | d.va | ... | a, b | 日本 | é',
    r"$prompt | ${x} | __x__ | &amp; | <!-- x --> | --- | ~ | * | `x` | ‘x’ | \m/ (a) | <\o/>",
)
PIECES = (
    *(r"\ / ( ) [ ] < > { } : , . | # + - = _ ' & $ % ^ @ ~ * ! ? ;", "ab AND BREAK lora embedding 1 1.2 é 日"),
    '"',
)
TOGETHER = 40  # tags in one prompt, where one could close what another opens
SAMPLE = 3000
INSIDE: dict[Opener, str] = {"": "a cow, {}, b", "(": "(a cow, {})", "[": "[a cow, {}]"}


@cache
def tags() -> tuple[str, ...]:
    """The real list as it is offered, with blanks and with underscores."""
    if not TAGS.is_file():
        return ()
    with TAGS.open(encoding="utf-8", newline="") as file:
        names = [row[0] for row in csv.reader(file)]
    return tuple(each for name in names for each in dict.fromkeys((name, name.replace("_", " "))))


def words(plan: Plan) -> tuple[str, set[float]]:
    """What a plan says, and with which weights; a prompt that says more than words fails."""
    assert not plan.networks
    (branch,) = plan.positive.branches
    (segment,) = branch.segments
    runs = segment.runs
    assert not any(run.ends_chunk for run in runs)
    return "".join(run.text for run in runs).strip(), {run.weight for run in runs if run.text.strip()}


def plan_of(text: str, parser: str) -> Plan:
    """The plan of a text in a dialect; nothing names the old one."""
    (plan,) = compile(f"/render /parser:{parser} {text}" if DIALECTS[parser].is_written else f"/render {text}").plans
    return plan


def assert_said(tags: Iterable[str], parser: str) -> None:
    """Each of the tags that the dialect can say is said, alone and among the others."""
    spelled = [(tag, text) for tag in tags if (text := worded(tag, parser)) is not None]
    for place in range(0, len(spelled), TOGETHER):
        some = spelled[place : place + TOGETHER]
        plan = plan_of("a cow, " + ", ".join(text for _, text in some), parser)
        said, weights = words(plan)
        assert COMMA.sub(",", said) == COMMA.sub(",", "a cow, " + ", ".join(tag for tag, _ in some))
        assert weights == {1.0}


@cache
def odd() -> tuple[str, ...]:
    """Tags of signs, and such as chance makes of pieces that mean something to one dialect or another."""
    source = Random("tags")
    pieces = [piece for row in PIECES for piece in row.split(" ")]
    made = ("".join(source.choices([*pieces, " "], k=source.randint(1, 6))) for _ in range(many(400)))
    return (
        *(tag for row in ODD for tag in row.split(" | ")),
        *(tag for each in made if (tag := " ".join(each.split()))),
    )


@pytest.mark.parametrize("parser", DIALECTS)
def test_odd_tags_are_said(parser: str) -> None:
    assert_said(odd(), parser)
    for tag in odd():
        if (text := worded(tag, parser)) is not None:
            assert words(plan_of(text, parser)) == (tag, {1.0}), text
            assert words(plan_of(f"a cow {text} hay", parser)) == (f"a cow {tag} hay", {1.0}), text


@pytest.mark.parametrize("parser", DIALECTS)
def test_tags_of_a_real_list_are_said(parser: str) -> None:
    if not tags():
        pytest.skip(f"there is no list of tags at {TAGS}")
    assert_said(Random(parser).sample(tags(), SAMPLE), parser)


@pytest.mark.slow
@pytest.mark.parametrize("parser", DIALECTS)
def test_all_tags_of_a_real_list_are_said(parser: str) -> None:
    if not tags():
        pytest.skip(f"there is no list of tags at {TAGS}")
    assert_said(sampled(tags()), parser)
    unsaid = [tag for tag in sampled(tags()) if worded(tag, parser) is None]
    assert [tag for tag in unsaid if parser not in UNSAYABLE or not UNSAYABLE[parser].search(tag)] == []


@pytest.mark.parametrize("parser", DIALECTS)
@pytest.mark.parametrize("inside", ["(", "["])
def test_odd_tags_are_said_between_brackets(parser: str, inside: Opener) -> None:
    if inside == "[" and not (DIALECTS[parser].negatives or DIALECTS[parser].steps):
        pytest.skip("square brackets are words")
    if inside == "(" and not DIALECTS[parser].group.startswith("("):
        pytest.skip("round brackets are words")
    for tag in odd():
        if (text := worded(tag, parser, inside=inside)) is not None:
            plan = plan_of(INSIDE[inside].format(text), parser)
            side = replace(plan, positive=plan.negative) if inside == "[" and DIALECTS[parser].negatives else plan
            said, weights = words(side)
            assert COMMA.sub(",", said) == COMMA.sub(",", f"a cow, {tag}"), text
            assert len(weights) == 1, text


def test_what_cannot_be_said_is_not_written() -> None:
    assert worded("melty+", "compel") is None
    assert worded("embedding:x", "comfy") is None
    assert worded(":3", "comfy", inside="(") is None
    assert worded("&amp;", "a1111") is None
    assert worded("{x}", "new", variants=True) is None
    assert worded("{x}", "new") == "{x}"


def test_words_of_a_file_are_no_options_or_recipes_there() -> None:
    assert as_text("/size:3 and/or #hash 24/7 # x") == "\\/size:3 and/or \\#hash 24/7 \\# x"
    assert as_text("/size #a", glued=True) == "/size \\#a"


def test_a_sign_that_begins_comments_is_hidden_from_them() -> None:
    assert worded("#unicus", "a1111") == worded("#unicus", "new") == r"\#unicus"
    assert worded("c#", "a1111") == r"c\#"
