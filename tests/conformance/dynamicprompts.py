"""dynamicprompts: the combinatorial texts of a template, in order."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from promptlang.variants.expand import expand
from promptlang.variants.nodes import Template
from promptlang.variants.parsing import parse
from promptlang.variants.wildcards import Wildcards
from tests.conformance import Answer, Difference, Row, is_error


def texts(row: Row) -> object:
    settings = row["args"]
    assert isinstance(settings, Mapping)
    wildcards = _wildcards(row)
    spaces = bool(settings["ignore_whitespace"])
    return list(islice(expand(_template(row), wildcards, squash_spaces=spaces), int(settings["max_prompts"])))


def _wildcards(row: Row) -> Wildcards:
    return Wildcards((Path(str(row["folder"])) / "wildcards",))


def _template(row: Row) -> Template:
    return parse(str(row["input"]), _wildcards(row))


def _owner_rejects(row: Row, answer: object) -> bool:
    return is_error(row) and bool(answer) and bool(_template(row).diagnostics)


def _owner_crashes(row: Row, answer: object) -> bool:
    """Errors of the owner's own making, such as a generator that ran out; a rejected text is another matter."""
    del answer
    expected = row["expected"]
    return isinstance(expected, dict) and expected.get("error") in {
        "RuntimeError",
        "NotImplementedError",
        "RecursionError",
        "AttributeError",
        "StopIteration",
    }


def _missing_wildcard(row: Row, answer: object) -> bool:
    expected = row["expected"]
    rules = {diagnostic.rule.name for diagnostic in _template(row).diagnostics}
    if "variants/missing-wildcard" not in rules or not isinstance(expected, list) or not isinstance(answer, list):
        return False
    different = list(dict.fromkeys(expected))
    return different == list(dict.fromkeys(answer))[: len(different)]


def _empty(row: Row, answer: object) -> bool:
    return row["input"] == "" and row["expected"] == [] and answer == [""]


def _drawn(row: Row, answer: object) -> bool:
    """Values marked `~` or `@`: no two runs of the owner agree on the first, and neither comes to an end."""
    del answer
    return any(mark in str(row["input"]) for mark in ("{~", "{@", "__~", "__@"))


ANSWERS: dict[str, Answer] = {"dynamicprompts.jsonl": texts}

FILES = frozenset(ANSWERS)
DIFFERENCES = (
    Difference(
        "rejected template",
        FILES,
        "dynamicprompts gives up on the whole text (`$5`, `50%`, a lone `{`); here the mark is text, with a warning",
        _owner_rejects,
    ),
    Difference(
        "crash on a template",
        FILES,
        "dynamicprompts fails inside itself, for instance where a pick has too few different options",
        _owner_crashes,
    ),
    Difference(
        "missing wildcard",
        FILES,
        "dynamicprompts repeats the name of a missing wildcard without end; here it stands once, with a warning",
        _missing_wildcard,
    ),
    Difference(
        "empty template", FILES, "dynamicprompts makes no prompt of an empty text; here it is an empty prompt", _empty
    ),
    Difference(
        "drawn values",
        FILES,
        "values marked `~` or `@` never end, and `~` differs from run to run; here one is drawn of each",
        _drawn,
    ),
)
