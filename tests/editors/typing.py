"""What somebody types and accepts, and the text that a person would expect of it: the same in every editor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TAGS = """\
long_hair,0,4350743,"/lh,longhair"
looking_at_viewer,0,3315722,"/lav"
long_sleeves,0,900000,
saber_(fate),4,20000,
fate_(series),3,150000,
rating_(safe),5,90000,
:d,0,500000,
:),0,90000,
<o>_<o>,0,60000,
\\m/,0,40000,
"""
PROJECT = """\
recipes = ["shared.prompt"]

[settings]
tags = ["tags.csv"]
wildcards = ["wild"]

[concepts.names]
badhands = { kind = "inversion", family = "sd1" }
"soft light" = { kind = "lora", family = "sd1" }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One line: `before` and `behind` stand there, `keys` are typed between, `accept` is chosen, `more` is typed."""

    name: str
    expected: str
    before: str
    keys: str
    accept: str = ""  # the label in the menu; none: nobody looks at it
    more: str = ""
    behind: str = ""
    closed: str = ""  # what an editor that closes brackets and quotes writes behind the keys
    is_snippet: bool = False  # which editors undo by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How a dialect writes what is accepted: keys, what is typed behind it, and what stands there then."""

    brackets: str = r"fate \(series\)"
    opened: str = r"fate \(s"
    rating: str = r"rating \(safe\)"
    group: tuple[str, str, str] = ("(long h", "), red", "(long hair), red")
    network: tuple[str, str, str] = ("<lora:neo", "0.7>, red", "<lora:neon:0.7>, red")
    embedding: tuple[str, str] = ("badh", "badhands")
    prose: str


DIALECTS = {
    "old": Written(
        network=("<neo", "0.7>, red", "<neon:0.7>, red"),
        embedding=("<badh", "<badhands>"),
        prose="looking at viewer and long hair, saber (fate) in the rain",
    ),
    "new": Written(
        network=("<neo", "0.7>, red", "<neon:0.7>, red"),
        embedding=("<badh", "<badhands>"),
        prose=r"fate \(series\), :d and :) and \m/, a/b http://x.y 10:30 <3",
    ),
    "a1111": Written(prose="[long:short:0.5] and (long hair:1.2), <lora:neon:0.8> BREAK long AND red, {a|b}"),
    "comfy": Written(
        network=("", "", ""),
        embedding=("embedding:badh", "embedding:badhands"),
        prose="日本の 😀 long naïve looks #1, 100% (soft) light, embedding:badhands, <neon>",
    ),
    "compel": Written(
        group=("(long h", ")1.2, red", "(long hair)1.2, red"),
        network=("withLora(neo", "0.7), red", "withLora(neon, 0.7), red"),
        prose='a (long hair)++ and red- barn, ("long", "fate").blend(1, 0.5) withLora(neon, 0.7)',
    ),
    "novelai": Written(
        brackets="fate (series)",
        opened="fate (s",
        rating="rating (safe)",
        group=("1.2::long h", "::, red", "1.2::long hair::, red"),
        network=("", "", ""),
        embedding=("", ""),
        prose="{{long hair}}, [soft], 1.3::fate (series)::, -1::rain::, artist:someone",
    ),
    "swarm": Written(
        embedding=("<embed:badh", "<embed:badhands>"),
        prose="<random:long hair,red> <lora:neon:0.7>, (looking:1.2) <fromto[0.5]:long,red>",
    ),
}


def _in(dialect: str, name: str, keys: str, expected: str, *, command: str = "/render", **others: str | bool) -> Typed:
    start = f"{command}{'' if dialect == 'old' else f' /parser:{dialect}'} a girl, "
    return Typed(name=f"{dialect}: {name}", before=start, keys=keys, expected=start + expected, **others)  # type: ignore[arg-type]


def _of(dialect: str, how: Written) -> Iterator[Typed]:
    """What each dialect writes in its own way."""
    words = {"accept": "looking at viewer"}
    yield _in(dialect, "several words", "looking at v", "looking at viewer, smiling", **words, more=", smiling")
    yield _in(dialect, "words in prose", "she is looking at v", "she is looking at viewer", **words)
    yield _in(dialect, "brackets", "fate", how.brackets, accept="fate (series)")
    closed = "" if "\\" in how.opened else ")"
    yield _in(dialect, "an open bracket", how.opened, how.brackets, accept="fate (series)", closed=closed)
    yield _in(dialect, "brackets and more", "rating", f"{how.rating}, red", accept="rating (safe)", more=", red")
    keys, more, expected = how.group
    yield _in(dialect, "a group", keys, expected, accept="long hair", more=more)
    keys, more, expected = how.network
    if keys:
        yield _in(dialect, "a network", keys, expected, accept="neon", more=more, is_snippet=True)
    keys, expected = how.embedding
    if keys:
        yield _in(dialect, "an embedding", keys, expected, accept="badhands")
    yield _in(dialect, "typed on", how.prose, how.prose)


