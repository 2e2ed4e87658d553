"""What is made of the findings of a text, and the plain data that processes and runs hand on to each other for it."""

from __future__ import annotations

from typing import Protocol, TypeVar

from promptlang.diagnostics import Diagnostic
from promptlang.many.packing import Data, packed, part, unpacked
from promptlang.meaning.project import Project
from promptlang.values import dataclass

Found = tuple[Diagnostic, ...]
Answer = TypeVar("Answer", covariant=True)

FINDINGS = "findings"
"""Where the findings stand in the data of every form: what one run wanted is made from what another has left."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text to review, with the project it belongs to and the name by which it is printed."""

    text: str
    path: str
    project: Project | None
    name: str = "<text>"


class Form(Protocol[Answer]):
    """What somebody wants of every text."""

    def packed(self, text: Text, found: Found) -> Data:
        """What the findings give, as plain data with the findings among them."""
        ...

    def unpacked(self, data: object, text: Text) -> Answer:
        """What the findings gave; raises `Unreadable` where that does not stand in the data."""
        ...


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings themselves."""

    def packed(self, text: Text, found: Found) -> Data:
        """The findings as plain data."""
        return {FINDINGS: packed(found)}

    def unpacked(self, data: object, text: Text) -> Found:
        """The findings of a text."""
        return unpacked(part(data, FINDINGS), len(text.text))
