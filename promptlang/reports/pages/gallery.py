"""The gallery of a folder: what each picture was drawn by, to search in and to filter by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from promptlang.exporters.facts import facts, points
from promptlang.plans.json import to_data
from promptlang.plans.plan import Plan
from promptlang.reports.pages.shell import address, compact, page
from promptlang.tables.options.table import SEED
from promptlang.values import dataclass, replace

if TYPE_CHECKING:
    from promptlang.plans.json import Json

KIND = "gallery"

_SEED = re.compile(rf"(?<!\S)/{SEED.name}:[0-9]+(?!\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictured:
    """A picture: the path to it from the page, the time of its last change, and what is known of its making."""

    path: str
    time: float
    program: str = ""
    statement: str = ""
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What the page says of a picture, and its plan as JSON, empty where it has none."""

    said: dict[str, Json]
    plan: str


def row(pictured: Pictured) -> Row:
    """What the page says of a picture: plain data, without what was read of it."""
    plan, told = _told(pictured.plan) if pictured.plan else ("", {})
    said: dict[str, Json] = {
        "file": pictured.path,
        "address": address(pictured.path),
        "time": pictured.time,
        "program": pictured.program,
        "text": pictured.statement,
        "point": points(pictured.plan) if pictured.plan else "",
        "facts": told,
    }
    return Row(said, plan)


def gallery(title: str, found: Iterable[Row]) -> tuple[str, int]:
    """The page, and how many pictures it shows. A plan that several have in common, seeds aside, is written once."""
    plans: dict[str, int] = {}
    rows: list[Json] = [
        {**each.said, "plan": plans.setdefault(each.plan, len(plans)) if each.plan else None} for each in found
    ]
    return page(KIND, title, {"title": title, "pictures": rows, "plans": list(plans)}), len(rows)


def _told(plan: Plan) -> tuple[str, dict[str, Json]]:
    """A plan as JSON without what only its file knows, and its facts."""
    source = _SEED.sub("", plan.source)  # of which facts take the words
    text, told = _without_seed(replace(plan, seed=0, origins=(), source=source, statement=0, axes=()))
    seed = {} if plan.seed is None else {SEED.words: str(plan.seed)}
    return text, {name: seed.get(name, value) for name, value in told.items() if seed or name != SEED.words}


@lru_cache(maxsize=64)
def _without_seed(plan: Plan) -> tuple[str, dict[str, str]]:
    """What pictures have in common that differ in nothing but the seed; the facts still have a place for one."""
    return compact(to_data(replace(plan, seed=None, source="", expanded=""))), facts(plan)
