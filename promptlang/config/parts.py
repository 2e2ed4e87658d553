"""The parts of a concept that has several files: each is looked at by its header, and complained about in its place."""

from __future__ import annotations

from collections.abc import Iterable

from promptlang.config.rules import WRONG_PART
from promptlang.config.values import Reader
from promptlang.models.discover import completed
from promptlang.models.parts import misfit
from promptlang.source import Span
from promptlang.tables.models.families import family
from promptlang.tables.models.known import PART_TITLES, KnownConcept


def misfits(known: KnownConcept, spans: Iterable[Span], reader: Reader) -> None:
    """Complain about files that are no parts of the model, in their places; absent ones have been told of."""
    whole = completed(known)
    for (part, path), span in zip(known.parts, spans, strict=True):
        if path.exists() and (problem := misfit(part, path, family(whole.family), whole.variant)):
            reader.complain(WRONG_PART, problem, span, help=f"name a {PART_TITLES[part]} of its family")
