"""What `render --watch` takes from a save to the picture, beside the drawing alone.

The bundled model draws, and CPU seconds count. Each save changes the words of one statement, and between two saves a
plan of other words is drawn by itself, so that a busy machine slows both alike. `python -m benchmarks.watch [PAIRS]`;
exits with 1 where the claim does not hold.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("OMP_NUM_THREADS", "1")

from promptlang import compile
from promptlang_runtime import render
from promptlang_runtime.command import watching
from promptlang_runtime.command.command import main as watched

PAIRS, MOST = 7, 1.2
STATEMENT = "/render /seed:5 {} star {} <demo>\n"


class Saves:
    """In place of the pauses of the command: every second one comes when a picture is drawn, and saves the next."""

    def __init__(self, file: Path, pairs: int) -> None:
        self._file, self._pairs = file, pairs
        self._is_drawn = True
        self._began = 0.0
        self.took: list[float] = []
        self.alone: list[float] = []

    def pause(self, seconds: float) -> None:
        """Seconds are not slept; raises KeyboardInterrupt at the end."""
        del seconds
        self._is_drawn = not self._is_drawn
        if self._is_drawn:  # the command has seen the save, and looks whether it is over
            return
        if self._began:
            self.took.append(time.process_time() - self._began)
        if len(self.took) == self._pairs:
            raise KeyboardInterrupt
        (plan,) = compile(STATEMENT.format("red", len(self.took))).plans
        began = time.process_time()
        render(plan, device="cpu")
        self.alone.append(time.process_time() - began)
        self._file.write_text(STATEMENT.format("blue", len(self.took)))
        self._began = time.process_time()


@contextlib.contextmanager
def silence() -> Generator[None]:
    """Nothing is printed meanwhile."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the claim holds."""
    pairs = int(arguments[0]) if arguments else PAIRS
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        file = Path("star.prompt")
        file.write_text(STATEMENT.format("green", 0))
        saves = Saves(file, pairs)
        with patch.object(watching, "sleep", saves.pause), silence():
            watched(["star.prompt", "--watch", "--device", "cpu", "--quiet"])
        drawn = len(list(Path("out").glob("star-0*.png")))
    ratios = [one / other for one, other in zip(saves.took, saves.alone, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"  from a save to its picture: {middle:.2f} of the drawing alone, {low:.2f} to {high:.2f}  (claim: {MOST})")
    return 0 if middle <= MOST and drawn == pairs + 1 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
