"""The rule table: names, examples that fire, and the requirements it answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from promptlang.checks.rules import RULES
from promptlang.diagnostics import Severity
from promptlang.lints.table import LINTS, lints
from promptlang.lowering.lower import compile
from promptlang.meaning.contexts import contexts, parsed
from promptlang.meaning.project import Project
from promptlang.meaning.view import view
from promptlang.reference.coverage import COVERAGE, REQUIREMENTS
from promptlang.tables.models.known import KnownConcept
from promptlang.tables.options.table import OPTIONS

ROOT = Path(__file__).parents[2]
ELSEWHERE = ("config/", "suppression/", "file/", "plan/")  # fired by other means than a prompt text alone
ALL_ON = Project(
    severities={name: rule.severity for name, rule in RULES.items() if not rule.enabled},
    concepts=(
        KnownConcept(name="some-lora", kind="lora", family="sd1", evidence="the test"),
        KnownConcept(name="some-checkpoint", kind="checkpoint", family="unknown", evidence="the test"),
        KnownConcept(name="broken-file", kind="unreadable", family="unknown", evidence="broken-file cannot be read"),
        KnownConcept(name="six-layers", kind="checkpoint", family="sd1", evidence="the test", layers=6),
    ),
)
FOLDERS = (  # need wildcard or model files, or what is not installed
    *("variants/entry-left-out", "variants/entry-never-drawn", "variants/unreadable-wildcard"),
    *("variants/circle", "variants/endless"),
    *(
        "concept/ambiguous",
        "concept/other-case",
        "concept/unusable",
        "concept/not-rendered",
        "concept/variant-unknown",
        "option/unusable-file",
        "sampler/package-missing",
    ),
)


def test_names_are_a_subject_and_a_problem() -> None:
    """`subject/problem`, lower case, whole words."""
    assert all(re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+", name) for name in RULES)


def test_every_lint_is_listed_once() -> None:
    """A module of the room that the table forgets would never be asked."""
    files = (ROOT / "promptlang" / "lints").rglob("*.py")
    lints = [path for path in files if "\ndef check(" in path.read_text(encoding="utf-8")]
    names = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in lints)
    assert sorted(check.__module__ for check in LINTS) == names


def test_summaries_read_alike() -> None:
    """One clause, as it stands in a list: lower case unless it begins with code, and no full stop."""
    first = [rule.summary.split()[0] for rule in RULES.values()]
    assert [word for word in first if word[0].isupper()] == []
    assert [rule.name for rule in RULES.values() if rule.summary.endswith(".")] == []


@pytest.mark.parametrize("name", [name for name in RULES if not name.startswith(ELSEWHERE)])
def test_every_example_fires_its_rule(name: str) -> None:
    """The example in the documentation shows what it documents."""
    rule = RULES[name]
    if name in FOLDERS:
        pytest.skip("needs a project with files")
    assert name in {found.rule.name for found in compile(rule.example, project=ALL_ON).diagnostics}, rule.example


def test_lints_that_are_not_asked_have_nothing_to_say() -> None:
    """What a rule is about stands in every statement that it speaks of."""
    for rule in RULES.values():
        document = parsed(rule.example, ALL_ON)
        for seen in map(view, document.statements, contexts(document, ALL_ON)):
            others = (lint for lint in LINTS if lint not in lints(seen))
            assert [said for lint in others for said in lint(seen)] == [], rule.example


def test_every_requirement_is_answered() -> None:
    """All 49 statements of the source page have a rule, a hover text, a plan behaviour or a reason for none."""
    assert [row.requirement for row in COVERAGE] == [f"SR-{number:02}" for number in range(1, REQUIREMENTS + 1)]
    for row in COVERAGE:
        assert row.rules or row.hover or row.plan or row.no_action, row.requirement
        assert all(name in RULES for name in row.rules), row
        assert all(name in OPTIONS or name == "concept" for name in row.hover), row


def test_rules_say_which_requirements_they_answer() -> None:
    """The two tables agree."""
    for row in COVERAGE:
        for name in row.rules:
            assert row.requirement in RULES[name].covers, f"{name} does not name {row.requirement}"


def test_severities_are_all_used() -> None:
    """Errors, warnings, information and hints exist."""
    assert {rule.severity for rule in RULES.values()} == set(Severity)
