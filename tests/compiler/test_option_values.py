"""Every row of the option table under values that nobody sane writes: there is an answer, and it is a finding."""

from __future__ import annotations

import pytest

from promptlang import check, compile
from promptlang.tables.commands import COMMANDS
from promptlang.tables.options.elsewhere import WORDS
from promptlang.tables.options.kinds import sample
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import OPTIONS, ROWS

ODD = (
    "", "x", "1..4", "4..1", "1..2..0", "1..x", "..", "|", "a|b", "512x512..768", "512x512|768x768", "1e999", "-1",
    "1.9..3", "9" * 50, "0x10", "NaN", "inf", "\u0661", "1|1|1", "a..b|c..d", "1..99999999999", "0.1..5..0.0001",
    '"a b"', "%s{}", "../x",
)  # fmt: skip
COMMAND_NAMES = tuple(name for name, row in COMMANDS.items() if not row.hosted)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_value_breaks_a_check(row: Option) -> None:
    for value in ODD:
        for command in COMMAND_NAMES:
            text = f"/{command} {'#r ' if command == 'recipe' else ''}/parser:new /{row.name}:{value} a cow"
            found = check(text)
            if command == "render" and not any(each.severity.word == "error" for each in found) and "999" not in value:
                assert compile(text).plans, text


@pytest.mark.parametrize("text", ["/render /strength:0.1..0.9..0.4 a cow", "/set /strength:0.1|0.2\n/render a cow"])
def test_an_option_of_another_command_multiplies_nothing(text: str) -> None:
    """It has no effect, as is said where it stands, so the statement has its one plan."""
    compilation = compile(text)
    assert [plan.strength for plan in compilation.plans] == [None]


def test_a_word_of_another_language_is_told() -> None:
    """The help writes the option that is meant by it; a word with a blank in it would be read as none."""
    silent = [
        word
        for word, name in WORDS.items()
        if not any(f"`/{name}" in each.help for each in check(f"/render a cow /{word}:{sample(OPTIONS[name].kind)}"))
    ]
    assert silent == []
