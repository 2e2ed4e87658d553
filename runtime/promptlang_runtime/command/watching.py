"""`render --watch`: draws again what changed each time a file is saved, by the model that is open already.

`check --watch` looks by the same marks and keeps what it has read; here a file counts when whoever saves it is through.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import perf_counter, sleep

from promptlang.cli.arguments import CLEAN, INTERRUPTED, Given, UsageError
from promptlang.cli.findings.watching import Mark, mark
from promptlang.cli.inputs import files, is_standard_input
from promptlang.config.find import find

PAUSE = 0.05  # seconds between two looks: nobody waits for it, and it costs next to nothing
_SHARE = 20  # times as long as a look takes, where a folder holds so much that it takes long

Round = Callable[[set[str], list[str]], int]
"""Draws the files named, but for what the hashes name that earlier rounds drew, and adds to these; the exit code."""
_States = Mapping[str, Mark]


def watch(arguments: Given, draw: Round) -> int:
    """Draw everything, then what changes, until Ctrl-C, which is how it ends; 130 where that stopped a picture."""
    for name in ("dry-run", "jobs", "ray", "open"):
        if arguments.flag(name):
            raise UsageError(f"`--watch` and `--{name}` exclude each other", "leave one of them out")
    paths = arguments.texts("paths")
    if is_standard_input(paths) or not any(map(os.path.lexists, paths)):
        raise UsageError("`--watch` needs files or folders that are there", "save the prompt as a file, and name that")
    known: set[str] = set()
    try:
        seen, changed = _states(arguments), list(files(paths))
        while draw(known, changed) != INTERRUPTED:
            print("waiting for a change; Ctrl-C ends", file=sys.stderr, flush=True)
            changed, seen = _changed(arguments, seen)
    except KeyboardInterrupt:
        return CLEAN
    return INTERRUPTED


def _changed(arguments: Given, seen: _States) -> tuple[list[str], _States]:
    """Wait for a change since what was seen; the prompts that it touches, and how the files are now."""
    before = seen
    while True:
        begun = perf_counter()
        now = _states(arguments)
        touched = {path for path, state in now.items() if state and state != seen.get(path)}
        if touched and now == before:  # whoever saves is through
            prompts = [path for path in files(arguments.texts("paths")) if now.get(path)]
            return (prompts if touched - set(prompts) else [path for path in prompts if path in touched]), now
        before = now
        sleep(max(PAUSE, _SHARE * (perf_counter() - begun)))


def _states(arguments: Given) -> _States:
    """How every prompt is now, and the project file of each."""
    return {path: mark(path) for path in _watched(arguments)}


def _watched(arguments: Given) -> Iterator[str]:
    config = arguments.text("config")
    if config:
        yield config
    for path in files(arguments.texts("paths")):
        yield path
        if not (config or arguments.flag("isolated")) and (project := find(Path(path).absolute().parent)):
            yield str(project)
