"""How inputs are found: by coverage where atheris is installed, else by the grammars alone."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from time import monotonic, process_time
from typing import NoReturn

from promptlang.statements.parsing import SELDOM
from tests.fuzz.attempts import Attempts, attempt, watch
from tests.fuzz.corpus import seeds, to_bytes, to_text
from tests.fuzz.targets import Target

Done = Callable[[Attempts, float], None]
"""What is done at the end, with the seconds of computing that it took."""


def made(target: Target, seeds: Sequence[str], random: Random) -> str:
    """A new text, or a seed with some changes."""
    if not seeds or random.random() < 0.3:
        return target.grammar.make(random)
    text = random.choice(seeds)
    while True:
        text = target.grammar.change(text, random, random.choice(seeds))[: target.longest]
        if random.random() < 0.4:
            return text


def blindly(
    target: Target, seeds: Sequence[str], *, seconds: float, most: int | None = None, seed: int = 0
) -> Attempts:
    """Executions with texts of the grammar and changes of seeds, every seed once to begin with."""
    watch()
    gc.collect()
    gc.freeze()
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    attempts, random = Attempts(target), Random(seed)
    until = monotonic() + seconds
    for text in seeds:
        attempts(text)
    while monotonic() < until and (most is None or attempts.count < most):
        attempts(made(target, seeds, random))
    gc.set_threshold(*before)
    return attempts


def warm(target: Target) -> None:
    """Load what a target uses, much of which is loaded only then."""
    for text in (made(target, (), Random(0)), *seeds(target.name)):
        attempt(target, text)


def guided(target: Target, corpus: Path, *, seconds: float, seed: int, done: Done) -> NoReturn:
    """Executions with what reaches new code, kept in the folder `corpus` and changed further; ends the process."""
    import atheris

    watch()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    attempts, until, began = Attempts(target), monotonic() + seconds, process_time()

    def execute(data: bytes) -> None:
        attempts(to_text(data))
        if not attempts.count % 64 and monotonic() > until:
            done(attempts, process_time() - began)
            os._exit(0)

    def change(data: bytes, size: int, number: int) -> bytes:
        random = Random(number)
        if random.random() < 0.2:
            return atheris.Mutate(data, size)
        text = to_text(data)
        while True:
            text = target.grammar.change(text, random)[: target.longest]
            if random.random() < 0.5:
                return to_bytes(text)[:size]

    sizes = (
        f"-max_len={4 * target.longest}",
        "-timeout=86400",
        "-rss_limit_mb=0",
    )  # `attempt` sees what takes too long
    options = (*sizes, f"-seed={seed}", "-verbosity=0", f"-artifact_prefix={corpus.parent}/")
    atheris.Setup(["fuzz", *options, str(corpus)], execute, custom_mutator=change)
    atheris.Fuzz()
    raise SystemExit("libFuzzer has come to its end by itself")
