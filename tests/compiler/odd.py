"""Statements at the edges of the language, for properties that must hold for every text."""

from __future__ import annotations

from hypothesis import strategies as some

from promptlang.tables.options.table import ROWS

NUMBERS = (
    *("0", "-0", "1", "-1", "13", "14", "1.9", ".5", "5.", "1e400", "-1e400", "nan", "inf", "-inf", "9" * 400),
    *("18446744073709551615", "18446744073709551616", "0.0000000000001", "1..4", "4..1", "1..2..0", "0|0|1", "1.2|1.9"),
)
VALUES = (
    *("", '""', "x", "512x512", "0x0", "8x8", "8192x8192", "8200x8", "512×768", "500x501", "512x512|8x8"),
    *("new", "a1111", "comfy", "compel", "ddim", "DPM++ 2M", '"DPM++ 2M"', "lcm_base", "all", "random", "png|jpg"),
    *("1,1,1,1", "0,0,0,0", "2,2,2,2", "1,1,1,nan", "cow.png", "../cow.png", "waymore", "guide", "early"),
)
_PIECES = (
    *("a cow", "", " ", "\n", ",", "AND", " AND ", "BREAK", " BREAK ", "(", ")", "[", "]", "<", ">", ":", "|", "\\"),
    *(
        "(cow:1e400)",
        "(cow:nan)",
        "(cow:-inf)",
        "(a:0)",
        "()",
        "[]",
        "(:1)",
        "[a:b:0.5]",
        "[a|b]",
        "[a::1e9]",
        "[:b:-1]",
    ),
    *("<demo>", "<lora:x:1e400>", "<lora:x:nan>", "<lora:x:inf:nan>", "<x:9e999>", "<hypernet:x:1>", "[<x:-2>]", "<>"),
    *(
        "cow :1e400",
        "cow:nan",
        "a AND b :0",
        "a AND",
        "AND b",
        "embedding:x",
        "(embedding:x:inf)",
        "x++++",
        "x" + "+" * 9999,
    ),
    *('("a", "b").blend(1, -1)', '("a", "b").blend(0, 0)', '("a", "b").and(1e400, 1)', '("", "").and()', "(a)1e400"),
    *("withLora(x, 1e400)", "cat.swap(dog)", '("a", "b").blend(1, 1, no_normalize)', "{a|b}", "__x__", "#name", "\x00"),
)
_TEXT = some.lists(some.sampled_from(_PIECES) | some.text(max_size=4), max_size=6).map("".join)
_OPTION = some.builds(
    "/{}:{}".format,
    some.sampled_from([row.name for row in ROWS]),
    some.sampled_from(NUMBERS + VALUES),
) | some.sampled_from([f"/{row.name}" for row in ROWS])
_COMMANDS = some.sampled_from(
    ["/render", "/compare", "/remix /image:cow.png", "/set", "/recipe #name", "/set /steps:0", ""]
)
_DIALECT = some.sampled_from(["", "/parser:new", "/parser:a1111", "/parser:comfy", "/parser:compel"])
_STATEMENT = some.builds(
    lambda *pieces: " ".join(pieces),
    _COMMANDS,
    _DIALECT,
    some.lists(_OPTION, max_size=3).map(" ".join),
    _TEXT,
    some.sampled_from(["", "/negative", "/negative "]),
    _TEXT,
)

files = some.lists(_STATEMENT, min_size=1, max_size=3).map("\n".join)
"""Files of one to three such statements."""
