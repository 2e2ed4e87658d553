"""The grammar of what is mended: every option under every command, value and dialect, and what fires every rule."""

from __future__ import annotations

from promptlang.checks.rules import RULES
from tests.fuzz.grammar import Grammar
from tests.fuzz.languages import OPTION_WORDS, WORDS

LONGEST = 110
_EXAMPLES = tuple(
    rule.example
    for rule in RULES.values()
    if len(rule.example) <= LONGEST and not rule.name.startswith("config/") and "NEEDS" not in rule.example
)

MENDED = Grammar(
    {
        "file": (
            "‹start›‹statement›",
            "‹start›‹statement›",
            "‹start›‹statement›‹end›",
            "‹start›‹example›‹end›‹statement›",
        ),
        "start": (
            *(
                "",
                "",
                "\n",
                "\n\n",
                " \n",
                "\r\n",
                "\ufeff",
                "\ufeff\n",
                "\n---\n",
                "# note\n",
                "#\n\n",
                "  # note\r\n",
            ),
            *("# promptlang: ignore[clipskip/high]\n", "/set /steps:20\n", "/set ‹option›\n", "/recipe #r ‹option›\n"),
            *("/set ‹parser›\n", "/render a hen\n", "a hen\n", "/recipe #r warm\n"),
        ),
        "statement": (
            *("‹example›", "‹example› ‹option›", "‹option› ‹example›", "/‹command› ‹parser› ‹option› a cow"),
            *("/‹command› a cow ‹option›", "/‹command› ‹parser› a ‹option› cow /negative mud", "a cow‹end›‹option›"),
            *("/‹command› ‹option› ‹option› a cow", "/render ‹parser› ‹words›", "/render ‹parser› ‹words› ‹option›"),
            *(
                "/render ‹parser› ‹words›‹end›‹option›‹end›‹words›",
                "/compare ‹option› <a|b> cow",
                "/render #r a ‹option›",
            ),
        ),
        "example": _EXAMPLES,
        "end": ("", "\n", "\n", "\n\n", "\r\n", "\r", " ", " \n"),
        "command": ("render", "render", "compare", "remix /image:cow.png", "remix", "set", "recipe #r", "recipe"),
        **OPTION_WORDS,
        **WORDS,
    }
)
