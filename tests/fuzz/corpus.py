"""The seeds of each target, one a line: `corpus/NAME.txt`, chosen from what a run has found on its way, and
`broken/NAME.txt`, the inputs for which something did not hold once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType

from tests.fuzz.attempts import HOUSE, attempt
from tests.fuzz.targets import Target

CHOSEN, BROKEN = (Path(__file__).parent / name for name in ("corpus", "broken"))
MOST = 24  # seeds of a target
Line = tuple[str, int]


def to_text(data: bytes) -> str:
    """Bytes as text; those that are no UTF-8 become halves of pairs, as an editor may send them."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """The text as libFuzzer keeps it."""
    return text.encode("utf-8", "surrogatepass")


def seeds(name: str) -> tuple[str, ...]:
    """The seeds of a target."""
    paths = [folder / f"{name}.txt" for folder in (CHOSEN, BROKEN)]
    return tuple(json.loads(line) for path in paths if path.exists() for line in path.read_text("utf-8").splitlines())


def keep(target: Target, texts: Iterable[str]) -> int:
    """Write the fewest letters that reach the most lines of the house, of these texts and the seeds there are."""
    seen: set[Line] = set()
    chosen: list[tuple[int, str]] = []
    found = sorted({*texts, *seeds(target.name)}, key=lambda text: (len(text), text))
    for text in found:
        if len(text) <= target.longest:
            new = _lines(target, text) - seen
            seen |= new
            if new:
                chosen.append((len(new), text))
    best = sorted(chosen, reverse=True)[:MOST]
    texts = sorted((text for _, text in best), key=lambda text: (len(text), text))
    (CHOSEN / f"{target.name}.txt").write_text("".join(f"{json.dumps(text)}\n" for text in texts), "utf-8")
    return len(texts)


def _lines(target: Target, text: str) -> set[Line]:
    """The lines of the house that an execution passes."""
    passed: set[Line] = set()
    ours = (str(HOUSE / "promptlang"), str(HOUSE / "lsp"), str(HOUSE / "runtime"))

    def line(frame: FrameType, event: str, value: object) -> object:
        passed.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame: FrameType, event: str, value: object) -> object:
        return line if frame.f_code.co_filename.startswith(ours) else None

    sys.settrace(call)
    try:
        attempt(target, text)
    finally:
        sys.settrace(None)
    return passed


def found(folder: Path) -> Iterator[str]:
    """The inputs that libFuzzer has kept in a folder."""
    for path in sorted(folder.glob("*")):
        yield to_text(path.read_bytes())
