"""What help says to type, typed: it mends what it is said of, and brings in no error."""

from __future__ import annotations

import re

import pytest

from promptlang.checks.review import review
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.statements.scan import scan
from promptlang.tables.options.table import OPTIONS

VALUES = (
    *("foo", "-1", "1e3", "+1", "1,5", "..3", "3..1", "1|", "cow|cow", "9" * 20, "5,", "0x10", "512*512", "red|red"),
    *("0", ".5", "１２", "1..", "1..9..0", "|1", "nan", "7%", "'x'", '"a b"', "512x", "512×768", "1x1", "99999x99999"),
    *("DPM++", "a/b/../c", "~", "5\u200b", "5.", "½", "−1", "1_000", "1..2..3..4", "0.5@0,1@", "1:2", "true"),
)
NAMES = sorted({row.name for row in OPTIONS.values()})


def typed(text: str, name: str, found: Diagnostic) -> str:
    """The text with what help says in the place of the option or its value; empty where it says neither."""
    said = re.match(r"write `([^`]+)`", found.help or "")
    use = next((use for use in scan(text).options if use.name == name), None)
    if said is None or use is None or not use.span.contains(found.label.span):
        return ""
    if said[1].startswith(f"/{name}"):
        return text[: use.span.start] + said[1] + text[use.span.end :]
    is_value = use.value and use.value_span.contains(found.label.span) and not said[1].startswith("/")
    return text[: found.label.span.start] + said[1] + text[found.label.span.end :] if is_value else ""


@pytest.mark.parametrize("name", NAMES)
def test_advice_about_a_value_can_be_followed(name: str) -> None:
    command = min(OPTIONS[name].commands or ("render",))
    for value in VALUES:
        text = f"/{command} /{name}:{value} {value.partition('|')[0]} a cow"
        before = review(text)
        errors = {each.rule for each in before if each.severity is Severity.ERROR}
        for each in before:
            if new := typed(text, name, each):
                after = review(new)
                assert (each.rule, each.message) not in {(one.rule, one.message) for one in after}, new
                assert {one.rule for one in after if one.severity is Severity.ERROR} <= errors, new
