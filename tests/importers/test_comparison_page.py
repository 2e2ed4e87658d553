"""The page of a comparison: its axes, what is told of its cells, and how it behaves in a browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import promptlang
from promptlang.reports.pages.comparison import Cell, comparison
from promptlang.reports.pages.shell import script_size
from tests.importers.pages import data_of, needs_chromium, seen

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
SWEEP = (
    "/compare /seed:3 /sampler:ddim /guidance:2|5 /clipskip:1..3 /parser:new <demo> a </script><img src=x> cow [bad]"
)


def cells(text: str) -> list[Cell]:
    plans = promptlang.compile(text).plans
    assert plans
    return [
        Cell(
            plan=replace(plan, seed=(plan.seed or 0) + extra, images=1),
            statement=f"/render {number} {extra}",
            file=f"c-{number}.png",
            pixels=PIXEL,
            size=plan.size,
        )
        for number, plan in enumerate(plans, 1)
        for extra in range(plan.images)
    ]


def test_axes_are_those_of_the_sweep_and_shared_facts_are_told_once() -> None:
    data = data_of(comparison("cow.prompt", cells(SWEEP)))
    assert [(axis["name"], axis["values"]) for axis in data["axes"]] == [
        ("guidance", ["2", "5"]),
        ("clip skip", ["1", "2", "3"]),
    ]
    assert [cell["at"] for cell in data["cells"]] == [[row, column] for row in range(2) for column in range(3)]
    assert data["shared"]["sampler"] == "ddim"
    assert data["cells"][4]["facts"] == {"clip skip": "2", "guidance": "5"}
    assert data["words"][1] == "bad"
    assert json.loads(data["cells"][5]["plan"])["clip_skip"] == 3


def test_several_pictures_of_a_plan_are_an_axis_of_seeds() -> None:
    data = data_of(comparison("cow.prompt", cells("/render /images:2 /seed:7 /clipskip:1|2 /parser:new a cow")))
    assert [axis["name"] for axis in data["axes"]] == ["clip skip", "seed"]
    assert data["axes"][1]["values"] == ["7", "8"]


def test_nothing_is_read_as_html_and_nobody_is_asked() -> None:
    page = comparison("</title><b>", cells(SWEEP))
    assert page.count("</script>") == 2
    assert "<img" not in page
    assert "<title>&lt;/title&gt;" in page
    assert not re.search(r"https?:", page)


def test_the_script_is_small() -> None:
    assert script_size("comparison") <= 12 * 1024


@pytest.mark.editors
@needs_chromium
def test_filters_axes_and_two_pictures_over_each_other(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(comparison("cow.prompt", cells(SWEEP)))

    def titles(asked: str) -> list[str]:
        return re.findall(r'<button title="([^"]+)"', seen(page, asked, tmp_path))

    assert len(titles("")) == 6
    assert titles("is+guidance=1&across=0") == [f"guidance 5, clip skip {n} (c-{n + 3}.png)" for n in (1, 2, 3)]
    dialog = seen(page, "compare=0-5", tmp_path).partition("<dialog")[2]
    rows = re.findall(r"<tr><th>([^<]*)</th><td>([^<]*)</td><td>([^<]*)</td></tr>", dialog)
    assert rows == [("clip skip", "1", "3"), ("guidance", "2", "5")]
    assert "/render 1 0" in dialog
    assert "/render 6 0" in dialog
