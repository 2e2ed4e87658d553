"""Speed of the language server, over real pipes with a raw client: `python benchmarks/lsp.py [--json] [--quick]`.

A bare pygls server and, where it is installed, ruff's server run in the same session as a measure of the machine.
"""

from __future__ import annotations

import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "lsp"))

from client import COMMAND, Client  # noqa: E402 - the tests' client

BARE = (
    sys.executable,
    "-c",
    "from pygls.lsp.server import LanguageServer\n"
    "from lsprotocol import types\n"
    "server = LanguageServer('bare', '1')\n"
    "@server.feature(types.TEXT_DOCUMENT_HOVER)\n"
    "def hover(ls, params): return types.Hover(contents='x')\n"
    "server.start_io()\n",
)
WORDS = "cow,red barn,meadow,morning light,oil painting,highly detailed,wide angle,storm clouds,golden hour,soft focus"

Times = list[float]


def prompt(number: int) -> str:
    """One statement of the long file; all are different."""
    words = WORDS.split(",")
    picked = ", ".join(words[(number + step) % len(words)] for step in range(3))
    return f"/render /parser:new /seed:{number} a cow number {number}, ({picked}:1.2), grazing\n"


SMALL = "".join(prompt(number) for number in range(22))  # about 2 KB
LONG = "".join(prompt(number) for number in range(10_000))


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that a piece of work takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def starts(command: tuple[str, ...], runs: int) -> Times:
    """Spawn until `initialize` is answered."""
    times: Times = []
    for _ in range(runs):
        began = time.perf_counter()
        client = Client(command)
        client.request("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        times.append((time.perf_counter() - began) * 1000)
        client.close()
    return times


class Typing:
    """Somebody types in the middle of a text: one letter comes, the next goes."""

    def __init__(self, client: Client, text: str, line: int) -> None:
        self.client = client
        self.uri = client.open(text, f"file:///tmp/bench/{len(text)}.prompt")
        self.line, self.version = line, 1
        self.column = text.split("\n")[line].index("a cow")

    def stroke(self) -> None:
        """Send one change."""
        self.version += 1
        here = {"line": self.line, "character": self.column}
        there = {"line": self.line, "character": self.column + 1}
        change = {"range": {"start": here, "end": here}, "text": "x"}
        if self.version % 2:
            change = {"range": {"start": here, "end": there}, "text": ""}
        self.client.change(self.uri, self.version, change)

    def diagnosed(self) -> None:
        """A change, and the diagnostics of that version."""
        self.stroke()
        version = self.version
        self.client.notification("textDocument/publishDiagnostics", lambda params: params["version"] == version)


def ours(runs: int, folder: Path, tags: Path | None) -> Iterator[tuple[str, Times, str]]:
    """Every row of the table for this server."""
    client = Client(COMMAND)
    options = {"completion": {"tags": [str(tags)]}} if tags else {}
    client.initialize(
        {"textDocument": {"completion": {"completionList": {"itemDefaults": ["editRange"]}}}}, folder, options
    )

    small = Typing(client, SMALL, 10)
    client.notification("textDocument/publishDiagnostics")
    small.diagnosed()
    yield "keystroke to diagnostics, 2 KB", [timed(small.diagnosed) for _ in range(runs)], "p50 8, p99 25"

    long = Typing(client, LONG, 5000)
    opened = timed(
        lambda: client.notification("textDocument/publishDiagnostics", lambda params: params["uri"] == long.uri)
    )
    yield "open to diagnostics, 10,000 statements", [opened], ""
    yield (
        "keystroke to diagnostics, 10,000 statements",
        [timed(long.diagnosed) for _ in range(runs)],
        "2 x the 2 KB figure",
    )

    def at(method: str, line: int, column: int) -> Callable[[], object]:
        return lambda: client.at(method, small.uri, line, column)

    column = SMALL.split("\n")[3].index("(") + 3
    yield "hover", [timed(at("hover", 3, column)) for _ in range(runs)], "p50 2"
    yield "definition", [timed(at("definition", 3, column)) for _ in range(runs)], "p50 2"

    typed = ["l", "lo", "lon", "long", "long h", "blu", "blue ey", "swrd", "detco", "1g", "hatsu", "smil", "a", "st"]
    queries = [
        client.open(f"/render a cow, {word}", f"file:///tmp/bench/q{number}.prompt")
        for number, word in enumerate(typed)
    ]
    choice = random.Random(1)

    def complete() -> None:
        number = choice.randrange(len(typed))
        client.at("completion", queries[number], 0, len("/render a cow, ") + len(typed[number]))

    complete()
    name = f"completion, {sum(1 for _ in tags.open()) if tags else 0} words"
    yield name, [timed(complete) for _ in range(runs)], "p50 12, p99 40"

    for typing, size in ((small, "2 KB"), (long, "10,000 statements")):
        params = {"textDocument": {"uri": typing.uri}}
        result = client.request("textDocument/semanticTokens/full", params)["resultId"]
        times: Times = []
        for _ in range(runs):
            typing.diagnosed()
            began = time.perf_counter()
            delta = client.request("textDocument/semanticTokens/full/delta", {**params, "previousResultId": result})
            times.append((time.perf_counter() - began) * 1000)
            result = delta["resultId"]
        yield f"semantic tokens delta, {size}", times, "p50 5"
    yield "memory, MB", [memory(client.process.pid)], "150"
    client.close()


def memory(process: int) -> float:
    """Resident memory in megabytes; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def hour_of_typing(edits: int) -> Iterator[tuple[str, Times, str]]:
    """Random edits as fast as they go; the memory before and after, and whether the text is still the editor's."""
    from edits import Editor

    client = Client(COMMAND)
    client.initialize({"general": {"positionEncodings": ["utf-16"]}})
    editor = Editor(random.Random(7), "utf-16")
    uri = client.open(editor.text)
    marks: Times = []
    for version in range(2, edits + 2):
        client.change(uri, version, editor.change())
        if version % (edits // 4) == 0:
            client.request("workspace/symbol", {"query": "zzz"})
            marks.append(memory(client.process.pid))
    state = client.request("workspace/executeCommand", {"command": "promptlang.text", "arguments": [uri]})
    assert state == editor.text, "the texts have drifted apart"
    yield f"memory while typing, MB at each quarter of {edits} edits", marks, "flat"
    client.close()


def ruff(runs: int, folder: Path) -> Iterator[tuple[str, Times, str]]:
    """The same kind of edit in ruff's server."""
    found = shutil.which("ruff") or str(Path(sys.executable).with_name("ruff"))
    if not Path(found).exists():
        return
    yield "ruff server: spawn to initialize", starts((found, "server"), 5), ""
    client = Client((found, "server"))
    client.initialize({"textDocument": {"diagnostic": {}}}, folder)
    text = "".join(f"import os{number}\n" for number in range(120))
    uri = client.open(text, (folder / "a.py").as_uri())
    version = 1

    def stroke() -> None:
        nonlocal version
        version += 1
        here = {"line": 60, "character": 0}
        change = {
            "range": {"start": here, "end": {**here, "character": (version + 1) % 2}},
            "text": "" if version % 2 else "#",
        }
        client.change(uri, version, change)
        client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})

    stroke()
    yield "ruff server: keystroke to diagnostics, 2 KB", [timed(stroke) for _ in range(runs)], ""
    client.close()


