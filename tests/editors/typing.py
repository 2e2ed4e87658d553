"""What somebody types and accepts, and the text that a person would expect of it: the same in every editor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TAGS = """\
long_hair,0,4350743,"/lh,longhair"
looking_at_viewer,0,3315722,"/lav"
long_sleeves,0,900000,
saber_(fate),4,20000,
fate_(series),3,150000,
:d,0,500000,
:),0,90000,
\\m/,0,40000,
"""
DIALECTS = ("new", "a1111", "comfy", "compel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One line: `before` and `behind` stand there, `keys` are typed between, `accept` is chosen, then `more` is typed."""

    name: str
    expected: str
    before: str
    keys: str
    accept: str = ""  # the label in the menu; none: nobody looks at it
    more: str = ""
    behind: str = ""


def _in(dialect: str, name: str, keys: str, expected: str, **others: str) -> Typed:
    start, behind = f"/render /parser:{dialect} a girl, ", others.get("behind", "")
    written = f"{start}{expected}{behind}"
    return Typed(name=f"{dialect}: {name}", before=start, keys=keys, expected=written, **others)


def _of(dialect: str) -> tuple[Typed, ...]:
    words = {"accept": "looking at viewer"}
    return (
        _in(dialect, "several words", "looking at v", "looking at viewer, smiling", **words, more=", smiling"),
        _in(dialect, "words in prose", "she is looking at v", "she is looking at viewer", **words),
        _in(dialect, "prose behind", "looking at v", "looking at viewer", **words, behind=" in the rain"),
        _in(dialect, "an alias", "lav", "looking at viewer", **words),
        _in(dialect, "underscores", "looking_at_v", "looking_at_viewer", accept="looking_at_viewer"),
        _in(dialect, "behind unicode", "café 日本 😀 long h", "café 日本 😀 long hair", accept="long hair"),
        _in(dialect, "brackets", "fate", r"fate \(series\)", accept="fate (series)"),
        _in(dialect, "an open bracket", r"fate \(s", r"fate \(series\)", accept="fate (series)"),
        _in(dialect, "a group", "(long h", "(long hair), red", accept="long hair", more="), red"),
        _in(dialect, "an option", "/sampl", "/sampler:dd", accept="/sampler", more="dd"),
        _in(dialect, "a value", "/sampler:ddi", "/sampler:ddim a", accept="ddim", more=" a"),
        *(
            _in(dialect, f"typed on: {text[:12]}", text, text)
            for text in (
                "looking at viewer and long hair, saber (fate) in the rain",
                r"fate \(series\), :d and :) and \m/, a/b http://x.y 10:30 <3",
                "long, looking, fate, /steps:30 a red barn, /sampler:ddim and so on",
                "日本の 😀 long naïve looks #1, 100% (soft) light.",
            )
        ),
    )


SCENES = (
    *(scene for dialect in DIALECTS for scene in _of(dialect)),
    _in("a1111", "a weight", "(long h", "(long hair:1.2)", accept="long hair", more=":1.2)"),
    _in("a1111", "a face", ":d", ":d, red", accept=":d", more=", red"),
    _in("new", "a concept", "<neo", "<neon:0.7>", accept="neon", more="0.7"),
    _in("a1111", "a hand", "\\m", "\\\\m/", accept="\\m/"),
)
QUICK = (*SCENES[:2], *SCENES[20:22], *SCENES[6::16], *SCENES[-3:])
"""Some of each, for every run."""


def project(folder: Path) -> None:
    """A project with a word list."""
    (folder / "tags.csv").write_text(TAGS, encoding="utf-8")
    (folder / "promptlang.toml").write_text('[settings]\ntags = ["tags.csv"]\n', encoding="utf-8")
