"""Whatever is offered passes the check: each item is accepted, and the whole text checked by the compiler itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import cycle, product
from random import Random

import prompts
import pytest
from pages import after_wire, page

from promptlang import check
from promptlang.diagnostics import Severity
from promptlang.meaning.project import Project
from promptlang.tables.commands import ROWS as COMMANDS
from promptlang.tables.dialects import DIALECTS
from promptlang.tables.models.families import FAMILIES
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.options.table import ROWS as OPTIONS
from promptlang_lsp.features.completion import option_items, trials
from promptlang_lsp.features.completion.completion import completion
from tests.thorough import many, sampled

MODELS = tuple(
    KnownConcept(name=f"model-{row.name}", kind="checkpoint", family=row.name, evidence="the test") for row in FAMILIES
)
ADDED = tuple(
    KnownConcept(name=f"{kind}-{row.name}", kind=kind, family=row.name, evidence="the test")
    for row in FAMILIES
    for kind in ("lora", "inversion", "vae")
)
HOME = Project(concepts=(*MODELS, *ADDED))
MAKES = tuple(row.name for row in COMMANDS if not row.hosted)
HEADS = {"recipe": "/recipe #named"}


def wrong(text: str) -> Counter[str]:
    """The rules that warn of a text or reject it."""
    return Counter(each.rule.name for each in check(text, project=HOME) if each.severity <= Severity.WARNING)


def accepted(text: str) -> Iterator[tuple[str, str]]:
    """Each item at the cursor, and the text after it is accepted."""
    here, span = page(text, project=HOME)
    for item in completion(here, span.start)["items"]:  # type: ignore[union-attr]
        yield str(item["label"]), after_wire(here, [item["textEdit"]])  # type: ignore[index, call-overload]


def statement(command: str, dialect: str, family: str) -> str:
    """The beginning of a statement for a model of the family."""
    parser = f" /parser:{dialect}" if dialect != "old" else ""
    call = f"<model-{family}>" if dialect in ("old", "new") else ""
    above = "" if call else f"/set <model-{family}>\n"
    return f"{above}{HEADS.get(command, f'/{command}')}{parser} {call} a red (barn) "


def combinations() -> Iterator[tuple[str, str, str, str]]:
    """Every option under every command in every dialect, and for every family."""
    families, makes, dialects = cycle(row.name for row in FAMILIES), cycle(MAKES), cycle(DIALECTS)
    for row in OPTIONS:
        for command, dialect in product(MAKES, DIALECTS):
            yield row.name, command, dialect, next(families)
        yield from ((row.name, next(makes), next(dialects), family.name) for family in FAMILIES)


@pytest.mark.parametrize("option", [row.name for row in OPTIONS if not row.is_flag])
def test_values(option: str) -> None:
    for name, command, dialect, family in combinations():
        if name == option:
            start = statement(command, dialect, family)
            before = wrong(start)
            if f"/{option}:" in start:
                before += wrong(f"{start}/{option}:x")  # it was wrong to begin it
            for label, text in accepted(f"{start}/{option}:‸ in the rain"):
                assert not wrong(text) - before, (label, text)


@pytest.mark.parametrize("command", MAKES)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_options(command: str, dialect: str) -> None:
    for row in sampled(FAMILIES[MAKES.index(command) :]):
        start = statement(command, dialect, row.name)
        before = wrong(start)
        for label, text in accepted(f"{start}/‸ in the rain"):
            if label[:1] == "/" and f"{label}:" in text:
                valued = text.replace(f"{label}:", f"{label}:‸", 1)
                assert any(not wrong(each) - before for _, each in accepted(valued)) or not list(accepted(valued))
            else:
                assert not wrong(text) - before, (label, text)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_calls_and_weights(dialect: str) -> None:
    for row in sampled(FAMILIES):
        start = statement("render", dialect, row.name)
        before = wrong(start)
        for unfinished in ("<‸", "<lora:‸", "embedding:‸", "(red:‸", "a <lora-sd1:‸"):
            for label, text in accepted(start + unfinished):
                assert not wrong(text) - before - wrong(start + unfinished.replace("‸", "")), (label, text)


def test_what_needs_another_option_brings_it() -> None:
    (text,) = [text for label, text in accepted("/render a cow /cl‸") if label == "/clipskip"]
    assert text == "/render a cow /parser:new /clipskip:"


def test_a_comparison_that_is_unfinished_may_be_finished() -> None:
    assert [label for label, _ in accepted("/compare /parser:new /guidance:5|‸ a cow")], "its seed is still open"


def test_of_a_long_statement_what_counts_is_seen_from_afar() -> None:
    long = "a cow, (red barn:1.2), " * 200
    around = f"/render /parser:new <model-sd2> {long}{{}}‸ {long} /seed:1"
    assert not {"/strength", "/clipskip", "/seed"} & {label for label, _ in accepted(around.format("/"))}
    sizes = [label for label, _ in accepted(around.format("/size:"))]
    assert "768x768" in sizes
    assert "512x512" not in sizes


BEGUN = ("/", "/", "/seed:", "/sampler:", "/size:", "/guidance:", "/clipskip:", "/schedule:", "<", "(a:")


def test_what_is_left_out_of_a_long_statement_changes_no_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    source, lines = Random(11), [line for line in prompts.lines() if not is_open(line)]
    for _ in range(many(80)):
        some = " ".join(source.choice(lines) for _ in range(source.randrange(1, 5)))
        words = f"{source.choice(prompts.HEADS)}{some} {source.choice(prompts.TAILS)}".split(" ")
        at = source.randrange(1, len(words) + 1)
        text = " ".join((*words[:at], f"{source.choice(BEGUN)}‸", *words[at:]))
        near = offers(text)
        with monkeypatch.context() as patch:
            patch.setattr(trials, "NEAR", len(text))
            assert offers(text) == near, text


def is_open(line: str) -> bool:
    """Whether a bracket lacks its partner, which may then stand anywhere."""
    return any(line.count(opener) != line.count(closer) for opener, closer in ("()", "[]", "<>", "{}"))


def offers(text: str) -> list[object]:
    """What is offered at the cursor, as it is written."""
    here, span = page(text, project=HOME)
    return [item["textEdit"] for item in completion(here, span.start)["items"]]  # type: ignore[union-attr, index, call-overload]


def test_no_option_is_barred_that_would_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    beside = cycle(("", "/hires:1.5 /steps:20 ", "/control:map ", "/swap:barn|house ", "/negative bad /portrait "))
    quiet = Project(concepts=HOME.concepts, severities={"option/alone": None, "option/wrong-family": Severity.HINT})
    for command, dialect, row in sampled([*product(MAKES, DIALECTS, FAMILIES)][::5]):
        text = f"{statement(command, dialect, row.name)}{next(beside)}/‸"
        for project in (HOME, quiet):
            here, span = page(text, project=project)
            known = completion(here, span.start)["items"]
            with monkeypatch.context() as patched:
                patched.setattr(option_items, "barred", lambda *_: lambda _: False)
                assert completion(here, span.start)["items"] == known, text


def test_words_are_exchanged_where_there_are_some() -> None:
    assert [label for label, _ in accepted("/compare /parser:new /seed:1 a horse /swa‸")] == ["/swap"]