def bare(runs: int) -> Iterator[tuple[str, Times, str]]:
    """The floor of a pygls server: a hover that does nothing."""
    client = Client(BARE)
    client.initialize()
    uri = client.open("x")
    client.at("hover", uri, 0, 0)
    yield "bare pygls: hover", [timed(lambda: client.at("hover", uri, 0, 0)) for _ in range(runs)], ""
    client.close()


def rows(quick: bool) -> Iterator[tuple[str, Times, str]]:
    """The whole table."""
    runs = 50 if quick else 300
    tags = ROOT.parent / "shared" / "corpus" / "tags.csv"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        floor = starts(BARE, 3 if quick else 10)
        yield "bare pygls: spawn to initialize", floor, ""
        yield "spawn to initialize", starts(COMMAND, 3 if quick else 10), f"p50 {statistics.median(floor) * 1.15:.0f}"
        yield from bare(runs)
        yield from ours(runs, folder, tags if tags.exists() else None)
        yield from hour_of_typing(2_000 if quick else 18_000)
        yield from ruff(runs, folder)


def main() -> int:
    """Print the table as it comes."""
    results: list[dict[str, object]] = []
    print(f"{'':58}{'p50':>9}{'p99':>9}   must reach")
    for name, times, target in rows("--quick" in sys.argv):
        ordered = sorted(times)
        p50, p99 = statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        print(f"{name:58}{p50:9.2f}{p99:9.2f}   {target}", flush=True)
        results.append({"name": name, "p50": p50, "p99": p99, "runs": len(times), "target": target})
    if "--json" in sys.argv:
        print(json.dumps(results, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
