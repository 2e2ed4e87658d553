"""The gallery of a folder: what each picture was drawn by, to search in and to filter by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from promptlang.exporters.facts import facts, points
from promptlang.plans.json import to_data
from promptlang.plans.plan import Plan
from promptlang.reports.pages.shell import address, compact, page
from promptlang.values import dataclass, replace

if TYPE_CHECKING:
    from promptlang.plans.json import Json

KIND = "gallery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictured:
    """A picture: the path to it from the page, the time of its last change, and what is known of its making."""

    path: str
    time: float
    program: str = ""
    statement: str = ""
    plan: Plan | None = None


def gallery(title: str, pictures: Iterable[Pictured]) -> tuple[str, int]:
    """The page, and how many pictures it shows. A plan that several have in common, seeds aside, is written once.

    Each picture is written down as it comes, while what was read of its text is still at hand.
    """
    plans: dict[str, int] = {}
    rows: list[Json] = []
    for each in pictures:
        place = plans.setdefault(_written(each.plan), len(plans)) if each.plan else None
        rows.append(
            {
                "file": each.path,
                "address": address(each.path),
                "time": each.time,
                "program": each.program,
                "text": each.statement,
                "point": points(each.plan) if each.plan else "",
                "facts": {**facts(each.plan)} if each.plan else {},
                "plan": place,
            }
        )
    return page(KIND, title, {"title": title, "pictures": rows, "plans": list(plans)}), len(rows)


def _written(plan: Plan) -> str:
    """The plan as JSON, without what only its file knows."""
    return compact(to_data(replace(plan, seed=None, origins=(), source="", expanded="", statement=0, axes=())))
