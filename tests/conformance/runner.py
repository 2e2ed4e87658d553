"""Answers every row of a folder of vectors and counts what is equal, listed and unexplained."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tests.conformance import NOT_OURS, Answer, Difference, Row

FOLDER = Path("../shared/conformance")
DIALECTS = ("a1111", "comfy", "compel", "dynamicprompts")
CORPUS = "real_prompts.txt"
CORPUS_ANSWERS = "real_prompts.a1111_attention.jsonl.gz"
CORPUS_ANSWERED_AS = "a1111_attention.jsonl"


@dataclass(slots=True)
class Tally:
    """What came of the rows of one file."""

    dialect: str
    file: str
    inputs: int = 0
    equal: int = 0
    listed: Counter[str] = field(default_factory=Counter[str])
    unexplained: list[tuple[Row, object]] = field(default_factory=list[tuple[Row, object]])
    seconds: float = 0.0


def differences(dialect: str) -> tuple[Difference, ...]:
    """The kinds of rows where a dialect answers otherwise on purpose."""
    return import_module(f"tests.conformance.{dialect}").DIFFERENCES


def tallies(folder: Path) -> Iterator[Tally]:
    """One tally for each file of the folder that a dialect answers, and one for the corpus beside the folder."""
    for dialect in DIALECTS:
        if find_spec(f"tests.conformance.{dialect}") is None:
            continue
        answers: dict[str, Answer] = import_module(f"tests.conformance.{dialect}").ANSWERS
        for file, answer in answers.items():
            if (folder / file).exists():
                yield _tally(dialect, file, vectors(folder / file), answer)
        corpus = corpus_of(folder)
        if CORPUS_ANSWERED_AS in answers and corpus is not None:
            yield _tally(dialect, CORPUS, corpus_rows(corpus), answers[CORPUS_ANSWERED_AS])


def vectors(file: Path) -> Iterator[Row]:
    """The rows of a file, each with the folder it came from."""
    with file.open(encoding="utf-8") as lines:
        for line in filter(str.strip, lines):
            yield {**json.loads(line), "folder": str(file.parent)}


def corpus_of(folder: Path) -> Path | None:
    """The folder of real prompts with recorded answers, if there is one beside the vectors."""
    corpus = folder.parent / "corpus"
    return corpus if (corpus / CORPUS_ANSWERS).exists() else None


def corpus_rows(corpus: Path) -> Iterator[Row]:
    """Every real prompt with the owner's answer."""
    with gzip.open(corpus / CORPUS_ANSWERS, "rt", encoding="utf-8") as answers:
        for prompt, answer in zip(real_prompts(corpus), answers, strict=True):
            recorded = json.loads(answer)
            expected = recorded["expected"] if isinstance(recorded, dict) else recorded
            yield {"input": prompt, "expected": expected, "folder": str(corpus)}


def real_prompts(corpus: Path) -> Iterator[str]:
    """The prompts of the corpus with their escapes undone."""
    with (corpus / CORPUS).open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            parts = line.removesuffix("\n").split("\\\\")
            yield "\\".join(part.replace("\\n", "\n").replace("\\t", "\t") for part in parts)


def _tally(dialect: str, file: str, rows: Iterator[Row], answer: Answer) -> Tally:
    tally, listed = Tally(dialect, file), differences(dialect)
    started = time.perf_counter()
    for row in rows:
        ours = answer(row)
        if ours is NOT_OURS:
            continue
        tally.inputs += 1
        if is_equal(row, ours):
            tally.equal += 1
        elif kind := next((each.name for each in listed if file in each.files and explains(each, row, ours)), None):
            tally.listed[kind] += 1
        else:
            tally.unexplained.append((row, ours))
    tally.seconds = time.perf_counter() - started
    return tally


def is_equal(row: Row, ours: object) -> bool:
    """Whether we answer as the owner did, floats by `==`."""
    return ours in owner_answers(row)


def explains(difference: Difference, row: Row, ours: object) -> bool:
    """Whether a listed difference is why we answer otherwise: it fits one of the owner's answers."""
    return any(difference.fits({**row, "expected": answer}, ours) for answer in owner_answers(row))


def owner_answers(row: Row) -> list[object]:
    """What the owner answered; a row whose answer depends on the run records each that was seen."""
    several = row.get("expected_any")
    return list(several) if isinstance(several, list) else [row["expected"]]
