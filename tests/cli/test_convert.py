"""`promptlang convert`: texts, files and lines in another dialect, and what is said beside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome

Run = Callable[..., Outcome]


def test_a_text(run: Run) -> None:
    """The words come out, and what is lost on standard error with its place."""
    assert run("convert", "--from", "compel", "--to", "comfy", "a (red cow)++") == Outcome(0, "a (red cow:1.21)\n", "")
    outcome = run("convert", "--from", "a1111", "--to", "comfy", "a [cow:horse:5] BREAK b")
    assert (outcome.code, outcome.out) == (1, "a horse b\n")
    assert outcome.err == (
        "<text>:1:3: warning: ComfyUI has no steps, the later words are kept\n"
        "<text>:1:16: warning: ComfyUI cannot end a chunk by hand, left out\n"
    )


def test_a_model_is_no_network(run: Run, folder: Path) -> None:
    """By its bare name a call may mean either; what the project or the language knows of the name tells them apart."""
    for target, network in (("a1111", " <lora:zorb>"), ("compel", " withLora(zorb)"), ("comfy", "")):
        outcome = run("convert", "--from", "new", "--to", target, "a cow <demo> <zorb>")
        assert (outcome.code, outcome.out) == (1, f"a cow{network}\n")
        assert outcome.err.count("calls no model in the prompt, `demo` is left out") == 1
    assert run("convert", "--from", "new", "--to", "old", "a cow <demo>") == Outcome(0, "a cow <demo>\n", "")
    (folder / "promptlang.toml").write_text('[concepts.names]\nzorb = { kind = "checkpoint", family = "sd1" }\n')
    (folder / "cow.prompt").write_text("/render /parser:new a cow <zorb>\n")
    for words, before in (
        (("--from", "new", "a cow <zorb>"), ""),
        (("cow.prompt",), "/render /parser:a1111 /arithmetic:diffusers "),
    ):
        outcome = run("convert", "--to", "a1111", *words)
        assert (outcome.code, outcome.out) == (1, f"{before}a cow\n")
        assert "A1111 calls no model in the prompt, `zorb` is left out" in outcome.err


@pytest.mark.parametrize(
    ("source", "text", "written", "said"),
    [
        ("swarm", "a cow <segment:face> blue eyes", "a cow", "1:7: warning: `<segment>` begins a step of SwarmUI's"),
        ("swarm", "a <wildcard:hues> cow", "a cow", "1:3: warning: a line of the wildcard `hues` is drawn by lot"),
        ("swarm", "a <random:red|blue> cow", "a red cow", "1:3: warning: SwarmUI draws lots here, `red` is drawn"),
        (
            "novelai",
            "2girls | red hair",
            "2girls | red hair",
            "1:8: warning: NovelAI makes several prompts of the text",
        ),
    ],
)
def test_what_the_owner_alone_does_is_lost(run: Run, source: str, text: str, written: str, said: str) -> None:
    """Nothing here does it, so no other dialect is told of it either, on both sides."""
    outcome = run("convert", "--from", source, "--to", "comfy", text)
    assert (outcome.code, outcome.out) == (1, f"{written}\n")
    assert f"<text>:{said}" in outcome.err
    outcome = run("convert", "--from", source, "--to", "comfy", "--negative", text, "a hat")
    assert (outcome.code, f"<text>:{said}" in outcome.err) == (1, True)
    assert run("convert", "--from", source, "--to", source, text).code == 0


def test_what_the_other_owner_alone_does_is_said(run: Run) -> None:
    outcome = run("convert", "--from", "a1111", "--to", "novelai", "a cow | a hat")
    assert (outcome.code, outcome.out) == (1, "a cow | a hat\n")
    assert "<text>:1:1: warning: NovelAI makes several prompts of the text at `|`" in outcome.err


def test_a_known_embedding_is_no_network(run: Run, folder: Path) -> None:
    """It is called as the other dialect calls embeddings, and its strength is that of a word."""
    (folder / "promptlang.toml").write_text('[concepts.names]\nneon = { kind = "inversion", family = "sd1" }\n')
    bare = "calls an embedding by its bare name"
    for target, positive, said in (
        ("a1111", "a cow (neon:0.5)", bare),
        ("compel", "a cow (neon)0.5", bare),
        ("swarm", "a cow <embed:neon>", "strength is lost"),
        ("comfy", "a cow embedding:neon", "strength is lost"),
    ):
        outcome = run("convert", "--from", "new", "--to", target, "a cow <neon:0.5>")
        assert (outcome.code, outcome.out) == (1, f"{positive}\n")
        assert said in outcome.err
    assert run("convert", "--from", "new", "--to", "comfy", "a <neon>") == Outcome(0, "a embedding:neon\n", "")


def test_negatives(run: Run) -> None:
    """They stand on a line of their own; one that belongs to the text goes with it."""
    assert run("convert", "--from", "new", "--to", "comfy", "a cow [mud]").out == "a cow\nNegative prompt: mud\n"
    outcome = run("convert", "--from=a1111", "--to=compel", "--negative", "(mud:1.2)", "a cow")
    assert outcome.out == "a cow\nNegative prompt: (mud)1.2\n"


@pytest.mark.parametrize("line_end", ["", "\n", "\r\n"])
def test_standard_input_and_files(run: Run, folder: Path, line_end: str) -> None:
    """A line end behind the prompt is none of its words."""
    (folder / "cow.txt").write_bytes(f"a (cow:1.2){line_end}".encode())
    for words in (("-",), ("cow.txt",)):
        outcome = run("convert", "--from", "new", "--to", "compel", *words, given=f"a (cow:1.2){line_end}".encode())
        assert outcome.out == "a (cow)1.2\n"


def test_a_prompt_file(run: Run, folder: Path) -> None:
    """Statements change, options and comments stay, and what cannot be converted is said to stay."""
    text = (
        "# herd\n/set /parser:a1111\n/render /seed:1 a (cow:1.2)\n# field\n/render /parser:new b [mud]\n"
        "/recipe #r grass\n/render #r c\n/render /variants:all {a|b}\n"
    )
    (folder / "cow.prompt").write_text(text, encoding="utf-8")
    outcome = run("convert", "--to", "comfy", "cow.prompt")
    assert outcome.code == 1
    assert outcome.out == text.replace("/seed:1", "/parser:comfy /arithmetic:webui /seed:1").replace(
        "/parser:new b [mud]", "/parser:comfy /arithmetic:diffusers b /negative mud"
    )
    assert "cow.prompt:7:1: warning: left as it is, for it calls `#r`" in outcome.err
    assert "cow.prompt:8:1: warning: left as it is, for its variants are no part" in outcome.err
    assert run("convert", "--from", "new", "--to", "comfy", "cow.prompt").out.count("/parser:comfy") == 1
    assert (folder / "cow.prompt").read_text(encoding="utf-8") == text


def test_a_file_in_the_dialect_that_no_option_calls(run: Run, folder: Path) -> None:
    """The option goes, and where another dialect would hold then the statement stays."""
    text = "/render /parser:new /seed:1 a (cow:1.1)\n/set /parser:a1111\n/render /parser:new b\n/render c\n"
    (folder / "cow.prompt").write_text(text, encoding="utf-8")
    outcome = run("convert", "--to", "old", "cow.prompt")
    assert outcome.code == 1
    assert outcome.out == text.replace("/parser:new /seed:1 a (cow:1.1)", "/seed:1 a (cow)")
    assert outcome.err.count("left as it is, for it would be read as `/parser:a1111`") == 2


@pytest.mark.parametrize("target", ["new", "old"])
def test_words_for_a_prompt_file(run: Run, target: str) -> None:
    """What another program reads as words is no recipe and no option of the prompt file that will hold it."""
    words = ("--to", target, "--negative", "#blur", "#cow by /steps:20\n# 2\n/render red")
    assert run("convert", "--from", "comfy", *words).out == (
        "\\#cow by \\/steps:20\n\\# 2\n\\/render red\nNegative prompt: \\#blur\n"
    )
    assert run("convert", "--from", "new", "--to", target, "a #cow /steps:20").out == "a #cow /steps:20\n"
    assert run("convert", "--from", "comfy", "--to", "compel", "a #cow").out == "a #cow\n"


def test_lines(run: Run) -> None:
    """Every line is a prompt, and with `--json` every line an object."""
    given = b"a (cow:1.2)\n\na BREAK b\n"
    words = ("convert", "--from", "a1111", "--to", "compel", "--lines", "-")
    outcome = run(*words, given=given)
    assert outcome.out == "a (cow)1.2\n\na b\n"
    assert "<stdin>, line 3:1:2: warning: Compel cannot end a chunk by hand" in outcome.err
    found = [json.loads(line) for line in run(*words, "--json", given=given).out.splitlines()]
    assert [each["positive"] for each in found] == ["a (cow)1.2", "", "a b"]
    assert found[2]["losses"][0]["part"] == " BREAK "


def test_plain_data(run: Run) -> None:
    """Texts, losses with their places, and what numbers come to."""
    outcome = run("convert", "--from", "a1111", "--to", "comfy", "--json", "a (cow:1.3) <lora:x:1>")
    found = json.loads(outcome.out)
    assert (outcome.code, found["from"], found["to"], found["positive"]) == (1, "a1111", "comfy", "a (cow:1.3)")
    assert found["losses"][0]["part"] == "<lora:x:1>"
    assert found["losses"][0]["location"] == {"row": 1, "column": 13}
    assert found["notes"][0]["numbers"] == [{"number": 1.3, "nearest": 1.15}]


def test_other_formulas(run: Run) -> None:
    """The number stays and is said to act otherwise, or the nearest one is written."""
    words = ("convert", "--from", "webui", "--to", "comfyui", "a (cow:1.3)")
    outcome = run(*words)
    assert outcome.out == "a (cow:1.3)\n"
    assert outcome.err.endswith("write `--recompute` for the numbers that come nearest: 1.3 is about 1.15\n")
    assert run(*words, "--recompute").out == "a (cow:1.15)\n"
    assert run("convert", "--from", "comfy", "--to", "compel", "a (cow:1.3)").err == ""


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("a",), "name the dialect to write"),
        (("--to", "comfy", "a cow"), "name the dialect that the text is in with `--from`\n  = help: one of o"),
        (
            ("--to", "comfy", "a <lora:x:1>"),
            "name the dialect that the text is in with `--from`\n  = help: write `--f",
        ),
        (("--to", "comfyy", "a"), "`--to` must be one of"),
        (("--to", "comfy", "--from", "new", "no.prompt"), "`no.prompt` does not exist"),
    ],
)
def test_mistakes(run: Run, words: tuple[str, ...], error: str) -> None:
    outcome = run("convert", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {error}")