VARIANTS = {"command": "/render /variants:all"}
PICTURE = {"command": "/remix"}
# fmt: off
ALIKE = (
    _in("comfy", "words before prose", "looking at v", "looking at viewer in rain", accept="looking at viewer",
        behind=" in rain"),
    _in("swarm", "an alias", "lav", "looking at viewer", accept="looking at viewer"),
    _in("compel", "underscores", "looking_at_v", "looking_at_viewer", accept="looking_at_viewer"),
    _in("novelai", "behind unicode", "café 日本 😀 long h", "café 日本 😀 long hair", accept="long hair"),
    _in("a1111", "a weight", "(long h", "(long hair:1.2)", accept="long hair", more=":1.2)"),
    _in("a1111", "a weight of the list", "(long hair:1.", "(long hair:1.2)", accept="1.2", closed=")"),
    _in("a1111", "a face", ":d", ":d, red", accept=":d", more=", red"),
    _in("a1111", "a hand", "\\m", "\\\\m/", accept="\\m/"),
    _in("new", "eyes", "<o", r"\<o\>_\<o\>, red", accept="<o>_<o>", more=", red"),
    _in("swarm", "eyes", "<o>_", "<o>_<o>, red", accept="<o>_<o>", more=", red"),
    _in("new", "a bare embedding", "badh", "<badhands>, red", accept="badhands", more=", red"),
    _in("comfy", "a bare embedding", "badh", "embedding:badhands, red", accept="badhands", more=", red"),
    _in("a1111", "a network with a blank", "<lora:soft l", "<lora:soft light:0.7> a", accept="soft light",
        more="0.7> a", is_snippet=True),
    _in("new", "a network as it is", "<neo", "<neon:1>", accept="neon", is_snippet=True),
    _in("new", "a network closed at once", "<neo", "<neon:1>, red", accept="neon", more=">, red", is_snippet=True),
    _in("new", "an option", "/sampl", "/sampler:dd", accept="/sampler", more="dd"),
    _in("swarm", "an option of several", "/ste", "/steps:30 red", accept="/steps", more="30 red"),
    _in("novelai", "the mark of a section", "/nega", "/negative blurry", accept="/negative", more="blurry"),
    _in("comfy", "another tool's word", "/cfg_s", "/guidance:7 red", accept="/guidance", more="7 red"),
    _in("new", "a name in its middle", "/cfg", "/guidance:7 red", accept="/guidance", behind="scale:7 red"),
    _in("swarm", "a tag in its middle", "looking at v", "looking at viewer, red", accept="looking at viewer",
        behind="iewer, red"),
    _in("novelai", "a tag before a word", "long h", "long hairred", accept="long hair", behind="red"),
    _in("new", "a network in its brackets", "<neo", "<neon:0.7>, red", accept="neon", more="0.7", behind=">, red",
        is_snippet=True),
    _in("new", "a flag before a word", "/wi", "/wide red", accept="/wide", behind="red"),
    _in("a1111", "quotes before words", '/sampler:"Eul', '/sampler:"Euler a" red', accept="Euler a", behind=" red",
        closed='"'),
    _in("new", "an option before a word", "/ste", "/steps:red barn", accept="/steps", behind="red barn"),
    _in("old", "a value", "/sampler:ddi", "/sampler:ddim a", accept="ddim", more=" a"),
    _in("compel", "a value in quotes", '/sampler:"dpm', '/sampler:"DPM++ 2M"', accept="DPM++ 2M", closed='"'),
    _in("a1111", "a size", "/size:12", "/size:128x128 red", accept="128x128", more=" red"),
    _in("new", "a path with a blank", "/image:my", '/image:"my cow.png"', accept="my cow.png", **PICTURE),
    _in("new", "a path in quotes", '/image:"my c', '/image:"my cow.png"', accept="my cow.png", closed='"', **PICTURE),
    _in("new", "a folder", "/image:my", '/image:"my pics/hill.png" a', accept="my pics/", more='hill.png" a',
        **PICTURE),
    _in("a1111", "a wildcard", "a __hai", "a __haircolor__ cow", accept="__haircolor__", more=" cow", **VARIANTS),
    _in("new", "a wildcard in a folder", "__ta", "__pets/tabby__", accept="__pets/tabby__", **VARIANTS),
    _in("new", "a recipe", "#war", "#warm red", accept="#warm", more=" red"),
)
# fmt: on
"""What is written alike in every dialect, each in one of them."""

OWN = tuple(tuple(_of(dialect, how)) for dialect, how in DIALECTS.items())
SCENES = (*(scene for scenes in OWN for scene in scenes), *ALIKE)
QUICK = (*(scenes[place] for place, scenes in enumerate(OWN)), *ALIKE[5::6])
"""Some of each, for every run."""


def project(folder: Path) -> None:
    """A project with a word list, names, wildcards, a recipe and pictures."""
    texts = {
        "tags.csv": TAGS,
        "promptlang.toml": PROJECT,
        "shared.prompt": "/recipe #warm warm light\n",
        "wild/haircolor.txt": "red\n",
        "wild/pets/tabby.txt": "tabby\n",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "my pics").mkdir()
    for name in ("my cow.png", "my pics/hill.png"):
        (folder / name).write_bytes(b"\x89PNG\r\n\x1a\n")
