"""The rules that follow from the option table: what each kind of value can get wrong, and the remarks on ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from promptlang.diagnostics import Rule, Severity
from promptlang.tables.options.kinds import Choice, Flag, problem_names, sample
from promptlang.tables.options.row import Option
from promptlang.tables.options.table import ROWS

_MILD = {
    "fraction-ignored": Severity.WARNING,
    "unexpected-value": Severity.WARNING,
    "uneven": Severity.INFORMATION,
    "written-as-fraction": Severity.HINT,
}
_COVERS = {
    "clipskip/not-a-number": ("SR-06",),
    "clipskip/fraction-ignored": ("SR-07",),
    "clipskip/out-of-range": ("SR-09",),
    "parser/unknown-value": ("SR-03",),
}
_WRONG_TEXT = {
    "not-a-number": "two",
    "out-of-range": "99999999999999999999999",
    "fraction-ignored": "1.9",
    "written-as-fraction": "2.0",
    "unknown-value": "neww",
    "not-a-size": "big",
    "uneven": "520x520",
    "outside-project": "../cow.png",
    "unexpected-value": "yes",
    "missing-value": "",
}


def _value_rules(row: Option) -> Iterator[Rule]:
    for problem, summary in problem_names(row.kind):
        name = f"{row.name}/{problem}"
        yield Rule(
            name=name,
            severity=_MILD.get(problem, Severity.ERROR),
            summary=f"`/{row.name}`: {summary}",
            why=f"{row.docs}",
            example=_example(row, problem),
            source=row.source,
            covers=_COVERS.get(name, ()),
        )


def _example(row: Option, problem: str) -> str:
    command = "remix" if row.commands == frozenset({"remix"}) else "set" if row.commands else "render"
    image = "/image:cow.png " if command == "remix" and row.name != "image" else ""
    value = "1,1,1,9" if row.name == "freeu" and problem == "out-of-range" else _WRONG_TEXT[problem]
    if row.name == "size" and problem == "out-of-range":
        value = "500x501"
    colon = ":" if problem != "missing-value" or not isinstance(row.kind, Flag) else ""
    parser = "" if row.name == "parser" else "/parser:new "
    return f"/{command} {parser}{image}/{row.name}{colon}{value} a cow"


def _band_rules(row: Option) -> Iterator[Rule]:
    for band in row.bands:
        value = band.low if band.low > 0 or band.high == 0 else band.high
        yield Rule(
            name=f"{row.name}/{band.name}",
            severity=band.severity,
            summary=f"`/{row.name}`: {band.message.format(value='N')}",
            why=band.why,
            example=f"/render /parser:new /{row.name}:{value + (1 if band.name == 'extreme' else 0):g} a cow",
            source=band.source,
            covers=band.covers,
            tags=("unnecessary",) if band.removes else (),
        )


def _remark_rules(row: Option) -> Iterator[Rule]:
    values = [item for item in row.kind.items if item.remark] if isinstance(row.kind, Choice) else []
    if row.remark or values:
        value = "" if row.is_flag else f":{values[0].name if values else sample(row.kind)}"
        yield Rule(
            name=f"{row.name}/no-effect-here",
            severity=row.remark_severity if row.remark else Severity.WARNING,
            summary=row.remark or values[0].remark,
            why=row.docs,
            example=f"/render /{row.name}{value} a cow",
            source=row.source,
        )


@cache
def option_rules() -> Mapping[str, Rule]:
    """Every rule that a row of the option table implies, by name."""
    found = (rule for row in ROWS for make in (_value_rules, _band_rules, _remark_rules) for rule in make(row))
    return MappingProxyType({rule.name: rule for rule in found})
