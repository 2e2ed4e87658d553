"""stable-diffusion-webui's dialect: four passes, each with its own idea of brackets, and one tree."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptlang import explain
from promptlang.dialects.a1111.attention import weights_of
from promptlang.dialects.a1111.calls import Strengths, strengths
from promptlang.dialects.a1111.conjunction import conjunction
from promptlang.dialects.a1111.cuts import networks, without_comments
from promptlang.dialects.a1111.dialect import condition, parse, report, runs, write
from promptlang.dialects.a1111.repairs import repaired
from promptlang.dialects.a1111.schedules import schedule
from promptlang.lowering.lower import compile
from promptlang.source import Passage
from promptlang.syntax.nodes import Alternation, Break, Concept, Conjunction, Schedule, Text, Weight, walk
from tests.conformance.runner import real_prompts
from tests.dialects.properties import assert_spans_nest, said, uncovered
from tests.thorough import sampled

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
PIECES = [
    *("(", ")", "[", "]", ":", "|", "a", " b", "\\", "\\(", "\\\\", "\n", "é"),
    *("1.2", ":1.2)", ":.5", ":.5]", ":5]", ":٣)"),
    *(" BREAK ", "BREAK", " AND ", "AND", "<lora:x:0.5>", "<", ">", ":1.2.3)", "[a:b:0.5]", "[a|b]"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("", 1.0)]),
        ("(", [("", 1.0)]),
        ("a (red:1.3) cow", [("a ", 1.0), ("red", 1.3), (" cow", 1.0)]),
        ("((a))", [("a", 1.1 * 1.1)]),
        ("[a]", [("a", 1 / 1.1)]),
        ("([a)] b", [("a b", 1.0)]),
        ("(a [b) c]", [("a ", 1.1), ("b", 1.0), (" c", 1 / 1.1)]),
        ("((a:1.3):1.2)", [("a", 1.3 * 1.2)]),
        ("(a (b", [("a ", 1.1), ("b", 1.1 * 1.1)]),
        ("a) b:1.2)", [("a) b:1.2)", 1.0)]),
        ("(a :\u00a01.2 )", [("a ", 1.2)]),
        ("(a:٣)", [("a", 3.0)]),
        ("(a:1e3) (a:1,2)", [("a:1e3", 1.1), (" ", 1.0), ("a:1,2", 1.1)]),
        ("(a:1.2.3)", [("a:1.2.3", 1.1)]),
        ("(a:1.2:1.3)", [("a:1.2", 1.3)]),
        ("[a:1.2]", [("a:1.2", 1 / 1.1)]),
        ("\\(a\\) \\\\ \\n", [("(a) \\ n", 1.0)]),
        ("(a\\:1.2)", [("a", 1.2)]),
        ("(a)(b:1.1)", [("ab", 1.1)]),
        ("a BREAK b BREAKs", [("a", 1.0), ("BREAK", -1.0), ("b BREAKs", 1.0)]),
        ("(a BREAK b)", [("a", 1.1), ("BREAK", -1.1), ("b", 1.1)]),
        ("(a)BREAK", [("a", 1.1), ("", 1.0), ("BREAK", -1.0), ("", 1.0)]),
    ],
)
def test_weights(text: str, expected: list[tuple[str, float]]) -> None:
    """Each text reads as the program reads it, to the last bit."""
    assert list(weights_of(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", [(10, "a")]),
        ("a [b:c:0.25] d", [(2, "a b d"), (10, "a c d")]),
        ("a [b:3]", [(3, "a "), (10, "a b")]),
        ("[b::3]", [(3, "b"), (10, "")]),
        ("[a:b:1]", [(1, "a"), (10, "b")]),
        ("[a:b:1.0]", [(10, "a")]),
        ("[a:b:1e-1]", [(10, "b")]),
        ("[a:b:1e999]", [(10, "a")]),
        ("[[a:b:2]:[c:d:8]:5]", [(2, "a"), (5, "b"), (8, "c"), (10, "d")]),
        ("([b:c:5]:1.2)", [(5, "(b:1.2)"), (10, "(c:1.2)")]),
        ("[a\\:x:b:5]", [(5, "a\\:x"), (10, "b")]),
        ("[a (b:c:5]", [(10, "[a (b:c:5]")]),
        ("[a:b:5] | c", [(10, "[a:b:5] | c")]),
        ("[a:b:5] \\", [(10, "[a:b:5] \\")]),
        ("[a:b:5] \\|", [(5, "a \\|"), (10, "b \\|")]),
        ("[a|b:c:5]", [(10, "[a|b:c:5]")]),
        ("[a [b:c:5]", [(5, "[a b"), (10, "[a c")]),
    ],
)
def test_schedules(text: str, expected: list[tuple[int, str]]) -> None:
    """Ten steps, the rules of today."""
    assert list(schedule(text, 10)) == expected


def test_alternation_goes_step_by_step() -> None:
    """An empty choice is a choice."""
    assert schedule("[a||b]", 4) == ((1, "a"), (2, ""), (3, "b"), (4, "a"))


def test_the_second_pass_and_the_old_rules() -> None:
    """A fraction goes on counting in the second pass; the old rules take any number below 1 for a fraction."""
    assert schedule("[a:b:1.5]", 20, 10) == ((5, "a"), (10, "b"))
    assert schedule("[a:b:25]", 20, 10) == ((5, "a"), (10, "b"))
    assert schedule("[a:b:0.5]", 20, 10) == ((10, "b"),)
    assert schedule("[a:b:1.5]", 20, 10, old_rules=True) == ((1, "a"), (20, "b"))


def test_conjunction() -> None:
    """`AND` splits anywhere, and a number at the end is a weight even without it."""
    assert conjunction("a :1.2 AND b") == (("a", 1.2), (" b", 1.0))
    assert conjunction("(a AND b:1.2)") == (("(a", 1.0), (" b:1.2)", 1.0))
    assert conjunction("ratio 16:9") == (("ratio 16", 9.0),)
    assert conjunction("BAND, sand AND_ ") == (("BAND, sand AND_", 1.0),)


def test_networks() -> None:
    """Every `<word:…>` leaves the text; a LoRA has two strengths."""
    text, calls = networks("a <lora:x y:0.5:unet=0.8> (<other:z>:1.2)")
    assert text == "a  (:1.2)"
    assert [(call.kind, call.items) for call in calls] == [("lora", ("x y", "0.5", "unet=0.8")), ("other", ("z",))]
    assert strengths(calls[0]) == Strengths("x y", 0.5, 0.8)
    assert strengths(networks("<lora:x:1:1:dyn=4>")[1][0]) == Strengths("x", 1.0, 1.0, 4)
    assert strengths(networks("<lora:x:strong>")[1][0]) is None
    assert strengths(networks("<lora:te=1>")[1][0]) is None


@pytest.mark.parametrize(
    ("call", "weight", "on_text"),
    [
        ("(a <lora:x:0.5> b:1.2)", 0.5, None),
        ("<lora:x:0.5:0.8>", 0.8, 0.5),
        ("<lora:x:te=0.5:unet=0.8>", 0.8, 0.5),
        ("<lora:x:0.5:unet=0.8>", 0.8, 0.5),
    ],
)
def test_strengths_reach_the_plan(call: str, weight: float, on_text: float | None) -> None:
    """Brackets around a call do not change it, and the text encoder may have a strength of its own."""
    (plan,) = compile(f"/render /parser:a1111 a cow {call}").plans
    (network,) = plan.networks
    assert (network.weight, network.text_weight) == (weight, on_text)


def test_the_tokenizer_repairs_text() -> None:
    """Curly quotes, ligatures, wide letters and entities are what ftfy makes of them."""
    assert repaired("“it’s” ﬁne Ａ&amp;amp;\ufeff") == '"it\'s" fine A&'
    assert repaired("<b> &amp; c") == "<b> &amp; c"


def test_entities_are_decoded_by_line_and_by_whole_name() -> None:
    """A line with a `<` ends the decoding for all lines below it; a name that HTML does not know stays."""
    assert repaired("a &amp; b\n<3 &amp;\n&amp;") == "a & b\n<3 &amp;\n&amp;"
    assert repaired("&ampp; &notit; &eacute; &EACUTE; &#65;") == "&ampp; &notit; é É A"


def test_the_tree() -> None:
    """Every kind of node, each where it is written."""
    text = "a <lora:x:0.5> ([b:c:0.5]) [d|e] BREAK f AND g :0.5"
    (node,) = parse(Passage(text)).parts
    assert isinstance(node, Conjunction)
    first, second = node.branches
    kinds = [type(part) for part in first.parts]
    assert kinds == [Text, Concept, Text, Weight, Text, Alternation, Break, Text]
    assert (second.weight, second.parts[0]) == (0.5, Text(node.branches[1].parts[0].span, " g"))
    weight = first.parts[3]
    assert isinstance(weight, Weight)
    assert isinstance(weight.parts[0], Schedule)
    assert text[weight.span.start : weight.span.end] == "([b:c:0.5])"


def test_crossing_groups_are_cut() -> None:
    """What closes first lies inside, so that factors multiply in the program's order."""
    first, second = parse(Passage("(a [b) c]")).parts
    assert isinstance(first, Weight)
    assert isinstance(second, Weight)
    assert (first.factor, second.factor) == (1.1, 1 / 1.1)
    assert isinstance(second.parts[0], Weight)


