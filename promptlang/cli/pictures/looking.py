"""What the commands that read pictures share: the files of folders, and what a picture says of its making."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from promptlang.cli.inputs import naming
from promptlang.files import visible
from promptlang.importers.imported import Imported, Reading
from promptlang.meaning.project import Project
from promptlang.tables.options.table import DECIDING, SEED
from promptlang.values import dataclass, replace

if TYPE_CHECKING:
    from promptlang.plans.plan import Plan

_ANY_SEED = "18446744073709551557"  # a prime, as it happens: no prompt has it
_DIGITS = re.compile(r"[0-9]{1,19}")
_VARIANTS = DECIDING["variants"].name
_SHOWN_FROM = 100  # files: of fewer no progress is shown
_EVERY = 50
_Each = TypeVar("_Each")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A picture: the program that made it, the statement that draws it, and remarks.

    `plan` is the one it was drawn by where that is told (`is_told`), else that of its statement, which may have none.
    """

    name: str
    program: str
    text: str
    remarks: tuple[str, ...]
    plan: Plan | None
    is_told: bool
    is_page: bool


def seen(path: Path, project: Project | None, *, in_series: bool = False) -> Seen:
    """What a picture says; raises OSError where the system refuses.

    In a series, pictures that differ in nothing but the seed are thought about once: the source of their plans, and the
    places in it, are then those of another seed.
    """
    from promptlang.importers.reading import read_file

    reading = read_file(path)
    text, remarks, plan = _said(reading, project, _seed(reading.found, project) if in_series else "")
    return Seen(
        name=visible(str(path)),
        program=reading.program,
        text=text,
        remarks=remarks,
        plan=reading.plan or plan,
        is_told=reading.plan is not None,
        is_page=reading.is_page,
    )


_Said = tuple[str, tuple[str, ...], "Plan | None"]
"""The statement, the remarks, and the plan of the statement."""


def _said(reading: Reading, project: Project | None, seed: str) -> _Said:
    """What a reading says; with a `seed`, what is found out is that of any, and kept for others."""
    draws = reading.plan is None
    if seed:
        text, remarks, plan = _worked_out(_with_seed(reading.found, _ANY_SEED), reading.remarks, project, draws)
        if text.count(_ANY_SEED) == 1:
            has_seed = plan is not None and plan.seed == int(_ANY_SEED)
            return text.replace(_ANY_SEED, seed), remarks, replace(plan, seed=int(seed)) if plan and has_seed else plan
    return _worked_out(reading.found, reading.remarks, project, draws)


@lru_cache(maxsize=64)
def _worked_out(found: tuple[Imported, ...], remarks: tuple[str, ...], project: Project | None, draws: bool) -> _Said:
    from promptlang.importers.retold import told
    from promptlang.lowering.lower import compile

    said = told(Reading(found=found, remarks=remarks), named=naming(project))
    text = "\n\n".join(said.statements)
    plans = compile(text, project=project).plans if text and draws else ()
    return text, said.remarks, next(iter(plans), None)


def _seed(found: tuple[Imported, ...], project: Project | None) -> str:
    """The seed of a picture where nothing else hangs on it; empty where there is none, or variants are drawn by it."""
    if len(found) != 1:
        return ""
    options = dict(found[0].options)
    above = (each.name for each in project.options) if project else ()
    seed = options[SEED.name].value if SEED.name in options else ""
    return seed if _DIGITS.fullmatch(seed) and _VARIANTS not in (*options, *above) else ""


def _with_seed(found: tuple[Imported, ...], seed: str) -> tuple[Imported, ...]:
    """The only one of them with another seed."""
    options = ((name, replace(entry, value=seed) if name == SEED.name else entry) for name, entry in found[0].options)
    return (replace(found[0], options=tuple(options)),)


def inside(folder: str, endings: tuple[str, ...]) -> Iterator[str]:
    """The files in a folder and those below it that end so, in order of name; what is hidden is left out."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        yield from (os.path.join(here, each) for each in sorted(files) if each.lower().endswith(endings))


def with_progress(sources: Sequence[_Each]) -> Iterator[_Each]:
    """The same, with their number on a terminal while they are read."""
    shows = len(sources) >= _SHOWN_FROM and sys.stderr.isatty()
    for number, source in enumerate(sources, 1):
        if shows and number % _EVERY == 0:
            print(f"\r{number:,} of {len(sources):,}", end="", file=sys.stderr, flush=True)
        yield source
    if shows:
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr, flush=True)
