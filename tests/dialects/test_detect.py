"""Detection of prompts for other programs: plain cases, and prose that must stay unmarked."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptlang.dialects.detect import detect
from promptlang.source import Passage
from tests.conformance.runner import FOLDER, real_prompts

CORPUS = Path(__file__).parents[2] / FOLDER.parent / "corpus"


@pytest.mark.parametrize(
    ("text", "dialect", "written"),
    [
        ("a [cat:dog:0.5] in a hat", "a1111", "[cat:dog:0.5]"),
        ("a cat <lora:hat:0.8>", "a1111", "<lora:hat:0.8>"),
        ("a cat BREAK a hat", "a1111", "BREAK"),
        ("a cat AND a hat", "a1111", "AND"),
        ("a red++ hat", "compel", "red++"),
        ("a (red hat)1.3", "compel", "(red hat)1.3"),
        ('("a cat", "a hat").blend(1, 1)', "compel", '").blend('),
        ("a cat.swap(dog)", "compel", "t.swap(dog)"),
        ("by embedding:style, red", "comfy", "embedding:style"),
    ],
)
def test_other_programs(text: str, dialect: str, written: str) -> None:
    """The first place that gives it away is pointed at."""
    found = detect(Passage(text))
    assert found is not None
    assert (found.dialect, found.written) == (dialect, written)


@pytest.mark.parametrize(
    "text",
    [
        "a cat in a hat",
        "wait... what",
        "a C++ programmer, DPM++ 2M Karras",
        "a cat --ar 16:9",
        "self-portrait, well-known (hat) - nice",
        "A BIG SALE: BREAK THE BANK AND RUN",
        "ratio 16:9, score [3:2], at [12:30]",
        "an (old) [blurry] <demo> picture",
        "18+ only, 100+ hats",
    ],
)
def test_prose_is_left_alone(text: str) -> None:
    """Few false alarms."""
    assert detect(Passage(text)) is None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of real prompts beside the repository")
def test_natural_prompts_raise_no_alarm() -> None:
    """Prompts of sources without any weighting syntax: fewer than one alarm in a thousand."""
    sources = (CORPUS / "real_prompts.src.txt").read_text(encoding="utf-8").split("\n")
    natural = ("parti-prompts", "diffusiondb-imagereward", "krea-open-prompts")
    prompts = [text for text, source in zip(real_prompts(CORPUS), sources, strict=False) if source in natural]
    assert len(prompts) > 1000
    assert sum(detect(Passage(text)) is not None for text in prompts) * 1000 < len(prompts)
