"""One execution of a target, and what is known of those that went wrong: a kind, and the smallest input of it."""

from __future__ import annotations

import re
import signal
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb

from promptlang.checks.checking import forget
from tests.fuzz.broken import Broken
from tests.fuzz.targets import Target

LONGEST = 2.0  # seconds of computing that an input may take
LET_GO = 5_000  # executions after which the compiler lets go of what it keeps by text
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
HOUSE = Path(__file__).resolve().parents[2]


class TooLong(BaseException):
    """An input takes longer than any short one may; nothing in the house may catch it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An input for which something does not hold; `kind` is the same for all that fail alike."""

    target: str
    kind: str
    text: str
    words: str


class Attempts:
    """The executions of one target: how many there were, and the smallest input of each kind that failed."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.count = 0
        self.failures: dict[str, Failure] = {}

    def __call__(self, text: str) -> Failure | None:
        """Execute the target once."""
        self.count += 1
        if not self.count % LET_GO:
            forget()
        failure = attempt(self.target, text[: self.target.longest])
        if failure and (failure.kind not in self.failures or _is_smaller(failure, self.failures[failure.kind])):
            self.failures[failure.kind] = failure
        return failure


def _is_smaller(one: Failure, other: Failure) -> bool:
    return (len(one.text), one.text) < (len(other.text), other.text)


def attempt(target: Target, text: str) -> Failure | None:
    """What does not hold for one input; None where all is well."""
    text = _PAIR.sub(_paired, text)
    try:
        with _in_time():
            try:
                read = target.reads(text)
            except target.allowed:
                return None
            for holds in target.holds:
                holds(read)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        return Failure(target.name, _kind(error), text, f"{type(error).__name__}: {error}"[:600])
    return None


def _paired(halves: re.Match[str]) -> str:
    """The letter that two halves are, as whatever gives us a text has put them together."""
    return halves[0].encode("utf-16", "surrogatepass").decode("utf-16")


@contextmanager
def _in_time() -> Generator[None]:
    """Raise `TooLong` where the work inside takes too much of the processor; a busy machine is no reason, nor is
    what is loaded before anybody watches.
    """
    if signal.getsignal(signal.SIGVTALRM) is signal.SIG_DFL:
        yield
        return
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def watch() -> None:
    """Have this process notice inputs that take too long."""

    def stop(number: int, frame: object) -> None:
        raise TooLong

    signal.signal(signal.SIGVTALRM, stop)


def _kind(error: BaseException) -> str:
    """The law that is broken, or the exception and the place in the house that it comes from."""
    if isinstance(error, Broken):
        return error.law
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename.startswith(str(HOUSE))]
    inner = [frame for frame in frames if not frame.filename.startswith(str(HOUSE / "tests"))] or frames
    if isinstance(error, TooLong | RecursionError) or not inner:
        return type(error).__name__
    place = Path(inner[-1].filename).relative_to(HOUSE).as_posix()
    return f"{type(error).__name__} in {place}, {inner[-1].name}"


def minimised(target: Target, failure: Failure) -> Failure:
    """The failure with as few letters as taking some out, long stretches first, leaves of it."""
    best = failure
    size = max(1, len(best.text) // 2)
    while size:
        at = 0
        while at < len(best.text):
            found = attempt(target, best.text[:at] + best.text[at + size :])
            if found and found.kind == best.kind:
                best = found
            else:
                at += size
        size //= 2
    return best
