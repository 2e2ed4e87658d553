"""The page of a comparison: every cell with its picture, to filter by the axes and to lay over any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from promptlang.exporters.facts import facts, lead, named, told_apart
from promptlang.plans.json import to_data
from promptlang.plans.plan import Plan
from promptlang.reports.pages.shell import address, compact, page
from promptlang.values import dataclass, replace

if TYPE_CHECKING:
    from promptlang.plans.json import Json

KIND = "comparison"
_WORDS = ("prompt", "negative prompt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A picture of a comparison: its plan with its seed, its statement, its file, and its pixels as a `data:` address
    with the size that they are shown at.
    """

    plan: Plan
    statement: str
    file: str
    pixels: str
    size: tuple[int, int]


def comparison(title: str, cells: Sequence[Cell]) -> str:
    """The page; what all cells have in common is written once."""
    told = [facts(each.plan) for each in cells]
    shared = {name: value for name, value in told[0].items() if all(each.get(name) == value for each in told)}
    labelled = told_apart([each.plan for each in cells])
    axes = _axes(labelled)
    rows: list[Json] = [
        {
            "at": [values.index(_at(label, name)) for name, values in axes.items()],
            "file": each.file,
            "address": address(each.file),
            "pixels": each.pixels,
            "size": list(each.size),
            "text": each.statement,
            "facts": {name: value for name, value in known.items() if name not in shared},
            "plan": compact(to_data(replace(each.plan, origins=()))),
        }
        for each, label, known in zip(cells, labelled, told, strict=True)
    ]
    data: Json = {
        "title": title,
        "words": [shared.get(name, "") for name in _WORDS],
        "shared": {name: value for name, value in shared.items() if name not in _WORDS},
        "axes": [{"name": named(name), "lead": lead(name), "values": list(values)} for name, values in axes.items()],
        "cells": rows,
    }
    return page(KIND, title, data)


def _axes(plans: Sequence[Plan]) -> dict[str, list[str]]:
    """The axes of the plans, and the seeds of several pictures of one; each with its values in order."""
    names = [name for name, _ in plans[0].axes]
    if len({each.seed for each in plans}) > 1 or not names:
        names.append("seed")
    return {name: list(dict.fromkeys(_at(each, name) for each in plans)) for name in names}


def _at(plan: Plan, name: str) -> str:
    """The value of a plan on an axis."""
    return dict(plan.axes).get(name, str(plan.seed))
