"""Which rules count in a run: `--select`, `--ignore` and `--extend-select`."""

from __future__ import annotations

from dataclasses import replace

from promptlang.cli.arguments import Argument, Given, UsageError
from promptlang.diagnostics import Diagnostic
from promptlang.meaning.project import Project
from promptlang.values import dataclass

SELECTION = (
    Argument(names=("--select",), value="RULES", many=True, help="Only these rules: names, subjects, or subject/*."),
    Argument(names=("--ignore",), value="RULES", many=True, help="All but these rules."),
    Argument(
        names=("--extend-select",),
        value="RULES",
        many=True,
        help="These rules as well, even if the project switches them off.",
    ),
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The rules asked for by name; None and nothing mean all."""

    selected: frozenset[str] | None = None
    ignored: frozenset[str] = frozenset()
    extended: frozenset[str] = frozenset()

    def admits(self, diagnostic: Diagnostic) -> bool:
        """Whether a diagnostic's rule was asked for."""
        name = diagnostic.rule.name
        wanted = self.selected is None or name in self.selected
        return name in self.extended or (wanted and name not in self.ignored)

    def project(self, project: Project | None) -> Project | None:
        """The project, with the extended rules switched on at their own severity."""
        if not self.extended:
            return project
        from promptlang.checks.rules import RULES

        project = project or Project()
        asked = {name: project.severities.get(name) or RULES[name].severity for name in self.extended}
        return replace(project, severities={**project.severities, **asked})


def selection(arguments: Given) -> Selection:
    """The rules that the command line asks for; raises UsageError for one that does not exist."""
    return Selection(
        _rules(arguments, "select") if arguments.flag("select") else None,
        _rules(arguments, "ignore"),
        _rules(arguments, "extend-select"),
    )


def _rules(arguments: Given, key: str) -> frozenset[str]:
    """The rules that an option's patterns mean."""
    if not arguments.flag(key):
        return frozenset()
    from promptlang.checks.patterns import matching, nearest_pattern
    from promptlang.checks.rules import RULES

    found: set[str] = set()
    for pattern in arguments.texts(key):
        rules = matching(pattern, RULES)
        if not rules:
            close = nearest_pattern(pattern, RULES)
            help = f"write `{close}`" if close else "`promptlang rule --all` lists the rules"
            raise UsageError(f"`--{key}` names no rule: `{pattern}`", help)
        found |= rules
    return frozenset(found)
