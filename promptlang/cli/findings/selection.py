"""Which findings count in a run, and how much: `--select`, `--ignore`, `--extend-select` and `--error-on-warning`."""

from __future__ import annotations

from collections.abc import Iterable

from promptlang.cli.arguments import Argument, Given, UsageError
from promptlang.diagnostics import Diagnostic, Severity
from promptlang.meaning.project import Project
from promptlang.values import dataclass, replace

SELECTION = (
    Argument(
        names=("--select",),
        value="RULES",
        many=True,
        known="rules",
        help="Only these rules: names, subjects, or subject/*.",
    ),
    Argument(names=("--ignore",), value="RULES", many=True, known="rules", help="All but these rules."),
    Argument(
        names=("--extend-select",),
        value="RULES",
        many=True,
        known="rules",
        help="These rules as well, even if the project switches them off.",
    ),
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The rules asked for by name; None and nothing mean all. Where it is `raised`, a warning is an error."""

    selected: frozenset[str] | None = None
    ignored: frozenset[str] = frozenset()
    extended: frozenset[str] = frozenset()
    raised: bool = False

    @property
    def key(self) -> str:
        """The same words for the same selection, in every process."""
        if self == ALL:
            return "all"
        chosen = None if self.selected is None else sorted(self.selected)
        return f"{chosen} {sorted(self.ignored)} {sorted(self.extended)} {self.raised}"

    def seen(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Findings as asked for: those of the rules, in order of place."""
        admitted = sorted(
            filter(self.admits, diagnostics), key=lambda each: (each.label.span, each.severity, each.rule.name)
        )
        return tuple(map(_raised, admitted) if self.raised else admitted)

    def admits(self, diagnostic: Diagnostic) -> bool:
        """Whether a diagnostic's rule was asked for."""
        return self.admits_rule(diagnostic.rule.name)

    def admits_rule(self, name: str) -> bool:
        """Whether the rule of that name was asked for."""
        wanted = self.selected is None or name in self.selected
        return name in self.extended or (wanted and name not in self.ignored)

    def project(self, project: Project | None) -> Project | None:
        """The project, with the extended rules switched on at their own severity."""
        if not self.extended:
            return project
        from promptlang.checks.rules import RULES

        project = project or Project()
        asked = {name: project.severities.get(name) or RULES[name].severity for name in sorted(self.extended)}
        return replace(project, severities={**project.severities, **asked})


ALL = Selection()


def selection(arguments: Given) -> Selection:
    """What the command line asks for; raises UsageError for a rule that does not exist."""
    return Selection(
        _rules(arguments, "select") if arguments.flag("select") else None,
        _rules(arguments, "ignore"),
        _rules(arguments, "extend-select"),
        arguments.flag("error-on-warning"),
    )


def _raised(diagnostic: Diagnostic) -> Diagnostic:
    return replace(diagnostic, severity=Severity.ERROR) if diagnostic.severity is Severity.WARNING else diagnostic


def _rules(arguments: Given, key: str) -> frozenset[str]:
    """The rules that an option's patterns mean."""
    return named(arguments.texts(key), f"`--{key}` names no rule: `{{}}`") if arguments.flag(key) else frozenset()


def named(patterns: Iterable[str], complaint: str) -> frozenset[str]:
    """The rules that names and subjects call; raises UsageError with the complaint about one that calls none."""
    from promptlang.checks.patterns import instead, matching, nearest_pattern
    from promptlang.checks.rules import RULES

    found: set[str] = set()
    for pattern in patterns:
        rules = matching(pattern, RULES)
        if not rules:
            raise UsageError(complaint.format(pattern), instead(nearest_pattern(pattern, RULES)))
        found |= rules
    return frozenset(found)
