"""What is wanted of many texts, in their order: recalled where it is known, and worked out by several processes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from promptlang.checks.checking import forget
from promptlang.checks.review import review
from promptlang.many.forms import Form, Found, Text
from promptlang.many.packing import Data
from promptlang.many.processes import by_many, cores
from promptlang.many.remembering import Memory
from promptlang.many.stamps import names_files
from promptlang.meaning.project import Project

TOGETHER = 250  # texts in one piece of work: short enough to stop soon, long enough that sending it costs little
# Letters from which a second process pays: it starts in some hundredths of a second where it is a copy of this one, and
# in some tenths where it has to import the compiler first.
WORTH = 400_000 if sys.platform == "linux" else 4_000_000

Answer = TypeVar("Answer")


def reviews(
    texts: Sequence[Text], form: Form[Answer], *, jobs: int | None = None, remember: bool = True
) -> list[Answer]:
    """What is wanted of each text; `jobs` is how many processes work it out (None: as many as pay)."""
    memories = {id(each.project): Memory(each.project) for each in _one_of_each(texts)} if remember else {}
    found: list[Answer | None] = [
        memories[id(each.project)].recalled(each, form) if remember else None for each in texts
    ]
    missing = [place for place, known in enumerate(found) if known is None]
    for place, data in zip(missing, _worked_out([texts[place] for place in missing], form, jobs), strict=True):
        found[place] = form.unpacked(data, texts[place])
        if remember and not names_files(texts[place].text):
            memories[id(texts[place].project)].keep(texts[place], data)
    for memory in memories.values():
        memory.save()
    return [each for each in found if each is not None]


def _one_of_each(texts: Sequence[Text]) -> Iterator[Text]:
    """A text of each project."""
    return iter({id(each.project): each for each in texts}.values())


def _worked_out(texts: Sequence[Text], form: Form[object], jobs: int | None) -> Iterator[Data]:
    pieces = [texts[start : start + TOGETHER] for start in range(0, len(texts), TOGETHER)]
    wanted = min(_paying(texts) if jobs is None else jobs, len(pieces))
    return _by_many(pieces, form, wanted) if wanted > 1 else _here(pieces, form)


def _paying(texts: Sequence[Text]) -> int:
    """How many processes pay for texts of this size."""
    return min(cores(), 1 + sum(len(each.text) for each in texts) // WORTH)


def _here(pieces: Sequence[Sequence[Text]], form: Form[object]) -> Iterator[Data]:
    for piece in pieces:
        yield from _answers(piece, form)


def _answers(piece: Sequence[Text], form: Form[object]) -> Iterator[Data]:
    return map(form.packed, piece, _reviewed(piece))


def _reviewed(piece: Sequence[Text]) -> list[Found]:
    """The findings of some texts; what was cached for them is let go, or the collector goes through it ever again."""
    found = [review(each.text, project=each.project, path=Path(each.path)) for each in piece]
    forget()
    return found


def _by_many(pieces: Sequence[Sequence[Text]], form: Form[object], jobs: int) -> Iterator[Data]:
    """The data of the pieces, worked out by processes."""
    projects = list({id(each.project): each.project for piece in pieces for each in piece}.values())
    numbers = {id(project): number for number, project in enumerate(projects)}

    def packed(piece: Sequence[Text]) -> list[_Sent]:
        return [(each.text, each.path, numbers[id(each.project)], each.name) for each in piece]

    def here(piece: Sequence[Text]) -> Iterator[Data]:
        return _answers(piece, form)

    given = (tuple(projects), form)
    return by_many(pieces, jobs, start=_start, given=given, packed=packed, work=_work, here=here)


_Sent = tuple[str, str, int, str]
_PROJECTS: list[Project | None] = []
_FORM: list[Form[object]] = []
"""In a process that works for another one: the projects, which texts name by number, and what is wanted."""


def _start(projects: tuple[Project | None, ...], form: Form[object]) -> None:
    _PROJECTS[:], _FORM[:] = projects, (form,)


def _work(piece: Sequence[_Sent]) -> list[Data]:
    texts = [Text(text, path, _PROJECTS[number], name) for text, path, number, name in piece]
    return list(_answers(texts, _FORM[0]))
