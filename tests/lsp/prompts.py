"""Prompts as people have them, cut anywhere: lines of the shared corpus where it is there, and a few of our own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "real_prompts.txt"
OWN = (
    "a (red barn:1.2), ((hay)), [mud, [dirt]], blue sky",
    "masterpiece, best quality, 1girl, (blue hair:1.3), looking at viewer, <lora:neon:0.8>, <neon:0.5>",
    "[a forest:a city:0.4] with {red|blue|2::green} __animals/cat__ lights AND fog :0.5 BREAK night",
    '("a cat", "a dog").blend(0.7, 0.3) x++ "two words"-- (grey)0.8 .and()',
    "embedding:blueprint, (a:1.2) \\(escaped\\) \\<b\\> #quick w/ hat 24/7 http://x.y/z",
    "ein Bär 😀 im Wald, 日本の城、（全角：1.2） e\u0301\u200b",
    "((((unclosed, [half <con /steps: \"quote",
)  # fmt: skip
HEADS = (
    "", "/render ", "/render /parser:new ", "/render /parser:a1111 ", "/render /parser:comfy ",
    "/render /parser:compel ", "/render /parser:neww ", "/compare /parser:new /clipskip:1..4 ",
    "/remix /image:a.png ", "/recipe #quick /parser:new ", "/recipe #quick ", "/render /variants:all ",
    "/render #quick /parser:new ", "/set /steps:30 ", "# note\n/render ",
)  # fmt: skip
TAILS = (
    "", "", " /negative ugly, (blurry:1.2)", " /steps:10..30..10", " <demo> /clipskip:2.5", " <neon:0.5> /clipskp:2",
    " /steps:3 /steps:4", " /size:500x500 /guidance:100", " #nobody /portrait", "\n# promptlang: ignore[clipskip/*]",
)  # fmt: skip
LINE_ENDS = ("\n", "\n\n", "\r\n", "\r")


@cache
def lines() -> tuple[str, ...]:
    """The lines that texts are made of."""
    if not CORPUS.is_file():
        return OWN
    found = CORPUS.read_text("utf-8").split("\n")
    return (*OWN * 20, *(line for line in found if 5 < len(line) < 500))


def text(source: Random, *, cut: bool = True) -> str:
    """One to four statements of any dialect, whole or broken off in the middle of typing."""
    statements: list[str] = []
    for _ in range(source.randint(1, 4)):
        line = source.choice(lines())
        start, end = sorted((source.randint(0, len(line)), source.randint(0, len(line))))
        words = line[start:end] if source.random() < 0.5 else line
        statements.append(source.choice(HEADS) + words + source.choice(TAILS))
    whole = ("\ufeff" if source.random() < 0.05 else "") + source.choice(LINE_ENDS).join(statements)
    return whole[: source.randint(0, len(whole))] if cut and source.random() < 0.3 else whole