def test_conditioning_goes_through_all_passes() -> None:
    """Networks are gone, branches weighted, segments timed, chunk ends marked."""
    found = condition(Passage("<lora:x:1>a [b:c:0.5] BREAK (d) AND e :0.5"), 10)
    assert [branch.weight for branch in found.branches] == [1.0, 0.5]
    assert [segment.until for segment in found.branches[0].segments] == [5, 10]
    early = found.branches[0].segments[0].runs
    assert [(run.text, run.weight, run.ends_chunk) for run in early if run.text or run.ends_chunk] == [
        ("a b", 1.0, False),
        ("", 1.0, True),
        ("d", 1.1, False),
    ]


def test_the_report_reads_the_text_as_it_stands() -> None:
    """Each pass answers for the whole text, as the program's own functions would."""
    text = "a <lora:x:1> [b|c] AND d"
    answer = report(parse(Passage(text)), 2)
    assert answer.weights == weights_of(text)
    assert answer.schedule == ((1, "a <lora:x:1> b AND d"), (2, "a <lora:x:1> c AND d"))
    assert answer.rest == "a  [b|c] AND d"
    assert [(call.name, call.weight) for call in answer.networks] == [("x", 1.0)]


@given(text=TEXTS)
def test_any_text_has_a_tree(text: str) -> None:
    """Spans nest, and only brackets, marks and blanks that the program strips lie in no node."""
    prompt = parse(Passage(text))
    assert_spans_nest(prompt, len(text))
    assert not uncovered(prompt, text).strip(" \n()[]AND")


