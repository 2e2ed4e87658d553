"""Whether the language server stays in step and stays small: `python -m benchmarks.soak`.

An hour of typing, replayed as fast as it goes against a server of its own: letters, pastes, undo, several cursors,
edits outside the text, with emoji, CRLF and U+2028. After every edit the server's text is compared with the editor's;
between edits it is asked what editors ask. The exit code is 1 where a text differs, an answer is an error, or memory
grows.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "lsp"))

from client import Client  # noqa: E402 - the tests' client
from typist import Typist  # noqa: E402

PACE = 300  # edits a minute: a quick typist, without a pause
MOST_GROWTH = 4.0  # megabytes over the second half, by the line that fits best; caches of fixed size fill for two hours
POSITIONAL = ("hover", "completion", "definition", "signatureHelp", "documentHighlight")
WHOLE = ("foldingRange", "documentSymbol", "codeLens", "documentLink")


@dataclass
class Soaked:
    """What came out: memory by the simulated minute, and what went wrong."""

    edits: int = 0
    requests: int = 0
    seconds: float = 0.0
    memory: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def growth(self) -> float:
        """Megabytes that the line through the second half of the samples rises by."""
        half = self.memory[len(self.memory) // 2 :]
        return slope(half) * (len(half) - 1)


def slope(values: Sequence[float]) -> float:
    """The slope of the least-squares line through values at 0, 1, 2 …"""
    if len(values) < 2:
        return 0.0
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    rise = sum((at - middle) * (value - mean) for at, value in enumerate(values))
    return rise / sum((at - middle) ** 2 for at in range(len(values)))


def memory(process: int) -> float:
    """Resident memory in megabytes; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


class Soak:
    """One server, one text, one typist."""

    def __init__(self, seed: int, encoding: str) -> None:
        self.random = random.Random(seed)
        self.typist = Typist(random.Random(seed + 1), encoding)
        self.client = Client()
        self.client.initialize({"general": {"positionEncodings": [encoding]}})
        self.uri = self.client.open(self.typist.text)
        self.version = 1
        self.tokens: list[int] = []
        self.result = ""
        self.found = Soaked()

    def run(self, minutes: int, *, quiet: bool = True) -> Soaked:
        """So many simulated minutes."""
        began = time.perf_counter()
        for minute in range(1, minutes + 1):
            for _ in range(PACE):
                self.step()
            self.client.seen.clear()
            self.found.memory.append(memory(self.client.process.pid))
            if not quiet and minute % 5 == 0:
                print(f"{minute:3} min  {self.found.memory[-1]:7.1f} MB", flush=True)
        if errors := b"".join(self.client.errors):
            self.found.faults.append(f"the server complained: {errors[:500].decode(errors='replace')}")
        if code := self.client.close():
            self.found.faults.append(f"the server ended with {code}")
        self.found.seconds = time.perf_counter() - began
        return self.found

    def step(self) -> None:
        """One message of edits, the comparison, and now and then what an editor asks."""
        self.version += 1
        self.client.change(self.uri, self.version, *self.typist.changes())
        self.found.edits += 1
        text = self.client.request("workspace/executeCommand", {"command": "promptlang.text", "arguments": [self.uri]})
        if text != self.typist.text:
            self.found.faults.append(f"the texts differ after edit {self.found.edits}")
            self.client.change(self.uri, self.version, {"text": self.typist.text})
        match self.random.randrange(12):
            case 0 | 1 | 2:
                self.ask_at(self.random.choice(POSITIONAL))
            case 3:
                self.ask(f"textDocument/{self.random.choice(WHOLE)}")
            case 4 | 5:
                self.ask_tokens()
            case 6:
                self.wait_for_diagnostics()

    def ask(self, method: str, **more: object) -> object:
        """The answer to a request about the text; an error is a fault."""
        self.found.requests += 1
        answer = self.client.answer(self.client.ask(method, {"textDocument": {"uri": self.uri}, **more}))
        if "error" in answer:
            self.found.faults.append(f"{method}: {answer['error']}")
        return answer.get("result")

    def ask_at(self, method: str) -> None:
        """Something about a place near the cursor."""
        line = self.typist.text.count("\n", 0, self.typist.cursor)
        place = {"line": line, "character": self.random.randint(0, 40)}
        self.ask(f"textDocument/{method}", position=place)

    def ask_tokens(self) -> None:
        """The tokens by their difference; they must be those of the whole text."""
        delta = self.ask("textDocument/semanticTokens/full/delta", previousResultId=self.result)
        if not isinstance(delta, dict):
            return  # the text opens like somebody else's
        self.result = delta["resultId"]
        self.tokens = list(delta["data"]) if "data" in delta else spliced(self.tokens, delta["edits"])
        if not self.version % 10:
            full = self.ask("textDocument/semanticTokens/full")
            assert isinstance(full, dict)
            self.result = full["resultId"]
            if full["data"] != self.tokens:
                self.found.faults.append(f"the tokens differ after edit {self.found.edits}")
                self.tokens = full["data"]

    def wait_for_diagnostics(self) -> None:
        """The diagnostics of the newest version."""
        version = self.version
        self.client.notification("textDocument/publishDiagnostics", lambda params: params["version"] == version)


def spliced(data: list[int], edits: list[dict[str, object]]) -> list[int]:
    """Tokens after the edits of a delta."""
    for edit in edits:
        start, count, new = edit["start"], edit["deleteCount"], edit["data"]
        data = [*data[:start], *new, *data[start + count :]]  # type: ignore[operator, misc]
    return data


def main() -> int:
    """Soak, and say what came out."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=int, default=60, help="simulated minutes of typing")
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--encoding", choices=("utf-8", "utf-16", "utf-32"), default="utf-16")
    options = arguments.parse_args()
    soaked = Soak(options.seed, options.encoding).run(options.minutes, quiet=False)
    growth = soaked.growth()
    print(f"{soaked.edits:,} edits and {soaked.requests:,} requests in {soaked.seconds:.0f} s; every text was compared")
    print(f"memory: {soaked.memory[0]:.1f} MB after a minute, {soaked.memory[-1]:.1f} MB at the end")
    print(f"growth over the second half: {growth:+.2f} MB (at most {MOST_GROWTH:+.2f})")
    for fault in soaked.faults[:20]:
        print(f"fault: {fault}")
    if len(soaked.faults) > 20:
        print(f"… and {len(soaked.faults) - 20} more")
    return 1 if soaked.faults or growth > MOST_GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
