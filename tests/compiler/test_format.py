"""The formatter keeps meaning, is done after one run, and writes what a reader expects."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptlang.lowering.lower import compile
from promptlang.plans.json import content_hash
from promptlang.statements.format import format_text
from tests.thorough import many

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpus" / "real_prompts.txt"

CASES = [
    ("/render a cow /STEPS:30", "/render /steps:30 a cow\n"),
    ("/render /clipskip:2 /parser:new a cow\n", "/render /parser:new /clipskip:2 a cow\n"),
    ("/render   /cfg:7    a cow  \n\n\n\n/render b", "/render /guidance:7 a cow\n\n/render b\n"),
    ("/render a cow, /seed:1 grazing", "/render /seed:1 a cow, grazing\n"),
    ("/Render\n/parser:NEW\na cow\nin a field\n", "/render /parser:new\na cow\nin a field\n"),
    ("/render a cow /negative mud /steps:20\n", "/render /steps:20 a cow /negative mud\n"),
    ("/render a cow\n/negative mud\n", "/render a cow\n/negative mud\n"),
    ("/recipe /steps:30 #quick $prompt", "/recipe #quick /steps:30 $prompt\n"),
    ("/render /wide /portrait a cow\n", "/render /wide /portrait a cow\n"),
    ("/render /steps:30 /steps:20 a cow\n", "/render /steps:30 /steps:20 a cow\n"),
    ('/remix /strength:0.5 /image:"my cow.png" a cow\n', '/remix /strength:0.5 /image:"my cow.png" a cow\n'),
    (
        "/render a cow /seed:1\n# the sky\nblue sky /steps:20 /parser:new\n",
        "/render a cow /seed:1\n# the sky\nblue sky /parser:new /steps:20\n",
    ),
    ("# before\n\n/render   a cow", "# before\n\n/render a cow\n"),
    ("---\nmodel: x\n---\n/render  a", "---\nmodel: x\n---\n/render  a"),
    ("\ufeff/render  a cow", "\ufeff/render a cow\n"),
    ("/render a  cow,b\r\n", "/render a  cow,b\r\n"),
    ("/render a cow\r\n/steps:3\r\nb\r\n/negative mud\r\n", "/render /steps:3 a cow\r\nb\r\n/negative mud\r\n"),
    ("a cow /steps:3\r/negative mud", "/steps:3 a cow\r/negative mud\r"),
    ("", ""),
    # where the words behind an option may belong to its value, they stay behind it
    *(
        (f"{text}\n", f"{text}\n")
        for text in (
            "/render a cow /sampler:DPM++ 2M /steps:20",
            "/render /sampler:DPM++ 2M /steps:20 a cow",
            "/render a cow /sampler:Euler a",
            "/render a cow /sampler:'DPM++ 2M' /steps:20",
            '/render a cow /sampler:"DPM++ 2M Karras',
            "/render a cow /schedule: karras /steps: 20",
            "/render a cow /vae:my file.safetensors /steps:20",
            "/remix a cow /image:my cow.png /strength:0.5",
        )
    ),
    ("/render a cow /sampler:Euler /clipskip:14 at dusk", "/render /clipskip:14 /sampler:k_euler a cow at dusk\n"),
    (  # a value that is none stays once words stand behind it, and its neighbours are put in order around it
        '/render /swap:"cow"|"hen" a cow /arithmetic:x /true-cfg:| /parser:new',
        '/render /parser:new /arithmetic:x /swap:"cow"|"hen" /true-cfg:| a cow\n',
    ),
    ("/render a cow /vae:mse.safetensors at dusk", "/render /vae:mse.safetensors a cow at dusk\n"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_cases(text: str, expected: str) -> None:
    assert format_text(text) == expected
    assert format_text(expected) == expected


def hashes(text: str) -> list[str]:
    return [content_hash(plan) for plan in compile(text).plans]


PIECES = st.sampled_from(
    [
        "/render ", "\n/render ", "\n/set ", "\n/recipe #a ", "#a ", "/steps:30 ", "/cfg:7 ", "/PARSER:new ",
        "/parser:a1111 ", "/clipskip:2 ", "/sampler:euler ", "/wide ", "/tall ", "/negative ", "/unknown ",
        "(cow:1.2) ", "[mud]", "a cow", ", ", "  ", "\n", "\r\n", "\\/x ", "# note\n", "\n# note",
        '/image:"a b" ', "<demo>", "\t", "/steps: ", "😀", "and/or ",
    ]
)  # fmt: skip


@settings(max_examples=many(300))
@given(st.lists(PIECES, max_size=14).map("".join))
def test_same_plans_and_idempotent(text: str) -> None:
    once = format_text(text)
    assert hashes(once) == hashes(text)
    assert format_text(once) == once
    assert [word for word in text.split() if word == "note"] == [word for word in once.split() if word == "note"]


@pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not here")
def test_corpus() -> None:
    lines = CORPUS.read_text("utf-8").splitlines()
    for line in lines[::7]:
        text = f"/render {line} /steps:20 /parser:a1111\n"
        once = format_text(text)
        assert format_text(once) == once
    for line in lines[::70]:
        text = f"/render {line} /steps:20 /parser:a1111\n"
        assert hashes(format_text(text)) == hashes(text)


def test_a_blank_line_that_keeps_a_file_ours_stays() -> None:
    text = "\n---\n/render   a cow\n"
    assert format_text(text) == text


def test_sweeps_keep_the_order_of_their_axes() -> None:
    text = "/render a /seed:1|3 /STEPS:20 /clipskip:1..2 /parser:new\n"
    assert format_text(text) == "/render /parser:new /seed:1|3 /steps:20 /clipskip:1..2 a\n"
    assert format_text(format_text(text)) == format_text(text)
