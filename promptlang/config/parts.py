"""The parts of a concept that has several files: each is looked at by its header, and complained about in its place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from promptlang.config.rules import WRONG_PART
from promptlang.config.values import Reader
from promptlang.models.discover import completed
from promptlang.models.parts import TITLES, Part, misfit
from promptlang.source import Span
from promptlang.tables.families import family
from promptlang.tables.known import KnownConcept


def misfits(known: KnownConcept, encoders: Iterable[Span], vae: Span, reader: Reader) -> None:
    """Complain about files that are no parts of the model; that a file is not there has been said."""
    whole = completed(known)
    parts: list[tuple[Part, Path, Span]] = [
        ("text-encoder", path, span) for path, span in zip(known.text_encoders, encoders, strict=True)
    ]
    if known.vae:
        parts.append(("vae", known.vae, vae))
    for part, path, span in parts:
        if path.exists() and (problem := misfit(part, path, family(whole.family), whole.variant)):
            reader.complain(WRONG_PART, problem, span, help=f"name a {TITLES[part]} of its family")