def meaning(text: str) -> object:
    """What the passes make of a text, without empty pieces and the blanks at the end."""
    rest, calls = networks(without_comments(Passage(text)).text)
    branches: list[object] = []
    for side, weight in conjunction(rest):
        segments: list[tuple[int, list[tuple[str, float]]]] = []
        for until, words in schedule(side, 7):
            joined: list[tuple[str, float]] = []
            for run in runs(words):
                if run.ends_chunk:
                    joined.append(("BREAK", 0.0))
                elif run.text and joined and joined[-1][1] == run.weight:
                    joined[-1] = joined[-1][0] + run.text, run.weight
                elif run.text:
                    joined.append((run.text, run.weight))
            while joined and not joined[-1][0].strip():
                joined.pop()
            if joined:
                joined[-1] = joined[-1][0].rstrip(), joined[-1][1]
            segments.append((until, joined))
        branches.append((segments, weight))
    return branches, [(call.kind, call.items) for call in calls]


@pytest.mark.parametrize(
    "text",
    [
        "a (b:1.20) [c] ((d))",
        "(a BREAK b) BREAK  c",
        "\\(a\\) BREA\\K <\\lora:x:1> 16:\\9",
        "[a:b] [c\\:0.5] [d|e",
        "[a\\|b|(c:1.2):]",
        "a  <lora:x:te=0.5:unet=1> b <hypernet:y:1>",
        "a:1AND b :+.5",
        "AND AND",
        "(a [b) c] d:1.2)",
        "[(a:1.2):[b|c]:0.5]x",
        "(a:\\1.2)",
    ],
)
def test_writing_keeps_the_meaning(text: str) -> None:
    """The printed tree reads as the text did, and prints to itself."""
    printed = write(parse(Passage(text)).parts)
    assert meaning(printed) == meaning(text)
    assert write(parse(Passage(printed)).parts) == printed


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real prompts are not beside this repository")
def test_writing_keeps_the_meaning_of_real_prompts() -> None:
    """Of some in every run, of all of them in a thorough one."""
    for text in sampled(real_prompts(CORPUS)):
        printed = write(parse(Passage(text)).parts)
        assert meaning(printed) == meaning(text), text
        assert write(parse(Passage(printed)).parts) == printed, text


