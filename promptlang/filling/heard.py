"""What reaches a text encoder that weighs no word or reads no chunks: the words alone, or the signs as written."""

from __future__ import annotations

from functools import lru_cache

from promptlang.meaning.view import View
from promptlang.plans.plan import Conditioning, Run
from promptlang.source import Passage
from promptlang.syntax.weighing import merged
from promptlang.tables.dialects import dialect_row
from promptlang.tables.models.abilities import ability
from promptlang.tables.models.families import family
from promptlang.values import replace


def heard(conditioning: Conditioning, seen: View, text: Passage) -> Conditioning:
    """The conditioning as the family's text encoder takes it; `text` is what it was made of."""
    weighed, chunked = _kept(seen.family.name, seen.variant)
    if weighed and chunked:
        return conditioning
    escapes = dialect_row(seen.statement.prompt.dialect).aloud if seen.family.read_aloud else ()
    spelled = _spelled(text.text, escapes)

    def words(runs: tuple[Run, ...]) -> tuple[Run, ...]:
        return spelled or _joined(runs, weighed=weighed, chunked=chunked)

    branches = (
        replace(branch, segments=tuple(replace(each, runs=words(each.runs)) for each in branch.segments))
        for branch in conditioning.branches
    )
    return replace(conditioning, branches=tuple(branches))


@lru_cache(maxsize=64)
def _kept(family_name: str, variant: str) -> tuple[bool, bool]:
    """Whether the text encoder weighs words, and whether it reads chunks."""
    row = family(family_name)
    return ability("weights", row, variant).acts, ability("break", row, variant).acts


def _spelled(text: str, escapes: tuple[tuple[str, str], ...]) -> tuple[Run, ...]:
    """The text with its signs, where the dialect's owner hands them on to such an encoder."""
    if not escapes or not text.strip():
        return ()
    for written, read in escapes:
        text = text.replace(written, read)
    return (Run(text.strip()),)


def _joined(runs: tuple[Run, ...], *, weighed: bool, chunked: bool) -> tuple[Run, ...]:
    """The runs without what counts for nothing; neighbours that are alike then are one."""
    kept: list[Run] = []
    apart = False  # whether a BREAK stood here, which parts words
    for run in runs:
        if run.ends_chunk and not chunked:
            apart = True
            continue
        text = f" {run.text.lstrip()}" if apart and kept and not kept[-1].ends_chunk else run.text
        kept.append(Run(text, run.weight if weighed else 1.0, run.ends_chunk))
        apart = False
    return tuple(merged(kept) or kept)
