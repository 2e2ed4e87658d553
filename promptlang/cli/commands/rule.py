"""`promptlang rule`: what a rule means, in the words of the rule table."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from promptlang.cli.arguments import CLEAN, Argument, Command, Given, UsageError
from promptlang.cli.findings.selection import named
from promptlang.cli.terminal import COLOUR, TEXT_OR_JSON, paint, print_json, width
from promptlang.diagnostics import Rule
from promptlang.reports.snippet import Paint

COMMAND = Command(
    name="rule",
    summary="Explain a rule, or list all rules.",
    arguments=(
        Argument(
            names=("name",),
            value="NAME",
            help="A rule (clipskip/high) or a subject (clipskip).",
            many=True,
            known="rules",
        ),
        Argument(names=("--all",), help="Every rule."),
        TEXT_OR_JSON,
        COLOUR,
    ),
    examples=("promptlang rule clipskip/high", "promptlang rule --all --output-format json"),
)


def run(arguments: Given) -> int:
    """Print one rule in full, or one line for each of several."""
    patterns = ("*",) if arguments.flag("all") else arguments.texts("name")
    if not patterns:
        raise UsageError("name a rule, or write `--all`", "`promptlang rule --all` lists the rules")
    rules = matching_rules(patterns)
    if arguments.text("output-format") == "json":
        print_json([record(rule) for rule in rules])
        return CLEAN
    style = paint(arguments.text("color") or "auto", sys.stdout)
    if len(rules) == 1:
        print(page(rules[0], style, width(sys.stdout)))
    else:
        _list(rules, style)
    return CLEAN


def _list(rules: Sequence[Rule], style: Paint) -> None:
    """A rule a line, for programs that look for one; a terminal breaks the words of none."""
    from promptlang.reports.cells import wrapped

    size = max(len(rule.name) for rule in rules)
    columns = width(sys.stdout) if sys.stdout.isatty() else 10_000
    is_narrow = columns - size - 15 < 24
    beside = 4 if is_narrow else size + 15
    for rule in rules:
        name = style("heading", rule.name if is_narrow else f"{rule.name:<{size}}")
        first, *others = wrapped(rule.summary, columns - beside)
        parted = f"\n{'':{beside}}" if is_narrow else " " * (13 - len(rule.severity.word))
        print(f"{name}  {style(rule.severity.word, rule.severity.word)}{parted}{first}")
        for line in others:
            print(f"{'':{beside}}{line}")


def page(rule: Rule, style: Paint, columns: int) -> str:
    """Everything the table says about a rule."""
    from promptlang.reports.cells import wrapped

    columns = min(columns, 100)
    example = "\n".join(f"  {line}" for line in rule.example.splitlines())
    lines = [
        f"{style('heading', rule.name)}  {style(rule.severity.word, rule.severity.word)}",
        "",
        *wrapped(rule.summary, columns),
    ]
    if rule.why:
        lines += ["", *wrapped(rule.why, columns)]
    if example:
        lines += ["", style("heading", "Example"), example]
    if rule.source:
        lines += ["", f"{style('faint', 'Source')}: {rule.source}"]
    comment, silence = f"# promptlang: ignore[{rule.name}]", "Silence it with a line before:"
    parted = " " if len(f"{silence} {comment}") <= columns else "\n  "
    lines += ["", f"{silence}{parted}{style('help', comment)}"]
    return "\n".join(lines)


def record(rule: Rule) -> dict[str, object]:
    """One rule as plain data."""
    return {
        "name": rule.name,
        "severity": rule.severity.word,
        "summary": rule.summary,
        "why": rule.why,
        "example": rule.example,
        "source": rule.source,
        "covers": list(rule.covers),
        "tags": list(rule.tags),
    }


def matching_rules(patterns: Iterable[str]) -> tuple[Rule, ...]:
    """The rules that names and subjects call, in order of name; raises UsageError for one that calls none."""
    from promptlang.checks.rules import RULES

    return tuple(RULES[name] for name in sorted(named(patterns, "no rule is called `{}`")))