@pytest.mark.parametrize(
    "text",
    ["(", "(a", "[a:", "([", "<a:", "BREAK ", "\\", ":", "(a:1.2), [b], ", "a AND "],
)
def test_any_length(text: str) -> None:
    """Ten times the text takes about ten times as long, and no stack runs out."""

    def seconds(times: int) -> float:
        written = text * times
        start = time.process_time()
        weights_of(written)
        schedule(written, 4)
        conjunction(written)
        networks(written)
        parse(Passage(written))
        return time.process_time() - start

    seconds(100)
    assert seconds(10_000) < 40 * seconds(1_000) + 0.5


def test_nesting_without_end() -> None:
    """A hundred thousand brackets, closed or not, with exact weights."""
    deep = 100_000
    assert weights_of("(" * deep + "a") == (("a", float("inf")),)
    assert weights_of("(" * deep + "a" + ")" * deep) == (("a", float("inf")),)
    power = 1.0
    for _ in range(300):
        power *= 1.1
    assert weights_of("(" * 300 + "a" + ")" * 300) == (("a", power),)
    assert schedule("[" * 10_000 + "a" + ":1]" * 10_000, 4)[-1] == (4, "a")


def test_a_statement_is_explained_as_it_is_drawn() -> None:
    """Networks are out, schedules at their first step, branches apart; a bare text stays as its owner is given it."""
    text = "a (cow:1.2) AND b [x:y:0.5] :1.2 <lora:x:0.5>"
    told = explain(f"/render /parser:a1111 {text}")
    assert told.weights == [("a ", 1.0), ("cow", 1.2), (" b x", 1.0)]
    assert [(part.strip(), weight) for part, weight in told.conjunction] == [("a (cow:1.2)", 1.0), ("b [x:y:0.5]", 1.2)]
    assert (len(told.chunks), told.token_count, told.negative) == (2, 4, [])
    assert [call.name for call in told.networks] == ["x"]
    assert explain(text, parser="a1111").weights[-1] == (" :1.2 <lora:x:0.5>", 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "[cat:dog:0.5] house",
        "[:9]",
        "[a:b:0.5 ]",
        "[a|b|c] [[a:b:3]:c:5]",
        "(a:1.2) [b] AND c :0.5",
        "a BREAK (b [c:2]:1.1)",
        "a | [b:c:0.5]",
    ],
)
def test_a_call_anywhere_is_cut_out_first(text: str) -> None:
    """Wherever a network is called, the tree is whole and the other words are those without the call."""
    call, alone = "<lora:x:1>", condition(Passage(text), 20)
    for at in range(len(text) + 1):
        written = text[:at] + call + text[at:]
        parts = parse(Passage(written)).parts
        assert [node.name for node in walk(parts) if isinstance(node, Concept)] == ["x"], written
        assert condition(Passage(written), 20) == alone, written
        assert condition(Passage(write(parts)), 20) == alone, written


@pytest.mark.parametrize("text", ["([<a:x>w", "a AND (["])
def test_a_group_reaches_over_all_that_is_in_it(text: str) -> None:
    """A call that was cut out of it, and a group that was closed where nothing closes it."""
    prompt = parse(Passage(text))
    assert_spans_nest(prompt, len(text))


def test_a_number_that_a_call_hides_is_no_weight_when_it_is_written() -> None:
    prompt = parse(Passage("(:<t:1>2)"))
    assert said(parse(Passage(write(prompt.parts)))) == said(prompt)
