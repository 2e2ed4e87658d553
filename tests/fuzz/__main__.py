"""`make fuzz`: every target for its share of the time, then what was executed and what did not hold.

Each target runs in a process of its own. With atheris it is led by coverage, and what it has found on its way is kept
in `.fuzz/` for the next run; without, the grammars lead alone. `--keep` chooses new seeds from that.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from time import process_time, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what is ours is imported under instrumentation
    from tests.fuzz.attempts import Attempts
    from tests.fuzz.targets import Target

HOME = Path(".fuzz")
LOG = HOME / "log.jsonl"
OURS = ["promptlang", "promptlang_lsp", "promptlang_runtime", "promptlang_serve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the command line asks for."""

    seconds: float
    targets: tuple[str, ...]
    seed: int
    blind: bool


def main() -> int:
    """Run, and return 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long, over all targets")
    parser.add_argument("--seed", type=int, default=int(time()) % 2**31, help="what chance begins with")
    parser.add_argument("--blind", action="store_true", help="leave atheris aside")
    parser.add_argument(
        "--keep", action="store_true", help="choose seeds from what earlier runs found, and run nothing"
    )
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", help="names of targets; all where none is named")
    given = parser.parse_args()
    settings = Settings(seconds=given.seconds, targets=tuple(given.targets), seed=given.seed, blind=given.blind)
    if given.alone:
        return _alone(settings)
    from tests.fuzz.targets import TARGETS

    if unknown := [name for name in settings.targets if name not in TARGETS]:
        parser.error(f"no target is called {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    chosen = [TARGETS[name] for name in settings.targets or TARGETS]
    chosen = [target for target in chosen if all(map(find_spec, target.needs))]
    if given.keep:
        return _kept(chosen)
    HOME.mkdir(exist_ok=True)
    return _told(tuple(_run(target, settings, sum(each.share for each in chosen)) for target in chosen))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one target in one run."""

    target: str
    executions: int
    seconds: float  # of computing
    guided: bool
    failures: tuple[dict[str, str], ...]


def _run(target: Target, settings: Settings, shares: int) -> Outcome:
    """One target in a process of its own, whose end is no end of the others."""
    seconds = settings.seconds * target.share / shares
    words = [sys.executable, "-m", "tests.fuzz", "--alone", f"--seconds={seconds}", f"--seed={settings.seed}"]
    record = HOME / f"{target.name}.json"
    record.unlink(missing_ok=True)
    with (HOME / f"{target.name}.log").open("wb") as log:
        code = subprocess.run([*words, *["--blind"] * settings.blind, target.name], stdout=log, stderr=log).returncode
    if not record.exists():
        failure = {"kind": f"the process ended with {code}", "text": "", "words": f"see {log.name}"}
        return Outcome(target=target.name, executions=0, seconds=0, guided=False, failures=(failure,))
    with LOG.open("a", encoding="utf-8") as file:
        file.write(record.read_text("utf-8"))
    return Outcome(**json.loads(record.read_text("utf-8")))


def _alone(settings: Settings) -> int:
    """The only target named, in this process."""
    (name,) = settings.targets
    is_guided = not settings.blind and find_spec("atheris") is not None
    with _instrumented() if is_guided else nullcontext():
        from tests.fuzz.corpus import found, seeds, to_bytes
        from tests.fuzz.engine import blindly, guided, warm
        from tests.fuzz.targets import TARGETS

        target = TARGETS[name]
        warm(target)
    folder = HOME / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(seeds(name)):
        (folder / f"seed{number}").write_bytes(to_bytes(text))

    def done(attempts: Attempts, seconds: float) -> None:
        _record(target, attempts, seconds, is_guided=is_guided)

    if is_guided:
        guided(target, folder, seconds=settings.seconds, seed=settings.seed, done=done)
    began = process_time()
    done(blindly(target, tuple(found(folder)), seconds=settings.seconds, seed=settings.seed), process_time() - began)
    return 0


def _instrumented() -> AbstractContextManager[None]:
    """What is imported meanwhile reports which of its branches are taken; what is not ours would cost the time."""
    import atheris

    return atheris.instrument_imports(include=OURS)


def _record(target: Target, attempts: Attempts, seconds: float, *, is_guided: bool) -> None:
    from tests.fuzz.attempts import minimised

    failures = [asdict(minimised(target, each)) for each in attempts.failures.values()]
    outcome = Outcome(
        target=target.name,
        executions=attempts.count,
        seconds=round(seconds, 2),
        guided=is_guided,
        failures=tuple({key: each[key] for key in ("kind", "text", "words")} for each in failures),
    )
    (HOME / f"{target.name}.json").write_text(f"{json.dumps(asdict(outcome))}\n", "utf-8")


def _kept(chosen: list[Target]) -> int:
    from tests.fuzz.corpus import found, keep

    for target in chosen:
        print(f"{target.name}: {keep(target, found(HOME / target.name))} seeds")
    return 0


def _told(outcomes: tuple[Outcome, ...]) -> int:
    print("\n".join(_table(outcomes)))
    for each in outcomes:
        for failure in each.failures:
            print(f"\n{each.target}: {failure['kind']}\n  input: {failure['text']!r}\n  {failure['words']}")
    return int(any(each.failures for each in outcomes))


def _table(outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    yield f"{'target':16}{'executions':>12}{'a second':>10}{'findings':>10}"
    for each in outcomes:
        speed = each.executions / each.seconds if each.seconds else 0
        yield f"{each.target:16}{each.executions:12,}{speed:10,.0f}{len(each.failures):10}"
    executions, seconds = sum(each.executions for each in outcomes), sum(each.seconds for each in outcomes)
    yield f"{'all':16}{executions:12,}{executions / max(seconds, 1e-9):10,.0f}"


if __name__ == "__main__":
    sys.exit(main())
