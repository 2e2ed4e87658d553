"""Parameters of stable-diffusion-webui are read as webui reads them, and become a statement that says the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import promptlang
from promptlang.checks.checking import check
from promptlang.checks.pasted.rule import RULE
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.exporters.infotext import infotext
from promptlang.fixes import fixed
from promptlang.importers.infotext import imported
from promptlang.importers.programs.promptlang import of_plan
from promptlang.importers.typed.blocks import Block, blocks
from promptlang.plans.json import picture_hash
from promptlang.statements.format import format_text
from promptlang.statements.parsing import parse
from promptlang.tables.samplers import SAMPLERS, Sampler
from promptlang.tables.schedules import SCHEDULES
from tests.conformance.runner import FOLDER, real_prompts
from tests.thorough import is_thorough, many

SHARED = Path(__file__).parents[2].parent / "shared"
VECTORS = Path(__file__).parents[2] / FOLDER / "a1111_infotext.jsonl"

# What webui takes for one long prompt: settings above the last line, on several lines, or two alone, and a label in
# small letters.
LIBERTIES = (
    *("\nextra trailing line", "\n, CFG scale: 7"),
    *("\nnegative prompt: lower", "\nSteps: 20, Sampler: a$", "\nSteps: 20, Seed: 5$"),
)

SIZE = re.compile(r"\d+x\d+")  # which webui takes apart


def pasted(text: str) -> list[Diagnostic]:
    return [each for each in check(text) if each.rule is RULE]


def as_statement(text: str) -> str:
    """The text after the fix, which is applied once and settles."""
    result = fixed(text, pasted, unsafe=True)
    assert result.settled
    assert result.count == 1
    assert pasted(result.text) == []
    return result.text


def plain(value: str) -> str:
    """A value as webui hands it on."""
    return json.loads(value) if value.startswith('"') and value.endswith('"') and len(value) > 1 else value


@pytest.mark.skipif(not VECTORS.is_file(), reason="no recorded vectors beside the repository")
def test_prompts_and_settings_are_those_of_webui() -> None:
    rows = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["function"] == "parse_generation_parameters"]
    for row in rows:
        if any(each in f"{row['input']}$" for each in LIBERTIES):
            continue
        (block,) = blocks(row["input"]) or (Block(positive="", negative="", settings=(), sign=None),)
        expected = row["expected"]
        assert (block.positive, block.negative) == (expected["Prompt"].strip(), expected["Negative prompt"])
        read = {each.name: plain(each.value) for each in block.settings if not SIZE.fullmatch(each.value)}
        assert {name: expected.get(name, read[name]) for name in read} == read
    assert len(rows) > len(LIBERTIES)


WORDS = st.lists(
    st.sampled_from(
        ("a cow", "(red:1.2)", "[cat:dog:0.5]", "BREAK", "<lora:neon:0.7>", "#tag", "/slow", "\\(x\\)", "–", "\n")
    ),
    min_size=1,
    max_size=8,
).map(", ".join)
REST = ("", ', X: "a, b: c"', ", Hires upscale: 2", ', Hashes: {"a": "b, c"}', ", ENSD: 31337", ", Seed resize: -1x-1")


@settings(max_examples=many(20))
@given(
    words=st.tuples(WORDS, st.one_of(st.just(""), WORDS)),
    steps=st.integers(1, 100),
    sampler=st.sampled_from(
        [row for row in dict.fromkeys(SAMPLERS.values()) if row.webui and row.schedules and row.automatic]
    ),
    guidance=st.sampled_from(("1", "7", "7.5", "12.0")),
    seed=st.integers(0, 2**64 - 1),
    size=st.tuples(st.integers(8, 256), st.integers(8, 256)),
    clip_skip=st.integers(1, 12),
    end=st.sampled_from(("\n", "\r\n", "\r")),
    rest=st.sampled_from(REST),
    data=st.data(),
)
def test_a_statement_says_what_the_block_said(
    words: tuple[str, str],
    steps: int,
    sampler: Sampler,
    guidance: str,
    seed: int,
    size: tuple[int, int],
    clip_skip: int,
    end: str,
    rest: str,
    data: st.DataObject,
) -> None:
    schedule = data.draw(st.sampled_from(sampler.schedules))
    width, height = size[0] * 8, size[1] * 8
    spaced = schedule != "ddim_uniform" and data.draw(st.booleans())
    name = SCHEDULES[schedule].webui
    lines = [
        words[0],
        f"Negative prompt: {words[1]}" if words[1] else "",
        f"Steps: {steps}, Sampler: {sampler.webui}{f' {name}' if spaced else f', Schedule type: {name}'}, "
        f"CFG scale: {guidance}, Seed: {seed}, Size: {width}x{height}, Model: demo, Clip skip: {clip_skip}{rest}",
    ]
    statement = as_statement(end.join(line.replace("\n", end) for line in lines if line))
    assert end != "\n" or format_text(statement).strip("\n") == statement.strip("\n")
    (plan,) = promptlang.compile(statement).plans
    assert (plan.steps, plan.sampler, plan.schedule) == (steps, sampler.name, schedule)
    assert (plan.guidance, plan.seed, plan.size) == (float(guidance), seed, (width, height))
    assert (plan.clip_skip or 1, plan.model.name) == (clip_skip, "demo")
    drawn = parse(statement).statements[-1]
    assert (drawn.prompt.dialect, len(plan.networks)) == ("a1111", words[0].count("<lora:"))
    for passage, text in zip((drawn.positive, drawn.negative), words, strict=True):
        assert passage.text.replace(r"\#", "#").split() == text.split()


def test_a_schedule_behind_the_name_of_a_sampler() -> None:
    for written, schedule in (("SGM Uniform", "sgm_uniform"), ("Uniform", "normal"), ("KL Optimal", "kl_optimal")):
        (plan,) = promptlang.compile(as_statement(f"a cow\nSteps: 20, Sampler: DPM++ 2M {written}, Seed: 1")).plans
        assert (plan.sampler, plan.schedule) == ("dpm2m", schedule)


def test_a_schedule_that_webui_does_not_use_stays_a_remark() -> None:
    for sampler in ("DDIM", "PLMS"):
        statement = as_statement(f"a cow\nSteps: 20, Sampler: {sampler}, Schedule type: Karras, Seed: 1")
        assert "# not read here: Schedule type: Karras" in statement
        (plan,) = promptlang.compile(statement).plans
        assert plan.steps == 20


def test_our_own_parameters_come_back() -> None:
    """A plan of a picture, written for webui and pasted, is the same plan."""
    text = '/set <demo>\n/render /parser:a1111 /seed:3 /sampler:"DPM++ 2M" /schedule:karras (a:1.2) cow <lora:neon:0.5>'
    (plan,) = promptlang.compile(f"{text} /negative [x:y:0.5]").plans
    (again,) = promptlang.compile(as_statement(infotext(plan, 3))).plans
    assert picture_hash(again) == picture_hash(plan)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("below", ["", "\n\na dog\nNegative prompt: mud\nSteps: 9, Sampler: Euler, Seed: 2"])
@pytest.mark.parametrize(
    "side", ["a cow\n  negative prompt: blue 🐄", "a\nsteps: 12, sampler: Heun, seed: 3\nred", "a\nuc: x\nNegative: y"]
)
def test_words_that_look_like_labels_come_back_from_our_own_parameters(side: str, below: str, ends: str) -> None:
    (plan,) = promptlang.compile(f"/render /parser:a1111 /seed:3 {side}\n/negative {side}").plans
    text = f"{infotext(plan, 3)}{below}".replace("\n", ends)
    found = blocks(text)
    assert len(found) == (2 if below else 1)
    assert (found[0].positive.split(), found[0].negative.split()) == (side.split(), side.split())
    assert all(each.sign and text.startswith("Negative prompt:", each.sign.start) for each in found)
    (again, *others) = promptlang.compile(as_statement(text)).plans
    assert len(others) == len(found) - 1
    for drawn in (again.positive, again.negative):
        assert drawn.branches[0].segments[0].runs[0].text.split() == side.split()


def test_comments_of_webui_are_in_no_parameters_and_in_no_statement_read_back() -> None:
    (plan,) = promptlang.compile("/render /parser:a1111 /seed:3 a cow # one\nred # two\n/negative blue # three").plans
    text = infotext(plan, 3)
    assert text.startswith("a cow \nred\nNegative prompt: blue\nSteps:")
    read = of_plan(plan, 3)
    assert read is not None
    assert (read.found[0].positive, read.found[0].negative) == ("a cow \nred", "blue")
    (again,) = promptlang.compile(as_statement(text)).plans
    drawn = [each.branches[0].segments[0].runs[0].text.split() for each in (again.positive, again.negative)]
    assert drawn == [["a", "cow", "red"], ["blue"]]


@pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason="the real prompts are not beside this repository")
def test_real_blocks_become_statements() -> None:
    """What gives them away is said once, and what they become is read as it was meant."""
    found = [text for text in real_prompts(SHARED / "corpus") if ("teps" in text or "gativ" in text) and pasted(text)]
    assert len(found) > 30
    for text in found if is_thorough() else found[::3]:
        assert [each.rule for each in check(text)].count(RULE) == 1
        statement = as_statement(text)
        assert not [each for each in check(statement) if each.severity is Severity.ERROR]
        assert format_text(statement).rstrip("\n") == statement
        first = imported(blocks(text)[0])
        plan = promptlang.compile(statement).plans[0]
        assert plan.model.name == (first.model or "demo")


@pytest.mark.parametrize(
    "text",
    [
        "a: b, c: d, e: f",
        "Steps to heaven: a, b: c, d: e, f: g",
        "/render a cow /negative ugly",
        "a sampler: quilt, a seed: wheat",
        "/render the negative prompt: nothing",
        "/recipe #a Negative prompt: x",
        "Steps: 20",
    ],
)
def test_near_misses(text: str) -> None:
    assert pasted(text) == []


@pytest.mark.parametrize("text", ["Steps: 1, Seed: [", "Steps: 1, Seed: " + "[" * 100_000, 'Steps: 1, Seed: "' * 3])
def test_broken_values_are_kept(text: str) -> None:
    found = blocks(f"{text}, Size: 1x1, X: 1")
    assert found[0].settings[0].value == "1"
