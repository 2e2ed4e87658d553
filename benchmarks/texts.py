"""Prompt files of any length, made of one thing over and over: what `benchmarks.growth` measures."""

from __future__ import annotations

from collections.abc import Callable

Maker = Callable[[int], str]  # of about so many characters


def repeated(piece: str, *, before: str = "", after: str = "") -> Maker:
    """The same piece over and over."""
    return lambda size: before + piece * (size // len(piece)) + after


def numbered(piece: str, *, before: str = "", after: str = "") -> Maker:
    """A piece with a number of its own each time, written `{}`."""
    return lambda size: before + "".join(map(piece.format, range(size // (len(piece) + 2)))) + after


def nested(opening: str, closing: str, *, before: str = "", inside: str = "cow") -> Maker:
    """One in the other, as deep as the text is long."""

    def made(size: int) -> str:
        depth = size // (len(opening) + len(closing))
        return before + opening * depth + inside + closing * depth

    return made


PIECES = {
    "words": "a red cow on a meadow, ",
    "one word": "a",
    "a word without vowels": "bcdfg",
    "digits": "1234567890",
    "ideographs": "牛",
    "letters beyond the first plane": "\U0001f404",
    "combining marks": "a\u0301\u0323",
    "capitals and marks": "A COW! ",
    "full stops": ".",
    "dashes": "-",
    "underscores": "_",
    "commas": ",",
    "backslashes": "\\",
    "colons": ":",
    "bars": "|",
    "one quote": '"',
    "control characters": "\x01",
    "groups": "(a cow:1.2), ",
    "numbers": ":1.2 ",
    "quotes": '"a" ',
    "escapes": r"\( \) \[ \/ \\",
    "open round": "(",
    "open square": "[",
    "open angle": "<",
    "open brace": "{",
    "closed round": ")",
    "closed square": "]",
    "closed angle": ">",
    "crossing": "([a)] ",
    "open group with a number": "(a:1.2 ",
    "schedules": "[cow:horse:0.5] ",
    "open schedules": "[cow:",
    "alternatives": "[cow|horse] ",
    "open alternatives": "[cow|",
    "networks": "<lora:cow:0.7> ",
    "open networks": "<lora:cow:",
    "concepts": "<cow:0.5> ",
    "names": "<cow>, ",
    "embeddings": "embedding:cow ",
    "BREAK": "cow BREAK ",
    "AND": "cow AND ",
    "weighted AND": "cow:1.2 AND ",
    "groups in words": "(cow)(barn)",
    "long numbers": "(a:1.000000001)",
    "a number of its own": "(a:1.2345:1.3) ",
    "flags of other programs": "--ar 16:9 ",
    "flags behind long dashes": "—seed 1 ",
    "options behind letters": "/seed:1",
    "options of other programs": "/cfg-scale:7 ",
    "comments with options": "cow # barn /seed:1\n",
    "signs of NovelAI": "{{cow}} 1.5::barn:: ",
    "web addresses": "https://example.org/cow ",
    "signs of Compel": "cow++ barn-- ",
    "signs in a row": "+",
    "blends": '("a", "b").blend(1, 2) ',
    "swaps": "a.swap(b) ",
    "open calls": '("a").and(',
    "comment lines": "cow\n# said\n",
    "comments of webui": "cow # said\n",
    "lines": "\n",
    "carriage returns": "\r",
    "blanks": " ",
    "invisible signs": "a\u200b",
    "look-alikes": "“cow” ×2 ",
}
BRACKETS = {
    "round": ("(", ")"),
    "square": ("[", "]"),
    "weighted": ("(", ":1.1)"),
    "scheduled": ("[a:", ":0.5]"),
    "alternating": ("[a|", "]"),
    "called": ("<", ">"),
    "round and square": ("([", "])"),
    "braces": ("{", "}"),
}
STATEMENTS: dict[str, Maker] = {
    "statements": numbered("/render /seed:{} a cow\n"),
    "options": numbered("/seed:{} "),
    "flags": repeated("/portrait "),
    "options among tags": repeated("a, b /steps:2 , a, ", before="/render "),
    "options behind commas": repeated("cow,/seed:1 ", before="/render "),
    "names in SwarmUI": repeated("<cow>, ", before="/render /parser:swarm "),
    "unknown options": numbered("/opt{}:1 "),
    "commands in a line": repeated("/render "),
    "slashes": repeated("/"),
    "negatives": repeated("/negative a "),
    "open quotes": repeated('/vae:"a '),
    "a sweep": numbered("{}|", before="/render /steps:", after="1 cow"),
    "a sweep of ranges": repeated("1..4|", before="/render /steps:", after="1 cow"),
    "ranges": repeated("/guidance:1..9..0.5 "),
    "a sweep over words": repeated('"cow"|', before="/render /swap:", after='"hen" cow'),
    "a sweep over models": numbered("c{}|", before="/render /parser:new <", after="z> cow"),
    "sweeps of weights": repeated("<lora:a:1|2> ", before="/render /parser:new "),
    "a sweep of weights": numbered("1.{}|", before="/render /parser:new <lora:a:", after="1> cow"),
    "a long value": repeated("a", before="/render /sampler:", after=" cow"),
    "a long quoted value": repeated("cow ", before='/render /vae:"', after='" cow'),
    "a long name": repeated("a", before="/render /", after=":1 cow"),
    "a long number": repeated("1", before="/render /seed:", after=" cow"),
    "decimal commas": repeated("(a:1,2)", before="/render /parser:new "),
    "words before a bare weight": repeated("cow ", before="/render ", after=":1.2, hen"),
    "bars in an open brace": repeated("|", before="/render {"),
    "digits in a weight": repeated("1", before="/render /parser:new (cow:", after=" hen)"),
    "escaped slashes": repeated(r"\/"),
    "looks like an option": repeated("/a "),
    "pasted parameters": numbered("cow\nNegative prompt: hen\nSteps: 20, Sampler: Euler a, Seed: {}, Size: 64x64\n\n"),
    "pasted settings": numbered("Steps: {}, ", before="cow\nSampler: Euler a, Seed: 1, Size: 64x64, "),
    "pasted negatives": repeated("Negative prompt: a\n", before="cow\n", after="Steps: 20, Seed: 1, Sampler: Euler"),
    "blanks in pasted parameters": repeated(
        " ", before="cow", after="hen\nUndesired Content: a\nSteps: 20, Sampler: Euler a, Seed: 1, Size: 64x64"
    ),
    "prompts from a file": numbered('--prompt "a cow" --steps {}\n'),
    "option and words in turn": numbered("/opt{}:1 cow "),
    "comments between words": repeated("cow\n# said\n", before="/render "),
    "images": repeated("/image:cow.png ", before="/remix "),
    "recipes": numbered("/recipe #r{} warm light\n", after="/render a cow #r1"),
    "recipes in a row": lambda size: (
        "/recipe #r0 light\n" + "".join(f"/recipe #r{n} #r{n - 1} a\n" for n in range(1, size // 16)) + "/render a #r1"
    ),
    "a recipe called often": repeated("#warm ", before="/recipe #warm light\n/render "),
    "unknown recipes": numbered("#r{} ", before="/render "),
    "a row of recipes, called": lambda size: (
        "/recipe #r0 light\n"
        + "".join(f"/recipe #r{n} #r{n - 1} a\n" for n in range(1, size // 32))
        + f"/render a #r{size // 64}\n" * (size // 32)
    ),
    "recipes that double": lambda size: (
        "/recipe #r0 light\n" + "".join(f"/recipe #r{n} #r{n - 1} #r{n - 1}\n" for n in range(1, size // 24))
    ),
    "recipes with a slot in a row": lambda size: (
        "/recipe #r0 $prompt light\n"
        + "".join(f"/recipe #r{n} #r{n - 1} $prompt a\n" for n in range(1, size // 24))
        + f"/render a #r{size // 24 - 1}\n"
    ),
    "recipes with options in a row": lambda size: (
        "/recipe #r0 /steps:20\n" + "".join(f"/recipe #r{n} #r{n - 1} /steps:20\n" for n in range(1, size // 24))
    ),
    "recipes with negatives in a row": lambda size: (
        "/recipe #r0 a\n" + "".join(f"/recipe #r{n} #r{n - 1} /negative a\n" for n in range(1, size // 24))
    ),
    "many calls of many recipes": lambda size: (
        "".join(f"/recipe #r{n} a\n" for n in range(size // 24))
        + "/render "
        + "".join(f"#r{n} " for n in range(size // 24))
    ),
    "a recipe defined again": repeated("/recipe #warm light\n", after="/render #warm"),
    "dialects by recipe": numbered("/recipe #r{} /parser:new light\n/render #r1 a\n"),
    "recipes in a circle": numbered("/recipe #r{} #r0 a\n"),
    "slots": repeated("$prompt ", before="/recipe #r ", after="\n/render cow #r"),
    "settings": numbered("/set /seed:{}\n/render a cow\n"),
    "settings in one": numbered("/seed:{} ", before="/set ", after="\n/render a cow"),
    "dialects in turn": repeated("/set /parser:new\n/render a\n/set /parser:a1111\n/render a\n"),
    "ignore comments": repeated("# promptlang: ignore[clipskip/high]\n/render /parser:new /clipskip:7 cow\n"),
    "names in an ignore comment": repeated("clipskip/high, ", before="# promptlang: ignore[", after="]\n/render cow"),
    "unknown names in an ignore comment": numbered("no/rule{}, ", before="# promptlang: ignore[", after="]\n"),
    "ignore comments for the file": repeated("# promptlang: ignore-file[guidance/zero]\n", after="/render cow"),
    "front matter": repeated("model: cow\n", before="---\n", after="---\n"),
    "dashes": repeated("---\n"),
    "byte order marks": repeated("\ufeff"),
    "variants": repeated("{cow|horse} ", before="/render /variants:random "),
    "nested variants": nested("{a|", "}", before="/render /variants:random "),
    "open variants": repeated("{a|", before="/render /variants:random "),
    "weighted variants": repeated("{0.5::a|2$$b} ", before="/render /variants:random "),
    "wildcards": repeated("__cow__ ", before="/render /variants:random "),
    "underscores": repeated("_", before="/render /variants:random "),
    "variables": numbered("${{v{}=cow}} ", before="/render /variants:random "),
    "one large variant": repeated("cow|", before="/render /variants:random {", after="hen}"),
    "many picked of many": repeated("cow|", before="/render /variants:random {9$$", after="hen}"),
    "all variants": repeated("cow|", before="/render /variants:all {", after="hen}"),
    "variants of one": repeated("{cow} ", before="/render /variants:all "),
    "variables in variables": nested("${a=", "}", before="/render /variants:random "),
    "weights in variants": repeated("0.5::cow|", before="/render /variants:random {", after="hen}"),
    "a wildcard of many parts": repeated("a/", before="/render /variants:random __", after="a__"),
    "stars in a wildcard": repeated("*a", before="/render /variants:random __", after="__"),
}
